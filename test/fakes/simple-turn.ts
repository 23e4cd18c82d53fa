/**
 * A conversation without understanding, for tests of what surrounds it: each message is echoed with a source and two buttons. "persona" escalates,
 * "precio" is an answered price query about a 50 mm panel, "lento <ms>" takes that long.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AttachmentStore } from '../../src/domain/attachment.js';
import type { Source } from '../../src/domain/knowledge.js';
import { turnIdOf } from '../../src/domain/ids.js';
import type { SessionStore } from '../../src/domain/session.js';
import type { ProcessTurn, TurnInput, TurnRecord } from '../../src/domain/turn.js';
import { NO_ENTITIES, type Understanding } from '../../src/domain/understanding.js';
import type { ChannelCapabilities } from '../../src/domain/channel.js';
import { recordOf } from '../../src/pipeline/record.js';
import { contentStep } from '../../src/pipeline/steps/content.js';
import { sessionStep } from '../../src/pipeline/steps/session.js';
import { beginTurn } from '../../src/pipeline/turn.js';

export const SOURCE: Source = {
  content: 'Los paneles de 50 mm tienen diez años de garantía.',
  metadata: { source: 'garantia.md', title: 'Garantía', document_id: 'doc_1', chunk_id: 'chunk_1' },
  relevance_score: 0.91,
  rank: 1,
};

export interface SimpleTurnServices {
  readonly sessions: SessionStore;
  readonly attachments: AttachmentStore;
  readonly ttlMs: number;
  readonly capabilities: ChannelCapabilities;
}

export function simpleTurn(services: SimpleTurnServices): ProcessTurn {
  const findSession = sessionStep(services.sessions, services.ttlMs);
  return async (input: TurnInput): Promise<TurnRecord> => {
    if (input.event.kind !== 'message') throw new Error('messages only');
    const turn = beginTurn(turnIdOf(input.inboxId), { ...input, event: input.event }, new Date());
    await contentStep.run(turn);
    await findSession.run(turn);
    const files = input.event.content.flatMap((part) => (part.kind === 'media' ? [part.file.id] : []));
    turn.attachments = await services.attachments.findMany(input.conversation.id, files);
    const slow = /^lento (\d+)$/.exec(turn.text);
    if (slow !== null) await sleep(Number(slow[1]));
    turn.understanding = understood(turn.text);
    const escalate = turn.text === 'persona';
    if (escalate) turn.escalation = { escalate, reasons: ['asked-for-person'], priority: 'normal' };
    return recordOf({
      turn,
      answer: {
        markdown:
          `Recibido: ${turn.text} ${turn.attachments.map((file) => `[${file.filename}: ${file.text}${file.error ?? ''}]`).join(' ')}`.trim(),
        sources: [SOURCE],
        choices: [{ id: 'talk-to-person', label: 'Hablar con una persona' }],
        confidence: 0.87,
        outcome: escalate ? 'escalated' : 'answered',
      },
      facts: [],
      capabilities: services.capabilities,
      finishedAt: new Date(),
    });
  };
}

function understood(text: string): Understanding {
  const priced = text.startsWith('precio');
  const panel = { text: 'panel', start: 7, end: 12, sku: 'P-50', name: 'Panel PIR', score: 0.9 };
  const thickness = { text: '5 cm', start: 13, end: 17, dimension: 'length' as const, value: 5, unit: 'cm', role: 'thickness' as const };
  return {
    language: 'es',
    intent: { name: priced ? 'price_query' : 'product_info', confidence: 0.8 },
    entities: priced
      ? { ...NO_ENTITIES, products: [panel], measures: [{ ...thickness, normalisedValue: 50, normalisedUnit: 'mm' }] }
      : NO_ENTITIES,
    sentiment: { polarity: 0, frustrated: false, urgent: false },
    cannedReply: null,
  };
}

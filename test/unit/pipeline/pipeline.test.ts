/** The whole pipeline over services made for the test: which record comes out for which event. */
import { describe, expect, it } from '@jest/globals';
import { CATALOGUE_SOURCE } from '../../../src/domain/catalogue.js';
import type { Channel, Draft } from '../../../src/domain/channel.js';
import type { Source } from '../../../src/domain/knowledge.js';
import { OPENING_STATE, type Ticket } from '../../../src/domain/ticket.js';
import type { TurnInput } from '../../../src/domain/turn.js';
import { NO_ENTITIES, type Understanding } from '../../../src/domain/understanding.js';
import { createPipeline } from '../../../src/pipeline/index.js';
import type { PipelineServices, WordAnswer } from '../../../src/pipeline/services.js';
import { AT, conversation, inboundMessage, session } from '../../fixtures/turns.js';

const calm: Understanding = {
  language: 'es',
  intent: { name: 'returns', confidence: 0.9 },
  entities: NO_ENTITIES,
  sentiment: { polarity: 0, frustrated: false, urgent: false },
  cannedReply: null,
};
const source: Source = {
  content: 'Tiene 30 días para devolver.',
  metadata: { source: 'devoluciones.md', title: 'Devoluciones', document_id: 'doc_1', chunk_id: 'chunk_1' },
  relevance_score: 0.8,
  rank: 1,
};
const channel = {
  name: 'telegram',
  account: 'default',
  capabilities: {
    content: ['text', 'choices'],
    maxTextChars: 4096,
    maxCaptionChars: 1024,
    choices: { max: 8, maxLabelChars: 60, maxTextChars: 4096 },
    list: null,
    card: null,
    maxUploadBytes: null,
    maxDownloadBytes: null,
    edits: false,
    drafts: null,
    typing: null,
    readReceipts: false,
    reactions: false,
    threads: false,
    replyWindowMs: null,
    rate: { perSecond: 30, perConversationPerSecond: 1, conversationBurst: 3, perGroupPerMinute: 20 },
    redelivers: true,
    findsSent: false,
    tellsSent: false,
  },
  send: async () => ({ platformMessageId: null }),
  checkHealth: async () => undefined,
  diagnose: async () => [],
} satisfies Channel;

function servicesOf(change: Partial<PipelineServices> = {}): PipelineServices {
  return {
    sessions: { openFor: async () => session() } as unknown as PipelineServices['sessions'],
    sessionTtlMs: 86_400_000,
    messagesPerMinute: 100,
    attachments: { save: async () => undefined, findMany: async () => [], chunksOf: async () => [] },
    extractText: async () => ({ ok: false, contentType: 'x/y', failure: 'unsupported-type', message: 'no' }),
    chunkText: () => [],
    channelOf: () => channel,
    maxFileBytes: 1000,
    memory: { recall: async () => ({ window: [], facts: [], summary: null }) },
    links: {
      issueCode: async () => 'ABCD-2345',
      redeem: async () => ({ outcome: 'unknown-code' }),
      unlink: async () => 0,
    },
    transcripts: {
      textOf: async (threadIds) => `${threadIds.join(' ')}: qué se habló`,
      pdfOf: async (title, text) => Buffer.from(`${title}\n${text}`),
      zone: 'Europe/Madrid',
    },
    extractFacts: () => [],
    understanding: { understand: () => calm },
    knowledge: { search: async () => [source] },
    answer: ({ sources }) => ({ markdown: 'Tienes 30 días [1].', sources, choices: [], confidence: 0.8, outcome: 'answered' }),
    handoff: {
      decide: () => ({ escalate: false, reasons: [], priority: 'normal' }),
      buildTicket: ({ turnId, conversation: at, threadId, decision, language }): Ticket => ({
        ...OPENING_STATE,
        id: 'T-0000TEST',
        conversationId: at.id,
        threadId,
        contactId: at.contactId,
        channel: at.channel,
        priority: decision.priority,
        reasons: decision.reasons,
        language,
        summary: turnId,
        createdAt: AT,
      }),
      announcement: (ticket) => `Te atenderá una persona: ${ticket.id}`,
      expectation: ({ team }) => `Abre ${team}.`,
      caseOf: async () => null,
    },
    onStep: () => undefined,
    ...change,
  };
}

const input = (change: Partial<TurnInput> = {}): TurnInput => ({
  inboxId: 'evt_1',
  event: inboundMessage({ content: [{ kind: 'text', text: '¿Cuántos días tengo para devolver?' }] }),
  conversation: conversation(),
  receivedAt: AT,
  order: 1_000_000,
  attempt: 1,
  ...change,
});

describe('pipeline', () => {
  it('answers with sources: two messages in the log, one reply to send, fitted to the channel', async () => {
    const record = await createPipeline(servicesOf()).processTurn(input());
    expect(record).toMatchObject({
      outcome: 'answered',
      language: 'es',
      intent: { name: 'returns' },
      confidence: 0.8,
      hasContext: true,
      ticketId: null,
    });
    expect(record.effects.messages.map(({ role, order }) => [role, order])).toEqual([
      ['user', 1_000_000],
      ['assistant', 1_000_001],
    ]);
    // This channel has no kind for sources: they became text.
    expect(record.effects.outbox).toHaveLength(1);
    expect(record.effects.outbox[0]?.content).toMatchObject({ kind: 'text', markdown: expect.stringContaining('Devoluciones') });
    expect(record.effects.session).toEqual({ id: session().id, status: null });
    expect(record.steps.map(({ step }) => step)).toEqual(
      expect.arrayContaining(['session', 'content', 'memory', 'understanding', 'retrieval', 'answer', 'escalation']),
    );
  });

  it('leaves a session alone whose activity was noted a moment ago', async () => {
    const sessions = { openFor: async () => session({ lastActivity: new Date() }) } as unknown as PipelineServices['sessions'];
    const record = await createPipeline(servicesOf({ sessions })).processTurn(input());
    expect(record.effects.session).toBeNull();
  });

  it('gives the same ids when it is run again', async () => {
    const { processTurn } = createPipeline(servicesOf());
    const [first, again] = [await processTurn(input()), await processTurn(input({ attempt: 2 }))];
    expect([again.id, ...again.effects.messages.map(({ id }) => id), ...again.effects.outbox.map(({ id }) => id)]).toEqual([
      first.id,
      ...first.effects.messages.map(({ id }) => id),
      ...first.effects.outbox.map(({ id }) => id),
    ]);
  });

  it('opens a ticket, tells its number and leaves the conversation to people', async () => {
    const handoff = {
      ...servicesOf().handoff,
      decide: () => ({ escalate: true, reasons: ['frustration'] as const, priority: 'high' as const }),
    };
    const answer = () => ({ markdown: 'No lo sé.', sources: [], choices: [], confidence: 0.1, outcome: 'unknown' as const });
    const record = await createPipeline(servicesOf({ handoff, answer })).processTurn(input());
    expect(record).toMatchObject({ outcome: 'escalated', ticketId: 'T-0000TEST', escalation: { reasons: ['frustration'] } });
    expect(record.effects).toMatchObject({
      ticket: { id: 'T-0000TEST' },
      conversation: { status: 'waiting' },
      session: { status: { from: 'active', to: 'escalated' } },
    });
    const [sent] = record.effects.outbox;
    expect(sent?.content).toMatchObject({ markdown: expect.stringContaining('T-0000TEST') });
    expect(sent?.content).not.toMatchObject({ markdown: expect.stringContaining('No lo sé') });
  });

  it('counts answers that helped nobody, and starts again after one that did', async () => {
    const unknown = () => ({ markdown: 'No lo sé.', sources: [], choices: [], confidence: 0.1, outcome: 'unknown' as const });
    const failed = await createPipeline(servicesOf({ answer: unknown })).processTurn(
      input({ conversation: conversation({ failedAnswers: 1 }) }),
    );
    expect(failed.effects.conversation.failedAnswers).toBe(2);
    const helped = await createPipeline(servicesOf()).processTurn(input({ conversation: conversation({ failedAnswers: 2 }) }));
    expect(helped.effects.conversation.failedAnswers).toBe(0);
  });

  it('completes a question that refers back to the one before', async () => {
    const asked: string[] = [];
    const knowledge = { search: async ({ query }: { query: string }) => (asked.push(query), []) };
    const before = { role: 'user', text: '¿Qué precio tiene el panel de 50?', attachments: [], content: [], choices: [], deletedAt: null };
    const memory = { recall: async () => ({ window: [before as never], facts: [], summary: null }) };
    const event = inboundMessage({ content: [{ kind: 'text', text: '¿y el de 80?' }] });
    await createPipeline(servicesOf({ knowledge, memory })).processTurn(input({ event }));
    expect(asked).toEqual(['¿Qué precio tiene el panel de 50?\n¿y el de 80?']);
  });

  it('takes a bare number for the button it stands for, also where the channel had shown it as text', async () => {
    const last = {
      role: 'assistant',
      text: 'x',
      attachments: [],
      content: [],
      choices: [
        { id: 'say-0', label: 'Precios' },
        { id: 'talk-to-person', label: 'Hablar con una persona' },
      ],
    };
    const memory = { recall: async () => ({ window: [last as never], facts: [], summary: null }) };
    const event = inboundMessage({ content: [{ kind: 'text', text: '2' }] });
    const record = await createPipeline(servicesOf({ memory })).processTurn(input({ event }));
    expect(record).toMatchObject({ outcome: 'escalated', escalation: { reasons: ['asked-for-person'] } });
  });

  it('keeps nothing of a message whose session was deleted meanwhile', async () => {
    const sessions = { find: async () => null } as unknown as PipelineServices['sessions'];
    const record = await createPipeline(servicesOf({ sessions })).processTurn(input({ event: inboundMessage({ channel: 'web' }) }));
    expect(record).toMatchObject({ outcome: 'discarded', effects: { messages: [], outbox: [], facts: [], session: null, ticket: null } });
  });

  it('says which file it could not read, and answers the question all the same', async () => {
    const file = { id: 'f1', filename: 'plano.dwg', contentType: null, sizeBytes: 10 };
    const content = [
      { kind: 'media' as const, media: 'file' as const, file, caption: '' },
      { kind: 'text' as const, text: '¿Cuántos días tengo para devolver?' },
    ];
    const channelOf = () => ({ ...channel, fetchMedia: async () => ({ bytes: Buffer.from('x'), contentType: null }) });
    const record = await createPipeline(servicesOf({ channelOf })).processTurn(input({ event: inboundMessage({ content }) }));
    const reply = record.effects.messages.at(-1)?.text ?? '';
    expect(reply).toMatch(/plano\.dwg[\s\S]*30 días/);
  });

  it('makes an honest record of a turn that failed, without any service', () => {
    const broken = new Proxy({} as PipelineServices['memory'], { get: () => () => Promise.reject(new Error('away')) });
    const record = createPipeline(servicesOf({ memory: broken })).failTurn(input({ attempt: 3 }), new Error('secret detail'));
    expect(record).toMatchObject({ outcome: 'failed', ticketId: 'T-0000TEST', escalation: { reasons: ['failed-turn'] }, confidence: null });
    expect(record.effects.outbox[0]?.content).toMatchObject({ markdown: expect.stringContaining('T-0000TEST') });
    expect(JSON.stringify(record)).not.toContain('secret detail');
  });

  it.each(['/link', '/transcript', '¿Sigue ahí?'])('leaves a case with people whatever begins a new session of it: %s', async (text) => {
    const event = inboundMessage({ content: [{ kind: 'text', text }] });
    const held = conversation({ status: 'human', ticketId: 'T-OLD', threadId: 'thread_of_yesterday' });
    const record = await createPipeline(servicesOf()).processTurn(input({ event, conversation: held }));
    expect(record.effects).toMatchObject({ session: { status: { from: 'active', to: 'escalated' } }, ticket: null });
    expect(record.effects.conversation).not.toHaveProperty('status');
    expect(JSON.stringify(record.effects)).not.toContain('customer-left');
  });

  describe('when a customer wants a person again', () => {
    const wantsPerson = async (lastCase: object, caseOf: PipelineServices['handoff']['caseOf']) => {
      const { handoff, ...services } = servicesOf();
      const asked = { escalate: true, reasons: ['asked-for-person'], priority: 'normal' } as const;
      const announcement: PipelineServices['handoff']['announcement'] = ({ id, team, priority }) => `${id} ${team} ${priority}`;
      const pipeline = createPipeline({ ...services, handoff: { ...handoff, caseOf, announcement, decide: () => asked } });
      const closed = { ticketId: 'T-OLD', note: null, closedAt: AT, survey: null, ...lastCase };
      return pipeline.processTurn(input({ conversation: conversation({ lastCase: closed }) }));
    };

    it('tells them when the team of the case that goes on is there', async () => {
      const record = await wantsPerson({}, async () => ({ team: 'tecnica', priority: 'high' }));
      expect(record).toMatchObject({ outcome: 'escalated', ticketId: 'T-OLD', effects: { ticket: null } });
      expect(record.effects.messages.at(-1)?.text).toContain('T-OLD tecnica high');
    });

    it('opens a new case where the old one is not kept any more', async () => {
      const record = await wantsPerson({}, async () => null);
      expect(record).toMatchObject({ ticketId: 'T-0000TEST', effects: { ticket: { id: 'T-0000TEST' } } });
    });
  });

  it('rejects when a service fails, so that the turn is tried again', async () => {
    const knowledge = { search: () => Promise.reject(new Error('away')) };
    await expect(createPipeline(servicesOf({ knowledge })).processTurn(input())).rejects.toThrow('away');
  });

  it('notes edits and deletes for the log and answers neither', async () => {
    const base = {
      channel: 'telegram',
      account: 'default',
      threadKey: '77',
      sender: inboundMessage().sender,
      sentAt: AT,
      platformMessageId: '501',
    };
    const { processTurn } = createPipeline(servicesOf());
    const edited = await processTurn(
      input({ event: { ...base, kind: 'edit', eventId: 'e2', content: [{ kind: 'text', text: 'mejor 40' }] } }),
    );
    expect(edited).toMatchObject({
      outcome: 'noted',
      effects: { amend: { platformMessageId: '501', text: 'mejor 40' }, outbox: [], messages: [] },
    });
    const deleted = await processTurn(input({ event: { ...base, kind: 'delete', eventId: 'e3' } }));
    expect(deleted.effects.amend).toMatchObject({ platformMessageId: '501', text: null });
  });
});

describe('an answer that a language model words', () => {
  const asked = async (change: Partial<PipelineServices>) => {
    const questions: string[] = [];
    const drafts: Draft[] = [];
    const word: WordAnswer = async ({ quoted, question, passages, earlier }, onGrown) => {
      questions.push(question);
      expect({ passages, earlier }).toEqual({ passages: [source], earlier: [] });
      onGrown('Son 30 días');
      return { answer: { ...quoted, markdown: 'Son 30 días [1].' }, result: 'worded' };
    };
    const record = await createPipeline(servicesOf({ word, ...change }), () => AT).processTurn(input(), (draft) => drafts.push(draft));
    return { questions, drafts, record, reply: record.effects.messages[1], item: record.effects.outbox[0] };
  };

  it('is what goes out, and is shown while it is written, in its place', async () => {
    const { questions, drafts, record, reply, item } = await asked({});
    expect(questions).toEqual(['¿Cuántos días tengo para devolver?']);
    expect(reply?.text).toBe('Son 30 días [1].');
    expect(drafts).toEqual([{ messageId: reply?.id, markdown: 'Son 30 días', place: item?.place }]);
    expect(record.steps.at(-1)).toMatchObject({ step: 'wording', note: 'worded' });
  });

  it.each<[string, Partial<PipelineServices>]>([
    [
      'people are called',
      { handoff: { ...servicesOf().handoff, decide: () => ({ escalate: true, reasons: ['frustration'], priority: 'high' }) } },
    ],
    ['nothing was found', { answer: () => ({ markdown: 'No lo sé.', sources: [], choices: [], confidence: 0, outcome: 'unknown' }) }],
    ['it is asked back', { answer: ({ sources }) => ({ markdown: '¿Cuál?', sources, choices: [], confidence: 0.8, outcome: 'asked' }) }],
    [
      'the quotation is not sure',
      {
        answer: ({ sources }) => ({
          markdown: '¿Quizá?',
          sources,
          choices: [{ id: 'a', label: 'A' }],
          confidence: 0.6,
          outcome: 'answered',
        }),
      },
    ],
    [
      'it is a price',
      {
        answer: () => ({
          markdown: '18,90 € [1]',
          sources: [{ ...source, metadata: { ...source.metadata, source: CATALOGUE_SOURCE } }],
          choices: [],
          confidence: 0.9,
          outcome: 'answered',
        }),
      },
    ],
    ['it is small talk', { understanding: { understand: () => ({ ...calm, cannedReply: { text: '¡Hola!', buttons: [] } }) } }],
  ])('is left as it is where %s', async (_why, change) => {
    const { questions, drafts } = await asked(change);
    expect({ questions, drafts }).toEqual({ questions: [], drafts: [] });
  });
});

/**
 * Shows a customer the answer while it is written. A draft is a preview and promises nothing; what it must not do is outlive the answer. So where it is a
 * message that is edited, the conversation is told before the message goes out and again what its id is: whoever ends the turn, this process or the
 * next, has the answer take its place by an edit. Where the id was lost with the process, or its first owner may still edit it, the turn is flagged as one that was
 * in doubt.
 */
import { type Channel, type Draft, type Preview, type Recipient } from '../domain/channel.js';
import { type Conversation } from '../domain/conversation.js';
import { asError, ChannelError } from '../domain/errors.js';
import { messageIdOf } from '../domain/ids.js';
import { type ShowDraft, type TurnRecord } from '../domain/turn.js';
import { type ConversationStore } from '../storage/conversation-store.js';
import { type Logger } from '../telemetry/logger.js';
import { LaneLostError } from './lane-lost.js';
import { type SendRate } from './send-rate.js';
import { type LaneHold, type Sender } from './sender.js';

export interface DraftLane extends LaneHold {
  conversation: Conversation;
  /** It was taken over, and is not through with what its owner left. */
  readonly recovering: boolean;
  readonly sender: Pick<Sender, 'dueAt'>;
}

export interface DraftDeps {
  readonly conversations: Pick<ConversationStore, 'keepDraft'>;
  readonly rateOf: (channel: Channel) => SendRate;
  readonly logger: Logger;
}

export interface OpenDraft {
  readonly show: ShowDraft;
  /** Shows nothing more, and waits for the call that is under way. Returns the record with what is known of the preview of its answer. */
  readonly end: (record: TurnRecord) => Promise<TurnRecord>;
}

/** What a platform has not answered by then is left: the answer waits for it. */
const CALL_LIMIT_MS = 5_000;

export function openDraft(deps: DraftDeps, lane: DraftLane, channel: Channel | undefined, to: Recipient, turnId: string): OpenDraft {
  const outboxId = `${messageIdOf(turnId, 'out')}:0`;
  const kept = lane.conversation.draft;
  const earlier = kept?.outboxId === outboxId ? kept : undefined;
  if (channel?.capabilities.drafts === 'streamed')
    return { show: (draft) => stream(deps, channel, to, draft), end: async (record) => record };
  const everyMs = channel?.capabilities.drafts?.everyMs ?? null;
  // A group has one rate for all its members: its answers come as a whole.
  const edited =
    channel !== undefined && everyMs !== null && to.scope !== 'group'
      ? openEdited(deps, lane, channel, to, { outboxId, everyMs, earlier })
      : null;
  return {
    show: (draft) => edited?.show(draft),
    async end(record) {
      const preview = edited === null ? earlier : await edited.end();
      if (preview === undefined) return record;
      const inherited = earlier !== undefined && lane.recovering ? ({ inherited: true } as const) : {};
      return withPreview(record, outboxId, { platformMessageId: preview.platformMessageId, ...inherited });
    },
  };
}

function withPreview(record: TurnRecord, outboxId: string, preview: Preview): TurnRecord {
  const outbox = record.effects.outbox.map((item) => (item.id === outboxId ? { ...item, preview } : item));
  return { ...record, effects: { ...record.effects, outbox } };
}

function stream({ logger }: DraftDeps, channel: Channel, to: Recipient, draft: Draft): void {
  channel.showTyping?.(to, { kind: 'draft', draft }).catch((thrown: unknown) => {
    logger.debug({ channel: channel.name, err: asError(thrown) }, 'a draft could not be shown');
  });
}

interface Edited {
  readonly outboxId: string;
  readonly everyMs: number;
  /** What an earlier try of the turn has left. */
  readonly earlier: Preview | undefined;
}

function openEdited(deps: DraftDeps, lane: DraftLane, channel: Channel, to: Recipient, { outboxId, everyMs, earlier }: Edited) {
  const { conversationId, fence } = lane;
  let preview: Preview | undefined = earlier;
  let latest: Draft | null = null;
  let shown = '';
  let working: Promise<void> | null = null;
  let state: 'showing' | 'given up' | 'ended' = 'showing';
  let asked = false;
  let stopPause = (): void => undefined;

  const keep = async (next: Preview | undefined): Promise<void> => {
    const draft = next === undefined ? null : { outboxId, platformMessageId: next.platformMessageId };
    if (!(await deps.conversations.keepDraft(conversationId, fence, draft))) throw new LaneLostError();
    const { draft: _before, ...conversation } = lane.conversation;
    lane.conversation = draft === null ? conversation : { ...conversation, draft };
    preview = next;
  };

  const begin = async ({ messageId, markdown, place }: Draft): Promise<void> => {
    await keep({ platformMessageId: null });
    const context = { key: keyOf(outboxId), messageId, replyTo: null, part: 0, last: false, answer: null, place };
    try {
      lane.assertHeld();
      await keep(await inTime(channel.send(to, { kind: 'text', markdown }, context)));
    } catch (thrown) {
      // Nothing was left behind, and it is known: no flag is needed.
      if (thrown instanceof ChannelError && thrown.kind !== 'unknown') await keep(undefined);
      throw thrown;
    }
  };

  const call = async (draft: Draft): Promise<void> => {
    if (preview === undefined) return begin(draft);
    lane.assertHeld();
    const edited = channel.edit?.(to, preview.platformMessageId ?? '', { kind: 'text', markdown: draft.markdown });
    if (edited !== undefined) await inTime(edited);
  };

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      stopPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  /** Asks once for a message whose id is not known. One that is not there may still come: whoever sent it may only have been suspended. */
  const settle = async (): Promise<void> => {
    if (asked || preview?.platformMessageId !== null || channel.findSent === undefined) return;
    asked = true;
    try {
      const found = await inTime(channel.findSent(to, keyOf(outboxId)));
      if (found !== null) await keep(found);
    } catch (thrown) {
      if (!(thrown instanceof ChannelError)) throw thrown;
    }
  };

  const hasMore = (): boolean => state === 'showing' && latest?.markdown !== shown && preview?.platformMessageId !== null;
  let callAtMs = 0;

  const work = async (): Promise<void> => {
    await settle();
    while (hasMore()) {
      const waitMs = callAtMs - performance.now();
      if (waitMs > 0) {
        await pause(waitMs);
        continue;
      }
      callAtMs = performance.now() + everyMs;
      // What is to be sent before it goes first.
      if (latest === null || lane.sender.dueAt() !== null || !deps.rateOf(channel).takeNow(conversationId, false)) continue;
      const draft = latest;
      try {
        await call(draft);
        shown = draft.markdown;
      } catch (thrown) {
        if (!(thrown instanceof ChannelError) || thrown.retry === 'never') throw thrown;
        callAtMs = performance.now() + Math.max(everyMs, thrown.retry.afterMs);
      }
    }
  };

  const giveUp = (thrown: unknown): void => {
    if (state === 'showing') state = 'given up';
    const { logger } = deps;
    logger.debug({ channel: channel.name, conversationId, err: asError(thrown) }, 'the answer is not shown any more while it is written');
  };

  return {
    show(draft: Draft): void {
      if (state !== 'showing' || draft.markdown.length > channel.capabilities.maxTextChars) return;
      latest = draft;
      working ??= work()
        .catch(giveUp)
        .finally(() => (working = null));
    },
    async end(): Promise<Preview | undefined> {
      state = 'ended';
      stopPause();
      await working;
      await settle();
      return preview;
    },
  };
}

/** The preview's own: under the answer's the platform would take the one for the other. */
const keyOf = (outboxId: string): string => `draft:${outboxId}`;

async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new ChannelError('unknown', `the platform did not answer within ${CALL_LIMIT_MS} ms`)), CALL_LIMIT_MS);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

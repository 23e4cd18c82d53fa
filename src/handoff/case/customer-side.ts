/**
 * The customer's side of a case: what people do there reaches the customer through the inbox, as an event of their conversation, so that it keeps its
 * order among what the customer writes and goes out by the one way there is. A reply goes out once it cannot be undone any more.
 */
import { LRUCache } from 'lru-cache';
import type { Emit } from '../../domain/channel.js';
import type { MediaRef } from '../../domain/content.js';
import type { Conversation } from '../../domain/conversation.js';
import type { DeskMemory } from '../../domain/desk.js';
import { ChannelError } from '../../domain/errors.js';
import type { InboundDesk } from '../../domain/message.js';
import type { Ticket, TicketChange, TicketChangeKind, TicketEvent } from '../../domain/ticket.js';
import type { Cases } from './cases.js';
import type { Shown } from './feed.js';

export interface CustomerSideDeps {
  readonly cases: Pick<Cases, 'dispatch' | 'record'>;
  readonly ticketOf: (id: string) => Promise<Ticket | null>;
  readonly conversationOf: (id: string) => Promise<Conversation | null>;
  readonly eventsOf: (ticketId: string) => Promise<readonly TicketEvent[]>;
  readonly emit: Emit;
  /** Puts a send that failed back where it stood. */
  readonly retrySend: (outboxId: string) => Promise<void>;
  /** Files of a desk's platform become files of ours. Throws ChannelError. */
  readonly keepFiles: (
    files: readonly MediaRef[],
    from: { readonly desk: string; readonly conversation: Conversation; readonly key: string },
  ) => Promise<readonly MediaRef[]>;
  /** The agent's name as customers see it; null: none is shown. */
  readonly shownName: (name: string) => string | null;
  readonly now?: () => Date;
}

/** What the conversation learns of. */
const TOLD: ReadonlySet<TicketChangeKind> = new Set([
  'claimed',
  'assigned',
  'released',
  'returned',
  'resolved',
  'reopened',
  'marked',
  'erased',
]);

export const concernsCustomer = ({ kind }: TicketChange): boolean => kind === 'replied' || kind === 'reply-retried' || TOLD.has(kind);

/** Cases whose conversation is remembered. */
const REMEMBERED = 10_000;

type ReplyEvent = TicketEvent & { readonly change: Extract<TicketChange, { kind: 'replied' }> };

export function createCustomerSide(deps: CustomerSideDeps): (event: TicketEvent, memory: DeskMemory) => Promise<Shown> {
  const { cases, now = () => new Date() } = deps;

  /** By case, for as long as it is likely to be spoken of: it never changes. */
  const conversationIds = new LRUCache<string, string>({ max: REMEMBERED });

  const conversationOf = async ({ ticketId }: TicketEvent): Promise<Conversation | null> => {
    const id = conversationIds.get(ticketId) ?? (await deps.ticketOf(ticketId))?.conversationId;
    if (id === undefined) return null;
    conversationIds.set(ticketId, id);
    return deps.conversationOf(id);
  };

  /** @param key of the inbox event, unique in the case */
  const tell = async (event: TicketEvent, change: TicketChange, key: string, found?: Conversation): Promise<void> => {
    const conversation = found ?? (await conversationOf(event));
    // Deleted with its session: nobody is there to be told.
    if (conversation === null) return;
    const { channel, account, threadKey, userId } = conversation;
    const told: InboundDesk = {
      ...{ kind: 'desk', channel, account, threadKey },
      eventId: `${event.ticketId}:${key}`,
      sender: { userId, displayName: null, languageHint: null },
      sentAt: event.at,
      ...{ ticketId: event.ticketId, seq: event.seq, change },
      author: authorOf(event, change, deps.shownName),
    };
    await deps.emit(told);
  };

  /** With its files, which are fetched first: what cannot be sent has not gone out. */
  const tellReply = async (event: ReplyEvent, key: string): Promise<void> => {
    const conversation = await conversationOf(event);
    if (conversation === null) return;
    const from = { desk: event.by.kind === 'agent' ? event.by.desk : '', conversation, key: `${event.ticketId}:${event.seq}` };
    // Erased since: there is nothing left to send.
    if (event.change.markdown === '' && event.change.files.length === 0) return;
    const files = await deps.keepFiles(event.change.files, from);
    const dispatched = await cases.dispatch(event.ticketId, event.seq);
    if (dispatched === null) return;
    const edit =
      dispatched.as === null ? undefined : (await deps.eventsOf(event.ticketId)).find(({ seq }) => seq === dispatched.as)?.change;
    const markdown = edit?.kind === 'reply-edited' ? edit.markdown : event.change.markdown;
    await tell(event, { ...event.change, markdown, files }, key, conversation);
  };

  const reply = async (event: ReplyEvent, key: string): Promise<void> => {
    try {
      await tellReply(event, key);
    } catch (thrown) {
      if (!(thrown instanceof ChannelError) || thrown.retry !== 'never') throw thrown;
      // Tried again it would be refused again: the agent is to know.
      const { ticketId, seq: of } = event;
      await cases.record({ ticketId, actionId: `refused:${key}` }, 'system', {
        kind: 'reply-failed',
        of,
        outboxId: '',
        reason: thrown.kind,
      });
    }
  };

  /** What failed before it was in the outbox begins anew; what failed there goes on there. */
  const retry = async (event: TicketEvent, of: number, outboxId: string): Promise<void> => {
    if (outboxId !== '') return deps.retrySend(outboxId);
    const failed = (await deps.eventsOf(event.ticketId)).find(({ seq }) => seq === of);
    if (failed?.change.kind === 'replied') await reply({ ...failed, change: failed.change }, `${of}:${event.seq}`);
  };

  return async (event, memory) => {
    const { change } = event;
    if (change.kind === 'replied') {
      if (change.sendAt > now()) return { notBefore: change.sendAt };
      await reply({ ...event, change }, String(event.seq));
    } else if (change.kind === 'reply-retried') await retry(event, change.of, change.outboxId);
    // Who did it themselves was told by the turn in which they did.
    else if (TOLD.has(change.kind) && event.by.kind !== 'customer') await tell(event, change, String(event.seq));
    return { memory };
  };
}

function authorOf({ by }: TicketEvent, change: TicketChange, shownName: CustomerSideDeps['shownName']): string | null {
  if (change.kind === 'assigned') return shownName(change.to.name);
  return by.kind === 'agent' ? shownName(by.agent.name) : null;
}

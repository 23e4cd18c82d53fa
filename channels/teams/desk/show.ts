/**
 * Shows the events of cases: a card for each case, which begins a thread, and everything else as messages in that thread. Bots cannot read what they posted, so
 * whether a send got through cannot be asked of Teams. What can be repeated (changing the card, or a message) therefore comes first, and what cannot (a
 * new message) comes last; where an event takes several messages and one fails, this process goes on behind the last one that was posted.
 */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { CaseView, Desk, DeskMemory } from '../../../src/domain/desk.js';
import { ChannelError } from '../../../src/domain/errors.js';
import type { DeskWords } from '../../shared/desk-words.js';
import type { TeamsClient } from '../client.js';
import type { OutboundActivity } from '../encode.js';
import type { ConversationAddress } from '../thread-key.js';
import { cardOfCase } from './card.js';
import { partsOfThread, placeIn } from './config.js';
import { historyCards } from './history.js';
import { customerDeleted, customerWrote, linesOf } from './lines.js';
import { replyCard, replyIn } from './reply.js';
import type { Staff } from './staff.js';

export interface ShowDeps {
  readonly client: Pick<TeamsClient, 'send' | 'update' | 'beginThread'>;
  /** The desk's. */
  readonly channel: ConversationAddress;
  readonly words: DeskWords;
  readonly staff: Staff;
  /** A case's card as it was shown last, for ./answer.ts. */
  readonly onCard: (ticketId: string, card: OutboundActivity) => void;
  readonly filesOf: (view: CaseView) => Promise<readonly OutboundActivity[]>;
}

/** Events that were begun and not finished, by this process. */
const UNFINISHED = 1000;
/** Messages of one case that can still be changed; of 64 kB they take 25 at most. */
const MESSAGES_REMEMBERED = 400;

/** What `DeskMemory.ids` holds: `card` its message, `look` what it showed, `seq` the last event, `parts` how many messages of the next one; then messages. */
type Ids = Record<string, string>;

interface Draft {
  place: string | null;
  readonly ids: Ids;
  /** Keeps what was reached, should the next call fail. */
  readonly keep: () => void;
}

export function createShow(deps: ShowDeps): Desk['show'] {
  const unfinished = new LRUCache<string, DeskMemory>({ max: UNFINISHED });
  return async (view, memory) => {
    const { ticketId, seq } = view.event;
    if (Number(memory.ids['seq'] ?? 0) >= seq) return memory;
    const key = `${ticketId}:${seq}`;
    const { place, ids } = unfinished.get(key) ?? memory;
    const draft: Draft = {
      place,
      ids: { ...ids },
      keep: () => void unfinished.set(key, { place: draft.place, ids: { ...draft.ids } }),
    };
    await showCard(deps, view, draft);
    await showEvent(deps, view, draft);
    unfinished.delete(key);
    delete draft.ids['parts'];
    return { place: draft.place, ids: pruned({ ...draft.ids, seq: String(seq) }) };
  };
}

async function showCard({ client, channel, words, staff, onCard }: ShowDeps, view: CaseView, draft: Draft): Promise<void> {
  const card = cardOfCase(view, words, await staff());
  const look = shortHash(JSON.stringify(card));
  onCard(view.ticket.id, card);
  if (draft.place !== null && draft.ids['look'] === look) return;
  const at = draft.place === null ? null : placeIn(channel, draft.place);
  if (at === null || !(await changed(() => client.update(at, draft.ids['card'] ?? '', card)))) {
    // A card that somebody deleted in Teams begins anew, and the case goes on below it.
    const { conversationId, activityId } = await client.beginThread(channel, card);
    draft.place = partsOfThread(conversationId) === null ? `${conversationId};messageid=${activityId}` : conversationId;
    draft.ids['card'] = activityId;
  }
  draft.ids['look'] = look;
  draft.keep();
}

/** False: there is no such message (any more). */
async function changed(update: () => Promise<void>): Promise<boolean> {
  try {
    await update();
    return true;
  } catch (thrown) {
    if (thrown instanceof ChannelError && thrown.kind === 'recipient-unreachable') return false;
    throw thrown;
  }
}

async function showEvent(deps: ShowDeps, view: CaseView, draft: Draft): Promise<void> {
  const { words } = deps;
  const { change } = view.event;
  switch (change.kind) {
    case 'opened':
      return post(deps, draft, historyCards(view, words));
    case 'reopened':
      return post(deps, draft, [...linesOf(view, words), ...historyCards(view, words)]);
    case 'replied':
    case 'reply-edited':
    case 'reply-undone':
    case 'reply-dispatched':
    case 'reply-delivered':
    case 'reply-failed':
    case 'reply-retried':
      return showReply(deps, view, draft);
    case 'customer-wrote': {
      const messages = linesOf(view, words);
      const name = messages.length === 1 ? messageKey(view.message?.platformMessageId ?? null) : null;
      return post(deps, draft, [...messages, ...(await deps.filesOf(view))], name);
    }
    case 'customer-edited':
      await changeMessage(deps, draft, change.platformMessageId, view.message === null ? [] : customerWrote(view, view.message, words));
      return post(deps, draft, linesOf(view, words));
    case 'customer-deleted': {
      const isGone = await changeMessage(deps, draft, change.platformMessageId, [customerDeleted(words)]);
      return isGone ? undefined : post(deps, draft, linesOf(view, words));
    }
    default:
      return post(deps, draft, linesOf(view, words));
  }
}

/** One message for each reply, made anew with each of its states. */
async function showReply(deps: ShowDeps, view: CaseView, draft: Draft): Promise<void> {
  const reply = replyIn(view);
  if (reply === null) return;
  const card = replyCard(reply, view.event, deps.words, new Date());
  const name = `reply:${reply.seq}`;
  const shown = draft.ids[name];
  if (shown !== undefined && draft.place !== null) {
    const at = placeIn(deps.channel, draft.place);
    if (await changed(() => deps.client.update(at, shown, card))) return;
  }
  await post(deps, draft, [card], name);
}

/** False where the thread does not show the message as one of its own. */
async function changeMessage(
  { client, channel }: ShowDeps,
  draft: Draft,
  messageId: string,
  now: readonly OutboundActivity[],
): Promise<boolean> {
  const shown = draft.ids[messageKey(messageId) ?? ''];
  const [activity] = now;
  if (shown === undefined || draft.place === null || activity === undefined || now.length > 1) return false;
  const at = placeIn(channel, draft.place);
  return changed(() => client.update(at, shown, activity));
}

/** @param name under which the first one is remembered, to be changed later */
async function post(
  { client, channel }: ShowDeps,
  draft: Draft,
  activities: readonly OutboundActivity[],
  name: string | null = null,
): Promise<void> {
  const done = Number(draft.ids['parts'] ?? 0);
  for (const [index, activity] of activities.entries()) {
    if (index < done || draft.place === null) continue;
    const id = await client.send(placeIn(channel, draft.place), activity);
    if (index === 0 && name !== null && id !== null) draft.ids[name] = id;
    draft.ids['parts'] = String(index + 1);
    draft.keep();
  }
}

const shortHash = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 16);

/** Platforms' ids are of any length and hold any characters. */
const messageKey = (platformMessageId: string | null): string | null =>
  platformMessageId === null ? null : `message:${shortHash(platformMessageId)}`;

/** The oldest messages are forgotten first: objects keep the order in which names were added. */
function pruned(ids: Ids): Ids {
  const messages = Object.keys(ids).filter((name) => name.includes(':'));
  const forgotten = new Set(messages.slice(0, Math.max(0, messages.length - MESSAGES_REMEMBERED)));
  return Object.fromEntries(Object.entries(ids).filter(([name]) => !forgotten.has(name)));
}

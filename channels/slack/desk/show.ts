/** Shows one event of a case: its card as it stands now, then what the thread says of it. Every message is posted once, however often this is called. */
import { createHash } from 'node:crypto';
import type { MediaRef } from '../../../src/domain/content.js';
import type { CaseView, Desk, DeskMemory } from '../../../src/domain/desk.js';
import { ChannelError } from '../../../src/domain/errors.js';
import type { Logger } from '../../../src/telemetry/logger.js';
import type { DeskWords } from '../../shared/desk-words.js';
import { capabilities } from '../capabilities.js';
import type { Place, SlackClient } from '../client.js';
import { SLACK, type SlackSettings } from '../config.js';
import { shareFile } from '../upload.js';
import { small, type Post } from './blocks.js';
import { cardOfCase } from './card.js';
import { cardOf, placeOf } from './config.js';
import { filesOf, historyFiles, historyPosts } from './history.js';
import { deskBlockId, deskMetadata, type Posted } from './posted.js';
import { replyIn, replyPost } from './reply.js';
import { customerDeleted, customerWrote, lineOf, typedTs } from './thread.js';

/** Remembered of a case beside its card: replies, whose state changes, and the customer's messages, which they change; the oldest go first. */
const MAX_IDS = 400;
/** Marks what was typed in the thread as internal. */
const INTERNAL_MARK = 'lock';

export interface ShowDeps {
  readonly client: SlackClient;
  readonly settings: SlackSettings;
  readonly posted: Posted;
  readonly channel: string;
  readonly words: DeskWords;
  readonly logger: Logger;
}

/** A case while one of its events is shown. */
interface Showing {
  readonly view: CaseView;
  /** The thread of the case. */
  readonly thread: Place & { readonly threadTs: string };
  readonly ids: Readonly<Record<string, string>>;
}

export function createShow(deps: ShowDeps): Desk['show'] {
  return async (view, memory) => {
    const showing = await showCard(deps, view, memory);
    const ids = await showEvent(deps, showing);
    return { place: placeOf(deps.channel, showing.thread.threadTs), ids: bounded(ids) };
  };
}

/** Posts the card, or writes it anew where something of it has changed. */
async function showCard(deps: ShowDeps, view: CaseView, { place, ids }: DeskMemory): Promise<Showing> {
  const card = cardOfCase(view, deps.words);
  const digest = digestOf(JSON.stringify(card));
  const known = cardOf(place);
  const at = (threadTs: string): Showing => ({ view, thread: { channel: deps.channel, threadTs }, ids: { ...ids, card: digest } });
  // Of another channel: the desk has moved, and the case with it.
  if (known?.channel !== deps.channel) return at(await post(deps, view, null, 'card', card));
  if (ids['card'] === digest || (await update(deps, known.ts, card))) return at(known.ts);
  return at(await post(deps, view, null, `card:${view.event.seq}`, card));
}

async function showEvent(deps: ShowDeps, showing: Showing): Promise<Readonly<Record<string, string>>> {
  const { view, ids } = showing;
  const { change } = view.event;
  const reply = replyIn(view);
  if (reply !== null) return showReply(deps, showing);
  if (change.kind === 'opened' || change.kind === 'reopened') await showHistory(deps, showing);
  const known = 'platformMessageId' in change ? ids[customerKey(change.platformMessageId)] : undefined;
  if (known !== undefined) await rewrite(deps, view, known);
  const line = lineOf(view, deps.words);
  const ts = line === null ? null : await say(deps, showing, 'line', line);
  const typed = typedTs(view.event);
  if (typed !== null && change.kind === 'noted') await mark(deps, typed);
  if (change.kind !== 'customer-wrote' || view.message === null) return ids;
  await showFiles(deps, showing, filesOf([view.message]));
  const { platformMessageId } = view.message;
  return ts === null || platformMessageId === null ? ids : { ...ids, [customerKey(platformMessageId)]: ts };
}

async function showHistory(deps: ShowDeps, showing: Showing): Promise<void> {
  for (const [index, part] of historyPosts(showing.view, deps.words).entries()) await say(deps, showing, `history:${index}`, part);
  await showFiles(deps, showing, historyFiles(showing.view));
}

/** What the customer changed or took back is so in its own place too. */
async function rewrite(deps: ShowDeps, view: CaseView, ts: string): Promise<void> {
  const { message, event } = view;
  if (event.change.kind === 'customer-deleted' || (event.change.kind === 'customer-edited' && message === null)) {
    await update(deps, ts, customerDeleted(deps.words));
  } else if (event.change.kind === 'customer-edited' && message !== null) {
    await update(deps, ts, customerWrote(view, message, deps.words));
  }
}

async function showReply(deps: ShowDeps, showing: Showing): Promise<Readonly<Record<string, string>>> {
  const { view, ids } = showing;
  const reply = replyIn(view);
  if (reply === null || reply.change.kind !== 'replied') return ids;
  const name = `event:${reply.seq}`;
  const known = ids[name];
  const shown = replyPost(reply, view.event, deps.words, new Date());
  if (known !== undefined && (await update(deps, known, shown))) return ids;
  const ts = await say(deps, showing, known === undefined ? `reply:${reply.seq}` : `reply:${reply.seq}:again`, shown);
  if (view.event.seq === reply.seq && typedTs(reply) === null) await showFiles(deps, showing, reply.change.files.filter(isOurs));
  return ts === null ? ids : { ...ids, [name]: ts };
}

const isOurs = ({ id }: MediaRef) => id.startsWith('att_');

/** A file that cannot be had, or is too large for Slack, is named. */
async function showFiles(deps: ShowDeps, showing: Showing, files: readonly MediaRef[]): Promise<void> {
  for (const [index, file] of files.entries()) {
    const part = `file:${index}`;
    try {
      await share(deps, showing, part, file);
    } catch (thrown) {
      if (!(thrown instanceof ChannelError && thrown.kind === 'payload-refused')) throw thrown;
      const leftOut = small(deps.words.fileLeftOut(file.filename ?? file.id));
      await say(deps, showing, `${part}:named`, { text: deps.words.fileLeftOut(''), blocks: [leftOut] });
    }
  }
}

async function share(deps: ShowDeps, { view, thread }: Showing, part: string, file: MediaRef): Promise<void> {
  if ((file.sizeBytes ?? 0) > capabilities.maxUploadBytes) throw new ChannelError('payload-refused', 'the file is too large for Slack.');
  const key = keyOf(view, part);
  const blocks = [{ ...small(`📎 ${file.filename ?? file.id}`), block_id: deskBlockId(key) }];
  await deps.posted.once({ place: thread, key, since: view.event.at }, () =>
    shareFile(deps.client, deps.settings, thread, { file, blocks }),
  );
}

const say = (deps: ShowDeps, { view, thread }: Showing, part: string, shown: Post): Promise<string> =>
  post(deps, view, thread.threadTs, part, shown);

async function post(deps: ShowDeps, view: CaseView, threadTs: string | null, part: string, { text, blocks }: Post): Promise<string> {
  const { client, channel, posted } = deps;
  const key = keyOf(view, part);
  const ts = await posted.once({ place: { channel, threadTs }, key, since: view.event.at }, async () => {
    const message = {
      channel,
      text,
      blocks: [...blocks],
      metadata: deskMetadata(key),
      unfurl_links: false,
      unfurl_media: false,
    };
    // Who is late, or whom nobody has taken, is seen by everybody.
    const where = threadTs === null ? {} : { thread_ts: threadTs, reply_broadcast: view.event.change.kind === 'marked' };
    return (await client.run('chat.postMessage', (slack) => slack.chat.postMessage({ ...message, ...where }))).ts ?? null;
  });
  if (ts === null) throw new ChannelError('unavailable', 'chat.postMessage: Slack has not named the message.');
  return ts;
}

/** One card a case; anything else belongs to its event. */
const keyOf = ({ event }: CaseView, part: string): string =>
  part === 'card' ? `${event.ticketId}:card` : `${event.ticketId}:${event.seq}:${part}`;

/** False: the message is not there any more. What Slack refuses otherwise must not keep the rest from being shown. */
async function update({ client, channel, logger }: ShowDeps, ts: string, { text, blocks }: Post): Promise<boolean> {
  try {
    await client.run('chat.update', (slack) => slack.chat.update({ channel, ts, text, blocks: [...blocks] }));
  } catch (thrown) {
    if (!(thrown instanceof ChannelError && thrown.kind === 'payload-refused')) throw thrown;
    if (thrown.message.includes('message_not_found')) return false;
    logger.warn({ channel: SLACK, error: thrown.message }, 'a message of the desk could not be changed');
  }
  return true;
}

/** What was typed may be gone by now, or have its mark. */
async function mark({ client, channel, logger }: ShowDeps, ts: string): Promise<void> {
  try {
    await client.run('reactions.add', (slack) => slack.reactions.add({ channel, timestamp: ts, name: INTERNAL_MARK }));
  } catch (thrown) {
    if (!(thrown instanceof ChannelError && thrown.kind === 'payload-refused')) throw thrown;
    if (!thrown.message.includes('already_reacted')) logger.debug({ channel: SLACK, error: thrown.message }, 'a note was not marked');
  }
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 16);

/** Ids of customers' messages are long on some platforms. */
const customerKey = (platformMessageId: string): string => `in:${digestOf(platformMessageId)}`;

/** The card's stays. */
function bounded(ids: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { card, ...others } = ids;
  return { ...(card === undefined ? {} : { card }), ...Object.fromEntries(Object.entries(others).slice(-MAX_IDS)) };
}

/** Opens the desk in Slack in front of a fresh emulator, over webhooks or by socket: staff press, fill in forms and write as their clients would have it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createSlackChannel } from '../../../channels/slack/index.js';
import type { SlackSettings } from '../../../channels/slack/config.js';
import type { DeskRequest } from '../../../src/domain/desk.js';
import type { InboundEvent } from '../../../src/domain/message.js';
import type { Agent } from '../../../src/domain/ticket.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import type { DeskForm, OpenDesk, ShownCase, ShownLine } from '../../contract/desk-suite.js';
import { startSlackEmulator, type ScriptedFailure, type SlackEmulator } from './emulator.js';
import { blocksOf, viewOf, type WireBlock, type WireView } from './limits.js';
import { plain, textOf, type StoredMessage } from './shown.js';
import {
  APP_TOKEN,
  BOT,
  BOT_TOKEN,
  eventEnvelope,
  eventRequest,
  interactionRequest,
  SIGNING_SECRET,
  STAFF,
  staffToken,
  TEAM,
} from './workspace.js';
import type { StaffName } from './workspace.js';

const POST = { method: 'chat.postMessage' };
const FAILURES: Record<'unavailable' | 'rate-limited' | 'cut', ScriptedFailure> = {
  unavailable: { ...POST, kind: 'status', status: 503 },
  'rate-limited': { ...POST, kind: 'error', error: 'ratelimited', status: 429, headers: { 'retry-after': '0' } },
  cut: { ...POST, kind: 'cut', done: true },
};
const FORM_WITHIN_MS = 3000;

interface Message extends StoredMessage {
  readonly thread_ts?: string;
}

export interface OpenSlackDesk extends OpenDesk {
  readonly slack: SlackEmulator;
  readonly settings: SlackSettings;
  /** The desk's channel. */
  readonly place: string;
  /** By their names at the workspace. */
  readonly ids: Readonly<Record<StaffName, string>>;
  /** What Slack would post, as it stands; the reasons for which nothing came of it are in `ignored`. */
  deliver(path: '/events' | '/interactions', payload: object): Promise<readonly DeskRequest[]>;
  /** What the press of a button tells, of a card or of a message in the thread. */
  pressOf(user: string, ticketId: string, button: string, over?: object): Promise<object>;
  readonly ignored: readonly string[];
  /** What forms were answered with in place of being closed. */
  readonly formErrors: readonly unknown[];
}

export async function openSlackDesk(mode: 'webhook' | 'socket'): Promise<OpenSlackDesk> {
  const slack = await startSlackEmulator();
  const ids = await staffOf(slack);
  const place = await deskChannel(slack, ids);
  const settings: SlackSettings = {
    botToken: BOT_TOKEN,
    apiUrl: slack.apiUrl,
    signingSecret: mode === 'webhook' ? SIGNING_SECRET : null,
    appToken: mode === 'socket' ? APP_TOKEN : null,
    loadFile: () => Promise.resolve({ bytes: Buffer.from('%PDF-1.7'), contentType: 'application/pdf' }),
    desk: { channel: place, language: 'es' },
  };
  const channel = createSlackChannel(settings, createLogger({ level: 'silent' }));
  const events: InboundEvent[] = [];
  const requests: DeskRequest[] = [];
  const ignored: string[] = [];
  const formErrors: unknown[] = [];
  const stop = await channel.start?.(
    (event) => {
      events.push(event);
      return Promise.resolve({ inboxId: event.eventId, duplicate: false });
    },
    (event) => Promise.resolve(void ignored.push(event.reason)),
    (request) => Promise.resolve(void requests.push(request)),
  );

  const deliver: OpenSlackDesk['deliver'] = async (path, payload) => {
    if (mode === 'socket') {
      const answer = await slack.push(path === '/events' ? 'events_api' : 'interactive', payload);
      if (answer !== undefined) formErrors.push(answer);
      return requests.splice(0);
    }
    const received = await channel.receive?.(path === '/events' ? eventRequest(payload) : interactionRequest(payload));
    if (received?.reply.status !== 200) throw new Error(`answered ${received?.reply.status}`);
    if (received.reply.body !== undefined) formErrors.push(JSON.parse(received.reply.body));
    events.push(...received.events);
    ignored.push(...received.ignored.map(({ reason }) => reason));
    return received.desk ?? [];
  };
  let last: { readonly path: '/events' | '/interactions'; readonly payload: object } | null = null;
  const deliverNew = (path: '/events' | '/interactions', payload: object) => {
    last = { path, payload };
    return deliver(path, payload);
  };

  const messages = async (): Promise<Message[]> => {
    const { messages: cards } = await slack.call('conversations.history', { channel: place, limit: 1000 }, staffToken('marta'));
    return (cards as Message[]).filter(({ user }) => user === BOT).reverse();
  };
  const thread = async (ts: string): Promise<Message[]> => {
    const { messages: all } = await slack.call('conversations.replies', { channel: place, ts }, staffToken('marta'));
    return (all as Message[]).filter((message) => message.ts !== ts);
  };
  const everything = async () => {
    const cards = await messages();
    return [...cards, ...(await Promise.all(cards.map(({ ts }) => thread(ts)))).flat()];
  };
  const whispers = (user?: string) =>
    slack.calls('chat.postEphemeral').filter(({ fields }) => user === undefined || fields['user'] === user);

  const pressOf: OpenSlackDesk['pressOf'] = async (user, ticketId, button, over = {}) => {
    const { trigger_id: trigger } = await slack.call('views.generateTriggerId', { user_id: user }, BOT_TOKEN);
    const shown = await everything();
    const found = shown.flatMap((message) => elementsOf(message.blocks).map((element) => ({ message, element })));
    const whispered = whispers(user).flatMap(({ fields }) => elementsOf(fields['blocks']).map((element) => ({ message: null, element })));
    const isIt = ({ element }: { element: Button }) => nameOf(element) === button && (element.value ?? '').includes(ticketId);
    const pressed = found.find(isIt) ?? whispered.findLast(isIt);
    if (pressed === undefined) throw new Error(`there is no button ${button} of ${ticketId}`);
    return pressPayload(user, place, String(trigger), pressed, over);
  };

  const press: OpenDesk['press'] = async (who, ticketId, button, form = {}) => {
    const user = who.id.replace('slack:', '');
    const opened = slack.calls('views.open').length;
    const asked = await deliverNew('/interactions', await pressOf(user, ticketId, button));
    if (asked.length > 0) return asked;
    for (let waited = 0; slack.calls('views.open').length === opened; waited += 5) {
      if (waited > FORM_WITHIN_MS) throw new Error(`${button} asked for nothing, and opened no form`);
      await sleep(5);
    }
    const view = viewOf(slack.calls('views.open').at(-1)?.fields['view']);
    return deliverNew('/interactions', submission(user, view, form));
  };

  const agentOf = (name: StaffName): Agent => ({ id: `slack:${ids[name]}`, name });
  return {
    slack,
    settings,
    place,
    ids,
    ignored,
    formErrors,
    deliver,
    pressOf,
    desk: deskOf(channel),
    marta: agentOf('marta'),
    luis: agentOf('luis'),
    async shown() {
      const cards = await messages();
      return Promise.all(
        cards.map(async (card): Promise<ShownCase> => ({
          place: `${place}:${card.ts}`,
          card: lineOf(card),
          thread: (await thread(card.ts)).map(lineOf),
        })),
      );
    },
    told: (who) =>
      Promise.resolve(whispers(who.id.replace('slack:', '')).map(({ fields }) => lineOf({ ts: '', user: BOT, ...fields }).text)),
    press,
    async write(who, ticketId, text) {
      const card = (await messages()).find(({ blocks }) => JSON.stringify(blocks).includes(ticketId));
      const name = STAFF.find((one) => agentOf(one).id === who.id) ?? 'olga';
      const { ts } = await slack.call('chat.postMessage', { channel: place, thread_ts: card?.ts, text }, staffToken(name));
      return deliverNew('/events', eventEnvelope(threadMessage(ids[name], place, String(ts), card?.ts ?? '', text)));
    },
    again: () => (last === null ? Promise.resolve([]) : deliver(last.path, last.payload)),
    async fromOutside(ticketId) {
      const card = (await messages())[0]?.ts ?? '';
      const foreigner = { ...threadMessage('U0FOREIGN1', place, '1900000000.000100', card, 'hola'), user_team: 'T0FOREIGN1' };
      const note = submission(ids.olga, viewOf(NOTE_FORM(ticketId, place)), { text: 'hola' });
      return [
        await deliver('/interactions', await pressOf(ids.olga, ticketId, 'suggest')),
        await deliver('/interactions', await pressOf(ids.luis, ticketId, 'suggest', { channel: { id: 'C000000001', name: 'general' } })),
        await deliver('/interactions', await pressOf(ids.luis, ticketId, 'suggest', { user: { id: ids.luis, team_id: 'T0FOREIGN1' } })),
        await deliver('/interactions', note),
        await deliver('/events', eventEnvelope(foreigner)),
        await deliver('/events', eventEnvelope(threadMessage(ids.luis, place, '1900000000.000200', '1900000000.000200', 'no es un caso'))),
      ];
    },
    customersEvents: () => events,
    async mischief() {
      const shown = [...(await everything()), ...whispers().map(({ fields }) => fields)];
      return shown.flatMap(({ text, blocks }) => [
        ...marksIn(typeof text === 'string' ? text : ''),
        ...blocksOf(blocks).flatMap(mischiefIn),
      ]);
    },
    failNext: (how) => Promise.resolve(slack.fail(FAILURES[how])),
    looksUp: true,
    async close() {
      await stop?.();
      await slack.close();
    },
  };
}

function deskOf({ desk }: ReturnType<typeof createSlackChannel>): OpenDesk['desk'] {
  if (desk === undefined) throw new Error('the channel has no desk');
  return desk;
}

async function staffOf(slack: SlackEmulator): Promise<Record<StaffName, string>> {
  const { members } = await slack.call('users.list', {}, staffToken('marta'));
  const idOf = (name: StaffName) => (members as { name: string; id: string }[]).find((member) => member.name === name)?.id ?? '';
  return { marta: idOf('marta'), luis: idOf('luis'), olga: idOf('olga') };
}

async function deskChannel(slack: SlackEmulator, { luis }: Record<StaffName, string>): Promise<string> {
  const { channel } = await slack.call('conversations.create', { name: 'casos', is_private: true }, staffToken('marta'));
  const { id } = channel as { id: string };
  await slack.call('conversations.invite', { channel: id, users: `${luis},${BOT}` }, staffToken('marta'));
  return id;
}

type Button = Extract<Extract<WireBlock, { type: 'actions' }>['elements'][number], { type: 'button' }>;

const elementsOf = (blocks: unknown): Button[] =>
  blocksOf(blocks)
    .flatMap((block) => (block.type === 'actions' ? block.elements : []))
    .filter((element) => element.type === 'button');

/** By its command, with the number of the event that it is about: `undo:7`. */
function nameOf({ action_id: id, value = '' }: Button): string {
  const seq = /^T-[0-9A-Z]+:(\d+)$/.exec(value)?.[1];
  return id.replace('desk:', '') + (seq === undefined ? '' : `:${seq}`);
}

function lineOf({ text = '', blocks, files = [], reactions = [] }: Message): ShownLine {
  const shown = blocksOf(blocks);
  const words = shown.map((block) =>
    block.type === 'context' ? block.elements.map((element) => plain(element.text)).join('\n') : textOf(block),
  );
  const marks = reactions.map(({ name = '' }) => `:${name}:`);
  return {
    text: [shown.length === 0 ? plain(text) : words.filter(Boolean).join('\n'), ...marks].join('\n'),
    buttons: elementsOf(blocks).map(nameOf),
    files: files.map(({ name }) => name),
  };
}

const marksIn = (text: string): string[] => text.match(/<[^<>]*>/g) ?? [];

function mischiefIn(block: WireBlock): string[] {
  if (block.type === 'rich_text') {
    return block.elements.flatMap(({ elements }) =>
      elements.filter(({ type }) => type === 'user' || type === 'link').map((one) => JSON.stringify(one)),
    );
  }
  if (block.type === 'section')
    return [block.text, ...(block.fields ?? [])].flatMap((text) => (text?.type === 'mrkdwn' ? marksIn(text.text) : []));
  return block.type === 'context' ? block.elements.flatMap(({ text }) => marksIn(text)) : [];
}

const threadMessage = (user: string, channel: string, ts: string, threadTs: string, text: string): object => ({
  client_msg_id: `00000000-0000-4000-8000-${ts.replace(/\D/g, '').slice(-12)}`,
  type: 'message',
  text,
  user,
  ts,
  team: TEAM,
  blocks: [{ type: 'rich_text', block_id: 'b1', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }] }],
  thread_ts: threadTs,
  parent_user_id: BOT,
  channel,
  event_ts: ts,
  channel_type: 'group',
});

let presses = 0;

function pressPayload(
  user: string,
  channel: string,
  trigger: string,
  { message, element }: { message: Message | null; element: Button },
  over: object,
): object {
  presses += 1;
  const ts = message?.ts ?? '1900000000.000001';
  const threadTs = message?.thread_ts;
  const inThread = threadTs === undefined ? {} : { thread_ts: threadTs };
  return {
    type: 'block_actions',
    user: { id: user, username: 'someone', name: 'someone', team_id: TEAM },
    api_app_id: 'A0PARLEY01',
    token: 'verification-token',
    container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: message === null, ...inThread },
    trigger_id: trigger,
    team: { id: TEAM, domain: 'emulate' },
    enterprise: null,
    is_enterprise_install: false,
    channel: { id: channel, name: 'privategroup' },
    ...(message === null ? {} : { message: { user: BOT, type: 'message', ts, text: '', ...inThread } }),
    state: { values: {} },
    response_url: 'https://hooks.slack.com/actions/T000000001/1/x',
    actions: [{ ...element, block_id: 'b', action_ts: `${1_800_000_000 + presses}.000100` }],
    ...over,
  };
}

const NOTE_FORM = (ticket: string, channel: string): object => ({
  type: 'modal',
  title: { type: 'plain_text', text: 'Nota' },
  submit: { type: 'plain_text', text: 'Guardar' },
  callback_id: 'desk:note',
  private_metadata: JSON.stringify({ ticket, channel, thread: null }),
  blocks: [],
});

let views = 0;

/** What Slack posts when the form is submitted: what was filled in, and elsewhere what the form began with. */
function submission(user: string, view: WireView, { text, reason, to }: DeskForm): object {
  views += 1;
  const values: Record<string, Record<string, object>> = {
    ...(view.blocks.length === 0 ? { text: { text: { type: 'plain_text_input', value: text } } } : {}),
  };
  for (const block of view.blocks) {
    if (block.type !== 'input') continue;
    const { element, block_id: id = '' } = block;
    values[id] = { [element.action_id]: { type: element.type, ...filled(element) } };
  }
  return {
    type: 'view_submission',
    team: { id: TEAM, domain: 'emulate' },
    user: { id: user, username: 'someone', name: 'someone', team_id: TEAM },
    api_app_id: 'A0PARLEY01',
    token: 'verification-token',
    trigger_id: 'x',
    view: { ...view, id: `V${views}`, team_id: TEAM, hash: '1.x', previous_view_id: null, root_view_id: `V${views}`, state: { values } },
    response_urls: [],
    is_enterprise_install: false,
    enterprise: null,
  };

  function filled(element: Extract<WireView['blocks'][number], { type: 'input' }>['element']): object {
    switch (element.type) {
      case 'plain_text_input':
        return { value: text ?? element.initial_value ?? null };
      case 'static_select':
        return { selected_option: element.options.find(({ value }) => value === reason) ?? element.initial_option ?? null };
      case 'users_select':
        return { selected_user: to?.id.replace('slack:', '') ?? null };
      case 'file_input':
        return { files: [] };
    }
  }
}

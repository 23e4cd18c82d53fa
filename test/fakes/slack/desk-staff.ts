/** Staff in the emulator's workspace: they see the desk's channel, press, fill in forms and write, and Slack tells of it as it would. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeskForm, ShownCase, ShownLine } from '../../contract/desk-suite.js';
import type { SlackEmulator } from './emulator.js';
import { blocksOf, viewOf, type WireBlock, type WireView } from './limits.js';
import { plain, textOf, type StoredMessage } from './shown.js';
import { BOT, BOT_TOKEN, eventEnvelope, staffToken, TEAM, type StaffName } from './workspace.js';

/** Far more than it takes; Slack itself gives 3 s. */
const FORM_WITHIN_MS = 60_000;
/** Buttons that open one. */
const OPENS_FORM = /^(reply|note|assign|return-to-bot|resolve|insert:\d+)$/;

interface Message extends StoredMessage {
  readonly thread_ts?: string;
}

/** What the press of a button tells, as far as it is looked at here. */
export interface Press {
  /** By it the form behind the button is opened. */
  readonly trigger_id: string;
  readonly actions: readonly object[];
  readonly [field: string]: unknown;
}

/** Brings what Slack tells to the service; what was made of it, where that can be seen. */
export type Deliver<Made> = (path: '/events' | '/interactions', payload: object) => Promise<Made>;

export interface SlackStaff<Made> {
  /** The desk's channel. */
  readonly place: string;
  /** By their names at the workspace. */
  readonly ids: Readonly<Record<StaffName, string>>;
  /** In the order in which they were posted. */
  readonly shown: () => Promise<ShownCase[]>;
  /** The case whose card names it, the last where there are several; without looking at the others. */
  readonly caseOf: (ticketId: string) => Promise<ShownCase | null>;
  /** What this user alone was told. */
  told(user: string): string[];
  /** What the press of a button tells, of a card or of a message in its thread. */
  readonly pressOf: (user: string, ticketId: string, button: string, over?: object) => Promise<Press>;
  /** Presses, and fills in and submits the form where there is one. */
  press(user: string, ticketId: string, button: string, form?: DeskForm): Promise<Made>;
  write(name: StaffName, ticketId: string, text: string): Promise<Made>;
  /** What Slack would act on in what is shown. */
  readonly mischief: () => Promise<string[]>;
}

/** Marta makes the channel, with Luis and the bot in it. */
export async function openDeskChannel(slack: SlackEmulator): Promise<Pick<SlackStaff<unknown>, 'place' | 'ids'>> {
  const { members } = await slack.call('users.list', {}, staffToken('marta'));
  const idOf = (name: StaffName) => (members as { name: string; id: string }[]).find((member) => member.name === name)?.id ?? '';
  const ids = { marta: idOf('marta'), luis: idOf('luis'), olga: idOf('olga') };
  const { channel } = await slack.call('conversations.create', { name: 'casos', is_private: true }, staffToken('marta'));
  const { id: place } = channel as { id: string };
  await slack.call('conversations.invite', { channel: place, users: `${ids.luis},${BOT}` }, staffToken('marta'));
  return { place, ids };
}

export function createSlackStaff<Made>(
  slack: SlackEmulator,
  { place, ids }: Pick<SlackStaff<unknown>, 'place' | 'ids'>,
  deliver: Deliver<Made>,
): SlackStaff<Made> {
  const cards = async (): Promise<Message[]> => {
    const { messages } = await slack.call('conversations.history', { channel: place, limit: 1000 }, staffToken('marta'));
    return (messages as Message[]).filter(({ user }) => user === BOT).reverse();
  };
  const thread = async (ts: string): Promise<Message[]> => {
    const { messages } = await slack.call('conversations.replies', { channel: place, ts }, staffToken('marta'));
    return (messages as Message[]).filter((message) => message.ts !== ts);
  };
  const shownCase = async (card: Message): Promise<ShownCase> => ({
    place: `${place}:${card.ts}`,
    card: lineOf(card),
    thread: (await thread(card.ts)).map(lineOf),
  });
  const ofCase = async (ticketId: string): Promise<Message[]> => {
    const own = (await cards()).filter(({ blocks }) => JSON.stringify(blocks).includes(ticketId));
    return [...own, ...(await Promise.all(own.map(({ ts }) => thread(ts)))).flat()];
  };
  const whispers = (user?: string) =>
    slack.calls('chat.postEphemeral').filter(({ fields }) => user === undefined || fields['user'] === user);

  const pressOf: SlackStaff<Made>['pressOf'] = async (user, ticketId, button, over = {}) => {
    const { trigger_id: trigger } = await slack.call('views.generateTriggerId', { user_id: user }, BOT_TOKEN);
    const found = (await ofCase(ticketId)).flatMap((message) => elementsOf(message.blocks).map((element) => ({ message, element })));
    const whispered = whispers(user).flatMap(({ fields }) => elementsOf(fields['blocks']).map((element) => ({ message: null, element })));
    const isIt = ({ element }: { element: Button }) => nameOf(element) === button && (element.value ?? '').includes(ticketId);
    const pressed = found.find(isIt) ?? whispered.findLast(isIt);
    if (pressed === undefined) throw new Error(`there is no button ${button} of ${ticketId}`);
    return pressPayload(user, place, String(trigger), pressed, over);
  };

  return {
    place,
    ids,
    pressOf,
    shown: async () => Promise.all((await cards()).map(shownCase)),
    async caseOf(ticketId) {
      const card = (await cards()).findLast(({ blocks }) => JSON.stringify(blocks).includes(ticketId));
      return card === undefined ? null : shownCase(card);
    },
    told: (user) => whispers(user).map(({ fields }) => lineOf({ ts: '', user: BOT, ...fields }).text),
    async press(user, ticketId, button, form = {}) {
      const payload = await pressOf(user, ticketId, button);
      const made = await deliver('/interactions', payload);
      const view = await formBehind(slack, payload, button);
      return view === null ? made : deliver('/interactions', submission(user, view, form));
    },
    async write(name, ticketId, text) {
      const [card] = await ofCase(ticketId);
      const { ts } = await slack.call('chat.postMessage', { channel: place, thread_ts: card?.ts, text }, staffToken(name));
      return deliver('/events', eventEnvelope(threadMessage(ids[name], place, String(ts), card?.ts ?? '', text)));
    },
    async mischief() {
      const all = await cards();
      const inThreads = await Promise.all(all.map(({ ts }) => thread(ts)));
      const shown = [...all, ...inThreads.flat(), ...whispers().map(({ fields }) => fields)];
      return shown.flatMap(({ text, blocks }) => [
        ...marksIn(typeof text === 'string' ? text : ''),
        ...blocksOf(blocks).flatMap(mischiefIn),
      ]);
    },
  };
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

export const threadMessage = (user: string, channel: string, ts: string, threadTs: string, text: string): object => ({
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
): Press {
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

export const noteForm = (ticket: string, channel: string): object => ({
  type: 'modal',
  title: { type: 'plain_text', text: 'Nota' },
  submit: { type: 'plain_text', text: 'Guardar' },
  callback_id: 'desk:note',
  private_metadata: JSON.stringify({ ticket, channel, thread: null }),
  blocks: [],
});

/** The form that this press opens, and no other that is opened meanwhile; null: its button has none. */
export async function formBehind(slack: SlackEmulator, { trigger_id: trigger }: Press, button: string): Promise<WireView | null> {
  if (!OPENS_FORM.test(button)) return null;
  for (const began = Date.now(); Date.now() - began < FORM_WITHIN_MS; await sleep(5)) {
    const opened = slack.calls('views.open').findLast(({ fields }) => fields['trigger_id'] === trigger);
    if (opened !== undefined) return viewOf(opened.fields['view']);
  }
  throw new Error(`${button} opened no form`);
}

let views = 0;

/** What Slack posts when the form is submitted: what was filled in, and elsewhere what the form began with. */
export function submission(user: string, view: WireView, { text, reason, to }: DeskForm): object {
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

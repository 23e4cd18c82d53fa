/** The desk in Teams in front of the emulated platform, as the contract of desks needs it: people press, fill in and write as their client does. */
import { createTeamsChannel } from '../../../channels/teams/index.js';
import { parse } from 'node-html-parser';
import type { Channel, Received } from '../../../src/domain/channel.js';
import type { Desk, DeskAnswer, DeskRequest } from '../../../src/domain/desk.js';
import type { InboundEvent } from '../../../src/domain/message.js';
import type { Agent } from '../../../src/domain/ticket.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import type { DeskForm, OpenDesk, ShownLine } from '../../contract/desk-suite.js';
import { messageActivity } from './activities.js';
import { settingsFor } from './harness.js';
import { startTeamsPlatform, TENANT_ID, type TeamMember, type TeamsPlatform } from './platform.js';
import { shownOf, type WireActivity } from './shown.js';

export const DESK_CHANNEL = '19:bc1ff1b5f3e0488cb3d8e4b2a1a0c4d7@thread.tacv2';
export const MARTA: TeamMember = { id: '29:marta', name: 'Marta Ruiz', aadObjectId: 'a5b1d4c2-0000-4000-8000-000000000001' };
export const LUIS: TeamMember = { id: '29:luis', name: 'Luis Gil', aadObjectId: 'a5b1d4c2-0000-4000-8000-000000000002' };
export const agentOf = ({ aadObjectId, name }: TeamMember): Agent => ({ id: `teams:${aadObjectId}`, name });

export interface CardAction {
  readonly type: string;
  readonly id?: string;
  readonly data?: Record<string, unknown>;
  readonly card?: { readonly body: readonly Input[]; readonly actions: readonly CardAction[] };
}

interface Input {
  readonly type: string;
  readonly id?: string;
  readonly value?: string;
  readonly choices?: readonly { readonly value: string }[];
}

export interface Card {
  readonly body: readonly Input[];
  readonly actions?: readonly CardAction[];
}

export const cardIn = (activity: WireActivity): Card | null => {
  const found = activity.attachments?.find(({ contentType }) => contentType === 'application/vnd.microsoft.card.adaptive');
  return found === undefined ? null : (found.content as Card);
};

/** The name of the command that an action of a card leads to; links have none. */
export const commandOf = ({ data, card }: CardAction): string | null => {
  const given = data?.['parleyDesk'] ?? card?.actions[0]?.data?.['parleyDesk'];
  return typeof given === 'string' ? given : null;
};

export const lineOf = (activity: WireActivity): ShownLine => {
  const buttons = (cardIn(activity)?.actions ?? []).flatMap((action) => commandOf(action) ?? []);
  const { text, files } = shownOf(activity);
  return { text, files, buttons };
};

const logger = createLogger({ level: 'silent' });

export async function openTeamsDesk(): Promise<OpenDesk> {
  const platform = await startTeamsPlatform();
  platform.team.push(MARTA, LUIS);
  const channel = createTeamsChannel({ ...settingsFor(platform), desk: { conversation: DESK_CHANNEL, language: 'es' } }, logger);
  const desk = channel.desk;
  if (desk === undefined) throw new Error('there is no desk');
  const people = new Map([MARTA, LUIS].map((member) => [agentOf(member).id, member]));
  const state: State = {
    platform,
    channel,
    customers: [],
    pending: new Map(),
    told: new Map(),
    written: new Map(),
    cards: new Map(),
    last: null,
  };
  const personOf = ({ id }: Agent) => people.get(id) ?? MARTA;

  return {
    desk: answering(desk, state),
    marta: agentOf(MARTA),
    luis: agentOf(LUIS),
    shown: async () =>
      threadsOf(platform).map((place) => {
        const [root, ...thread] = [...platform.messagesById(place)];
        const lines = thread.map(([, activity]) => lineOf(activity));
        return { place, card: lineOf(root?.[1] ?? { type: 'message' }), thread: [...lines, ...(state.written.get(place) ?? [])] };
      }),
    told: async (who) => {
      const inChat = platform.messages(`a:chat-with-${personOf(who).id}`).map((activity) => shownOf(activity).text);
      return [...(state.told.get(who.id) ?? []), ...inChat];
    },
    press: async (who, ticketId, button, form = {}) => press(state, personOf(who), { ticketId, button, form }),
    write: async (who, ticketId, text) => {
      const place = placeOf(platform, ticketId);
      const mine = state.written.get(place) ?? [];
      state.written.set(place, [...mine, { text, buttons: [], files: [] }]);
      return post(state, typed(platform, personOf(who), place, text));
    },
    again: () => (state.last === null ? Promise.reject(new Error('nothing was done yet')) : post(state, state.last)),
    fromOutside: async (ticketId) => {
      const place = placeOf(platform, ticketId);
      const pressed = execute(platform, MARTA, place, { parleyDesk: 'claim', ticket: ticketId });
      const bot = { id: '28:another-bot', name: 'Otro' };
      const elsewhere = { conversationType: 'channel', tenantId: TENANT_ID, id: '19:other@thread.tacv2;messageid=1700000000001' };
      const foreign = { conversationType: 'channel', tenantId: '00000000-0000-4000-8000-000000000000', id: place };
      const outside = [
        { ...pressed, conversation: elsewhere },
        { ...pressed, conversation: { conversationType: 'personal', tenantId: TENANT_ID, id: 'a:chat' } },
        { ...messageActivity(platform.serviceUrl, '', { value: { parleyDesk: 'claim', ticket: ticketId } }), conversation: elsewhere },
        { ...pressed, conversation: foreign },
        { ...pressed, from: bot },
        { ...typed(platform, MARTA, place, 'hola'), from: bot },
        typed(platform, MARTA, DESK_CHANNEL, 'hola, canal'),
      ];
      return Promise.all(outside.map((activity) => post(state, activity)));
    },
    customersEvents: () => state.customers,
    mischief: async () => threadsOf(platform).flatMap((place) => platform.messages(place).flatMap(mischiefIn)),
    failNext: async (how) => {
      if (how === 'cut') platform.failNext({ kind: 'cut', taken: true });
      else if (how === 'unavailable') platform.failNext({ kind: 'answer', status: 503, code: 'ServiceUnavailable' });
      else platform.failNext({ kind: 'answer', status: 429, code: 'TooManyRequests', retryAfter: 3 });
    },
    looksUp: false,
    close: () => platform.close(),
  };
}

interface State {
  readonly platform: TeamsPlatform;
  readonly channel: Channel;
  readonly customers: InboundEvent[];
  /** Presses that wait for their reply, by actionId. */
  readonly pending: Map<string, { readonly who: string; readonly replyWith: NonNullable<Received['replyWith']> }>;
  readonly told: Map<string, string[]>;
  /** What staff wrote themselves, by thread. */
  readonly written: Map<string, ShownLine[]>;
  /** Cards that a person alone is shown, by person and case. */
  readonly cards: Map<string, Card>;
  last: object | null;
}

const threadsOf = (platform: TeamsPlatform) => platform.begun.filter((id) => id.startsWith(DESK_CHANNEL));

/** The thread whose card names the case. */
function placeOf(platform: TeamsPlatform, ticketId: string): string {
  const place = threadsOf(platform).find((thread) => lineOf(platform.messages(thread)[0] ?? { type: 'message' }).text.includes(ticketId));
  if (place === undefined) throw new Error(`no card shows ${ticketId}`);
  return place;
}

/** The core hands the answer over before the reply goes out; the client of Teams then shows it to whoever pressed. */
const answering = (desk: Desk, state: State): Desk => ({
  name: desk.name,
  show: (view, memory) => desk.show(view, memory),
  answer: async (request, answer) => {
    await desk.answer(request, answer);
    const waiting = state.pending.get(request.actionId);
    if (waiting !== undefined) tell(state, waiting, request, answer);
  },
});

function tell(
  state: State,
  { who, replyWith }: { who: string; replyWith: NonNullable<Received['replyWith']> },
  request: DeskRequest,
  answer: DeskAnswer,
) {
  const { type, value } = JSON.parse(replyWith([answer]).body ?? '{}') as { type: string; value: unknown };
  const told = state.told.get(who) ?? [];
  state.told.set(who, told);
  if (type === 'application/vnd.microsoft.activity.message') return void told.push(String(value));
  const card = value as Card;
  const texts = card.body.map((element) => JSON.stringify(element));
  told.push(texts.join('\n'));
  if ('ticketId' in request.about) state.cards.set(`${who}:${request.about.ticketId}`, card);
}

function press(state: State, who: TeamMember, { ticketId, button, form }: { ticketId: string; button: string; form: DeskForm }) {
  const { platform } = state;
  const place = placeOf(platform, ticketId);
  const alone = state.cards.get(`${agentOf(who).id}:${ticketId}`);
  const cards = [...platform.messages(place).flatMap((activity) => cardIn(activity) ?? []), ...(alone === undefined ? [] : [alone])];
  for (const card of cards.reverse()) {
    const action = card.actions?.find((one) => commandOf(one) === button);
    if (action === undefined) continue;
    const inputs = action.card?.body ?? card.body;
    const data = action.card?.actions[0]?.data ?? action.data ?? {};
    return post(state, execute(platform, who, place, { ...data, ...filled(inputs, button, form) }));
  }
  return Promise.reject(new Error(`nobody can press ${button} of ${ticketId}`));
}

/** What the client sends of the inputs: what was filled in, else what stood there. */
export function filled(inputs: readonly Input[], button: string, { text, reason, to }: DeskForm): Record<string, string> {
  const values = inputs.flatMap(({ type, id = '', value = '', choices = [] }): (readonly [string, string])[] => {
    if (type === 'Input.Text') {
      const index = /^insert-(\d+)-text$/.exec(id)?.[1];
      const isMeant = index === undefined || button === `insert:${index}`;
      return [[id, isMeant ? (text ?? value) : value]];
    }
    if (type !== 'Input.ChoiceSet') return [];
    const wanted = reason ?? to?.id;
    return [
      [
        id,
        choices.find((choice) => wanted !== undefined && (choice.value === wanted || choice.value.startsWith(`${wanted}|`)))?.value ??
          value,
      ],
    ];
  });
  return Object.fromEntries(values);
}

let activities = 0;

/** What Teams posts when somebody presses an `Action.Execute`. */
export function execute(platform: TeamsPlatform, who: TeamMember, place: string, data: object): Record<string, unknown> {
  activities += 1;
  return {
    ...messageActivity(platform.serviceUrl, ''),
    type: 'invoke',
    name: 'adaptiveCard/action',
    id: `f:${activities}`,
    from: who,
    conversation: { isGroup: true, conversationType: 'channel', tenantId: TENANT_ID, id: place },
    replyToId: '1700000000000',
    value: { action: { type: 'Action.Execute', id: 'x', verb: 'parleyDesk', data }, trigger: 'manual' },
  };
}

/** A message in a thread, in which the bot is mentioned. */
export function typed(platform: TeamsPlatform, who: TeamMember, place: string, text: string): Record<string, unknown> {
  const activity = messageActivity(platform.serviceUrl, `<at>Parley</at> ${text}`);
  const mention = { type: 'mention', text: '<at>Parley</at>', mentioned: activity['recipient'] };
  return {
    ...activity,
    from: who,
    conversation: { isGroup: true, conversationType: 'channel', tenantId: TENANT_ID, id: place },
    entities: [mention],
  };
}

async function post(state: State, activity: object): Promise<readonly DeskRequest[]> {
  const { platform, channel } = state;
  state.last = activity;
  const headers = { 'content-type': 'application/json', authorization: platform.authorize() };
  const received = await channel.receive?.({ method: 'POST', url: '/', headers, body: Buffer.from(JSON.stringify(activity)) });
  if (received === undefined || received.reply.status !== 200) throw new Error(`the channel answered ${received?.reply.status}`);
  state.customers.push(...received.events);
  const { desk = [], replyWith } = received;
  for (const { actionId, agent } of desk) if (replyWith !== undefined) state.pending.set(actionId, { who: agent.id, replyWith });
  return desk;
}

/** What Teams would act on: elements of HTML beyond those that the desk writes, links and pictures in a card's markdown, mentions. */
function mischiefIn(activity: WireActivity & { readonly entities?: unknown }): string[] {
  const html = parse(activity.text ?? '')
    .querySelectorAll('*')
    .map(({ rawTagName }) => rawTagName)
    .filter((tag) => !['b', 'i', 'br', 'blockquote'].includes(tag));
  const links = stringsIn(cardIn(activity)?.body ?? []).filter((text) => /\]\(|<\/?at\b/i.test(text.replace(/\\./g, '')));
  return [...html, ...links, ...(JSON.stringify(activity).includes('"mention"') ? ['mention'] : [])];
}

const stringsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
};

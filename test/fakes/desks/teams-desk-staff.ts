/** Staff in the desk's channel of the emulated Teams, in front of a running service: their client posts what they do, and shows what the reply tells them. */
import type { Agent } from '../../../src/domain/ticket.js';
import { agentOf, cardIn, commandOf, DESK_CHANNEL, execute, filled, lineOf, LUIS, MARTA, typed, type Card } from '../teams/desk-harness.js';
import { APP_ID, APP_PASSWORD, startTeamsPlatform, TENANT_ID, type TeamMember, type TeamsPlatform } from '../teams/platform.js';
import { arrival, type DeskStaff } from './desk-staff.js';

export interface TeamsDeskStaff extends DeskStaff {
  readonly platform: TeamsPlatform;
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

interface Desk {
  readonly platform: TeamsPlatform;
  readonly post: (activity: object) => Promise<string>;
  readonly told: Map<string, string[]>;
  /** Cards that a person alone is shown, by person and case. */
  readonly alone: Map<string, Card>;
  /** What staff wrote themselves, by thread. */
  readonly written: Map<string, string[]>;
}

/** @param urlOf the service's address, which another start changes */
export async function openTeamsStaff(urlOf: () => string): Promise<TeamsDeskStaff> {
  const platform = await startTeamsPlatform();
  platform.team.push(MARTA, LUIS);
  const post = async (activity: object): Promise<string> => {
    const response = await platform.post(`${urlOf()}/api/messages`, activity);
    if (!response.ok) throw new Error(`the service answered Teams ${response.status}`);
    return response.text();
  };
  const desk: Desk = { platform, post, told: new Map(), alone: new Map(), written: new Map() };
  return {
    name: 'teams',
    platform,
    environment: {
      MICROSOFT_APP_ID: APP_ID,
      MICROSOFT_APP_PASSWORD: APP_PASSWORD,
      MICROSOFT_APP_TENANT_ID: TENANT_ID,
      TEAMS_SERVICE_URLS: platform.globalUrl,
      TEAMS_OPENID_METADATA: platform.openIdMetadata,
      TEAMS_LOGIN_URL: platform.url,
      TEAMS_DESK_CONVERSATION: DESK_CHANNEL,
    },
    marta: agentOf(MARTA),
    luis: agentOf(LUIS),
    async shown(ticketId) {
      const place = placeOf(desk, ticketId);
      if (place === null) return null;
      const [card = { text: '', buttons: [], files: [] }, ...thread] = platform.messages(place).map(lineOf);
      const own = (desk.written.get(place) ?? []).map((text) => ({ text, buttons: [], files: [] }));
      return { place, card, thread: [...thread, ...own] };
    },
    told: async (who) => [
      ...(desk.told.get(who.id) ?? []),
      ...platform.messages(`a:chat-with-${personOf(who).id}`).map((activity) => lineOf(activity).text),
    ],
    finger: async (who, ticketId, button, form = {}) => {
      const activity = pressOf(desk, who, ticketId, { button, form });
      return () => perform(desk, who, ticketId, activity);
    },
    line: async (who, ticketId, text) => typeLine(desk, who, ticketId, text),
    replyWithFile: (who, ticketId, { name, contentType, bytes }) =>
      typeLine(desk, who, ticketId, '/r', [{ contentType, contentUrl: platform.addFile(bytes), name }])(),
    lookOut: async (text) => ({ at: given(platform, text) }),
    setDown: (down) => platform.setDown(down ? DESK_CHANNEL : null),
    async deleteCard(ticketId) {
      const place = placeOf(desk, ticketId) ?? '';
      platform.deleteMessage(place, [...platform.messagesById(place).keys()][0] ?? '');
    },
    // Teams tells bots of no deletion in channels without the permission to hear all.
    deleteTyped: null,
    leave: null,
    mischief: (ticketId) => mischief(desk, ticketId),
    close: () => platform.close(),
  };
}

const personOf = ({ id }: Agent): TeamMember => (id === agentOf(LUIS).id ? LUIS : MARTA);

/** The last thread that begins with a card of the case. */
function placeOf({ platform }: Desk, ticketId: string): string | null {
  const threads = platform.begun.filter((id) => id.startsWith(DESK_CHANNEL));
  const [of] = [(place: string) => platform.messages(place)[0]];
  return threads.findLast((place) => lineOf(of(place) ?? { type: 'message' }).text.includes(ticketId)) ?? null;
}

interface Pressed {
  readonly button: string;
  readonly form: Parameters<typeof filled>[2];
}

function pressOf({ platform, alone, ...desk }: Desk, who: Agent, ticketId: string, { button, form }: Pressed): object {
  const place = placeOf({ platform, alone, ...desk }, ticketId) ?? '';
  const own = alone.get(`${who.id}:${ticketId}`);
  const cards = [...platform.messages(place).flatMap((activity) => cardIn(activity) ?? []), ...(own === undefined ? [] : [own])];
  for (const card of cards.reverse()) {
    const action = card.actions?.find((one) => commandOf(one) === button);
    if (action === undefined) continue;
    const data = action.card?.actions[0]?.data ?? action.data ?? {};
    return execute(platform, personOf(who), place, { ...data, ...filled(action.card?.body ?? card.body, button, form) });
  }
  throw new Error(`nobody can press ${button} of ${ticketId} in Teams`);
}

async function perform({ post, told, alone }: Desk, who: Agent, ticketId: string, activity: object): Promise<void> {
  const { type, value } = JSON.parse((await post(activity)) || '{}') as { type?: string; value?: unknown };
  const mine = told.get(who.id) ?? [];
  told.set(who.id, mine);
  if (type === 'application/vnd.microsoft.activity.message') mine.push(String(value));
  else if (type === 'application/vnd.microsoft.card.adaptive') {
    mine.push(JSON.stringify(value));
    alone.set(`${who.id}:${ticketId}`, value as Card);
  }
}

function typeLine(desk: Desk, who: Agent, ticketId: string, text: string, attachments: readonly object[] = []): () => Promise<void> {
  const place = placeOf(desk, ticketId) ?? '';
  desk.written.set(place, [...(desk.written.get(place) ?? []), text]);
  const activity = { ...typed(desk.platform, personOf(who), place, text), attachments };
  return async () => void (await desk.post(activity));
}

function given({ calls }: TeamsPlatform, text: string): Promise<number> {
  let looked = calls.length;
  return arrival(() => {
    const made = calls.slice(looked);
    looked += made.length;
    return made.some(({ activity }) => JSON.stringify(activity).includes(text));
  });
}

async function mischief(desk: Desk, ticketId: string): Promise<void> {
  const { platform, post } = desk;
  const place = placeOf(desk, ticketId) ?? '';
  const bot = { id: '28:another-bot', name: 'Otro' };
  const pressed = (data: object) => execute(platform, MARTA, place, data);
  for (const data of [
    { parleyDesk: 'explode', ticket: ticketId },
    { parleyDesk: 'claim', ticket: `${ticketId}'; drop` },
    { parleyDesk: 'undo:999999999', ticket: ticketId },
    { parleyDesk: 'resolve', ticket: 'T-00000000' },
    { parleyDesk: 'assign', ticket: ticketId, 'assign-to': 'slack:U1|Otro' },
  ])
    await post(pressed(data));
  await post({ ...pressed({ parleyDesk: 'claim', ticket: ticketId }), from: bot });
  await post({ ...typed(platform, MARTA, place, '/r soy otro bot'), from: bot });
}

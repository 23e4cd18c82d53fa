/** Staff in the desk's channel of the emulated Slack, in front of a running service. */
import type { Agent } from '../../../src/domain/ticket.js';
import { createSlackStaff, formBehind, openDeskChannel, submission, threadMessage, type SlackStaff } from '../slack/desk-staff.js';
import { startSlackEmulator, type SlackEmulator } from '../slack/emulator.js';
import {
  BOT,
  BOT_TOKEN,
  eventEnvelope,
  eventRequest,
  interactionRequest,
  post,
  SIGNING_SECRET,
  STAFF,
  staffToken,
  TEAM,
  type StaffName,
} from '../slack/workspace.js';
import { arrival, type DeskFile, type DeskStaff } from './desk-staff.js';

export interface SlackDeskStaff extends DeskStaff {
  /** What the service is configured with. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

interface Desk {
  readonly slack: SlackEmulator;
  readonly staff: SlackStaff<void>;
  readonly deliver: (path: '/events' | '/interactions', payload: object) => Promise<void>;
  /** The last line that each typed, by person and case. */
  readonly typed: Map<string, { readonly ts: string; readonly threadTs: string; readonly text: string }>;
}

/** @param urlOf the service's address, which another start changes */
export async function openSlackStaff(urlOf: () => string): Promise<SlackDeskStaff> {
  const slack = await startSlackEmulator();
  const at = await openDeskChannel(slack);
  const deliver: Desk['deliver'] = async (path, payload) => {
    const request = path === '/events' ? eventRequest(payload) : interactionRequest(payload);
    const { status } = await post(request, `${urlOf()}/webhooks/slack`);
    if (status !== 200) throw new Error(`the service answered Slack ${status}`);
  };
  const staff = createSlackStaff(slack, at, deliver);
  const desk: Desk = { slack, staff, deliver, typed: new Map() };
  const agentOf = (name: StaffName): Agent => ({ id: `slack:${at.ids[name]}`, name });
  return {
    name: 'slack',
    environment: {
      SLACK_BOT_TOKEN: BOT_TOKEN,
      SLACK_API_URL: slack.apiUrl,
      SLACK_SIGNING_SECRET: SIGNING_SECRET,
      SLACK_DESK_CHANNEL: at.place,
    },
    marta: agentOf('marta'),
    luis: agentOf('luis'),
    shown: staff.caseOf,
    told: async (who) => staff.told(userOf(who)),
    async finger(who, ticketId, button, form = {}) {
      const payload = await staff.pressOf(userOf(who), ticketId, button);
      return async () => {
        await deliver('/interactions', payload);
        const view = await formBehind(slack, payload, button);
        if (view !== null) await deliver('/interactions', submission(userOf(who), view, form));
      };
    },
    // A line that begins with a slash would be Slack's own command.
    line: (who, ticketId, text) => typeLine(desk, who, ticketId, text.replace(/^\/r/, ' /r')),
    replyWithFile: async (who, ticketId, file) => (await typeLine(desk, who, ticketId, ' /r', file))(),
    lookOut: async (text) => ({ at: given(slack, text) }),
    setDown: (down) => slack.setDown(down),
    async deleteCard(ticketId) {
      const [channel, ts] = (await staff.caseOf(ticketId))?.place.split(':') ?? [];
      await slack.call('chat.delete', { channel, ts }, BOT_TOKEN);
    },
    deleteTyped: (who, ticketId) => deleteTyped(desk, who, ticketId),
    async leave(who) {
      const membership = (type: string) =>
        deliver('/events', eventEnvelope({ type, user: userOf(who), channel: at.place, channel_type: 'G', team: TEAM }));
      await slack.call('conversations.kick', { channel: at.place, user: userOf(who) }, staffToken('marta'));
      await membership('member_left_channel');
      return async () => {
        await slack.call('conversations.invite', { channel: at.place, users: userOf(who) }, staffToken('marta'));
        await membership('member_joined_channel');
      };
    },
    mischief: (ticketId) => mischief(desk, ticketId),
    close: () => slack.close(),
  };
}

const userOf = ({ id }: Agent) => id.replace('slack:', '');
const nameOf = ({ ids }: Desk['staff'], who: Agent): StaffName => STAFF.find((name) => ids[name] === userOf(who)) ?? 'olga';

async function threadOf({ staff }: Desk, ticketId: string): Promise<string> {
  const found = await staff.caseOf(ticketId);
  if (found === null) throw new Error(`${ticketId} is not on show in Slack`);
  return found.place.split(':')[1] ?? '';
}

async function typeLine(desk: Desk, who: Agent, ticketId: string, text: string, file?: DeskFile): Promise<() => Promise<void>> {
  const { slack, staff, deliver } = desk;
  const threadTs = await threadOf(desk, ticketId);
  const token = staffToken(nameOf(staff, who));
  const { ts } = await slack.call('chat.postMessage', { channel: staff.place, thread_ts: threadTs, text }, token);
  const files = file === undefined ? {} : { subtype: 'file_share', files: [await share(desk, file, token)] };
  desk.typed.set(`${who.id}:${ticketId}`, { ts: String(ts), threadTs, text });
  const event = eventEnvelope({ ...threadMessage(userOf(who), staff.place, String(ts), threadTs, text), ...files });
  return () => deliver('/events', event);
}

function given(slack: SlackEmulator, text: string): Promise<number> {
  let looked = slack.calls().length;
  return arrival(() => {
    const made = slack.calls().slice(looked);
    looked += made.length;
    return made.some(({ fields }) => JSON.stringify(fields).includes(text));
  });
}

/** A file that somebody puts into the channel, as events name it. */
async function share({ slack, staff }: Desk, { name, bytes, contentType }: DeskFile, token: string): Promise<object> {
  const target = await slack.call('files.getUploadURLExternal', { filename: name, length: bytes.byteLength }, token);
  await fetch(String(target['upload_url']), { method: 'POST', body: bytes });
  const id = String(target['file_id']);
  await slack.call('files.completeUploadExternal', { files: [{ id }], channel_id: staff.place }, token);
  return { id, name, mimetype: contentType, size: bytes.byteLength, mode: 'hosted', file_access: 'visible', user_team: TEAM };
}

async function deleteTyped({ staff, deliver, typed }: Desk, who: Agent, ticketId: string): Promise<void> {
  const line = typed.get(`${who.id}:${ticketId}`);
  if (line === undefined) throw new Error('nothing was typed');
  const { ts, threadTs, text } = line;
  const before = { type: 'message', user: userOf(who), ts, text, thread_ts: threadTs, parent_user_id: BOT };
  const deletion = { subtype: 'message_deleted', hidden: true, deleted_ts: ts, ts: `${Number(ts) + 1}`, previous_message: before };
  await deliver('/events', eventEnvelope({ type: 'message', channel: staff.place, channel_type: 'group', event_ts: ts, ...deletion }));
}

async function mischief(desk: Desk, ticketId: string): Promise<void> {
  const { staff, deliver } = desk;
  const { ids, place } = staff;
  const threadTs = await threadOf(desk, ticketId);
  const press = await staff.pressOf(ids.marta, ticketId, 'note');
  const pressed = (action: object) => deliver('/interactions', { ...press, actions: [{ ...press.actions[0], ...action }] });
  await pressed({ action_id: 'desk:explode', value: ticketId });
  await pressed({ action_id: 'desk:claim', value: `${ticketId}'; drop` });
  await pressed({ action_id: 'desk:undo', value: `${ticketId}:999999999` });
  await pressed({ action_id: 'desk:insert:0', value: '{"t":' });
  await pressed({ action_id: 'desk:claim', value: 'T-00000000' });
  await deliver('/interactions', { ...press, user: { id: ids.olga, team_id: TEAM } });
  const line = threadMessage('U0OTHERBOT', place, '1900000000.000300', threadTs, '/r soy otro bot');
  await deliver('/events', eventEnvelope({ ...line, bot_id: 'B0OTHERBOT', subtype: 'bot_message' }));
  await deliver('/events', eventEnvelope({ ...line, bot_id: 'B0OTHERBOT' }));
}

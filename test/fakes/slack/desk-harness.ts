/** Opens the desk in Slack in front of a fresh emulator, over webhooks or by socket, for the contract of desks and whatever else is proven of it. */
import type { SlackSettings } from '../../../channels/slack/config.js';
import { createSlackChannel } from '../../../channels/slack/index.js';
import type { DeskRequest } from '../../../src/domain/desk.js';
import type { InboundEvent } from '../../../src/domain/message.js';
import type { Agent } from '../../../src/domain/ticket.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import type { OpenDesk } from '../../contract/desk-suite.js';
import { createSlackStaff, noteForm, openDeskChannel, submission, threadMessage, type Deliver, type SlackStaff } from './desk-staff.js';
import { startSlackEmulator, type ScriptedFailure, type SlackEmulator } from './emulator.js';
import { viewOf } from './limits.js';
import {
  APP_TOKEN,
  BOT_TOKEN,
  eventEnvelope,
  eventRequest,
  interactionRequest,
  SIGNING_SECRET,
  STAFF,
  type StaffName,
} from './workspace.js';

const POST = { method: 'chat.postMessage' };
const FAILURES: Record<'unavailable' | 'rate-limited' | 'cut', ScriptedFailure> = {
  unavailable: { ...POST, kind: 'status', status: 503 },
  'rate-limited': { ...POST, kind: 'error', error: 'ratelimited', status: 429, headers: { 'retry-after': '0' } },
  cut: { ...POST, kind: 'cut', done: true },
};

export interface OpenSlackDesk extends OpenDesk, Pick<SlackStaff<unknown>, 'place' | 'ids' | 'pressOf'> {
  readonly slack: SlackEmulator;
  readonly settings: SlackSettings;
  readonly deliver: Deliver<readonly DeskRequest[]>;
  /** Why nothing was made of what Slack told. */
  readonly ignored: readonly string[];
  /** What forms were answered with in place of being closed. */
  readonly formErrors: readonly unknown[];
}

export async function openSlackDesk(mode: 'webhook' | 'socket'): Promise<OpenSlackDesk> {
  const slack = await startSlackEmulator();
  const at = await openDeskChannel(slack);
  const settings: SlackSettings = {
    botToken: BOT_TOKEN,
    apiUrl: slack.apiUrl,
    signingSecret: mode === 'webhook' ? SIGNING_SECRET : null,
    appToken: mode === 'socket' ? APP_TOKEN : null,
    loadFile: () => Promise.resolve({ bytes: Buffer.from('%PDF-1.7'), contentType: 'application/pdf' }),
    desk: { channel: at.place, language: 'es' },
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
  let last: readonly ['/events' | '/interactions', object] | null = null;
  const staff = createSlackStaff(slack, at, (path, payload) => {
    last = [path, payload];
    return deliver(path, payload);
  });
  const { ids, place } = staff;
  const agentOf = (name: StaffName): Agent => ({ id: `slack:${ids[name]}`, name });
  const userOf = ({ id }: Agent) => id.replace('slack:', '');
  if (channel.desk === undefined) throw new Error('the channel has no desk');

  return {
    ...{ slack, settings, place, ids, ignored, formErrors, deliver, pressOf: staff.pressOf, desk: channel.desk },
    marta: agentOf('marta'),
    luis: agentOf('luis'),
    shown: staff.shown,
    told: (who) => Promise.resolve(staff.told(userOf(who))),
    press: (who, ticketId, button, form) => staff.press(userOf(who), ticketId, button, form),
    write: (who, ticketId, text) => staff.write(STAFF.find((name) => ids[name] === userOf(who)) ?? 'olga', ticketId, text),
    again: () => (last === null ? Promise.resolve([]) : deliver(...last)),
    async fromOutside(ticketId) {
      const [, card = ''] = (await staff.shown())[0]?.place.split(':') ?? [];
      const foreigner = { ...threadMessage('U0FOREIGN1', place, '1900000000.000100', card, 'hola'), user_team: 'T0FOREIGN1' };
      const general = { channel: { id: 'C000000001', name: 'general' } };
      const note = submission(ids.olga, viewOf(noteForm(ticketId, place)), { text: 'hola' });
      return [
        await deliver('/interactions', await staff.pressOf(ids.olga, ticketId, 'suggest')),
        await deliver('/interactions', await staff.pressOf(ids.luis, ticketId, 'suggest', general)),
        await deliver(
          '/interactions',
          await staff.pressOf(ids.luis, ticketId, 'suggest', { user: { id: ids.luis, team_id: 'T0FOREIGN1' } }),
        ),
        await deliver('/interactions', note),
        await deliver('/events', eventEnvelope(foreigner)),
        await deliver('/events', eventEnvelope(threadMessage(ids.luis, place, '1900000000.000200', '1900000000.000200', 'no es un caso'))),
      ];
    },
    customersEvents: () => events,
    mischief: staff.mischief,
    failNext: (how) => Promise.resolve(slack.fail(FAILURES[how])),
    looksUp: true,
    async close() {
      await stop?.();
      await slack.close();
    },
  };
}

/** The desk in Slack for the fuzz over payloads: presses, forms and what staff write, as Slack tells of them. */
import { createSlackChannel } from '../../channels/slack/index.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { noteForm, openDeskChannel, submission, threadMessage } from '../fakes/slack/desk-staff.js';
import { startSlackEmulator } from '../fakes/slack/emulator.js';
import { viewOf } from '../fakes/slack/limits.js';
import { BOT, BOT_TOKEN, eventEnvelope, eventRequest, interactionRequest, SIGNING_SECRET, TEAM } from '../fakes/slack/workspace.js';
import { type FuzzTarget, receiving, type RecordedPayload } from './recorded.js';

const TICKET = 'T-0123ABCD';
const CARD = '1800000000.000100';

export async function slackDeskTarget(): Promise<FuzzTarget> {
  const slack = await startSlackEmulator();
  const { place, ids } = await openDeskChannel(slack);
  const desk = { channel: place, language: 'es' } as const;
  const settings = { botToken: BOT_TOKEN, apiUrl: slack.apiUrl, signingSecret: SIGNING_SECRET, appToken: null, desk };
  const user = { id: ids.marta, username: 'marta', name: 'marta', team_id: TEAM };
  const press = (button: string, value: string) => ({
    type: 'block_actions',
    user,
    team: { id: TEAM, domain: 'emulate' },
    container: { type: 'message', message_ts: CARD, channel_id: place, is_ephemeral: false },
    trigger_id: 'x',
    channel: { id: place, name: 'privategroup' },
    message: { user: BOT, type: 'message', ts: CARD, text: '' },
    state: { values: {} },
    actions: [{ type: 'button', action_id: `desk:${button}`, block_id: 'b', value, action_ts: '1800000001.000100' }],
  });
  const written = threadMessage(ids.marta, place, '1800000002.000100', CARD, '/r Buenos días');
  const of = (change: object) => ({
    type: 'message',
    channel: place,
    channel_type: 'group',
    ts: '1800000003.000100',
    hidden: true,
    ...change,
  });
  const events: Readonly<Record<string, object>> = {
    written,
    changed: of({ subtype: 'message_changed', message: { ...written, text: 'Buenas' }, previous_message: written }),
    deleted: of({ subtype: 'message_deleted', deleted_ts: '1800000002.000100', previous_message: written }),
  };
  const interactions: Readonly<Record<string, object>> = {
    claim: press('claim', TICKET),
    undo: press('undo', `${TICKET}:3`),
    note: submission(ids.marta, viewOf(noteForm(TICKET, place)), { text: 'Ha llamado' }),
  };
  const recorded = (payloads: Readonly<Record<string, object>>, request: RecordedPayload['request']): RecordedPayload[] =>
    Object.entries(payloads).map(([name, payload]) => ({ name, payload, request }));
  return {
    channel: receiving(createSlackChannel(settings, createLogger({ level: 'silent' }))),
    payloads: [
      ...recorded(events, (event) => eventRequest(eventEnvelope(Object(event) as object))),
      ...recorded(interactions, (payload) => interactionRequest(Object(payload) as object)),
    ],
    close: () => slack.close(),
  };
}

/** The whole service, with the sample knowledge, in front of the Slack emulator: over webhooks and by socket. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSlackEmulator, type SlackEmulator } from '../fakes/slack/emulator.js';
import { messagesOf } from '../fakes/slack/harness.js';
import { shownOf, type StoredMessage } from '../fakes/slack/shown.js';
import {
  APP_TOKEN,
  BOT,
  BOT_TOKEN,
  commandFields,
  commandRequest,
  CUSTOMER,
  directMessage,
  eventEnvelope,
  eventRequest,
  post,
  SIGNING_SECRET,
} from '../fakes/slack/workspace.js';
import { startRunningService, type RunningService } from '../fakes/running-service.js';

const GENERAL = 'C000000001';
const QUESTION = '¿Cuánto tiempo tengo para devolver un pedido?';

describe.each(['webhook', 'socket'])('by %s', (mode) => {
  let slack: SlackEmulator;
  let service: RunningService;
  beforeAll(async () => {
    slack = await startSlackEmulator();
    service = await startRunningService({
      SLACK_BOT_TOKEN: BOT_TOKEN,
      SLACK_API_URL: slack.apiUrl,
      ...(mode === 'socket' ? { SLACK_APP_TOKEN: APP_TOKEN } : { SLACK_SIGNING_SECRET: SIGNING_SECRET }),
    });
  }, 120_000);
  afterAll(async () => {
    await service.stop();
    await slack.close();
    expect(service.log.join('')).not.toMatch(/xoxb-test|xapp-test|devolver un pedido/);
  });

  async function deliver(envelope: object): Promise<void> {
    if (mode === 'socket') await slack.push('events_api', envelope);
    else expect((await post(eventRequest(envelope), `${service.url}/webhooks/slack`)).status).toBe(200);
  }

  const answersIn = (messages: readonly StoredMessage[]) =>
    messages.filter((message) => message.user === BOT).map((message) => shownOf(message).text);

  /** Jest's own time limit ends it where nothing comes. */
  async function answered(read: () => Promise<StoredMessage[]>, answers: number): Promise<string[]> {
    for (;;) {
      // Sources stand apart from the text, in messages of their own.
      const shown = answersIn(await read()).filter(Boolean);
      if (shown.length >= answers) return shown;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('a question that comes three times is answered once, and a mention in its thread', async () => {
    const { ts } = await slack.call('chat.postMessage', { channel: slack.directChannel, text: QUESTION });
    const asked = eventEnvelope(directMessage(slack.directChannel, String(ts), QUESTION));
    for (let time = 0; time < 3; time += 1) await deliver(asked);
    const [answer = ''] = await answered(() => messagesOf(slack), 1);
    expect(answer).toMatch(/días/);

    const text = `<@${BOT}> ${QUESTION}`;
    const { ts: root } = await slack.call('chat.postMessage', { channel: GENERAL, text });
    const mention = { user: CUSTOMER, text, ts: String(root), channel: GENERAL, event_ts: String(root) };
    await deliver(eventEnvelope({ ...mention, type: 'app_mention' }));
    await deliver(eventEnvelope({ ...mention, type: 'message', channel_type: 'channel' }));
    const inThread = async () =>
      (await slack.call('conversations.replies', { channel: GENERAL, ts: String(root) }))['messages'] as StoredMessage[];
    const replies = await answered(inThread, 1);
    expect(replies[0]).toMatch(/días/);
    // What was sent for it is there by now; a second answer to either would be, too.
    expect(answersIn(await messagesOf(slack)).filter((shown) => shown === answer)).toHaveLength(1);
    expect(replies.filter((shown) => shown === replies[0])).toHaveLength(1);
  }, 120_000);

  it('the command is answered in the direct conversation', async () => {
    const before = (await messagesOf(slack)).length;
    const fields = commandFields('¿Cuáles son los horarios de la tienda?', GENERAL);
    if (mode === 'socket') expect(await slack.push('slash_commands', fields)).toMatchObject({ response_type: 'ephemeral' });
    else {
      const response = await post(commandRequest(fields), `${service.url}/webhooks/slack`);
      expect(await response.json()).toMatchObject({ response_type: 'ephemeral' });
    }
    const [answer] = await answered(async () => (await messagesOf(slack)).slice(before), 1);
    expect(answer).toMatch(/hora|lunes/i);
  }, 120_000);
});

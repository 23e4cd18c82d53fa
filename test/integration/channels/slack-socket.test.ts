/** Socket mode against a fake of Slack's sockets: acknowledging after storing, coming back, starting without Slack, ending. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SlackSettings } from '../../../channels/slack/config.js';
import { createSlackChannel } from '../../../channels/slack/index.js';
import type { Channel } from '../../../src/domain/channel.js';
import { ConfigurationError } from '../../../src/domain/errors.js';
import type { InboundEvent } from '../../../src/domain/message.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { startSlackEmulator, type SlackEmulator } from '../../fakes/slack/emulator.js';
import { APP_TOKEN, BOT_TOKEN, commandFields, CUSTOMER, directMessage, eventEnvelope, pressPayload } from '../../fakes/slack/workspace.js';

let slack: SlackEmulator;
let logged: string[] = [];
const stops: (() => Promise<void>)[] = [];
beforeEach(async () => {
  logged = [];
  slack = await startSlackEmulator();
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await slack.close();
  expect(logged.join('')).not.toMatch(/xoxb-|xapp-|secret-ticket|hola/);
});

function socketChannel(settings: Partial<SlackSettings> = {}): Channel {
  const logger = createLogger({ level: 'trace', write: (line) => logged.push(line) });
  return createSlackChannel({ botToken: BOT_TOKEN, apiUrl: slack.apiUrl, signingSecret: null, appToken: APP_TOKEN, ...settings }, logger);
}

async function start(
  channel: Channel,
  emit: (event: InboundEvent) => Promise<void> = () => Promise.resolve(),
): Promise<() => Promise<void>> {
  const store = (event: InboundEvent) => emit(event).then(() => ({ inboxId: event.eventId, duplicate: false }));
  const stop = (await channel.start?.(store, () => Promise.resolve())) ?? (() => Promise.resolve());
  stops.push(stop);
  return stop;
}

/** Waits until it is so; jest's own time limit ends it where it never is. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('the socket', () => {
  const message = () => eventEnvelope(directMessage(slack.directChannel, '1763740800.000100', 'hola'));

  it('acknowledges what is stored, and nothing before', async () => {
    let stored: (() => void) | null = null;
    await start(socketChannel(), () => new Promise((resolve) => (stored = resolve)));
    let acknowledged = false;
    const pushed = slack.push('events_api', message()).then(() => (acknowledged = true));
    await until(() => stored !== null);
    await slack.call('auth.test', {}); // a way there and back: an acknowledgement would be here by now
    expect(acknowledged).toBe(false);
    (stored as unknown as () => void)();
    await pushed;
  });

  it('acknowledges nothing that could not be stored, and takes it when it comes again', async () => {
    let times = 0;
    await start(socketChannel(), () => ((times += 1) === 1 ? Promise.reject(new Error('full')) : Promise.resolve()));
    const given = message();
    await expect(slack.push('events_api', given, 200)).rejects.toThrow('not acknowledged');
    await slack.push('events_api', given);
    expect(times).toBe(2);
  });

  it('takes presses and commands, and answers a command', async () => {
    const events: InboundEvent[] = [];
    await start(socketChannel(), async (event) => void events.push(event));
    await slack.push('interactive', pressPayload(slack.directChannel, '1763740800.000100', 'panel-50', 'Panel'));
    expect(await slack.push('slash_commands', commandFields('¿precio?', 'C000000001'))).toMatchObject({ response_type: 'ephemeral' });
    expect(events.map((event) => event.threadKey)).toEqual([CUSTOMER, CUSTOMER]);
  });

  it('is not ended by what it cannot read', async () => {
    const events: InboundEvent[] = [];
    await start(socketChannel(), async (event) => void events.push(event));
    await expect(slack.push('events_api', { type: 'app_rate_limited' }, 100)).rejects.toThrow('not acknowledged');
    await slack.push('events_api', eventEnvelope({ type: 'of the future' }));
    await slack.push('events_api', message());
    expect(events).toHaveLength(1);
  });

  it.each(['refresh', 'cut'] as const)('opens another after a %s', async (how) => {
    const events: InboundEvent[] = [];
    await start(socketChannel(), async (event) => void events.push(event));
    slack.dropSockets(how);
    await until(() => slack.calls('apps.connections.open').length === 2 && slack.sockets() === 1);
    await slack.push('events_api', message());
    expect(events).toHaveLength(1);
  });

  it('opens when Slack is back, and takes part beside others', async () => {
    slack.fail({ method: 'apps.connections.open', kind: 'status', status: 503 });
    await start(socketChannel());
    expect(slack.sockets()).toBe(0);
    await start(socketChannel());
    await until(() => slack.sockets() === 2);
  });

  it('with a token that Slack refuses does not start', async () => {
    await expect(start(socketChannel({ appToken: 'xapp-revoked' }))).rejects.toThrow(ConfigurationError);
    await expect(start(socketChannel({ appToken: 'xapp-revoked' }))).rejects.toThrow('SLACK_APP_TOKEN');
  });

  it('has webhooks off, and needs a way in at all', () => {
    expect(socketChannel()).not.toHaveProperty('receive');
    expect(() => socketChannel({ appToken: null })).toThrow(ConfigurationError);
  });

  it('closes when it is told to', async () => {
    const stop = await start(socketChannel());
    await stop();
    await until(() => slack.sockets() === 0);
    expect(slack.calls('apps.connections.open')).toHaveLength(1);
  });
});

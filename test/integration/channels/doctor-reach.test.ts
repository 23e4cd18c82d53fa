/** The doctor asks the public address what only our own webhook answers so: in front of it stand the adapters themselves. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTeamsChannel } from '../../../channels/teams/index.js';
import { createTelegramChannel } from '../../../channels/telegram/index.js';
import type { Channel, Finding } from '../../../src/domain/channel.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { type JsonServer, startJsonServer } from '../../fakes/json-server.js';
import { settingsFor } from '../../fakes/teams/harness.js';
import { startTeamsPlatform } from '../../fakes/teams/platform.js';
import { TOKEN, WEBHOOK_SECRET } from '../../fakes/telegram/customer.js';
import { startTelegramEmulator } from '../../fakes/telegram/process.js';

const logger = createLogger({ level: 'silent' });
let telegram: (webhookSecret?: string) => Channel;
let teams: Channel;
/** The service at the public address: which of its paths is whose. */
let served: Readonly<Record<string, Channel>> = {};
let service: JsonServer;
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const emulator = await startTelegramEmulator();
  ends.push(() => emulator.stop());
  telegram = (webhookSecret = WEBHOOK_SECRET) =>
    createTelegramChannel({ token: TOKEN, apiRoot: emulator.url, mode: 'webhook', webhookSecret }, logger);
  const platform = await startTeamsPlatform();
  ends.push(() => platform.close());
  teams = createTeamsChannel(settingsFor(platform), logger);
  service = await startJsonServer(async ({ url, headers, body }) => {
    const texts = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    const received = await served[url.pathname]?.receive?.({ method: 'POST', url: '/', headers: texts, body: Buffer.from(body) });
    return { status: received?.reply.status ?? 404, body: {} };
  });
  ends.push(() => service.close());
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

const found = async (channel: Channel, publicUrl: string | null): Promise<Finding | undefined> =>
  (await channel.diagnose(publicUrl)).find(({ check }) => check === 'webhook reachable');

describe('telegram', () => {
  it('is reachable where our webhook answers with our secret', async () => {
    served = { '/webhooks/telegram': telegram() };
    expect(await found(telegram(), service.url)).toMatchObject({ state: 'ok', remedy: null });
    expect(await found(telegram('another-secret'), service.url)).toMatchObject({
      state: 'wrong',
      remedy: expect.stringContaining('TELEGRAM_WEBHOOK_SECRET'),
    });
  });

  it('is not where nobody is, or somebody else; and is not asked for where no address is named', async () => {
    served = {};
    expect(await found(telegram(), service.url)).toMatchObject({ state: 'wrong', detail: expect.stringContaining('answers 404') });
    const nobody = await found(telegram(), 'http://127.0.0.1:9');
    expect(nobody).toMatchObject({ state: 'wrong' });
    expect(JSON.stringify(nobody)).not.toContain(WEBHOOK_SECRET);
    expect(await found(telegram(), null)).toBeUndefined();
  });
});

describe('teams', () => {
  it('is reachable where our endpoint refuses who has no token, and nowhere else', async () => {
    served = { '/api/messages': teams };
    expect(await found(teams, service.url)).toMatchObject({ state: 'ok', remedy: null });
    served = {};
    expect(await found(teams, service.url)).toMatchObject({ state: 'wrong', detail: expect.stringContaining('answers 404') });
    expect(await found(teams, 'http://127.0.0.1:9')).toMatchObject({ state: 'wrong' });
    expect(await found(teams, null)).toBeUndefined();
  });
});

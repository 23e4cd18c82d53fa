/** Who may write to the bot on Teams, and what becomes of what nobody meant well: the SDK's token validation, against keys of our own. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createTeamsChannel } from '../../../channels/teams/index.js';
import type { Channel, ChannelRequest } from '../../../src/domain/channel.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { messageActivity } from '../../fakes/teams/activities.js';
import { settingsFor } from '../../fakes/teams/harness.js';
import { startTeamsPlatform, type TeamsPlatform } from '../../fakes/teams/platform.js';

const logger = createLogger({ level: 'silent' });
const NOW_S = Math.floor(Date.now() / 1000);

let platform: TeamsPlatform;
let channel: Channel;
beforeAll(async () => {
  platform = await startTeamsPlatform();
});
afterAll(() => platform.close());
beforeEach(() => {
  channel = createTeamsChannel(settingsFor(platform), logger);
  // The SDK writes why it refused a token to standard error.
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => {
  jest.restoreAllMocks();
});

const request = (body: Buffer | object, headers: Record<string, string> = { authorization: platform.authorize() }): ChannelRequest => ({
  method: 'POST',
  url: '/',
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)),
});
const hello = (parts: object = {}) => messageActivity(platform.serviceUrl, 'hola', parts);
const statusOf = async (...of: Parameters<typeof request>) => {
  const received = await channel.receive?.(request(...of));
  return { status: received?.reply.status, events: received?.events.length };
};

describe('who may write to the bot', () => {
  it('Teams, by a token for this bot and this connector', async () => {
    expect(await statusOf(hello())).toEqual({ status: 200, events: 1 });
  });

  it.each<[string, () => Record<string, string>]>([
    ['nobody without a token', () => ({})],
    ['nor with an empty one', () => ({ authorization: '' })],
    ['nor with one that is none', () => ({ authorization: 'Bearer a.b.c' })],
    ['nor with another scheme', () => ({ authorization: platform.authorize().replace('Bearer', 'Basic') })],
    ['nor with two at once', () => ({ authorization: `${platform.authorize()}, ${platform.authorize()}` })],
    ['no forged signature', () => ({ authorization: platform.forge() })],
    ['no changed payload', () => ({ authorization: platform.authorize().replace(/\.[\w-]{6}/, '.eyJhdW') })],
    ['no unsigned token', () => ({ authorization: platform.authorize().replace(/\.[\w-]+$/, '.') })],
    ['no expired token', () => ({ authorization: platform.authorize({ nbf: NOW_S - 7200, exp: NOW_S - 3600 }) })],
    ['none that is not valid yet', () => ({ authorization: platform.authorize({ nbf: NOW_S + 3600, exp: NOW_S + 7200 }) })],
    ['none for another bot', () => ({ authorization: platform.authorize({ aud: 'aaaaaaaa-0000-0000-0000-000000000000' }) })],
    ['none of another issuer', () => ({ authorization: platform.authorize({ iss: 'https://sts.windows.net/common/' }) })],
    [
      'none for another connector: a token cannot be replayed with another address',
      () => ({ authorization: platform.authorize({ serviceurl: 'https://evil.example/' }) }),
    ],
    ['none by a key that is not endorsed for Teams', () => ({ authorization: platform.authorizeUnendorsed() })],
  ])('%s: 401', async (_, headers) => {
    expect(await statusOf(hello(), headers())).toEqual({ status: 401, events: 0 });
  });

  it('whatever comes while the first keys are on their way waits for them: Teams would not deliver it again', async () => {
    channel = createTeamsChannel({ ...settingsFor(platform), openIdMetadata: `${platform.openIdMetadata}?slow` }, logger);
    platform.setKeysDelay(200);
    const later = async (ms: number) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return statusOf(hello());
    };
    const forged = later(60).then(() => statusOf(hello(), { authorization: platform.forge() }));
    const all = await Promise.all([later(0), later(20), later(60), later(120)]).finally(() => platform.setKeysDelay(0));
    expect(all).toEqual(Array(4).fill({ status: 200, events: 1 }));
    expect(await forged).toEqual({ status: 401, events: 0 });
  });

  it('asks Teams to come again while the keys cannot be fetched, and takes nothing for genuine meanwhile', async () => {
    const elsewhere = createTeamsChannel({ ...settingsFor(platform), openIdMetadata: `${platform.openIdMetadata}?other` }, logger);
    platform.setKeysAvailable(false);
    const body = request(hello());
    expect(await elsewhere.receive?.(body)).toMatchObject({ reply: { status: 503 }, events: [] });
    platform.setKeysAvailable(true);
    expect(await elsewhere.receive?.(body)).toMatchObject({ reply: { status: 200 }, events: [{ kind: 'message' }] });
  });

  it('nobody who wants the answer sent elsewhere: 403, and no token of ours goes there', async () => {
    const serviceUrl = 'https://evil.example/';
    const authorization = platform.authorize({ serviceurl: serviceUrl });
    expect(await statusOf(hello({ serviceUrl }), { authorization })).toEqual({ status: 403, events: 0 });
  });
});

describe('hostile bodies', () => {
  it.each<[string, number, () => Buffer]>([
    ['nothing', 400, () => Buffer.alloc(0)],
    ['no JSON', 400, () => Buffer.from('{"type":')],
    ['a list', 400, () => Buffer.from('[]')],
    ['no UTF-8', 400, () => Buffer.from([0xff, 0xfe, 0x00])],
    [
      'thousands of levels',
      400,
      () => Buffer.from(`{"serviceUrl":${JSON.stringify(platform.serviceUrl)},"value":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
    ],
    ['more than any activity', 413, () => Buffer.alloc(600 * 1024, 32)],
  ])('%s: %d', async (_, status, body) => {
    expect(await statusOf(body())).toEqual({ status, events: 0 });
  });

  it('that are signed and yet no activity are kept for inspection', async () => {
    const received = await channel.receive?.(request({ kind: 'activity of the next version' }));
    expect(received).toMatchObject({
      reply: { status: 400 },
      events: [],
      ignored: [{ unknown: '{"kind":"activity of the next version"}' }],
    });
  });

  it('of another method are not read', async () => {
    const get = { ...request(hello()), method: 'GET' };
    expect(await channel.receive?.(get)).toMatchObject({ reply: { status: 405 }, events: [] });
  });

  it('are read whatever their content type says', async () => {
    expect(await statusOf(hello(), { authorization: platform.authorize(), 'content-type': 'text/plain' })).toEqual({
      status: 200,
      events: 1,
    });
  });
});

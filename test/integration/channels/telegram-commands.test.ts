/** The menu of commands on Telegram: set in both languages, once, checked by the doctor, and every entry of it is understood. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTelegramClient, type TelegramClient } from '../../../channels/telegram/client.js';
import { MENUS, setMenus } from '../../../channels/telegram/commands.js';
import { createTelegramChannel } from '../../../channels/telegram/index.js';
import { contentStep } from '../../../src/pipeline/steps/content.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { turn } from '../../fixtures/turns.js';
import { TOKEN, WEBHOOK_SECRET } from '../../fakes/telegram/customer.js';
import { startTelegramEmulator, type TelegramEmulator } from '../../fakes/telegram/process.js';

let telegram: TelegramEmulator;
let client: TelegramClient;
let logged: string[] = [];
beforeAll(async () => {
  telegram = await startTelegramEmulator();
  client = createTelegramClient({ token: TOKEN, apiRoot: telegram.url });
});
beforeEach(async () => {
  logged = [];
  await telegram.reset();
});
afterAll(() => telegram.stop());

const channel = (mode: 'webhook' | 'polling') => {
  const logger = createLogger({ level: 'warn', write: (line) => logged.push(line) });
  const webhookSecret = mode === 'webhook' ? WEBHOOK_SECRET : null;
  return createTelegramChannel({ token: TOKEN, apiRoot: telegram.url, mode, webhookSecret }, logger);
};
const timesSet = async () => (await telegram.calls('setMyCommands')).length;
const shown = async (language: string) => (await client.call('getMyCommands', { language_code: language })).map(({ command }) => command);

describe('the menu of commands', () => {
  it('is set in both languages, and not again where nothing has changed', async () => {
    await setMenus(client);
    expect(await shown('')).toEqual(['ayuda', 'agente', 'transcripcion', 'vincular', 'desvincular']);
    expect(await shown('en')).toEqual(['help', 'agent', 'transcript', 'link', 'unlink']);
    await setMenus(client);
    expect(await timesSet()).toBe(2);
    await client.call('setMyCommands', { commands: [{ command: 'old', description: 'of an earlier version' }], language_code: 'en' });
    await setMenus(client);
    expect(await shown('en')).toEqual(['help', 'agent', 'transcript', 'link', 'unlink']);
    expect(await timesSet()).toBe(4);
  });

  it('is set by polling, which starts all the same where that fails', async () => {
    for (const attempt of ['works', 'fails'] as const) {
      await telegram.reset();
      if (attempt === 'fails')
        await telegram.fail({ method: 'getMyCommands', kind: 'answer', status: 500, description: 'Internal Server Error' });
      const stop = await channel('polling').start?.(
        async ({ eventId }) => ({ inboxId: eventId, duplicate: false }),
        async () => undefined,
      );
      await stop?.();
      expect(await timesSet()).toBe(attempt === 'works' ? 2 : 0);
      expect(logged.join('').includes('The menu of commands was not renewed')).toBe(attempt === 'fails');
    }
  });

  it('is looked at by the doctor', async () => {
    const finding = async () => (await channel('webhook').diagnose(null)).find(({ check }) => check === 'commands');
    expect(await finding()).toEqual({
      check: 'commands',
      state: 'wrong',
      detail: 'the menu of commands is not set in Spanish and English',
      remedy: 'Run `npm run telegram:webhook -- https://<your address>`.',
    });
    await setMenus(client);
    expect(await finding()).toMatchObject({ state: 'ok', remedy: null });
  });

  it('has no entry that the bot does not understand', () => {
    for (const { command: name } of MENUS.flatMap(({ commands }) => commands)) {
      const state = turn({ event: { content: [{ kind: 'command', name, args: '' }] } });
      void contentStep.run(state);
      expect({ name, understood: state.command !== null }).toEqual({ name, understood: true });
    }
  });
});

/** The whole service with a customer in Slack's direct messages and its staff in the desk's channel of the same workspace: nothing of the one gets to the other. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ShownCase } from '../contract/desk-suite.js';
import { READING_MS } from '../fakes/desks/desk-staff.js';
import { startRunningService, type RunningService } from '../fakes/running-service.js';
import { createSlackStaff, openDeskChannel, type SlackStaff } from '../fakes/slack/desk-staff.js';
import { startSlackEmulator, type SlackEmulator } from '../fakes/slack/emulator.js';
import { messagesOf } from '../fakes/slack/harness.js';
import { shownOf } from '../fakes/slack/shown.js';
import {
  APP_TOKEN,
  BOT,
  BOT_TOKEN,
  directMessage,
  eventEnvelope,
  eventRequest,
  interactionRequest,
  post,
  SIGNING_SECRET,
} from '../fakes/slack/workspace.js';

const LIMIT_MS = 120_000;

/** The button, while a finger was on its way to it. */
function isGone(thrown: unknown): void {
  if (!(thrown instanceof Error && thrown.message.startsWith('there is no button'))) throw thrown;
}

describe.each(['webhook', 'socket'])('by %s', (mode) => {
  let slack: SlackEmulator;
  let service: RunningService;
  let staff: SlackStaff<void>;
  beforeAll(async () => {
    slack = await startSlackEmulator();
    const at = await openDeskChannel(slack);
    service = await startRunningService({
      SLACK_BOT_TOKEN: BOT_TOKEN,
      SLACK_API_URL: slack.apiUrl,
      SLACK_DESK_CHANNEL: at.place,
      DESK_UNDO_SECONDS: '1',
      PUBLIC_URL: 'https://chat.example',
      ...(mode === 'socket' ? { SLACK_APP_TOKEN: APP_TOKEN } : { SLACK_SIGNING_SECRET: SIGNING_SECRET }),
    });
    staff = createSlackStaff(slack, at, deliver);
  }, LIMIT_MS);
  afterAll(async () => {
    await service.stop();
    await slack.close();
    expect(service.log.join('')).not.toMatch(/xoxb-test|xapp-test|hablar con una persona|Buenos días|cubierta/);
  });

  async function deliver(path: '/events' | '/interactions', payload: object): Promise<void> {
    if (mode === 'socket') return void (await slack.push(path === '/events' ? 'events_api' : 'interactive', payload));
    const request = path === '/events' ? eventRequest(payload) : interactionRequest(payload);
    expect((await post(request, `${service.url}/webhooks/slack`)).status).toBe(200);
  }
  const customerWrites = async (text: string): Promise<void> => {
    const { ts } = await slack.call('chat.postMessage', { channel: slack.directChannel, text });
    await deliver('/events', eventEnvelope(directMessage(slack.directChannel, String(ts), text)));
  };
  const customerReads = async () =>
    (await messagesOf(slack))
      .filter(({ user }) => user === BOT)
      .map((message) => shownOf(message).text)
      .join('\n');

  /** Jest's own time limit ends it where it never is so. */
  async function until<Value>(look: () => Promise<Value>, isSo: (value: Value) => boolean): Promise<Value> {
    for (;;) {
      const value = await look();
      if (isSo(value)) return value;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  const theCase = (isSo: (shown: ShownCase) => boolean) =>
    until(
      async () => (await staff.shown())[0],
      (shown) => shown !== undefined && isSo(shown),
    ) as Promise<ShownCase>;
  const threadOf = ({ thread }: ShownCase) => thread.map(({ text }) => text).join('\n');

  /** Replies, and takes it back once it shows. False: it was too late. */
  async function takesBack(user: string, id: string, text: string): Promise<boolean> {
    await staff.press(user, id, 'reply', { text });
    const replyIn = ({ thread }: ShownCase) => thread.find((line) => line.text.includes(text));
    const [undo] = replyIn(await theCase((shown) => replyIn(shown) !== undefined))?.buttons ?? [];
    if (undo !== undefined) await staff.press(user, id, undo).catch(isGone);
    const settled = await theCase((shown) => /Enviada|Deshecha/.test(replyIn(shown)?.text ?? ''));
    return replyIn(settled)?.text.includes('↩️ Deshecha') === true;
  }

  it(
    'a case from the first word to the last',
    async () => {
      const { marta, luis } = staff.ids;
      await customerWrites('Quiero hablar con una persona sobre mi cubierta');
      const { card } = await theCase(({ thread }) => thread.length > 0);
      const id = /T-[0-9A-Z]{8}/.exec(card.text)?.[0] ?? '';
      await until(customerReads, (read) => read.includes(id));
      expect(card.text).toContain('Slack');

      // Both at once: one has it, the other alone is told who.
      await Promise.all([staff.press(marta, id, 'claim'), staff.press(luis, id, 'claim')]);
      const claimed = await theCase(({ card: now }) => now.buttons.includes('reply'));
      const [winner, name, other] = claimed.card.text.includes('marta') ? [marta, 'marta' as const, luis] : [luis, 'luis' as const, marta];
      await until(
        () => Promise.resolve(staff.told(other)),
        (told) => told.join().includes(`ya lo tiene ${name}`),
      );
      expect(staff.told(winner)).toEqual([]);

      // By the form, and typed; what is typed without a mark stays inside.
      await staff.press(winner, id, 'reply', { text: 'Buenos **días**, soy del equipo' });
      await until(customerReads, (read) => read.includes('soy del equipo'));
      await theCase((shown) => threadOf(shown).includes('✓ Enviada al cliente'));
      await staff.write(name, id, 'ojo: no dar precio todavía');
      await staff.write(name, id, ' /r ¿De cuántos metros es la cubierta?');
      await until(customerReads, (read) => read.includes('¿De cuántos metros'));
      await customerWrites('De 120 metros');
      await theCase((shown) => threadOf(shown).includes('De 120 metros'));

      // Taken back in time, which a busy machine may miss: it never gets there.
      let undone = 0;
      for (let tries = 1; undone === 0; tries += 1) if (await takesBack(winner, id, `Esto no debía salir ${tries}.`)) undone = tries;

      await sleep(READING_MS);
      await staff.press(winner, id, 'resolve', { reason: 'answered', text: 'se le llamará' });
      await theCase(({ card: now }) => now.buttons.includes('reopen'));
      const read = await customerReads();
      expect(read).not.toMatch(/no dar precio|se le llamará/);
      expect(read).not.toContain(`no debía salir ${undone}.`);
      expect(read.split('soy del equipo')).toHaveLength(2);
      // The desk's channel holds the case and nothing else; nobody who works there is a customer.
      expect(await staff.shown()).toHaveLength(1);
    },
    LIMIT_MS,
  );
});

/**
 * Two instances of the real service on one database: stopped one after the other under load, one suspended for longer than its lease, the database
 * away, and an operator at work meanwhile. What counts is what Telegram's side and web clients saw.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { freePort } from '../chaos/processes.js';
import { type ChaosService, startChaosService } from '../chaos/service.js';
import { type FakeTelegramApi, startFakeTelegramApi } from '../fakes/fake-telegram-api.js';
import { answersIn, createHttpClient } from '../fakes/http-client.js';
import { memoryFolder } from '../fakes/memory-folder.js';
import { copySampleData } from '../fakes/sample-data.js';
import { killServiceProcesses, launchServiceProcess, type ServiceProcess, startServiceProcess } from '../fakes/service-process.js';
import { gatherCustomers, type TelegramCustomer, textUpdate, WEBHOOK_SECRET } from './crash-customers.js';

/** The embedded engine as a process of its own, or a MongoDB server. */
const DATABASE = process.env.TEST_MONGODB === '1' ? 'mongodb' : 'embedded';
const LEASE_SECONDS = 3;
const DATABASE_AWAY_MS = 6_000;
/** For what a thawed instance might do wrong. */
const AWAKE_MS = 1_500;
/** Far more than anything takes; what never comes is told by the checks. */
const WAIT_MS = 60_000;
const TEST_MS = 240_000;
/** Of what an instance logged, where a test fails. */
const LOG_LINES = 25;
const QUESTIONS = ['aluminio de 20', 'aluminio de 80', 'velo de vidrio de 30'].map(
  (measure) => `¿Cuánto cuesta el panel PIR ${measure} mm?`,
);

const over = new AbortController();
let folder: string;
let store: ChaosService;
let telegramApi: FakeTelegramApi;
let environments: Record<string, string>[];
let instances: ServiceProcess[];
let answers: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(memoryFolder(), 'parley-instances-'));
  telegramApi = await startFakeTelegramApi({ answerAfterMs: () => 20 });
  if (DATABASE === 'embedded') {
    await copySampleData(join(folder, 'sample'));
    await rename(join(folder, 'sample/database'), join(folder, 'database-server'));
  }
  store = await startChaosService({ instances: 0, database: DATABASE, leaseSeconds: LEASE_SECONDS }, folder, {});
  const ports = [await freePort(), await freePort()];
  environments = ports.map((port) => ({
    PORT: String(port),
    DATA_DIR: join(folder, String(port)),
    MONGODB_URI: store.databaseUri ?? '',
    LEASE_SECONDS: String(LEASE_SECONDS),
    TELEGRAM_BOT_TOKEN: '700700:AAFakeTokenForTestsOnly_0123456789abc',
    TELEGRAM_WEBHOOK_SECRET: WEBHOOK_SECRET,
    TELEGRAM_API_ROOT: telegramApi.url,
    SENDS_PER_SECOND: '1000',
    SENDS_PER_CHAT: '1000',
    RATE_LIMIT_DEFAULT: '100000',
  }));
  instances = [];
  for (const environment of environments) instances.push(await startServiceProcess(environment)); // on a MongoDB server the first one loads the sample
  answers = [];
  for (const question of QUESTIONS) {
    const customers = await gather(0, 1, [question]);
    await customers.ask(1);
    await until(() => sendsTo(customers.telegram[0]).length > 0);
    answers.push(sendsTo(customers.telegram[0])[0] ?? '');
  }
  expect(new Set(answers).size).toBe(QUESTIONS.length);
}, 240_000);

afterAll(async () => {
  over.abort();
  for (const { process: child } of instances) child.kill('SIGCONT');
  await Promise.all(instances.map((instance) => instance.stop()));
  killServiceProcesses();
  await store.stop();
  await telegramApi.close();
  await rm(folder, { recursive: true, force: true });
});

const urlOf = (index: number) => `http://127.0.0.1:${environments[index]?.PORT ?? ''}`;
const gather = (index: number, telegram: number, questions: readonly string[] = QUESTIONS) =>
  gatherCustomers({ url: urlOf(index), questions, telegram, web: 0, random: Math.random, signal: over.signal });
const sendsTo = (customer: TelegramCustomer | undefined) =>
  telegramApi.sends.filter((send) => send.chatId === customer?.chatId).map((send) => send.text);
const expectedOf = ({ asked }: TelegramCustomer) => asked.map((question) => answers[question] ?? '');

/**
 * What a customer was sent, apart: the answers in the order of what was asked, and what came again. A call that a suspended instance had begun arrives
 * when it wakes up, behind answers that its successor has sent meanwhile.
 */
function sentTo(customer: TelegramCustomer): { readonly inOrder: string[]; readonly again: string[]; readonly other: string[] } {
  const expected = expectedOf(customer);
  const sent = { inOrder: [] as string[], again: [] as string[], other: [] as string[] };
  for (const text of sendsTo(customer)) {
    if (text === expected[sent.inOrder.length]) sent.inOrder.push(text);
    else (sent.inOrder.includes(text) ? sent.again : sent.other).push(text);
  }
  return sent;
}
const isAnswered = (customer: TelegramCustomer) => sentTo(customer).inOrder.length === customer.asked.length;

async function until(reached: () => boolean): Promise<void> {
  for (const began = Date.now(); !reached() && Date.now() - began < WAIT_MS;) await sleep(50);
}

/** How many sends the turns' traces name as in doubt. */
async function flagged(): Promise<number> {
  const client = await MongoClient.connect(store.databaseUri ?? '');
  try {
    return await client
      .db('parley')
      .collection('turns')
      .countDocuments({ uncertainSends: { $exists: true } });
  } finally {
    await client.close();
  }
}

async function checkAnswers(customers: readonly TelegramCustomer[], doubtBefore: number): Promise<void> {
  await until(() => customers.every(isAnswered));
  for (const customer of customers) expect(sentTo(customer)).toMatchObject({ inOrder: expectedOf(customer), other: [] });
  const doubled = customers.flatMap((customer) => sentTo(customer).again);
  expect(doubled.length).toBeLessThanOrEqual((await flagged()) - doubtBefore);
}

/** Runs `npm run deliveries` as it would run, beside the service. */
async function deliveries(...args: readonly string[]): Promise<string> {
  const { child, printed } = launchServiceProcess(environments[0] ?? {}, 'scripts/deliveries', args);
  const [code] = (await once(child, 'close')) as [number | null];
  expect({ code, errors: printed.stderr }).toEqual({ code: 0, errors: '' });
  return printed.stdout;
}

/** A test that also says, where it fails, how each instance is and what it logged last. */
function check(name: string, run: () => Promise<void>): void {
  const checked = async () => {
    try {
      await run();
    } catch (thrown) {
      console.error((await Promise.all(instances.map(stateOf))).join('\n\n'), `\n\nthe database:\n${lastLines(store.database?.output())}`);
      throw thrown;
    }
  };
  it(name, checked, TEST_MS);
}

async function stateOf({ process: child, output }: ServiceProcess, index: number): Promise<string> {
  child.kill('SIGCONT');
  const ready = fetch(`${urlOf(index)}/health/ready`, { signal: AbortSignal.timeout(WAIT_MS) }).then((answer) => answer.text());
  const { stdout, stderr } = output();
  return `instance ${index}: ${await ready.catch(String)}\n${lastLines(stdout)}\n${lastLines(stderr)}`;
}
const lastLines = (text = '') => text.trimEnd().split('\n').slice(-LOG_LINES).join('\n');

describe('two instances on one database', () => {
  check('lose and double nothing when both are restarted, one after the other, under load', async () => {
    const doubtBefore = await flagged();
    const both = [await gather(0, 8), await gather(1, 8)];
    for (const [index, own] of both.entries()) {
      const working = own.acknowledgement();
      const asking = both.map((customers) => customers.ask(3));
      await working;
      expect(await instances[index]?.stop('SIGTERM')).toBe(0);
      instances[index] = await startServiceProcess(environments[index] ?? {});
      await Promise.all(asking);
    }
    await checkAnswers(
      both.flatMap((customers) => customers.telegram),
      doubtBefore,
    );
    expect(await flagged()).toBe(doubtBefore);
  });

  check('take over from one that is suspended, and the one that wakes up doubles nothing that is not flagged', async () => {
    const doubtBefore = await flagged();
    const customers = await gather(0, 12);
    await customers.ask(3); // taken in by the first instance, which is now at work
    instances[0]?.process.kill('SIGSTOP');
    // After the lease, and a look for such work, it is the other one's.
    await until(() => customers.telegram.every(isAnswered));
    expect(customers.telegram.every(isAnswered)).toBe(true);
    await checkAnswers(customers.telegram, doubtBefore);
    instances[0]?.process.kill('SIGCONT');
    await sleep(AWAKE_MS);
    await checkAnswers(customers.telegram, doubtBefore);
  });

  check('are one to a web client: it goes on when its instance is suspended, and the one that wakes up shows the same', async () => {
    const [first, second] = [createHttpClient(urlOf(0)), createHttpClient(urlOf(1))];
    const session = await first.session();
    const own = first.connect(`?session_id=${session}`);
    const window = second.connect(`?session_id=${session}`);
    await Promise.all([own.next('connected'), window.next('connected')]);
    const ask = (client: typeof own, count: number) => client.send({ type: 'message', content: QUESTIONS[count % QUESTIONS.length] ?? '' });
    ask(own, 0);
    const { message_id: known } = await own.next('complete');
    for (let count = 1; count <= 3; count += 1) ask(own, count);
    await own.next('acknowledged', 4); // and at work on them
    instances[0]?.process.kill('SIGSTOP');

    const moved = second.connect(`?session_id=${session}&after=${known}`);
    await moved.next('connected');
    ask(moved, 4);
    await moved.next('acknowledged');
    await until(() => answersIn(moved).length >= 4 && answersIn(window).length >= 5);
    instances[0]?.process.kill('SIGCONT');
    await sleep(AWAKE_MS);
    ask(moved, 5);
    await until(() => answersIn(moved).length >= 5 && answersIn(window).length >= 6);

    const { messages } = (await first.call('GET', `/api/chat/sessions/${session}/messages`)).body as {
      messages: { id: string; role: string; content: string }[];
    };
    const logged = messages.filter(({ role }) => role === 'assistant').map(({ id, content }) => ({ id, content }));
    expect(logged).toHaveLength(6);
    expect(answersIn(window)).toEqual(logged);
    expect(answersIn(moved)).toEqual(logged.slice(1));
    const reloaded = first.connect(`?session_id=${session}&after=none`);
    await reloaded.next('complete', 6);
    expect(answersIn(reloaded)).toEqual(logged);
    [own, window, moved, reloaded].forEach((client) => client.close());
  });

  check('answer 503 with Retry-After while the database is away, on the webhook and the web, and go on by themselves', async () => {
    const web = createHttpClient(urlOf(1));
    const session = await web.session();
    const [customer] = (await gather(0, 1)).telegram;
    const update = textUpdate(customer?.chatId ?? '', QUESTIONS[0] ?? '');
    const headers = { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': WEBHOOK_SECRET };
    const deliver = () =>
      fetch(`${urlOf(0)}/webhooks/telegram`, { method: 'POST', headers, body: update, signal: AbortSignal.timeout(WAIT_MS) });
    const ask = () => web.send(session, QUESTIONS[1] ?? '');

    let comeBack = (): void => undefined;
    await store.database?.kill(new Promise<void>((resolve) => (comeBack = resolve)));
    const refusals = await Promise.all([deliver(), ask(), sleep(DATABASE_AWAY_MS)]).finally(() => comeBack());
    for (const refused of refusals.slice(0, 2)) {
      expect(refused?.status).toBe(503);
      expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    }

    // As the platform and a careful client do; nobody touches the service.
    const again = async (post: () => Promise<{ status: number }>): Promise<unknown> => {
      let last: unknown;
      for (const end = Date.now() + WAIT_MS; last !== 200 && Date.now() < end; await sleep(500)) {
        last = await post().then(({ status }) => status, String);
      }
      return last;
    };
    expect(await again(deliver)).toBe(200);
    expect(await again(ask)).toBe(200);
    await until(() => sendsTo(customer).length > 0);
    expect(sendsTo(customer)).toEqual([answers[0]]);
  });

  check('let an operator see what was not delivered, try it again and lay it aside, meanwhile', async () => {
    const [blocked, gone] = (await gather(0, 2)).telegram;
    const write = async (customer: TelegramCustomer | undefined) => {
      telegramApi.answerNext({ kind: 'error', status: 403, description: 'Forbidden: bot was blocked by the user' });
      const headers = { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': WEBHOOK_SECRET };
      const body = textUpdate(customer?.chatId ?? '', QUESTIONS[0] ?? '');
      expect((await fetch(`${urlOf(0)}/webhooks/telegram`, { method: 'POST', headers, body })).status).toBe(200);
    };
    const idsIn = (table: string) => table.match(/msg_\w+:\d+/g) ?? [];
    const deadAfter = async (count: number) => {
      let table = '';
      for (const end = Date.now() + WAIT_MS; idsIn(table).length < count && Date.now() < end;) table = await deliveries('list');
      return table;
    };
    await write(blocked);
    const [first = ''] = idsIn(await deadAfter(1));
    await write(gone);
    const table = await deadAfter(2);
    const second = idsIn(table).find((id) => id !== first) ?? '';
    expect(table).toContain('recipient-unreachable');
    expect(table).not.toContain('panel');
    expect(await deliveries('show', first, '--text')).toContain('PIR');

    expect(await deliveries('retry', first)).toContain(first);
    await until(() => sendsTo(blocked).length > 0);
    expect(sendsTo(blocked)).toEqual([answers[0]]);
    expect(await deliveries('drop', second)).toContain(second);
    expect(idsIn(await deliveries('list'))).toEqual([]);
    expect(sendsTo(gone)).toEqual([]);
  });
});

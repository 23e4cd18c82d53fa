/** The web inbox on one instance of the real service, and the customer on another, on one database: each sees at once what the other does. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../chaos/processes.js';
import { type ChaosService, startChaosService } from '../chaos/service.js';
import { hasChromium } from '../fakes/browser.js';
import { say } from '../fakes/chat-page.js';
import { READING_MS } from '../fakes/desks/desk-staff.js';
import { entry, type InboxBrowser, inChat, inLog, openInboxBrowser, press, reply, take } from '../fakes/inbox-browser.js';
import { memoryFolder } from '../fakes/memory-folder.js';
import { copySampleData } from '../fakes/sample-data.js';
import { killServiceProcesses, type ServiceProcess, startServiceProcess } from '../fakes/service-process.js';

const inBrowser = hasChromium ? describe : describe.skip;
/** The embedded engine as a process of its own, or a MongoDB server. */
const DATABASE = process.env.TEST_MONGODB === '1' ? 'mongodb' : 'embedded';

let folder: string;
let store: ChaosService;
let instances: ServiceProcess[] = [];
let inbox: InboxBrowser;

inBrowser('the inbox over two instances (skipped where Chromium is missing: install it at /usr/bin/chromium or set CHROMIUM_PATH)', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(memoryFolder(), 'parley-inboxes-'));
    if (DATABASE === 'embedded') {
      await copySampleData(join(folder, 'sample'));
      await rename(join(folder, 'sample/database'), join(folder, 'database-server'));
    }
    store = await startChaosService({ instances: 0, database: DATABASE, leaseSeconds: 10 }, folder, {});
    const start = async (name: string) =>
      startServiceProcess({
        PORT: String(await freePort()),
        DATA_DIR: join(folder, name),
        MONGODB_URI: store.databaseUri ?? '',
        RATE_LIMIT_DEFAULT: '100000',
        DESK_UNDO_SECONDS: '0',
      });
    instances = [await start('a'), await start('b')];
    inbox = await openInboxBrowser(DATABASE === 'embedded' ? join(folder, 'sample') : join(folder, 'a'));
  }, 240_000);
  afterAll(async () => {
    await inbox.close();
    await Promise.all(instances.map((instance) => instance.stop()));
    killServiceProcesses();
    await store.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('is live both ways: case, claim, messages, replies, the end', async () => {
    const [a, b] = instances.map(({ url }) => url) as [string, string];
    const marta = await inbox.signIn(a, 'Marta Ruiz');
    const luis = await inbox.signIn(b, 'Luis Gil');
    const { customer, ticket } = await inbox.customerWithCase(b);
    await entry(luis, ticket).click();
    await take(marta, ticket);
    await inLog(luis, 'Marta Ruiz toma el caso').waitFor();
    await inChat(customer, 'Marta lleva ya tu caso').waitFor();
    for (const round of [1, 2, 3]) {
      await say(customer, `pregunta ${round}`);
      await inLog(marta, `pregunta ${round}`).waitFor();
      await reply(marta, `respuesta ${round}`);
      await inChat(customer, `respuesta ${round}`).waitFor();
      await inLog(luis, `respuesta ${round}`).waitFor();
    }
    await sleep(READING_MS);
    await press(marta, 'Resolver');
    await marta.locator('#question-yes').click();
    await inChat(customer, 'Hemos cerrado tu caso').waitFor();
    await entry(luis, ticket).waitFor({ state: 'detached' });
    const said = await customer.locator('#messages').innerText();
    for (const round of [1, 2, 3]) expect(said.split(`respuesta ${round}`)).toHaveLength(2);
  }, 120_000);
});

/**
 * `npm run bench:desk`: how long a customer's case takes to the desk, and an agent's reply to the customer, with many open cases and three desks on at once:
 * Slack, Teams and the web inbox, each in front of its emulator, customers on WhatsApp. Service, emulators and load share this process and machine; the
 * platforms' own pace and ways are not in it, nor is the time for undoing. What was lost or got to somebody else is counted.
 */
import { cpus, loadavg } from 'node:os';
import { Command } from 'commander';
import { arrival, press, type DeskStaff } from '../fakes/desks/desk-staff.js';
import { openSupportHouse, showsCase, type SupportHouse, type WhatsAppCustomer } from '../fakes/desks/support-house.js';

const TARGET_MS = 1_000;

const options = new Command('bench:desk')
  .description('case to desk, and reply to customer, for all three desks')
  .option('--cases <n>', 'open cases beside those that are measured', '200')
  .option('--times <n>', 'measured for each desk', '30')
  .parse()
  .opts<{ cases: string; times: string }>();

interface Row {
  readonly what: string;
  readonly ms: readonly number[];
}

const percentile = (ms: readonly number[], share: number): number =>
  [...ms].sort((a, b) => a - b)[Math.min(ms.length - 1, Math.ceil(ms.length * share) - 1)] ?? NaN;

const repliesTo = ({ graph }: SupportHouse, { who }: WhatsAppCustomer): string[] =>
  graph.state.sent.filter(({ to }) => to === who.waId).map(({ body }) => JSON.stringify(body));

/** The case of a new customer, from their words to the desk. */
async function measureCard(
  house: SupportHouse,
  desk: DeskStaff,
  word: string,
): Promise<{ ms: number; customer: WhatsAppCustomer; id: string }> {
  const customer = house.onWhatsApp();
  const { at } = await desk.lookOut(word);
  const began = performance.now();
  const opening = house.opensCase(customer, [], `Quiero hablar con una persona sobre el pedido ${word}`);
  const ms = (await at) - began;
  const id = await opening;
  await showsCase(desk, id, ({ card }) => card.buttons.includes('claim'));
  return { ms, customer, id };
}

/** From the agent's line in the case to the customer's phone. */
async function measureReply(
  house: SupportHouse,
  desk: DeskStaff,
  { id, customer, word }: { id: string; customer: WhatsAppCustomer; word: string },
) {
  await press(desk, desk.marta, id, 'claim');
  await showsCase(desk, id, ({ card }) => card.buttons.includes('reply'));
  const line = await desk.line(desk.marta, id, `/r respuesta ${word}`);
  const began = performance.now();
  const arrived = arrival(() => repliesTo(house, customer).some((sent) => sent.includes(`respuesta ${word}`)));
  await line();
  return (await arrived) - began;
}

async function measure(house: SupportHouse, desk: DeskStaff): Promise<{ rows: Row[]; wrong: number }> {
  const [cards, replies]: [number[], number[]] = [[], []];
  let wrong = 0;
  for (let index = 0; index < Number(options.times); index += 1) {
    const word = `${desk.name}-${index}-${Math.random().toString(36).slice(2, 8)}`;
    const { ms, customer, id } = await measureCard(house, desk, word);
    cards.push(ms);
    replies.push(await measureReply(house, desk, { id, customer, word }));
    const got = repliesTo(house, customer).filter((sent) => sent.includes('respuesta '));
    if (got.length !== 1 || got[0]?.includes(word) !== true) wrong += 1;
  }
  return {
    wrong,
    rows: [
      { what: `${desk.name}: case at the desk`, ms: cards },
      { what: `${desk.name}: reply at the customer`, ms: replies },
    ],
  };
}

const house = await openSupportHouse({ undoSeconds: 0 });
try {
  console.log(
    `${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}; ${options.cases} open cases, ${options.times} measured for each desk`,
  );
  const open = Number(options.cases);
  for (let begun = 0; begun < open; begun += 20) {
    await Promise.all(Array.from({ length: Math.min(20, open - begun) }, () => house.opensCase(house.onWhatsApp(), [])));
  }
  const rows: Row[] = [];
  let wrong = 0;
  for (const desk of Object.values(house.desks)) {
    const measured = await measure(house, desk);
    rows.push(...measured.rows);
    wrong += measured.wrong;
  }
  console.table(
    Object.fromEntries(
      rows.map(({ what, ms }) => [
        what,
        {
          'p50 ms': Math.round(percentile(ms, 0.5)),
          'p95 ms': Math.round(percentile(ms, 0.95)),
          'within 1 s': percentile(ms, 0.95) < TARGET_MS,
        },
      ]),
    ),
  );
  console.log(`replies lost, doubled or at somebody else: ${wrong}`);
  if (wrong > 0) process.exitCode = 1;
} finally {
  await house.close();
}

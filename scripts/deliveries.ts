/**
 * What was not delivered, and what to do about it: `npm run deliveries -- list|show|retry|drop`. Works while the service runs. Customer text is
 * shown with --text only.
 */
import { Command, Option } from 'commander';
import { loadEnvironment, parseConfig } from '../src/config.js';
import { createDeliveries, DELIVERY_BOXES, DELIVERY_STATES } from '../src/delivery/deliveries.js';
import type { DeliveryBox, DeliveryFilter, DeliveryState } from '../src/delivery/deliveries.js';
import { DELIVERY_DEFAULTS } from '../src/delivery/options.js';
import { asError, ConfigurationError } from '../src/domain/errors.js';
import { deliveryView, type DeliveryView } from '../src/http/routes/deliveries.js';
import { openStorage } from '../src/storage/index.js';
import { createLogger } from '../src/telemetry/logger.js';
import { detailsOf, tableOf } from './deliveries-table.js';
import { findRunningService } from './running-service.js';

interface FilterOptions {
  readonly box?: DeliveryBox;
  readonly channel?: string;
  readonly conversation?: string;
  readonly state: readonly DeliveryState[];
  readonly olderThan?: number;
  readonly limit: number;
}

/** The database itself, or the service that has it open. */
interface Target {
  list(filter: DeliveryFilter, text: boolean): Promise<DeliveryView[]>;
  find(id: string, text: boolean): Promise<DeliveryView>;
  change(how: 'retry' | 'drop', ids: readonly string[]): Promise<DeliveryView[]>;
  close(): Promise<void>;
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

async function openTarget(): Promise<Target> {
  const config = parseConfig(loadEnvironment());
  const service = await findRunningService(config);
  if (service !== null) {
    const textFlag = (text: boolean) => (text ? '1' : '0');
    return {
      async list({ box, channel, conversationId, olderThanMs, states, limit }, text) {
        const query = new URLSearchParams({ state: states.join(','), limit: String(limit), text: textFlag(text) });
        const rest = { box, channel, conversation_id: conversationId, older_than_ms: olderThanMs?.toString() };
        for (const [name, value] of Object.entries(rest)) if (value !== undefined) query.set(name, value);
        return (await service.call(`/api/deliveries?${query.toString()}`)) as DeliveryView[];
      },
      find: async (id, text) => (await service.call(`/api/deliveries/${encodeURIComponent(id)}?text=${textFlag(text)}`)) as DeliveryView,
      async change(how, ids) {
        const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ids }) };
        return (await service.call(`/api/deliveries/${how}`, init)) as DeliveryView[];
      },
      close: async () => undefined,
    };
  }
  const storage = await openStorage({ ...config.mongodb, dataDir: config.dataDir, logger: createLogger({ level: 'warn' }) });
  const deliveries = createDeliveries(storage.models, DELIVERY_DEFAULTS);
  return {
    list: async (filter, text) => (await deliveries.list(filter, { text })).map(deliveryView),
    async find(id, text) {
      const entry = await deliveries.find(id, { text });
      if (entry === null) throw new ConfigurationError(`There is no delivery ${id}.`);
      return deliveryView(entry);
    },
    change: async (how, ids) => (await deliveries[how](ids)).map(deliveryView),
    close: () => storage.close(),
  };
}

async function withTarget(work: (target: Target) => Promise<void>): Promise<void> {
  try {
    const target = await openTarget();
    try {
      await work(target);
    } finally {
      await target.close();
    }
  } catch (thrown) {
    const error = asError(thrown);
    console.error(error instanceof ConfigurationError ? error.message : error);
    process.exitCode = 1;
  }
}

const filterOf = ({ box, channel, conversation, state, olderThan, limit }: FilterOptions): DeliveryFilter => ({
  states: state,
  limit,
  ...(box === undefined ? {} : { box }),
  ...(channel === undefined ? {} : { channel }),
  ...(conversation === undefined ? {} : { conversationId: conversation }),
  ...(olderThan === undefined ? {} : { olderThanMs: olderThan }),
});

/** Ids, or what the filters choose, but never everything by mistake. */
async function change(how: 'retry' | 'drop', ids: readonly string[], options: FilterOptions & { all?: true }): Promise<void> {
  await withTarget(async (target) => {
    const { box, channel, conversation, olderThan, all } = options;
    const chosen = [box, channel, conversation, olderThan, all].some((option) => option !== undefined);
    if (ids.length === 0 && !chosen) throw new ConfigurationError(`Say which: ids, a filter (${how} --help), or --all.`);
    const listed = ids.length > 0 ? ids : (await target.list(filterOf(options), false)).map((entry) => entry.id);
    const changed = listed.length === 0 ? [] : await target.change(how, listed);
    console.log(tableOf(changed, new Date()));
    const left = listed.length - changed.length;
    console.log(
      `${changed.length} ${how === 'retry' ? 'will be tried again' : 'laid aside'}${left === 0 ? '.' : `; ${left} are neither dead nor held.`}`,
    );
    if (left > 0) process.exitCode = 1;
  });
}

function parseAge(given: string): number {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(given) ?? [];
  const unitMs = UNITS[unit];
  if (count === undefined || unitMs === undefined) throw new ConfigurationError(`"${given}" is no age: write 30s, 10m, 2h or 1d.`);
  return Number(count) * unitMs;
}

const filtered = (command: Command, states: readonly DeliveryState[]): Command =>
  command
    .addOption(new Option('--box <box>', 'only one of the two').choices(DELIVERY_BOXES))
    .option('--channel <name>', 'only this channel')
    .option('--conversation <id>', 'only this conversation')
    .addOption(new Option('--state <state...>', 'in these states').choices(DELIVERY_STATES).default(states))
    .option('--older-than <age>', 'only what came at least so long ago: 30s, 10m, 2h, 1d', parseAge)
    .option('--limit <count>', 'no more than this many', Number, 50);

const program = new Command('deliveries').description('What was not delivered, and what to do about it. Works while the service runs.');

filtered(program.command('list'), ['dead', 'held'])
  .description('dead and held deliveries, oldest first; --state pending: what waits')
  .option('--text', 'with what the customer wrote or was to read')
  .action((options: FilterOptions & { text?: true }) =>
    withTarget(async (target) => console.log(tableOf(await target.list(filterOf(options), options.text ?? false), new Date()))),
  );

program
  .command('show <id>')
  .description('everything about one delivery')
  .option('--text', 'with what the customer wrote or was to read')
  .action((id: string, options: { text?: true }) =>
    withTarget(async (target) => console.log(detailsOf(await target.find(id, options.text ?? false), new Date()))),
  );

filtered(program.command('retry [ids...]'), ['dead', 'held'])
  .description('tries dead and held deliveries again, each in its place in the conversation')
  .option('--all', 'all of them, up to the limit')
  .action((ids: string[], options: FilterOptions) => change('retry', ids, options));

filtered(program.command('drop [ids...]'), ['dead', 'held'])
  .description('lays dead and held deliveries aside: they will never be delivered')
  .option('--all', 'all of them, up to the limit')
  .action((ids: string[], options: FilterOptions) => change('drop', ids, options));

try {
  await program.parseAsync();
} catch (thrown) {
  const error = asError(thrown);
  console.error(error instanceof ConfigurationError ? error.message : error);
  process.exitCode = 1;
}

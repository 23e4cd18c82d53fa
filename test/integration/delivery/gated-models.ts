/**
 * Models whose every command goes through a gate, before it reaches the database and again before its answer comes back, so that a test says
 * which command of which instance goes next, and which never does.
 */
import { type Models } from '../../../src/storage/models/index.js';
import { type Gate } from './gate.js';

const NAMES = ['inbox', 'outbox', 'conversations', 'contacts', 'messages', 'turns', 'sessions'] as const;
export type DeliveryModels = Pick<Models, (typeof NAMES)[number]>;

/** @param now the database's own clock, whatever the server's says */
export function gatedModels(models: DeliveryModels, gate: Gate, now: () => Date): DeliveryModels {
  const { db } = models.inbox.db;
  if (db === undefined) throw new Error('the connection is not open');
  const gatedDb: object = new Proxy(db, {
    get(target, name) {
      if (name === 'collection') return (collection: string) => gatedCollection(target.collection(collection));
      if (name !== 'command') return bound(target, name);
      return (command: Record<string, unknown>, options?: object) => {
        if ('hello' in command) return gate.pass('hello', async () => ({ localTime: now() }));
        const [kind = '', collection] = Object.entries(command)[0] ?? [];
        return gate.pass(`${kind} ${String(collection)}`, () => target.command(command, options));
      };
    },
  });
  const gatedCollection = (collection: object & { collectionName: string }): object =>
    new Proxy(collection, {
      get(target, name) {
        if (name === 'db') return gatedDb;
        const value = bound(target, name);
        if (!isMethod(value)) return value;
        const what = `${String(name)} ${target.collectionName}`;
        if (name === 'find') return (...given: unknown[]) => gatedCursor(value(...given) as object, what);
        return (...given: unknown[]) => gate.pass(what, async () => value(...given));
      },
    });
  const gatedCursor = (cursor: object, what: string): object =>
    new Proxy(cursor, {
      get(target, name, itself: object) {
        const value = bound(target, name);
        if (!isMethod(value)) return value;
        if (name === 'toArray') return () => gate.pass(what, async () => value());
        if (name === Symbol.asyncIterator) {
          return async function* rows() {
            const read = bound(target, 'toArray') as Method;
            yield* await gate.pass(what, async () => read() as Promise<unknown[]>);
          };
        }
        return (...given: unknown[]) => (value(...given), itself);
      },
    });
  const gated = NAMES.map((name): [string, unknown] => [name, { db: { db: gatedDb }, collection: { name: models[name].collection.name } }]);
  return Object.fromEntries<unknown>(gated) as DeliveryModels;
}

type Method = (...given: unknown[]) => unknown;
const isMethod = (value: unknown): value is Method => typeof value === 'function';

function bound(target: object, name: string | symbol): unknown {
  const value = Reflect.get(target, name, target) as unknown;
  return isMethod(value) ? (...given: unknown[]) => Reflect.apply(value, target, given) : value;
}

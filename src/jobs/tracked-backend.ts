/**
 * Agenda's backend with its calls to the database counted: Agenda lets a look for due jobs run on after it was told to stop, and whoever closes the
 * database then has to know when that has ended.
 */
import { type AgendaBackend } from 'agenda';

export interface TrackedBackend {
  readonly backend: AgendaBackend;
  /** Resolves once the calls that are under way now have ended. */
  settled(): Promise<void>;
  /** Resolves once no call is under way, nor one that followed from another: for after the stop. */
  quiet(): Promise<void>;
}

export function trackBackend(original: AgendaBackend): TrackedBackend {
  const calls = new Set<Promise<unknown>>();
  const repository = new Proxy(original.repository, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(member, target, args);
        if (result instanceof Promise) {
          calls.add(result);
          void result.then(
            () => calls.delete(result),
            () => calls.delete(result),
          );
        }
        return result;
      };
    },
  });
  const settled = async () => {
    await Promise.allSettled(calls);
    await new Promise((resolve) => setImmediate(resolve)); // time for what follows from them
  };
  return {
    // What is not named here comes from the original.
    backend: Object.create(original, { repository: { value: repository } }) as AgendaBackend,
    settled,
    async quiet() {
      while (calls.size > 0) await settled();
    },
  };
}

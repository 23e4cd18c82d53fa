/**
 * Agenda's backend with its calls to the database counted: Agenda lets a look for due jobs run on after it was told to stop. Whoever closes the database
 * then has to know when that has ended, and what it locks by then Agenda unlocks no more.
 */
import { type AgendaBackend, type JobParameters } from 'agenda';

export interface TrackedBackend {
  readonly backend: AgendaBackend;
  /** Resolves once the calls that are under way now have ended. */
  settled(): Promise<void>;
  /** For right before the stop: jobs that are locked from now on are late. */
  stopping(): void;
  /** Resolves once no call is under way, nor one that followed from another, and nothing that was locked late is locked: for after the stop. */
  quiet(): Promise<void>;
}

/** Calls that lock a job and return it, or nothing. */
const LOCKING: ReadonlySet<string | symbol> = new Set(['getNextJobToRun', 'lockJob']);

export function trackBackend(original: AgendaBackend): TrackedBackend {
  const calls = new Set<Promise<unknown>>();
  const late = new Set<NonNullable<JobParameters['_id']>>();
  let isStopping = false;
  const noteLock = (job: JobParameters | undefined) => {
    if (isStopping && job?._id != null) late.add(job._id);
  };
  const repository = new Proxy(original.repository, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(member, target, args);
        if (result instanceof Promise) {
          calls.add(result);
          void result.then(
            (job: unknown) => {
              calls.delete(result);
              if (LOCKING.has(name)) noteLock(job as JobParameters | undefined);
            },
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
    stopping: () => void (isStopping = true),
    async quiet() {
      do await settled();
      while (calls.size > 0);
      if (late.size > 0) await original.repository.unlockJobs([...late]);
    },
  };
}

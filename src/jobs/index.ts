/**
 * Jobs that run by the clock, with Agenda on our own database: of several instances one runs each. A failed run is logged, and the next one comes
 * at its time. Every job may be run twice or side by side without harm.
 */
import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda, type Job as AgendaJob } from 'agenda';
import { type Db } from 'mongodb';
import { asError } from '../domain/errors.js';
import { type People } from '../domain/person.js';
import { type SessionStore } from '../domain/session.js';
import { type Logger } from '../telemetry/logger.js';
import { trackBackend } from './tracked-backend.js';

export interface JobOptions {
  readonly db: Db;
  readonly sessions: Pick<SessionStore, 'endIdle' | 'deleteIdle'>;
  /** Sessions that are idle for longer are ended. */
  readonly sessionTtlMs: number;
  /** Sessions that are not active and idle for longer are deleted with all their text. Default 30 days. */
  readonly keepSessionsMs?: number;
  /** What other parts have to do by the clock. */
  readonly others?: readonly ClockJob[];
  readonly logger: Logger;
  /** How often due jobs are looked for. Default 10 s. */
  readonly pollMs?: number;
}

export interface Jobs {
  /** Starts no more, waits at most 10 s for those that run, and leaves nothing locked. */
  stop(): Promise<void>;
}

const DAY_MS = 86_400_000;
const STOP_MS = 10_000;
/**
 * Another instance takes a job over when its runner was not heard of for this long. Short, because Agenda keeps a timer of half of it behind each
 * run, which would hold a stopping process.
 */
const LOCK_MS = 10_000;
const TOUCH_MS = 3_000;

export interface ClockJob {
  readonly name: string;
  /** `5 minutes`, `15 seconds`; not finer than due jobs are looked for. */
  readonly every: string;
  /** Returns how many things it changed. */
  run(now: Date): Promise<number>;
}

/** Ends what erasures of people have left: some begin within a restart, and what was being worked on goes last. */
export const erasureJob = (people: Pick<People, 'resume'>): ClockJob => ({
  name: 'resume-erasures',
  every: '1 minute',
  run: (now) => people.resume(now),
});

const jobsOf = ({ sessions, sessionTtlMs, keepSessionsMs = 30 * DAY_MS, others = [] }: JobOptions): readonly ClockJob[] => [
  {
    name: 'end-idle-sessions',
    every: '5 minutes',
    run: (now) => sessions.endIdle(new Date(now.getTime() - sessionTtlMs)),
  },
  {
    name: 'delete-old-sessions',
    every: '1 hour',
    run: (now) => sessions.deleteIdle(new Date(now.getTime() - keepSessionsMs)),
  },
  ...others,
];

export async function startJobs(options: JobOptions): Promise<Jobs> {
  const { logger } = options;
  const jobs = jobsOf(options);
  const running = new Set<Promise<void>>();
  const tracked = trackBackend(new MongoBackend({ mongo: options.db, collection: 'jobs' }));
  let stopping = false;
  const agenda = new Agenda({
    backend: tracked.backend,
    processEvery: options.pollMs ?? 10_000,
    defaultConcurrency: 1,
    defaultLockLifetime: LOCK_MS,
  });
  agenda.on('error', (failure: unknown) => logger.error(reasonOf(failure), 'the job scheduler failed'));

  for (const job of jobs) {
    agenda.define(job.name, async (claimed) => {
      if (stopping) return;
      const run = keepingLock(claimed, logger, () => runLogged(job, logger));
      running.add(run);
      await run.finally(() => running.delete(run));
    });
  }
  await agenda.start();
  for (const { name, every } of jobs) await agenda.every(every, name);

  const finish = async () => {
    await tracked.settled(); // a look that is under way may lock a job: then it is unlocked with the others
    tracked.stopping();
    await agenda.stop();
    await Promise.allSettled(running);
    await tracked.quiet();
  };

  return {
    async stop() {
      stopping = true;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, STOP_MS)));
      await Promise.race([finish(), late]);
      clearTimeout(timer);
    },
  };
}

/** Tells other instances, as long as the work takes, that this one is at it. */
async function keepingLock(claimed: AgendaJob, logger: Logger, work: () => Promise<void>): Promise<void> {
  const timer = setInterval(() => {
    claimed.touch().catch((thrown: unknown) => logger.debug(reasonOf(thrown), 'the lock of a job could not be renewed'));
  }, TOUCH_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
}

async function runLogged(job: ClockJob, logger: Logger): Promise<void> {
  try {
    const changed = await job.run(new Date());
    if (changed > 0) logger.info({ job: job.name, changed }, 'job done');
  } catch (thrown) {
    logger.error({ job: job.name, ...reasonOf(thrown) }, 'job failed; it runs again at its next time');
    throw thrown;
  }
}

function reasonOf(thrown: unknown): { error: string; reason: string } {
  const { name, message } = asError(thrown);
  return { error: name, reason: message };
}

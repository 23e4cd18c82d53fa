/** The service as a process: progress and report on the terminal, one sentence and exit code 1 where it cannot start, a graceful stop on signals. */
import { SingleBar } from 'cli-progress';
import { asError, ConfigurationError } from './domain/errors.js';

export interface RunningService {
  readonly report: string;
  stop(): Promise<void>;
}

/** After this a stop is cut short: what was not finished is done at the next start. */
const STOP_LIMIT_MS = 25_000;

export async function runProcess(start: (onLoading: (done: number, total: number) => void) => Promise<RunningService>): Promise<void> {
  for (const stream of OUTPUTS) stream.on('error', endWithoutReader);
  const bar = new SingleBar({
    format: '  Loading the sample knowledge {bar} {value}/{total}',
    hideCursor: true,
    stream: process.stdout,
    noTTYOutput: true,
    notTTYSchedule: 1000,
  });
  const onLoading = (done: number, total: number) => {
    if (!bar.isActive) bar.start(total, done);
    else bar.update(done);
    if (done === total) bar.stop();
  };
  try {
    const service = await start(onLoading);
    stopOnSignal(service); // first: whoever reads the report may tell it to stop at once
    process.stdout.write(`${service.report}\n`);
  } catch (thrown) {
    bar.stop();
    const error = asError(thrown);
    // What the operator can mend is one sentence; a defect of ours keeps its stack.
    process.stderr.write(
      error instanceof ConfigurationError
        ? `Parley cannot start. ${error.message}\n`
        : `Parley failed to start: ${error.stack ?? error.message}\n`,
    );
    process.exit(1);
  }
}

const OUTPUTS = [process.stdout, process.stderr];

/** Nobody reads the output any more (EPIPE), or it cannot be written: what is acknowledged is stored, so a supervisor may start the service anew. */
function endWithoutReader(error: Error): void {
  process.stderr.write(`Parley ends: its output cannot be written (${error.message}).\n`);
  process.exit(1);
}

/** A stop that has begun is finished, whether anybody reads of it or not. */
function goOnWithoutReader(): void {
  for (const stream of OUTPUTS) stream.off('error', endWithoutReader).on('error', () => undefined);
}

function stopOnSignal(service: RunningService): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(130); // asked twice: at once
    stopping = true;
    goOnWithoutReader();
    process.stdout.write(`${signal}: finishing what runs…\n`);
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    service.stop().then(
      () => process.exit(0),
      (thrown: unknown) => {
        process.stderr.write(`The stop was not clean: ${asError(thrown).message}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/**
 * Ways in and out of the data: `npm run data -- backup | restore | verify | copy`. Works on the embedded engine and on MongoDB servers alike, in each
 * direction.
 */
import { Command } from 'commander';
import { loadEnvironment, parseConfig } from '../src/config.js';
import { asError, ConfigurationError } from '../src/domain/errors.js';
import { maskSecrets } from '../src/telemetry/logger.js';
import { backup, type CommandContext, copy, EXIT, type ExitCode, restore, verify } from './data/commands.js';
import { DamagedBackup } from './data/manifest.js';

const PLACES = `
Where data is, for --from and --to:
  mongodb://… or mongodb+srv://…   a MongoDB server; with /name behind the host that database, else all of them
  a folder                         a data folder (DATA_DIR) of the embedded engine, or a backup; told apart by content
  left out                         what the service uses: MONGODB_URI and MONGODB_DB, or the engine under DATA_DIR (.env is read)`;

const EXAMPLES = `${PLACES}

Examples:
  npm run data -- backup --to backups/monday             while the service runs
  npm run data -- verify --from backups/monday           is the backup whole?
  npm run data -- restore --from backups/monday --drop   stop the service first
  npm run data -- copy --to mongodb+srv://user:password@cluster.example.net/parley
  npm run data -- verify --to mongodb+srv://user:password@cluster.example.net/parley

Exit codes: 0 done and checked; 1 not done, the message says what to do; 2 damage or differences were found; 130 interrupted.`;

const DB = ['--db <name...>', 'only these databases'] as const;
const DROP = ['--drop', 'delete first what the target holds in databases of the same names'] as const;
/** The tool's own words for a failure that is nobody's mistake in using it. */
const UNEXPECTED = 'This is a defect, or the database failed';

type Action<Options> = (context: CommandContext, options: Options) => Promise<ExitCode>;

const interrupted = new AbortController();

function runner<Options>(action: Action<Options>): (options: Options) => Promise<void> {
  return async (options) => {
    process.once('SIGINT', () => interrupted.abort());
    process.once('SIGTERM', () => interrupted.abort());
    const context = {
      config: parseConfig(loadEnvironment()),
      say: (line: string) => console.log(maskSecrets(line)),
      signal: interrupted.signal,
    };
    process.exitCode = await action(context, options);
  };
}

const program = new Command()
  .name('npm run data --')
  .description('Backs up, restores, checks and moves the data of Parley.')
  .configureOutput({ outputError: (text, write) => write(maskSecrets(text)) })
  .addHelpText('after', EXAMPLES)
  .showHelpAfterError('(--help tells more)');

program
  .command('backup')
  .description(
    'Writes a backup while the service runs. Of the embedded engine it is everything at one instant; of a server each collection by itself. ' +
      'The files are those of mongodump, so mongorestore reads them; manifest.json holds counts and SHA-256. A folder that has the name you gave is whole.',
  )
  .requiredOption('--to <folder>', 'the new folder')
  .option('--from <where>', 'the database')
  .option('--gzip', 'compress the files')
  .option(...DB)
  .addHelpText('after', PLACES)
  .action(runner(backup));

program
  .command('restore')
  .description(
    'Checks a backup, then fills a database from it and compares both. The target must be empty, or --drop. Stop the service first. ' +
      'Ended in the middle, the same command without --drop goes on where it was.',
  )
  .requiredOption('--from <backup>', 'the folder of a backup')
  .option('--to <where>', 'the database to fill')
  .option(...DROP)
  .option(...DB)
  .addHelpText('after', PLACES)
  .action(runner(restore));

program
  .command('copy')
  .description(
    'Moves all documents and indexes from one database to another, then compares both. The target must be empty, or --drop. Nothing should write to the ' +
      'source meanwhile. Ended in the middle, the same command without --drop goes on where it was.',
  )
  .requiredOption('--to <where>', 'the database to fill')
  .option('--from <where>', 'the database to read')
  .option(...DROP)
  .option(...DB)
  .addHelpText('after', PLACES)
  .action(runner(copy));

program
  .command('verify')
  .description(
    'With --from a backup: compares its files with its manifest. With a database: checks indexes against documents. With --to as well: compares the two ' +
      'sides, backups or databases, in counts, hashes of all documents, and indexes.',
  )
  .option('--from <where>', 'a backup or a database')
  .option('--to <where>', 'a second side to compare with')
  .option(...DB)
  .addHelpText('after', PLACES)
  .action(runner(verify));

try {
  await program.parseAsync();
} catch (thrown) {
  const error = asError(thrown);
  process.exitCode = EXIT.failed;
  if (interrupted.signal.aborted) {
    console.error('Interrupted. A copy or a restore goes on where it was when the same command is run again without --drop.');
    process.exitCode = EXIT.interrupted;
  } else if (error instanceof DamagedBackup) {
    console.error(error.message);
    process.exitCode = EXIT.different;
  } else if (error instanceof ConfigurationError) console.error(maskSecrets(error.message));
  else console.error(maskSecrets(`${UNEXPECTED}: ${error.stack ?? error.message}`));
}

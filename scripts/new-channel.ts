/** Begins a new channel: `npm run new-channel -- line` makes its files, typed and wired, each part saying what is left to write. */
import { Command } from 'commander';
import { spawnSync } from 'node:child_process';
import { asError, ConfigurationError } from '../src/domain/errors.js';
import { ROOT_FOLDER } from '../src/root-folder.js';
import { makeChannel } from './new-channel/make-channel.js';

async function run(name: string): Promise<void> {
  const { made, changed } = await makeChannel(ROOT_FOLDER, name);
  console.log(['Made:', ...made.map((path) => `  ${path}`), 'Changed:', ...changed.map((path) => `  ${path}`)].join('\n'));
  // The matrix is made from what has just been written.
  const matrix = spawnSync('npm', ['run', '--silent', 'channels:matrix'], { cwd: ROOT_FOLDER, stdio: 'inherit' });
  if (matrix.status !== 0) throw new ConfigurationError('The matrix in channels/README.md was not renewed: run npm run channels:matrix.');
  console.log(
    [
      '  channels/README.md (its matrix)',
      `Next: channels/README.md has the seven steps. npm run format (for the matrix), then npm run jest -- ${name} says what is left to write.`,
    ].join('\n'),
  );
}

await new Command('new-channel')
  .description('Makes the files of a new channel and adds it to the configuration and the matrix.')
  .argument('<name>', 'as its folder is to be called: line, rocket-chat')
  .action(async (name: string) => {
    try {
      await run(name);
    } catch (thrown) {
      const error = asError(thrown);
      console.error(error instanceof ConfigurationError ? error.message : error);
      process.exitCode = 1;
    }
  })
  .parseAsync();

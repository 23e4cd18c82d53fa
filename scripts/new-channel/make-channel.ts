/** Makes the files of a new channel from the templates beside this file, and adds its lines to the files that list all channels. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { format, getFileInfo, resolveConfig } from 'prettier';
import { ConfigurationError } from '../../src/domain/errors.js';
import { editsFor, type FileEdit } from './edits.js';
import { type ChannelNames, namesOf } from './names.js';

const TEMPLATES = 'scripts/new-channel/templates';
const ENDING = '.txt';

/**
 * Returns the files that were made and those that were changed, as paths below the project's folder. Writes nothing, and throws ConfigurationError, where
 * the name cannot be used or a file is not as it is expected to be.
 */
export async function makeChannel(root: string, name: string): Promise<{ made: string[]; changed: string[] }> {
  const names = namesOf(name);
  if (existsSync(join(root, 'channels', name))) throw new ConfigurationError(`channels/${name} is there already: choose another name.`);
  const templates = await readdir(join(root, TEMPLATES), { recursive: true, withFileTypes: true });
  const made = await Promise.all(
    templates
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const template = join(entry.parentPath, entry.name);
        const path = filled(template.slice(join(root, TEMPLATES).length + 1, -ENDING.length), names);
        if (existsSync(join(root, path))) throw new ConfigurationError(`${path} is there already: choose another name.`);
        return { path, text: filled(await readFile(template, 'utf8'), names) };
      }),
  );
  const changed = await Promise.all(editsFor(names).map(async (edit) => ({ path: edit.path, text: await edited(root, edit) })));
  const style = await resolveConfig(join(root, 'package.json'));
  const written = await Promise.all(
    // How lines break depends on how long the name is.
    [...made, ...changed].map(async ({ path, text }) => {
      const { inferredParser } = await getFileInfo(path);
      return { path, text: inferredParser === null ? text : await format(text, { ...style, parser: inferredParser }) };
    }),
  );
  for (const { path, text } of written) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return { made: made.map(({ path }) => path).sort(), changed: changed.map(({ path }) => path).sort() };
}

const filled = (text: string, { kebab, camel, pascal, upper, title }: ChannelNames): string =>
  text
    .replaceAll('__name__', kebab)
    .replaceAll('__camel__', camel)
    .replaceAll('__Name__', pascal)
    .replaceAll('__NAME__', upper)
    .replaceAll('__Title__', title);

async function edited(root: string, { path, apply }: FileEdit): Promise<string> {
  const text = apply(await readFile(join(root, path), 'utf8'));
  if (text === null)
    throw new ConfigurationError(`${path} has changed so much that nothing can be added to it: mend scripts/new-channel/edits.ts.`);
  return text;
}

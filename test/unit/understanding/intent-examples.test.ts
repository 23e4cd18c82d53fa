import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '../../../src/domain/errors.js';
import { loadIntentExamples } from '../../../src/understanding/index.js';

const GOOD =
  'intents:\n  - name: greeting\n    examples: [hola, buenas]\n    replies: ["¡Hola!"]\n  - name: price\n    examples: [precio]\n';

describe('intent example files', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-intents-'));
    await writeFile(join(folder, 'es.yaml'), GOOD);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('reads one file a language', async () => {
    await writeFile(join(folder, 'en.yaml'), GOOD);
    const examples = await loadIntentExamples(folder);
    expect(examples.map(({ name, language }) => [name, language])).toEqual([
      ['greeting', 'es'],
      ['price', 'es'],
      ['greeting', 'en'],
      ['price', 'en'],
    ]);
    expect(examples[0]).toMatchObject({ examples: ['hola', 'buenas'], replies: ['¡Hola!'], buttons: [] });
  });

  it.each([
    ['no examples', 'intents:\n  - name: greeting\n    examples: []\n', 'intents.0.examples'],
    ['a bad name', 'intents:\n  - name: Say Hello\n    examples: [hi]\n', 'lower_snake_case'],
    ['no YAML', 'intents: [', 'cannot be read'],
    ['no intents', 'hello: 1\n', 'intents'],
  ])('names the file and what is wrong: %s', async (_case, content, expected) => {
    await writeFile(join(folder, 'en.yaml'), content);
    const failure = await loadIntentExamples(folder).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(ConfigurationError);
    expect((failure as Error).message).toContain('en.yaml');
    expect((failure as Error).message).toContain(expected);
  });

  it('says which file is missing', async () => {
    await expect(loadIntentExamples(join(folder, 'nowhere'))).rejects.toThrow(/es\.yaml|en\.yaml/);
  });
});

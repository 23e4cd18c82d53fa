/** Loads the intent example files, one a language (`es.yaml`, `en.yaml`): what the classifier learns from and the fixed replies of small talk. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { asError, ConfigurationError } from '../domain/errors.js';
import { LANGUAGES, type Language } from '../domain/understanding.js';

/** Messages under this name teach what none of the intents is; it never comes out as an intent. */
export const OUT_OF_SCOPE = 'out_of_scope';

export interface IntentExamples {
  readonly name: string;
  readonly language: Language;
  readonly examples: readonly string[];
  /** Fixed replies, one of which answers; empty where knowledge answers. */
  readonly replies: readonly string[];
  /** Quick replies under a fixed reply. */
  readonly buttons: readonly string[];
}

const intentFileSchema = z.object({
  intents: z
    .array(
      z.object({
        name: z.string().regex(/^[a-z][a-z0-9_]*$/, 'must be lower_snake_case'),
        examples: z.array(z.string().trim().min(1)).min(1),
        replies: z.array(z.string().trim().min(1)).default([]),
        buttons: z.array(z.string().trim().min(1).max(75)).default([]),
      }),
    )
    .min(1),
});

/** Reads `<language>.yaml` for every language. Throws ConfigurationError that names the file and what is wrong in it. */
export async function loadIntentExamples(folder: string): Promise<IntentExamples[]> {
  const files = await Promise.all(LANGUAGES.map((language) => loadFile(join(folder, `${language}.yaml`), language)));
  return files.flat();
}

async function loadFile(path: string, language: Language): Promise<IntentExamples[]> {
  let content: unknown;
  try {
    content = parse(await readFile(path, 'utf8'));
  } catch (thrown) {
    throw new ConfigurationError(`The intent examples ${path} cannot be read: ${asError(thrown).message}`, { cause: thrown });
  }
  const parsed = intentFileSchema.safeParse(content);
  if (!parsed.success) {
    const problems = parsed.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigurationError(`The intent examples ${path} have errors: ${problems.join('; ')}`);
  }
  return parsed.data.intents.map((intent) => ({ ...intent, language }));
}

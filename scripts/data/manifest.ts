/**
 * The list of a backup's files that makes it trustworthy: what each holds, how long it is and its SHA-256, and a SHA-256 of the list itself. The files
 * beside it are mongodump's, so that mongorestore reads a backup too; the manifest is ours.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigurationError } from '../../src/domain/errors.js';

export const MANIFEST_FILE = 'manifest.json';
/** Of the manifest's shape; a higher one is refused. */
const FORMAT = 1;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
/** A path in the backup, `/` between its parts, that cannot lead out of it. */
const path = z
  .string()
  .regex(/^[^/\\]+(\/[^/\\]+)?$/)
  .refine((text) => !text.split('/').includes('..'));
const fileSchema = z.object({ path, bytes: z.number().int().min(0), sha256: hash });
const collectionSchema = z.object({
  db: z.string(),
  name: z.string(),
  documents: z.number().int().min(0),
  /** As `DocumentHash` sums up the documents. */
  hash,
  data: fileSchema,
  metadata: fileSchema,
});
const bodySchema = z.object({
  format: z.literal(FORMAT),
  createdAt: z.iso.datetime(),
  source: z.string(),
  /** `snapshot`: everything as it was at one instant; `collection`: each collection as its own cursor found it while writes went on. */
  consistency: z.enum(['snapshot', 'collection']),
  gzip: z.boolean(),
  collections: z.array(collectionSchema),
});

export type BackupFile = z.infer<typeof fileSchema>;
export type BackupCollection = z.infer<typeof collectionSchema>;
export type Manifest = z.infer<typeof bodySchema> & { readonly sha256: string };

export function encodeManifest(body: Omit<Manifest, 'format' | 'sha256'>): string {
  const whole = bodySchema.parse({ format: FORMAT, ...body });
  return `${JSON.stringify({ ...whole, sha256: hashOf(whole) }, null, 2)}\n`;
}

/** A backup is not what was written. */
export class DamagedBackup extends ConfigurationError {}

/** Errors: ConfigurationError where there is no manifest or a newer version wrote it; DamagedBackup. */
export async function readManifest(folder: string): Promise<Manifest> {
  const file = join(folder, MANIFEST_FILE);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ConfigurationError(`${file} cannot be read: name the folder of a finished backup.`, { cause });
  });
  const { sha256, ...rest } = parseObject(text, file);
  if (typeof rest.format === 'number' && rest.format > FORMAT)
    throw new ConfigurationError(`${folder} was written by a newer version (format ${rest.format}): use that version.`);
  const body = bodySchema.safeParse(rest);
  if (!body.success || sha256 !== hashOf(body.data)) throw damaged(file);
  return { ...body.data, sha256 };
}

function parseObject(text: string, file: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return { ...parsed };
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw damaged(file);
}

const damaged = (file: string): DamagedBackup => new DamagedBackup(`${file} is damaged: use another backup.`);

const hashOf = (body: z.infer<typeof bodySchema>): string => createHash('sha256').update(JSON.stringify(body)).digest('hex');

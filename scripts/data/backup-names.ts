/** The names of a backup's files, as mongodump gives them: `<database>/<collection>.bson` and `.metadata.json`, with `.gz` behind both where compressed. */
import { createHash } from 'node:crypto';

export const DATA_ENDING = '.bson';
export const METADATA_ENDING = '.metadata.json';

/** Longer ones would not leave room for the endings in the 255 bytes of a file's name. */
const MAX_STEM = 208;

/** What is no letter, digit or one of `-_.!~*'()` is percent-encoded; what is then too long ends in a hash, and the metadata has the whole name. */
export function fileStem(collection: string): string {
  const encoded = encodeURIComponent(collection);
  if (encoded.length <= MAX_STEM) return encoded;
  return `${encoded.slice(0, MAX_STEM)}%24${createHash('sha1').update(collection).digest('base64url')}`;
}

export const GZIP_ENDING = '.gz';

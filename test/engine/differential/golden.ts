// The cases by group and the answers MongoDB gave to them, recorded in files so that every engine can be held against them anywhere.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type Case, type Outcome, toDoc } from './case.js';
import { ARITHMETIC_CASES } from './cases/arithmetic.js';
import { DATE_CASES } from './cases/dates.js';
import { FILTER_CASES } from './cases/filters.js';
import { FOUND_PIPELINE_CASES } from './cases/found-pipelines.js';
import { FOUND_CASES } from './cases/found.js';
import { FOUND_WRITE_CASES } from './cases/found-writes.js';
import { PIPELINE_CASES } from './cases/pipelines.js';
import { STRUCTURE_CASES } from './cases/structures.js';
import { UPDATE_CASES } from './cases/updates.js';
import { show } from './show.js';

export const GROUPS: Readonly<Record<string, readonly Case[]>> = {
  filters: FILTER_CASES,
  updates: UPDATE_CASES,
  pipelines: PIPELINE_CASES,
  arithmetic: ARITHMETIC_CASES,
  structures: STRUCTURE_CASES,
  dates: DATE_CASES,
  found: FOUND_CASES,
  'found-pipelines': FOUND_PIPELINE_CASES,
  'found-writes': FOUND_WRITE_CASES,
};

/** Recorded answers by case name, each with a digest of the documents it was asked on. */
export type Golden = Record<string, { input: string; outcome: Outcome }>;

const goldenFile = (group: string): URL => new URL(`golden/${group}.golden.json`, import.meta.url);

export function readGolden(group: string): Golden {
  const file = goldenFile(group);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Golden) : {};
}

export function writeGolden(group: string, answers: Golden): void {
  writeFileSync(goldenFile(group), `${JSON.stringify(answers, undefined, 1)}\n`);
}

export function digest({ docs }: Case): string {
  return createHash('sha256')
    .update(docs.map((doc) => show(toDoc(doc))).join('\n'))
    .digest('hex')
    .slice(0, 12);
}

/** What is compared: an error's code, documents and counts. */
export function comparable(outcome: Outcome): unknown {
  return 'error' in outcome ? { error: outcome.error } : { docs: outcome.docs, reply: outcome.reply };
}

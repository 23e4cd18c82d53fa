// Runs a batch on both servers and tells where their answers differ.
import * as bson from 'bson';
import type { Plain } from '../differential/case.js';
import { type Batch, COLLECTION, OTHER, type Probe } from './probe.js';
import { type Answer, readReply } from './reply.js';
import type { Servers } from './servers.js';

export interface Difference {
  readonly probe: Probe;
  readonly ours: string;
  readonly theirs: string;
}

/** What became of one probe; the answer is MongoDB's. */
export type Verdict = 'equal' | 'equal error' | 'refused' | 'different';

export interface Judgement {
  readonly probe: Probe;
  readonly verdict: Verdict;
  /** The words of a refusal. */
  readonly refusal?: string | undefined;
}

const READ = 'read';
const WRITTEN = 'written';

function encoded(fields: Plain): Uint8Array {
  return bson.serialize(new Map<string, unknown>([...entries(fields), ['$db', 'fuzz']]), { ignoreUndefined: false });
}

function entries(plain: Plain): [string, unknown][] {
  return plain instanceof Map ? [...plain] : Object.entries(plain);
}

function onCollection(command: Plain, name: string): Plain {
  return new Map(entries(command).map(([key, value]) => [key, value === COLLECTION ? name : value]));
}

function fill(name: string, docs: readonly Plain[]): Uint8Array[] {
  return [
    encoded({ delete: name, deletes: [{ q: {}, limit: 0 }] }),
    ...(docs.length === 0 ? [] : [encoded({ insert: name, documents: docs })]),
  ];
}

/** The commands of a batch and, for each probe, which of the replies are its own. */
function script({ docs, others, probes }: Batch): { commands: Uint8Array[]; own: number[][] } {
  const commands = [...fill(READ, docs), ...fill(OTHER, others)];
  const own = probes.map(({ command, writes }) => {
    if (!writes) return [commands.push(encoded(onCollection(command, READ))) - 1];
    const first = commands.push(...fill(WRITTEN, docs), encoded(onCollection(command, WRITTEN))) - 1;
    return [first, commands.push(encoded({ find: WRITTEN, filter: {}, batchSize: 1000 })) - 1];
  });
  return { commands, own };
}

function verdictOf(ours: readonly Answer[], theirs: readonly Answer[]): Verdict {
  const differs = ours.some(({ text }, index) => text !== theirs[index]?.text);
  if (differs) return ours[0]?.refusal === undefined ? 'different' : 'refused';
  return theirs[0]?.error === undefined ? 'equal' : 'equal error';
}

/** Asks both servers and judges every probe. */
export async function judge(servers: Servers, batch: Batch): Promise<{ judgements: Judgement[]; differences: Difference[] }> {
  const { commands, own } = script(batch);
  const [ours, theirs] = await Promise.all([servers.ours.run(commands), servers.theirs.run(commands)]);
  const differences: Difference[] = [];
  const judgements = batch.probes.map((probe, index): Judgement => {
    const read = (replies: readonly Buffer[]): Answer[] => (own[index] ?? []).map((at) => readReply(replies[at] as Buffer, probe));
    const [one, other] = [read(ours), read(theirs)];
    const verdict = verdictOf(one, other);
    if (verdict === 'different') differences.push({ probe, ours: shown(one), theirs: shown(other) });
    return { probe, verdict, refusal: one[0]?.refusal };
  });
  return { judgements, differences };
}

function shown(answers: readonly Answer[]): string {
  return answers.map(({ text, message }) => (message === undefined ? text : `${text} (${message})`)).join('\n           ');
}

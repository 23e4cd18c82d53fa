// The whole engine (wire, commands, planner, store) answers each case as MongoDB answered; the filters once more for each of several sets of
// indexes, which may change the order of an answer and nothing else.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { int32, type Value } from '../../../embedded-mongodb/bson/index.js';
import { startEngine, type TestEngine } from '../server/start-engine.js';
import { type Case, type Engine, type Outcome } from './case.js';
import { refusalReason } from './cases/refused.js';
import { comparable, GROUPS, readGolden } from './golden.js';
import { connect, type Wire, wireEngine } from './wire-engine.js';

let server: TestEngine;
let wire: Wire;

beforeAll(async () => {
  server = await startEngine();
  wire = await connect(server.uri);
});

afterAll(async () => {
  wire.close();
  await server.stop();
});

interface Answer {
  readonly name: string;
  readonly outcome: unknown;
}

/** The answers of an engine and of MongoDB; of a case refused on purpose, that it is refused. */
async function answersTo(
  group: string,
  cases: readonly Case[],
  engine: Engine,
  shown: (outcome: Outcome) => unknown,
): Promise<{ given: Answer[]; recorded: Answer[] }> {
  const golden = readGolden(group);
  const given: Answer[] = [];
  const recorded: Answer[] = [];
  for (const testCase of cases) {
    const { name } = testCase;
    const outcome = await engine.run(testCase);
    const known = golden[name]?.outcome;
    if (refusalReason(name) === undefined) {
      given.push({ name, outcome: shown(outcome) });
      recorded.push({ name, outcome: known && shown(known) });
    } else {
      given.push({ name, outcome: 'error' in outcome && outcome.refusal });
      recorded.push({ name, outcome: true });
    }
  }
  return { given, recorded };
}

describe('over the wire', () => {
  it.each(Object.entries(GROUPS))('%s are answered as recorded', async (group, cases) => {
    const { given, recorded } = await answersTo(group, cases, wireEngine(wire), comparable);
    expect(given).toEqual(recorded);
  });
});

const INDEXES: readonly (readonly [name: string, keys: readonly (readonly [path: string, direction: number][])[]])[] = [
  ['ascending', [[['a', 1]], [['a.b', 1]]]],
  ['descending', [[['a', -1]], [['a.b', -1]]]],
  ['sparse', [[['a', 1]], [['a.b', 1]]]],
  ['compound', [[['a', 1], ['b', -1]]]], // prettier-ignore
];

function inAnyOrder(outcome: Outcome): unknown {
  return 'docs' in outcome ? { docs: [...outcome.docs].sort() } : comparable(outcome);
}

describe('with indexes', () => {
  it.each(INDEXES)('filters find the same documents: %s', async (name, keys) => {
    const reply = await wire.command(
      new Map<string, Value>([
        ['createIndexes', name],
        [
          'indexes',
          keys.map(
            (key, position): Value =>
              new Map<string, Value>([
                ['key', new Map(key.map(([path, direction]) => [path, int32(direction)]))],
                ['name', `index${position}`],
                ...(name === 'sparse' ? [['sparse', true] as [string, Value]] : []),
              ]),
          ),
        ],
        ['$db', 'differential'],
      ]),
    );
    expect(reply.get('ok')).toBe(1);
    const { given, recorded } = await answersTo('filters', GROUPS.filters ?? [], wireEngine(wire, name), inAnyOrder);
    expect(given).toEqual(recorded);
  });
});

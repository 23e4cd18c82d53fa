// Each exchange is answered as MongoDB answered when it was recorded: counts, cursors, types, order of fields and error codes. Where
// MONGOMS_SYSTEM_BINARY names a mongod, the recorded answers are checked against it too; with UPDATE_GOLDEN=1 they are recorded anew from it.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { MongoMemoryServer } from 'mongodb-memory-server-core';
import { openWire, type PipelineWire } from '../fuzz/pipeline-wire.js';
import { startEngine, type TestEngine } from '../server/start-engine.js';
import { type Exchange, have, isStep } from './exchange.js';
import { EXCHANGES } from './exchanges/index.js';

const recording = process.env.UPDATE_GOLDEN === '1';
const live = process.env.MONGOMS_SYSTEM_BINARY !== undefined;
/** Far more than the largest group takes on any machine. */
const LIVE_MS = 300_000;

type Golden = Record<string, readonly string[]>;

const goldenFile = (group: string): URL => new URL(`golden/exchanges-${group}.golden.json`, import.meta.url);

function readGolden(group: string): Golden {
  const file = goldenFile(group);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Golden) : {};
}

function connections(uri: string): Promise<[PipelineWire, PipelineWire]> {
  return Promise.all([openWire(uri), openWire(uri)]);
}

async function texts(exchange: Exchange, wires: readonly [PipelineWire, PipelineWire]): Promise<string[]> {
  return (await have(exchange, wires)).map(({ text }) => text);
}

let engine: TestEngine;
let wires: [PipelineWire, PipelineWire];

beforeAll(async () => {
  engine = await startEngine();
  wires = await connections(engine.uri);
});

afterAll(async () => {
  for (const wire of wires) wire.close();
  await engine.stop();
});

describe.each(Object.entries(EXCHANGES))('%s', (group, exchanges) => {
  const golden = readGolden(group);

  it('has unique names', () => {
    expect(new Set(exchanges.map(({ name }) => name)).size).toBe(exchanges.length);
  });

  (live ? it : it.skip)(
    'is answered as recorded by a real MongoDB (skipped where MONGOMS_SYSTEM_BINARY names none)',
    async () => {
      const server = await MongoMemoryServer.create();
      const both = await connections(server.getUri());
      try {
        const answers: Record<string, readonly string[]> = {};
        for (const exchange of exchanges) answers[exchange.name] = await texts(exchange, both);
        if (recording) {
          Object.assign(golden, answers);
          writeFileSync(goldenFile(group), `${JSON.stringify(answers, undefined, 1)}\n`);
        } else expect(answers).toEqual(golden);
      } finally {
        for (const wire of both) wire.close();
        await server.stop();
      }
    },
    LIVE_MS,
  );

  it.each(exchanges.map((exchange) => [exchange.name, exchange] as const))('%s', async (name, exchange) => {
    const heard = await have(exchange, wires);
    const refused = exchange.steps.map((step) => isStep(step) && step.refused === true);
    const shown = heard.map(({ text, refusal }, index) => (refused[index] ? { refusal: refusal !== undefined } : text));
    expect(shown).toEqual(golden[name]?.map((text, index) => (refused[index] ? { refusal: true } : text)));
  });
});

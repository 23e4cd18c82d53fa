// Counts which declared operators the probes used, from the commands themselves, so that nothing declared goes unfuzzed.
import {
  ACCUMULATORS,
  EXPRESSIONS,
  PROJECTION_OPERATORS,
  QUERY_OPERATORS,
  STAGES,
  TOP_LEVEL_QUERY_OPERATORS,
  UPDATE_OPERATORS,
  UPDATE_STAGES,
} from '../../../embedded-mongodb/surface.js';
import type { Judgement } from './compare.js';
import type { Plain } from '../differential/case.js';

const DECLARED = {
  query: [...QUERY_OPERATORS, ...TOP_LEVEL_QUERY_OPERATORS],
  update: UPDATE_OPERATORS,
  'update stage': UPDATE_STAGES,
  projection: PROJECTION_OPERATORS,
  stage: STAGES,
  accumulator: ACCUMULATORS,
  expression: EXPRESSIONS,
} as const;
type Area = keyof typeof DECLARED;

const IS_DECLARED: Readonly<Record<Area, ReadonlySet<string>>> = {
  query: new Set(DECLARED.query),
  update: new Set(DECLARED.update),
  'update stage': new Set(DECLARED['update stage']),
  projection: new Set(DECLARED.projection),
  stage: new Set(DECLARED.stage),
  accumulator: new Set(DECLARED.accumulator),
  expression: new Set(DECLARED.expression),
};

/** What the fuzz does not reach, with the reason. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'stage $vectorSearch': 'the judge has none; test/engine/server/vector.test.ts',
  'stage $sample': 'its answer is random; test/engine/server holds it to its size',
  'projection $meta': 'needs a vector search',
  'expression $meta': 'needs a vector search',
};

type Visit = (area: Area, name: string) => void;

function fieldsOf(value: unknown): [string, unknown][] {
  if (value instanceof Map) return [...(value as Map<string, unknown>)];
  const plain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return plain ? Object.entries(value) : [];
}

function within(area: Area, value: unknown, visit: Visit): void {
  if (Array.isArray(value)) value.forEach((item) => within(area, item, visit));
  for (const [name, inner] of fieldsOf(value)) {
    if (IS_DECLARED[area].has(name)) visit(area, name);
    within(name === '$expr' ? 'expression' : area, inner, visit);
  }
}

function pipeline(value: unknown, visit: Visit): void {
  if (!Array.isArray(value)) return;
  for (const stage of value) for (const [name, content] of fieldsOf(stage)) inStage(name, content, visit);
}

function inStage(name: string, content: unknown, visit: Visit): void {
  visit('stage', name);
  if (name === '$match') within('query', content, visit);
  else if (name === '$facet') fieldsOf(content).forEach(([, inner]) => pipeline(inner, visit));
  else if (name === '$group') accumulators(content, visit);
  else if (name === '$lookup' || name === '$unionWith') {
    for (const [field, inner] of fieldsOf(content)) (field === 'pipeline' ? pipeline : within.bind(undefined, 'expression'))(inner, visit);
  } else {
    for (const [field, inner] of fieldsOf(content)) if (field === 'output') accumulators(inner, visit);
    within('expression', content, visit);
  }
}

function accumulators(content: unknown, visit: Visit): void {
  for (const [, given] of fieldsOf(content)) {
    for (const [name, operand] of fieldsOf(given)) {
      if (IS_DECLARED.accumulator.has(name)) visit('accumulator', name);
      within('expression', operand, visit);
    }
  }
}

function update(value: unknown, visit: Visit): void {
  for (const stage of Array.isArray(value) ? (value as unknown[]) : []) {
    for (const [name, content] of fieldsOf(stage)) {
      visit('update stage', name);
      within('expression', content, visit);
    }
  }
  for (const [name, operand] of fieldsOf(value)) {
    visit('update', name);
    if (name === '$pull') within('query', operand, visit);
  }
}

function command(fields: Plain, visit: Visit): void {
  for (const [name, value] of fieldsOf(fields)) {
    if (name === 'filter' || name === 'query' || name === 'q' || name === 'arrayFilters') within('query', value, visit);
    else if (name === 'projection' || name === 'fields') {
      within('projection', value, visit);
      within('expression', value, visit);
    } else if (name === 'update' || name === 'u') update(value, visit);
    else if (name === 'pipeline') pipeline(value, visit);
    else if ((name === 'updates' || name === 'deletes') && Array.isArray(value)) value.forEach((one: Plain) => command(one, visit));
  }
}

/** How often each declared operator was in a command that was answered, and in one that failed alike on both. */
export class Usage {
  private readonly answered = new Map<string, number>();
  private readonly failed = new Map<string, number>();

  count({ probe, verdict }: Judgement): void {
    if (verdict === 'refused') return;
    const counts = verdict === 'equal error' ? this.failed : this.answered;
    const used = new Set<string>();
    command(probe.command, (area, name) => used.add(`${area} ${name}`));
    for (const key of used) counts.set(key, (counts.get(key) ?? 0) + 1);
  }

  /** Declared operators, of the areas that were asked for at all, that no answered command used. */
  unused(): string[] {
    return this.rows()
      .filter(({ key, answered }) => answered === 0 && ELSEWHERE[key] === undefined)
      .map(({ key }) => key);
  }

  private rows(): { key: string; answered: number; failed: number }[] {
    return Object.entries(DECLARED).flatMap(([area, names]) =>
      names.map((name) => {
        const key = `${area} ${name}`;
        return { key, answered: this.answered.get(key) ?? 0, failed: this.failed.get(key) ?? 0 };
      }),
    );
  }

  /** One line for each area: `$eq 120+14` is 120 commands answered and 14 that failed alike. */
  report(): string {
    const rows = this.rows();
    const lines = Object.keys(DECLARED).map((area) => {
      const own = rows.filter(({ key }) => key.slice(0, key.lastIndexOf(' ')) === area);
      return `  ${area}: ${own.map(({ key, answered, failed }) => `${key.slice(area.length + 1)} ${answered}+${failed}`).join(', ')}`;
    });
    const elsewhere = Object.entries(ELSEWHERE).map(([key, reason]) => `  not fuzzed: ${key} (${reason})`);
    return [...lines, ...elsewhere].join('\n');
  }
}

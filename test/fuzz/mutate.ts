/** Spoils a payload somewhere: takes a part away, or puts something hostile, huge, deep or of another type in its place. Never doubles a part. */
import type { Random } from '../chaos/random.js';

type Json = unknown;
type Path = readonly (string | number)[];

const nested = (depth: number): Json => {
  let value: Json = 'deep';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

const JUNK: readonly (() => Json)[] = [
  () => null,
  () => true,
  () => false,
  () => 0,
  () => -1,
  () => 1.5,
  () => 1e308,
  () => Number.MAX_SAFE_INTEGER + 2,
  () => '',
  () => ' ',
  () => 'x'.repeat(100_000),
  () => '\u0000\u202e\ud800',
  () => '../../etc/passwd',
  () => 'https://169.254.169.254/latest/meta-data',
  () => '<script>alert(1)</script>',
  () => '{"$gt":""}',
  () => '1e999',
  () => '2026-13-45T99:99:99Z',
  () => [],
  () => [null],
  () => ({}),
  () => ({ $gt: '' }),
  () => JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}') as Json,
  () => nested(500),
  () => Array.from({ length: 1000 }, (_, index) => index),
];

/** A copy with one to three parts spoilt. */
export function mutated(payload: Json, random: Random): Json {
  let result = structuredClone(payload);
  for (let times = 1 + Math.floor(random() * 3); times > 0; times -= 1) result = spoilt(result, random);
  return result;
}

function spoilt(payload: Json, random: Random): Json {
  const paths = pathsOf(payload);
  const path = paths[Math.floor(random() * paths.length)] ?? [];
  const junk = JUNK[Math.floor(random() * JUNK.length)]?.();
  const key = path.at(-1);
  if (key === undefined) return junk;
  const parent = path.slice(0, -1).reduce<Json>((value, step) => (value as Record<string, Json>)[step], payload) as Record<string, Json>;
  const how = random();
  if (how < 0.25 && !Array.isArray(parent)) Reflect.deleteProperty(parent, key);
  else if (how < 0.35 && !Array.isArray(parent)) {
    parent[`${String(key)}_`] = parent[key];
    Reflect.deleteProperty(parent, key);
  } else if (how < 0.45 && !Array.isArray(parent)) parent[`added_${String(key)}`] = junk;
  else parent[key] = junk;
  return payload;
}

/** Of every value in it, the payload itself first; of very long lists only the beginning. */
function pathsOf(value: Json, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null || path.length > 12) return [path];
  const inner = Object.entries(value).slice(0, 50);
  return [path, ...inner.flatMap(([key, part]) => pathsOf(part as Json, [...path, Array.isArray(value) ? Number(key) : key]))];
}

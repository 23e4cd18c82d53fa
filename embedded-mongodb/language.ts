// The query language as the commands use it: one place that says which functions the server takes from it.
import { compare, type Doc, indexKeys } from './bson/index.js';
import { refusal } from './errors.js';
export { compileFilter, type Filter } from './match/index.js';
export { compileUpdate, documentForUpsert, type Update } from './update/index.js';
export function compileProjection(_spec: Doc, _options: object): (doc: Doc) => Doc {
  throw refusal('BadValue', 'projection');
}
export function compileSort(spec: Doc, _options: object): (a: Doc, b: Doc) => number {
  return (a, b) => {
    for (const [path, direction] of spec) {
      const [left, right] = [indexKeys(a, [path]).keys[0]?.[0], indexKeys(b, [path]).keys[0]?.[0]];
      const order = compare(left, right) * Number(direction);
      if (order !== 0) return order;
    }
    return 0;
  };
}

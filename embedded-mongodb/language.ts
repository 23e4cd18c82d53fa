// The query language as the commands use it: one place that says which functions the server takes from it.
export { collationOrder } from './bson/collation.js';
export { compileFilter, type Filter } from './match/index.js';
export { compileProjection } from './projection/index.js';
export { setScore } from './score.js';
export { compileSortKeys } from './sort.js';
export { compilePipeline, type Pipeline } from './stages/index.js';
export { checkStages, checkUpsertFilter, compileUpdate, documentForUpsert, type Update } from './update/index.js';

// Filters: what the rest of the engine uses of this folder.
export { compileFilter, type Filter } from './filter.js';

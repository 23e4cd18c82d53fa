// Filters: what the rest of the engine uses of this folder.
export { compileFilter, type Filter, type FilterOptions } from './filter.js';

// Projections: what the rest of the engine uses of this folder.
export { compileProjection, type ProjectionOptions } from './find.js';

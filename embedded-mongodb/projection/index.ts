// Projections: what the rest of the engine uses of this folder.
export { compileProjection } from './find.js';

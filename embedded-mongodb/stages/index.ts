// Pipelines: what the rest of the engine uses of this folder.
export { compilePipeline, type Pipeline } from './pipeline.js';

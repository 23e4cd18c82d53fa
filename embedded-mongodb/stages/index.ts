// Pipelines: what the rest of the engine uses of this folder.
export { compilePipeline, type Pipeline, type PipelineContext } from './pipeline.js';
export { setScore } from '../score.js';

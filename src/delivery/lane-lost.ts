/** Thrown when this instance finds that it no longer owns a lane: it stops working on the conversation and writes nothing more to it. */
export class LaneLostError extends Error {
  override readonly name = 'LaneLostError';

  constructor() {
    super('the lane was taken over by another instance');
  }
}

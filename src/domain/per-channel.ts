/** A setting that channels may have each to themselves. */
export interface PerChannel<Value> {
  readonly usual: Value;
  /** By the channel's name. */
  readonly channels: Readonly<Record<string, Value>>;
}

export const forAll = <Value>(usual: Value): PerChannel<Value> => ({ usual, channels: {} });

export const ofChannel = <Value>({ usual, channels }: PerChannel<Value>, channel: string): Value => channels[channel] ?? usual;

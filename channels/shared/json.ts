/** JSON from platforms and for a look at it: what is no JSON, or nested deeper than the stack, must not be an exception on the way of a webhook. */

/** Undefined for what is no JSON. */
export function parseJson(text: string | Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

/** For `IgnoredEvent.unknown`. What was parsed may be nested too deeply to be written. @param without a key that is left out wherever it stands */
export function jsonText(value: unknown, without?: string): string {
  try {
    return JSON.stringify(value, (key, part: unknown) => (key !== '' && key === without ? undefined : part)) ?? 'null';
  } catch (thrown) {
    if (thrown instanceof RangeError) return '"nested too deeply"';
    throw thrown;
  }
}

/** Tells the desks, by an event, of cases whose texts were erased, and closes those that were open. Any instance may do it, any number of times. */
import type { Cases } from './cases.js';

export interface ErasedCasesDeps {
  readonly cases: Pick<Cases, 'record'>;
  readonly erasure: { readonly unfinishedIds: () => Promise<readonly string[]>; readonly finish: (ticketId: string) => Promise<void> };
}

/** Returns how many cases it told of. */
export async function tellErasedCases({ cases, erasure }: ErasedCasesDeps): Promise<number> {
  const ids = await erasure.unfinishedIds();
  for (const ticketId of ids) {
    await cases.record({ ticketId, actionId: 'erased' }, 'system', { kind: 'erased' });
    await erasure.finish(ticketId);
  }
  return ids.length;
}

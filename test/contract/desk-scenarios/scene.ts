/** What a scenario has before it: the house, the desk that it is about, and the others, which show what happens here. */
import type { DeskStaff } from '../../fakes/desks/desk-staff.js';
import type { SupportHouse } from '../../fakes/desks/support-house.js';

export interface Scene {
  readonly house: SupportHouse;
  readonly here: DeskStaff;
  readonly others: readonly DeskStaff[];
  readonly all: readonly DeskStaff[];
}

export type SceneOf = () => Scene;

/** Longer than any of them takes, on a machine that does other things too. */
export const LIMIT_MS = 120_000;

/** For what must not happen: somewhat longer than it would take. */
export const QUIET_MS = 1_500;

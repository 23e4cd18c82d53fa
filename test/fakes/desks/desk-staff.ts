/** People who work at a desk, the same for every desk: what they see, what they press, what they alone are told. Scenarios and measurements are written for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Agent } from '../../../src/domain/ticket.js';
import type { DeskForm, ShownCase } from '../../contract/desk-suite.js';

export interface DeskFile {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

export interface DeskStaff {
  readonly name: 'slack' | 'teams' | 'inbox';
  /** Two who work at it, as cases name them. */
  readonly marta: Agent;
  readonly luis: Agent;
  /** The card and what is below it; null: the case is not on show there. Where somebody deleted the card, the new one. */
  shown(ticketId: string): Promise<ShownCase | null>;
  /** What this person alone was told, oldest first. */
  told(who: Agent): Promise<readonly string[]>;
  /** Their finger over a button, with its form filled in: the press of what they see now, whenever it is called, and as often. */
  finger(who: Agent, ticketId: string, button: string, form?: DeskForm): Promise<() => Promise<void>>;
  /** Types in the place of the case, as people do there (`/r ` begins what goes to the customer): tells of it when it is called. */
  line(who: Agent, ticketId: string, text: string): Promise<() => Promise<void>>;
  replyWithFile(who: Agent, ticketId: string, file: DeskFile): Promise<void>;
  /** Looks out from the moment in which it resolves: `at` is when its platform is given something with this text, by `performance.now()`. */
  lookOut(text: string): Promise<{ readonly at: Promise<number> }>;
  /** Its platform is down, or up again. Null: the desk is a page of ours. */
  readonly setDown: ((down: boolean) => void) | null;
  /** Null: there is no card that could be deleted. */
  readonly deleteCard: ((ticketId: string) => Promise<void>) | null;
  /** The author deletes the last line that they typed in the case. Null: what is typed there cannot be deleted, or nobody is told. */
  readonly deleteTyped: ((who: Agent, ticketId: string) => Promise<void>) | null;
  /** This person is not of the desk any more; returns what brings them back. Null: whoever is gone sees nothing that they could press. */
  readonly leave: ((who: Agent) => Promise<() => Promise<void>>) | null;
  /** Presses and texts that no button and no person of the desk makes: of another bot, unknown, malformed. */
  mischief(ticketId: string): Promise<void>;
}

/** People read before they end a case: what they cannot have read keeps it open. */
export const READING_MS = 1_100;

export async function press(staff: DeskStaff, who: Agent, ticketId: string, button: string, form?: DeskForm): Promise<void> {
  if (button === 'resolve' || button === 'return-to-bot') await sleep(READING_MS);
  await (
    await staff.finger(who, ticketId, button, form)
  )();
}

export const write = async (staff: DeskStaff, who: Agent, ticketId: string, text: string): Promise<void> =>
  (await staff.line(who, ticketId, text))();

const LOOK_EVERY_MS = 2;
const PATIENCE_MS = 60_000;

/** When it is so for the first time, by `performance.now()`. */
export async function arrival(isSo: () => boolean): Promise<number> {
  for (const began = performance.now(); !isSo(); await sleep(LOOK_EVERY_MS)) {
    if (performance.now() - began > PATIENCE_MS) throw new Error('it never arrived');
  }
  return performance.now();
}

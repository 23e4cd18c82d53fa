/**
 * What happens to cases. A command is decided on what the log says, and appended under the next number; where somebody else was faster the number is
 * taken, and it is decided again on what the log says then. Asked twice under one action, it happens once.
 */
import type { DeskCommand } from '../../domain/desk.js';
import { fold } from '../../domain/fold-ticket.js';
import type { Actor, Agent, Ticket, TicketChange, TicketEvent, TicketStore } from '../../domain/ticket.js';
import { decide, type Decision, lastEditOf, type Refusal, settling } from './decide.js';

export type Outcome =
  | { readonly kind: 'done'; readonly ticket: Ticket; readonly event: TicketEvent }
  | { readonly kind: 'refused'; readonly ticket: Ticket; readonly refusal: Refusal }
  | { readonly kind: 'unknown-ticket' };

export interface CaseAction {
  readonly ticketId: string;
  /** Unique in the case: the same for every delivery of one press. */
  readonly actionId: string;
}

export interface Cases {
  /** What a person of the staff does. */
  act(action: CaseAction, by: { readonly agent: Agent; readonly desk: string }, command: DeskCommand): Promise<Outcome>;
  /**
   * What happens otherwise: the customer wrote, a reply was delivered, a clock ran out. Null: there is no such case, or it is not to happen any more.
   * @param when whether it is still to happen, as the case stands then
   */
  record(
    action: CaseAction,
    by: 'customer' | 'system',
    change: TicketChange,
    when?: (ticket: Ticket) => boolean,
  ): Promise<TicketEvent | null>;
  /** Says that the reply goes out now, and by which edit it reads. Null: it was undone before. */
  dispatch(ticketId: string, of: number): Promise<{ readonly as: number | null } | null>;
}

export interface CasesDeps {
  readonly store: Pick<TicketStore, 'load' | 'append'>;
  /** For how long a reply can be undone. */
  readonly undoMs: number;
  /** Told after each event, so that those who are to be shown it are woken. */
  readonly onEvent: (event: TicketEvent) => void;
  readonly now?: () => Date;
}

/** So many others were faster, one after another: something is wrong. */
const MAX_TRIES = 50;

export function createCases({ store, undoMs, onEvent, now = () => new Date() }: CasesDeps): Cases {
  const attempt = async (
    { ticketId, actionId }: CaseAction,
    by: Actor,
    decideOn: (ticket: Ticket, events: readonly TicketEvent[]) => Decision | Refusal,
  ): Promise<Outcome> => {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const loaded = await store.load(ticketId);
      if (loaded === null) return { kind: 'unknown-ticket' };
      const { ticket, events } = loaded;
      const done = events.find((event) => event.actionId === actionId);
      if (done !== undefined) return { kind: 'done', ticket, event: done };
      const decision = decideOn(ticket, events);
      if ('refused' in decision) return { kind: 'refused', ticket, refusal: decision };
      const event = { ticketId, seq: ticket.seq + 1, at: now(), by, actionId: decision.onceAs ?? actionId, change: decision.change };
      const changed = fold(ticket, event);
      if (!(await store.append(event, changed))) continue;
      onEvent(event);
      return { kind: 'done', ticket: changed, event };
    }
    throw new Error(`the case ${ticketId} was changed ${MAX_TRIES} times while one action was tried`);
  };

  return {
    act: (action, { agent, desk }, command) =>
      attempt(action, { kind: 'agent', agent, desk }, (ticket, events) => decide(command, agent, { ticket, events, now: now(), undoMs })),

    async record(action, by, change, when = () => true) {
      const outcome = await attempt(action, { kind: by }, (ticket) =>
        when(ticket) ? { change, onceAs: null } : { refused: 'too-late', agent: ticket.agent },
      );
      return outcome.kind === 'done' ? outcome.event : null;
    },

    async dispatch(ticketId, of) {
      const action = { ticketId, actionId: settling(of) };
      const outcome = await attempt(action, { kind: 'system' }, (_ticket, events) => {
        const as = lastEditOf(of, events);
        return { change: { kind: 'reply-dispatched', of, ...(as === null ? {} : { as }) }, onceAs: null };
      });
      const change = outcome.kind === 'done' ? outcome.event.change : null;
      return change?.kind === 'reply-dispatched' ? { as: change.as ?? null } : null;
    },
  };
}

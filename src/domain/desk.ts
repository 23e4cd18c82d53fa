/**
 * THE desk contract. A desk is where staff see cases and act on them: a Slack channel, a Teams channel, the web inbox. Any number may be on at
 * once. Each is shown every event of every case in order, at least once, and what people do there becomes commands. One contract suite runs for
 * every desk against its emulator.
 */
import type { MediaRef } from './content.js';
import type { TeamNames } from './desk-settings.js';
import type { Message } from './message.js';
import type { Agent, Ticket, TicketEvent } from './ticket.js';

/** What a person does with a case. */
export type DeskCommand =
  | { readonly kind: 'claim' }
  | { readonly kind: 'assign'; readonly to: Agent }
  | { readonly kind: 'release' }
  /** Internal. */
  | { readonly kind: 'note'; readonly text: string }
  /** To the customer. */
  | { readonly kind: 'reply'; readonly markdown: string; readonly files: readonly MediaRef[] }
  /** Of a note, or of a reply that has not gone out, by the number of its event: what it says from now on. */
  | { readonly kind: 'edit'; readonly of: number; readonly text: string }
  /** Of a reply that has not gone out, by the number of its event; null: the last one. */
  | { readonly kind: 'undo'; readonly of: number | null }
  /** Of a reply that failed. */
  | { readonly kind: 'retry'; readonly of: number }
  /** Refused where the customer has written since the agent began (`begunAt`, where the desk knows; else now): nobody would answer that. */
  | { readonly kind: 'return-to-bot'; readonly note: string; readonly begunAt?: Date }
  | { readonly kind: 'resolve'; readonly reason: string; readonly begunAt?: Date }
  | { readonly kind: 'reopen' };

/** What is asked and changes nothing; answered to the person alone. */
export type DeskQuery = { readonly kind: 'suggest' } | { readonly kind: 'transcript' };

/** What a person did at a desk, decoded. */
export interface DeskRequest {
  /** Unique at its desk; the same where the platform delivers it again. */
  readonly actionId: string;
  readonly agent: Agent;
  /** The case by its number, or by the place at the desk that `show` has told (`DeskMemory.place`). */
  readonly about: { readonly ticketId: string } | { readonly place: string };
  readonly ask: DeskCommand | DeskQuery | DeskText | DeskRetyped;
  /** Where the person is answered, for the desk alone. */
  readonly answerTo: Readonly<Record<string, string>>;
}

/**
 * Reason of a `reply-failed` that is none yet: the channel takes no free replies now. The customer was asked to write, and it goes out once they do.
 */
export const KEPT_BACK = 'kept-back';

/**
 * Something written in the place of a case, without a button. Whether it is internal or goes to the customer is decided by the core, the same for all
 * desks: it is a note unless it begins with `/r `, or the team has it the other way round.
 */
export interface DeskText {
  readonly kind: 'text';
  readonly text: string;
  readonly files: readonly MediaRef[];
}

/**
 * What was written so is changed in its place, or deleted (`text` is null). A reply that has not gone out reads by it, or is taken back where it is deleted
 * or is internal now; a note is changed and not deleted.
 */
export interface DeskRetyped {
  readonly kind: 'retyped';
  /** `actionId` of the request that it was written by. */
  readonly typed: string;
  readonly text: string | null;
}

/** What the desk keeps of a case. */
export interface DeskMemory {
  /** The case's place as `DeskRequest.about` names it; unique at the desk. Null: it is shown nowhere yet. */
  readonly place: string | null;
  /** Ids at the platform by the desk's own names (`card`, `event:7`), 64 kB at most. */
  readonly ids: Readonly<Record<string, string>>;
}

/** One event with what is needed to show it. */
export interface CaseView {
  /** As it stands now, which may be later than the event. */
  readonly ticket: Ticket;
  readonly event: TicketEvent;
  /** The message that the event names, as it stands now; null: it names none, or it is deleted. */
  readonly message: Message | null;
  /** For `reply-…`: the `replied` event that it is about, as it was last edited, so that what is shown of the reply can be written anew. Null for all others. */
  readonly reply: TicketEvent | null;
  readonly customer: { readonly name: string | null; readonly channel: string };
  /** Of all teams: the case and its events name them by their ids. One that is not there any more is missing. */
  readonly teams: TeamNames;
  /** For `opened` and `reopened`: what was said before, oldest first. */
  readonly history: readonly Message[];
  /** For `opened`: earlier cases of this person, newest first. */
  readonly pastCases: readonly Ticket[];
  /** Where the case and its trace can be looked at; null where the service's address is not known. */
  readonly links: { readonly case: string; readonly trace: string } | null;
}

/** What a person is answered, privately. Markdown. */
export interface DeskAnswer {
  readonly ok: boolean;
  readonly markdown: string;
  /** For `suggest`: texts to insert, each with its sources in it. */
  readonly suggestions?: readonly { readonly title: string; readonly markdown: string }[];
  /** Whose they are, where the request names the case by its place. */
  readonly ticketId?: string;
}

export interface Desk {
  /** `slack`, `teams`, `inbox`. */
  readonly name: string;
  /**
   * Shows one event and what it changes of the card; returns what is to be remembered. May be called again with an event that it has shown (the process
   * ended in between): it looks at the memory, and where the platform can tell, at the platform. Throws ChannelError.
   */
  show(view: CaseView, memory: DeskMemory): Promise<DeskMemory>;
  /** Tells the person what came of what they asked. Best effort: throws ChannelError, which is only logged. */
  answer(request: DeskRequest, answer: DeskAnswer): Promise<void>;
}

/** What the core does with a request: resolves once it is stored. Throws only where it could not be: the platform is to deliver it again. */
export type PerformDeskRequest = (desk: Pick<Desk, 'name' | 'answer'>, request: DeskRequest) => Promise<DeskAnswer>;

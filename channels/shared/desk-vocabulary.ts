/** What the desks have words for. Each language fills it in: desk-words-es.ts and desk-words-en.ts. */
import type { EscalationReason, TicketPriority, TicketStatus } from '../../src/domain/ticket.js';
import type { CardButton, ResolveReason } from './desk-buttons.js';

export interface DeskWords {
  readonly button: Readonly<Record<CardButton | 'undo' | 'retry' | 'insert', string>>;
  readonly status: Readonly<Record<TicketStatus, string>>;
  readonly priority: Readonly<Record<TicketPriority, string>>;
  readonly escalation: Readonly<Record<EscalationReason, string>>;
  readonly resolved: Readonly<Record<ResolveReason, string>>;
  readonly field: Readonly<
    Record<'customer' | 'channel' | 'reasons' | 'language' | 'entities' | 'sentiment' | 'waitingSince' | 'agent' | 'team' | 'score', string>
  >;
  readonly mood: Readonly<Record<'good' | 'neutral' | 'bad', string>>;
  readonly nobody: string;
  /** Who does what no person did: cases are given out and passed on by the clock. */
  readonly automatic: string;
  readonly unnamed: string;
  readonly assistant: string;
  /** Somebody of the staff. */
  readonly person: string;
  readonly caseLink: string;
  readonly traceLink: string;
  readonly history: string;
  readonly noHistory: string;
  readonly earlierLeftOut: (count: number) => string;
  readonly pastCases: string;
  readonly cut: string;
  /** Before what an agent says to the customer. */
  readonly toCustomer: (agent: string) => string;
  readonly note: (agent: string) => string;
  readonly reply: Readonly<
    Record<'pending' | 'undone' | 'dispatched' | 'sent' | 'delivered' | 'read' | 'retried' | 'keptBack', string> & {
      failed: (reason: string) => string;
    }
  >;
  readonly failure: Readonly<Record<string, string>>;
  readonly did: Readonly<{
    claimed: (agent: string) => string;
    assigned: (agent: string, to: string) => string;
    released: (agent: string) => string;
    resolved: (agent: string) => string;
    returned: (agent: string) => string;
    reopened: (by: string | null) => string;
    noteEdited: (agent: string) => string;
    customerLeft: string;
    erased: string;
    customerEdited: string;
    customerDeleted: string;
    customerReacted: (emoji: string) => string;
    customerUnreacted: string;
    rated: (score: number) => string;
    commented: string;
  }>;
  readonly edited: string;
  readonly fileLeftOut: (filename: string) => string;
  readonly mark: (clock: string, what: string) => string;
  readonly offeredTo: (team: string) => string;
  readonly form: Readonly<
    Record<
      | 'send'
      | 'save'
      | 'cancel'
      | 'replyText'
      | 'replyHint'
      | 'files'
      | 'noteText'
      | 'botNote'
      | 'reason'
      | 'reasonText'
      | 'assignee'
      | 'empty'
      | 'notMember',
      string
    >
  >;
  readonly refused: Readonly<Record<'notMember' | 'notChecked' | 'formLate', string>>;
  readonly abridged: string;
}

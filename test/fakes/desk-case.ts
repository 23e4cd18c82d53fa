/** Cases as the core hands them to a desk: events in order, each with the ticket as it then stands. For the contract of desks and their unit tests. */
import type { CaseView } from '../../src/domain/desk.js';
import { fold } from '../../src/domain/fold-ticket.js';
import type { Message } from '../../src/domain/message.js';
import {
  OPENING_STATE,
  type Actor,
  type Agent,
  type Ticket,
  type TicketChange,
  type TicketEvent,
  type TicketOpening,
} from '../../src/domain/ticket.js';

const OPENED_AT = new Date('2026-11-21T10:00:00Z');

export interface Happening {
  /** Of whom; the customer or the system where it is left out. */
  readonly by?: Actor;
  /** As the core puts it together: `<desk>:<action>`. */
  readonly actionId?: string;
  readonly message?: Message;
  readonly history?: readonly Message[];
  readonly pastCases?: readonly Ticket[];
}

export interface TestCase {
  readonly id: string;
  /** The next event, and what the desk is shown of it. */
  happens(change: TicketChange, happening?: Happening): CaseView;
  ticket(): Ticket;
}

export interface CaseOptions {
  readonly customer?: string | null;
  readonly links?: CaseView['links'];
  /** When its events happen: their first second. Long ago where it is left out. */
  readonly openedAt?: Date;
}

export function aCase(id: string, opening: Partial<TicketOpening> = {}, options: CaseOptions = {}): TestCase {
  const { customer = 'Lucía Núñez', links = null, openedAt = OPENED_AT } = options;
  let ticket: Ticket = { ...OPENING_STATE, ...anOpening(id, openedAt), ...opening, id };
  const events: TicketEvent[] = [];
  return {
    id,
    ticket: () => ticket,
    happens(change, { by = CUSTOMER, actionId, message, history = [], pastCases = [] } = {}) {
      const seq = ticket.seq + 1;
      const at = new Date(openedAt.getTime() + seq * 1000);
      const event: TicketEvent = { ticketId: id, seq, at, by, actionId: actionId ?? `test:${seq}`, change };
      events.push(event);
      ticket = fold(ticket, event);
      const reply = change.kind.startsWith('reply-') && 'of' in change ? events.find((earlier) => earlier.seq === change.of) : undefined;
      const customerView = { name: customer, channel: ticket.channel };
      return {
        ticket,
        event,
        message: message ?? null,
        reply: reply ?? null,
        customer: customerView,
        history,
        pastCases,
        links,
        teams: { ventas: 'Ventas Zaragoza' },
      };
    },
  };
}

const anOpening = (id: string, createdAt: Date): TicketOpening => ({
  id,
  conversationId: `conv_${id}`,
  threadId: `thr_${id}`,
  contactId: `contact_${id}`,
  channel: 'whatsapp',
  priority: 'high',
  reasons: ['asked-for-person'],
  language: 'es',
  summary: `Quiere 40 paneles para una cubierta (${id}).`,
  createdAt,
  turnId: `turn_${id}`,
  entities: [{ kind: 'product', value: 'Isodec EPS 100 mm' }],
  sentiment: -0.4,
  attachments: [],
});

let messages = 0;

/** A line of the conversation; by the customer where nothing else is said. */
export function aMessage(text: string, partial: Partial<Message> = {}): Message {
  messages += 1;
  return {
    id: `msg_${messages}`,
    conversationId: 'conv_1',
    threadId: 'thr_1',
    turnId: `turn_${messages}`,
    order: messages,
    role: 'user',
    text,
    content: [],
    choices: [],
    attachments: [],
    sources: [],
    toolsUsed: [],
    intent: null,
    language: 'es',
    confidence: null,
    platformMessageId: `wamid.${messages}`,
    editedAt: null,
    deletedAt: null,
    createdAt: new Date(OPENED_AT.getTime() + messages * 1000),
    processingTimeMs: null,
    ...partial,
  };
}

export const byAgent = (agent: Agent, desk: string): Actor => ({ kind: 'agent', agent, desk });
export const SYSTEM: Actor = { kind: 'system' };
const CUSTOMER: Actor = { kind: 'customer' };

/** Every kind of event, in an order that can happen, with what is to be read of it in the case's place (null: nothing new has to be). */
export function everyEvent(
  one: TestCase,
  agent: Agent,
  desk: string,
): readonly { readonly view: CaseView; readonly says: string | null }[] {
  const by = byAgent(agent, desk);
  const colleague: Agent = { id: 'somewhere:9', name: 'Nuria Soler' };
  const written = aMessage('¿Hay entrega en Zaragoza?');
  const reaction = aMessage('Gracias por escribir', { role: 'agent', platformMessageId: 'wamid.ours' });
  const replied = (markdown: string) => ({ kind: 'replied', markdown, files: [], sendAt: new Date('2099-01-01T00:00:05Z') }) as const;
  const history = [aMessage('Hola, necesito un presupuesto'), aMessage('Claro, ¿de qué?', { role: 'assistant' })];
  const shown: { view: CaseView; says: string | null }[] = [];
  const add = (says: string | null, change: TicketChange, happening: Happening = {}): number => {
    const view = one.happens(change, happening);
    shown.push({ view, says });
    return view.event.seq;
  };
  add('Hola, necesito un presupuesto', { kind: 'opened', team: null }, { history });
  add(null, { kind: 'claimed' }, { by });
  const noted = add('Es cliente desde 2019', { kind: 'noted', text: 'Es cliente desde 2019' }, { by });
  add(null, { kind: 'note-edited', of: noted, text: 'Es cliente desde 2018' }, { by });
  const undone = add('Un momento', replied('Un momento'), { by });
  add(null, { kind: 'reply-undone', of: undone }, { by });
  const of = add('Lo miro ahora', replied('Lo miro **ahora**'), { by });
  add(null, { kind: 'reply-edited', of, markdown: 'Lo miro **ya**' }, { by });
  add(null, { kind: 'reply-dispatched', of }, { by: SYSTEM });
  add(null, { kind: 'reply-failed', of, outboxId: 'out_1', reason: 'unavailable' }, { by: SYSTEM });
  add(null, { kind: 'reply-retried', of, outboxId: 'out_1' }, { by });
  for (const status of ['sent', 'delivered', 'read'] as const) add(null, { kind: 'reply-delivered', of, status }, { by: SYSTEM });
  add('¿Hay entrega en Zaragoza?', { kind: 'customer-wrote', messageId: written.id }, { message: written });
  const edited = { ...written, text: '¿Hay entrega en Huesca?', editedAt: new Date() };
  add('¿Hay entrega en Huesca?', { kind: 'customer-edited', platformMessageId: written.platformMessageId ?? '' }, { message: edited });
  add('👍', { kind: 'customer-reacted', platformMessageId: 'wamid.ours', emoji: '👍' }, { message: reaction });
  add(null, { kind: 'customer-reacted', platformMessageId: 'wamid.ours', emoji: null }, { message: reaction });
  add(null, { kind: 'customer-deleted', platformMessageId: written.platformMessageId ?? '' });
  add(null, { kind: 'marked', mark: 'next:reminded', team: null, say: null }, { by: SYSTEM });
  add('Ventas Zaragoza', { kind: 'marked', mark: 'unclaimed:widened', team: 'ventas', say: null }, { by: SYSTEM });
  add('Nuria Soler', { kind: 'assigned', to: colleague }, { by });
  add(null, { kind: 'released' }, { by: byAgent(colleague, desk) });
  add('Reparto automático', { kind: 'assigned', to: colleague }, { by: SYSTEM });
  add('Reparto automático', { kind: 'released' }, { by: SYSTEM });
  add(null, { kind: 'claimed' }, { by });
  add('presupuesto enviado', { kind: 'resolved', reason: 'other: presupuesto enviado' }, { by });
  add('4/5', { kind: 'rated', score: 4 });
  const comment = aMessage('Muy rápido todo');
  add('Muy rápido todo', { kind: 'commented', messageId: comment.id }, { message: comment });
  add(null, { kind: 'reopened' }, { history: [comment] });
  add('Ya tiene los datos', { kind: 'returned', note: 'Ya tiene los datos' }, { by });
  add(null, { kind: 'reopened' }, { by });
  add(null, { kind: 'customer-left' });
  add('borrado', { kind: 'erased' }, { by: SYSTEM });
  return shown;
}

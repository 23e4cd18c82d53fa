/** What a customer is told when their case goes to people: that it does, the number, how soon, and what happens next. */
import type { EscalationReason, Ticket, TicketPriority } from '../domain/ticket.js';
import type { Language } from '../domain/understanding.js';

interface HandoffTexts {
  /** What we say first, by the weightiest reason. */
  readonly opening: Readonly<Record<EscalationReason, string>>;
  readonly next: (ticketId: string, wait: string) => string;
  /** Within opening hours; no promise is made about them. */
  readonly wait: Readonly<Record<TicketPriority, string>>;
}

const TEXTS: Readonly<Record<Language, HandoffTexts>> = {
  es: {
    opening: {
      'asked-for-person': 'Claro, te paso con una persona.',
      'legal-or-compliance': 'Este asunto lo tiene que ver una persona de nuestro equipo.',
      frustration: 'Siento mucho las molestias. Te paso con una persona de nuestro equipo.',
      urgency: 'Entiendo que es urgente. Te paso con una persona de nuestro equipo.',
      'repeated-failure': 'Veo que no te estoy ayudando como necesitas. Te paso con una persona.',
      'low-confidence': 'No quiero darte una respuesta equivocada. Te paso con una persona.',
      'failed-turn': 'Lo siento, algo ha fallado por nuestra parte. Te paso con una persona.',
      'stale-reply': 'Siento la espera. Te paso con una persona.',
    },
    next: (ticketId, wait) =>
      `Tu caso es el **${ticketId}**. Te responderá aquí mismo, en horario de atención, ${wait}. Ya tiene esta conversación; puedes seguir escribiendo para añadir detalles.`,
    wait: {
      low: 'en cuanto pueda',
      normal: 'normalmente en unas horas',
      high: 'lo antes posible',
      urgent: 'con prioridad, lo antes posible',
    },
  },
  en: {
    opening: {
      'asked-for-person': 'Of course, I am passing you to a person.',
      'legal-or-compliance': 'This is a matter for a person on our team.',
      frustration: 'I am very sorry about the trouble. I am passing you to a person on our team.',
      urgency: 'I understand that it is urgent. I am passing you to a person on our team.',
      'repeated-failure': 'I can see that I am not helping as you need. I am passing you to a person.',
      'low-confidence': 'I do not want to give you a wrong answer. I am passing you to a person.',
      'failed-turn': 'I am sorry, something went wrong on our side. I am passing you to a person.',
      'stale-reply': 'I am sorry about the wait. I am passing you to a person.',
    },
    next: (ticketId, wait) =>
      `Your case is **${ticketId}**. They will reply right here, during opening hours, ${wait}. They can see this conversation; keep writing to add details.`,
    wait: {
      low: 'as soon as they can',
      normal: 'usually within a few hours',
      high: 'as soon as possible',
      urgent: 'with priority, as soon as possible',
    },
  },
};

/** Markdown. */
export function announcement(ticket: Pick<Ticket, 'id' | 'reasons' | 'priority'>, language: Language): string {
  const { opening, next, wait } = TEXTS[language];
  return `${opening[ticket.reasons[0] ?? 'asked-for-person']} ${next(ticket.id, wait[ticket.priority])}`;
}

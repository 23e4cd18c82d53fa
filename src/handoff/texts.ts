/** What a customer is told when their case goes to people: that it does, the number, how soon or when the team opens, and what happens next. */
import { teamOfCase, type DeskSettings } from '../domain/desk-settings.js';
import type { EscalationReason, Ticket, TicketPriority } from '../domain/ticket.js';
import type { Language } from '../domain/understanding.js';
import { holidayAt, isOpenAt, nextOpening } from './opening-hours.js';
import { durationText, whenText } from './time-texts.js';

interface HandoffTexts {
  /** What we say first, by the weightiest reason. */
  readonly opening: Readonly<Record<EscalationReason, string>>;
  readonly number: (ticketId: string) => string;
  /** @param soon how long it usually takes */
  readonly whileOpen: (soon: string) => string;
  /** @param opens `el lunes a las 8:00` @param holiday its name, where that is why */
  readonly whileClosed: (opens: string, soon: string, holiday: string | null) => string;
  /** Where the hours are not known, or nothing opens within a year. */
  readonly whenever: (soon: string) => string;
  readonly more: string;
  readonly usually: (duration: string) => string;
  /** Where no hours are known: no promise is made. */
  readonly vague: Readonly<Record<TicketPriority, string>>;
  /** Nobody has taken the case for a while. */
  readonly stillWaiting: (ticketId: string, expected: string) => string;
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
    number: (ticketId) => `Tu caso es el **${ticketId}**.`,
    whileOpen: (soon) => `Te responderá aquí mismo, ${soon}.`,
    whileClosed: (opens, soon, holiday) =>
      `Ahora ${holiday === null ? 'el equipo no está' : `no hay nadie (${holiday})`}: abrimos ${opens}, y te responderá aquí mismo, ${soon} desde entonces.`,
    whenever: (soon) => `Te responderá aquí mismo, en horario de atención, ${soon}.`,
    more: 'Ya tiene esta conversación; puedes seguir escribiendo para añadir detalles.',
    usually: (duration) => `normalmente en menos de ${duration}`,
    stillWaiting: (ticketId, expected) =>
      `Tu caso **${ticketId}** sigue en espera: sentimos la tardanza. Hemos avisado a más compañeros. ${expected}`,
    vague: {
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
    number: (ticketId) => `Your case is **${ticketId}**.`,
    whileOpen: (soon) => `They will reply right here, ${soon}.`,
    whileClosed: (opens, soon, holiday) =>
      `${holiday === null ? 'The team is not in now' : `Nobody is in now (${holiday})`}: we open ${opens}, and they will reply right here, ${soon} from then on.`,
    whenever: (soon) => `They will reply right here, during opening hours, ${soon}.`,
    more: 'They can see this conversation; keep writing to add details.',
    usually: (duration) => `usually within ${duration}`,
    stillWaiting: (ticketId, expected) =>
      `Your case **${ticketId}** is still waiting: we are sorry that it takes so long. We have told more colleagues. ${expected}`,
    vague: {
      low: 'as soon as they can',
      normal: 'usually within a few hours',
      high: 'as soon as possible',
      urgent: 'with priority, as soon as possible',
    },
  },
};

export type Announced = Pick<Ticket, 'id' | 'reasons' | 'priority' | 'team'>;

/** Markdown. */
export function announcement(settings: DeskSettings, ticket: Announced, language: Language, at: Date): string {
  const { opening, number, more } = TEXTS[language];
  const first = opening[ticket.reasons[0] ?? 'asked-for-person'];
  return [first, number(ticket.id), expectation(settings, ticket, language, at), more].join(' ');
}

/** How soon a person replies, or when the team opens: one sentence. */
export function expectation(
  settings: DeskSettings,
  { team, priority }: Omit<Announced, 'id' | 'reasons'>,
  language: Language,
  at: Date,
): string {
  const texts = TEXTS[language];
  const { hours } = teamOfCase(settings, team);
  const opens = hours === null ? null : nextOpening(hours, at);
  if (hours === null || opens === null) return texts.whenever(texts.vague[priority]);
  const soon = texts.usually(durationText(settings.levels[priority].first, language));
  if (isOpenAt(hours, at)) return texts.whileOpen(soon);
  return texts.whileClosed(whenText(opens, at, hours.zone, language), soon, holidayAt(hours, at));
}

/** For a customer whose case nobody has taken yet. Markdown. */
export const stillWaiting = (settings: DeskSettings, ticket: Announced, language: Language, at: Date): string =>
  TEXTS[language].stillWaiting(ticket.id, expectation(settings, ticket, language, at));

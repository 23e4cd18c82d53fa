/** What customers are told of their case while people have it, by language. Markdown. */
import type { Language } from '../domain/understanding.js';

export interface CaseTexts {
  /** @param agent as customers see the name; null: none is shown */
  readonly taken: (agent: string | null) => string;
  readonly returned: (agent: string | null) => string;
  readonly resolved: string;
  readonly reopened: string;
  /** Labels of the scores, worst first. */
  readonly scores: readonly string[];
  readonly askComment: string;
  readonly noCommentLabel: string;
  readonly thanks: string;
}

export const CASE_TEXTS: Readonly<Record<Language, CaseTexts>> = {
  es: {
    taken: (agent) =>
      agent === null ? 'Una persona de nuestro equipo lleva ya tu caso.' : `${agent} lleva ya tu caso y te escribirá por aquí.`,
    returned: (agent) =>
      (agent === null ? 'Te dejamos de nuevo con el asistente.' : `${agent} te deja de nuevo con el asistente.`) + ' ¿En qué más te ayudo?',
    resolved: 'Hemos cerrado tu caso. Si algo no ha quedado bien, escríbenos y lo reabrimos. ¿Cómo te hemos atendido?',
    reopened: 'Hemos reabierto tu caso. Te contestará una persona por aquí.',
    scores: ['1 · Muy mal', '2 · Mal', '3 · Regular', '4 · Bien', '5 · Muy bien'],
    askComment: 'Gracias. ¿Quieres contarnos algo más? Escríbelo en tu próximo mensaje.',
    noCommentLabel: 'No, gracias',
    thanks: 'Gracias por decírnoslo: lo leerá el equipo.',
  },
  en: {
    taken: (agent) =>
      agent === null ? 'A person on our team has your case now.' : `${agent} has your case now and will write to you right here.`,
    returned: (agent) =>
      (agent === null ? 'We leave you with the assistant again.' : `${agent} leaves you with the assistant again.`) +
      ' What else can I do for you?',
    resolved: 'We have closed your case. If something is not right, write to us and we reopen it. How did we do?',
    reopened: 'We have reopened your case. A person will reply right here.',
    scores: ['1 · Very bad', '2 · Bad', '3 · Fair', '4 · Good', '5 · Very good'],
    askComment: 'Thank you. Would you like to add anything? Write it in your next message.',
    noCommentLabel: 'No, thanks',
    thanks: 'Thank you for telling us: the team will read it.',
  },
};

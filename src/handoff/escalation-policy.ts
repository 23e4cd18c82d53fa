/**
 * Decides whether a case goes to people. The rules are data: each gives a reason, and how much it weighs for this message; from 1 on, all weights
 * together, the case is handed over. Asking for a person is always enough; not knowing an answer never is by itself. What weighs is the new message and
 * the failures since a case was last handed back: a reason that people have dealt with does not come again by itself.
 */
import type { Conversation } from '../domain/conversation.js';
import type { EscalationDecision, EscalationReason, TicketPriority } from '../domain/ticket.js';
import type { Answer } from '../domain/turn.js';
import type { Understanding } from '../domain/understanding.js';
import { DEFAULT_DESK_SETTINGS, type DeskSettings } from '../domain/desk-settings.js';
import { fold } from '../text/words.js';
import { withCompanyRules, type Weighed } from './company-rules.js';
import { isOpenAt } from './opening-hours.js';
import { teamFor } from './routing.js';
import { personRequestIn } from './person-request.js';

export interface EscalationInput {
  readonly text: string;
  readonly understanding: Understanding;
  readonly conversation: Pick<Conversation, 'failedAnswers' | 'channel'>;
  /** Null where nothing was tried. */
  readonly answer: Pick<Answer, 'outcome' | 'confidence'> | null;
  /** When it is decided: some rules hold in opening hours only. */
  readonly at: Date;
}

/** A decision with what led to it. */
export interface WeighedDecision extends EscalationDecision {
  /** Every rule that applies, weightiest first. */
  readonly weights: readonly Weighed[];
  readonly total: number;
}

interface Rule {
  readonly reason: EscalationReason;
  readonly priority: TicketPriority;
  /** 0: does not apply; 1: enough by itself. */
  readonly weight: (input: EscalationInput) => number;
}

const ENOUGH = 1;
const MOST_FAILURES = 3;
/** An intent that is as sure as this asks for a person even in words that no pattern knows. */
const SURE_INTENT = 0.7;
const LOW_CONFIDENCE = 0.35;
const STRONG_POLARITY = -0.75;
const PRIORITIES: readonly TicketPriority[] = ['low', 'normal', 'high', 'urgent'];

/** Announced or demanded: a person has to see it. */
const LEGAL_STEP =
  /(?<!\p{L})(?:(?:mi|mis|un|nuestro) abogad\p{L}+|acciones legales|medidas legales|via judicial|(?:os|les|le|te|voy a|vamos a|pienso|quiero) (?:\p{L}+ )?(?:demandar|denunciar|demando|denuncio)\p{L}*|(?:inter)?poner(?:os|les|le)? una (?:denuncia|demanda)|presentar una (?:denuncia|demanda)|(?:reclam|denunci|quej|acud|ir)\p{L}* (?:\p{L}+ )?(?:a|en|ante) (?:la omic|consumo)|burofax|juzgado|tribunal(?:es)?|estafa|(?:borr|elimin|suprim)\p{L}+ (?:todos )?mis datos|(?:supresion|eliminacion|borrado|cancelacion|copia) de (?:todos )?(?:mis datos|los datos que ten\p{L}+ (?:sobre|de) mi)|derecho (?:de|al?) (?:acceso|supresion|olvido|rectificacion|oposicion)|ejercer mis? derechos?|my (?:lawyer|attorney|solicitor)|legal action|take (?:you|this) to court|(?:sue|suing) you|(?:going to|will|gonna) sue|small claims|trading standards|(?:delete|erase|remove) (?:all )?my (?:personal )?data|right to (?:erasure|be forgotten|access)|copy of (?:all )?(?:my (?:personal )?data|the data you (?:have|hold) (?:on|about) me)|gdpr request|subject access request|fraud(?:ulent)?)(?!\p{L})/u;
/** Mentioned: may be a question that the knowledge answers. */
const LEGAL_SUBJECT =
  /(?<!\p{L})(?:abogad\p{L}+|denuncia|demanda legal|consumo|omic|hojas? de reclamacion(?:es)?|rgpd|lopd|proteccion de datos|incumplimiento|indemnizacion|lawyer|attorney|gdpr|data protection|compensation|liability|compliance|lawsuit|court)(?!\p{L})/u;
const EMERGENCY =
  /(?<!\p{L})(?:emergencia|emergency|urgentisim\p{L}+|(?:muy|super|sumamente|extremadamente|very|extremely|really|super) urgent\p{L}*|accidente|accident|herid[oa]|injured|incendio|on fire)(?!\p{L})/u;

const unanswered = ({ answer }: EscalationInput): boolean =>
  answer !== null && (answer.outcome === 'unknown' || (answer.outcome === 'answered' && answer.confidence < LOW_CONFIDENCE));

const RULES: readonly Rule[] = [
  {
    reason: 'asked-for-person',
    priority: 'normal',
    weight: ({ text, understanding: { intent } }) => {
      const request = personRequestIn(text);
      if (request !== 'none') return request === 'asked' ? 1 : 0;
      return intent?.name === 'talk_to_person' && intent.confidence >= SURE_INTENT ? 1 : 0;
    },
  },
  {
    reason: 'legal-or-compliance',
    priority: 'high',
    weight: ({ text }) => {
      const folded = fold(text);
      if (LEGAL_STEP.test(folded)) return 1;
      return LEGAL_SUBJECT.test(folded) ? 0.5 : 0;
    },
  },
  {
    reason: 'frustration',
    priority: 'high',
    weight: ({ understanding: { sentiment } }) => {
      if (!sentiment.frustrated) return 0;
      return sentiment.polarity <= STRONG_POLARITY ? 1 : 0.6;
    },
  },
  {
    reason: 'urgency',
    priority: 'urgent',
    weight: ({ text, understanding: { sentiment } }) => {
      if (!sentiment.urgent) return 0;
      return EMERGENCY.test(fold(text)) ? 1 : 0.6;
    },
  },
  {
    reason: 'repeated-failure',
    priority: 'normal',
    weight: (input) => {
      const failures = input.conversation.failedAnswers + (unanswered(input) ? 1 : 0);
      if (!unanswered(input) || failures < 2) return 0;
      return failures >= MOST_FAILURES ? 1 : 0.4;
    },
  },
  {
    reason: 'low-confidence',
    priority: 'normal',
    // A complaint that the knowledge has no answer to is nobody's but a person's.
    weight: (input) => (unanswered(input) ? (input.understanding.intent?.name === 'complaint' ? 1 : 0.45) : 0),
  },
];

/** Pure. Reasons come weightiest first. */
export function decideEscalation(input: EscalationInput, settings: DeskSettings = DEFAULT_DESK_SETTINGS): EscalationDecision {
  const { escalate, reasons, priority } = weighEscalation(input, settings);
  return { escalate, reasons, priority };
}

/** Pure. */
export function weighEscalation(input: EscalationInput, settings: DeskSettings): WeighedDecision {
  const { understanding, conversation, text, at } = input;
  const { language } = understanding;
  const team = teamFor(settings, { channel: conversation.channel, language, understanding, reasons: [] }, at);
  const context = { text, language, team: team.id, open: isOpenAt(team.hours, at) };
  const builtIn = RULES.map(({ reason, priority, weight }) => ({ reason, priority, weight: weight(input) }));
  const weights = withCompanyRules(builtIn, settings.escalation, context)
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  // In thousandths: 0.6 and 0.4 are enough.
  const total = Math.round(weights.reduce((sum, { weight }) => sum + weight, 0) * 1000) / 1000;
  if (total < ENOUGH) return { escalate: false, reasons: [], priority: 'normal', weights, total };
  return {
    escalate: true,
    reasons: [...new Set(weights.map(({ reason }) => reason))],
    priority: weights.reduce<TicketPriority>((highest, { priority }) => higher(highest, priority), 'low'),
    weights,
    total,
  };
}

const higher = (a: TicketPriority, b: TicketPriority): TicketPriority => (PRIORITIES.indexOf(a) >= PRIORITIES.indexOf(b) ? a : b);

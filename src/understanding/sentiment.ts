/**
 * Mood: polarity, frustration and urgency, from weighted words and phrases in both languages at once, with negation, capitals and exclamation marks.
 * A lexicon, so that staff can read why a case was called frustrated.
 */
import type { Sentiment } from '../domain/understanding.js';
import { fold } from '../text/words.js';

/** Stems or phrases, folded; a trailing `*` matches any ending. Weights from -3 (furious) to 3 (delighted). */
const LEXICON: readonly (readonly [weight: number, phrases: string])[] = [
  [
    3,
    'excelente*|fantastic*|maravillos*|increible servicio|me encanta|perfecto|perfecta|excellent|amazing|wonderful|love it|brilliant|awesome|fantastic',
  ],
  [
    2,
    'genial*|estupend*|muy bien|buenisim*|muchas gracias|content[oa]s?|encantad*|feliz|satisfech*|great|very good|very happy|happy with|thank you so much|helpful|delighted|pleased',
  ],
  [1, 'gracias|amable*|rapido|util|good|nice|thanks|thank you|fine|useful|glad'],
  [
    -1,
    'mal|mala|malo|lento|lenta|lentos|tarda*|tardan|problema*|error*|duda mucho|caro|bad|slow|late|problem*|issue*|wrong|expensive|delay*|confus*',
  ],
  [
    -2,
    'decepcion*|molest*|queja*|enfad*|enoj*|cansad[oa] de|hart[oa]s?|nadie (?:me )?(?:responde|contesta|ayuda|hace caso)|no (?:me )?(?:funciona|sirve*|ayuda*|entiende*|resuelve*|soluciona*|hacen caso)|otra vez lo mismo|sigo esperando|llevo (?:dias|semanas|meses|horas|\\d+)|disappoint*|annoy*|upset|angry|complain*|unhappy|not working|doesn.?t work|does not work|still waiting|nobody (?:answers|replies|helps|cares)|no one (?:answers|replies|helps|cares)|waste of time|fed up|frustrat*|you don.?t understand|(?:is|was|are) not helpful|useless',
  ],
  [
    -3,
    'verguenza|vergonzos*|inaceptable*|indignad*|indignante*|pesim[oa]*|horrible*|fatal|asco|basura|estafa*|ladron*|timo|una mierda|mierda|inutil*|incompetente*|desastre|harto de|estoy hart[oa]|ridicul*|tomadura de pelo|me (?:han|habeis|estais|estan) (?:enganado|tomando el pelo|estafado)|nunca mas|no sirve* para nada|unacceptable|disgrace*|terrible|awful|horrible|scam*|rip.?off|stupid|pathetic|ridiculous|worst|disaster|you.?(?: a)?re useless|garbage|rubbish|bullshit|shit|wtf|furious|outrage*|sick of|incompetent',
  ],
];
/** Phrases that hold a lexicon word but mean nothing of the kind. */
const HARMLESS =
  /good (?:morning|afternoon|evening|day)|(?:no hay|sin(?: ningun)?|no problem|no worries|ningun) problemas?|no problem|not bad|no (?:esta )?mal\b|fatal error|error de (?:tamano|medida)/g;

/** Praise that means its opposite. */
const IRONIC =
  /(?<!\p{L})(?:(?:muchas |mil )?gracias por nada|(?:thanks|thank you) (?:so much )?for nothing|(?:genial|fantastico|estupendo|perfecto|great|brilliant|wonderful|perfect)[, ]+(?:otr[oa]|another) (?:dia|semana|mes|retraso|error|problema|excusa|averia|day|week|month|delay|error|problem|excuse))(?!\p{L})/gu;
const IRONY = -3;

const URGENT =
  /(?<!\p{L})(?:urgente?\p{L}*|urgencia|cuanto antes|lo antes posible|inmediatamente|de inmediato|ahora mismo|para hoy(?! ?\?)|es una emergencia|emergencia|no puedo esperar|asap|urgently|as soon as possible|immediately|right (?:now|away)|emergency|can(?:.?t|not) wait)(?!\p{L})/u;
const NOT_URGENT =
  /(?<!\p{L})(?:no (?:es|corre|tengo|hay|me corre)(?: nada| muy| ninguna)? (?:urgente|urgencia|prisa)|sin (?:prisa|urgencia)|not (?:that )?urgent|no (?:rush|hurry|urgency)|isn.?t urgent)/u;

/** What turns the meaning of a word round, up to three words before it. */
const NEGATION = /(?<!\p{L})(?:no|nunca|ni|tampoco|sin|not|never|isn.?t|wasn.?t|aren.?t|don.?t|doesn.?t|didn.?t|hardly)(?: \p{L}+){0,2} $/u;
const INTENSIFIER =
  /(?<!\p{L})(?:muy|super|tan|bastante|realmente|demasiado|totalmente|absolutamente|very|so|really|extremely|totally|absolutely|such an?) $/u;

const FRUSTRATED_AT = -2;
const MAX_CHARS = 2000;
/** Half of the scale: one strong word with emphasis. */
const POLARITY_SCALE = 4;

const entries = LEXICON.map(([weight, phrases]) => ({
  weight,
  pattern: new RegExp(`(?<!\\p{L})(?:${phrases.replaceAll('*', '\\p{L}*')})(?!\\p{L})`, 'gu'),
}));

export function readSentiment(text: string): Sentiment {
  const start = text.slice(0, MAX_CHARS);
  const said = fold(start).replace(/\s+/g, ' ').replace(HARMLESS, ' ');
  const ironies = said.match(IRONIC)?.length ?? 0;
  const folded = said.replace(IRONIC, ' ');
  let score = ironies * IRONY;
  let worst = Math.min(0, score);
  for (const { weight, pattern } of entries) {
    for (const match of folded.matchAll(pattern)) {
      const weighs = weightInContext(weight, folded.slice(Math.max(0, match.index - 40), match.index));
      score += weighs;
      worst = Math.min(worst, weighs);
    }
  }
  const emphasis = emphasisOf(start);
  if (score < 0) score *= emphasis;
  const polarity = Math.max(-1, Math.min(1, score / POLARITY_SCALE));
  return {
    polarity: Number(polarity.toFixed(2)),
    frustrated: worst <= FRUSTRATED_AT || score <= FRUSTRATED_AT - 1,
    urgent: URGENT.test(folded) && !NOT_URGENT.test(folded),
  };
}

/** A negated praise is a complaint of half its weight; a negated complaint says little. */
function weightInContext(weight: number, before: string): number {
  if (NEGATION.test(before)) return weight > 0 ? -weight / 2 : 0;
  return INTENSIFIER.test(before) ? weight * 1.5 : weight;
}

/** 1 to 2: shouting in capitals and rows of exclamation marks make bad news worse. */
function emphasisOf(text: string): number {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const capitals = text.match(/\p{Lu}/gu)?.length ?? 0;
  const shouting = letters >= 12 && capitals / letters > 0.7 ? 0.6 : 0;
  const marks = (text.match(/[!¡]/g)?.length ?? 0) >= 3 || /\?{3,}/.test(text) ? 0.4 : 0;
  return 1 + shouting + marks;
}

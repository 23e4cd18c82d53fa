/**
 * Whether a message asks for a person, in either language: a verb of getting in touch near a word for a person, or a person asked for outright. A request
 * that is declined (`no quiero hablar con un agente`, `without an agent`) is none.
 */
import { fold } from '../text/words.js';

const PERSON =
  'persona|personas|humano|humana|agente|agentes|operador|operadora|asesor|asesora|alguien|encargad[oa]|responsable|supervisor|supervisora|comercial|gerente|jef[ea]|emplead[oa]|' +
  'representante|ejecutiv[oa]|companer[oa]|tecnic[oa]|atencion al cliente|servicio al cliente|recepcion|ser humano|soporte|ventas|vendedor|vendedora|' +
  'person|people|human|humans|agent|agents|operator|advisor|adviser|someone|somebody|anyone|anybody|representative|rep|manager|supervisor|staff|employee|colleague|' +
  'team|department|reception|front desk|customer service|customer care|customer support|human being|sales|support|salesperson|technician|boss';
const CONTACT =
  'hablar|hable|hablo|platicar|conversar|comuni(?:c|qu)\\p{L}*|contacta\\p{L}*|pasa(?:r|rme|me|s|rias)?|pases?|paseme|pon|pon(?:me|edme|er|erme|eme)|ponga(?:me|s)?|conect\\p{L}*|transferir(?:me)?|transfiere(?:me)?|transfiera(?:me|s)?|transfer(?:red)? (?:me|us|this|my \\p{L}+)|' +
  'deriva\\p{L}*|atender(?:me)?|atiend\\p{L}*|' +
  'speak|speaking|talk|talking|chat|connect|put|pass|reach|contact|hand me|get me|escalate';
/** A person who is to act: `que me llame alguien`, `can somebody call me`. */
const ACT = 'atend\\p{L}*|atiend\\p{L}*|llam(?:e|ar|arme|en)|contest(?:e|ar|arme)|respond(?:a|er)|call me|call back|ring me|answer me';

const FEW_WORDS = "(?: [\\p{L}'’-]+){0,5}?";
const word = (alternatives: string): string => `(?<![\\p{L}'’])(?:${alternatives})(?![\\p{L}])`;

const REQUESTS: readonly RegExp[] = [
  new RegExp(`${word(CONTACT)}${FEW_WORDS}[ -]${word(PERSON)}`, 'gu'),
  new RegExp(`${word('alguien|una persona|un agente|someone|somebody|a person|an agent|a human')}${FEW_WORDS} ${word(ACT)}`, 'gu'),
  new RegExp(
    `${word('que me|me (?:puede[ns]?|podria[ns]?|podeis|podriais)|have|let|can|could')}(?: [\\p{L}]+){0,2}? ${word(ACT)}${FEW_WORDS} ${word(PERSON)}`,
    'gu',
  ),
  new RegExp(
    `${word('quiero|quisiera|necesito|prefiero|exijo|dame|deme|want|need|prefer|give me|get me')} (?:(?:la )?(?:ayuda|asistencia|help|assistance) (?:de|from) )?(?:(?:a|an|un|una|con un|con una|to a|al?) )?(?:(?:real|verdader[oa]|actual|live|other|different|otr[oa]) )?${word('persona|humano|agente|operador|operadora|asesor|asesora|person|human|agent|operator|representative')}`,
    'gu',
  ),
  /^(?:(?:un|una|a|an|el|la) )?(?:(?:real|live) )?(?:persona|humano|agente|operador|operadora|asesor|person|human|agent|operator|representative)(?: (?:real|humano|de verdad|por favor|please|now|ya|porfa))*$/gu,
  new RegExp(
    word(
      'hart[oa] de(?:l| este| hablar con (?:un|el)) (?:bot|robot|maquina)|(?:stupid|useless|dumb) bot|bot (?:is )?(?:stupid|useless|dumb)',
    ),
    'gu',
  ),
  // Not with a machine: with a person, then.
  new RegExp(
    word(
      'no quiero (?:seguir )?habla(?:r|ndo) con (?:un |una |el |este )?(?:bot|robot|maquina)|' +
        '(?:don.?t|do not) want to (?:talk|speak|chat) (?:to|with) (?:a |this )?(?:bot|robot|machine)',
    ),
    'gu',
  ),
  new RegExp(word('que me llamen|llam(?:a|e|en)me(?: por telefono)?$|(?:call|ring|phone) me(?: back| please| now)*$'), 'gu'),
];

/** Parts of words of which every request has one: most messages have none, and need not be searched eight times. */
const HINT = new RegExp(`${PERSON}|${ACT}|bot|maquina|machine|llam|call|ring|phone`, 'u');

/** Before a request, in the same clause: what declines it. `¿no puedo hablar con alguien?` and `can't I talk to someone?` do not. */
const DECLINED_BEFORE =
  /(?<!\p{L})(?:(?:do|am|are|is this) (?:i|you)|no (?:quiero|queria|quisiera|necesito|deseo|hace falta|me (?:pases?|pongas?|transfier\p{L}*|comuniques?|derives?|conectes?))|sin(?: tener que| necesidad de)?|en (?:vez|lugar) de|(?:do not|don.?t|didn.?t|would not|wouldn.?t) (?:want|need|like|have)|no need|rather not|without(?: having)?|instead of|prefer not|(?:don.?t|do not|never|no|nunca)(?: me)?)(?: to| que)?(?: (?!pued|podr|consig)\p{L}+)? *$/u;
/** Inside it, right before the person: `hablar contigo sin agente`. */
const DECLINED_INSIDE = /(?<!\p{L})(?:sin|without|en (?:vez|lugar) de|instead of)(?: un| una| a| an| any| ningun)? [\p{L} ]+$/u;
const MAX_CHARS = 1000;
const CLAUSE_CHARS = 40;

export type PersonRequest = 'asked' | 'declined' | 'none';

export function personRequestIn(text: string): PersonRequest {
  const folded = fold(text.slice(0, MAX_CHARS))
    .replace(/[¿¡"“”]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  const bare = folded.replace(/[.!?,]+$/, '');
  if (!HINT.test(bare)) return 'none';
  let declined = false;
  for (const pattern of REQUESTS) {
    for (const match of bare.matchAll(pattern)) {
      const clause =
        bare
          .slice(Math.max(0, match.index - CLAUSE_CHARS), match.index)
          .split(/[,.;:!?]/)
          .at(-1) ?? '';
      if (!DECLINED_BEFORE.test(clause) && !DECLINED_INSIDE.test(match[0])) return 'asked';
      declined = true;
    }
  }
  return declined ? 'declined' : 'none';
}

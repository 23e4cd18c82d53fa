/**
 * What a message teaches about the person who wrote it: how to reach them, what they are called, which orders and products they speak of. The id of
 * a fact comes from owner, kind and value, so that learning it again refreshes it.
 */
import { derivedId } from '../domain/ids.js';
import type { Fact, FactKind } from '../domain/memory.js';
import type { Understanding } from '../domain/understanding.js';

export interface FactsInput {
  readonly text: string;
  readonly understanding: Understanding;
  readonly ownerId: string;
  readonly conversationId: string;
  readonly at: Date;
}

/** From here on a fact is kept until it is erased; below, for 30 days after it was last learnt. */
const KEPT_IMPORTANCE = 0.8;
const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;
/** One message does not fill a memory. */
const MAX_FACTS = 12;
const MAX_VALUE_CHARS = 120;

/** How a person is reached or called outlasts what they once asked about. */
const IMPORTANCE: Readonly<Record<FactKind, number>> = {
  email: 0.9,
  phone: 0.9,
  name: 0.85,
  ticket: 0.7,
  order: 0.7,
  invoice: 0.7,
  preference: 0.6,
  product: 0.5,
  measure: 0.4,
};

/** Pure. Facts without an owner (`ownerId` empty) are nobody's and not learnt. */
export function extractFacts({ text, understanding, ownerId, conversationId, at }: FactsInput): Fact[] {
  if (ownerId === '') return [];
  const { references, products, measures, attributes } = understanding.entities;
  const name = nameIn(text);
  const learnt: [FactKind, string][] = [
    ...references.map(({ kind, value }): [FactKind, string] => [kind, value]),
    ...(name === null ? [] : [['name', name] satisfies [FactKind, string]]),
    ...preferencesIn(text).map((wish): [FactKind, string] => ['preference', wish]),
    ...products
      .filter((product) => !products.some((other) => other !== product && other.start === product.start))
      .map(({ name: product }): [FactKind, string] => ['product', product]),
    ...measures.filter(({ role }) => role === 'thickness').map(({ value, unit }): [FactKind, string] => ['measure', `${value} ${unit}`]),
    ...attributes.filter(({ attribute }) => attribute === 'colour').map(({ value }): [FactKind, string] => ['preference', value]),
  ];
  const facts = new Map<string, Fact>();
  for (const [kind, value] of learnt.slice(0, MAX_FACTS)) {
    const id = derivedId('fact', ownerId, kind, value.toLowerCase());
    facts.set(id, {
      id,
      ownerId,
      kind,
      value,
      importance: IMPORTANCE[kind],
      conversationId,
      learnedAt: at,
      expiresAt: expiryOf(IMPORTANCE[kind], at),
    });
  }
  return [...facts.values()];
}

const expiryOf = (importance: number, at: Date): Date | null =>
  importance >= KEPT_IMPORTANCE ? null : new Date(at.getTime() + KEPT_DAYS * DAY_MS);

const NAME_WORD = "\\p{L}[\\p{L}'’-]{1,24}";
const NAME_STATED = new RegExp(
  `(?<!\\p{L})(?:me llamo|mi nombre es|my name is|my name's|my name’s) (${NAME_WORD}(?: ${NAME_WORD}){0,2})`,
  'iu',
);
/** `soy` and `I'm` are followed by many things; a capital letter says it is a name. */
const NAME_CAPITAL =
  /(?<!\p{L})(?:[Ss]oy|I'm|I’m|I am|[Tt]his is|[Mm]e llamo) (\p{Lu}[\p{L}'’-]{1,24}(?: \p{Lu}[\p{L}'’-]{1,24}){0,2})(?!\p{L})/u;
/** Where a name ends and the sentence goes on. */
const NO_NAME =
  /^(?:y|e|con|de(?!l? \p{Lu})|and|from|soy|tengo|quiero|quisiera|necesito|vivo|mi|my|i|with|at|en|para|because|pero|but|gracias|thanks|desde|estoy|llamo|escribo|is|a|the|an|not|no)$/iu;

function nameIn(text: string): string | null {
  const words = (NAME_STATED.exec(text)?.[1] ?? NAME_CAPITAL.exec(text)?.[1] ?? '').split(' ').filter(Boolean);
  const end = words.findIndex((word) => NO_NAME.test(word));
  const name = words.slice(0, end === -1 ? words.length : end);
  return name.length === 0 ? null : name.map(capitalise).join(' ');
}

const capitalise = (word: string): string =>
  word === word.toLowerCase() || word === word.toUpperCase() ? word.charAt(0).toUpperCase() + word.slice(1).toLowerCase() : word;

const PREFERENCE =
  /(?<!\p{L})(?:prefiero|preferimos|siempre (?:compro|compramos|uso|usamos)|i prefer|we prefer|i always (?:buy|use)) ([^.,;!?\n]{3,100})/giu;

const preferencesIn = (text: string): string[] =>
  [...text.matchAll(PREFERENCE)].map((match) => (match[1] ?? '').trim().slice(0, MAX_VALUE_CHARS)).filter(Boolean);

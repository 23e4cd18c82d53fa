/** What understanding reads out of a message: language, intent, entities, mood. */

/** Languages with their own examples, texts and stemming. */
export const LANGUAGES = ['es', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

export interface IntentMatch {
  readonly name: string;
  /** 0 to 1, calibrated so that about that share of such matches is right. */
  readonly confidence: number;
}

/** A place in the message: `start` and `end` are UTF-16 offsets, end exclusive. */
interface Span {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface ProductEntity extends Span {
  readonly sku: string;
  readonly name: string;
  /** 0 to 1; 1 is an exact match. */
  readonly score: number;
}

export type MeasureDimension = 'length' | 'area' | 'volume' | 'mass';

export interface MeasureEntity extends Span {
  readonly dimension: MeasureDimension;
  /** As written: 5 and `cm`. */
  readonly value: number;
  readonly unit: string;
  /** In mm, m2, l or kg: 5 cm is 50. */
  readonly normalisedValue: number;
  readonly normalisedUnit: 'mm' | 'm2' | 'l' | 'kg';
  /** `thickness` where the words around it or the catalogue say so. */
  readonly role: 'thickness' | 'width' | 'length' | null;
}

export interface QuantityEntity extends Span {
  readonly value: number;
  /** What is counted, as written (`paneles`, `cajas`); null for a bare number. */
  readonly noun: string | null;
}

export interface MoneyEntity extends Span {
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
}

export interface DateEntity extends Span {
  /** ISO 8601 date. */
  readonly date: string;
}

/** E-mail, phone (E.164 where the country is known), and order, invoice or ticket references. */
export interface ReferenceEntity extends Span {
  readonly kind: 'email' | 'phone' | 'order' | 'invoice' | 'ticket';
  readonly value: string;
}

export interface AttributeEntity extends Span {
  /** A catalogue attribute: `colour`, `family`. */
  readonly attribute: string;
  readonly value: string;
}

export interface Entities {
  readonly products: readonly ProductEntity[];
  readonly measures: readonly MeasureEntity[];
  readonly quantities: readonly QuantityEntity[];
  readonly money: readonly MoneyEntity[];
  readonly dates: readonly DateEntity[];
  readonly references: readonly ReferenceEntity[];
  readonly attributes: readonly AttributeEntity[];
}

export const NO_ENTITIES: Entities = { products: [], measures: [], quantities: [], money: [], dates: [], references: [], attributes: [] };

export interface Sentiment {
  /** -1 (angry) to 1 (delighted). */
  readonly polarity: number;
  readonly frustrated: boolean;
  readonly urgent: boolean;
}

export interface Understanding {
  readonly language: Language;
  /** Null when nothing is near enough. */
  readonly intent: IntentMatch | null;
  readonly entities: Entities;
  readonly sentiment: Sentiment;
  /** The fixed reply of a small-talk intent (greeting, thanks …); null where the intent has none. */
  readonly cannedReply: { readonly text: string; readonly buttons: readonly string[] } | null;
}

export interface UnderstandingService {
  /** `previousLanguage` decides where the text itself does not tell (numbers, a name, "ok"). Synchronous: no I/O on the message path. */
  understand(text: string, previousLanguage: Language | null): Understanding;
}

/** Reads the widget's settings from the `data-…` attributes of its script. A value that makes no sense is named on the console and left out. */
import { readColour } from '../colours.js';
import type { EmbedSettings, GivenText } from '../embed-protocol.js';
import type { Language } from '../i18n.js';

export interface WidgetSettings extends Omit<EmbedSettings, 'language'> {
  /** Of the widget; the chat's own follows it. */
  readonly language: Language;
  readonly position: 'left' | 'right';
  /** `hidden`: not even the button, until the page asks for it. */
  readonly start: 'hidden' | 'closed' | 'open';
  /** Of the button; null: its own words. */
  readonly label: string | null;
}

export const OWN_COLOUR = '#0b6b62';
const MAX_TEXT_CHARS = 200;
const MAX_EXAMPLES = 6;
const TEXTS: readonly GivenText[] = ['name', 'assistant', 'greeting', 'greetingText', 'placeholder'];

export function readSettings(data: DOMStringMap): WidgetSettings {
  const oneOf = <Value extends string>(name: string, values: readonly [Value, ...Value[]]): Value => {
    const given = data[name];
    const found = values.find((value) => value === given);
    if (given !== undefined && found === undefined) refuse(name, `is one of ${values.join(', ')}`);
    return found ?? values[0];
  };
  const colour = data['color'] === undefined ? null : readColour(data['color']);
  if (data['color'] !== undefined && colour === null) refuse('color', 'is written #rrggbb');
  const examples = data['examples']?.split('|').map(tidy).filter(Boolean);
  return {
    language: languageOf(data['language']),
    colour,
    alwaysLight: oneOf('theme', ['auto', 'light']) === 'light',
    texts: Object.fromEntries(TEXTS.map((name) => [name, tidy(data[name])] as const).filter(([, text]) => text !== '')),
    examples: examples?.slice(0, MAX_EXAMPLES) ?? null,
    position: oneOf('position', ['right', 'left']),
    start: oneOf('start', ['closed', 'hidden', 'open']),
    label: tidy(data['label']) || null,
  };
}

/** The one that is asked for, else the page's own, else the visitor's; Spanish where we speak none of them, as the chat does. */
function languageOf(given: string | undefined): Language {
  if (given !== undefined && given !== 'es' && given !== 'en') refuse('language', 'is es or en');
  const tags = [given ?? '', document.documentElement.lang, ...navigator.languages].map((tag) => tag.slice(0, 2).toLowerCase());
  return tags.find((tag) => tag === 'es' || tag === 'en') ?? 'es';
}

const tidy = (text: string | undefined): string => text?.replace(/\s+/g, ' ').trim().slice(0, MAX_TEXT_CHARS) ?? '';

function refuse(name: string, rule: string): void {
  const attribute = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  console.warn(`Parley: data-${attribute} ${rule}; it is left out.`);
}

/** What may name a channel, and the ways in which its name is written. */
import { Script } from 'node:vm';
import { ConfigurationError } from '../../src/domain/errors.js';

/** A name in the ways in which it is written. */
export interface ChannelNames {
  /** `rocket-chat` */
  readonly kebab: string;
  /** `rocketChat` */
  readonly camel: string;
  /** `RocketChat` */
  readonly pascal: string;
  /** `ROCKET_CHAT` */
  readonly upper: string;
  /** `Rocket Chat` */
  readonly title: string;
}

/** Throws ConfigurationError for what is no name of a channel. */
export function namesOf(kebab: string): ChannelNames {
  if (!/^[a-z]+(-[a-z]+)*$/.test(kebab) || kebab.length > 30) {
    throw new ConfigurationError(`"${kebab}" is no name of a channel: a to z in words with hyphens between them, as in rocket-chat.`);
  }
  const words = kebab.split('-');
  const capitalised = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  const pascal = capitalised.join('');
  const camel = `${pascal.charAt(0).toLowerCase()}${pascal.slice(1)}`;
  if (!isVariableName(camel))
    throw new ConfigurationError(`"${kebab}" is a word of the language and cannot name a setting: choose another.`);
  return { kebab, camel, pascal, upper: words.join('_').toUpperCase(), title: capitalised.join(' ') };
}

function isVariableName(word: string): boolean {
  try {
    new Script(`'use strict'; async () => { let ${word}; };`);
    return true;
  } catch (thrown) {
    if ((thrown as Error).name === 'SyntaxError') return false;
    throw thrown;
  }
}

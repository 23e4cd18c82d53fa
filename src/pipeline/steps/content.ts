/** Turns what the customer sent into words and commands: text, captions, chosen buttons, platform commands. */
import type { InboundContent } from '../../domain/content.js';
import { cleanText } from '../../domain/message-text.js';
import type { Step } from '../compose.js';
import { TEXTS } from '../texts.js';
import { CHOICE_IDS, type Command } from '../turn.js';

const COMMANDS: Readonly<Record<string, Command>> = {
  start: 'start',
  help: 'help',
  ayuda: 'help',
  agent: 'talk-to-person',
  agente: 'talk-to-person',
  human: 'talk-to-person',
  persona: 'talk-to-person',
  link: 'link',
  vincular: 'link',
  unlink: 'unlink',
  desvincular: 'unlink',
  transcript: 'transcript',
  transcripcion: 'transcript',
  transcripción: 'transcript',
};

/** Where a platform has no commands they are typed: `/vincular ABCD-2345`, `link`, `/transcripción texto`. */
const TYPED_COMMANDS = [
  /^\/?(link|vincular|unlink|desvincular)(?:\s+([0-9A-Za-z]{4}\s*-?\s*[0-9A-Za-z]{4}))?$/i,
  /^\/(transcript|transcripci[oó]n)(?:\s+(texto?))?$/i,
];

export const contentStep: Step = {
  name: 'content',
  run(turn) {
    const { content, scope, addressed } = turn.input.event;
    turn.text = textOf(content);
    turn.command = content.map(commandOf).find((command) => command !== null) ?? null;
    turn.commandArgs = content.flatMap((part) => (part.kind === 'command' ? part.args : [])).join(' ');
    const [, typed, args = ''] = (turn.command === null && TYPED_COMMANDS.map((form) => form.exec(turn.text)).find(Boolean)) || [];
    if (typed !== undefined) {
      turn.command = COMMANDS[typed.toLowerCase()] ?? null;
      turn.commandArgs = args;
    }
    if (scope === 'group' && !addressed) {
      turn.answer = { markdown: '', sources: [], choices: [], confidence: 0, outcome: 'noted' };
      return 'group message, not addressed';
    }
    const { released = 0 } = turn.input;
    if (released > 0 && content.every((part) => part.kind === 'choice')) {
      turn.answer = { markdown: '', sources: [], choices: [], confidence: 0, outcome: 'noted' };
      return `tapped for what was kept back: ${released} contents`;
    }
    const understood = turn.text !== '' || turn.command !== null || content.some((part) => part.kind === 'media');
    if (understood) return undefined;
    turn.answer = { markdown: TEXTS[turn.language].unsupportedContent, sources: [], choices: [], confidence: 0, outcome: 'asked' };
    return `nothing to read: ${content.map((part) => part.kind).join(', ') || 'empty'}`;
  },
};

/** The words of a message, parts on lines of their own, without characters that no store or platform takes. */
export const textOf = (content: readonly InboundContent[]): string => cleanText(content.map(wordsOf).filter(Boolean).join('\n')).trim();

function wordsOf(part: InboundContent): string {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'choice':
      return part.label;
    case 'command':
      return COMMANDS[part.name.toLowerCase()] === undefined ? `${part.name} ${part.args}` : part.args;
    case 'media':
      return part.caption;
    case 'location':
    case 'contact':
    case 'unsupported':
      return '';
  }
}

function commandOf(part: InboundContent): Command | null {
  if (part.kind === 'command') return COMMANDS[part.name.toLowerCase()] ?? null;
  if (part.kind !== 'choice') return null;
  return Object.values(CHOICE_IDS).find((id) => id === part.id) ?? null;
}

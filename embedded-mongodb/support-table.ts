// The table of what the engine supports, made from the declarations that the engine itself goes by, for the README.
import { COMMAND_FIELDS, type Fields, GENERIC_FIELDS, ITEM_FIELDS } from './command-surface.js';
import {
  ACCUMULATORS,
  EXPRESSIONS,
  PROJECTION_OPERATORS,
  QUERY_OPERATORS,
  STAGES,
  TOP_LEVEL_QUERY_OPERATORS,
  UPDATE_OPERATORS,
  UPDATE_STAGES,
} from './surface.js';

/** Stages that the aggregate command answers itself. */
const SERVER_STAGES = ['$collStats', '$indexStats', '$listSearchIndexes'];

/** Markdown: a row for each command, for the items of their lists, for what all commands take, and for each kind of operator. */
export function supportTable(): string {
  const commands = Object.entries(COMMAND_FIELDS).map(([name, fields]) => fieldsRow(`\`${name}\``, fields));
  const items = Object.entries(ITEM_FIELDS).map(([name, fields]) => fieldsRow(`\`${name}\``, fields));
  const kinds: [string, readonly string[]][] = [
    ['query operators', [...TOP_LEVEL_QUERY_OPERATORS, ...QUERY_OPERATORS]],
    ['update operators', UPDATE_OPERATORS],
    ['stages of an update', UPDATE_STAGES],
    ['projection operators', PROJECTION_OPERATORS],
    ['pipeline stages', [...STAGES, ...SERVER_STAGES]],
    ['accumulators', ACCUMULATORS],
    ['expressions', EXPRESSIONS],
  ];
  const operators = kinds.map(([kind, names]) => `| ${kind} | ${codes(names)} |`);
  return [
    '| command, or items of its list | done | taken without effect | refused or left out |',
    '|---|---|---|---|',
    fieldsRow('every command', GENERIC_FIELDS),
    ...commands,
    ...items,
    '',
    '| kind | supported |',
    '|---|---|',
    ...operators,
  ].join('\n');
}

function fieldsRow(name: string, { done = [], ignored = {}, refused = [], lenient, note }: Fields): string {
  const reasons = new Map<string, string[]>();
  for (const [field, reason] of Object.entries(ignored)) reasons.set(reason, [...(reasons.get(reason) ?? []), field]);
  const without = [...reasons].map(([reason, fields]) => `${codes(fields)}: ${reason}`);
  if (lenient) without.push('fields that nobody knows, as in MongoDB');
  const left = [...(refused.length > 0 ? [codes(refused)] : []), ...(note ? [note] : [])];
  return `| ${name} | ${codes(done)} | ${without.join('; ')} | ${left.join('; ')} |`;
}

function codes(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(' ');
}

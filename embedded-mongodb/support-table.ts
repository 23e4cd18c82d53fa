// The table of what the engine supports, made from the declarations that the engine itself goes by, for the README.
import { COMMANDS } from './commands/registry.js';
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
const SERVER_STAGES = ['$indexStats', '$listSearchIndexes'];

/** Markdown: one row for each command, then one for each kind of operator. */
export function supportTable(): string {
  const commands = Object.entries(COMMANDS).map(([name, { note }]) => `| \`${name}\` | ${note ?? ''} |`);
  const kinds: [string, readonly string[]][] = [
    ['query operators', [...TOP_LEVEL_QUERY_OPERATORS, ...QUERY_OPERATORS]],
    ['update operators', UPDATE_OPERATORS],
    ['stages of an update', UPDATE_STAGES],
    ['projection operators', PROJECTION_OPERATORS],
    ['pipeline stages', [...STAGES, ...SERVER_STAGES]],
    ['accumulators', ACCUMULATORS],
    ['expressions', EXPRESSIONS],
  ];
  const operators = kinds.map(([kind, names]) => `| ${kind} | ${names.map((name) => `\`${name}\``).join(' ')} |`);
  return ['| command | left out |', '|---|---|', ...commands, '', '| kind | supported |', '|---|---|', ...operators].join('\n');
}

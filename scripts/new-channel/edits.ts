/** Where each file that lists all channels gets the line of a new one: behind the last of its kind, found by how those lines look. Pure. */
import { ConfigurationError } from '../../src/domain/errors.js';
import type { ChannelNames } from './names.js';

export interface FileEdit {
  readonly path: string;
  /** The whole text with the additions; null where there is nothing to put them behind. Throws ConfigurationError where the name is taken. */
  readonly apply: (text: string) => string | null;
}

export const editsFor = (names: ChannelNames): readonly FileEdit[] => [
  { path: 'src/config.ts', apply: (text) => inConfig(text, names) },
  { path: 'src/configured-channels.ts', apply: (text) => inConfiguredChannels(text, names) },
  { path: 'src/health-probes.ts', apply: (text) => inHealthProbes(text, names) },
  { path: 'channels/capability-matrix.ts', apply: (text) => inMatrix(text, names) },
  { path: '.env.example', apply: (text) => inEnvironmentExample(text, names) },
  { path: 'test/unit/config.test.ts', apply: (text) => inConfigTest(text, names) },
];

/** The text with the line behind the last one that matches; null where none does. */
function behindLast(text: string | null, like: RegExp, line: string): string | null {
  const lines = text?.split('\n') ?? [];
  const place = lines.findLastIndex((candidate) => like.test(candidate));
  if (place === -1) return null;
  return [...lines.slice(0, place + 1), line, ...lines.slice(place + 1)].join('\n');
}

function inConfig(text: string, { kebab, camel, pascal }: ChannelNames): string | null {
  if (new RegExp(`^ {2}readonly ${camel}:`, 'm').test(text))
    throw new ConfigurationError(`src/config.ts has a setting ${camel} already: choose another name.`);
  const imported = `import { ${camel}Config, ${camel}Variables, type ${pascal}Config } from './config/${kebab}.js';`;
  const withImport = behindLast(text, /^import .* from '\.\/config\/.*';$/, imported);
  const withVariables = behindLast(withImport, /^ {2}\.\.\.\w+Variables,$/, `  ...${camel}Variables,`);
  const withType = behindLast(withVariables, /^ {2}readonly \w+: \w+Config \| null;$/, `  readonly ${camel}: ${pascal}Config | null;`);
  const channels = /\n {2}const channels = \{\n(?: {4}.+\n)+/;
  if (withType === null || !channels.test(withType)) return null;
  return withType.replace(channels, (list) => `${list}    ${camel}: ${camel}Config(env),\n`);
}

function inConfiguredChannels(text: string, { kebab, camel, pascal }: ChannelNames): string | null {
  // The channels, and perhaps `...config` for the rest.
  const parameters = /\{ (\w+(?:, \w+)*)((?:, \.\.\.\w+)?) \}: Config\b/;
  if (!parameters.test(text) || !text.includes('\n  return channels;')) return null;
  const block = [
    `  if (${camel} !== null) {`,
    `    const { create${pascal}Channel } = await import('../channels/${kebab}/index.js');`,
    `    channels.push(create${pascal}Channel({ ...${camel}, ...own }));`,
    '  }',
  ];
  return text
    .replace(parameters, `{ $1, ${camel}$2 }: Config`)
    .replace('\n  return channels;', `\n${block.join('\n')}\n  return channels;`);
}

const inHealthProbes = (text: string, { kebab }: ChannelNames): string | null =>
  behindLast(
    text,
    /^ +'channels\.[a-z-]+': \(\) => \(\{ state: 'disabled' \}\),$/,
    `      'channels.${kebab}': () => ({ state: 'disabled' }),`,
  );

function inMatrix(text: string, { kebab, camel }: ChannelNames): string | null {
  const imported = `import { capabilities as ${camel} } from './${kebab}/capabilities.js';`;
  const withImport = behindLast(text, /^import \{ capabilities as \w+ \} from '.*';$/, imported);
  const table = /(const CHANNELS: [^\n]*= \{[^}]*)\};/;
  if (withImport === null || !table.test(withImport)) return null;
  const entry = kebab === camel ? camel : `'${kebab}': ${camel}`;
  return withImport.replace(table, `$1  ${entry},\n};`);
}

/** It states the whole configuration, of which the new part is off: a test of its own variables is left to write. */
const inConfigTest = (text: string, { camel }: ChannelNames): string | null =>
  text.includes('\n    } satisfies Config')
    ? text.replace('\n    } satisfies Config', `\n      ${camel}: null,\n    } satisfies Config`)
    : null;

const inEnvironmentExample = (text: string, { kebab, title, upper }: ChannelNames): string =>
  [
    text.trimEnd(),
    '',
    `# --- ${title}: channels/${kebab}/README.md says where to get these ---`,
    `${upper}_TOKEN=`,
    '# Webhooks are signed with it',
    `${upper}_WEBHOOK_SECRET=`,
    `# Another API server, e.g. a local emulator's; https://api.${kebab}.example`,
    `${upper}_API_ROOT=`,
    '',
  ].join('\n');

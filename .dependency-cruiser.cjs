// Who may import whom: the layout of the house as rules. test/architecture.test.ts runs them; AGENTS.md explains them.
const SERVICES = ['understanding', 'knowledge', 'memory', 'assistant', 'handoff'];
const CHANNELS = '^channels/(?!shared/)([^/]+)/';
const packages = (...names) => `node_modules/(${names.join('|')})/`;

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const forbidden = [
  { name: 'no-cycles', comment: 'no cycles at all', severity: 'error', from: {}, to: { circular: true } },
  {
    name: 'domain-is-pure',
    comment: 'the domain imports nothing but zod and Node',
    severity: 'error',
    from: { path: '^src/domain/' },
    to: { pathNot: ['^src/domain/', packages('zod')], dependencyTypesNot: ['core'] },
  },
  {
    name: 'channels-map-only',
    comment: 'a channel imports the domain, the logger, channels/shared and its own folder',
    severity: 'error',
    from: { path: CHANNELS },
    to: {
      path: '^(src|analytics|embedded-mongodb|scripts|channels)/',
      pathNot: ['^src/domain/', '^src/telemetry/logger', '^channels/shared/', '^channels/$1/'],
    },
  },
  {
    name: 'shared-channel-code-is-no-channel',
    comment: 'channels/shared knows no channel',
    severity: 'error',
    from: { path: '^channels/shared/' },
    to: {
      path: '^(src|analytics|embedded-mongodb|scripts|channels)/',
      pathNot: ['^src/domain/', '^src/telemetry/logger', '^channels/shared/'],
    },
  },
  ...SERVICES.map((service) => ({
    name: `${service}-stands-alone`,
    comment: 'services do not import the pipeline nor each other',
    severity: 'error',
    from: { path: `^src/${service}/` },
    to: { path: `^(src/(pipeline|delivery|http|jobs|${SERVICES.filter((other) => other !== service).join('|')})/|channels/|analytics/)` },
  })),
  {
    name: 'pipeline-imports-services',
    comment: 'the pipeline imports the domain, the services and telemetry',
    severity: 'error',
    from: { path: '^src/pipeline/' },
    to: {
      path: '^(src|channels|analytics|embedded-mongodb|scripts)/',
      pathNot: ['^src/(pipeline|domain|telemetry)/', `^src/(${SERVICES.join('|')})/`],
    },
  },
  {
    name: 'delivery-knows-no-pipeline',
    comment: 'delivery moves messages; what they mean is not its business',
    severity: 'error',
    from: { path: '^src/delivery/' },
    to: { path: '^(src|channels|analytics)/', pathNot: '^src/(delivery|domain|storage|telemetry)/' },
  },
  {
    name: 'storage-is-below',
    comment: 'storage imports the domain and telemetry, and the embedded engine in connect only',
    severity: 'error',
    from: { path: '^src/storage/' },
    to: { path: '^(src|channels|analytics)/', pathNot: '^src/(storage|domain|telemetry)/' },
  },
  {
    name: 'database-packages-in-storage',
    comment: 'mongoose and mongodb are imported in storage, delivery, analytics, jobs and the engine’s neighbours only',
    severity: 'error',
    from: {
      path: '^(src|channels|analytics|embedded-mongodb)/',
      pathNot: ['^src/(storage|delivery|jobs)/', '^analytics/', '^src/knowledge/[a-z-]*vector-index'],
    },
    to: { path: packages('mongoose', 'mongodb', 'agenda', '@agendajs/mongo-backend') },
  },
  {
    name: 'vendor-sdk-in-its-channel',
    comment: 'telegraf belongs to channels/telegram; the benchmark measures a bot of nothing else',
    severity: 'error',
    from: {
      path: '^(src|channels|analytics|embedded-mongodb|scripts)/',
      pathNot: ['^channels/telegram/', '^scripts/bench/turns/echo-bot'],
    },
    to: { path: packages('telegraf') },
  },
  ...Object.entries({ slack: ['@slack/bolt'], teams: ['botbuilder', 'botframework-connector'], 'whatsapp-web': ['whatsapp-web.js'] }).map(
    ([channel, names]) => ({
      name: `vendor-sdk-in-${channel}`,
      comment: `${names.join(', ')}: in channels/${channel} only`,
      severity: 'error',
      from: { path: '^(src|channels|analytics|embedded-mongodb|scripts)/', pathNot: `^channels/${channel}/` },
      to: { path: packages(...names) },
    }),
  ),
  {
    name: 'analytics-for-main-and-scripts',
    comment: 'analytics is imported by main and scripts only',
    severity: 'error',
    from: { path: '^(src|channels|embedded-mongodb)/', pathNot: '^src/main' },
    to: { path: '^analytics/' },
  },
  {
    name: 'engine-for-connect-only',
    comment: 'the embedded engine is imported by storage/connect only',
    severity: 'error',
    from: { path: '^(src|channels|analytics|scripts)/', pathNot: ['^src/storage/connect', '^scripts/(bench|data)/'] },
    to: { path: '^embedded-mongodb/' },
  },
  {
    name: 'engine-imports-nothing-of-the-app',
    comment: 'the embedded engine is usable by itself',
    severity: 'error',
    from: { path: '^embedded-mongodb/' },
    to: { path: '^(src|channels|analytics|scripts)/' },
  },
  {
    name: 'main-is-the-top',
    comment: 'only scripts and tests import main',
    severity: 'error',
    from: { path: '^(src|channels|analytics|embedded-mongodb)/' },
    to: { path: '^src/main' },
  },
];

module.exports = {
  forbidden,
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^dist', '^channels/web/page/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default'], exportsFields: ['exports'], extensions: ['.ts', '.js'] },
  },
};

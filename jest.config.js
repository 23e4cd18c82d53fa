// Jest as native ESM: swc strips the types (tsc checks them first), imports keep the `.js` ending that NodeNext asks for.
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
};
/**
 * Whole processes that are started, killed and looked at in a browser, again and again: minutes of them. `npm run test:long` and continuous
 * integration run these; `npm test` has the start, the chat page and a short chaos run of them, and is done in ten minutes.
 */
const LONG = [
  'test/e2e/(?!chaos|start|web-chat-page).*',
  'test/engine/server/(durability|folder)',
  'test/integration/data/(backup|copy|damage)',
].map((path) => `/${path}\\.test\\.ts$`);

const project = (displayName, ...folders) => ({
  ...shared,
  displayName,
  testMatch: folders.map((folder) => `<rootDir>/${folder}/**/*.test.ts`),
  testPathIgnorePatterns: LONG,
});

export default {
  projects: [
    { ...shared, displayName: 'architecture', testMatch: ['<rootDir>/test/architecture.test.ts'] },
    project('unit', 'test/unit'),
    project('contract', 'test/contract'),
    project('integration', 'test/integration'),
    project('engine', 'test/engine'),
    project('e2e', 'test/e2e'),
    { ...shared, displayName: 'long', testRegex: LONG },
  ],
  testSequencer: '<rootDir>/scripts/longest-first.mjs',
  // For what hangs: how fast a machine is decides nothing.
  testTimeout: 120_000,
};

/**
 * The order of the test files where Jest has not timed them yet, as in a fresh clone: those that take long come first, or one would be left for the
 * end and run alone. Jest by itself takes the largest files for the longest; once it has times of its own they decide.
 */
import TestSequencer from '@jest/test-sequencer';

/** From the table that `npm test` ends with, longest first; what is not here comes after them, the largest file first. */
const LONGEST = [
  'test/e2e/chaos',
  'test/engine/differential/exchanges',
  'test/integration/delivery/crash',
  'test/e2e/start',
  'test/contract/slack-desk',
  'test/integration/bad-input',
  'test/integration/delivery/slow-database',
  'test/contract/http/tickets',
  'test/e2e/web-chat-page',
  'test/integration/desk/cases',
  'test/integration/knowledge/sample-knowledge',
  'test/integration/new-channel',
  'test/engine/server/plans-property',
  'test/integration/desk/clocks',
  'test/engine/server/count',
  'test/integration/delivery/fencing',
  'test/contract/http/typing',
  'test/engine/differential/differential',
  'test/integration/storage/connect',
  'test/integration/channels/whatsapp-service',
  'test/engine/server/limits',
  'test/integration/channels/other-channel',
].map((file) => `/${file}.test.ts`);

export default class LongestFirst extends TestSequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.some((test) => test.duration !== undefined)) return sorted;
    const place = ({ path }) => {
      const found = LONGEST.findIndex((file) => path.endsWith(file));
      return found < 0 ? LONGEST.length : found;
    };
    return sorted.sort((one, other) => place(one) - place(other));
  }
}

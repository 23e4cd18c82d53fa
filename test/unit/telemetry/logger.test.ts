/** The last line of defence: whatever is logged, in whatever place, what looks like a secret of ours does not leave. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createLogger, maskSecrets } from '../../../src/telemetry/logger.js';

const hex = (length: number) => fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const letters = (minLength: number, maxLength: number, unit = 'abcXYZ019_-') =>
  fc.string({ unit: fc.constantFrom(...unit), minLength, maxLength });

/** A text with a secret in it, and the part of it that must not be seen. */
const SECRETS = {
  'a session id': hex(32).map((id) => ({ text: `sess_${id}`, hidden: id })),
  'an API key': hex(64).map((key) => ({ text: `pk_${key}`, hidden: key })),
  'a bot token': fc
    .tuple(fc.integer({ min: 100_000, max: 9_999_999_999 }), letters(35, 35))
    .map(([bot, key]) => ({ text: `${bot}:${key}`, hidden: key })),
  'a bearer token': letters(20, 60, 'abcXYZ019._~+/-').map((token) => ({ text: `Bearer ${token}`, hidden: token })),
  'a Slack token': fc
    .tuple(fc.constantFrom('xoxb-', 'xoxp-', 'xapp-1-'), letters(12, 40, 'abcXYZ019'))
    .map(([kind, token]) => ({ text: `${kind}${token}`, hidden: token })),
  'a token of Meta’s': letters(40, 200, 'abcXYZ019').map((token) => ({ text: `EAA${token}`, hidden: token })),
  'a database password': letters(6, 20, 'abcXYZ019:@!').map((password) => ({
    text: `mongodb://parley:p${password}w@db.example.net/parley`,
    hidden: `p${password}w`,
  })),
};

/** Anything around a secret, glued to it or not: but for characters that would make the secret itself longer. */
const around = fc.oneof(fc.constantFrom('', '/bot', 'key_', ' ', '"', '\n', '…', '/sendMessage', 'Z'), fc.string({ maxLength: 10 }));

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  write(createLogger({ level: 'trace', write: (line) => lines.push(line) }));
  return lines.join('');
}

describe('what is logged', () => {
  it.each(Object.entries(SECRETS))('never shows %s', (_name, secrets) => {
    fc.assert(
      fc.property(around, secrets, around, (before, { text, hidden }, after) => {
        const said = `${before}${text}${after}`;
        const log = logged((logger) => {
          logger.info(said);
          logger.warn({ [said]: said, deep: { list: [said] } }, 'in fields');
          logger.error({ err: new Error(said, { cause: new Error(said) }) }, 'in an error');
          logger.child({ bound: said }).debug('in what is bound');
        });
        expect(log.includes(hidden)).toBe(false);
        expect(maskSecrets(said).includes(hidden)).toBe(false);
      }),
    );
  });

  it('is otherwise left as it is, one JSON object a line', () => {
    const log = logged((logger) => {
      logger.info({ conversationId: 'conv_0123456789abcdef01234567', at: '2026-11-21T10:57:37.340Z', count: 3 }, 'a plain line');
      logger.warn('another');
    });
    const lines = log
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toMatchObject([
      { level: 'info', conversationId: 'conv_0123456789abcdef01234567', at: '2026-11-21T10:57:37.340Z', count: 3, msg: 'a plain line' },
      { level: 'warn', msg: 'another' },
    ]);
  });

  it('leaves out what is below the level', () => {
    const lines: string[] = [];
    const logger = createLogger({ level: 'warn', write: (line) => lines.push(line) });
    logger.info('quiet');
    logger.warn('heard');
    expect(lines).toHaveLength(1);
  });
});

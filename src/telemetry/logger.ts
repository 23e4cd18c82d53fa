/**
 * Structured logs, one JSON object a line on standard error. Whatever a caller passes, what leaves here has session ids, API keys and the platforms'
 * tokens masked: the last line of defence behind the rule that secrets and customer text are not logged at all.
 */
import { pino, type Logger as PinoLogger } from 'pino';

export type Logger = Pick<PinoLogger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'child' | 'level'>;

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Without word boundaries: a secret glued to a word (`/bot<token>/sendMessage`, `key_sess_…`) is one all the same. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/sess_[0-9a-f]{8,}/g, 'sess_***'],
  [/\d{6,12}:[A-Za-z0-9_-]{30,}/g, '<bot token>'],
  [/(bearer) [A-Za-z0-9._~+/=-]{8,}/gi, '$1 <token>'],
  [/x(?:ox[a-z]|app)-[A-Za-z0-9-]{8,}/g, '<slack token>'],
  [/EAA[A-Za-z0-9]{20,}/g, '<meta token>'],
  [/pk_[0-9a-f]{16,}/g, '<api key>'],
  [/(mongodb(?:\+srv)?:\/\/[^:/@\s]+):[^/\s]+@/g, '$1:***@'],
];

/** The text with everything that looks like a secret of ours masked. */
export function maskSecrets(text: string): string {
  let masked = text;
  for (const [pattern, replacement] of SECRETS) masked = masked.replace(pattern, replacement);
  return masked;
}

/** An error without its own properties: database errors carry the documents, HTTP errors the bodies. */
const describeError = (error: unknown): unknown =>
  error instanceof Error ? { name: error.name, message: error.message, stack: error.stack, ...causeOf(error) } : { name: typeof error };
const causeOf = ({ cause }: Error): object => (cause instanceof Error ? { cause: { name: cause.name, message: cause.message } } : {});

/** `write` receives whole lines; standard error where it is left out. */
export function createLogger(options: { level: LogLevel; write?: (line: string) => void }): Logger {
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
    },
    { write: (line: string) => write(maskSecrets(line)) },
  );
}

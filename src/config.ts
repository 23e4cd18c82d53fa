/**
 * The configuration: a zod schema of the environment and what the service is told of it. The only reader of `process.env`.
 * A wrong value is a ConfigurationError that names the variable; half of a channel's variables names the missing ones.
 */
import { resolve } from 'node:path';
import { z } from 'zod';
import { deskConfig, deskVariables, type DeskConfig } from './config/desk.js';
import { modelConfig, modelVariables, type ModelConfig } from './config/model.js';
import { slackConfig, slackVariables, type SlackConfig } from './config/slack.js';
import { teamsConfig, teamsVariables, type TeamsConfig } from './config/teams.js';
import { whatsappConfig, whatsappVariables, type WhatsAppConfig } from './config/whatsapp.js';
import { whatsappWebConfig, whatsappWebVariables, type WhatsAppWebConfig } from './config/whatsapp-web.js';
import { ConfigurationError } from './domain/errors.js';
import { forAll, type PerChannel } from './domain/per-channel.js';
import { LOG_LEVELS } from './telemetry/logger.js';

const text = z.string().trim().min(1);
const isOrigin = (origin: string): boolean => URL.canParse(origin) && new URL(origin).origin === origin;
const wholeNumber = (least: number, most: number) =>
  z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.number().min(least).max(most));

/** `value`, and before or behind it `channel=value` for channels that have one of their own, separated by commas. */
const perChannel = <Value>(value: z.ZodType<Value, string>, usual: Value) =>
  z
    .string()
    .transform((list) => list.split(',').map((entry) => entry.trim()))
    .transform((entries, context): PerChannel<Value> => {
      const setting = { usual, channels: {} as Record<string, Value> };
      for (const entry of entries) {
        const [, channel, given = ''] = /^(?:([a-z][a-z-]*)\s*=)?\s*(.*)$/.exec(entry) ?? [];
        const parsed = value.safeParse(given);
        if (!parsed.success)
          context.addIssue({ code: 'custom', message: `"${entry}": ${parsed.error.issues[0]?.message ?? 'is not understood'}` });
        else if (channel === undefined) setting.usual = parsed.data;
        else setting.channels[channel] = parsed.data;
      }
      return setting;
    });
const yesOrNo = z.enum(['0', '1']).transform((given) => given === '1');

const environmentSchema = z.object({
  NODE_ENV: z.enum(['development', 'staging', 'production', 'test']).default('development'),
  PORT: wholeNumber(0, 65_535).default(3000),
  HOST: text.optional(),
  DATA_DIR: text.default('./data'),
  LOG_LEVEL: z.enum(LOG_LEVELS).optional(),
  MONGODB_URI: text.regex(/^mongodb(\+srv)?:\/\//, 'must start with mongodb:// or mongodb+srv://').optional(),
  MONGODB_DB: text.regex(/^[^/\\. "$*<>:|?]{1,63}$/, 'must be a MongoDB database name').default('parley'),
  SESSION_TTL_HOURS: wholeNumber(1, 8760).default(24),
  MAX_FILE_MB: wholeNumber(1, 100).default(10),
  RATE_LIMIT_DEFAULT: wholeNumber(1, 1_000_000).default(100),
  RATE_LIMIT_PROCESS: wholeNumber(1, 1_000_000).default(10),
  MESSAGES_PER_MINUTE: wholeNumber(1, 1_000_000).default(300),
  SENDS_PER_SECOND: wholeNumber(1, 100_000).optional(),
  SENDS_PER_CHAT: wholeNumber(1, 100_000).optional(),
  DEBOUNCE_MS: perChannel(wholeNumber(0, 60_000), 0).optional(),
  UNCERTAIN_SENDS: perChannel(z.enum(['resend', 'hold']), 'resend').optional(),
  ANSWER_EDITS: yesOrNo.default(false),
  LEASE_SECONDS: wholeNumber(1, 300).default(15),
  TRUST_PROXY: wholeNumber(0, 10).default(0),
  ALLOWED_ORIGINS: z
    .string()
    .default('')
    .transform((list) =>
      list
        .split(',')
        .map((origin) => origin.trim())
        .filter(Boolean),
    )
    .refine((origins) => origins.every(isOrigin), 'must be origins as browsers name them: https://shop.example, without a path'),
  TELEGRAM_BOT_TOKEN: text.optional(),
  TELEGRAM_WEBHOOK_SECRET: text.regex(/^[A-Za-z0-9_-]{1,256}$/, 'may hold A-Z a-z 0-9 _ - only').optional(),
  TELEGRAM_API_ROOT: z.url().default('https://api.telegram.org'),
  TELEGRAM_MODE: z.enum(['webhook', 'polling']).default('webhook'),
  ...modelVariables,
  ...deskVariables,
  ...slackVariables,
  ...teamsVariables,
  ...whatsappVariables,
  ...whatsappWebVariables,
});
type Environment = z.infer<typeof environmentSchema>;

/** Every variable that is read. */
export const ENVIRONMENT_VARIABLES: readonly string[] = Object.keys(environmentSchema.shape);

export interface TelegramConfig {
  readonly token: string;
  readonly apiRoot: string;
  readonly mode: 'webhook' | 'polling';
  /** Present in webhook mode. */
  readonly webhookSecret: string | null;
}

export interface Config {
  readonly environment: Environment['NODE_ENV'];
  readonly port: number;
  readonly host: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly mongodb: { readonly uri: string | null; readonly database: string };
  readonly sessionTtlMs: number;
  readonly maxFileBytes: number;
  /** Requests a minute for each address. */
  readonly rateLimits: { readonly default: number; readonly process: number };
  /** Messages of one conversation that are answered in a minute; also the largest burst. */
  readonly messagesPerMinute: number;
  /** Sends a second that each account may make, where a platform has raised its own limit; null: what the channel declares. */
  readonly sendsPerSecond: number | null;
  /** The same for the sends to one conversation. */
  readonly sendsPerChat: number | null;
  /** A customer who writes on within this time is answered once, for all of it; 0: each message by itself. */
  readonly debounceMs: PerChannel<number>;
  /** Sends whose result is not known and cannot be asked: made again, or held for an operator. */
  readonly uncertainSends: PerChannel<'resend' | 'hold'>;
  /** Whether an edit of a message that was answered already is answered again. */
  readonly answerEdits: boolean;
  /** An instance that has not been heard of for this long loses its conversations to the others. */
  readonly leaseMs: number;
  /** Reverse proxies in front of us whose X-Forwarded-For is believed. */
  readonly trustProxy: number;
  /** Web origins, beside our own, that may use the chat from a page. */
  readonly allowedOrigins: readonly string[];
  readonly desk: DeskConfig;
  /** Words the answers; null: they are quoted. */
  readonly model: ModelConfig | null;
  /** Null: the channel is off. */
  readonly telegram: TelegramConfig | null;
  readonly slack: SlackConfig | null;
  readonly teams: TeamsConfig | null;
  readonly whatsapp: WhatsAppConfig | null;
  readonly whatsappWeb: WhatsAppWebConfig | null;
}

/** Reads `.env` in the working directory where there is one; variables that are set already win. */
export function loadEnvironment(): NodeJS.ProcessEnv {
  try {
    process.loadEnvFile('.env');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new ConfigurationError('.env cannot be read: check its permissions.', { cause: thrown });
  }
  return process.env;
}

/** Throws ConfigurationError with one sentence that names every variable in error. */
export function parseConfig(environment: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== ''));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    throw wrong(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  const env = parsed.data;
  const channels = {
    telegram: telegramConfig(env),
    slack: slackConfig(env),
    teams: teamsConfig(env),
    whatsapp: whatsappConfig(env),
    whatsappWeb: whatsappWebConfig(env),
  };
  assertChannels(env, ['web', ...Object.keys(channels).map(kebabCase)]);
  return {
    environment: env.NODE_ENV,
    port: env.PORT,
    host: env.HOST ?? (env.NODE_ENV === 'production' ? '0.0.0.0' : '127.0.0.1'),
    dataDir: resolve(env.DATA_DIR),
    logLevel: env.LOG_LEVEL ?? (env.NODE_ENV === 'development' ? 'warn' : 'info'),
    mongodb: { uri: env.MONGODB_URI ?? null, database: env.MONGODB_DB },
    sessionTtlMs: env.SESSION_TTL_HOURS * 3_600_000,
    maxFileBytes: env.MAX_FILE_MB * 1024 * 1024,
    rateLimits: { default: env.RATE_LIMIT_DEFAULT, process: env.RATE_LIMIT_PROCESS },
    messagesPerMinute: env.MESSAGES_PER_MINUTE,
    sendsPerSecond: env.SENDS_PER_SECOND ?? null,
    sendsPerChat: env.SENDS_PER_CHAT ?? null,
    debounceMs: env.DEBOUNCE_MS ?? forAll(0),
    uncertainSends: env.UNCERTAIN_SENDS ?? forAll('resend'),
    answerEdits: env.ANSWER_EDITS,
    leaseMs: env.LEASE_SECONDS * 1000,
    trustProxy: env.TRUST_PROXY,
    allowedOrigins: env.ALLOWED_ORIGINS,
    desk: deskConfig(env),
    model: modelConfig(env),
    ...channels,
  };
}

const kebabCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A channel's own setting under a name that no channel has would be left out without a word. */
function assertChannels({ DEBOUNCE_MS, UNCERTAIN_SENDS }: Environment, names: readonly string[]): void {
  const problems = Object.entries({ DEBOUNCE_MS, UNCERTAIN_SENDS }).flatMap(([variable, setting]) =>
    Object.keys(setting?.channels ?? {})
      .filter((name) => !names.includes(name))
      .map((name) => `${variable}: there is no channel "${name}", only ${names.join(', ')}`),
  );
  if (problems.length > 0) throw wrong(problems);
}

const wrong = (problems: readonly string[]): ConfigurationError =>
  new ConfigurationError(`The configuration has errors: ${problems.join('; ')}. See .env.example.`);

function telegramConfig(env: Environment): TelegramConfig | null {
  const { TELEGRAM_BOT_TOKEN: token, TELEGRAM_WEBHOOK_SECRET: secret, TELEGRAM_MODE: mode } = env;
  if (token === undefined && secret === undefined && mode === 'webhook') return null;
  const missing = [
    ...(token === undefined ? ['TELEGRAM_BOT_TOKEN'] : []),
    ...(mode === 'webhook' && secret === undefined ? ['TELEGRAM_WEBHOOK_SECRET'] : []),
  ];
  if (token === undefined || missing.length > 0) {
    throw new ConfigurationError(
      `The telegram channel is half configured: set ${missing.join(' and ')} too, or unset the others. See .env.example.`,
    );
  }
  return { token, apiRoot: env.TELEGRAM_API_ROOT.replace(/\/$/, ''), mode, webhookSecret: secret ?? null };
}

/** The part of the configuration that switches Slack on: its variables, and what the service is told of them. */
import { z } from 'zod';
import { ConfigurationError } from '../domain/errors.js';

const token = (prefix: string) => z.string().trim().startsWith(prefix, `must be a token that starts with ${prefix}`).optional();

export const slackVariables = {
  SLACK_BOT_TOKEN: token('xoxb-'),
  SLACK_SIGNING_SECRET: z.string().trim().min(1).optional(),
  SLACK_APP_TOKEN: token('xapp-'),
  SLACK_API_URL: z.url().default('https://slack.com/api/'),
  SLACK_DESK_CHANNEL: z
    .string()
    .trim()
    .regex(/^[CG][A-Z0-9]{2,40}$/, 'must be the id of a channel, as C0123456789; Slack shows it at the end of the details of the channel')
    .optional(),
};
type SlackEnvironment = z.infer<z.ZodObject<typeof slackVariables>>;

export interface SlackConfig {
  readonly botToken: string;
  /** Ends with a slash. */
  readonly apiUrl: string;
  /** Present where there is no app token. */
  readonly signingSecret: string | null;
  /** Present: socket mode. */
  readonly appToken: string | null;
  /** The channel in which staff work on cases; null: not on Slack. */
  readonly deskChannel: string | null;
}

/** Null: the channel is off. Throws ConfigurationError for half of its variables. */
export function slackConfig(env: SlackEnvironment): SlackConfig | null {
  const { SLACK_BOT_TOKEN: botToken, SLACK_SIGNING_SECRET: signingSecret, SLACK_APP_TOKEN: appToken } = env;
  const deskChannel = env.SLACK_DESK_CHANNEL;
  if ([botToken, signingSecret, appToken, deskChannel].every((given) => given === undefined)) return null;
  const missing = [
    ...(botToken === undefined ? ['SLACK_BOT_TOKEN'] : []),
    ...(signingSecret === undefined && appToken === undefined ? ['SLACK_SIGNING_SECRET (or, for socket mode, SLACK_APP_TOKEN)'] : []),
  ];
  if (botToken === undefined || missing.length > 0) {
    throw new ConfigurationError(
      `The slack channel is half configured: set ${missing.join(' and ')} too, or unset the others. See .env.example.`,
    );
  }
  return {
    botToken,
    apiUrl: env.SLACK_API_URL.replace(/\/?$/, '/'),
    signingSecret: signingSecret ?? null,
    appToken: appToken ?? null,
    deskChannel: deskChannel ?? null,
  };
}

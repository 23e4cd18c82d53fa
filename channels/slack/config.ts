/** What the channel has to be told, and what it asks of Slack. Values come from src/config.ts; nothing here reads the environment. */
import type { FetchedMedia } from '../../src/domain/channel.js';
import type { MediaRef } from '../../src/domain/content.js';
import { ConfigurationError } from '../../src/domain/errors.js';
import type { SlackDeskSettings } from './desk/config.js';

export const SLACK = 'slack';

/** A bot token belongs to one workspace, and what it consists of is not documented: there is nothing in it to name the account by. */
export const ACCOUNT = 'default';

export interface SlackSettings {
  /** `xoxb-…`, from OAuth & Permissions. */
  readonly botToken: string;
  /** `https://slack.com/api/`, or an emulator's. Ends with a slash. */
  readonly apiUrl: string;
  /** What Slack signs its requests with. Needed unless there is an app token. */
  readonly signingSecret: string | null;
  /** `xapp-…`, with the scope connections:write. Set: events come over a socket, and no public address is needed. */
  readonly appToken: string | null;
  /** Loads files of our own (`att_…`) that are to be sent. Absent: only files on the web can be. */
  readonly loadFile?: (file: MediaRef) => Promise<FetchedMedia>;
  /** Where staff work on cases. Absent: not on Slack. */
  readonly desk?: SlackDeskSettings;
}

/** How events reach us. Throws ConfigurationError where neither way is set up. */
export function wayIn(settings: SlackSettings): { readonly appToken: string } | { readonly signingSecret: string } {
  if (settings.appToken !== null) return { appToken: settings.appToken };
  if (settings.signingSecret !== null) return { signingSecret: settings.signingSecret };
  throw new ConfigurationError('SLACK_SIGNING_SECRET is missing: requests from Slack cannot be told from others. Or set SLACK_APP_TOKEN.');
}

/** What the bot may do. `manifest.yaml` asks for the same; a test compares them. */
export const BOT_SCOPES = [
  'app_mentions:read',
  'channels:history',
  'channels:read',
  'chat:write',
  'commands',
  'files:read',
  'files:write',
  'groups:history',
  'groups:read',
  'im:history',
  'im:write',
  'mpim:history',
  'reactions:read',
  'reactions:write',
  'users:read',
] as const;

/** The events that are read. `manifest.yaml` subscribes to the same. */
export const BOT_EVENTS = [
  'app_home_opened',
  'app_mention',
  'app_uninstalled',
  'channel_left',
  'group_left',
  'member_joined_channel',
  'member_left_channel',
  'message.channels',
  'message.groups',
  'message.im',
  'message.mpim',
  'reaction_added',
  'reaction_removed',
  'tokens_revoked',
] as const;

export const SLASH_COMMAND = '/parley';

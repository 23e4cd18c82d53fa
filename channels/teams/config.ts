/** What the channel has to be told. Values come from src/config; nothing here reads the environment. */
import type { FetchedMedia } from '../../src/domain/channel.js';
import type { MediaRef } from '../../src/domain/content.js';
import type { TeamsDeskSettings } from './desk/config.js';

export interface TeamsSettings {
  /** The bot's app registration: a GUID. */
  readonly appId: string;
  readonly appPassword: string;
  /** The directory of a single-tenant bot; null: a multi-tenant one. */
  readonly tenantId: string | null;
  /**
   * Where a bot may be written from and writes to: addresses of connectors, each of another host. The bot's token goes to no other host. A
   * conversation is written to at the address listed for its host, see thread-key.ts.
   */
  readonly serviceUrls: readonly string[];
  /** Where the keys are named that activities are signed with. */
  readonly openIdMetadata: string;
  /** Where the bot gets its token: `https://login.microsoftonline.com`. */
  readonly loginUrl: string;
  /** Loads files of our own (`att_…`) that are to be sent. Absent: only files with a web address can be sent. */
  readonly loadFile?: (file: MediaRef) => Promise<FetchedMedia>;
  /** Where staff work on cases. Absent: not in Teams. */
  readonly desk?: TeamsDeskSettings;
}

/** How Teams names the bot among the members of a conversation. */
export const botIdOf = (appId: string): string => `28:${appId}`;

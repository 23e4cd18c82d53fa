/** The channels that the configuration switches on. Each is loaded only then: a service without it pays nothing for its libraries at the start. */
import type { Config } from './config.js';
import type { Channel } from './domain/channel.js';
import type { Logger } from './telemetry/logger.js';

/** Throws ConfigurationError for settings that cannot work. */
export async function configuredChannels({ telegram, slack, teams, whatsapp }: Config, logger: Logger): Promise<Channel[]> {
  const channels: Channel[] = [];
  if (telegram !== null) {
    const { createTelegramChannel } = await import('../channels/telegram/index.js');
    channels.push(createTelegramChannel(telegram, logger));
  }
  if (slack !== null) {
    const { createSlackChannel } = await import('../channels/slack/index.js');
    channels.push(createSlackChannel(slack, logger));
  }
  if (teams !== null) {
    const { createTeamsChannel } = await import('../channels/teams/index.js');
    channels.push(createTeamsChannel(teams, logger));
  }
  if (whatsapp !== null) {
    const { createWhatsAppChannel } = await import('../channels/whatsapp-cloud/index.js');
    channels.push(createWhatsAppChannel(whatsapp, logger));
  }
  return channels;
}

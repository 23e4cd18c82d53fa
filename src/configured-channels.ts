/** The channels that the configuration switches on. Each is loaded only then: a service without it pays nothing for its libraries at the start. */
import type { Config } from './config.js';
import type { Channel } from './domain/channel.js';
import type { Logger } from './telemetry/logger.js';

/** Throws ConfigurationError for settings that cannot work. */
export async function configuredChannels({ telegram, whatsapp }: Config, logger: Logger): Promise<Channel[]> {
  const channels: Channel[] = [];
  if (telegram !== null) {
    const { createTelegramChannel } = await import('../channels/telegram/index.js');
    channels.push(createTelegramChannel(telegram, logger));
  }
  if (whatsapp !== null) {
    const { createWhatsAppChannel } = await import('../channels/whatsapp-cloud/index.js');
    channels.push(createWhatsAppChannel(whatsapp, logger));
  }
  return channels;
}

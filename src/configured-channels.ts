/** The channels that the configuration switches on. Each is loaded only then: a service without it pays nothing for its libraries at the start. */
import type { Config } from './config.js';
import type { FileStore } from './domain/attachment.js';
import type { Channel, FetchedMedia } from './domain/channel.js';
import type { ChannelLines } from './domain/channel-line.js';
import type { MediaRef } from './domain/content.js';
import type { MovedThreads } from './domain/moved-threads.js';
import { asError, ChannelError } from './domain/errors.js';
import type { Logger } from './telemetry/logger.js';

/** A browser takes seconds to start: moving it after less than that would leave none running on a busy machine. */
const LEAST_BROWSER_LEASE_MS = 10_000;

/**
 * Throws ConfigurationError for settings that cannot work.
 * @param files those that are sent; none can be where it is left out
 * @param lines for channels that one instance may have; those can be asked, and not started, where it is left out
 * @param movedThreads for conversations whose platform gives them another key; left out, they go on as other ones
 */
export async function configuredChannels(
  { telegram, slack, teams, whatsapp, whatsappWeb, ...config }: Config,
  logger: Logger,
  files?: FileStore,
  lines?: ChannelLines,
  movedThreads?: MovedThreads,
): Promise<Channel[]> {
  const own = files === undefined ? {} : { loadFile: (file: MediaRef) => loadOwn(files, file) };
  const channels: Channel[] = [];
  if (telegram !== null) {
    const { createTelegramChannel } = await import('../channels/telegram/index.js');
    channels.push(createTelegramChannel({ ...telegram, ...own }, logger, movedThreads));
  }
  if (slack !== null) {
    const { createSlackChannel } = await import('../channels/slack/index.js');
    const { deskChannel, ...settings } = slack;
    const desk = deskChannel === null ? {} : { desk: { channel: deskChannel, language: config.desk.language } };
    channels.push(createSlackChannel({ ...settings, ...own, ...desk }, logger));
  }
  if (teams !== null) {
    const { createTeamsChannel } = await import('../channels/teams/index.js');
    const { deskConversation: conversation } = teams;
    const desk = conversation === null ? {} : { desk: { conversation, language: config.desk.language } };
    channels.push(createTeamsChannel({ ...teams, ...own, ...desk }, logger));
  }
  if (whatsapp !== null) {
    const { createWhatsAppChannel } = await import('../channels/whatsapp-cloud/index.js');
    channels.push(createWhatsAppChannel({ ...whatsapp, ...own }, logger));
  }
  if (whatsappWeb !== null) {
    const { createWhatsAppWebChannel } = await import('../channels/whatsapp-web/index.js');
    const leaseMs = Math.max(config.leaseMs, LEAST_BROWSER_LEASE_MS);
    const shared = { profileFolder: config.dataDir, leaseMs, soleInstance: config.mongodb.uri === null };
    channels.push(createWhatsAppWebChannel({ ...whatsappWeb, ...shared, ...own }, logger, lines));
  }
  return channels;
}

async function loadOwn(files: FileStore, { id }: MediaRef): Promise<FetchedMedia> {
  const file = await files.loadFile(id).catch((thrown: unknown) => {
    throw new ChannelError('unavailable', 'send: the database does not hand the file over.', { cause: asError(thrown) });
  });
  if (file === null) throw new ChannelError('payload-refused', `send: the file ${id} is not there (any more).`);
  return file;
}

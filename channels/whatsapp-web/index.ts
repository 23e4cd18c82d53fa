/**
 * The WhatsApp channel over WhatsApp Web: a phone of your own, linked to a browser that whatsapp-web.js drives. It automates a product that is made for
 * people, against WhatsApp's terms; channels/whatsapp-cloud is the recommended way.
 */
import type { Channel, Receipt, Recipient, SendContext } from '../../src/domain/channel.js';
import type { ChannelLines } from '../../src/domain/channel-line.js';
import type { OutboundContent } from '../../src/domain/content.js';
import { ChannelError } from '../../src/domain/errors.js';
import type { Logger } from '../../src/telemetry/logger.js';
import { loadOwnFile } from '../shared/own-file.js';
import { capabilities } from './capabilities.js';
import { assertChromium } from './chromium.js';
import { createWebClient, type OutgoingMessage, type WebClient } from './client.js';
import { ACCOUNT, WHATSAPP_WEB, type WhatsAppWebSettings } from './config.js';
import { diagnose } from './diagnose.js';
import { encode } from './encode.js';
import { createLink, type LinkDeps } from './link.js';
import { showInTerminal } from './terminal.js';

/** What tests replace: a browser that is none, times that are shorter. */
export type WhatsAppWebParts = Partial<Pick<LinkDeps, 'createClient' | 'showCode' | 'times' | 'backoff'>> & {
  readonly sendTimeoutMs?: number;
};

/** @param lines absent: it can be asked how it is set up, and not started */
export function createWhatsAppWebChannel(
  settings: WhatsAppWebSettings,
  logger: Logger,
  lines?: ChannelLines,
  parts: WhatsAppWebParts = {},
): Channel {
  const { sendTimeoutMs, showCode = showInTerminal, createClient, ...times } = parts;
  const link = createLink({
    ...times,
    settings,
    logger,
    showCode,
    createClient:
      createClient ??
      // Loaded when it is started: the library alone takes longer than the rest of the service.
      (async (line) => (await import('./browser.js')).createBrowser({ settings, line, logger })),
  });
  const client = createWebClient(link, sendTimeoutMs);
  return {
    name: WHATSAPP_WEB,
    account: ACCOUNT,
    capabilities,
    link,
    servedHere: () => link.status().state !== 'elsewhere',
    start: async (emit, ignore) => {
      if (lines === undefined) throw new Error('the channel was made without its lines');
      if (createClient === undefined) await assertChromium(settings);
      return link.run(lines, emit, ignore);
    },
    send: (to, content, context) => send(client, settings, to, content, context),
    edit: async (_to, platformMessageId, content) => {
      const message = await messageOf(settings, content);
      if (message.kind !== 'text') throw new ChannelError('payload-refused', 'edit: files cannot be changed.');
      await client.edit(platformMessageId, message.text);
    },
    showTyping: async (to, { kind }) => {
      // A group would see it too.
      if (kind !== 'status' && to.scope !== 'group') await client.setTyping(to.threadKey, kind === 'started');
    },
    markRead: (to) => client.markRead(to.threadKey),
    react: (_to, platformMessageId, emoji) => client.react(platformMessageId, emoji),
    fetchMedia: (file) => client.download(file.id, file.sizeBytes),
    checkHealth: () => client.check(),
    diagnose: () => diagnose(settings),
  };
}

async function send(
  client: WebClient,
  settings: WhatsAppWebSettings,
  to: Recipient,
  content: OutboundContent,
  context: SendContext,
): Promise<Receipt> {
  return client.send(to, await messageOf(settings, content), context);
}

async function messageOf({ loadFile }: WhatsAppWebSettings, content: OutboundContent): Promise<OutgoingMessage> {
  const message = encode(content);
  if (message === null) throw new ChannelError('payload-refused', `send: whatsapp-web does not declare content of kind ${content.kind}.`);
  if (message.kind === 'text') return message;
  const { file, asDocument, caption } = message;
  const { bytes, contentType } = await loadOwnFile(loadFile, file);
  if (bytes.byteLength > capabilities.maxUploadBytes)
    throw new ChannelError('payload-refused', `send: the file is larger than ${capabilities.maxUploadBytes} bytes.`);
  const mimetype = contentType ?? file.contentType ?? 'application/octet-stream';
  return { kind: 'media', media: { mimetype, data: bytes.toString('base64'), filename: file.filename ?? file.id }, asDocument, caption };
}

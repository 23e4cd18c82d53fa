/** The WhatsApp channel over Meta's Cloud API: one business number, a signed webhook in, the Graph API out. */
import { LRUCache } from 'lru-cache';
import type { Channel, ChannelReply, ChannelRequest, Receipt, Received, Recipient, SendContext } from '../../src/domain/channel.js';
import type { OutboundContent } from '../../src/domain/content.js';
import { ChannelError } from '../../src/domain/errors.js';
import type { InboundEvent } from '../../src/domain/message.js';
import type { Logger } from '../../src/telemetry/logger.js';
import { parseJson } from '../shared/json.js';
import { capabilities } from './capabilities.js';
import { createWhatsAppClient, type WhatsAppClient } from './client.js';
import { assertUsable, type WhatsAppSettings } from './config.js';
import { decodeWebhook, WHATSAPP } from './decode.js';
import { diagnose } from './diagnose.js';
import { encode, type WhatsAppMessage } from './encode.js';
import { mediaTypeOf, mediaValue, prepareFile } from './media.js';
import { answerHandshake, isFromMeta } from './verify.js';
import { waitingTemplateOf } from './waiting-template.js';
import { phoneNumberSchema } from './wire.js';

/** webhooks/overview: payloads can be up to 3 MB. */
const MAX_WEBHOOK_BYTES = 3 * 1024 * 1024;
/** Conversations whose last message is remembered for the typing indicator. */
const CONVERSATIONS_REMEMBERED = 10_000;

/** Throws ConfigurationError for settings that cannot work. */
export function createWhatsAppChannel(settings: WhatsAppSettings, logger: Logger): Channel {
  assertUsable(settings);
  const client = createWhatsAppClient(settings);
  // A hint only: the indicator needs the message that is being answered. Where another instance took it in, none is shown.
  const lastMessages = new LRUCache<string, string>({ max: CONVERSATIONS_REMEMBERED });
  return {
    name: WHATSAPP,
    account: settings.phoneNumberId,
    capabilities,
    receive: async (request) => {
      const received = receive(settings, request);
      for (const event of received.events) if (event.kind === 'message') lastMessages.set(event.threadKey, event.platformMessageId);
      logOperatorEvents(logger, received);
      return received;
    },
    send: (to, content, context) => send(client, settings, to, content, context),
    waitingTemplate: (language) => waitingTemplateOf(settings.templates, language),
    showTyping: async (to, progress) => {
      const messageId = lastMessages.get(to.threadKey);
      // Nothing takes the mark away but the message itself, or 25 seconds.
      if (progress.kind === 'stopped' || messageId === undefined) return;
      await client.mark({ message_id: messageId, typing_indicator: { type: 'text' } });
    },
    markRead: (_to, platformMessageId) => client.mark({ message_id: platformMessageId }),
    react: async (to, platformMessageId, emoji) => {
      await client.send({ ...recipientOf(to), type: 'reaction', reaction: { message_id: platformMessageId, emoji } });
    },
    fetchMedia: (file) => client.download(file.id),
    checkHealth: async () => {
      await client.read('phone number', `${settings.phoneNumberId}?fields=id`, phoneNumberSchema);
    },
    diagnose: (publicUrl) => diagnose(client, settings, publicUrl),
  };
}

const replyWith = (reply: ChannelReply): Received => ({ reply, events: [], ignored: [] });

function receive({ appSecret, verifyToken, phoneNumberId }: WhatsAppSettings, request: ChannelRequest): Received {
  if (request.method === 'GET') return replyWith(answerHandshake(request, verifyToken));
  if (request.method !== 'POST') return replyWith({ status: 405, headers: { allow: 'GET, POST' }, body: 'GET or POST' });
  if (request.body.byteLength > MAX_WEBHOOK_BYTES) return replyWith({ status: 413, body: 'larger than any webhook' });
  if (!isFromMeta(request, appSecret)) return replyWith({ status: 401, body: 'wrong or missing signature' });
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) return replyWith({ status: 415, body: 'not application/json' });
  const decoded = decodeWebhook(parseJson(request.body), phoneNumberId);
  return decoded === null ? replyWith({ status: 400, body: 'not a webhook of Meta' }) : { reply: { status: 200 }, ...decoded };
}

/** What Meta says of the account itself, and refusals that only the operator can mend, are worth more than a counter. */
function logOperatorEvents(logger: Logger, { events, ignored }: Received): void {
  const isRefusal = (event: InboundEvent) => event.kind === 'status' && event.failure?.kind === 'credentials-rejected';
  for (const event of events.filter(isRefusal)) {
    if (event.kind === 'status')
      logger.error({ channel: WHATSAPP, failure: event.failure?.message }, 'Meta refuses to deliver our messages');
  }
  for (const { reason } of ignored) {
    if (/^(error |field (account_|message_template_|phone_number_))/.test(reason))
      logger.warn({ channel: WHATSAPP, reason }, 'Meta tells of the account');
  }
}

async function send(
  client: WhatsAppClient,
  settings: WhatsAppSettings,
  to: Recipient,
  content: OutboundContent,
  context: SendContext,
): Promise<Receipt> {
  const message = encode(content);
  if (message === null) throw new ChannelError('payload-refused', `send: whatsapp does not declare content of kind ${content.kind}.`);
  const body = await withFile(message, client, settings);
  // Handed back with every status of the message, which so tells what became of a send whose answer was lost.
  const key = { biz_opaque_callback_data: context.key };
  return { platformMessageId: await client.send({ ...recipientOf(to), ...contextOf(to, context), ...body, ...key }) };
}

/** The message as Meta takes it, its file stored there. */
async function withFile(message: WhatsAppMessage, client: WhatsAppClient, settings: WhatsAppSettings): Promise<object> {
  if (message.type === 'media') {
    const file = await prepareFile(message.file, message.isImage, client, settings);
    const type = mediaTypeOf(file, message.caption);
    return { type, [type]: mediaValue(file, type, message.caption) };
  }
  if (message.type !== 'interactive') return message;
  const { header, interactive } = message;
  if (header === null) return { type: 'interactive', interactive };
  const file = await prepareFile(header, true, client, settings);
  // A picture of a kind that WhatsApp does not show stands at the head as a document.
  const type = mediaTypeOf(file, '') === 'image' ? 'image' : 'document';
  return { type: 'interactive', interactive: { ...interactive, header: { type, [type]: mediaValue(file, type, '') } } };
}

/** By number; by business-scoped id (`US.1349…`) where the person hides the number; or a group. */
function recipientOf({ threadKey, scope }: Recipient): object {
  if (scope === 'group') return { recipient_type: 'group', to: threadKey };
  return { recipient_type: 'individual', ...(/^\d+$/.test(threadKey) ? { to: threadKey } : { recipient: threadKey }) };
}

/** In a group an answer quotes what it answers; with one person that would only be noise. */
const contextOf = ({ scope }: Recipient, { replyTo }: SendContext): object =>
  scope === 'group' && replyTo !== null ? { context: { message_id: replyTo } } : {};

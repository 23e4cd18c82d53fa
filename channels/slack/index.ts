/** The Slack channel: direct messages, mentions and threads, menus and buttons, the slash command; over webhooks or by socket. */
import type {
  Channel,
  ChannelReply,
  ChannelRequest,
  Emit,
  EmitDesk,
  Ignore,
  Receipt,
  Received,
  Recipient,
  SendContext,
} from '../../src/domain/channel.js';
import type { OutboundContent } from '../../src/domain/content.js';
import { ChannelError } from '../../src/domain/errors.js';
import type { Logger } from '../../src/telemetry/logger.js';
import { parseJson } from '../shared/json.js';
import { capabilities } from './capabilities.js';
import { createSlackClient, type SlackClient } from './client.js';
import { ACCOUNT, SLACK, wayIn, type SlackSettings } from './config.js';
import { messageIdOf, type Decoded } from './decode.js';
import { decodeCommand } from './decode-interaction.js';
import { anyEvent, anyInteraction, type DeskDoor } from './desk/door.js';
import { createSlackDesk } from './desk/index.js';
import { diagnose } from './diagnose.js';
import { reactionNameOf } from './emoji.js';
import { encode, type SlackMessage } from './encode.js';
import { findSent, metadataOf, withKey } from './find-sent.js';
import { createHomes, type Homes } from './home.js';
import { startSocket } from './socket.js';
import { imageBlock, shareFile } from './upload.js';
import { isFromSlack } from './verify.js';

/** Far above any payload; what is larger did not come from Slack. */
const MAX_REQUEST_BYTES = 1024 * 1024;

/** Throws ConfigurationError where neither a signing secret nor an app token is given. */
export function createSlackChannel(settings: SlackSettings, logger: Logger): Channel {
  const client = createSlackClient(settings);
  const homes = createHomes(client, logger);
  const desk = settings.desk === undefined ? undefined : createSlackDesk(settings.desk, client, settings, logger);
  const channel: Channel = {
    name: SLACK,
    account: ACCOUNT,
    capabilities,
    send: (to, content, context) => send(client, settings, to, content, context),
    findSent: (to, key) => findSent(client, to, key),
    edit: (_to, platformMessageId, content) => edit(client, platformMessageId, content),
    react: (_to, platformMessageId, emoji) => react(client, platformMessageId, emoji),
    // In private, see threadKeyOf; a thread there is the same person's.
    mayWriteFirst: (threadKey) => /^[UW]/.test(threadKey),
    fetchMedia: (file) => client.download(file.id),
    checkHealth: async () => {
      await client.run('auth.test', (slack) => slack.auth.test(), { quick: true });
    },
    diagnose: (publicUrl) => diagnose(client, settings, publicUrl),
    ...(desk === undefined ? {} : { desk: desk.desk }),
  };
  const way = wayIn(settings);
  if ('appToken' in way) return { ...channel, start: (emit, ignore, emitDesk) => startBoth(way.appToken, emit, ignore, emitDesk) };
  return {
    ...channel,
    receive: (request) => receive(request, way.signingSecret, homes, desk?.door),
    // No socket: only what is shown in homes and forms that are opened.
    start: () => Promise.resolve(startShowing()),
  };

  async function startBoth(appToken: string, emit: Emit, ignore: Ignore, emitDesk?: EmitDesk): Promise<() => Promise<void>> {
    const stopShowing = startShowing();
    const staff = desk === undefined || emitDesk === undefined ? {} : { desk: { door: desk.door, emit: emitDesk } };
    try {
      const stopSocket = await startSocket({ appToken, apiUrl: settings.apiUrl, emit, ignore, ...staff, homes, logger });
      return async () => {
        await stopSocket();
        await stopShowing();
      };
    } catch (thrown) {
      await stopShowing();
      throw thrown;
    }
  }

  function startShowing(): () => Promise<void> {
    const stops = [homes.start(), desk?.forms.start()];
    return async () => {
      for (const stop of stops) await stop?.();
    };
  }
}

const refused = (status: number, body: string): Received => ({ reply: { status, body }, events: [], ignored: [] });

interface Endpoint {
  readonly contentType: string;
  /** Null for what is nothing that Slack sends; a promise for what is the desk's. */
  readonly decode: (body: string, desk: DeskDoor | undefined) => Promise<Decoded> | Decoded | null;
}

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  '/events': { contentType: JSON_TYPE, decode: (body, desk) => anyEvent(parseJson(body), desk) },
  '/interactions': {
    contentType: FORM_TYPE,
    decode: (body, desk) => anyInteraction(parseJson(new URLSearchParams(body).get('payload') ?? ''), desk),
  },
  '/commands': { contentType: FORM_TYPE, decode: (body) => decodeCommand(Object.fromEntries(new URLSearchParams(body))) },
};

async function receive(request: ChannelRequest, signingSecret: string, homes: Homes, desk: DeskDoor | undefined): Promise<Received> {
  if (request.body.byteLength > MAX_REQUEST_BYTES) return refused(413, 'larger than anything that Slack sends');
  if (!isFromSlack(request, signingSecret, Date.now())) return refused(401, 'wrong, missing or old signature');
  const path = request.url.split('?')[0] ?? '';
  const endpoint = Object.hasOwn(ENDPOINTS, path) ? ENDPOINTS[path] : undefined;
  if (endpoint === undefined) return refused(404, 'events, interactions and commands are the paths');
  if (request.method !== 'POST') return refused(405, 'Slack posts');
  const contentType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (contentType !== endpoint.contentType) return refused(415, `expected ${endpoint.contentType}`);
  const decoded = await endpoint.decode(request.body.toString('utf8'), desk);
  if (decoded === null) return refused(400, 'not a request of Slack');
  if (decoded.homeOpenedBy !== null) homes.opened(decoded.homeOpenedBy);
  const { events, ignored } = decoded;
  return { reply: replyOf(decoded.answer), events, ignored, ...(decoded.desk === undefined ? {} : { desk: decoded.desk }) };
}

function replyOf(answer: Decoded['answer']): ChannelReply {
  if (answer === null) return { status: 200 };
  if (typeof answer === 'string') return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: answer };
  return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(answer) };
}

function messageOf(content: OutboundContent): SlackMessage {
  const message = encode(content);
  if (message === null) throw new ChannelError('payload-refused', `send: slack does not declare content of kind ${content.kind}.`);
  return message;
}

async function send(
  client: SlackClient,
  settings: SlackSettings,
  to: Recipient,
  content: OutboundContent,
  { key }: SendContext,
): Promise<Receipt> {
  const message = messageOf(content);
  const place = await client.placeOf(to);
  const { channel, threadTs } = place;
  if (message.kind === 'upload') {
    const ts = await shareFile(client, settings, place, { file: message.file, blocks: withKey(message.blocks, key) });
    return { platformMessageId: ts === null ? null : messageIdOf(channel, ts) };
  }
  const image = message.image === null ? [] : [await imageBlock(client, settings, message.image)];
  const blocks = [...image, ...message.blocks];
  const { ts } = await client.run('chat.postMessage', (slack) =>
    slack.chat.postMessage({
      channel,
      text: message.text,
      ...(threadTs === null ? {} : { thread_ts: threadTs }),
      ...(blocks.length === 0 ? {} : { blocks }),
      metadata: metadataOf(key),
      // Previews of cited pages would bury the answer.
      unfurl_links: false,
      unfurl_media: false,
    }),
  );
  return { platformMessageId: ts === undefined ? null : messageIdOf(channel, ts) };
}

async function edit(client: SlackClient, platformMessageId: string, content: OutboundContent): Promise<void> {
  const message = messageOf(content);
  if (message.kind === 'upload' || message.image !== null)
    throw new ChannelError('payload-refused', 'chat.update: files cannot be changed.');
  const { channel, ts } = addressOf(platformMessageId);
  // Without blocks the earlier ones would stay.
  await client.run('chat.update', (slack) => slack.chat.update({ channel, ts, text: message.text, blocks: [...message.blocks] }));
}

async function react(client: SlackClient, platformMessageId: string, emoji: string): Promise<void> {
  const name = reactionNameOf(emoji);
  if (name === null) throw new ChannelError('payload-refused', `reactions.add: ${emoji} is no reaction whose name is known.`);
  const { channel, ts } = addressOf(platformMessageId);
  try {
    await client.run('reactions.add', (slack) => slack.reactions.add({ channel, timestamp: ts, name }));
  } catch (thrown) {
    if (!(thrown instanceof ChannelError && thrown.message.includes('already_reacted'))) throw thrown;
  }
}

/** See messageIdOf. Presses and commands are no messages on Slack. */
function addressOf(platformMessageId: string): { channel: string; ts: string } {
  const [channel, ts] = /^([A-Z][A-Z0-9]+):(\d+\.\d+)$/.exec(platformMessageId)?.slice(1) ?? [];
  if (channel === undefined || ts === undefined) throw new ChannelError('payload-refused', 'There is no such message on Slack.');
  return { channel, ts };
}

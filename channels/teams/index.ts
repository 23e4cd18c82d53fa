/** The Teams channel: a bot in personal chats, group chats and the threads of channels, over a webhook. */
import type { Channel, ChannelReply, ChannelRequest, IgnoredEvent, Received } from '../../src/domain/channel.js';
import { ChannelError } from '../../src/domain/errors.js';
import type { Logger } from '../../src/telemetry/logger.js';
import { jsonText, parseJson } from '../shared/json.js';
import { capabilities } from './capabilities.js';
import { createTeamsClient, type TeamsClient } from './client.js';
import type { TeamsSettings } from './config.js';
import { decodeActivity, eventIdOf, TEAMS, type DecodedActivity } from './decode.js';
import { lineReply } from './desk/answer.js';
import { deskPressOf } from './desk/decode.js';
import { createTeamsDesk, type TeamsDesk } from './desk/index.js';
import { replyWords } from './desk/reply-words.js';
import { diagnose } from './diagnose.js';
import { answerConsent, type Outcome } from './file-consent.js';
import { activityOf } from './send.js';
import { addressOf } from './thread-key.js';
import { createVerify, type Verify } from './verify.js';
import type { Activity } from './wire.js';

/** Far above any activity, pictures in it included; what is larger did not come from Teams. */
const MAX_BODY_BYTES = 512 * 1024;
/** Cards and what comes back of them stay far below; what is deeper is made to exhaust whoever walks it. */
const MAX_DEPTH = 100;

interface Parts {
  readonly settings: TeamsSettings;
  readonly client: TeamsClient;
  readonly verify: Verify;
  readonly logger: Logger;
  /** Null: staff do not work in Teams. */
  readonly desk: TeamsDesk | null;
}

export function createTeamsChannel(settings: TeamsSettings, logger: Logger): Channel {
  const client = createTeamsClient(settings);
  const desk = settings.desk === undefined ? null : createTeamsDesk(settings.desk, { client, settings, logger });
  const parts = { settings, client, verify: createVerify(settings), logger, desk };
  const at = (threadKey: string) => addressOf(threadKey, settings.serviceUrls);
  return {
    name: TEAMS,
    account: settings.appId,
    capabilities,
    ...(desk === null ? {} : { desk }),
    receive: (request) => receive(parts, request),
    send: async (to, content) => ({ platformMessageId: await client.send(at(to.threadKey), await activityOf(to, content, settings)) }),
    edit: async (to, platformMessageId, content) =>
      client.update(at(to.threadKey), platformMessageId, await activityOf(to, content, settings)),
    showTyping: async (to, progress) => {
      // Nothing takes the mark away but the message itself, or some seconds.
      if (progress.kind !== 'stopped') await client.send(at(to.threadKey), { type: 'typing' });
    },
    // Ids of groups and channels begin with `19:`; all others are personal chats.
    mayWriteFirst: (threadKey) => !threadKey.startsWith('19:'),
    fetchMedia: (file) => client.download(file.id),
    checkHealth: async () => {
      await client.token();
    },
    diagnose: (publicUrl) => diagnose({ client, settings }, publicUrl),
  };
}

const refused = (status: number, body: string): Received => ({ reply: { status, body }, events: [], ignored: [] });

async function receive(parts: Parts, request: ChannelRequest): Promise<Received> {
  if (request.method !== 'POST') return refused(405, 'activities are posted');
  if (request.headers['authorization'] === undefined) return refused(401, 'no token');
  if (request.body.byteLength > MAX_BODY_BYTES) return refused(413, 'larger than any activity');
  const json = parseJson(request.body);
  const verdict = await parts.verify(request.headers['authorization'], serviceUrlOf(json));
  if (verdict === 'unavailable') return refused(503, 'the keys of the Bot Framework cannot be fetched; try again');
  if (verdict === 'forged') return refused(401, 'the token is not one of the Bot Framework for this bot');
  if (isDeeper(json, MAX_DEPTH)) return refused(400, 'nested too deeply');
  const decoded = decodeActivity(json, parts.settings);
  if (!decoded.ok) return { ...refused(decoded.refused, decoded.because), ignored: unreadable(json, decoded.because) };
  const { activity, events, ignored } = decoded;
  if (parts.desk?.owns(activity) === true) return parts.desk.receive(activity);
  if (deskPressOf(activity) !== null) return pressedElsewhere(activity, parts.settings);
  return { reply: await replyTo(parts, decoded), events, ignored };
}

/** A card of the desk that got out of its channel, or of a desk that is there no more: nobody may act on a case with it. */
function pressedElsewhere(activity: Activity, { desk }: TeamsSettings): Received {
  const ignored = [{ eventId: eventIdOf(activity), reason: 'card of a case, pressed outside of the desk’s channel' }];
  const reply = activity.type === 'invoke' ? lineReply(replyWords(desk?.language ?? 'en').notHere) : { status: 200 };
  return { reply, events: [], ignored };
}

/** Signed by Microsoft and yet not understood: kept for a look at it. What is no JSON says nothing. */
const unreadable = (json: unknown, reason: string): IgnoredEvent[] =>
  json === undefined ? [] : [{ eventId: null, reason, unknown: jsonText(json) }];

function serviceUrlOf(json: unknown): string | null {
  const serviceUrl = typeof json === 'object' && json !== null && 'serviceUrl' in json ? json.serviceUrl : null;
  return typeof serviceUrl === 'string' ? serviceUrl : null;
}

/** Without recursion: it is asked of what may be thousands of levels deep. */
function isDeeper(json: unknown, most: number): boolean {
  let level: unknown[] = [json];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > most) return true;
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? (Object.values(value) as unknown[]) : []));
  }
  return false;
}

const json = (status: number, body: object): ChannelReply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

/** What was pressed waits for an answer in the reply itself; everything else for the status alone. */
async function replyTo(parts: Parts, decoded: DecodedActivity & { readonly ok: true }): Promise<ChannelReply> {
  const { activity, events } = decoded;
  if (activity.type !== 'invoke') return { status: 200 };
  if (activity.name === 'fileConsent/invoke') return replyToConsent(parts, decoded);
  if (events.length === 0) return json(400, { error: { code: 'NotSupported', message: 'This bot does not know this invoke.' } });
  return json(200, { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: '✓' });
}

const CONSENT_STATUS: Readonly<Record<Outcome, number>> = { uploaded: 200, declined: 200, refused: 400 };

async function replyToConsent({ client, settings, logger }: Parts, { activity, threadKey }: DecodedActivity & { readonly ok: true }) {
  const at = addressOf(threadKey, settings.serviceUrls);
  try {
    const outcome = await answerConsent(activity.value, { at, activityId: activity.replyToId }, { client, settings });
    return json(CONSENT_STATUS[outcome], {});
  } catch (thrown) {
    if (!(thrown instanceof ChannelError)) throw thrown;
    logger.warn({ channel: TEAMS, error: thrown.message }, 'A file that the customer accepted could not be handed over');
    return json(503, { error: { code: 'UploadFailed', message: 'The file could not be uploaded. Please try again.' } });
  }
}

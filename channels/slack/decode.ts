/** Slack's three kinds of requests to domain events: pure. The same for webhooks and for the socket, whose envelopes hold the same payloads. */
import type { IgnoredEvent } from '../../src/domain/channel.js';
import type { DeskRequest } from '../../src/domain/desk.js';
import type { InboundEvent } from '../../src/domain/message.js';
import type { z } from 'zod';
import { jsonText } from '../shared/json.js';

export interface Decoded {
  readonly events: readonly InboundEvent[];
  readonly ignored: readonly IgnoredEvent[];
  /** What Slack is told with the 200; null: nothing. */
  readonly answer: string | object | null;
  /** The user who opened the app's home, which is then to be shown. */
  readonly homeOpenedBy: string | null;
  /** What staff asked for at the desk; absent: nothing. */
  readonly desk?: readonly DeskRequest[];
}

/** What the envelope says of every event in it. */
export interface Origin {
  readonly eventId: string;
  /** The workspace. */
  readonly team: string | null;
  /** The bot's own user id; null where Slack does not say. */
  readonly bot: string | null;
}

/** One thing that happened, before it is an event with an id. */
export type Outcome = InboundEvent | Ignored;

export interface Ignored {
  readonly ignoredBecause: string;
  /** It is of a kind or shape that we do not know: it is kept for a look at it. */
  readonly unknown?: true;
}

const NOTHING: Decoded = { events: [], ignored: [], answer: null, homeOpenedBy: null };

export const answered = (answer: string | object): Decoded => ({ ...NOTHING, answer });

/** `payload` is what is kept of an event that is not known. */
export function decoded(outcome: Outcome, eventId: string | null, payload: unknown): Decoded {
  if (!('ignoredBecause' in outcome)) return { ...NOTHING, events: [outcome], ignored: unsupportedIn(outcome, payload) };
  const kept = outcome.unknown === true ? { unknown: jsonOf(payload) } : {};
  return { ...NOTHING, ignored: [{ eventId, reason: outcome.ignoredBecause, ...kept }] };
}

/** A message of a kind that is not known is answered, and kept for a look at it beside that. */
function unsupportedIn(event: InboundEvent, payload: unknown): IgnoredEvent[] {
  const parts = 'content' in event ? event.content : [];
  return parts.flatMap((part) =>
    part.kind === 'unsupported'
      ? [{ eventId: event.eventId, reason: `content of kind ${part.platformKind}`, unknown: jsonOf(payload) }]
      : [],
  );
}

/** An event whose required parts are not there is ignored, since sending it again would not mend it. */
export function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown, decode: (wire: z.infer<Schema>) => Outcome): Outcome {
  const result = schema.safeParse(value);
  if (result.success) return decode(result.data);
  const missing = result.error.issues.map((issue) => issue.path.join('.')).join(', ');
  return { ignoredBecause: `malformed: ${missing.slice(0, 200)}`, unknown: true };
}

/** Without the token that Slack once told its requests by; what is kept is looked at by people. */
const jsonOf = (payload: unknown): string => jsonText(payload, 'token');

/** Direct conversations have ids of their own kind, in every payload. */
export const isDirect = (channel: string): boolean => channel.startsWith('D');

/**
 * The conversation: in private the person, so that messages, the slash command and the home share one, or `person:thread`; elsewhere
 * `channel:thread`, where a message that is in no thread opens one, in which it is answered.
 */
export function threadKeyOf(at: { channel: string; user: string; ts: string; threadTs: string | undefined }): string {
  const { channel, user, ts, threadTs } = at;
  if (!isDirect(channel)) return `${channel}:${threadTs ?? ts}`;
  return threadTs === undefined || threadTs === ts ? user : `${user}:${threadTs}`;
}

/** A message is named by its channel and time: enough to change it or react to it. */
export const messageIdOf = (channel: string, ts: string): string => `${channel}:${ts}`;

export const timeOf = (ts: string | undefined): Date | null => (ts === undefined ? null : new Date(Math.round(Number(ts) * 1000)));

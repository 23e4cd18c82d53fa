/**
 * One client's line, kept in step with the log of its conversation: the client is shown every message of it, once and in the order of the log,
 * whichever instance answered. An answer that is sent from here goes out part by part as long as the client has been shown all that stands before
 * it; whatever else turns up only makes the line read on in the log from where its client is.
 *
 * A customer's message may be shown ahead of its place in the log: to its writer it is there already, and other windows of the same process are
 * told at once.
 */
import type { Draft, SendContext } from '../../src/domain/channel.js';
import type { MessageLog } from '../../src/domain/chat.js';
import { asError } from '../../src/domain/errors.js';
import type { LogPlace, Message } from '../../src/domain/message.js';
import type { Logger } from '../../src/telemetry/logger.js';
import { LATELY, LOG_PAGE, READ_AGAIN_MS } from './config.js';
import { afterDraft, encodeDraft, encodeLogged } from './encode.js';
import type { ServerFrame } from './frames.js';

/** What lines read of the log. */
export type LineLog = Pick<MessageLog, 'listAfter' | 'orderOf' | 'window' | 'newestOrders'>;

export interface LineClient {
  readonly clientId: string;
  readonly threadId: string;
}

export interface LogLine {
  /**
   * Greets the client and shows it what it missed. Rejects where the log cannot be read.
   * @param after the last message that it knows; null: it wants what comes from now on; an unknown one: everything
   */
  begin(after: string | null, greeting: ServerFrame): Promise<void>;
  /** An answer that is being written here. Best effort: whoever is not up to date is shown it whole. */
  takeDraft(draft: Draft): void;
  /** A part of an answer that is being sent from here. */
  takePart(context: SendContext, frames: readonly ServerFrame[]): void;
  /** A customer's message that the log will hold; `frame`: to be shown now, null where the client wrote it. */
  takeAhead(messageId: string, frame: ServerFrame | null): void;
  /** What is not in the log: progress, other windows. */
  tell(frame: ServerFrame): void;
  /** The log holds messages up to this place, or is about to. */
  hear(newest: number): void;
  close(): void;
}

interface LogLineDeps {
  readonly log: LineLog;
  readonly logger: Logger;
  readonly send: (frame: ServerFrame) => void;
}

export function openLogLine({ clientId, threadId }: LineClient, { log, logger, send }: LogLineDeps): LogLine {
  /** The client was shown everything up to this place in the log. */
  let shownTo = 0;
  /** The answer that it was shown so many parts of, and not the rest yet. */
  let begun: { readonly messageId: string; readonly parts: number } | null = null;
  /** The answer that it was shown so much of while it was written. */
  let drafted: { readonly messageId: string; readonly text: string } | null = null;
  /** Customers' messages that it knows before the log does. */
  const ahead = new Set<string>();
  /** Customers' messages that it was last shown: it may be told of their being stored later than of their being answered. */
  const lately = new Set<string>();
  let state: 'beginning' | 'in step' | 'reading' | 'closed' = 'beginning';
  /** There may be more than what is being read. */
  let more = false;
  let again: NodeJS.Timeout | undefined;

  /** A function, for it is asked anew after each wait. */
  const isOpen = (): boolean => state !== 'closed';

  const show = (message: Message): void => {
    const parts = begun?.messageId === message.id ? begun.parts : 0;
    if (!ahead.delete(message.id)) sendAnswer(message.id, encodeLogged(message, parts));
    if (begun?.messageId === message.id) begun = null;
    shownTo = message.order;
    if (message.role === 'user') remember(message.id);
  };
  const sendAnswer = (messageId: string, frames: readonly ServerFrame[]): void => {
    const left = drafted?.messageId === messageId ? afterDraft(frames, drafted) : frames;
    if (drafted?.messageId === messageId) drafted = null;
    left.forEach(send);
  };
  const remember = (messageId: string): void => {
    lately.add(messageId);
    const oldest = lately.values().next();
    if (lately.size > LATELY && oldest.done !== true) lately.delete(oldest.value);
  };

  const readOn = async (): Promise<void> => {
    more = true;
    if (state !== 'in step') return;
    state = 'reading';
    clearTimeout(again);
    try {
      while (more && isOpen()) {
        more = false;
        const missed = await log.listAfter(threadId, shownTo, LOG_PAGE);
        if (!isOpen()) return;
        missed.forEach(show);
        more ||= missed.length === LOG_PAGE;
      }
    } catch (thrown) {
      if (!isOpen()) return;
      logger.warn({ clientId, err: asError(thrown) }, 'what a web client is to be shown could not be read; it is tried again');
      again = setTimeout(() => void readOn(), READ_AGAIN_MS);
    }
    if (isOpen()) state = 'in step';
  };

  /** Everything that stands before it was shown. */
  const isNextPlace = ({ after, answers }: LogPlace): boolean => after <= shownTo && answers.every((id) => ahead.has(id));
  const isNext = ({ messageId, part, place }: SendContext): boolean =>
    begun === null ? part === 0 && place !== undefined && isNextPlace(place) : begun.messageId === messageId && begun.parts === part;

  return {
    async begin(after, greeting) {
      if (after === null) shownTo = (await log.window(threadId, 1)).at(-1)?.order ?? 0;
      else shownTo = (await log.orderOf(threadId, after)) ?? 0;
      if (!isOpen()) return;
      state = 'in step';
      send(greeting);
      if (after !== null || more) void readOn();
    },

    takeDraft(draft) {
      const { messageId, markdown, place } = draft;
      if (state !== 'in step' || begun !== null || place.order <= shownTo || !isNextPlace(place)) return;
      encodeDraft(draft, drafted?.messageId === messageId ? drafted.text : '').forEach(send);
      drafted = { messageId, text: markdown };
    },

    takePart(context, frames) {
      const { messageId, part, last, place } = context;
      const whole = place !== undefined && place.order <= shownTo;
      if (whole || (begun?.messageId === messageId && part < begun.parts)) return; // shown already
      if (state !== 'in step' || place === undefined || !isNext(context)) return void readOn();
      sendAnswer(messageId, frames);
      begun = last ? null : { messageId, parts: part + 1 };
      if (!last) return;
      shownTo = place.order;
      for (const id of place.answers) {
        ahead.delete(id);
        remember(id);
      }
    },

    takeAhead(messageId, frame) {
      // What is being read may hold it: then it comes in its place.
      if (lately.has(messageId) || (frame !== null && state !== 'in step')) return;
      ahead.add(messageId);
      if (frame !== null) send(frame);
    },

    tell(frame) {
      if (state === 'in step' || state === 'reading') send(frame);
    },

    hear(newest) {
      if (newest > shownTo) void readOn();
    },

    close() {
      state = 'closed';
      clearTimeout(again);
    },
  };
}

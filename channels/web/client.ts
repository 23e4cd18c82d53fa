/**
 * The connected clients of each session: every client of one session sees the same conversation. This is delivery to sockets of this process;
 * the message log is the mailbox of a client that is away or connected elsewhere.
 */
import type { SendContext } from '../../src/domain/channel.js';
import { writeFrame, type ServerFrame } from './frames.js';

/** One open line, as whoever holds the socket provides it. */
export interface ClientLine {
  readonly clientId: string;
  /** A capability: never logged. */
  readonly sessionId: string;
  /** Hands one frame to the socket; a socket that is gone takes it silently. */
  send(frame: string): void;
  /** Closes the socket, for a client that opens it again and fetches what it missed. */
  reopen(): void;
}

/** Where in its message a part stands. */
type AnswerPlace = Pick<SendContext, 'messageId' | 'first' | 'last'>;

interface Connected {
  readonly line: ClientLine;
  /** Frames that wait until what the client missed has been sent; null: none wait. */
  held: { readonly messageId: string | null; readonly frame: string }[] | null;
  /** Answers that this line was given from their beginning, and not to their end yet. */
  readonly begun: Set<string>;
}

export function createConnections(now: () => Date) {
  const bySession = new Map<string, Set<Connected>>();

  const deliver = (client: Connected, frame: ServerFrame): void => {
    const text = writeFrame(frame, now());
    if (client.held === null) client.line.send(text);
    else client.held.push({ messageId: 'message_id' in frame ? frame.message_id : null, frame: text });
  };

  return {
    /** @param hold keep what comes from now on until `release`, so that the log can be sent first */
    add(line: ClientLine, hold: boolean): Connected {
      const client: Connected = { line, held: hold ? [] : null, begun: new Set() };
      const clients = bySession.get(line.sessionId) ?? new Set();
      bySession.set(line.sessionId, clients.add(client));
      return client;
    },
    remove(client: Connected): void {
      const clients = bySession.get(client.line.sessionId);
      if (clients?.delete(client) === true && clients.size === 0) bySession.delete(client.line.sessionId);
    },
    toOne: (client: Connected, frames: readonly ServerFrame[]): void =>
      frames.forEach((frame) => client.line.send(writeFrame(frame, now()))),
    toSession(sessionId: string, frames: readonly ServerFrame[], except?: Connected): void {
      for (const client of bySession.get(sessionId) ?? []) {
        if (client !== except) frames.forEach((frame) => deliver(client, frame));
      }
    },
    /**
     * Sends a part of an answer. A line that was not given the parts before it is closed, so that its client gets the whole out of the log:
     * another instance sent them, to sockets of its own, or this one did when the line was not open yet.
     */
    partToSession(sessionId: string, { messageId, first, last }: AnswerPlace, frames: readonly ServerFrame[]): void {
      for (const client of bySession.get(sessionId) ?? []) {
        if (!first && !client.begun.has(messageId) && client.held === null) {
          client.line.reopen();
          continue;
        }
        if (last) client.begun.delete(messageId);
        else client.begun.add(messageId);
        frames.forEach((frame) => deliver(client, frame));
      }
    },
    /** Sends what was held, but for the messages that the client got out of the log. */
    release(client: Connected, sentMessageIds: ReadonlySet<string>): void {
      for (const { messageId, frame } of client.held ?? []) {
        if (messageId === null || !sentMessageIds.has(messageId)) client.line.send(frame);
      }
      client.held = null;
    },
    count: (sessionId: string): number => bySession.get(sessionId)?.size ?? 0,
  };
}

/**
 * The connected clients of each session: every client of one session sees the same conversation. Answers that this process sends are handed to its
 * lines at once; where other instances answer too, the log is looked at for the conversations that have a line open here.
 */
import type { Draft, SendContext } from '../../src/domain/channel.js';
import type { Logger } from '../../src/telemetry/logger.js';
import { LOOKED_AT_ONCE } from './config.js';
import { writeFrame, type ServerFrame } from './frames.js';
import { openLogLine, type LineLog, type LogLine } from './log-line.js';

/** One open line, as whoever holds the socket provides it. */
export interface ClientLine {
  readonly clientId: string;
  /** A capability: never logged. */
  readonly sessionId: string;
  readonly threadId: string;
  readonly conversationId: string;
  /** Hands one frame to the socket; a socket that is gone takes it silently. */
  send(frame: string): void;
}

export interface Connected {
  readonly client: ClientLine;
  readonly line: LogLine;
}

export function createConnections({ log, logger, now }: { log: LineLog; logger: Logger; now: () => Date }) {
  const bySession = new Map<string, Set<Connected>>();
  const toOne = (client: ClientLine, frame: ServerFrame): void => client.send(writeFrame(frame, now()));
  const linesOf = (sessionId: string): readonly Connected[] => [...(bySession.get(sessionId) ?? [])];

  return {
    toOne,
    add(client: ClientLine): Connected {
      const connected = { client, line: openLogLine(client, { log, logger, send: (frame) => toOne(client, frame) }) };
      const lines = bySession.get(client.sessionId) ?? new Set();
      bySession.set(client.sessionId, lines.add(connected));
      return connected;
    },
    remove(connected: Connected): void {
      const { sessionId } = connected.client;
      connected.line.close();
      const lines = bySession.get(sessionId);
      if (lines?.delete(connected) === true && lines.size === 0) bySession.delete(sessionId);
    },
    /** What is not in the log. */
    tell(sessionId: string, frame: ServerFrame, except?: Connected): void {
      for (const connected of linesOf(sessionId)) if (connected !== except) connected.line.tell(frame);
    },
    showDraft(sessionId: string, draft: Draft): void {
      for (const { line } of linesOf(sessionId)) line.takeDraft(draft);
    },
    sendPart(sessionId: string, context: SendContext, frames: readonly ServerFrame[]): void {
      for (const { line } of linesOf(sessionId)) line.takePart(context, frames);
    },
    /** A customer's message that was stored here; `writer` has it already. */
    announce(sessionId: string, messageId: string, frame: ServerFrame, writer?: Connected): void {
      for (const connected of linesOf(sessionId)) connected.line.takeAhead(messageId, connected === writer ? null : frame);
    },
    /** Asks the log for news of every conversation that has a line here. */
    async look(): Promise<void> {
      const all = [...bySession.values()].flatMap((lines) => [...lines]);
      const ids = [...new Set(all.map(({ client }) => client.conversationId))];
      for (let start = 0; start < ids.length; start += LOOKED_AT_ONCE) {
        const newest = await log.newestOrders(ids.slice(start, start + LOOKED_AT_ONCE));
        for (const { client, line } of all) line.hear(newest.get(client.conversationId) ?? 0);
      }
    },
    count: (sessionId: string): number => bySession.get(sessionId)?.size ?? 0,
  };
}

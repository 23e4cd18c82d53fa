/**
 * The live line of the web inbox: tells all who listen which cases change, on whatever instance. One look at the database serves all of them, and there
 * is none while nobody listens. What an event tells is the case as it stands; whoever missed some asks for what came after the last id they saw.
 */
import type { Response } from 'express';
import { asError } from '../domain/errors.js';
import type { TicketInbox } from '../domain/ticket-inbox.js';
import type { Logger } from '../telemetry/logger.js';
import { markStayingOpen } from './middleware/request-context.js';
import type { TicketRow } from './ticket-schemas.js';

export interface TicketLine {
  /** @param after the last id that the caller saw; null: what happens from now on */
  readonly listen: (response: Response, after: number | null) => Promise<void>;
  /** The customer of this case is typing. */
  readonly tellTyping: (ticketId: string) => void;
  readonly close: () => void;
}

export interface TicketLineDeps {
  readonly inbox: Pick<TicketInbox, 'changesSince'>;
  readonly rowOf: (ticketId: string) => Promise<TicketRow | null>;
  readonly logger: Logger;
}

const POLL_MS = 250;
/** Clocks of instances may differ by so much, and a write take so long, without an event being missed. */
const OVERLAP_MS = 5_000;
/** Of one look. Far more than happens in the time that it looks back. */
const MAX_CHANGES = 2_000;
const HEARTBEAT_MS = 15_000;
/** Then the caller is to come again: their key may have been revoked. */
const MAX_OPEN_MS = 10 * 60_000;
/** Whoever was away for longer has to load the list anyway. */
const MAX_RESUME_MS = 60 * 60_000;

export function createTicketLine({ inbox, rowOf, logger }: TicketLineDeps): TicketLine {
  const listeners = new Set<Response>();
  /** Events that were told, with when they were stored, for as long as they are looked at again. */
  let told = new Map<string, number>();
  let polling = false;
  let timer: NodeJS.Timeout | undefined;

  const frames = async (ticketIds: readonly string[], id: number): Promise<string> => {
    const rows = await Promise.all(ticketIds.map(rowOf));
    return rows
      .flatMap((row) => (row === null ? [] : [JSON.stringify({ id: row.id, seq: row.seq, status: row.status, ticket: row })]))
      .map((data) => `event: ticket\nid: ${id}\ndata: ${data}\n\n`)
      .join('');
  };

  /** The cases with events that were not told yet. */
  const look = async (): Promise<string[]> => {
    const since = Date.now() - OVERLAP_MS;
    const changes = await inbox.changesSince(new Date(since), MAX_CHANGES);
    const fresh = changes.filter(({ ticketId, seq }) => !told.has(`${ticketId}:${seq}`));
    told = new Map(changes.map(({ ticketId, seq, storedAt }) => [`${ticketId}:${seq}`, storedAt.getTime()]));
    return [...new Set(fresh.map(({ ticketId }) => ticketId))].reverse();
  };

  const poll = async () => {
    try {
      const began = Date.now();
      const ticketIds = await look();
      if (ticketIds.length > 0) {
        const text = await frames(ticketIds, began);
        for (const response of listeners) response.write(text);
      }
    } catch (thrown) {
      logger.warn({ err: asError(thrown) }, 'changes of cases could not be looked for');
    }
    polling = listeners.size > 0;
    if (polling) timer = setTimeout(() => void poll(), POLL_MS).unref();
  };

  return {
    async listen(response, after) {
      markStayingOpen(response);
      const now = Date.now();
      const missed =
        after === null || after < now - MAX_RESUME_MS ? [] : await inbox.changesSince(new Date(after - OVERLAP_MS), MAX_CHANGES);
      const missedFrames = await frames([...new Set(missed.map(({ ticketId }) => ticketId))].reverse(), now);
      // Gone while we looked: nothing would ever take them off the list.
      if (response.destroyed) return;
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
      response.write(`retry: 1000\n: open\nid: ${now}\nevent: ready\ndata: {}\n\n${missedFrames}`);
      listeners.add(response);
      const heartbeat = setInterval(() => response.write(': alive\n\n'), HEARTBEAT_MS).unref();
      const enough = setTimeout(() => response.end(), MAX_OPEN_MS).unref();
      response.once('close', () => {
        clearInterval(heartbeat);
        clearTimeout(enough);
        listeners.delete(response);
      });
      if (polling) return;
      polling = true;
      await poll();
    },
    tellTyping(ticketId) {
      // Without an id: whoever comes again is not to ask for what came after it.
      for (const response of listeners) response.write(`event: typing\ndata: ${JSON.stringify({ id: ticketId })}\n\n`);
    },
    close() {
      for (const response of listeners) response.end();
      listeners.clear();
      clearTimeout(timer);
    },
  };
}

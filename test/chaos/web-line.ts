/**
 * A web customer's line for chaos: a real WebSocket that is opened again, on another instance, whenever it is lost or silent, and then begins after
 * the last answer that it knows. What the customer was shown is counted here, answer by answer, by the id that each carries.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { type ServerFrame } from '../../channels/web/frames.js';
import { CALL_LIMIT_MS, type Gateway, pause, TRY_AGAIN_MS } from './platform.js';

export interface WebLine {
  /** Sends it until it is acknowledged: true; false where the run was over before. */
  say(text: string, clientMessageId: string): Promise<boolean>;
  readonly shown: readonly string[];
  /** Answers that came twice on one line, under the same id: clients show them once. */
  again(): number;
  /** Times that an answer did not come and was looked for in the log. */
  missed(): number;
  close(): void;
}

export interface WebLineOptions {
  readonly sessionId: string;
  readonly index: number;
  readonly gateway: Gateway;
  /** Asked as an answer begins: whether the line is lost just then. */
  readonly loseLine: () => boolean;
}

/** An answer that has not come for this long is looked for in the log, then in all of it, then less and less often. */
const MISSED_AFTER_MS = 3_000;
const LOOK_AT_LEAST_MS = 30_000;
/** Known to nobody, so that the log is sent from its beginning. */
const FROM_THE_BEGINNING = 'none';

export function openWebLine({ sessionId, index, gateway, loseLine }: WebLineOptions): WebLine {
  const shown: string[] = [];
  const ids = new Set<string>();
  const partial = new Map<string, string>();
  const acknowledged = new Set<string>();
  let lastKnown: string | null = null;
  let socket: WebSocket | null = null;
  let onAcknowledged: () => void = () => undefined;
  let [again, reopened, inVain] = [0, 0, 0];
  /** Moves on to another instance when one does not answer. */
  let place = index;
  let heardAt = performance.now();
  let closed = false;

  const drop = (): void => {
    socket?.terminate();
    socket = null;
    onAcknowledged(); // nothing more will come on this line
    partial.clear();
  };

  /** @param taken answers that came whole on this line */
  const take = (frame: ServerFrame, taken: Set<string>): void => {
    if (frame.type === 'acknowledged') {
      if (frame.client_message_id !== undefined) acknowledged.add(frame.client_message_id);
      return onAcknowledged();
    }
    if (frame.type === 'text') {
      const { message_id: id, content } = frame;
      if (!partial.has(id) && !ids.has(id) && loseLine()) return drop();
      partial.set(id, (partial.get(id) ?? '') + content);
    }
    if (frame.type !== 'complete') return;
    const { message_id: id } = frame;
    heardAt = performance.now();
    lastKnown = id;
    again += taken.has(id) ? 1 : 0;
    taken.add(id);
    if (!ids.has(id)) {
      shown.push(partial.get(id) ?? '');
      inVain = 0;
    }
    ids.add(id);
    partial.delete(id);
  };

  const connect = (): WebSocket => {
    const after = reopened % 2 === 0 ? (lastKnown ?? FROM_THE_BEGINNING) : FROM_THE_BEGINNING;
    const url = `${gateway.stickTo(place).replace('http', 'ws')}/ws?session_id=${sessionId}&after=${after}`;
    const line = new WebSocket(url, { handshakeTimeout: CALL_LIMIT_MS });
    const taken = new Set<string>();
    const lost = () => {
      if (socket === line) drop();
    };
    line.on('message', (data: Buffer) => {
      if (socket === line) take(JSON.parse(data.toString('utf8')) as ServerFrame, taken);
    });
    line.on('close', lost).on('error', lost);
    return line;
  };

  /** Resolves with a line that is open, or null. */
  const open = async (): Promise<WebSocket | null> => {
    const line = (socket ??= connect());
    // An error ends the wait too.
    if (line.readyState === WebSocket.CONNECTING) await once(line, 'open').catch(() => undefined);
    return socket === line && line.readyState === WebSocket.OPEN ? line : null;
  };

  const sayOnce = async (text: string, clientMessageId: string): Promise<void> => {
    const line = await open();
    if (line === null) return;
    const answered = new Promise<void>((resolve) => (onAcknowledged = resolve));
    line.send(JSON.stringify({ type: 'message', content: text, client_message_id: clientMessageId }));
    heardAt = performance.now();
    await Promise.race([answered, sleep(CALL_LIMIT_MS, undefined, { ref: false })]);
  };

  /** Looks for what was missed, and keeps the line open. */
  const lookAgain = async (): Promise<void> => {
    while (!closed) {
      await sleep(MISSED_AFTER_MS / 3, undefined, { ref: false });
      if (closed || acknowledged.size <= shown.length) continue;
      if (socket === null) await open();
      else if (performance.now() - heardAt > Math.min(LOOK_AT_LEAST_MS, MISSED_AFTER_MS * 2 ** inVain)) {
        drop();
        reopened += 1;
        inVain += 1;
        heardAt = performance.now();
        await open();
      }
    }
  };
  void lookAgain();

  return {
    async say(text, clientMessageId) {
      while (!gateway.over.aborted && !acknowledged.has(clientMessageId)) {
        await sayOnce(text, clientMessageId);
        if (acknowledged.has(clientMessageId)) break;
        drop();
        place += 1;
        await pause(TRY_AGAIN_MS, gateway.over);
      }
      return acknowledged.has(clientMessageId);
    },
    shown,
    again: () => again,
    missed: () => reopened,
    close() {
      closed = true;
      drop();
    },
  };
}

/**
 * The line to the service: the WebSocket first; where it cannot be had and the service answers, HTTP (`polling`); else `offline`. It tries again
 * by itself, at growing intervals, and at once when the browser comes back online.
 */
import type { ClientFrame, ServerFrame } from './wire.js';

/** `closed`: nobody asked for a line. `polling`: HTTP works and the WebSocket does not. */
export type LineState = 'closed' | 'connecting' | 'live' | 'polling' | 'offline';

export interface LineEvents {
  onState(state: LineState): void;
  onFrame(frame: ServerFrame, at: Date): void;
  /** The session is unknown or ended. The line is closed. */
  onGone(): void;
  /** Whether the session can be had by HTTP. */
  probe(sessionId: string): Promise<'open' | 'gone' | 'unreachable'>;
  /** The last message that is known for certain, for the line to begin after it; null: nothing to catch up with. */
  lastKnown(): string | null;
}

export interface Line {
  readonly state: () => LineState;
  /** Does nothing when the line to this session is open or being opened. */
  open(sessionId: string): void;
  close(): void;
  /** False when there is no WebSocket to send it on. */
  send(frame: ClientFrame): boolean;
  /** Something failed on the way, or something changed for the better: tries again now. */
  retry(): void;
}

const OPEN_TIMEOUT_MS = 5000;
const PING_MS = 25_000;
const PONG_TIMEOUT_MS = 10_000;
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;
/** The service's close codes for a session that cannot be used. */
const NO_SESSION = [4001, 4004];

export function createLine(events: LineEvents): Line {
  let state: LineState = 'closed';
  let sessionId: string | null = null;
  let socket: WebSocket | null = null;
  let failures = 0;
  let retryTimer = 0;
  let pingTimer = 0;
  let deadline = 0;

  const setState = (next: LineState): void => {
    if (state === next) return;
    state = next;
    events.onState(next);
  };

  /** Lets go of the socket, whatever it is doing; its later events find that it is no longer the line's. */
  const drop = (): void => {
    clearTimeout(retryTimer);
    clearTimeout(pingTimer);
    clearTimeout(deadline);
    const dropped = socket;
    socket = null;
    dropped?.close();
  };

  const close = (): void => {
    drop();
    sessionId = null;
    setState('closed');
  };

  const failed = async (id: string): Promise<void> => {
    drop();
    if (state === 'live') setState('connecting');
    const found = await events.probe(id);
    if (sessionId !== id || socket !== null) return;
    if (found === 'gone') {
      close();
      events.onGone();
      return;
    }
    setState(found === 'open' ? 'polling' : 'offline');
    const delay = Math.min(FIRST_DELAY_MS * 2 ** failures, MAX_DELAY_MS);
    failures += 1;
    // Spread, so that a restarted service is not met by all its visitors at once.
    retryTimer = window.setTimeout(connect, delay * (0.75 + Math.random() / 2));
  };

  const ping = (mine: WebSocket, id: string): void => {
    pingTimer = window.setTimeout(() => {
      mine.send(JSON.stringify({ type: 'ping' } satisfies ClientFrame));
      deadline = window.setTimeout(() => void failed(id), PONG_TIMEOUT_MS);
    }, PING_MS);
  };

  const receive = (mine: WebSocket, id: string, data: unknown): void => {
    const frame = JSON.parse(String(data)) as ServerFrame & { timestamp: string };
    clearTimeout(deadline);
    clearTimeout(pingTimer);
    ping(mine, id);
    if (frame.type === 'connected') {
      failures = 0;
      setState('live');
    }
    events.onFrame(frame, new Date(frame.timestamp));
  };

  function connect(): void {
    const id = sessionId;
    if (id === null) return;
    drop();
    if (state === 'closed') setState('connecting');
    const after = events.lastKnown();
    const query = new URLSearchParams({ session_id: id, ...(after === null ? {} : { after }) });
    const mine = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws?${query}`);
    socket = mine;
    deadline = window.setTimeout(() => void failed(id), OPEN_TIMEOUT_MS);
    mine.onmessage = ({ data }) => {
      if (socket === mine) receive(mine, id, data);
    };
    mine.onclose = ({ code }) => {
      if (socket !== mine) return;
      if (!NO_SESSION.includes(code)) return void failed(id);
      close();
      events.onGone();
    };
  }

  const retry = (): void => {
    if (sessionId === null || socket !== null) return;
    failures = 0;
    connect();
  };
  window.addEventListener('online', retry);
  window.addEventListener('offline', () => {
    if (sessionId !== null) void failed(sessionId);
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') retry();
  });

  return {
    state: () => state,
    open(id) {
      if (id === sessionId) return;
      drop();
      sessionId = id;
      failures = 0;
      state = 'closed';
      connect();
    },
    close,
    send(frame) {
      if (state !== 'live' || socket === null) return false;
      socket.send(JSON.stringify(frame));
      return true;
    },
    retry,
  };
}

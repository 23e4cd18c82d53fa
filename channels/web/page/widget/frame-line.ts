/**
 * The chat in its frame, and the line to it: loads it, greets it at its exact origin, and hears of it through a port of its own. Where it does not
 * answer – the browser is offline, the service away – it says so and tries again, a few times, when the browser comes back online.
 */
import type { FromChat, FromHost, Hello } from '../embed-protocol.js';

export interface FrameLine {
  /** Loads the chat, if it is not there or did not come. */
  load(): void;
  /** Does nothing while the chat is not there: it is told all of it in the greeting. */
  tell(message: FromHost): void;
}

export interface FrameEvents {
  onState(state: 'loading' | 'ready' | 'trouble'): void;
  onMessage(message: FromChat): void;
}

/** Of loading, and then of answering. */
const LOAD_MS = 20_000;
const ANSWER_MS = 4000;
/** A browser says that it is online before it reaches anything. */
const TRIES = 4;
const AGAIN_MS = 2000;

/** @param hello what the chat is greeted with, asked anew each time it loads */
export function createFrameLine(frame: HTMLIFrameElement, origin: string, hello: () => Hello, events: FrameEvents): FrameLine {
  let state: 'none' | 'loading' | 'ready' | 'trouble' = 'none';
  let port: MessagePort | null = null;
  let timer = 0;
  let triesLeft = 0;

  const set = (next: 'loading' | 'ready' | 'trouble'): void => {
    clearTimeout(timer);
    state = next;
    events.onState(next);
  };
  const giveUpAfter = (ms: number): void => {
    clearTimeout(timer);
    timer = window.setTimeout(giveUp, ms);
  };
  const giveUp = (): void => {
    set('trouble');
    triesLeft -= 1;
    if (triesLeft > 0) timer = window.setTimeout(load, AGAIN_MS);
  };
  const load = (): void => {
    if (state === 'loading' || state === 'ready') return;
    set('loading');
    giveUpAfter(LOAD_MS);
    frame.src = `${origin}/embed`;
  };
  const receive = (message: FromChat): void => {
    if (message.type === 'ready') {
      triesLeft = 0;
      set('ready');
    }
    events.onMessage(message);
  };

  // Also when the chat loads itself again; and for the browser's own error page, which does not answer.
  frame.addEventListener('load', () => {
    port?.close();
    if (state === 'none') return; // empty yet
    const channel = new MessageChannel();
    port = channel.port1;
    port.onmessage = ({ data }) => receive(data as FromChat);
    giveUpAfter(ANSWER_MS);
    frame.contentWindow?.postMessage(hello(), origin, [channel.port2]);
  });
  window.addEventListener('online', () => {
    triesLeft = TRIES;
    if (state === 'trouble') load();
  });

  return {
    load,
    tell(message) {
      if (state === 'ready') port?.postMessage(message);
    },
  };
}

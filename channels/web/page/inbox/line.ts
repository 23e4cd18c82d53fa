/** The live line of the inbox: which cases change, and whose customer is writing. Read by fetch, because EventSource can send no key. */
import type { Row } from './wire.js';

export interface LineEvents {
  onTicket(row: Row): void;
  /** The customer of this case is writing. */
  onTyping(id: string): void;
  /** The line is there, also again: what is shown may be old. */
  onOpen(): void;
  onLost(): void;
}

/** The service sends a sign of life every 15 s. */
const SILENCE_MS = 40_000;
const AGAIN_MS = 1_000;

/** Keeps the line up until it is ended. */
export function follow(headers: Record<string, string>, events: LineEvents): () => void {
  let ended = false;
  let current = new AbortController();
  const once = async () => {
    current = new AbortController();
    let silence = setTimeout(() => current.abort(), SILENCE_MS);
    const response = await fetch('/api/tickets/events', { headers, cache: 'no-store', signal: current.signal });
    if (!response.ok || response.body === null) throw new Error(`the line was refused: ${response.status}`);
    events.onOpen();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { done, value = '' } = await reader.read();
      clearTimeout(silence);
      if (done) return;
      silence = setTimeout(() => current.abort(), SILENCE_MS);
      const blocks = (rest + value).split('\n\n');
      rest = blocks.pop() ?? '';
      blocks.forEach((block) => tell(block, events));
    }
  };
  const keepUp = async () => {
    while (!ended) {
      await once().catch(() => {
        if (!ended) events.onLost();
      });
      if (!ended) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  };
  void keepUp();
  return () => {
    ended = true;
    current.abort();
  };
}

function tell(block: string, events: LineEvents): void {
  const data = /^data: (.*)$/m.exec(block)?.[1];
  const kind = /^event: (.*)$/m.exec(block)?.[1];
  if (data === undefined) return;
  if (kind === 'ticket') events.onTicket((JSON.parse(data) as { ticket: Row }).ticket);
  if (kind === 'typing') events.onTyping((JSON.parse(data) as { id: string }).id);
}

/** A message log of one thread in this process, for tests of what reads it: it can be slow to show what it holds, and fail. */
import type { MessageLog } from '../../src/domain/chat.js';
import type { Message } from '../../src/domain/message.js';

export interface ThreadLog extends Pick<MessageLog, 'listAfter' | 'orderOf' | 'window' | 'newestOrders'> {
  append(...messages: readonly Message[]): void;
  /** Reads so far. */
  readonly reads: () => number;
  /** What the next reads wait for; it may reject. */
  before: () => Promise<void>;
}

export function createThreadLog(): ThreadLog {
  const messages: Message[] = [];
  let reads = 0;
  const read = async <Result>(result: () => Result): Promise<Result> => {
    reads += 1;
    await log.before();
    return result();
  };
  const log: ThreadLog = {
    append: (...added) => void messages.push(...added),
    reads: () => reads,
    before: async () => undefined,
    listAfter: (_threadId, order, limit) => read(() => messages.filter((message) => message.order > order).slice(0, limit)),
    orderOf: (_threadId, messageId) => read(() => messages.find((message) => message.id === messageId)?.order ?? null),
    window: (_threadId, limit) => read(() => messages.slice(-limit)),
    newestOrders: (ids) => read(() => new Map(messages.length === 0 ? [] : ids.map((id) => [id, messages.at(-1)?.order ?? 0]))),
  };
  return log;
}

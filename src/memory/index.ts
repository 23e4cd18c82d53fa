/** Memory: what a turn is told of the conversation so far and of the person. Facts are learnt by the pipeline and saved with the turn's effects. */
import type { MemoryService, MemoryStore } from '../domain/memory.js';
import type { Message } from '../domain/message.js';
import { summarise } from './summary.js';
import { cutWindow, RECALLED_MESSAGES } from './window.js';

export { extractFacts } from './facts.js';

const RECALLED_FACTS = 20;

/** The last messages of a thread, oldest first; of a new thread none, which need not be asked for. */
export interface MessageWindow {
  window(threadId: string, limit: number, newThread: boolean): Promise<Message[]>;
}

export interface MemoryDeps {
  readonly store: MemoryStore;
  readonly messageLog: MessageWindow;
  /** The last messages of a person on all channels, oldest first. */
  readonly windowOf: (contactId: string, limit: number) => Promise<Message[]>;
}

export function createMemory({ store, messageLog, windowOf }: MemoryDeps): MemoryService {
  return {
    async recall({ threadId, ownerId, newThread = false, linkedContactId }) {
      const [messages, facts] = await Promise.all([
        linkedContactId === undefined
          ? messageLog.window(threadId, RECALLED_MESSAGES, newThread)
          : windowOf(linkedContactId, RECALLED_MESSAGES),
        ownerId === '' ? [] : store.findFacts(ownerId, RECALLED_FACTS),
      ]);
      const { earlier, window } = cutWindow(messages);
      return { window, facts, summary: summarise(earlier) };
    },
  };
}

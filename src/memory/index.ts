/** Memory: what a turn is told of the conversation so far and of the person. Facts are learnt by the pipeline and saved with the turn's effects. */
import type { MessageLog } from '../domain/chat.js';
import type { MemoryService, MemoryStore } from '../domain/memory.js';
import { summarise } from './summary.js';
import { cutWindow, RECALLED_MESSAGES } from './window.js';

export { extractFacts } from './facts.js';

const RECALLED_FACTS = 20;

export function createMemory({ store, messageLog }: { store: MemoryStore; messageLog: Pick<MessageLog, 'window'> }): MemoryService {
  return {
    async recall({ threadId, ownerId }) {
      const [messages, facts] = await Promise.all([
        messageLog.window(threadId, RECALLED_MESSAGES),
        ownerId === '' ? [] : store.findFacts(ownerId, RECALLED_FACTS),
      ]);
      const { earlier, window } = cutWindow(messages);
      return { window, facts, summary: summarise(earlier) };
    },
  };
}

/** Looks for passages that may answer: in the company's knowledge and in the files of this conversation. */
import type { AttachmentStore } from '../../domain/attachment.js';
import type { KnowledgeSearch } from '../../domain/knowledge.js';
import type { Step } from '../compose.js';

const MAX_SOURCES = 5;

export function retrievalStep(knowledge: KnowledgeSearch, attachments: AttachmentStore): Step {
  return {
    name: 'retrieval',
    async run(turn) {
      if (turn.text === '' || turn.command !== null || turn.understanding?.cannedReply != null) return 'not needed';
      const asked = { query: turn.question, limit: MAX_SOURCES, language: turn.language };
      // The window knows whether this session has files; asking for their passages is a round trip that most turns do without.
      const hasFiles = turn.attachments.length > 0 || turn.recollection.window.some((message) => message.attachments.length > 0);
      const conversationChunks = hasFiles ? await attachments.chunksOf(turn.input.conversation.id) : [];
      // What is asked along with a file is asked of the file first.
      const files = turn.attachments.map((attachment) => attachment.id);
      if (files.length > 0) turn.sources = await knowledge.search({ ...asked, conversationChunks, filters: { document_id: files } });
      if (turn.sources.length === 0) turn.sources = await knowledge.search({ ...asked, conversationChunks });
      return `${turn.sources.length} sources, best ${turn.sources[0]?.relevance_score.toFixed(2) ?? 'none'}`;
    },
  };
}

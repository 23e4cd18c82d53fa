/** Looks for passages that may answer: in the company's knowledge and in the files of this conversation. */
import type { AttachmentStore } from '../../domain/attachment.js';
import type { ClosedCase } from '../../domain/conversation.js';
import type { Chunk, KnowledgeSearch } from '../../domain/knowledge.js';
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
      const { id, lastCase } = turn.input.conversation;
      const conversationChunks = [...(hasFiles ? await attachments.chunksOf(id) : []), ...noteOf(lastCase, turn.language)];
      // What is asked along with a file is asked of the file first.
      const files = turn.attachments.map((attachment) => attachment.id);
      if (files.length > 0) turn.sources = await knowledge.search({ ...asked, conversationChunks, filters: { document_id: files } });
      if (turn.sources.length === 0) turn.sources = await knowledge.search({ ...asked, conversationChunks });
      return `${turn.sources.length} sources, best ${turn.sources[0]?.relevance_score.toFixed(2) ?? 'none'}`;
    },
  };
}

const NOTE_TITLES = { es: 'Nota de nuestro equipo', en: 'Note of our team' } as const;

/** What the person who gave the case back wrote for the bot: found like a passage, in this conversation only. */
function noteOf(lastCase: ClosedCase | undefined, language: 'es' | 'en'): Chunk[] {
  if (lastCase === undefined || lastCase.note === null) return [];
  const { ticketId, note } = lastCase;
  const title = `${NOTE_TITLES[language]} (${ticketId})`;
  const where = { documentId: ticketId, position: 0, headings: [], page: null, source: ticketId, title, url: null, language };
  return [{ id: `${ticketId}:note`, text: note, ...where }];
}

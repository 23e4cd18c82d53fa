/** Finds what an edited message was, where edits of messages that were answered already are answered again (`ANSWER_EDITS`). */
import { type InboundEvent } from '../domain/message.js';
import { messageQueries } from '../storage/message-log.js';
import { type Models } from '../storage/models/index.js';
import { nativeCollection } from '../storage/native-collection.js';
import { type PendingEvent } from './inbox.js';

export interface EditedMessages {
  /**
   * The message with its new content, as if it were written now. The edit itself where the message is not known any more, or where its turn began
   * after the edit had come and so has answered it.
   */
  asMessage(edit: PendingEvent): Promise<InboundEvent>;
}

export function createEditedMessages(models: Pick<Models, 'messages' | 'turns' | 'inbox'>): EditedMessages {
  const messages = nativeCollection(models.messages);
  const turns = nativeCollection(models.turns);
  const inbox = nativeCollection(models.inbox);
  return {
    async asMessage({ conversationId, event: edit, receivedAt }) {
      if (edit.kind !== 'edit') return edit;
      const ofMessage = messageQueries.byPlatformId(conversationId, edit.platformMessageId);
      const logged = await messages.findOne(ofMessage, { projection: { turnId: 1 }, sort: { order: -1 } });
      const turn =
        logged === null ? null : await turns.findOne({ _id: logged.turnId }, { projection: { inboxId: 1, joined: 1, startedAt: 1 } });
      if (turn === null || turn.startedAt >= receivedAt) return edit;
      const inboxIds = [turn.inboxId, ...(turn.joined ?? []).map((joined) => joined.inboxId)];
      for (const { event } of await inbox.find({ _id: { $in: inboxIds } }).toArray()) {
        if ('platformMessageId' in event && event.platformMessageId === edit.platformMessageId && event.kind === 'message') {
          return { ...event, eventId: edit.eventId, sentAt: edit.sentAt, content: edit.content };
        }
      }
      return edit;
    },
  };
}

/** Tickets in MongoDB. */
import { type Ticket, type TicketStore } from '../domain/ticket.js';
import { type Models } from './models/index.js';
import { type TicketDocument } from './models/tickets.js';
import { nativeCollection } from './native-collection.js';

export const ticketQueries = {
  ofConversation: (conversationId: string) => ({ conversationId }),
  newestFirst: { createdAt: -1 },
} as const;

export function createTicketStore(models: Pick<Models, 'tickets'>): TicketStore {
  const tickets = nativeCollection(models.tickets);
  return {
    async saveTicket(ticket) {
      const { id, ...opened } = ticket;
      await tickets.updateOne({ _id: id }, { $setOnInsert: opened }, { upsert: true });
    },
    async find(id) {
      const document = await tickets.findOne({ _id: id });
      return document === null ? null : ticketOf(document);
    },
    async listOf(conversationId, limit) {
      const found = await tickets.find(ticketQueries.ofConversation(conversationId)).sort(ticketQueries.newestFirst).limit(limit).toArray();
      return found.map(ticketOf);
    },
  };
}

const ticketOf = ({ _id, ...ticket }: TicketDocument): Ticket => ({ id: _id, ...ticket });

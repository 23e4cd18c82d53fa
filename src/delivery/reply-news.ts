/** What the desk is told of a person's reply on its way: sent, delivered, read, failed. The entry names its case; other entries are no news. */
import { type DeliveryStatus } from '../domain/message.js';
import { type TicketChange } from '../domain/ticket.js';
import { type DeskNote } from '../domain/turn.js';
import { type OutboxDocument } from '../storage/models/outbox.js';

export type ReplyNews = { readonly status: Exclude<DeliveryStatus, 'failed'> } | { readonly failed: string };

/** Told once for each part and status, but told again after each time that it was put back. */
export function replyNews({ _id, answer, last, retriedAt }: OutboxDocument, news: ReplyNews): DeskNote[] {
  const reply = answer?.reply;
  // Delivered is what all of it is; failed is what any of it is.
  if (reply === undefined || ('status' in news && !last)) return [];
  const { ticketId, seq: of } = reply;
  const change: TicketChange =
    'status' in news
      ? { kind: 'reply-delivered', of, status: news.status }
      : { kind: 'reply-failed', of, outboxId: _id, reason: news.failed };
  const what = 'status' in news ? news.status : 'failed';
  return [{ ticketId, actionId: `${_id}:${what}:${retriedAt?.getTime() ?? 0}`, by: 'system', change }];
}

/**
 * The conversation as a thread key from which an answer, or a message of our own accord, finds its way back: on any instance, after any restart,
 * with nothing stored. Teams names a conversation by an id (a channel's thread has `;messageid=` in it) and by the address of a connector whose
 * region may change. Microsoft's global address of each cloud reaches every region, so the key holds the host at most, and the address is the
 * one listed for it: a region that changes does not make another conversation of it.
 */
export interface ConversationAddress {
  readonly conversationId: string;
  readonly serviceUrl: string;
}

const SEPARATOR = '|';

/** The id, and behind it the host where it is not the first one listed. Null where the address is not of a host that is listed. */
export function threadKeyOf({ conversationId, serviceUrl }: ConversationAddress, serviceUrls: readonly string[]): string | null {
  const origin = URL.canParse(serviceUrl) ? new URL(serviceUrl).origin : null;
  const index = serviceUrls.findIndex((listed) => new URL(listed).origin === origin);
  if (index === -1) return null;
  return index === 0 ? conversationId : `${conversationId}${SEPARATOR}${new URL(serviceUrl).host}`;
}

export function addressOf(threadKey: string, serviceUrls: readonly string[]): ConversationAddress {
  const end = threadKey.lastIndexOf(SEPARATOR);
  const host = threadKey.slice(end + 1);
  const other = end === -1 ? undefined : serviceUrls.slice(1).find((listed) => new URL(listed).host === host);
  if (other !== undefined) return { conversationId: threadKey.slice(0, end), serviceUrl: other };
  return { conversationId: threadKey, serviceUrl: serviceUrls[0] ?? '' };
}

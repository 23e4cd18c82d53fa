/** The desk's settings, and the names of its places and people. */
import type { Language } from '../../../src/domain/understanding.js';
import type { ConversationAddress } from '../thread-key.js';

export interface TeamsDeskSettings {
  /** The channel of the cases as a thread key (../thread-key.ts): `19:…@thread.tacv2`, and behind it the host where it is not the first one listed. */
  readonly conversation: string;
  readonly language: Language;
}

/** As `Actor.desk` and the ids of agents name it. */
export const DESK = 'teams';

/** Teams names the thread under a message of a channel by both. A case's place is the thread under its card. */
export const threadOf = (channelId: string, messageId: string): string => `${channelId}${THREAD}${messageId}`;
const THREAD = ';messageid=';

/** Null: not a thread, but the channel itself or a chat. */
export function partsOfThread(conversationId: string): { readonly channelId: string; readonly messageId: string } | null {
  const at = conversationId.lastIndexOf(THREAD);
  return at === -1 ? null : { channelId: conversationId.slice(0, at), messageId: conversationId.slice(at + THREAD.length) };
}

export const placeIn = (channel: ConversationAddress, place: string): ConversationAddress => ({ ...channel, conversationId: place });

/** The directory's id where Teams tells it: it is the same in every conversation and for every bot. */
export const agentIdOf = (account: { readonly id: string; readonly aadObjectId?: string | undefined }): string =>
  `${DESK}:${account.aadObjectId ?? account.id}`;
/** Null for people of other desks. */
export const userIdOf = (agentId: string): string | null => (agentId.startsWith(`${DESK}:`) ? agentId.slice(DESK.length + 1) : null);

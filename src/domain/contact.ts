/** A contact is a person. Each channel knows the person under an identity of its own; linking identities is reversible. */
import type { Message } from './message.js';

export interface ContactIdentity {
  readonly channel: string;
  readonly account: string;
  readonly userId: string;
  /** The platform vouches for it (a webhook's sender), as against something the customer typed. */
  readonly verified: boolean;
}

export interface Contact {
  /** `cont_…`, derived from the first identity. */
  readonly id: string;
  readonly displayName: string | null;
  readonly identities: readonly ContactIdentity[];
  /** The contact that stands for the same person since their identities were linked; null: this one. */
  readonly linkedTo: string | null;
  readonly createdAt: Date;
}

/** Who asks to link or unlink: the person of one conversation, as its channel knows them. */
export interface LinkParty {
  readonly conversationId: string;
  readonly channel: string;
  readonly account: string;
  readonly userId: string;
  /** What it stands for now; another one than the channel's own where it is linked. */
  readonly contactId: string;
  /** The session, for facts that were learnt of somebody whom nobody vouches for. */
  readonly threadId: string;
  readonly verified: boolean;
}

/**
 * `linked`: from now on both are one contact, `contactId`. `same-contact`: they were already. `same-channel`: the code was made on this channel, where
 * two identities are two people. `unknown-code`: never made, over ten minutes old or used.
 */
export type LinkResult =
  | { readonly outcome: 'linked'; readonly contactId: string; readonly otherChannel: string }
  | { readonly outcome: 'same-contact' | 'same-channel' | 'unknown-code' };

/** One person on two channels, proven by a one-time code that is made on one and entered on the other. Can be undone. */
export interface ContactLinks {
  /** A new code (`ABCD-2345`), good once and for ten minutes. */
  issueCode(party: LinkParty): Promise<string>;
  /** The same turn may ask again and gets the same result. */
  redeem(code: string, party: LinkParty, turnId: string): Promise<LinkResult>;
  /** Takes the party's identity out of a linked contact, or, from the contact's own first identity, all others. Returns how many were taken out. */
  unlink(party: LinkParty): Promise<number>;
  /** The last messages of all conversations of a contact, oldest first. */
  readonly windowOf: (contactId: string, limit: number) => Promise<Message[]>;
}

/** A contact is a person. Each channel knows the person under an identity of its own; linking identities is reversible. */

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
  readonly createdAt: Date;
}

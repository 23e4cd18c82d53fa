/** For channels whose account is a person's phone: it is linked by a code that the phone scans or is told, and may be unlinked there at any time. */

export type LinkState =
  /** The client is being started. */
  | 'starting'
  /** A code is shown, to be scanned or typed in. */
  | 'unlinked'
  /** Nobody has scanned a code for a while: none is shown until `start` is called. */
  | 'paused'
  /** The phone has accepted; its messages are being loaded. */
  | 'loading'
  | 'ready'
  /** It is tried again after a while; `detail` says why it failed. */
  | 'away'
  /** Another instance has the line; ask that one. */
  | 'elsewhere'
  | 'stopped';

export interface LinkStatus {
  readonly state: LinkState;
  /** For the operator; null where there is nothing to add. */
  readonly detail: string | null;
  readonly since: Date;
  /** The text of the QR code: whoever has it can link a phone. Null where none is shown. */
  readonly qr: string | null;
  /** To be typed in on the phone that was named. */
  readonly pairingCode: string | null;
  /** The id of the linked account. */
  readonly linkedAs: string | null;
}

export interface AccountLink {
  status(): LinkStatus;
  /**
   * Has codes shown (again). Throws RequestError: where one is linked already, where another instance has the line, where the number is refused.
   * @param phoneNumber digits with country code: it gets a pairing code instead of the QR code; null: the QR code
   */
  start(phoneNumber: string | null): Promise<void>;
  /** Unlinks the phone and forgets the profile. Throws RequestError where another instance has the line. */
  logOut(): Promise<void>;
}

/** What the channel has to be told. Values come from src/config.ts; nothing here reads the environment. */
import type { FetchedMedia } from '../../src/domain/channel.js';
import type { MediaRef } from '../../src/domain/content.js';
import { ConfigurationError } from '../../src/domain/errors.js';

/** A template that the operator relies on, as Meta approved it. */
export interface TemplateSetting {
  readonly name: string;
  /** As on Meta: `es`, `en_US`. */
  readonly language: string;
  /** Placeholders in its body. */
  readonly parameters: number;
}

export interface WhatsAppSettings {
  /** Of a system user, with whatsapp_business_messaging and whatsapp_business_management. */
  readonly token: string;
  /** Meta's id of the number, not the number itself. */
  readonly phoneNumberId: string;
  /** Webhooks are signed with it. */
  readonly appSecret: string;
  /** What Meta shows when it asks whether the webhook is ours. */
  readonly verifyToken: string;
  /** With the version: `https://graph.facebook.com/v23.0`, or an emulator's. */
  readonly apiRoot: string;
  readonly templates: readonly TemplateSetting[];
  /** Loads files of our own (`att_…`) that are to be sent. Absent: only files that WhatsApp has, or web addresses, can be sent. */
  readonly loadFile?: (file: MediaRef) => Promise<FetchedMedia>;
}

/** Where Meta keeps customers' files, beside the API itself. */
export const MEDIA_ORIGIN = 'https://lookaside.fbsbx.com';

/** Throws ConfigurationError for a number where its id is wanted. */
export function assertUsable({ phoneNumberId }: WhatsAppSettings): void {
  if (!/^\d{5,20}$/.test(phoneNumberId)) {
    throw new ConfigurationError(
      'WHATSAPP_PHONE_NUMBER_ID is not an id: copy "Phone number ID" from WhatsApp > API Setup (digits only; not the number itself).',
    );
  }
}

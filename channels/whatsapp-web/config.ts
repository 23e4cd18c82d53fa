/** What the channel has to be told, and its names. Values come from src/config.ts; nothing here reads the environment. */
import type { FetchedMedia } from '../../src/domain/channel.js';
import type { MediaRef } from '../../src/domain/content.js';

export const WHATSAPP_WEB = 'whatsapp-web';

/** One phone is linked; which one is known only once it is, and may change. */
export const ACCOUNT = 'default';

export interface WhatsAppWebSettings {
  /** The program: `/usr/bin/chromium`. */
  readonly chromiumPath: string;
  /** More of its arguments. */
  readonly chromiumArgs: readonly string[];
  /** The browser's profile lies here while it runs. */
  readonly profileFolder: string;
  /** The browser is started anew when its processes together hold more. */
  readonly maxMemoryBytes: number;
  /** And after so long in any case. */
  readonly maxAgeMs: number;
  /** Another instance may take the browser over when this one was not heard of for so long. */
  readonly leaseMs: number;
  /** No other instance can be there: nobody is waited for. */
  readonly soleInstance: boolean;
  /** Loads files of our own (`att_…`) that are to be sent. Absent: only files on the web can be. */
  readonly loadFile?: (file: MediaRef) => Promise<FetchedMedia>;
}

/**
 * The real browser: whatsapp-web.js's Client, which drives Chromium, with what this channel needs beside it, and with the places mended where it would
 * throw to nobody and so end the whole service (docs/adr/0007). The only importer of the library beside profile.ts.
 */
import { join } from 'node:path';
import whatsappWeb from 'whatsapp-web.js';
import type { Logger } from '../../src/telemetry/logger.js';
import type { WhatsAppWebSettings } from './config.js';
import { reasonOf } from './connection.js';
import { BROKEN, type LibraryClient, type LibraryMedia, type LibraryMessage, type SendOptions } from './library.js';
import type { BrowserLine } from './link.js';
import { memoryOfTree } from './memory.js';
import { chatsSince, messagesOf, ownIds, setTyping } from './page-scripts.js';
import { KeptProfile } from './profile.js';

/** How long the library waits for the page's scripts. */
const SCRIPTS_TIMEOUT_MS = 60_000;
/** Messages of one chat that are fetched at most; who wrote more while nobody was there meets a person anyway. */
const MAX_MISSED = 200;

/** What keeps the browser small: it shows nothing to anybody. The last bounds the memory of the page's scripts. */
const CHROMIUM_ARGS = [
  '--disable-gpu',
  '--disable-extensions',
  '--disable-background-networking',
  '--no-first-run',
  '--disk-cache-size=67108864',
  '--js-flags=--max-old-space-size=1024',
];

export interface BrowserOptions {
  readonly settings: Pick<WhatsAppWebSettings, 'chromiumPath' | 'chromiumArgs' | 'profileFolder'>;
  readonly line: BrowserLine;
  readonly logger: Logger;
}

export function createBrowser({ settings, line, logger }: BrowserOptions): LibraryClient {
  const profile = new KeptProfile({ folder: join(settings.profileFolder, 'whatsapp-web'), line, logger });
  return new BrowserClient(profile, {
    executablePath: settings.chromiumPath,
    args: [...CHROMIUM_ARGS, ...settings.chromiumArgs],
    headless: true,
    // The browser ends with this process, however that ends: it would hold the phone's line else.
    pipe: true,
    // Signals are the service's.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}

/** What the Client has and its types leave out. */
interface ClientParts {
  inject(): Promise<void>;
  initWebVersionCache(): Promise<void>;
}
const Client = whatsappWeb.Client as unknown as new (options: whatsappWeb.ClientOptions) => whatsappWeb.Client & ClientParts;

class BrowserClient extends Client implements LibraryClient {
  readonly #profile: KeptProfile;
  #initialized = false;
  #loggingOut = false;

  /** @param puppeteer see https://pptr.dev/api/puppeteer.launchoptions; the library's own types name an older one */
  constructor(profile: KeptProfile, puppeteer: Readonly<Record<string, unknown>>) {
    super({
      authStrategy: profile,
      puppeteer,
      authTimeoutMs: SCRIPTS_TIMEOUT_MS,
      // What WhatsApp serves today, not a copy of ours.
      webVersionCache: { type: 'none' },
    });
    this.#profile = profile;
  }

  override async initialize(): Promise<void> {
    await super.initialize().catch((thrown: unknown) => {
      // Over a pipe there is nothing else to be told of a program that ends at once.
      if (this.pupBrowser !== null || !reasonOf(thrown).includes('Target closed')) throw thrown;
      const why = 'Chromium ended right after its start: run it by hand to see why; in a container it may need CHROMIUM_ARGS=--no-sandbox';
      throw new Error(why, { cause: thrown });
    });
    this.#initialized = true;
    this.pupBrowser?.once('disconnected', () => {
      if (!this.#loggingOut) this.emit(BROKEN, 'the browser has ended by itself');
    });
    this.pupPage?.once('error', () => this.emit(BROKEN, 'the page has crashed; perhaps it ran out of memory'));
  }

  /** Called by the library again after each navigation, where nobody catches what it throws. */
  override async inject(): Promise<void> {
    try {
      await super.inject();
    } catch (thrown) {
      if (!this.#initialized) throw thrown;
      this.emit(BROKEN, thrown);
    }
  }

  /** Reads the page's source in a listener that rejects where the page is closed meanwhile; the source is of no use here. */
  override initWebVersionCache = async (): Promise<void> => undefined;

  /** Also called by the library itself, without waiting for it. */
  override async destroy(): Promise<void> {
    try {
      await super.destroy();
    } catch (thrown) {
      this.emit(BROKEN, thrown);
    }
  }

  /** The page leaves for another one while it answers, which the library takes for a failure. */
  override async logout(): Promise<void> {
    this.#loggingOut = true;
    try {
      await super.logout();
    } finally {
      await this.#profile.logout();
      this.emit('disconnected', 'LOGOUT');
    }
  }

  override async sendMessage(chatId: string, text: string, options: SendOptions): Promise<whatsappWeb.Message> {
    return super.sendMessage(chatId, text, options);
  }

  async sendFile(chatId: string, { mimetype, data, filename }: LibraryMedia, options: SendOptions): Promise<LibraryMessage | undefined> {
    const media = new whatsappWeb.MessageMedia(mimetype, data, filename);
    return super.sendMessage(chatId, media, options);
  }

  setTyping = (chatId: string, typing: boolean): Promise<void> => this.#inPage(setTyping(chatId, typing));

  ownIds = (): Promise<string[]> => this.#inPage(ownIds());

  async messagesSince(seconds: number): Promise<unknown[][]> {
    const chats: unknown[][] = [];
    for (const chatId of await this.#inPage<string[]>(chatsSince(seconds))) {
      chats.push(await this.#inPage<unknown[]>(messagesOf(chatId, seconds, MAX_MISSED)));
    }
    return chats;
  }

  async memoryBytes(): Promise<number | null> {
    const pid = this.pupBrowser?.process()?.pid;
    if (pid === undefined) return null;
    const tree = await memoryOfTree(pid);
    if (tree !== null) return tree;
    // Where the system does not tell: of the page's scripts alone, which is what grows.
    return (await this.pupPage?.metrics())?.JSHeapUsedSize ?? null;
  }

  saveProfile = (): Promise<void> => this.#profile.save();

  kill(): void {
    this.pupBrowser?.process()?.kill('SIGKILL');
  }

  async #inPage<Result>(script: string): Promise<Result> {
    if (this.pupPage === undefined || this.pupPage === null) throw new Error('there is no page');
    return (await this.pupPage.evaluate(script)) as Result;
  }
}

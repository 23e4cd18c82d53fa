/**
 * The browser's profile, kept in the database between its lives: RemoteAuth of whatsapp-web.js with a store of our own, and with what it does on its
 * own put right (docs/adr/0007): it would forget the profile when another browser took over for a moment, throw to nobody where it cannot be saved, save it in as
 * many loops as the connection was made anew, and start the browser before its files are unpacked.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import whatsappWeb from 'whatsapp-web.js';
import { openPromise } from 'yauzl';
import type { Logger } from '../../src/telemetry/logger.js';
import { WHATSAPP_WEB } from './config.js';
import { reasonOf } from './connection.js';
import { LINE } from './hold.js';
import type { BrowserLine } from './link.js';

/** The library's own delay: a profile is of use only once WhatsApp has settled in it. */
const FIRST_SAVE_MS = 60_000;
/** What is not saved when the process dies is what happened since; it costs an entire copy of the profile each time. */
const SAVE_EVERY_MS = 300_000;

/** What RemoteAuth has and its types leave out. */
interface RemoteAuthParts extends whatsappWeb.AuthStrategy {
  sessionName: string;
  userDataDir: string;
  storeRemoteSession(): Promise<void>;
}
const RemoteAuth = whatsappWeb.RemoteAuth as unknown as new (
  options: ConstructorParameters<typeof whatsappWeb.RemoteAuth>[0],
) => RemoteAuthParts;

export interface ProfileOptions {
  readonly folder: string;
  readonly line: BrowserLine;
  readonly logger: Logger;
}

export class KeptProfile extends RemoteAuth {
  readonly #options: ProfileOptions;
  readonly #timers: NodeJS.Timeout[] = [];
  #linked = false;

  constructor(options: ProfileOptions) {
    super({ clientId: 'parley', dataPath: options.folder, backupSyncIntervalMs: SAVE_EVERY_MS, store: profileStore(options) });
    this.#options = options;
  }

  /** Called each time that the library says `ready`. */
  override afterAuthReady = async (): Promise<void> => {
    if (this.#linked) return;
    this.#linked = true;
    this.#timers.push(
      setTimeout(() => void this.save(), FIRST_SAVE_MS),
      setInterval(() => void this.save(), SAVE_EVERY_MS),
    );
  };

  /** Never rejects. Nothing where no phone was linked: there is nothing worth keeping. */
  async save(): Promise<void> {
    if (!this.#linked) return;
    try {
      await this.storeRemoteSession();
    } catch (thrown) {
      this.#options.logger.warn({ channel: WHATSAPP_WEB, error: reasonOf(thrown) }, 'the profile of the browser could not be saved');
    }
  }

  /** The connection broke, for whatever reason: the phone may be linked still. */
  override disconnect = async (): Promise<void> => this.#stopSaving();

  override destroy = async (): Promise<void> => this.#stopSaving();

  /** The phone was unlinked. Never rejects. */
  override logout = async (): Promise<void> => {
    this.#stopSaving();
    this.#linked = false;
    const { line, logger } = this.#options;
    try {
      await line.lines.deleteProfile(LINE, line.fence);
    } catch (thrown) {
      logger.warn({ channel: WHATSAPP_WEB, error: reasonOf(thrown) }, 'the profile of the unlinked phone could not be deleted');
    }
  };

  /** The library's goes on before the last files are written. */
  unCompressSession(zip: string): Promise<void> {
    return unpack(zip, this.userDataDir);
  }

  #stopSaving(): void {
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
  }
}

/** RemoteAuth packs the profile into `<folder>/<session>.zip`, and has it brought there again. */
function profileStore({ folder, line }: ProfileOptions): whatsappWeb.Store {
  const { lines, fence } = line;
  return {
    sessionExists: () => lines.hasProfile(LINE),
    save: async ({ session }) => lines.saveProfile(LINE, fence, await readFile(join(folder, `${session}.zip`))),
    extract: async ({ path }) => {
      const profile = await lines.loadProfile(LINE);
      if (profile === null) throw new Error('The kept profile is damaged: log out on /whatsapp-web and link the phone again.');
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, profile, { mode: 0o600 });
    },
    delete: () => lines.deleteProfile(LINE, fence),
  };
}

/** Resolves when every file is on its place; the archive is gone then. */
export async function unpack(zip: string, folder: string): Promise<void> {
  const root = resolve(folder);
  const archive = await openPromise(zip);
  try {
    for await (const entry of archive.eachEntry()) {
      const path = resolve(root, entry.fileName);
      if (!path.startsWith(root + sep)) throw new Error('The kept profile names a file outside of its folder.');
      if (entry.fileName.endsWith('/')) await mkdir(path, { recursive: true });
      else {
        await mkdir(dirname(path), { recursive: true });
        await pipeline(await archive.openReadStreamPromise(entry), createWriteStream(path));
      }
    }
  } finally {
    archive.close();
  }
  await rm(zip, { force: true });
}

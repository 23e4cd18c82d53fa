/** The messages that the service is not known to have, in the order in which they were written: kept in the browser and shown in the conversation. */
import { shown, type Conversation, type ShownFile } from './conversation.js';
import type { PageMetadata } from './page-metadata.js';
import { deleteUnsent, writeUnsent, type Unsent } from './storage.js';

/** A message on its way. The files themselves live as long as the page. */
export interface Outgoing extends Unsent {
  readonly picked: readonly File[];
  /** The service may have it: an attempt was made whose result is not known. */
  readonly attempted: boolean;
  readonly failed: boolean;
}

export interface OutgoingQueue {
  all(): readonly Outgoing[];
  find(key: string): Outgoing | undefined;
  /** The next one to be sent: one that failed waits for the customer. */
  first(): Outgoing | undefined;
  add(outgoing: Outgoing): void;
  change(key: string, changes: Partial<Outgoing>): void;
  /** Sent or taken back: it is kept no longer. */
  remove(key: string): void;
  /** Another tab has removed it. */
  forget(key: string): void;
  /** @param failure as the service names it, or FILES_GONE */
  fail(key: string, failure: string): void;
  /** Those behind the first wait for it. */
  showWaiting(): void;
  /** Of one of the files under the message. */
  showFile(key: string, index: number, changes: Partial<ShownFile>): void;
}

/** The reason given for files that a reload of the page has lost. */
export const FILES_GONE = 'FilesGone';

export function createOutgoingQueue(conversation: Conversation): OutgoingQueue {
  let queue: readonly Outgoing[] = [];

  const find = (key: string) => queue.find((outgoing) => outgoing.clientId === key);
  const forget = (key: string): void => {
    queue = queue.filter((outgoing) => outgoing.clientId !== key);
  };
  const change = (key: string, changes: Partial<Outgoing>): void => {
    queue = queue.map((outgoing) => (outgoing.clientId === key ? { ...outgoing, ...changes } : outgoing));
    const changed = find(key);
    if (changed !== undefined) writeUnsent(unsentOf(changed));
  };

  return {
    all: () => queue,
    find,
    first: () => queue.find((outgoing) => !outgoing.failed),
    add(outgoing) {
      queue = [...queue, outgoing];
      const { clientId: key, text, writtenAt } = outgoing;
      conversation.put(shown({ key, role: 'user', text, at: new Date(writtenAt), files: shownFiles(outgoing), state: 'sending' }));
      writeUnsent(unsentOf(outgoing));
    },
    change,
    remove(key) {
      forget(key);
      deleteUnsent(key);
    },
    forget,
    fail(key, failure) {
      change(key, { failed: true });
      conversation.change(key, { state: 'failed', failure });
    },
    showWaiting() {
      for (const { clientId, failed } of queue) if (!failed) conversation.change(clientId, { state: 'waiting' });
    },
    showFile(key, index, changes) {
      const files = conversation.messages().find((message) => message.key === key)?.files ?? [];
      conversation.change(key, { files: files.map((file, at) => (at === index ? { ...file, ...changes } : file)) });
    },
  };
}

export const metadataOf = (metadata: PageMetadata | undefined): { metadata?: PageMetadata } =>
  metadata === undefined || Object.keys(metadata).length === 0 ? {} : { metadata };

/** What a reload of the page leaves of it. */
function unsentOf({ clientId, text, writtenAt, files, picked, missingFiles, metadata }: Outgoing): Unsent {
  const waiting = Math.max(picked.length - files.length, 0);
  return { clientId, text, writtenAt, files, missingFiles: missingFiles + waiting, ...metadataOf(metadata) };
}

function shownFiles({ picked, files }: Outgoing): ShownFile[] {
  const named =
    picked.length > 0
      ? picked.map(({ name, size }) => ({ filename: name, sizeBytes: size }))
      : files.map(({ filename, size_bytes }) => ({ filename, sizeBytes: size_bytes }));
  return named.map((file) => ({ ...file, id: null, contentType: null, progress: null, problem: null }));
}

/** The session of this browser: which one it is, how it is made once a message needs one, and whether people have it. */
import { ApiError, asked, createSession, findSession } from './api.js';
import type { SituationKeeper } from './situation.js';
import { readSession, writeSession, type KnownSession } from './storage.js';
import type { Session } from './wire.js';

export interface SessionKeeper {
  readonly now: () => KnownSession | null;
  /** Takes up what the browser has kept, or lets go of it: writes nothing. */
  take(session: KnownSession | null): void;
  /** Also for the next visit. */
  keep(session: KnownSession | null): void;
  /** Its id; made where there is none. Rejects with ApiError. */
  readonly ensure: () => Promise<string>;
  /** Asks the service for it and notes whether people have it; null: no answer. */
  readonly find: (id: string) => Promise<'open' | 'gone' | null>;
  readonly noteEscalation: (withPerson: boolean, ticket: string | null) => void;
}

/** @param onMade is told the id of one that was made, or found made by another tab */
export function createSessionKeeper(situation: SituationKeeper, onMade: (id: string) => void): SessionKeeper {
  let session: KnownSession | null = null;
  let opening: Promise<string> | null = null;

  const keep = (next: KnownSession | null): void => {
    session = next;
    writeSession(next);
  };

  const noteEscalation = (withPerson: boolean, ticket: string | null): void => {
    const known = withPerson ? (ticket ?? situation.now().ticket) : null;
    keep(session === null ? null : { id: session.id, ticket: known });
    situation.update({ withPerson, ticket: known });
  };

  const noteStatus = ({ status }: Session): 'open' | 'gone' => {
    if (status === 'ended') return 'gone';
    if (situation.now().withPerson !== (status === 'escalated')) noteEscalation(status === 'escalated', null);
    return 'open';
  };

  async function make(): Promise<string> {
    try {
      const created = await createSession();
      // Another tab may have been faster: one browser has one conversation.
      const id = readSession()?.id ?? created.session_id;
      keep({ id, ticket: null });
      situation.update({ offline: false });
      onMade(id);
      return id;
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.temporary) situation.update({ offline: true });
      throw thrown;
    }
  }

  return {
    now: () => session,
    take: (next) => void (session = next),
    keep,
    ensure() {
      if (session !== null) return Promise.resolve(session.id);
      opening ??= make().finally(() => (opening = null));
      return opening;
    },
    find: (id) => asked(() => findSession(id), noteStatus),
    noteEscalation,
  };
}

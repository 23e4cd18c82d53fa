/** From the session id of a request to the session (CONTRACT, "Sessions"): 400 for no id, 404 for an unknown one. */
import { RequestError } from '../domain/errors.js';
import { SESSION_ID_PATTERN } from '../domain/ids.js';
import type { Session, SessionStore } from '../domain/session.js';

/** What clients send when they have no session: their template found nothing to put in. */
export const isNoSessionId = (id: string): boolean => ['', 'undefined', 'null'].includes(id.trim());

/** Null when there is no such session; an id that cannot be one is not looked up. */
export async function findSession(sessions: SessionStore, id: string, ttlMs: number): Promise<Session | null> {
  return SESSION_ID_PATTERN.test(id) ? sessions.find(id, ttlMs) : null;
}

export async function requireSession(sessions: SessionStore, id: unknown, ttlMs: number): Promise<Session> {
  if (typeof id !== 'string' || isNoSessionId(id))
    throw new RequestError('ValidationError', 'The session id is missing: create a session first.');
  const session = await findSession(sessions, id.trim(), ttlMs);
  if (session === null) throw unknownSession();
  return session;
}

/** The session of a message that is to be sent: an ended one takes none. */
export async function requireOpenSession(sessions: SessionStore, id: unknown, ttlMs: number): Promise<Session> {
  const session = await requireSession(sessions, id, ttlMs);
  if (session.status === 'ended') throw sessionEnded();
  return session;
}

export const unknownSession = (): RequestError => new RequestError('NotFoundError', 'There is no such session.');
const sessionEnded = (): RequestError => new RequestError('SessionEndedError', 'Session is ended. Cannot send messages.');

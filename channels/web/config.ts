/** The web channel's name and limits. It has no credentials: access is by session id, checked before anything reaches this folder. */

export const WEB_CHANNEL = 'web';
export const WEB_ACCOUNT = 'default';

/** Messages of one client that wait to be stored; more are refused, so that one line cannot queue without end. */
export const MAX_WAITING_MESSAGES = 20;

/** An answer is streamed in pieces of about this many characters. */
export const CHUNK_CHARS = 48;

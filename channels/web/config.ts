/** The web channel's name and limits. It has no credentials: access is by session id, checked before anything reaches this folder. */

export const WEB_CHANNEL = 'web';
export const WEB_ACCOUNT = 'default';

/** Messages of one client that wait to be stored; more are refused, so that one line cannot queue without end. */
export const MAX_WAITING_MESSAGES = 20;

/** An answer is streamed in pieces of about this many characters. */
export const CHUNK_CHARS = 48;

/** Customers' messages that a line remembers to have shown. */
export const LATELY = 100;
/** Messages that are read from the log at a time. */
export const LOG_PAGE = 50;
/** The log could not be read: so long until the next try. */
export const READ_AGAIN_MS = 1_000;
/** How often it is looked whether other instances have answered on lines that are open here; and so many conversations are asked for at a time. */
export const LOOK_MS = 500;
export const LOOKED_AT_ONCE = 1_000;

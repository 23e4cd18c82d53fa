/** The rule for a message's text, the same on HTTP and on the WebSocket: what is taken out of it and how long it may be. */
import { z } from 'zod';

const MAX_MESSAGE_CHARS = 4000;
export const MAX_MESSAGE_ATTACHMENTS = 5;

/** Control characters (tab and line feed stay) are dropped, lone surrogates replaced: neither can be shown, and some stores and platforms choke on them. */
export function cleanText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/(?![\t\n])\p{Cc}/gu, '')
    .replace(/\p{Cs}/gu, '\uFFFD');
}

/** Cleaned and trimmed; empty is allowed where something else (an attachment) carries the message. */
export const optionalMessageTextSchema = z
  .string()
  .overwrite(cleanText)
  .trim()
  .max(MAX_MESSAGE_CHARS, `must have at most ${MAX_MESSAGE_CHARS} characters`);

/** Cleaned and trimmed, 1 to 4,000 characters. */
export const messageTextSchema = optionalMessageTextSchema.min(1, 'must not be empty');

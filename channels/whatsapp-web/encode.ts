/** Domain content to what is typed into WhatsApp: pure. Files are named; index.ts loads them. */
import type { EncoderTable } from '../../src/domain/channel.js';
import type { MediaRef, OutboundContent } from '../../src/domain/content.js';
import { encodeWith } from '../shared/encode-with.js';
import { renderText } from '../shared/whatsapp-markup.js';
import { capabilities } from './capabilities.js';

export type WebMessage =
  | { readonly kind: 'text'; readonly text: string }
  /** `asDocument`: by its name, and not shown as a picture or film. */
  | { readonly kind: 'media'; readonly file: MediaRef; readonly asDocument: boolean; readonly caption: string };

type WebKind = (typeof capabilities.content)[number];

export const encoders: EncoderTable<WebKind, WebMessage> = {
  text: ({ markdown }) => ({ kind: 'text', text: renderText(markdown, capabilities.maxTextChars) }),
  image: ({ file, caption }) => encodeFile(file, caption, false),
  file: ({ file, caption }) => encodeFile(file, caption, true),
};

/** A file on the web is linked: there is no sending it but by fetching it first, from whatever address it names. */
function encodeFile(file: MediaRef, caption: string, asDocument: boolean): WebMessage {
  const text = caption.trim() === '' ? '' : renderText(caption, capabilities.maxCaptionChars);
  if (/^https?:\/\//.test(file.id)) return { kind: 'text', text: [text, file.id].filter(Boolean).join('\n') };
  return { kind: 'media', file, asDocument, caption: text };
}

/** Null for a kind that the capabilities do not declare. */
export const encode = (content: OutboundContent): WebMessage | null => encodeWith<WebMessage>(encoders, content);

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
  image: ({ file, caption }) => ({ kind: 'media', file, asDocument: false, caption: captionOf(caption) }),
  file: ({ file, caption }) => ({ kind: 'media', file, asDocument: true, caption: captionOf(caption) }),
};

/** Null for a kind that the capabilities do not declare. */
export const encode = (content: OutboundContent): WebMessage | null => encodeWith<WebMessage>(encoders, content);

const captionOf = (caption: string) => (caption.trim() === '' ? '' : renderText(caption, capabilities.maxCaptionChars));

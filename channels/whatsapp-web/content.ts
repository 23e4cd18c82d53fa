/** What a message of a customer's consists of: text, choice, media, place, contact, poll, or a kind that is not known here. */
import type { InboundContent, MediaKind } from '../../src/domain/content.js';
import { contactOf } from './vcard.js';
import type { WireMessage } from './wire.js';

type ContentDecoder = (message: WireMessage) => readonly InboundContent[] | null;

/** By type (whatsapp-web.js, MessageTypes); null where it has not the shape it should have. */
const DECODERS: Readonly<Record<string, ContentDecoder>> = {
  chat: ({ body = '' }) => (body.trim() === '' ? null : [textContent(body)]),
  image: media('image'),
  video: media('video'),
  document: media('file'),
  audio: media('audio'),
  ptt: media('voice'),
  sticker: media('sticker'),
  location: ({ lat, lng, loc }) => {
    if (lat === undefined || lng === undefined) return null;
    const label = (loc ?? '').split('\n').filter(Boolean).join(', ');
    return [{ kind: 'location', latitude: lat, longitude: lng, label: label === '' ? null : label }];
  },
  vcard: ({ body }) => (body === undefined ? null : [contactOf(body)]),
  multi_vcard: ({ vcardList = [] }) => (vcardList.length === 0 ? null : vcardList.map(({ vcard }) => contactOf(vcard))),
  // Nobody here votes; the question is read as a question.
  poll_creation: ({ pollName = '', pollOptions = [] }) =>
    pollName === '' ? null : [{ kind: 'text', text: [pollName, ...pollOptions.map(({ name }) => `- ${name}`)].join('\n') }],
  buttons_response: ({ selectedButtonId, body }) => choice(selectedButtonId, body),
  template_button_reply: ({ selectedId, body }) => choice(selectedId, body),
  list_response: ({ listResponse, body }) => choice(listResponse?.singleSelectReply?.selectedRowId, listResponse?.title ?? body),
};

export interface DecodedContent {
  /** Never empty: what is not understood is `unsupported`. */
  readonly content: readonly InboundContent[];
  /** The type is known, and what it holds has the shape it should have. */
  readonly understood: boolean;
}

/** Known to exist, and nothing that could be read. */
const UNREADABLE =
  /^(order|product|payment|groups_v4_invite|list|hsm|interactive|native_flow|scheduled_event_creation|event_creation|oversized|unknown)$/;

export function decodeContent(message: WireMessage): DecodedContent {
  const { type } = message;
  const content = (Object.hasOwn(DECODERS, type) ? DECODERS[type] : undefined)?.(message) ?? null;
  return { content: content ?? [unsupported(type)], understood: content !== null || UNREADABLE.test(type) };
}

export const unsupported = (platformKind: string): InboundContent => ({ kind: 'unsupported', platformKind: platformKind.slice(0, 60) });

const COMMAND = /^\/([a-z]\w{0,63})(?:\s+|$)/i;

export function textContent(text: string): InboundContent {
  const [lead, name] = COMMAND.exec(text) ?? [];
  return lead === undefined || name === undefined
    ? { kind: 'text', text }
    : { kind: 'command', name, args: text.slice(lead.length).trim() };
}

function choice(id: string | undefined, label: string | undefined): readonly InboundContent[] | null {
  return id === undefined ? null : [{ kind: 'choice', id, label: label ?? id }];
}

function media(kind: MediaKind): ContentDecoder {
  return ({ id, directPath, isViewOnce, filename, mimetype, size, caption = '', type }) => {
    // What may be looked at once is shown on the phone only.
    if (isViewOnce === true) return [unsupported('view_once')];
    if (directPath === undefined) return caption === '' ? [unsupported(`${type} without its file`)] : [textContent(caption)];
    const file = { id: id._serialized, filename: filename ?? null, contentType: mimetype ?? null, sizeBytes: size ?? null };
    // A document without words is captioned with its name.
    return [{ kind: 'media', media: kind, file, caption: caption === filename ? '' : caption }];
  };
}

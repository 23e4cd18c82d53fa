/** What a message of a customer's consists of: text, choice, media, place, contact, or a kind that is not known here. */
import type { InboundContent, MediaKind } from '../../src/domain/content.js';
import { contentSchemas, type WireMedia } from './wire.js';

/** A message, or what one was changed into. */
interface Typed {
  readonly type: string;
  readonly [key: string]: unknown;
}

type ContentDecoder = (value: unknown) => readonly InboundContent[] | null;

/** By the message's type; null where its value has not the shape it should have. */
const DECODERS: Readonly<Record<string, ContentDecoder>> = {
  text: (value) => {
    const read = contentSchemas.text.safeParse(value).data;
    return read === undefined ? null : [textContent(read.body)];
  },
  image: media('image'),
  document: media('file'),
  video: media('video'),
  sticker: media('sticker'),
  audio: (value) => {
    const read = contentSchemas.audio.safeParse(value).data;
    return read === undefined ? null : [mediaContent(read.voice === true ? 'voice' : 'audio', read)];
  },
  interactive: (value) => {
    const read = contentSchemas.interactive.safeParse(value).data;
    if (read === undefined) return null;
    const chosen = read.type === 'list_reply' ? read.list_reply : read.type === 'button_reply' ? read.button_reply : undefined;
    if (chosen === undefined) return [unsupported(`interactive ${read.type}`)]; // a flow's answer, a call permission
    return [{ kind: 'choice', id: chosen.id, label: chosen.title ?? chosen.id }];
  },
  // A quick reply under a template.
  button: (value) => {
    const read = contentSchemas.button.safeParse(value).data;
    return read === undefined ? null : [{ kind: 'choice', id: read.payload, label: read.text ?? read.payload }];
  },
  location: (value) => {
    const read = contentSchemas.location.safeParse(value).data;
    if (read === undefined) return null;
    const label = [read.name, read.address].filter(Boolean).join(', ');
    return [{ kind: 'location', latitude: read.latitude, longitude: read.longitude, label: label === '' ? null : label }];
  },
  contacts: (value) => contentSchemas.contacts.safeParse(value).data?.map(contactContent) ?? null,
  // Nobody here takes orders; what was ordered is kept in the metadata, and what was written with it is read.
  order: (value) => {
    const written = contentSchemas.order.safeParse(value).data?.text ?? '';
    return [...(written === '' ? [] : [textContent(written)]), unsupported('order')];
  },
  // The chat was opened for the first time, which is what /start is elsewhere.
  request_welcome: () => [{ kind: 'command', name: 'start', args: '' }],
  unsupported: () => [unsupported('unsupported')],
  unknown: () => [unsupported('unknown')],
};

export interface DecodedContent {
  /** Never empty: what is not understood is `unsupported`. */
  readonly content: readonly InboundContent[];
  /** The type is known, and what it holds has the shape it should have. */
  readonly understood: boolean;
}

export function decodeContent(message: Typed): DecodedContent {
  const decode = Object.hasOwn(DECODERS, message.type) ? DECODERS[message.type] : undefined;
  const content = decode?.(message[message.type]) ?? null;
  return { content: content ?? [unsupported(message.type)], understood: content !== null };
}

const unsupported = (platformKind: string): InboundContent => ({ kind: 'unsupported', platformKind: platformKind.slice(0, 60) });

/** WhatsApp sends the commands of a number's menu as text. */
const COMMAND = /^\/([a-z]\w{0,63})(?:\s+|$)/i;

function textContent(text: string): InboundContent {
  const [lead, name] = COMMAND.exec(text) ?? [];
  return lead === undefined || name === undefined
    ? { kind: 'text', text }
    : { kind: 'command', name, args: text.slice(lead.length).trim() };
}

function media(kind: MediaKind): ContentDecoder {
  return (value) => {
    const read = contentSchemas.media.safeParse(value).data;
    return read === undefined ? null : [mediaContent(kind, read)];
  };
}

function mediaContent(kind: MediaKind, { id, filename, mime_type: contentType, caption }: WireMedia): InboundContent {
  const file = { id, filename: filename ?? null, contentType: contentType ?? null, sizeBytes: null };
  return { kind: 'media', media: kind, file, caption: caption ?? '' };
}

function contactContent({ name, phones }: (typeof contentSchemas.contacts)['_output'][number]): InboundContent {
  const displayName = name?.formatted_name ?? [name?.first_name, name?.last_name].filter(Boolean).join(' ');
  const [first] = phones ?? [];
  return { kind: 'contact', displayName, phone: first?.phone ?? first?.wa_id ?? null };
}

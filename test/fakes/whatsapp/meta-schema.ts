/**
 * Checks of what is sent to WhatsApp and of what its webhook sends, against Meta's own OpenAPI file (test/fixtures/whatsapp/meta-openapi.yaml). What
 * has to be mended in the file, and why, stands here; nothing is loosened beyond that. Meta's own examples pass (meta-schema.test.ts).
 */
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';

interface Schema {
  [keyword: string]: unknown;
  allOf?: Schema[];
  oneOf?: Schema[];
  required?: string[];
  properties?: Record<string, Schema>;
  enum?: string[];
}
interface MetaFile {
  'x-sent-examples': Record<string, { value: unknown }>;
  'x-webhook-examples': Record<string, { value: unknown }>;
  components: { schemas: Record<string, Schema> };
}

const file = parse(readFileSync(new URL('../../fixtures/whatsapp/meta-openapi.yaml', import.meta.url), 'utf8')) as MetaFile;
export const sentExamples = file['x-sent-examples'];
export const webhookExamples = file['x-webhook-examples'];

const ref = (name: string) => `#/components/schemas/${name}`;

/** The file was merged from several; schemas of the same name got a number, and those that refer to them were not changed. */
const RENAMED: Readonly<Record<string, string>> = {
  BaseMessageProperties: 'BaseMessageProperties_1',
  TextMessage: 'TextMessage_2',
  ReactionMessage: 'ReactionMessage_1',
  AudioMessage: 'AudioMessage_1',
  DocumentMessage: 'DocumentMessage_1',
  ImageMessage: 'ImageMessage_1',
  StickerMessage: 'StickerMessage_1',
  VideoMessage: 'VideoMessage_1',
  LocationMessage: 'LocationMessage_1',
  ContactObject: 'ContactObject_1',
  ErrorObject: 'ErrorObject_2',
};
const INCOMING = [
  ...Object.values(RENAMED),
  ...[
    'IncomingMessage',
    'ContactSharingMessage',
    'UnsupportedMessage',
    'ButtonMessage',
    'InteractiveMessageReply',
    'OrderMessage',
    'SystemMessage',
  ],
];

function mended(): MetaFile['components'] {
  const { schemas } = file.components;
  const schema = (name: string): Schema => {
    const found = schemas[name];
    if (found === undefined) throw new Error(`meta-openapi.yaml has lost ${name}`);
    return found;
  };
  for (const name of INCOMING) schemas[name] = withRefs(schema(name), RENAMED) as Schema;
  for (const one of Object.values(schemas)) closeWhole(one);

  // Written down elsewhere on developers.facebook.com/documentation/business-messaging/whatsapp:
  const base = schema('BaseMessageProperties');
  // - "Send messages": tracked by an arbitrary string of at most 512 characters.
  Object.assign(base.properties ?? {}, { biz_opaque_callback_data: { type: 'string', maxLength: 512 } });
  // - business-scoped-user-ids: `recipient` in the place of `to` for people who hide their number.
  Object.assign(base.properties ?? {}, { recipient: { type: 'string', pattern: '^[A-Z]{2}\\.[A-Za-z0-9.]+$' } });
  base.required = (base.required ?? []).filter((name) => name !== 'to');
  base['anyOf'] = [{ required: ['to'] }, { required: ['recipient'] }];
  // - messages/image-messages, document-messages, video-messages.
  for (const media of schema('MediaObject').oneOf ?? [])
    Object.assign(media.properties ?? {}, { caption: { type: 'string', maxLength: 1024 } });
  // - messages/interactive-cta-url-messages.
  schema('InteractiveObject').properties?.['type']?.enum?.push('cta_url');
  schema('ActionObject').oneOf?.push({
    required: ['name', 'parameters'],
    properties: {
      name: { type: 'string', enum: ['cta_url'] },
      parameters: {
        type: 'object',
        required: ['display_text', 'url'],
        properties: { display_text: { type: 'string', minLength: 1, maxLength: 20 }, url: { type: 'string', pattern: '^https?://' } },
      },
    },
  });
  // - typing-indicators.
  Object.assign(schema('MarkMessageRequestPayload').properties ?? {}, {
    typing_indicator: { type: 'object', required: ['type'], properties: { type: { const: 'text' } } },
  });
  // - webhooks/reference/messages/text: replies have a context too, which names no product.
  schema('ContextObject').required = [];
  // - webhooks/reference/messages/reaction: no emoji where it was taken back.
  const reaction = schema('ReactionMessage_1').allOf?.[1]?.properties?.['reaction'];
  if (reaction !== undefined) reaction.required = ['message_id'];
  return file.components;
}

/** `allOf: [base, {additionalProperties: false}]` allows nothing at all: each part sees all properties. What is meant is said of the whole. */
function closeWhole(schema: Schema): void {
  for (const part of schema.allOf ?? []) {
    if (part['additionalProperties'] !== false) continue;
    delete part['additionalProperties'];
    schema['unevaluatedProperties'] = false;
  }
}

function withRefs(value: unknown, renamed: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((inner) => withRefs(inner, renamed));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key !== '$ref' || typeof inner !== 'string') return [key, withRefs(inner, renamed)];
      const name = inner.slice(ref('').length);
      return [key, ref(renamed[name] ?? name)];
    }),
  );
}

const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false, logger: false });
ajv.addSchema({ $id: 'meta', components: mended() });
const compiled = (name: string): ValidateFunction => ajv.compile({ $ref: `meta${ref(name)}` });

const checks = {
  message: compiled('Message'),
  mark: compiled('MarkMessageRequestPayload'),
  sent: compiled('MessageResponsePayload'),
  webhook: compiled('WebhookPayload'),
  text: compiled('TextMessage'),
  image: compiled('ImageMessage'),
  audio: compiled('AudioMessage'),
  video: compiled('VideoMessage'),
  document: compiled('DocumentMessage'),
  interactive: compiled('InteractiveMessage'),
  template: compiled('TemplateMessage'),
  reaction: compiled('ReactionMessage'),
};

/** What is wrong with it, or null. */
export function problemWith(what: 'message' | 'mark' | 'sent' | 'webhook', value: unknown): string | null {
  if (checks[what](value)) return null;
  // Of a message the one schema of its type says more than all of them together.
  const { type } = value as { type?: unknown };
  const exact = what === 'message' && typeof type === 'string' && Object.hasOwn(checks, type) ? checks[type as 'text'] : checks[what];
  exact(value);
  return ajv.errorsText(exact.errors ?? checks[what].errors, { dataVar: what });
}

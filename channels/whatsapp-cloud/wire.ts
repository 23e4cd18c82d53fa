/**
 * The parts of Meta's webhooks and answers that we read, as zod schemas. Only what a message cannot do without is required; anything else of
 * the wrong shape counts as absent, so that a change on Meta's side costs a detail and not a customer's message.
 */
import { z } from 'zod';

const lenient = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined);
const text = lenient(z.string());
const list = lenient(z.array(z.unknown()));
/** A wamid, a phone number, a business-scoped user id (`US.1349…`), a group's id, a media id. */
const identifier = z.string().regex(/^[\w.+=/:@-]{1,256}$/);
const anId = lenient(identifier);
/** Unix time in seconds, mostly as a string, within what a Date can hold. */
const time = lenient(
  z
    .union([z.string().regex(/^\d{1,13}$/), z.number()])
    .transform(Number)
    .pipe(z.number().int().min(0).max(8.64e12)),
);

export const envelopeSchema = z.object({ object: z.string(), entry: z.array(z.unknown()) });
export const entrySchema = z.object({ changes: z.array(z.unknown()) });
export const changeSchema = z.object({ field: z.string(), value: z.unknown() });

export const errorSchema = z.object({ code: z.number().int(), title: text, message: text });
export type WireError = z.infer<typeof errorSchema>;
export const graphErrorSchema = z.object({ error: errorSchema });

export const valueSchema = z.object({
  metadata: z.object({ phone_number_id: identifier, display_phone_number: text }),
  contacts: list,
  messages: list,
  statuses: list,
  errors: list,
});
export type WireValue = z.infer<typeof valueSchema>;

/** `wa_id` is absent for people who hide their number behind a user name; `user_id` is then all there is. */
export const contactSchema = z.object({ wa_id: anId, user_id: anId, profile: lenient(z.object({ name: text, username: text })) });
export type WireContact = z.infer<typeof contactSchema>;

const contextSchema = z.object({
  id: anId,
  from: text,
  forwarded: lenient(z.boolean()),
  frequently_forwarded: lenient(z.boolean()),
  referred_product: lenient(z.object({ catalog_id: text, product_retailer_id: text })),
});

/** From an advertisement that opened the chat. */
const referralSchema = z.object({
  source_url: text,
  source_id: text,
  source_type: text,
  headline: text,
  body: text,
  media_type: text,
  ctwa_clid: text,
});

/** Loose: what a message holds stands under the name of its type. */
export const messageSchema = z.looseObject({
  id: identifier,
  from: anId,
  from_user_id: anId,
  group_id: anId,
  timestamp: time,
  type: z.string().min(1),
  context: lenient(contextSchema),
  referral: lenient(referralSchema),
  errors: lenient(z.array(errorSchema)),
});
export type WireMessage = z.infer<typeof messageSchema>;

export const statusSchema = z.object({
  id: identifier,
  status: z.string().min(1),
  timestamp: time,
  recipient_id: anId,
  recipient_user_id: anId,
  recipient_participant_id: anId,
  errors: lenient(z.array(errorSchema)),
  biz_opaque_callback_data: lenient(z.string().max(512)),
});

const media = z.object({ id: identifier, mime_type: text, filename: text, caption: text });
export type WireMedia = z.infer<typeof media>;
const reply = z.object({ id: z.string().min(1), title: text });

/** What is read of each type, by its name. */
export const contentSchemas = {
  text: z.object({ body: z.string() }),
  media,
  audio: media.extend({ voice: lenient(z.boolean()) }),
  interactive: z.looseObject({ type: z.string(), button_reply: lenient(reply), list_reply: lenient(reply) }),
  button: z.object({ payload: z.string(), text }),
  location: z.object({ latitude: z.number(), longitude: z.number(), name: text, address: text }),
  contacts: z
    .array(
      z.object({
        name: lenient(z.object({ formatted_name: text, first_name: text, last_name: text })),
        phones: lenient(z.array(z.object({ phone: text, wa_id: text }))),
      }),
    )
    .min(1),
  order: z.object({
    catalog_id: text,
    text,
    product_items: lenient(
      z.array(
        z.object({
          product_retailer_id: text,
          quantity: lenient(z.number()),
          item_price: lenient(z.number()),
          currency: text,
        }),
      ),
    ),
  }),
  reaction: z.object({ message_id: identifier, emoji: text }),
  edit: z.object({ original_message_id: identifier, message: z.looseObject({ type: z.string().min(1) }) }),
  revoke: z.object({ original_message_id: identifier }),
  system: z.object({ type: text }),
} as const;

/** Answers of the Graph API. */
export const sentSchema = z.object({ messages: z.array(z.object({ id: z.string().min(1) })).min(1) });
export const uploadedSchema = z.object({ id: z.string().min(1) });
export const mediaSchema = z.object({
  url: z.url(),
  mime_type: text,
  sha256: text,
  file_size: lenient(z.union([z.string(), z.number()]).transform(Number).pipe(z.number().int().min(0))),
});

export const phoneNumberSchema = z.object({ id: z.string() });
export const debugTokenSchema = z.object({
  data: z.object({ app_id: z.string(), is_valid: z.boolean(), expires_at: lenient(z.number()), scopes: lenient(z.array(z.string())) }),
});
const healthEntitySchema = z.object({
  entity_type: z.string(),
  id: text,
  errors: lenient(z.array(z.object({ error_description: text, possible_solution: text }))),
});
export const healthSchema = z.object({
  display_phone_number: text,
  verified_name: text,
  quality_rating: text,
  health_status: lenient(z.object({ can_send_message: text, entities: lenient(z.array(healthEntitySchema)) })),
});
export const appSubscriptionsSchema = z.object({
  data: z.array(
    z.object({
      object: z.string(),
      callback_url: text,
      fields: lenient(z.array(z.union([z.string(), z.object({ name: z.string() })]))),
    }),
  ),
});
export const subscribedAppsSchema = z.object({
  data: z.array(z.object({ whatsapp_business_api_data: lenient(z.object({ id: z.string() })) })),
});
const templateSchema = z.object({
  name: z.string(),
  language: z.string(),
  status: z.string(),
  parameter_format: text,
  components: lenient(z.array(z.object({ type: z.string(), text }))),
});
export type WireTemplate = z.infer<typeof templateSchema>;
export const templatesSchema = z.object({ data: z.array(templateSchema) });

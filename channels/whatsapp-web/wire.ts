/**
 * The parts of WhatsApp Web's own models that we read, as whatsapp-web.js hands them over (`rawData`). They are nobody's public interface: only what
 * a message cannot do without is required; anything else of the wrong shape counts as absent.
 */
import { z } from 'zod';

const lenient = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined);
const text = lenient(z.string());
const flag = lenient(z.boolean());

/** `34600111222@c.us`, `120363041234567890@g.us`, `98765@lid`, `status@broadcast`; as an object, or as its text. The device (`:12`) says nothing. */
const wid = z
  .union([z.string(), z.object({ _serialized: z.string() }).transform(({ _serialized }) => _serialized)])
  .pipe(z.string().regex(/^[\w.-]{1,64}(:\d{1,4})?@[a-z.]{1,20}$/i))
  .transform((id) => id.replace(/:\d+@/, '@'));
const aWid = lenient(wid);

/** Of a message: `false_34600111222@c.us_3EB0C7`, in groups with `_<author>` behind. */
const key = z.object({
  _serialized: z.string().regex(/^[\w.@:-]{1,256}$/),
  fromMe: z.boolean(),
  remote: wid,
  id: z.string().min(1).max(128),
  participant: aWid,
});

/** Unix time in seconds, within what a Date can hold. */
const MAX_SECONDS = 8.64e12;
const seconds = lenient(z.number().min(0).max(MAX_SECONDS));

const pollOption = z.object({ name: z.string() });
const vcard = z.object({ vcard: z.string() });

export const messageSchema = z.object({
  id: key,
  type: z.string().min(1).max(60),
  subtype: text,
  t: seconds,
  from: aWid,
  to: aWid,
  author: aWid,
  notifyName: text,
  body: text,
  caption: text,
  directPath: text,
  mimetype: text,
  filename: text,
  size: lenient(z.number().int().min(0)),
  isViewOnce: flag,
  isStatusV3: flag,
  isForwarded: flag,
  lat: lenient(z.number().min(-90).max(90)),
  lng: lenient(z.number().min(-180).max(180)),
  loc: text,
  vcardList: lenient(z.array(vcard)),
  pollName: text,
  pollOptions: lenient(z.array(pollOption)),
  selectedButtonId: text,
  selectedId: text,
  listResponse: lenient(z.object({ title: text, singleSelectReply: lenient(z.object({ selectedRowId: text })) })),
  mentionedJidList: lenient(z.array(aWid)),
  quotedStanzaID: lenient(z.string().regex(/^[\w.-]{1,128}$/)),
  quotedParticipant: aWid,
  protocolMessageKey: lenient(key),
  latestEditSenderTimestampMs: lenient(
    z
      .number()
      .min(0)
      .max(MAX_SECONDS * 1000),
  ),
});
export type WireMessage = z.infer<typeof messageSchema>;

export const reactionSchema = z.object({
  id: lenient(z.object({ _serialized: z.string().min(1).max(256) })),
  msgId: key,
  senderId: wid,
  reaction: lenient(z.string().max(64)),
  timestamp: seconds,
});

/** Somebody joined or left a group. */
export const notificationSchema = z.object({
  id: lenient(z.object({ _serialized: z.string().min(1).max(256) })),
  chatId: wid,
  author: aWid,
  recipientIds: lenient(z.array(aWid)),
  timestamp: seconds,
});

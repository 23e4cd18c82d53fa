/**
 * The parts of an activity that we read, as zod schemas. Only what an event cannot do without is required; anything else of the wrong shape counts
 * as absent, so that a change on Microsoft's side costs a detail and not a customer's message.
 */
import { z } from 'zod';

const lenient = <Schema extends z.ZodType>(schema: Schema) => schema.optional().catch(undefined);
const text = lenient(z.string());
const id = z.string().min(1).max(500);

/** Entries of the wrong shape are left out; the others stay. */
const listOf = <Output>(schema: z.ZodType<Output>) =>
  lenient(
    z
      .array(z.unknown())
      .max(1000)
      .transform((entries) =>
        entries.flatMap((entry) => {
          const parsed = schema.safeParse(entry);
          return parsed.success ? [parsed.data] : [];
        }),
      ),
  );

const accountSchema = z.object({ id, name: text, role: text, aadObjectId: text });
export type WireAccount = z.infer<typeof accountSchema>;

const attachmentSchema = z.object({ contentType: z.string(), contentUrl: text, name: text, content: z.unknown().optional() });
export type WireAttachment = z.infer<typeof attachmentSchema>;

const entitySchema = z.object({
  type: z.string(),
  /** Of a mention: as it stands in the text, `<at>Name</at>`. */
  text,
  mentioned: lenient(z.object({ id, name: text })),
  locale: text,
  quotedReply: lenient(z.object({ messageId: id })),
});

export const activitySchema = z.looseObject({
  type: z.string().min(1).max(100),
  id: lenient(id),
  timestamp: text,
  channelId: z.string(),
  serviceUrl: z.string().max(1000),
  conversation: z.object({ id, conversationType: text, tenantId: text }),
  from: lenient(accountSchema),
  recipient: lenient(accountSchema),
  text,
  textFormat: text,
  locale: text,
  attachments: listOf(attachmentSchema),
  entities: listOf(entitySchema),
  replyToId: lenient(id),
  /** Of an invoke or an event. */
  name: text,
  /** Of an installation update. */
  action: text,
  value: z.unknown().optional(),
  membersAdded: listOf(accountSchema),
  membersRemoved: listOf(accountSchema),
  reactionsAdded: listOf(z.object({ type: z.string() })),
  reactionsRemoved: listOf(z.object({ type: z.string() })),
  channelData: lenient(z.looseObject({ eventType: text })),
});
export type Activity = z.infer<typeof activitySchema>;

/** What our buttons send back. A list sends its labels along, since only the id of what was picked comes back. */
export const choiceSchema = z.object({ parleyChoice: z.string().min(1).max(200), parleyLabel: text });
export const pickSchema = z.object({ parleyPick: z.string().min(1).max(200), parleyLabels: lenient(z.record(z.string(), z.string())) });

/** The value of the invoke `adaptiveCard/action`. */
export const cardActionSchema = z.object({ action: z.object({ data: z.unknown().optional() }) });

/** The content of an attachment `application/vnd.microsoft.teams.file.download.info`. */
export const downloadInfoSchema = z.object({ downloadUrl: z.string(), fileType: text, fileSize: lenient(z.number()) });

/** The value of the invoke `fileConsent/invoke`. */
export const fileConsentSchema = z.object({
  action: z.enum(['accept', 'decline']),
  context: z.object({ fileId: id, filename: z.string(), contentType: lenient(z.string()), signature: z.string() }),
  uploadInfo: lenient(
    z.object({ uploadUrl: z.string(), contentUrl: z.string(), name: z.string(), uniqueId: z.string(), fileType: z.string() }),
  ),
});
export type FileConsent = z.infer<typeof fileConsentSchema>;

export const readReceiptSchema = z.object({ lastReadMessageId: id });

/** Members of a conversation. The directory's id is called either way, depending on where Teams answers from. */
export const pagedMembersSchema = z.object({
  members: listOf(
    z
      .object({ id, name: text, aadObjectId: text, objectId: text })
      .transform(({ id, name, aadObjectId, objectId }) => ({ id, name: name ?? id, aadObjectId: aadObjectId ?? objectId ?? null })),
  ),
  continuationToken: text,
});

/** What the buttons of the desk send back, with what was filled in beside it; ./desk/decode.ts reads that. */
export const deskPressSchema = z.looseObject({ parleyDesk: z.string().min(1).max(60), ticket: z.string().min(1).max(60) });
export type DeskPress = z.infer<typeof deskPressSchema>;

/**
 * Files of ours, in personal chats: Teams asks the person first, and with the consent says where to upload. The answer is a request that has to be answered
 * with the outcome, so the upload is made within it, and not by the outbox: it changes nothing of ours, the same bytes may be sent twice without harm,
 * and where it fails the person sees so and presses again. The message that the outbox sent (the question) then becomes the file.
 */
import type { MediaRef } from '../../src/domain/content.js';
import { loadOwnFile } from '../shared/own-file.js';
import { plainText, renderMarkdown } from '../shared/markdown.js';
import { hasValidSignature, hmacSha256Hex } from '../shared/signature.js';
import type { OutboundActivity } from './encode.js';
import type { TeamsClient } from './client.js';
import type { TeamsSettings } from './config.js';
import type { ConversationAddress } from './thread-key.js';
import { fileConsentSchema, type FileConsent } from './wire.js';

/** https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bots-filesv4 */
export function consentActivity(file: MediaRef, caption: string, conversationId: string, settings: TeamsSettings): OutboundActivity {
  const name = file.filename ?? file.id;
  const context = {
    fileId: file.id,
    filename: name,
    ...(file.contentType === null ? {} : { contentType: file.contentType }),
    signature: hmacSha256Hex(settings.appPassword, ...signedParts(file.id, conversationId)),
  };
  const description = caption.trim() === '' ? name : renderMarkdown(caption, plainText);
  const content = { description, sizeInBytes: file.sizeBytes ?? 0, acceptContext: context, declineContext: context };
  return { type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.teams.card.file.consent', name, content }] };
}

/** What comes back was in the person's hands: without a signature it could ask for anybody's file. */
const signedParts = (fileId: string, conversationId: string) => ['file-consent\n', `${conversationId}\n`, fileId];

export type Outcome = 'uploaded' | 'declined' | 'refused';

/** `conversationId` and `activityId`: of the question. Throws ChannelError where the file cannot be loaded or uploaded. */
export async function answerConsent(
  value: unknown,
  question: { readonly at: ConversationAddress; readonly activityId: string | undefined },
  { client, settings }: { readonly client: TeamsClient; readonly settings: TeamsSettings },
): Promise<Outcome> {
  const consent = fileConsentSchema.safeParse(value).data;
  if (consent === undefined || !isOurs(consent, question.at.conversationId, settings)) return 'refused';
  if (consent.action === 'decline') return 'declined';
  const { uploadInfo } = consent;
  if (uploadInfo === undefined) return 'refused';
  const { bytes } = await loadOwnFile(settings.loadFile, fileOf(consent));
  await client.upload(uploadInfo.uploadUrl, bytes);
  if (question.activityId !== undefined) await client.update(question.at, question.activityId, fileActivity(uploadInfo));
  return 'uploaded';
}

const isOurs = ({ context }: FileConsent, conversationId: string, { appPassword }: TeamsSettings): boolean =>
  hasValidSignature(context.signature, { secret: appPassword, parts: signedParts(context.fileId, conversationId) });

const fileOf = ({ context }: FileConsent): MediaRef => ({
  id: context.fileId,
  filename: context.filename,
  contentType: context.contentType ?? null,
  sizeBytes: null,
});

const fileActivity = (info: NonNullable<FileConsent['uploadInfo']>): OutboundActivity => ({
  type: 'message',
  attachments: [
    {
      contentType: 'application/vnd.microsoft.teams.card.file.info',
      contentUrl: info.contentUrl,
      name: info.name,
      content: { uniqueId: info.uniqueId, fileType: info.fileType },
    },
  ],
});

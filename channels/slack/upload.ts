/**
 * Files to Slack in its three steps: https://docs.slack.dev/messaging/working-with-files#uploading_files. The first two leave no trace that anybody
 * sees, so only the third can leave a send in doubt. The SDK's own helper would post the token to whatever address the first step names.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { MediaRef } from '../../src/domain/content.js';
import { ChannelError } from '../../src/domain/errors.js';
import { loadOwnFile } from '../shared/own-file.js';
import { beforeSending, type Place, type SlackClient } from './client.js';
import type { SlackSettings } from './config.js';
import type { Block } from './encode.js';
import { fileInfoSchema, sharesSchema } from './wire.js';

/** Slack looks at an image after it was uploaded; a message that shows it before is refused. */
const LOOKED_AT_AFTER_MS = [100, 200, 400, 800, 1600, 3200];

interface Uploaded {
  readonly id: string;
  readonly title: string;
}

/** Shares the file with these blocks under it. Returns the time that names the message, null where Slack has not made it yet. */
export async function shareFile(
  client: SlackClient,
  settings: SlackSettings,
  place: Place,
  { file, blocks }: { readonly file: MediaRef; readonly blocks: readonly Block[] },
): Promise<string | null> {
  const uploaded = await upload(client, settings, file);
  const { channel, threadTs } = place;
  const where = threadTs === null ? { channel_id: channel } : { channel_id: channel, thread_ts: threadTs };
  const { files = [] } = await client.run('files.completeUploadExternal', (slack) =>
    slack.files.completeUploadExternal({ files: [uploaded], blocks: [...blocks], ...where }),
  );
  const shares = sharesSchema.safeParse(files[0]).data?.shares;
  return (shares?.private?.[channel] ?? shares?.public?.[channel])?.[0]?.ts ?? null;
}

/** An image that nobody sees yet, as a block of a message. */
export async function imageBlock(client: SlackClient, settings: SlackSettings, file: MediaRef): Promise<Block> {
  const uploaded = await upload(client, settings, file);
  await beforeSending(client.run('files.completeUploadExternal', (slack) => slack.files.completeUploadExternal({ files: [uploaded] })));
  for (const waitMs of LOOKED_AT_AFTER_MS) {
    const { file: info } = await beforeSending(client.run('files.info', (slack) => slack.files.info({ file: uploaded.id })));
    if ((fileInfoSchema.safeParse(info).data?.mimetype ?? '') !== '') {
      return { type: 'image', slack_file: { id: uploaded.id }, alt_text: uploaded.title };
    }
    await sleep(waitMs);
  }
  throw new ChannelError('unavailable', 'files.info: Slack has not looked at the image yet.');
}

async function upload(client: SlackClient, settings: SlackSettings, file: MediaRef): Promise<Uploaded> {
  const { bytes } = await loadOwnFile(settings.loadFile, file);
  const filename = file.filename ?? file.id;
  const target = await beforeSending(
    client.run('files.getUploadURLExternal', (slack) => slack.files.getUploadURLExternal({ filename, length: bytes.byteLength })),
  );
  const { upload_url: address = '', file_id: id } = target;
  if (id === undefined || !URL.canParse(address)) {
    throw new ChannelError('unavailable', 'files.getUploadURLExternal: Slack names no address to upload to.');
  }
  const request = { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: bytes } as const;
  const { status } = await beforeSending(client.http('file upload', new URL(address), request));
  if (status !== 200) throw new ChannelError('unavailable', `file upload: Slack answered ${status}.`);
  return { id, title: filename };
}

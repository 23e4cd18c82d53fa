/** The bytes of files: as they were given, in parts, once; for their own session; gone with it. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { Attachment } from '../../../src/domain/attachment.js';
import { randomId } from '../../../src/domain/ids.js';
import { createAttachmentStore } from '../../../src/storage/attachment-store.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';

let database: TestDatabase;
let store: ReturnType<typeof createAttachmentStore>;
beforeAll(async () => {
  database = await startTestDatabase();
  store = createAttachmentStore(database.models);
});
afterAll(() => database.close());

const attachment = (bytes: Buffer, change: Partial<Attachment> = {}): Attachment => ({
  id: randomId('att'),
  conversationId: 'conv_1',
  threadId: 'thread_1',
  filename: 'plano.pdf',
  contentType: 'application/pdf',
  sizeBytes: bytes.length,
  processed: false,
  error: null,
  text: '',
  chunks: [],
  createdAt: new Date(),
  ...change,
});
const MEGABYTE = 1024 * 1024;

it.each([0, 1, MEGABYTE, MEGABYTE + 1, 20 * MEGABYTE])('gives back the %d bytes that it was given', async (size) => {
  const bytes = randomBytes(size);
  const saved = attachment(bytes);
  await store.save(saved, bytes);
  const found = await store.loadFile(saved.id);
  expect(found).toMatchObject({ filename: 'plano.pdf', contentType: 'application/pdf' });
  expect(found?.bytes.equals(bytes)).toBe(true);
  expect(await store.findMany('conv_1', [saved.id])).toEqual([saved]);
});

it('holds a file once, however often it is saved, and the later bytes where they differ', async () => {
  const [first, second] = [randomBytes(3 * MEGABYTE), randomBytes(MEGABYTE + 7)];
  const saved = attachment(first, { conversationId: 'conv_again' });
  await store.save(saved, first);
  await store.save(saved, first);
  expect(await database.models.attachmentParts.countDocuments({ conversationId: 'conv_again' })).toBe(3);
  await store.save({ ...saved, sizeBytes: second.length }, second);
  expect((await store.loadFile(saved.id))?.bytes.equals(second)).toBe(true);
});

it('gives a file to its own session only', async () => {
  const bytes = Buffer.from('x');
  const saved = attachment(bytes);
  await store.save(saved, bytes);
  expect(await store.loadFile(saved.id, 'thread_1')).not.toBeNull();
  expect(await store.loadFile(saved.id, 'thread_2')).toBeNull();
  expect(await store.loadFile('att_unknown')).toBeNull();
});

it('has no file where it was stored without its bytes, or a part of them is gone', async () => {
  const bytes = randomBytes(2 * MEGABYTE);
  const [old, cut] = [attachment(bytes), attachment(bytes)];
  await store.save(old, bytes);
  await database.models.attachments.collection.updateOne({ _id: old.id as never }, { $unset: { parts: '' } });
  expect(await store.loadFile(old.id)).toBeNull();
  await store.save(cut, bytes);
  await database.models.attachmentParts.deleteOne({ _id: `${cut.id}:1` });
  expect(await store.loadFile(cut.id)).toBeNull();
});

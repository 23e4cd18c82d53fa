/** Moved threads in MongoDB. A thread moves once: what is stored first stays. */
import { derivedId } from '../domain/ids.js';
import { type MovedThreads } from '../domain/moved-threads.js';
import { type Models } from './models/index.js';
import { nativeCollection } from './native-collection.js';

export function createMovedThreadStore(models: Pick<Models, 'movedThreads'>): MovedThreads {
  const threads = nativeCollection(models.movedThreads);
  const idOf = (channel: string, account: string, threadKey: string) => derivedId('moved', channel, account, threadKey);
  return {
    async move({ channel, account, from, to }) {
      const moved = { channel, account, origin: from, movedAt: new Date() };
      await threads.updateOne({ _id: idOf(channel, account, to) }, { $setOnInsert: moved }, { upsert: true });
    },
    originOf: async ({ channel, account, threadKey }) =>
      (await threads.findOne({ _id: idOf(channel, account, threadKey) }))?.origin ?? null,
  };
}

/** Calls of platforms end within a time: one that says nothing must not hold up its conversation. */
import { type Channel } from '../domain/channel.js';
import { ChannelError } from '../domain/errors.js';

/** Rejects with a ChannelError `unknown` once `timeoutMs` are over: the call may have been made. */
export async function withinTime<Result>(channel: Channel, timeoutMs: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new ChannelError('unknown', `${channel.name} did not answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

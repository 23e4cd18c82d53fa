/** Opens the sockets and polls of the channels that have them, and hands on what comes through them. */
import type { Channel, Emit } from './domain/channel.js';
import { conversationIdOf } from './domain/ids.js';
import type { OpenDesk } from './desk.js';
import type { IgnoreEvent } from './ignored-events.js';

/** @param started gets a function for each that ends it, so that what was opened is closed also where a later one fails */
export async function startChannels(
  channels: readonly Channel[],
  to: { readonly emit: Emit; readonly ignore: IgnoreEvent; readonly performAt: OpenDesk['performAt']; readonly typing: OpenDesk['typing'] },
  started: (() => unknown)[],
): Promise<void> {
  for (const channel of channels) {
    const stop = await channel.start?.(
      to.emit,
      (event) => to.ignore(channel, event),
      async (request) => void (await to.performAt(channel, request)),
      (threadKey) => void to.typing.customer(conversationIdOf({ channel: channel.name, account: channel.account, threadKey })),
    );
    if (stop !== undefined) started.push(stop);
  }
}

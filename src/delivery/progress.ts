/** Shows a customer that work is under way, where the channel can. Best effort: progress that is lost is no loss. */
import { type Channel, type Recipient } from '../domain/channel.js';
import { asError } from '../domain/errors.js';
import { type Logger } from '../telemetry/logger.js';

/** Returns a function that ends it. */
export function showProgress(channel: Channel | undefined, to: Recipient, logger: Logger): () => void {
  const typing = channel?.capabilities.typing;
  if (channel?.showTyping === undefined || typing == null) return () => undefined;
  let shown = false;
  let stopped = false;
  let timer: NodeJS.Timeout | null = null;

  const tell = (kind: 'started' | 'stopped') => {
    channel.showTyping?.(to, { kind }).catch((thrown: unknown) => {
      logger.debug({ channel: channel.name, err: asError(thrown) }, 'the typing indicator could not be shown');
    });
  };
  const show = () => {
    if (stopped) return;
    shown = true;
    tell('started');
    timer = setTimeout(show, typing.repeatMs);
  };
  if (typing.afterMs === 0) show();
  else timer = setTimeout(show, typing.afterMs);

  return () => {
    stopped = true;
    if (timer !== null) clearTimeout(timer);
    if (shown) tell('stopped');
  };
}

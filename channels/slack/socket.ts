/**
 * Socket mode: events over a connection that we open, so no public address is needed. An envelope is acknowledged only after its event is stored;
 * Slack delivers those again that were not. Several instances may each hold a socket: Slack gives each event to one of them. bolt's client makes
 * the connection; connecting again is done here, since that client's own way gives up, or rejects where nobody can catch it, while Slack is away.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { SocketModeReceiver } from '@slack/bolt';
import type { Emit, EmitDesk, Ignore } from '../../src/domain/channel.js';
import { asError, ChannelError, ConfigurationError } from '../../src/domain/errors.js';
import type { Logger } from '../../src/telemetry/logger.js';
import { clientOptions, SILENT } from './client.js';
import { SLACK } from './config.js';
import { decoded, type Decoded } from './decode.js';
import { decodeCommand } from './decode-interaction.js';
import { anyEvent, anyInteraction, type DeskDoor } from './desk/door.js';
import { channelErrorOf } from './errors.js';
import type { Homes } from './home.js';

const CONNECT_TIMEOUT_MS = 15_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
const SHORT_LIFE_MS = 10_000;
/** The other side may have gone without a word. */
const CLOSE_TIMEOUT_MS = 2000;

export interface Socket {
  readonly appToken: string;
  readonly apiUrl: string;
  readonly emit: Emit;
  readonly ignore: Ignore;
  /** Absent: nobody works at a desk here. */
  readonly desk?: { readonly door: DeskDoor; readonly emit: EmitDesk };
  readonly homes: Homes;
  readonly logger: Logger;
}

interface Envelope {
  readonly type: string;
  readonly body: unknown;
  readonly ack: (response?: object) => Promise<void>;
}

interface Connection {
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/**
 * Resolves when Slack has accepted the token, or cannot be reached for now: then it is tried until it can. The returned function stops after the
 * events at hand are stored and acknowledged. Throws ConfigurationError for a token that Slack refuses.
 */
export async function startSocket(socket: Socket): Promise<() => Promise<void>> {
  const { logger } = socket;
  const handling = new Set<Promise<void>>();
  const stopping = new AbortController();
  let connection: Connection | null = await connect(socket, handling).catch((thrown: unknown) => {
    if (!(thrown instanceof ChannelError)) throw thrown;
    if (thrown.kind === 'credentials-rejected') {
      throw new ConfigurationError('Slack refuses SLACK_APP_TOKEN: make one with the scope connections:write under Basic Information.', {
        cause: thrown,
      });
    }
    logger.warn({ channel: SLACK, error: thrown.message }, 'Slack does not answer; the socket opens when it does');
    return null;
  });
  const stayConnected = async () => {
    let failures = connection === null ? 1 : 0;
    while (!stopping.signal.aborted) {
      if (connection !== null) {
        const openedAt = Date.now();
        await connection.ended;
        // Slack closes each socket after some hours, and wants another at once; one that ends right away is a failure.
        failures = Date.now() - openedAt < SHORT_LIFE_MS ? failures + 1 : 0;
      }
      if (failures > 0) {
        const waitMs = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
        await sleep(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined); // woken early by stopping
      }
      if (stopping.signal.aborted) return;
      try {
        connection = await connect(socket, handling);
      } catch (thrown) {
        connection = null;
        failures += 1;
        logger.warn({ channel: SLACK, failures, error: asError(thrown).message }, 'the socket could not be opened; trying again');
      }
    }
    await connection?.close();
  };
  const stayed = stayConnected();
  return async () => {
    await Promise.allSettled(handling);
    stopping.abort();
    await connection?.close();
    await stayed;
  };
}

/** Resolves when Slack has said hello. Throws ChannelError. */
async function connect(socket: Socket, handling: Set<Promise<void>>): Promise<Connection> {
  const { appToken, apiUrl, logger } = socket;
  const { client } = new SocketModeReceiver({
    appToken,
    logger: SILENT,
    autoReconnectEnabled: false,
    installerOptions: { clientOptions: clientOptions(apiUrl, CONNECT_TIMEOUT_MS) },
  });
  listenSafely(client, logger);
  const ended = new Promise<void>((resolve) => client.once('disconnected', () => resolve()));
  client.on('slack_event', (envelope: Envelope) => {
    const handled = handle(envelope, socket).catch((thrown: unknown) => {
      logger.warn({ channel: SLACK, error: asError(thrown).message }, 'an event was not acknowledged; Slack delivers it again');
    });
    handling.add(handled);
    void handled.finally(() => handling.delete(handled));
  });
  const close = async () => {
    await Promise.race([client.disconnect(), sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
  };
  try {
    await withinTime(client.start());
  } catch (thrown) {
    await close();
    throw channelErrorOf('apps.connections.open', thrown ?? new Error('closed before it was open'));
  }
  return { ended, close };
}

/** The client reads messages in a listener that rejects, where nobody hears it, for an event without its inner part: that would end the process. */
function listenSafely(client: SocketModeReceiver['client'], logger: Logger): void {
  for (const listener of client.listeners('ws_message') as ((...message: unknown[]) => unknown)[]) {
    client.off('ws_message', listener);
    client.on('ws_message', (...message: unknown[]) => {
      void Promise.resolve(listener(...message)).catch((thrown: unknown) => {
        logger.warn({ channel: SLACK, error: asError(thrown).name }, 'a message on the socket could not be read');
      });
    });
  }
}

async function withinTime(opening: Promise<unknown>): Promise<void> {
  const ended = new AbortController();
  const late = sleep(CONNECT_TIMEOUT_MS, undefined, { signal: ended.signal }).then(
    () => Promise.reject(new ChannelError('unavailable', 'apps.connections.open: no hello on the socket.')),
    () => undefined, // it was in time
  );
  try {
    await Promise.race([opening, late.then(() => opening)]);
  } finally {
    ended.abort();
  }
}

/** Called in the order of arrival, and `emit` within that same call, so that events of one conversation keep their order. */
async function handle(envelope: Envelope, socket: Socket): Promise<void> {
  const any = decodeEnvelope(envelope, socket.desk?.door);
  const { events, ignored, answer, homeOpenedBy, desk = [] } = any instanceof Promise ? await any : any;
  await Promise.all([
    ...events.map((event) => socket.emit(event)),
    ...ignored.map((event) => socket.ignore(event)),
    ...desk.map((request) => socket.desk?.emit(request)),
  ]);
  if (homeOpenedBy !== null) socket.homes.opened(homeOpenedBy);
  await (typeof answer === 'object' && answer !== null ? envelope.ack(answer) : envelope.ack());
}

function decodeEnvelope({ type, body }: Envelope, desk: DeskDoor | undefined): Promise<Decoded> | Decoded {
  const known = type === 'events_api' ? anyEvent(body, desk) : type === 'interactive' ? anyInteraction(body, desk) : null;
  if (known !== null) return known;
  const command =
    type === 'slash_commands' && typeof body === 'object' && body !== null ? decodeCommand(body as Record<string, unknown>) : null;
  return command ?? decoded({ ignoredBecause: `envelope of type ${type.slice(0, 60)}`, unknown: true }, null, body);
}

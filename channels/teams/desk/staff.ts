/** To whom a case can be assigned: the members of the team whose channel the desk is. Asked of Teams now and then; what is shown never waits for it twice. */
import { ChannelError } from '../../../src/domain/errors.js';
import type { Agent } from '../../../src/domain/ticket.js';
import type { Logger } from '../../../src/telemetry/logger.js';
import type { TeamsClient } from '../client.js';
import type { ConversationAddress } from '../thread-key.js';
import { agentIdOf, DESK } from './config.js';

const KEPT_MS = 10 * 60_000;
/** After a failure; until then those known before are offered. */
const NEXT_TRY_MS = 60_000;

/** By name. Never throws: without an answer those known last, or nobody. */
export type Staff = () => Promise<readonly Agent[]>;

export function createStaff(client: Pick<TeamsClient, 'members'>, channel: ConversationAddress, logger: Logger): Staff {
  let known: readonly Agent[] = [];
  let goodUntilMs = 0;
  let asking: Promise<void> | null = null;

  const ask = async (): Promise<void> => {
    try {
      const members = await client.members(channel);
      known = members
        .map(({ id, aadObjectId, name }) => ({ id: agentIdOf({ id, aadObjectId: aadObjectId ?? undefined }), name }))
        .sort((one, other) => one.name.localeCompare(other.name));
      goodUntilMs = Date.now() + KEPT_MS;
    } catch (thrown) {
      if (!(thrown instanceof ChannelError)) throw thrown;
      logger.warn(
        { desk: DESK, error: thrown.message },
        'Teams does not say who is in the desk’s team: cases are offered to those known before',
      );
      goodUntilMs = Date.now() + NEXT_TRY_MS;
    }
  };

  return async () => {
    if (Date.now() >= goodUntilMs) await (asking ??= ask().finally(() => (asking = null)));
    return known;
  };
}

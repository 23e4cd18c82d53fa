/** Who works at the desk: whoever is in its channel. Names and members are asked of Slack and kept for a while; a request of Slack waits 3 s at most. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { ChannelError } from '../../../src/domain/errors.js';
import type { Agent } from '../../../src/domain/ticket.js';
import type { SlackClient } from '../client.js';
import { agentIdOf } from './config.js';
import { membersSchema, userSchema } from './wire.js';

const NAMES_KEPT = 5000;
const NAME_KEPT_MS = 3_600_000;
/** Somebody who is not among the members is looked for again after this; who is, is believed for the longer time. */
const MEMBERS_FRESH_MS = 5000;
const MEMBERS_KEPT_MS = 60_000;
/** For so long where Slack does not answer: its slowness must not keep the desk from working. Who leaves is told of, and not believed any more. */
const MEMBERS_BELIEVED_MS = 600_000;
const LONGEST_LOOK_MS = 1200;
const PAGE = 1000;
const MAX_PAGES = 10;

export interface Staff {
  /** Named by their id where Slack does not say in time. */
  agent(userId: string): Promise<Agent>;
  /** Whether they are in the desk's channel; null: Slack does not say in time, and has not said so lately. */
  isMember(userId: string): Promise<boolean | null>;
  /** Somebody has come or gone: who is in the channel is asked anew. */
  forgetMembers(): void;
  /** Somebody who can be given a case; null: nobody in the desk's channel, or an app. */
  assignable(userId: string): Promise<Agent | null>;
}

interface Person {
  readonly name: string;
  readonly isBot: boolean;
}

export function createStaff(client: SlackClient, channel: string): Staff {
  const people = new LRUCache<string, Person>({
    max: NAMES_KEPT,
    ttl: NAME_KEPT_MS,
    fetchMethod: (userId) => personOf(client, userId),
  });
  let members: { readonly ids: ReadonlySet<string>; readonly atMs: number } | null = null;
  let looking: Promise<ReadonlySet<string>> | null = null;

  /** Goes up when somebody comes or goes: what was asked before that is old. */
  let changes = 0;

  const look = (): Promise<ReadonlySet<string>> => {
    const asked = changes;
    looking ??= membersOf(client, channel)
      .then((ids) => {
        if (asked === changes) members = { ids, atMs: Date.now() };
        return ids;
      })
      .finally(() => {
        if (asked === changes) looking = null;
      });
    return looking;
  };

  const agent = async (userId: string): Promise<Agent> => ({
    id: agentIdOf(userId),
    name: (await inTime(people.fetch(userId)))?.name ?? userId,
  });
  const isMember = async (userId: string): Promise<boolean | null> => {
    if (wasMember(userId, MEMBERS_KEPT_MS)) return true;
    if (members !== null && Date.now() - members.atMs < MEMBERS_FRESH_MS) return members.ids.has(userId);
    const ids = await inTime(look());
    if (ids !== null) return ids.has(userId);
    return wasMember(userId, MEMBERS_BELIEVED_MS) ? true : null;
  };
  const wasMember = (userId: string, withinMs: number): boolean =>
    members !== null && members.ids.has(userId) && Date.now() - members.atMs < withinMs;

  return {
    agent,
    isMember,
    forgetMembers() {
      changes += 1;
      members = null;
      looking = null;
    },
    async assignable(userId) {
      const [member, person] = await Promise.all([isMember(userId), inTime(people.fetch(userId))]);
      return member === true && person?.isBot !== true ? agent(userId) : null;
    },
  };
}

async function personOf(client: SlackClient, userId: string): Promise<Person> {
  const { user } = await client.run('users.info', (slack) => slack.users.info({ user: userId }), { quick: true });
  const { profile, real_name: realName, name, is_bot: isBot = false } = userSchema.safeParse(user).data ?? {};
  const names = [profile?.display_name, profile?.real_name, realName, name];
  return { name: names.find((one) => one !== undefined && one.trim() !== '') ?? userId, isBot };
}

async function membersOf(client: SlackClient, channel: string): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  let cursor = '';
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const asked = { channel, limit: PAGE, ...(cursor === '' ? {} : { cursor }) };
    const given = await client.run('conversations.members', (slack) => slack.conversations.members(asked), { quick: true });
    const { members, response_metadata: next } = membersSchema.safeParse(given).data ?? {};
    for (const member of members ?? []) ids.add(member);
    cursor = next?.next_cursor ?? '';
    if (cursor === '') break;
  }
  return ids;
}

/** Null: not in time, or Slack refused; it goes on meanwhile, for the next time. */
async function inTime<Value>(asked: Promise<Value>): Promise<Value | null> {
  const late = new AbortController();
  const tooLate = sleep(LONGEST_LOOK_MS, null, { signal: late.signal, ref: false }).catch(() => null); // it was in time
  try {
    return await Promise.race([asked.catch(refusedAs), tooLate]);
  } finally {
    late.abort();
  }
}

function refusedAs(thrown: unknown): null {
  if (thrown instanceof ChannelError) return null;
  throw thrown;
}

/**
 * Slack for chaos: each person in a direct channel. It waits three seconds for its 200 and delivers an event three times more, at once, after a minute
 * and after five (https://docs.slack.dev/apis/events-api/#retries); then nobody will hear of it again.
 */
import { ACCOUNT, SLACK } from '../../channels/slack/config.js';
import { inboxIdOf } from '../../src/domain/ids.js';
import { type SlackFault, startFakeSlackApi } from '../fakes/fake-slack-api.js';
import { shownOf } from '../fakes/slack/shown.js';
import { BOT, BOT_TOKEN, directMessage, eventEnvelope, signedRequest, SIGNING_SECRET } from '../fakes/slack/workspace.js';
import { type Customer, type Delivered, deliveredBy, type FakePlatform, type Gateway, post, tryAfter } from './platform.js';
import { planSendFaults, type SendFault } from './send-faults.js';

const ANSWER_WITHIN_MS = 3_000;
const FIRST_TS = 1_700_000_000;

export async function startSlackPlatform(seed: number, retriesMs: readonly number[], gateway: Gateway): Promise<FakePlatform> {
  const faults = planSendFaults(seed, SLACK);
  const shown = new Map<string, string[]>();
  const api = await startFakeSlackApi({
    bot: BOT,
    channelOf,
    faultOf: (channel) => answerOf(faults.faultOf(channel)),
    answerAfterMs: faults.takesMs,
    onMessage(channel, message) {
      const { text } = shownOf(message);
      // Sources come as a message of their own; it says nothing that would tell which question it belongs to.
      if (text !== '') shown.get(channel)?.push(text);
    },
  });
  const counts = { 'events given up after 3 retries': 0 };
  let users = 0;
  return {
    channel: SLACK,
    environment: { SLACK_BOT_TOKEN: BOT_TOKEN, SLACK_SIGNING_SECRET: SIGNING_SECRET, SLACK_API_URL: api.apiUrl },
    async newCustomer() {
      users += 1;
      const user = `U0CHAOS${users}`;
      const texts: string[] = [];
      shown.set(channelOf(user), texts);
      return customerOf(user, texts, { gateway, retriesMs, onGivenUp: () => void (counts['events given up after 3 retries'] += 1) });
    },
    counts: () => ({ ...faults.counts, ...counts }),
    misbehave: faults.begin,
    close: api.close,
  };
}

const channelOf = (user: string): string => user.replace(/^U/, 'D');

function answerOf(fault: SendFault | undefined): SlackFault | undefined {
  switch (fault?.kind) {
    case undefined:
      return undefined;
    case 'limited':
      return { kind: 'limited', retryAfterSeconds: 1 };
    case 'failed':
      return { kind: 'status', status: fault.status };
    case 'cut':
      return { kind: 'taken-cut' };
  }
}

interface Delivering {
  readonly gateway: Gateway;
  readonly retriesMs: readonly number[];
  readonly onGivenUp: () => void;
}

function customerOf(user: string, shown: readonly string[], { gateway, retriesMs, onGivenUp }: Delivering): Customer {
  const channel = channelOf(user);
  const tsOf = (number: number) => `${FIRST_TS + number}.000100`;
  const deliverOnce = async (number: number, text: string, retry: number): Promise<Delivered> => {
    const event = { ...directMessage(channel, tsOf(number), text), user };
    const envelope = { ...eventEnvelope(event), event_id: `Ev${user}${number}` };
    const { url, headers, body } = signedRequest('/events', Buffer.from(JSON.stringify(envelope)));
    const again = retry === 0 ? {} : { 'x-slack-retry-num': String(retry), 'x-slack-retry-reason': 'http_error' };
    const within = { over: gateway.over, limitMs: ANSWER_WITHIN_MS };
    return deliveredBy(await post(`${gateway.next()}/webhooks/slack${url}`, { ...headers, ...again }, body, within));
  };
  return {
    name: `slack user ${user}`,
    inboxIdOf: (number) => inboxIdOf({ channel: SLACK, account: ACCOUNT, eventId: `message:${channel}:${tsOf(number)}` }),
    async deliver(number, text) {
      let last: Delivered = 'unreachable';
      const tryOnce = async (retry: number) => (last = await deliverOnce(number, text, retry)) === 'taken';
      if (!(await tryAfter(retriesMs, tryOnce, gateway.over))) onGivenUp();
      return last;
    },
    async deliverAgain(number, text) {
      await deliverOnce(number, text, 1);
    },
    shown: () => shown,
  };
}

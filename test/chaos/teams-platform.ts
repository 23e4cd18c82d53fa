/**
 * Teams for chaos: personal chats. It waits fifteen seconds for its 200 and delivers nothing again by itself
 * (https://learn.microsoft.com/azure/bot-service/bot-service-troubleshoot-general-problems): what the bot did not take, it will never hear of.
 */
import { TEAMS } from '../../channels/teams/decode.js';
import { inboxIdOf } from '../../src/domain/ids.js';
import { messageActivity } from '../fakes/teams/activities.js';
import { APP_ID, APP_PASSWORD, type ScriptedFailure, startTeamsPlatform as startConnector, TENANT_ID } from '../fakes/teams/platform.js';
import { shownOf } from '../fakes/teams/shown.js';
import { type Customer, type Delivered, deliveredBy, type FakePlatform, type Gateway, post } from './platform.js';
import { planSendFaults, type SendFault } from './send-faults.js';

const ANSWER_WITHIN_MS = 15_000;
const FIRST_ID = 1_700_000_000_000;

export async function startTeamsPlatform(seed: number, gateway: Gateway): Promise<FakePlatform> {
  const faults = planSendFaults(seed, TEAMS);
  const shown = new Map<string, string[]>();
  const connector = await startConnector({
    faultOf: (conversationId) => answerOf(faults.faultOf(conversationId)),
    answerAfterMs: faults.takesMs,
    onMessage: (conversationId, activity) => shown.get(conversationId)?.push(shownOf(activity).text),
  });
  const counts = { 'messages that the bot did not take': 0 };
  let people = 0;
  return {
    channel: TEAMS,
    environment: {
      MICROSOFT_APP_ID: APP_ID,
      MICROSOFT_APP_PASSWORD: APP_PASSWORD,
      MICROSOFT_APP_TENANT_ID: TENANT_ID,
      TEAMS_SERVICE_URLS: connector.globalUrl,
      TEAMS_OPENID_METADATA: connector.openIdMetadata,
      TEAMS_LOGIN_URL: connector.url,
    },
    async newCustomer() {
      people += 1;
      const person = { id: `29:chaos-${people}`, conversationId: `a:chaos-${people}` };
      const texts: string[] = [];
      shown.set(person.conversationId, texts);
      const onNotTaken = () => void (counts['messages that the bot did not take'] += 1);
      return customerOf(person, texts, { gateway, connector, onNotTaken });
    },
    counts: () => ({ ...faults.counts, ...counts }),
    misbehave: faults.begin,
    close: () => connector.close(),
  };
}

function answerOf(fault: SendFault | undefined): ScriptedFailure | undefined {
  switch (fault?.kind) {
    case undefined:
      return undefined;
    case 'limited':
      return { kind: 'answer', status: 429, code: 'TooManyRequests', retryAfter: 1 };
    case 'failed':
      return { kind: 'answer', status: fault.status, code: 'ServiceError' };
    case 'cut':
      return { kind: 'cut', taken: true };
  }
}

interface Delivering {
  readonly gateway: Gateway;
  readonly connector: Awaited<ReturnType<typeof startConnector>>;
  readonly onNotTaken: () => void;
}

function customerOf(
  person: { readonly id: string; readonly conversationId: string },
  shown: readonly string[],
  { gateway, connector, onNotTaken }: Delivering,
): Customer {
  const { conversationId } = person;
  const idOf = (number: number) => String(FIRST_ID + number);
  const deliverOnce = async (number: number, text: string): Promise<Delivered> => {
    const activity = messageActivity(connector.serviceUrl, text, {
      id: idOf(number),
      from: { id: person.id, name: 'Ana Ruiz' },
      conversation: { conversationType: 'personal', tenantId: TENANT_ID, id: conversationId },
    });
    const within = { over: gateway.over, limitMs: ANSWER_WITHIN_MS };
    return deliveredBy(
      await post(`${gateway.next()}/api/messages`, { authorization: connector.authorize() }, JSON.stringify(activity), within),
    );
  };
  return {
    name: `teams ${conversationId}`,
    inboxIdOf: (number) => inboxIdOf({ channel: TEAMS, account: APP_ID, eventId: `${conversationId}/${idOf(number)}` }),
    async deliver(number, text) {
      const delivered = await deliverOnce(number, text);
      if (delivered !== 'taken') onNotTaken();
      return delivered;
    },
    async deliverAgain(number, text) {
      await deliverOnce(number, text);
    },
    shown: () => shown,
  };
}

/**
 * WhatsApp's Cloud API for chaos: webhooks come again until they get 200 (Meta tries for days), and so do the statuses of each message, which tell
 * what became of a send whose answer was lost.
 */
import { WHATSAPP } from '../../channels/whatsapp-cloud/decode.js';
import { inboxIdOf } from '../../src/domain/ids.js';
import {
  APP_SECRET,
  type Customer as Person,
  messagesWebhook,
  PHONE_NUMBER_ID,
  signed,
  statusWebhook,
  TOKEN,
  VERIFY_TOKEN,
} from '../fakes/whatsapp/customer.js';
import { type GraphApi, startGraphApi, statusOf } from '../fakes/whatsapp/graph-api.js';
import { shownMessage } from '../fakes/whatsapp/shown.js';
import type { ScriptedFailure, SentMessage } from '../fakes/whatsapp/state.js';
import { again, type Customer, type FakePlatform, type Gateway, post, tryAfter } from './platform.js';
import { planSendFaults, type SendFault } from './send-faults.js';

const FIRST_NUMBER = 34_600_000_000;

export async function startWhatsAppPlatform(seed: number, gateway: Gateway): Promise<FakePlatform> {
  const faults = planSendFaults(seed, WHATSAPP);
  const shown = new Map<string, string[]>();
  const statuses: Promise<unknown>[] = [];
  const push = async (sent: SentMessage): Promise<void> => {
    for (const step of ['sent', 'delivered'] as const) {
      await tryAfter(again(), () => postWebhook(gateway, statusWebhook(statusOf(sent, step))), gateway.over);
    }
  };
  const graph: GraphApi = await startGraphApi({
    faultOf: (to) => answerOf(faults.faultOf(to)),
    answerAfterMs: faults.takesMs,
    onSent(sent) {
      shown.get(sent.to)?.push(shownMessage(graph.state, sent).text);
      statuses.push(push(sent));
    },
  });
  let people = 0;
  return {
    channel: WHATSAPP,
    environment: {
      WHATSAPP_TOKEN: TOKEN,
      WHATSAPP_PHONE_NUMBER_ID: PHONE_NUMBER_ID,
      WHATSAPP_APP_SECRET: APP_SECRET,
      WHATSAPP_VERIFY_TOKEN: VERIFY_TOKEN,
      WHATSAPP_API_ROOT: graph.url,
    },
    async newCustomer() {
      people += 1;
      const person: Person = { waId: String(FIRST_NUMBER + people), name: 'Ana' };
      const texts: string[] = [];
      shown.set(person.waId, texts);
      graph.state.lastWrote.set(person.waId, Date.now());
      return customerOf(person, texts, gateway);
    },
    counts: () => faults.counts,
    misbehave: faults.begin,
    async close() {
      await Promise.all(statuses); // they end with the run
      await graph.close();
    },
  };
}

async function postWebhook(gateway: Gateway, webhook: object): Promise<boolean> {
  const body = Buffer.from(JSON.stringify(webhook));
  return (await post(`${gateway.next()}/webhooks/whatsapp`, signed(body), body, gateway)) === 200;
}

function answerOf(fault: SendFault | undefined): ScriptedFailure | undefined {
  switch (fault?.kind) {
    case undefined:
      return undefined;
    case 'limited':
      return { kind: 'error', status: 429, code: 130429, message: 'Rate limit hit', headers: { 'retry-after': '1' } };
    case 'failed':
      return { kind: 'answer', status: fault.status, text: 'failed on demand' };
    case 'cut':
      return { kind: 'cut', accepted: true };
  }
}

function customerOf(person: Person, shown: readonly string[], gateway: Gateway): Customer {
  const idOf = (number: number) => `wamid.chaos-${person.waId}-${number}`;
  const deliverOnce = (number: number, body: string): Promise<boolean> => {
    const message = { from: person.waId, id: idOf(number), timestamp: String(1_700_000_000 + number), type: 'text', text: { body } };
    return postWebhook(gateway, messagesWebhook(person, message));
  };
  return {
    name: `whatsapp ${person.waId}`,
    inboxIdOf: (number) => inboxIdOf({ channel: WHATSAPP, account: PHONE_NUMBER_ID, eventId: idOf(number) }),
    deliver: async (number, text) => ((await tryAfter(again(), () => deliverOnce(number, text), gateway.over)) ? 'taken' : 'unreachable'),
    async deliverAgain(number, text) {
      await deliverOnce(number, text);
    },
    shown: () => shown,
  };
}

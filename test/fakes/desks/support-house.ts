/**
 * The whole service with three desks on at once (Slack, Teams, the web inbox), each in front of its emulator, and customers on the web, WhatsApp and Teams:
 * what the scenarios of desks and their measurements happen in. It can be started again on its data.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CaseBody } from '../../../src/http/ticket-schemas.js';
import type { ShownCase } from '../../contract/desk-suite.js';
import { memoryFolder } from '../memory-folder.js';
import { startRunningService, type RunningService } from '../running-service.js';
import { copySampleData } from '../sample-data.js';
import { messageActivity } from '../teams/activities.js';
import { TENANT_ID, type TeamsPlatform } from '../teams/platform.js';
import { shownOf } from '../teams/shown.js';
import { APP_SECRET, PHONE_NUMBER_ID, textOf, TOKEN, VERIFY_TOKEN, type Customer } from '../whatsapp/customer.js';
import { startGraphApi, type GraphApi } from '../whatsapp/graph-api.js';
import type { DeskStaff } from './desk-staff.js';
import { openInboxStaff } from './inbox-staff.js';
import { openSlackStaff } from './slack-desk-staff.js';
import { openTeamsStaff } from './teams-desk-staff.js';

/** Somebody who writes to the company. */
export interface HouseCustomer {
  writes(text: string): Promise<void>;
  /** What they were told, oldest first. */
  reads(): Promise<readonly string[]>;
}

export interface WhatsAppCustomer extends HouseCustomer {
  readonly who: Customer;
  /** Names of the files that they were sent, oldest first, and what is in them. */
  files(): readonly Buffer[];
  sends(file: { readonly name: string; readonly contentType: string; readonly bytes: Buffer }): Promise<void>;
  /** They have not written for longer than WhatsApp takes free replies. */
  closeWindow(): void;
}

export interface TeamsCustomer extends HouseCustomer {
  /** Changes or takes back the last message. */
  edits(text: string): Promise<void>;
  deletes(): Promise<void>;
}

export interface WebCustomer extends HouseCustomer {
  readonly sessionId: string;
}

export interface SupportHouse {
  readonly service: () => RunningService;
  readonly graph: GraphApi;
  readonly desks: Readonly<Record<DeskStaff['name'], DeskStaff>>;
  onTheWeb(): Promise<WebCustomer>;
  onWhatsApp(): WhatsAppCustomer;
  onTeams(): TeamsCustomer;
  /** Asks for a person, and waits until the case is on show at these desks: its number. */
  opensCase(customer: HouseCustomer, at: readonly DeskStaff[], text?: string): Promise<string>;
  /** Stops the service, and starts it on the same data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface HouseOptions {
  readonly undoSeconds?: number;
}

export const FILE_LIMIT_BYTES = 1024 * 1024;

export async function openSupportHouse({ undoSeconds = 1 }: HouseOptions = {}): Promise<SupportHouse> {
  const folder = await mkdtemp(join(memoryFolder(), 'parley-house-'));
  const dataDir = join(folder, 'data');
  await copySampleData(dataDir);
  let service: RunningService | null = null;
  const running = (): RunningService => {
    if (service === null) throw new Error('the service is not running');
    return service;
  };
  const urlOf = () => running().url;
  const graph = await startGraphApi();
  const [slack, teams] = await Promise.all([openSlackStaff(urlOf), openTeamsStaff(urlOf)]);
  const start = async () => {
    service = await startRunningService({
      DATA_DIR: dataDir,
      DESK_UNDO_SECONDS: String(undoSeconds),
      MAX_FILE_MB: String(FILE_LIMIT_BYTES / 1024 / 1024),
      PUBLIC_URL: 'https://chat.example',
      SENDS_PER_SECOND: '1000',
      SENDS_PER_CHAT: '1000',
      ...slack.environment,
      ...teams.environment,
      WHATSAPP_TOKEN: TOKEN,
      WHATSAPP_PHONE_NUMBER_ID: PHONE_NUMBER_ID,
      WHATSAPP_APP_SECRET: APP_SECRET,
      WHATSAPP_VERIFY_TOKEN: VERIFY_TOKEN,
      WHATSAPP_TEMPLATES: 'reply_waiting:en_US',
      WHATSAPP_API_ROOT: graph.url,
    });
    await graph.setWebhook(`${service.url}/webhooks/whatsapp`);
  };
  await start();

  return {
    service: running,
    graph,
    desks: { slack, teams, inbox: openInboxStaff(running) },
    onTheWeb: () => webCustomer(running),
    onWhatsApp: () => whatsappCustomer(graph),
    onTeams: () => teamsCustomer(teams.platform, (activity) => teams.platform.post(`${urlOf()}/api/messages`, activity)),
    async opensCase(customer, at, text = 'Quiero hablar con una persona') {
      const before = (await customer.reads()).length;
      await customer.writes(text);
      const id = await until('the customer is told their case', async () => ticketIn((await customer.reads()).slice(before)));
      for (const desk of at) await showsCase(desk, id, () => true);
      return id;
    },
    async restart() {
      await running().stop();
      await start();
    },
    async close() {
      await service?.stop();
      await Promise.all([slack.close(), teams.close(), graph.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const PATIENCE_MS = 100_000;

/** Looks until there is something (neither null nor false): that. Far more patient than anything takes. */
export async function until<Found>(what: string, look: () => Promise<Found | null | false>): Promise<Found> {
  for (const began = Date.now(); ; await sleep(40)) {
    const found = await look();
    if (found !== null && found !== false) return found;
    if (Date.now() - began > PATIENCE_MS) throw new Error(`in vain: ${what}`);
  }
}

/** Waits until the desk shows the case so. */
export async function showsCase(desk: DeskStaff, ticketId: string, isSo: (shown: ShownCase) => boolean): Promise<ShownCase> {
  let last: ShownCase | null = null;
  try {
    return await until(`${desk.name} shows ${ticketId}`, async () => {
      last = await desk.shown(ticketId);
      return last !== null && isSo(last) ? last : null;
    });
  } catch (thrown) {
    throw new Error(`${desk.name} shows ${ticketId} otherwise: ${JSON.stringify(last)}`, { cause: thrown });
  }
}

export const threadText = ({ thread }: ShownCase): string => thread.map(({ text }) => text).join('\n');
export const showsText = (desk: DeskStaff, ticketId: string, text: string): Promise<ShownCase> =>
  showsCase(desk, ticketId, (shown) => threadText(shown).includes(text));

export const readsText = (customer: HouseCustomer, text: string | RegExp): Promise<string> =>
  until(`the customer reads ${String(text)}`, async () => {
    const found = (await customer.reads()).find((read) => (typeof text === 'string' ? read.includes(text) : text.test(read)));
    return found ?? null;
  });

/** The log of the case, as the API tells it. */
export async function logOf({ service }: SupportHouse, ticketId: string): Promise<CaseBody['events']> {
  const headers = { Authorization: `Bearer ${service().adminKey}` };
  return (await service().call('GET', `/api/tickets/${ticketId}`, { headers })).body['events'] as CaseBody['events'];
}

const ticketIn = (texts: readonly string[]): string | null => /T-[0-9A-Z]{8}/.exec(texts.join('\n'))?.[0] ?? null;

async function webCustomer(running: () => RunningService): Promise<WebCustomer> {
  const sessionId = await running().session();
  return {
    sessionId,
    async writes(text) {
      const { status } = await running().send(sessionId, text);
      if (status !== 200 && status !== 202) throw new Error(`the web chat answered ${status}`);
    },
    async reads() {
      const { body } = await running().call('GET', `/api/chat/sessions/${sessionId}/messages?limit=200`);
      const messages = body['messages'] as { role: string; content: string }[];
      return messages.filter(({ role }) => role !== 'user').map(({ content }) => content);
    },
  };
}

let people = 0;

function whatsappCustomer(graph: GraphApi): WhatsAppCustomer {
  people += 1;
  const who: Customer = { waId: `34600${100_000 + people}`, name: `Ana ${people}` };
  const deliver = async (message: Record<string, unknown>) => {
    const status = await graph.deliver(who, message);
    if (status !== 200) throw new Error(`the service answered WhatsApp ${status}`);
  };
  return {
    who,
    writes: (text) => deliver(textOf(who, text)),
    reads: async () => graph.shown(who.waId).map(({ text, buttons }) => [text, ...buttons].join('\n')),
    files: () =>
      graph.state.sent.flatMap(({ to, body }) => {
        const { id } = (body[String(body['type'])] ?? {}) as { id?: string };
        const file = to === who.waId && id !== undefined ? graph.state.files.get(id) : undefined;
        return file === undefined ? [] : [file.bytes];
      }),
    async sends({ name, contentType, bytes }) {
      const id = graph.addFile(bytes, { contentType, filename: name });
      const text = textOf(who, '');
      delete text['text'];
      await deliver({ ...text, type: 'document', document: { id, filename: name, mime_type: contentType, sha256: 'x' } });
    },
    closeWindow: () => void graph.state.lastWrote.set(who.waId, 0),
  };
}

function teamsCustomer(
  platform: Pick<TeamsPlatform, 'serviceUrl' | 'messages'>,
  post: (activity: object) => Promise<Response>,
): TeamsCustomer {
  people += 1;
  const conversation = { conversationType: 'personal', tenantId: TENANT_ID, id: `a:customer-${people}` };
  const from = { id: `29:customer-${people}`, name: `Ana ${people}` };
  let last: Record<string, unknown> = {};
  const deliver = async (activity: object) => {
    const { status } = await post(activity);
    if (status !== 200) throw new Error(`the service answered Teams ${status}`);
  };
  return {
    async writes(text) {
      last = messageActivity(platform.serviceUrl, text, { conversation, from });
      await deliver(last);
    },
    reads: async () => platform.messages(conversation.id).map((activity) => shownOf(activity).text),
    edits: (text) => deliver({ ...last, type: 'messageUpdate', text, timestamp: new Date().toISOString() }),
    deletes: () => deliver({ ...last, type: 'messageDelete', text: undefined, timestamp: new Date().toISOString() }),
  };
}

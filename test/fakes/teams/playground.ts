/**
 * Microsoft's agents playground in its own process: a person's Teams client without an account. What it posts to the bot passes a relay that signs it as
 * the Bot Framework would; what the bot sends comes through the platform's connector (`setUpstream`), which asks for the bot's token.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import WebSocket from 'ws';
import { APP_ID, TENANT_ID, type TeamMember, type TeamsPlatform } from './platform.js';
import { shownOf, type ShownActivity, type WireActivity } from './shown.js';

export const PLAYGROUND_CONVERSATION = 'personal-chat-1';
export const PLAYGROUND_USER = 'user-id-0';

export interface Playground {
  /** Its web page. */
  readonly url: string;
  /** The bot's endpoint that messages go to from now on. */
  setBot(endpoint: string): void;
  say(text: string): Promise<void>;
  sayAgain(): Promise<void>;
  /** The bot's messages since the last reset, as the client shows them. */
  shown(): Promise<readonly ShownActivity[]>;
  typingShown(): Promise<number>;
  reset(): Promise<void>;
  stop(): Promise<void>;
}

interface StreamAction {
  readonly action: string;
  readonly message?: WireActivity & { readonly messageId: string; readonly from: { readonly id: string } };
}

export const PLAYGROUND_AGENT: TeamMember = {
  id: PLAYGROUND_USER,
  name: 'Marta Ruiz',
  aadObjectId: 'a5b1d4c2-0000-4000-8000-000000000001',
};

/** @param channelId of the one team there is; left out: as the playground names it */
export async function startPlayground(platform: TeamsPlatform, channelId?: string): Promise<Playground> {
  const relay = await startRelay(platform);
  const folder = await mkdtemp(join(tmpdir(), 'parley-playground-'));
  if (channelId !== undefined) await writeFile(join(folder, '.m365agentsplayground.yml'), JSON.stringify(companyWith(channelId)));
  const cli = createRequire(import.meta.url).resolve('@microsoft/m365agentsplayground/cli.js');
  const options = ['-e', relay.url, '-c', 'msteams', '--dt', '--conversation-id', PLAYGROUND_CONVERSATION];
  const child = spawn(process.execPath, [cli, 'start', ...options], {
    cwd: folder,
    env: { ...process.env, TEAMSAPPTESTER_BROWSER: 'none' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await Promise.race([
    listeningPort(child.stdout),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`The playground ended at once with code ${String(code)}.`))),
  ]);
  const url = `http://127.0.0.1:${port}`;
  platform.setUpstream(`${url}/_connector`);
  const actions: StreamAction[] = [];
  const stream = new WebSocket(`ws://127.0.0.1:${port}/_ws_conversation/v1/conversations/stream`);
  stream.on('message', (data: Buffer) => actions.push(JSON.parse(data.toString()) as StreamAction));
  await once(stream, 'open');
  // It opens its conversations when its page asks for the configuration.
  await (await fetch(`${url}/_internal/v1/config`)).text();
  return {
    url,
    setBot: relay.setBot,
    say: async (text) => {
      await fetch(`${url}/_conversation/v1/conversations/${PLAYGROUND_CONVERSATION}/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ from: { id: PLAYGROUND_USER }, text, textFormat: 'plain' }),
      });
    },
    sayAgain: relay.again,
    shown: async () => {
      await settled(stream);
      const messages = new Map<string, ShownActivity>();
      for (const { action, message } of actions)
        if (message !== undefined && /Message$/.test(action)) messages.set(message.messageId, shownOf(message));
      return [...messages.values()];
    },
    typingShown: async () => {
      await settled(stream);
      return actions.filter(({ action }) => action === 'typing').length;
    },
    reset: async () => {
      await settled(stream);
      actions.length = 0;
    },
    stop: async () => {
      stream.terminate();
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await relay.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Its file of people and places: JSON is YAML. It wants exactly five colleagues. */
function companyWith(channelId: string): object {
  const person = ({ id, name, aadObjectId }: TeamMember) => {
    const [givenName = '', surname = ''] = name.split(' ');
    const email = `${id}@example.com`;
    return { ...{ id, name, aadObjectId, givenName, surname, email }, userPrincipleName: email };
  };
  const colleagues = [1, 2, 3, 4, 5].map((number) => ({
    id: `user-id-${number}`,
    name: `Colega Número${number}`,
    aadObjectId: `a5b1d4c2-0000-4000-8000-00000000001${number}`,
  }));
  return {
    version: '0.1.1',
    tenantId: TENANT_ID,
    bot: { id: `28:${APP_ID}`, name: 'Parley' },
    currentUser: person(PLAYGROUND_AGENT),
    users: colleagues.map(person),
    personalChat: { id: PLAYGROUND_CONVERSATION },
    groupChat: { id: 'group-chat-1', name: 'Grupo' },
    team: { id: channelId, name: 'Atención', aadGroupId: '00000000-0000-0000-0000-000000000031', channels: [] },
  };
}

/** What the playground answered it has put on its stream before: a round trip on that stream comes after it. */
async function settled(stream: WebSocket): Promise<void> {
  stream.ping();
  await once(stream, 'pong');
}

async function listeningPort(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const port = /^Listening on (\d+)/.exec(line)?.[1];
    if (port === undefined) continue;
    output.resume(); // what it says later is not kept
    return port;
  }
  throw new Error('The playground did not say where it listens.');
}

async function startRelay(platform: TeamsPlatform) {
  let bot = '';
  let last: object | null = null;
  const deliver = async (activity: object) => {
    last = { ...activity, serviceUrl: platform.serviceUrl };
    return platform.post(bot, last);
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const isActivity = request.method === 'POST' && bot !== '';
      const answered = isActivity ? deliver(JSON.parse(Buffer.concat(chunks).toString()) as object) : Promise.resolve(null);
      void answered.then(async (answer) => {
        response.writeHead(answer?.status ?? 200, { 'content-type': 'application/json' }).end(await answer?.text());
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/messages`,
    setBot: (endpoint: string) => {
      bot = endpoint;
    },
    again: async () => {
      if (last === null) throw new Error('nothing was said yet');
      await platform.post(bot, last);
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

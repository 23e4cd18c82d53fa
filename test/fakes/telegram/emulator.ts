/**
 * The Bot API in memory: `telegram-test-api` keeps the messages; this adds what it lacks and our channel needs: the secret header, webhook replies,
 * long polls with offsets, limits and entity parsing, files both ways, reactions, and failures on demand. Driven through POST /control/<command>.
 * It runs in a process of its own (main.ts): its base class answers some failures by ending the process.
 */
import express, { type Request, type Response } from 'express';
import multer from 'multer';
import { setTimeout as sleep } from 'node:timers/promises';
import { TelegramServer } from 'telegram-test-api/lib/telegramServer.js';
import { ApiFailure, createMethods, shownMessages, type ApiCall, type BotCommand } from './bot-methods.js';
import type { RecordedCall, ScriptedFailure, StoredFile } from './control.js';

interface Webhook {
  readonly url: string;
  readonly secret_token?: string;
}
type WireUpdate = Readonly<Record<string, unknown>> & { readonly update_id: number };

/** The base class posts without the header and never again; this one posts as Telegram does and reads the reply. */
export class EmulatedTelegram extends TelegramServer {
  readonly files = new Map<string, StoredFile>();
  /** Commands by language. */
  readonly menus = new Map<string, readonly BotCommand[]>();
  readonly calls: RecordedCall[] = [];
  readonly failures: ScriptedFailure[] = [];
  private readonly hooks = new Map<string, Webhook>();
  private readonly pending = new Map<string, WireUpdate[]>();
  private readonly methods = createMethods(this);
  private lastUpdateId = 1000;
  private lastFile = 0;

  override setWebhook(webhook: Webhook, token: string): void {
    this.hooks.set(token, webhook);
  }

  override deleteWebhook(token: string): void {
    this.hooks.delete(token);
  }

  webhookUrl(token: string): string | undefined {
    return this.hooks.get(token)?.url;
  }

  /** Posts the update to the webhook, or keeps it for getUpdates. A given update_id is a redelivery. */
  async deliver(token: string, update: Readonly<Record<string, unknown>>): Promise<{ updateId: number; status: number | null }> {
    const given = update['update_id'];
    const updateId = typeof given === 'number' ? given : (this.lastUpdateId += 1);
    const wire = { ...update, update_id: updateId };
    const webhook = this.hooks.get(token);
    if (webhook === undefined) {
      this.pending.set(token, [...(this.pending.get(token) ?? []), wire]);
      return { updateId, status: null };
    }
    const response = await fetch(webhook.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': webhook.secret_token ?? '' },
      body: JSON.stringify(wire),
    });
    await this.runWebhookReply(token, await response.text());
    return { updateId, status: response.status };
  }

  /** https://core.telegram.org/bots/api#making-requests-when-getting-updates */
  private async runWebhookReply(token: string, body: string): Promise<void> {
    if (!body.startsWith('{')) return;
    const { method, ...payload } = JSON.parse(body) as Record<string, unknown>;
    if (typeof method === 'string') await this.perform({ token, method, payload, files: [] });
  }

  /** What is left of the queue from the offset on, waiting for the first one up to the timeout. What is before the offset is confirmed by the call, once. */
  async takeUpdates(token: string, offset: number, timeoutMs: number, isGone: () => boolean): Promise<readonly WireUpdate[]> {
    const deadline = Date.now() + timeoutMs;
    const waiting = () => (this.pending.get(token) ?? []).filter((update) => update.update_id >= offset);
    this.pending.set(token, waiting());
    for (;;) {
      const left = waiting();
      if (left.length > 0 || Date.now() >= deadline || isGone()) return left.slice(0, 100);
      await sleep(10);
    }
  }

  addFile(bytes: Buffer, name: string, sizeBytes = bytes.byteLength): string {
    const id = `file_${(this.lastFile += 1)}`;
    this.files.set(id, { bytes, path: `documents/${id}/${name}`, sizeBytes });
    return id;
  }

  async perform(call: ApiCall): Promise<unknown> {
    this.calls.push({
      method: call.method,
      payload: call.payload,
      files: call.files.map(({ field, name, bytes }) => ({ field, name, sizeBytes: bytes.byteLength })),
    });
    const method = this.methods[call.method];
    if (method === undefined) throw new ApiFailure(404, 'Not Found: method not found');
    return method(call);
  }

  reset(): void {
    this.storage = { userMessages: [], botMessages: [] };
    this.hooks.clear();
    this.pending.clear();
    this.files.clear();
    this.menus.clear();
    this.calls.length = 0;
    this.failures.length = 0;
  }
}

export function createEmulatorApp(telegram: EmulatedTelegram): express.Express {
  const app = express();
  app.use(express.json({ limit: '80mb' }), multer().any());
  app.post('/control/:command', async (request, response) => {
    response.json((await control(telegram, String(request.params['command']), request.body as Record<string, unknown>)) ?? null);
  });
  app.get('/file/:bot/*path', (request, response) => {
    const path = request.params['path'].join('/');
    const file = [...telegram.files.values()].find((candidate) => candidate.path === path);
    if (file === undefined) response.status(404).json({ ok: false, error_code: 404, description: 'Not Found' });
    else response.type('application/octet-stream').send(file.bytes);
  });
  app.post('/:bot/:method', (request, response) => answer(telegram, request, response));
  return app;
}

async function control(telegram: EmulatedTelegram, command: string, input: Record<string, unknown>): Promise<unknown> {
  switch (command) {
    case 'deliver':
      return telegram.deliver(String(input['token']), input['update'] as Record<string, unknown>);
    case 'fail':
      return telegram.failures.push(input as unknown as ScriptedFailure);
    case 'calls':
      return telegram.calls;
    case 'shown':
      return shownMessages(telegram);
    case 'add-file':
      return telegram.addFile(
        Buffer.from(String(input['base64']), 'base64'),
        String(input['name']),
        input['sizeBytes'] as number | undefined,
      );
    case 'reset':
      return telegram.reset();
    default:
      throw new Error(`There is no control command ${command}.`);
  }
}

async function answer(telegram: EmulatedTelegram, request: Request, response: Response): Promise<void> {
  const method = String(request.params['method']);
  const scripted = telegram.failures.findIndex((failure) => failure.method === method);
  const [failure] = scripted === -1 ? [] : telegram.failures.splice(scripted, 1);
  if (failure?.kind === 'cut') {
    request.socket.destroy();
    return;
  }
  try {
    if (failure !== undefined) throw new ApiFailure(failure.status, failure.description, failure.parameters);
    const token = /^bot(\d+:[\w-]+)$/.exec(String(request.params['bot']))?.[1];
    if (token === undefined || token.endsWith('revoked')) throw new ApiFailure(401, 'Unauthorized');
    const payload = (request.body ?? {}) as Record<string, unknown>;
    const uploads = Array.isArray(request.files) ? request.files : [];
    const files = uploads.map((file) => ({ field: file.fieldname, name: file.originalname, bytes: file.buffer }));
    const gone = () => request.socket.destroyed;
    const result = await telegram.perform({ token, method, payload, files, gone });
    response.json({ ok: true, result });
  } catch (thrown) {
    const { code, description, parameters } = thrown instanceof ApiFailure ? thrown : new ApiFailure(500, String(thrown));
    response.status(code).json({ ok: false, error_code: code, description, ...(parameters === undefined ? {} : { parameters }) });
  }
}

/**
 * A browser that is none: the surface of whatsapp-web.js that the channel uses, with one phone and its chats behind it. It emits what the library emits, in
 * the same order, and hands messages over as the library's Message does (`rawData`).
 */
import { EventEmitter } from 'node:events';
import type { LibraryClient, LibraryMedia, LibraryMessage, SendOptions } from '../../../channels/whatsapp-web/library.js';
import { CUSTOMER, messageModel, OWN_IDS, type MessageModel } from './models.js';

export interface SentMessage {
  readonly id: string;
  readonly chatId: string;
  text: string;
  readonly file: LibraryMedia | null;
  readonly options: SendOptions;
}

/** What stays when a browser ends: the phone, its chats, and whether a browser is linked to it. */
export class FakePhone {
  linked = true;
  readonly sent: SentMessage[] = [];
  readonly chats = new Map<string, MessageModel[]>();
  readonly files = new Map<string, LibraryMedia>();
  readonly reactions: { readonly messageId: string; readonly emoji: string }[] = [];
  readonly typing: { readonly chatId: string; readonly typing: boolean }[] = [];
  readonly seen: string[] = [];
  /** Browsers that run on this phone right now, and the most that ever did. */
  running = 0;
  mostRunning = 0;
  started = 0;
  /** Of the browser that runs. */
  browser: FakeBrowser | null = null;
  memoryBytes = 300 * 1024 * 1024;

  /** Somebody writes, whether there is a browser or not. */
  write(fields: Readonly<Record<string, unknown>>, options: { chat?: string; fromMe?: boolean } = {}): MessageModel {
    const model = messageModel(fields, options);
    this.keep(model);
    this.browser?.tell('message_create', model);
    return model;
  }

  keep(model: MessageModel): void {
    const chat = this.chats.get(model.id.remote) ?? [];
    this.chats.set(model.id.remote, [...chat, model]);
  }
}

/** How the next send fails. */
export type NextSend = { readonly throws: string } | { readonly never: true } | { readonly ack: number } | { readonly state: string };

export class FakeBrowser extends EventEmitter implements LibraryClient {
  readonly #phone: FakePhone;
  #running = false;
  #codes = 0;
  next: NextSend | null = null;
  /** Set: it does not come up. */
  fails: string | null = null;
  /** Set: it does not answer. */
  hangs = false;

  constructor(phone: FakePhone) {
    super();
    this.#phone = phone;
  }

  async initialize(): Promise<void> {
    const phone = this.#phone;
    phone.started += 1;
    if (this.fails !== null) throw new Error(this.fails);
    this.#running = true;
    phone.running += 1;
    phone.mostRunning = Math.max(phone.mostRunning, phone.running);
    phone.browser = this;
    if (phone.linked) this.become();
    else this.showCode();
  }

  /** The phone scans the code. */
  scan(): void {
    this.#phone.linked = true;
    this.become();
  }

  showCode(): void {
    this.#codes += 1;
    this.emit('qr', `2@fake${this.#codes},a2V5,aWQ=,YWR2,1`);
  }

  become(): void {
    this.emit('authenticated', undefined);
    this.emit('ready');
  }

  /** As the library: its own class around the page's model. */
  tell(event: string, model: object, ...more: readonly unknown[]): void {
    this.emit(event, { rawData: model }, ...more);
  }

  async destroy(): Promise<void> {
    this.kill();
  }

  kill(): void {
    if (!this.#running) return;
    this.#running = false;
    this.#phone.running -= 1;
    if (this.#phone.browser === this) this.#phone.browser = null;
  }

  async logout(): Promise<void> {
    this.#phone.linked = false;
    this.emit('disconnected', 'LOGOUT');
  }

  async getState(): Promise<string | null> {
    if (this.hangs) return new Promise(() => undefined);
    const { next } = this;
    if (next !== null && 'state' in next) {
      this.next = null;
      return next.state;
    }
    return this.#running ? 'CONNECTED' : null;
  }

  async requestPairingCode(phoneNumber: string): Promise<string> {
    if (!/^\d{8,15}$/.test(phoneNumber)) throw new Error('bad-request');
    this.emit('code', 'ABCD2345');
    return 'ABCD2345';
  }

  sendMessage(chatId: string, text: string, options: SendOptions): Promise<LibraryMessage | undefined> {
    return this.#send(chatId, text, null, options);
  }

  sendFile(chatId: string, file: LibraryMedia, options: SendOptions): Promise<LibraryMessage | undefined> {
    return this.#send(chatId, options.caption ?? '', file, options);
  }

  async #send(chatId: string, text: string, file: LibraryMedia | null, options: SendOptions): Promise<LibraryMessage | undefined> {
    const { next } = this;
    this.next = null;
    if (next !== null && 'throws' in next) throw new Error(next.throws);
    if (next !== null && 'never' in next) return new Promise(() => undefined);
    if (!/@(c\.us|lid|g\.us)$/.test(chatId)) return undefined;
    const model = messageModel({ body: text }, { chat: chatId, fromMe: true });
    const ack = next !== null && 'ack' in next ? next.ack : 1;
    const { _serialized: id } = model.id;
    if (ack !== -1) {
      this.#phone.keep(model);
      this.#phone.sent.push({ id, chatId, text, file, options });
      this.tell('message_create', model);
      this.tell('message_ack', model, ack);
    }
    return { ...this.#messageOf(id), ack };
  }

  async getMessageById(messageId: string): Promise<LibraryMessage | null> {
    const known = [...this.#phone.chats.values()].flat().some(({ id }) => id._serialized === messageId) || this.#phone.files.has(messageId);
    return known ? this.#messageOf(messageId) : null;
  }

  #messageOf(id: string): LibraryMessage {
    const message: LibraryMessage = {
      id: { _serialized: id },
      downloadMedia: async () => this.#phone.files.get(id),
      edit: async (text) => {
        const sent = this.#phone.sent.find((candidate) => candidate.id === id);
        if (sent === undefined) return null;
        sent.text = text;
        return message;
      },
    };
    return message;
  }

  async sendReaction(messageId: string, emoji: string): Promise<void> {
    this.#phone.reactions.push({ messageId, emoji });
  }

  async sendSeen(chatId: string): Promise<boolean> {
    this.#phone.seen.push(chatId);
    return true;
  }

  async setTyping(chatId: string, typing: boolean): Promise<void> {
    this.#phone.typing.push({ chatId, typing });
  }

  ownIds = async (): Promise<string[]> => [...OWN_IDS];

  async messagesSince(seconds: number): Promise<unknown[][]> {
    return [...this.#phone.chats.values()]
      .map((chat) => chat.filter((model) => Number(model['t']) >= seconds))
      .filter((chat) => chat.length > 0);
  }

  memoryBytes = async (): Promise<number | null> => this.#phone.memoryBytes;
  saveProfile = async (): Promise<void> => undefined;
}

export { CUSTOMER };

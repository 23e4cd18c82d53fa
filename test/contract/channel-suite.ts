/**
 * What every channel promises (src/domain/channel.ts), as tests that run for any of them against its emulator: a channel's own test file calls
 * `describeChannelContract` with a harness. A new channel is done when this passes and its payload fixtures do.
 */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Channel, ChannelRequest, Recipient, SendContext } from '../../src/domain/channel.js';
import type { ContentKind, MediaRef, OutboundContent } from '../../src/domain/content.js';
import { ChannelError, type ChannelErrorKind } from '../../src/domain/errors.js';
import { inboxIdOf } from '../../src/domain/ids.js';
import type { InboundEvent } from '../../src/domain/message.js';
import { fitContent } from '../../src/pipeline/fit-content.js';

/** A message of ours as the customer sees it: rendered, without markup. */
export interface Shown {
  readonly text: string;
  readonly buttons: readonly string[];
  readonly files: readonly string[];
  /** Titles of passages that are shown apart from the text. */
  readonly sources: readonly string[];
}

export interface OpenChannel {
  /** Fresh, started where it has `start`, in front of an empty platform. */
  readonly channel: Channel;
  /** The conversation in which `say` speaks. */
  readonly to: Recipient;
  /** The customer writes: the event that the channel made of it. */
  say(text: string): Promise<InboundEvent>;
  /** The platform delivers the last message once more. */
  sayAgain(): Promise<InboundEvent>;
  /** What the customer has in front of them, oldest first. */
  shown(): Promise<readonly Shown[]>;
  close(): Promise<void>;

  /** A request with this body that passes verification. Null for channels without `receive`. */
  readonly signed: ((body: Buffer) => ChannelRequest) | null;
  /** Makes the platform fail the next send in this way; null where it has no way to. */
  readonly failNextSend: ((kind: ChannelErrorKind) => Promise<void>) | null;
  /** How often the customer was shown that an answer is under way. */
  readonly typingShown: (() => Promise<number>) | null;
  /** A file that the customer sent; `sizeBytes` is what the platform says of it. */
  readonly customerFile: ((bytes: Buffer, sizeBytes?: number) => Promise<MediaRef>) | null;
  /** Threads of several people, as the channel names them; needed where it may write first. */
  readonly groups?: readonly string[];
  /** A small file of ours to send. */
  readonly ourFile: MediaRef | null;
  /** An emoji that the platform takes as a reaction, and how many it has. */
  readonly reactions: { readonly emoji: string; readonly count: () => Promise<number> } | null;
  /** The same channel with credentials that the platform does not know; null where it has none. */
  readonly withWrongCredentials: (() => Channel) | null;
}

export interface ChannelHarness {
  /** The keys of the channel's encoder table. */
  readonly encodedKinds: readonly string[];
  open(): Promise<OpenChannel>;
}

const EVERY_KIND: readonly ContentKind[] = ['text', 'choices', 'sources', 'image', 'file', 'list', 'card', 'template'];
const NOT_ANSWERED_BY_PLATFORM: readonly ChannelErrorKind[] = ['rate-limited', 'unavailable', 'unknown'];
const FAILURES: readonly ChannelErrorKind[] = [
  ...NOT_ANSWERED_BY_PLATFORM,
  'recipient-unreachable',
  'credentials-rejected',
  'payload-refused',
];

export function describeChannelContract(name: string, harness: ChannelHarness): void {
  describe(`channel contract: ${name}`, () => {
    let open: OpenChannel;
    beforeEach(async () => {
      open = await harness.open();
    });
    afterEach(() => open.close());

    describe('declares', () => {
      it('a name, an account and a way in', () => {
        expect(open.channel.name).toMatch(/^[a-z][a-z-]*$/);
        expect(open.channel.account).not.toBe('');
        expect('receive' in open.channel || 'start' in open.channel).toBe(true);
      });

      it('exactly the kinds of content that it encodes', () => {
        expect([...open.channel.capabilities.content].sort()).toEqual([...harness.encodedKinds].sort());
        expect(open.channel.capabilities.content).toContain('text');
      });

      it('limits that are consistent', () => {
        const { content, choices, list, card, maxTextChars, maxCaptionChars, maxUploadBytes, rate, typing } = open.channel.capabilities;
        const { drafts, edits } = open.channel.capabilities;
        expect(list !== null).toBe(content.includes('list'));
        expect(card !== null).toBe(content.includes('card'));
        expect(maxCaptionChars).toBeLessThanOrEqual(maxTextChars);
        for (const limits of [choices, list, card]) expect(limits?.maxTextChars ?? 0).toBeLessThanOrEqual(maxTextChars);
        expect(choices !== null).toBe(content.includes('choices'));
        expect(maxUploadBytes !== null).toBe(content.includes('image') || content.includes('file'));
        expect(maxTextChars).toBeGreaterThanOrEqual(100);
        expect(choices === null || (choices.max >= 1 && choices.maxLabelChars >= 10)).toBe(true);
        expect(rate.perSecond).toBeGreaterThanOrEqual(rate.perConversationPerSecond);
        expect(rate.conversationBurst).toBeGreaterThanOrEqual(1);
        expect(typing === null || typing.repeatMs > 0).toBe(true);
        expect(drafts === null || (drafts === 'streamed' ? typing !== null : edits && drafts.everyMs >= 1000)).toBe(true);
      });

      it('an optional method if and only if its flag is on', () => {
        const { capabilities, ...channel } = open.channel;
        expect({
          edit: channel.edit !== undefined,
          showTyping: channel.showTyping !== undefined,
          markRead: channel.markRead !== undefined,
          react: channel.react !== undefined,
          fetchMedia: channel.fetchMedia !== undefined,
          findSent: channel.findSent !== undefined,
          waitingTemplate: channel.waitingTemplate !== undefined,
        }).toEqual({
          edit: capabilities.edits,
          showTyping: capabilities.typing !== null,
          markRead: capabilities.readReceipts,
          react: capabilities.reactions,
          fetchMedia: capabilities.maxDownloadBytes !== null,
          findSent: capabilities.findsSent,
          waitingTemplate: capabilities.replyWindowMs !== null,
        });
      });
    });

    describe('receives', () => {
      it('what a customer writes, as plain data', async () => {
        const event = await open.say('¿Cuánto cuesta el panel de 50 mm? 👷');
        expect(event).toMatchObject({
          kind: 'message',
          channel: open.channel.name,
          account: open.channel.account,
          threadKey: open.to.threadKey,
          content: [{ kind: 'text', text: '¿Cuánto cuesta el panel de 50 mm? 👷' }],
          scope: 'direct',
          addressed: true,
        });
        expect(structuredClone(event)).toEqual(event);
      });

      it('a redelivered message under the same id, another message under another', async () => {
        const first = await open.say('hola');
        const again = await open.sayAgain();
        const second = await open.say('hola');
        expect(inboxIdOf(again)).toBe(inboxIdOf(first));
        expect(inboxIdOf(second)).not.toBe(inboxIdOf(first));
      });

      it('junk without throwing and without events', async () => {
        const { channel, signed } = open;
        expect(signed !== null).toBe('receive' in channel);
        if (signed === null) return; // it has no webhook
        const body = fc.oneof(
          fc.json().map((json) => Buffer.from(json)),
          fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        );
        await fc.assert(
          fc.asyncProperty(body, async (bytes) => {
            const received = await channel.receive?.(signed(bytes));
            expect(received?.events).toEqual([]);
            expect(received?.reply.status).toBeLessThan(500);
          }),
        );
      });

      it('nothing that is not signed', async () => {
        const { channel, signed } = open;
        if (signed === null) return; // it has no webhook
        const request = signed(Buffer.from('{}'));
        const unsigned = await channel.receive?.({ ...request, headers: { 'content-type': 'application/json' } });
        expect(unsigned).toMatchObject({ reply: { status: 401 }, events: [] });
        const wronglySigned = Object.fromEntries(Object.entries(request.headers).map(([header, value]) => [header, `${value}x`]));
        expect(await channel.receive?.({ ...request, headers: wronglySigned })).toMatchObject({ reply: { status: 401 }, events: [] });
      });
    });

    describe('sends', () => {
      it.each(EVERY_KIND)('%s, where it declares it; else it refuses it for good', async (kind) => {
        const content = sampleOf(kind, open.ourFile);
        if (!open.channel.capabilities.content.includes(kind)) {
          await expectFailure(open.channel.send(open.to, content, context()), 'payload-refused', 'never');
          expect(await open.shown()).toEqual([]);
          return;
        }
        const receipt = await open.channel.send(open.to, content, context());
        expect(receipt.platformMessageId === null || receipt.platformMessageId !== '').toBe(true);
        const [shown] = await open.shown();
        expect(shown).toMatchObject(expectedOf(content));
      });

      it('text as it is meant, whatever characters it holds', async () => {
        const text = 'a < b & c > d, "e" \'f\' 50 mm² 👷🏽‍♀️ مرحبا &amp; <script>';
        await open.channel.send(open.to, { kind: 'text', markdown: text.replaceAll('&amp;', '\\&amp;') }, context());
        expect((await open.shown()).map((shown) => shown.text.trim().replaceAll('\\&', '&'))).toEqual([text]);
      });

      it('the longest text that it declares', async () => {
        const text = '<&>👷 '.repeat(open.channel.capabilities.maxTextChars).slice(0, open.channel.capabilities.maxTextChars - 1);
        await open.channel.send(open.to, { kind: 'text', markdown: `${text}.` }, context());
        expect(await open.shown()).toHaveLength(1);
      });

      it('in order all parts of what was too long for one message', async () => {
        const words = Array.from({ length: open.channel.capabilities.maxTextChars / 4 }, (_, index) => `palabra${index}`);
        const parts = fitContent([{ kind: 'text', markdown: words.join(' ') }], open.channel.capabilities);
        expect(parts.length).toBeGreaterThan(1);
        for (const part of parts) await open.channel.send(open.to, part, context());
        const shown = (await open.shown()).map((message) => message.text).join(' ');
        expect(shown.split(/\s+/)).toEqual(words);
      });

      it.each(FAILURES)('with a ChannelError that says what to do when the platform fails: %s', async (kind) => {
        if (open.failNextSend === null) return;
        await open.failNextSend(kind);
        const send = open.channel.send(open.to, { kind: 'text', markdown: 'Hola' }, context());
        await expectFailure(send, kind, NOT_ANSWERED_BY_PLATFORM.includes(kind) ? 'later' : 'never');
        await open.channel.send(open.to, { kind: 'text', markdown: 'Hola' }, context());
        expect((await open.shown()).at(-1)?.text).toBe('Hola');
      });
    });

    describe('where it declares them', () => {
      it('shows that an answer is under way', async () => {
        if (open.channel.showTyping === undefined) return;
        await open.channel.showTyping(open.to, { kind: 'started' });
        await open.channel.showTyping(open.to, { kind: 'stopped' });
        expect(await open.typingShown?.()).toBe(1);
      });

      it('changes a message it sent, and takes a change to the same as done', async () => {
        if (open.channel.edit === undefined) return;
        const { platformMessageId } = await open.channel.send(open.to, { kind: 'text', markdown: 'antes' }, context());
        for (let time = 0; time < 2; time += 1) {
          await open.channel.edit(open.to, platformMessageId ?? '', { kind: 'text', markdown: '**después**' });
          expect((await open.shown()).map((shown) => shown.text)).toEqual(['después']);
        }
      });

      it('has an answer take the place of its draft, with its buttons', async () => {
        const { capabilities } = open.channel;
        if (capabilities.drafts === null || capabilities.drafts === 'streamed') return;
        const draft = { ...context(), key: 'draft:1', last: false };
        const { platformMessageId } = await open.channel.send(open.to, { kind: 'text', markdown: 'Puedes devolverlo' }, draft);
        await open.channel.edit?.(open.to, platformMessageId ?? '', { kind: 'text', markdown: 'Puedes devolverlo [1]. En 30 días' });
        const whole = { kind: 'text', markdown: 'Puedes devolverlo [1]. En **30 días** [1].' } as const;
        const [answer] = fitContent([whole, sampleOf('choices', null)], capabilities);
        await open.channel.edit?.(open.to, platformMessageId ?? '', answer ?? whole);
        const shown = await open.shown();
        expect(shown).toHaveLength(1);
        expect(shown[0]?.text).toMatch(/^Puedes devolverlo \[1\]\. En 30 días \[1\]\./);
        expect(shown[0]?.buttons).toEqual(['Panel 30 mm', 'Panel 50 mm']);
      });

      it('reacts to a message', async () => {
        if (open.channel.react === undefined) return;
        const event = await open.say('gracias');
        await open.channel.react(open.to, platformMessageIdOf(event), open.reactions?.emoji ?? '👍');
        expect(await open.reactions?.count()).toBe(1);
      });

      it('may write first to one person, never to a group', () => {
        const { channel } = open;
        if (channel.mayWriteFirst === undefined) return;
        expect(channel.mayWriteFirst(open.to.threadKey)).toBe(true);
        expect(open.groups?.length).toBeGreaterThan(0);
        expect(open.groups?.filter((threadKey) => channel.mayWriteFirst?.(threadKey))).toEqual([]);
      });

      it('fetches what a customer sent, up to its limit', async () => {
        const { channel, customerFile } = open;
        expect(customerFile !== null).toBe('fetchMedia' in channel);
        if (customerFile === null) return; // it fetches nothing
        const bytes = Buffer.from([0, 255, 13, 10, 26, 128]);
        expect((await channel.fetchMedia?.(await customerFile(bytes)))?.bytes).toEqual(bytes);
        const tooLarge = await customerFile(bytes, (channel.capabilities.maxDownloadBytes ?? 0) + 1);
        await expectFailure(channel.fetchMedia?.(tooLarge), 'payload-refused', 'never');
      });
    });

    it('tells whether its credentials work', async () => {
      await expect(open.channel.checkHealth()).resolves.toBeUndefined();
      if (open.withWrongCredentials === null) return;
      await expectFailure(open.withWrongCredentials().checkHealth(), 'credentials-rejected', 'never');
    });
  });
}

let sends = 0;
/** Each send is a message of its own. */
function context(): SendContext {
  sends += 1;
  const place = { order: sends, after: 0, answers: [] };
  return { key: `out_${sends}`, messageId: `msg_${sends}`, replyTo: null, part: 0, last: true, place, answer: null };
}

const platformMessageIdOf = (event: InboundEvent) => ('platformMessageId' in event ? event.platformMessageId : '');

async function expectFailure(call: Promise<unknown> | undefined, kind: ChannelErrorKind, retry: 'never' | 'later'): Promise<void> {
  const thrown: unknown = await call?.then(
    () => null,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(ChannelError);
  const error = thrown as ChannelError;
  expect(error.kind).toBe(kind);
  expect(error.retry === 'never' ? 'never' : 'later').toBe(retry);
  if (kind === 'rate-limited') expect(error.retry).toEqual({ afterMs: expect.any(Number) });
}

function sampleOf(kind: ContentKind, file: MediaRef | null): OutboundContent {
  const media = file ?? { id: 'file', filename: 'plano.pdf', contentType: 'application/pdf', sizeBytes: 10 };
  const metadata = { source: 'guia.md', title: 'Guía de instalación', document_id: 'doc_1', chunk_id: 'chunk_1' };
  switch (kind) {
    case 'text':
      return { kind, markdown: 'Hola, **Ana**' };
    case 'choices':
      return { kind, markdown: '¿Cuál?', choices: [30, 50].map((mm) => ({ id: `panel-${mm}`, label: `Panel ${mm} mm` })) };
    case 'sources':
      return { kind, sources: [{ content: 'Un pasaje', metadata, relevance_score: 0.9, rank: 1 }], language: 'es' };
    case 'image':
    case 'file':
      return { kind, file: media, caption: 'El plano' };
    case 'list':
      return {
        kind,
        markdown: '¿Cuál?',
        openLabel: 'Ver paneles',
        items: [30, 50].map((mm) => ({ id: `panel-${mm}`, label: `Panel ${mm} mm`, description: `${mm} mm de espesor` })),
      };
    case 'card':
      return {
        kind,
        title: 'Panel PIR',
        markdown: 'Para **cubiertas**',
        image: null,
        facts: [{ label: 'Precio', value: '12,50 €/m²' }],
        link: { label: 'Ficha', url: 'https://example.com/pir' },
        choices: [{ id: 'pedir', label: 'Pedir' }],
      };
    case 'template':
      return { kind, name: 'reply_waiting', language: 'es', parameters: ['T-1'], markdown: 'Tenemos una respuesta para su caso T-1.' };
  }
}

/** What the customer sees of a sample, at the least. Bold may be shown as bold or as it was written. */
function expectedOf(content: OutboundContent): object {
  switch (content.kind) {
    case 'text':
      return { text: expect.stringMatching(/^Hola, (Ana|\*\*Ana\*\*)$/) };
    case 'choices':
      return { text: content.markdown, buttons: content.choices.map((choice) => choice.label) };
    case 'sources':
      return { sources: content.sources.map((source) => source.metadata.title) };
    case 'image':
    case 'file':
      return { text: content.caption, files: [expect.any(String)] };
    case 'list':
      return { text: content.markdown, buttons: content.items.map((item) => item.label) };
    case 'card':
      return {
        text: expect.stringMatching(/^Panel PIR[^]*Para cubiertas[^]*Precio[^]*12,50 €\/m²/),
        buttons: expect.arrayContaining(content.choices.map((choice) => choice.label)),
      };
    case 'template':
      return { text: content.markdown };
  }
}

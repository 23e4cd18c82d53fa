/** Customers ask for a copy of their conversation: by button, by command, in words; as a document where the channel takes one. */
import { describe, expect, it } from '@jest/globals';
import type { Attachment } from '../../../src/domain/attachment.js';
import type { ChannelCapabilities } from '../../../src/domain/channel.js';
import type { InboundContent } from '../../../src/domain/content.js';
import { asksForTranscript } from '../../../src/pipeline/match-choice.js';
import { compose } from '../../../src/pipeline/compose.js';
import { contentStep } from '../../../src/pipeline/steps/content.js';
import { transcriptStep } from '../../../src/pipeline/steps/transcript.js';
import type { Turn } from '../../../src/pipeline/turn.js';
import { capabilities as telegram } from '../../../channels/telegram/capabilities.js';
import { createRecordingChannel } from '../../fakes/recording-channel.js';
import { AT, turn } from '../../fixtures/turns.js';

const closed = { ticketId: 'T-00000001', note: null, closedAt: AT, survey: 'score' as const };

interface Asked {
  readonly content: readonly InboundContent[];
  readonly conversation?: NonNullable<Parameters<typeof turn>[0]>['conversation'];
  readonly event?: NonNullable<Parameters<typeof turn>[0]>['event'];
  readonly change?: Partial<Turn>;
  readonly capabilities?: ChannelCapabilities;
  readonly said?: string;
}

async function ask({ content, conversation = {}, event = {}, change = {}, capabilities = telegram, said = 'Cliente: hola' }: Asked) {
  const kept: { attachment: Attachment; bytes: Buffer }[] = [];
  const threads: string[] = [];
  const step = transcriptStep({
    attachments: { save: async (attachment, bytes) => void kept.push({ attachment, bytes }) },
    channelOf: () => ({ ...createRecordingChannel(), capabilities }),
    transcripts: {
      async textOf(threadIds) {
        threads.push(...threadIds);
        return said;
      },
      pdfOf: async (title, text) => Buffer.from(`${title}\n${text}`),
      zone: 'Europe/Madrid',
    },
  });
  const state = turn({ event: { content, ...event }, conversation, turn: change });
  await compose([contentStep, step], () => undefined)(state);
  return { answer: state.answer, kept, threads };
}

const text = (words: string): InboundContent[] => [{ kind: 'text', text: words }];
const button: InboundContent[] = [{ kind: 'choice', id: 'transcript', label: 'Copia de la conversación' }];

describe('a copy of the conversation', () => {
  it('is a document where the channel takes one, of this session and of that in which the case was closed', async () => {
    const lastCase = { ...closed, threadId: 'thread_0' };
    const { answer, kept, threads } = await ask({ content: button, conversation: { lastCase } });
    expect(threads).toEqual(['thread_0', 'thread_1']);
    expect(kept).toHaveLength(1);
    expect(kept[0]?.bytes.toString()).toBe('Conversación T-00000001 · horas de Europe/Madrid\nCliente: hola');
    expect(kept[0]?.attachment).toMatchObject({ conversationId: 'conv_1', threadId: 'thread_1', contentType: 'application/pdf' });
    const id = kept[0]?.attachment.id;
    expect(answer).toMatchObject({ outcome: 'noted', files: [{ id, filename: 'conversacion-T-00000001.pdf' }] });
    expect(answer?.markdown).toContain('copia de nuestra conversación');
    // Its survey is still open.
    expect(answer?.choices.map((choice) => choice.id)).toEqual(['rate:1', 'rate:2', 'rate:3', 'rate:4', 'rate:5']);
    expect((await ask({ content: button, conversation: { lastCase } })).kept[0]?.attachment.id).toBe(id);
  });

  it.each([
    ['the channel takes no documents', { content: button, capabilities: createRecordingChannel().capabilities }],
    ['text is asked for', { content: text('/transcripción texto') }],
    ['the document is too large', { content: button, capabilities: { ...telegram, maxUploadBytes: 10 } }],
  ])('is text where %s', async (_why, asked) => {
    const { answer, kept } = await ask(asked);
    expect(kept).toEqual([]);
    expect(answer?.files).toBeUndefined();
    expect(answer?.markdown).toBe('Copia de nuestra conversación (horas de Europe/Madrid):\n\nCliente: hola');
  });

  it('has the newest lines where it is text and long', async () => {
    const said = Array.from({ length: 1000 }, (_, index) => `Cliente: mensaje ${index}`).join('\n');
    const { answer } = await ask({ content: text('/transcript text'), said });
    expect(answer?.markdown).toContain('…\n\nCliente: mensaje ');
    expect(answer?.markdown).toMatch(/Cliente: mensaje 999$/);
    expect(answer?.markdown.length).toBeLessThan(15_000);
  });

  it('can be had by its number under the closing message, where a channel has no buttons', async () => {
    expect((await ask({ content: text('6'), conversation: { lastCase: closed } })).answer?.files).toHaveLength(1);
    expect((await ask({ content: text('5'), conversation: { lastCase: closed } })).answer).toBeNull();
    expect((await ask({ content: text('6'), conversation: { lastCase: { ...closed, survey: null } } })).answer).toBeNull();
  });

  it('is given by command while people have the case; words go to them', async () => {
    const held = { status: 'human', ticketId: 'T-00000002' } as const;
    const { answer } = await ask({ content: text('/transcript'), conversation: held });
    expect(answer).toMatchObject({ files: [{ filename: 'conversacion-T-00000002.pdf' }], choices: [] });
    expect((await ask({ content: text('mándame la transcripción'), conversation: held })).answer).toBeNull();
  });

  it('is not given to a group, and not of nothing', async () => {
    expect((await ask({ content: text('/transcript'), event: { scope: 'group', addressed: true } })).answer?.markdown).toContain(
      'en privado',
    );
    expect((await ask({ content: text('/transcript'), said: '' })).answer?.markdown).toContain('no hay conversación');
  });

  it.each([
    'mándame la transcripción de esta conversación, por favor',
    'Quiero una copia del chat',
    '¿Me puedes enviar una copia de la conversación?',
    'transcripción',
    'Could I have the transcript?',
    'please send me a copy of this conversation',
  ])('is asked for in words: %s', (words) => expect(asksForTranscript(words)).toBe(true));

  it.each([
    'no quiero la transcripción',
    'tengo la transcripción de un audio de vuestro comercial',
    'quiero una copia de la factura',
    'I do not need a transcript',
    'hablar con una persona',
  ])('is not asked for by: %s', (words) => expect(asksForTranscript(words)).toBe(false));
});

/** Files on WhatsApp, against the emulated Graph API: those of customers in two hops and from nowhere else, those of ours stored with Meta and shown as what they are. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { WhatsAppSettings } from '../../../channels/whatsapp-cloud/config.js';
import type { SendContext } from '../../../src/domain/channel.js';
import type { MediaRef, OutboundContent } from '../../../src/domain/content.js';
import { openWhatsApp, type OpenWhatsApp } from '../../fakes/whatsapp/harness.js';

const context: SendContext = { key: 'out_1', messageId: 'msg_1', replyTo: null, part: 0, last: true, answer: null };

let open: OpenWhatsApp;
const start = async (settings: Partial<WhatsAppSettings> = {}): Promise<void> => {
  open = await openWhatsApp(settings);
};
beforeEach(() => start());
afterEach(() => open.close());

const send = (content: OutboundContent) => open.channel.send(open.to, content, context);
const lastSent = () => open.graph.state.sent.at(-1)?.body;

describe('files of customers', () => {
  const fetchFile = (id: string) => open.channel.fetchMedia?.({ id, filename: null, contentType: null, sizeBytes: null });
  const BYTES = Buffer.from('%PDF-1.7 \u0000 plano');

  it('come in two hops, with their type', async () => {
    const id = open.graph.addFile(BYTES, { contentType: 'application/pdf' });
    expect(await fetchFile(id)).toEqual({ bytes: BYTES, contentType: 'application/pdf' });
    expect(open.graph.state.calls.map(({ path }) => path).slice(-2)).toEqual([id, '/whatsapp_business/attachments/']);
  });

  it('are checked against their digest, in hex or base64', async () => {
    const wrong = '0'.repeat(64);
    await expect(fetchFile(open.graph.addFile(BYTES, { sha256: wrong }))).rejects.toMatchObject({ kind: 'unavailable' });
    const base64 = Buffer.from(open.graph.state.files.get(open.graph.addFile(BYTES))?.sha256 ?? '', 'hex').toString('base64');
    expect((await fetchFile(open.graph.addFile(BYTES, { sha256: base64 })))?.bytes).toEqual(BYTES);
  });

  it.each([
    ['another host', 'https://evil.example/whatsapp_business/attachments/?mid=1'],
    ['a host that looks like Meta’s', 'https://lookaside.fbsbx.com.evil.example/?mid=1'],
    ['Meta’s host in the clear', 'http://lookaside.fbsbx.com/?mid=1'],
    ['this machine, by another port', 'http://127.0.0.1:1/?mid=1'],
    ['a file of this machine', 'file:///etc/passwd'],
  ])('are not fetched from %s, and the token does not go there', async (_what, url) => {
    await expect(fetchFile(open.graph.addFile(BYTES, { url }))).rejects.toMatchObject({ kind: 'payload-refused', retry: 'never' });
  });

  it.each(['../debug_token', 'a/b', '', '.', '1?fields=x'])('%j is no id of a file', async (id) => {
    await expect(fetchFile(id)).rejects.toMatchObject({ kind: 'payload-refused' });
    expect(open.graph.state.calls).toEqual([]);
  });

  it('that are gone, or whose address is too old, are refused', async () => {
    await expect(fetchFile('123')).rejects.toMatchObject({ kind: 'payload-refused' });
    open.graph.failNext({ kind: 'answer', status: 404, text: '', path: '/whatsapp_business/' });
    await expect(fetchFile(open.graph.addFile(BYTES))).rejects.toMatchObject({ kind: 'payload-refused' });
  });
});

describe('files of ours', () => {
  const file = (filename: string | null, id = 'att_1'): MediaRef => ({ id, filename, contentType: null, sizeBytes: null });
  const withFile = async (contentType: string, bytes = Buffer.from('bytes')) => {
    await open.close();
    await start({ loadFile: async () => ({ bytes, contentType }) });
  };

  it('are stored with Meta and shown as what they are', async () => {
    const shown: [string, string, OutboundContent][] = [
      ['image/jpeg', 'image', { kind: 'file', file: file('cubierta.jpg'), caption: 'La cubierta' }],
      ['video/mp4', 'video', { kind: 'file', file: file('obra.mp4'), caption: 'La obra' }],
      ['audio/ogg', 'audio', { kind: 'file', file: file('nota.ogg'), caption: '' }],
      ['application/pdf', 'document', { kind: 'image', file: file('plano.pdf'), caption: 'El plano' }],
      ['text/csv', 'document', { kind: 'file', file: file('precios.csv'), caption: '' }],
    ];
    for (const [contentType, type, content] of shown) {
      await withFile(contentType);
      await send(content);
      const body = lastSent();
      expect(body).toMatchObject({ type });
      expect(Object.keys(body?.[type] as object).sort()).toEqual(
        ['id', ...('caption' in content && content.caption !== '' ? ['caption'] : []), ...(type === 'document' ? ['filename'] : [])].sort(),
      );
    }
  });

  it('stand at the head of a card, as a document where they are no picture', async () => {
    const card: OutboundContent = {
      kind: 'card',
      title: 'Panel PIR',
      markdown: 'Para cubiertas',
      image: file('pir.jpg'),
      facts: [],
      link: { label: 'Ficha', url: 'https://example.com/pir' },
      choices: [],
    };
    for (const [contentType, type] of [
      ['image/jpeg', 'image'],
      ['image/webp', 'document'],
    ] as const) {
      await withFile(contentType);
      await send(card);
      expect(lastSent()).toMatchObject({ interactive: { type: 'cta_url', header: { type, [type]: { id: expect.any(String) } } } });
      expect(await open.shown()).toMatchObject([{ text: 'Panel PIR\n\nPara cubiertas', buttons: ['Ficha'], files: ['pir.jpg'] }]);
    }
    await send({ ...card, image: file(null, 'https://example.com/pir.jpg') });
    expect(lastSent()).toMatchObject({ interactive: { header: { type: 'image', image: { link: 'https://example.com/pir.jpg' } } } });
  });

  it('of kinds that WhatsApp does not take are refused for good', async () => {
    await withFile('application/x-msdownload');
    await expect(send({ kind: 'file', file: file('a.exe'), caption: '' })).rejects.toMatchObject({ kind: 'payload-refused' });
    await withFile('image/jpeg', Buffer.alloc(5 * 1024 * 1024 + 1));
    await expect(send({ kind: 'image', file: file('a.jpg'), caption: '' })).rejects.toMatchObject({ kind: 'payload-refused' });
  });

  it('whose storing was cut have certainly not been shown', async () => {
    open.graph.failNext({ kind: 'cut', accepted: false, path: '/media' });
    await expect(send({ kind: 'file', file: file('plano.pdf'), caption: '' })).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await open.shown()).toEqual([]);
  });

  it('cannot be read, or by nobody', async () => {
    await open.close();
    await start({ loadFile: async () => Promise.reject(new Error('gone')) });
    await expect(send({ kind: 'file', file: file('plano.pdf'), caption: '' })).rejects.toMatchObject({ kind: 'payload-refused' });
  });

  it('that Meta has already go out by their id', async () => {
    const id = open.graph.addFile(Buffer.from('x'), { contentType: 'image/png' });
    await send({ kind: 'image', file: { id, filename: null, contentType: 'image/png', sizeBytes: 1 }, caption: '' });
    expect(lastSent()).toMatchObject({ type: 'image', image: { id } });
  });
});

/** Content as messages of the Cloud API: WhatsApp's marks, limits, buttons, lists, cards, templates; each checked against Meta's OpenAPI file. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { capabilities } from '../../../channels/whatsapp-cloud/capabilities.js';
import { renderText } from '../../../channels/shared/whatsapp-markup.js';
import { encode, encoders } from '../../../channels/whatsapp-cloud/encode.js';
import { mediaTypeOf } from '../../../channels/whatsapp-cloud/media.js';
import type { Card, OutboundContent } from '../../../src/domain/content.js';
import { fitContent } from '../../../src/pipeline/fit-content.js';
import { asSeen } from '../../fakes/whatsapp/markup.js';
import { problemWith, sentExamples, webhookExamples } from '../../fakes/whatsapp/meta-schema.js';

const render = (markdown: string) => renderText(markdown, capabilities.maxTextChars);
const card: Card = {
  kind: 'card',
  title: 'Panel PIR',
  markdown: 'Para **cubiertas**',
  image: null,
  facts: [{ label: 'Precio', value: '12,50 €/m²' }],
  link: { label: 'Ficha', url: 'https://example.com/pir' },
  choices: [],
};
const MEGABYTE = 1024 * 1024;

/** As it would be sent. */
function sent(content: OutboundContent): object {
  const message = encode(content);
  if (message === null || message.type === 'media') throw new Error('not encoded, or a file');
  const addressed = { messaging_product: 'whatsapp', recipient_type: 'individual', to: '16505551234' };
  return message.type === 'interactive'
    ? { ...addressed, type: message.type, interactive: message.interactive }
    : { ...addressed, ...message };
}

describe('WhatsApp’s marks', () => {
  it.each([
    ['**negrita** y __negrita__', '*negrita* y *negrita*'],
    ['*cursiva* y _cursiva_', '_cursiva_ y _cursiva_'],
    ['~~tachado~~', '~tachado~'],
    ['`código`', '`código`'],
    ['```ts\nconst a = 1;\nconst b = 2;\n```', '```const a = 1;\nconst b = 2;```'],
    ['[Ficha](https://example.com/a)', 'Ficha (https://example.com/a)'],
    ['https://example.com/a', 'https://example.com/a'],
    ['# Título\n\ntexto', '*Título*\n\ntexto'],
    ['# **Título**', '*Título*'],
    ['- uno\n- dos\n  - tres', '• uno\n• dos\n  • tres'],
    ['1. uno\n2. dos', '1. uno\n2. dos'],
    ['> una cita\n> de dos líneas', '> una cita\n> de dos líneas'],
    ['**dos\nlíneas**', '*dos*\n*líneas*'],
    ['***ambas***', '_*ambas*_'],
    ['| a | b |\n|---|---|\n| 1 | 2 |', '*a | b*\n1 | 2'],
    ['2 \\* 3 \\* 4', '2 * 3 * 4'],
  ])('%j is written %j', (markdown, written) => {
    expect(render(markdown)).toBe(written);
  });

  it('are seen as what they mean', () => {
    expect(asSeen(render('**Hola**, _Ana_: `npm`, ~~no~~\n\n> cita'))).toBe('Hola, Ana: npm, no\n\ncita');
  });

  it('never make a text longer than a message may be', () => {
    const words = fc.constantFrom(
      '**a**',
      '_b_',
      '`c`',
      '- d\n',
      '> e\n',
      '1. f\n',
      '# g\n',
      '|a|b|\n|-|-|\n|c|d|\n',
      'palabra',
      '\n\n',
      ' ',
      '```\n',
      '[x](https://e.es)',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 60 }), fc.integer({ min: 1, max: 200 }), (parts, spare) => {
        const markdown = parts.join('');
        const limit = markdown.length + (spare % 3);
        expect(renderText(markdown, limit).length).toBeLessThanOrEqual(Math.max(limit, markdown.length));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('messages', () => {
  it('show a preview where there is an address', () => {
    expect(encode({ kind: 'text', markdown: 'Vea https://example.com' })).toMatchObject({ text: { preview_url: true } });
    expect(encode({ kind: 'text', markdown: 'Hola' })).toMatchObject({ text: { preview_url: false } });
  });

  it('with choices have reply buttons whose titles differ', () => {
    const choices = ['Panel sándwich de cubierta 30', 'Panel sándwich de cubierta 50'].map((label, index) => ({ id: `p${index}`, label }));
    const [fitted] = fitContent([{ kind: 'choices', markdown: '¿Cuál?', choices }], capabilities);
    expect(fitted).toBeDefined();
    const message = sent(fitted as OutboundContent);
    expect(problemWith('message', message)).toBeNull();
    expect(message).toMatchObject({
      interactive: {
        type: 'button',
        body: { text: '¿Cuál?\n\n1. Panel sándwich de cubierta 30\n2. Panel sándwich de cubierta 50' },
        action: {
          buttons: [{ reply: { id: 'p0', title: '1. Panel sándwich de' } }, { reply: { id: 'p1', title: '2. Panel sándwich de' } }],
        },
      },
    });
  });

  it('with more choices than buttons are lists, of up to 10 rows', () => {
    const choices = Array.from({ length: 10 }, (_, index) => ({ id: `c${index}`, label: `Opción ${index}` }));
    const [fitted] = fitContent([{ kind: 'choices', markdown: '¿Cuál?', choices }], capabilities);
    const message = sent(fitted as OutboundContent);
    expect(problemWith('message', message)).toBeNull();
    expect(message).toMatchObject({
      interactive: { type: 'list', action: { button: 'Ver opciones', sections: [{ rows: { length: 10 } }] } },
    });
  });

  it('cut the words on the button of a list between characters', () => {
    const items = [{ id: 'a', label: 'A', description: null }];
    const message = sent({ kind: 'list', markdown: '¿Cuál?', openLabel: `${'x'.repeat(19)}👷`, items });
    expect(message).toMatchObject({ interactive: { action: { button: 'x'.repeat(19) } } });
  });

  it('that are cards have a link button, or reply buttons and the link in the text', () => {
    const withLink = sent(card);
    expect(problemWith('message', withLink)).toBeNull();
    expect(withLink).toMatchObject({
      interactive: {
        type: 'cta_url',
        body: { text: '*Panel PIR*\n\nPara *cubiertas*\n\n• Precio: 12,50 €/m²' },
        action: { name: 'cta_url', parameters: { display_text: 'Ficha', url: 'https://example.com/pir' } },
      },
    });
    const withButtons = sent({ ...card, choices: [{ id: 'pedir', label: 'Pedir' }] });
    expect(problemWith('message', withButtons)).toBeNull();
    expect(withButtons).toMatchObject({
      interactive: { type: 'button', body: { text: expect.stringContaining('Ficha (https://example.com/pir)') } },
    });
  });

  it('that are cards say in full what a button cuts, and what it cannot open', () => {
    const label = 'Ficha técnica del fabricante';
    expect(sent({ ...card, link: { label, url: 'https://example.com/pir' } })).toMatchObject({
      interactive: {
        body: { text: expect.stringContaining(`${label} (https://`) },
        action: { parameters: { display_text: label.slice(0, 20).trim() } },
      },
    });
    expect(sent({ ...card, link: { label: 'Llamar', url: 'tel:+34600000001' } })).toMatchObject({
      type: 'text',
      text: { body: expect.stringContaining('Llamar') },
    });
  });

  it('that are cards with nothing to press are a picture with a caption, or a text', () => {
    const image = { id: 'https://example.com/pir.jpg', filename: null, contentType: 'image/jpeg', sizeBytes: null };
    expect(encode({ ...card, image, link: null })).toMatchObject({
      type: 'media',
      isImage: true,
      caption: expect.stringContaining('*Panel PIR*'),
    });
    expect(encode({ ...card, link: null })).toMatchObject({ type: 'text' });
  });

  it('that are templates carry parameters on one line', () => {
    const message = sent({ kind: 'template', name: 'reply_waiting', language: 'es', parameters: ['T-1\n (urgente)'], markdown: '' });
    expect(problemWith('message', message)).toBeNull();
    expect(message).toMatchObject({ template: { components: [{ type: 'body', parameters: [{ type: 'text', text: 'T-1 (urgente)' }] }] } });
    expect(sent({ kind: 'template', name: 'order_ready', language: 'en_US', parameters: [], markdown: '' })).toEqual(
      expect.objectContaining({ template: { name: 'order_ready', language: { policy: 'deterministic', code: 'en_US' } } }),
    );
  });

  it('are made of the declared kinds', () => {
    expect(Object.keys(encoders).sort()).toEqual([...capabilities.content].sort());
    expect(encode({ kind: 'sources', sources: [], language: 'es' })).toBeNull();
  });
});

describe('files', () => {
  it.each([
    ['image/jpeg', 5 * MEGABYTE, '', 'image'],
    ['image/png', 5 * MEGABYTE + 1, '', 'document'],
    ['image/webp', 10, '', 'document'],
    ['video/mp4', 16 * MEGABYTE, 'La obra', 'video'],
    ['video/mp4', 16 * MEGABYTE + 1, '', 'document'],
    ['audio/ogg; codecs=opus', 10, '', 'audio'],
    ['audio/mpeg', 10, 'Con texto', 'document'],
    ['application/pdf', 10, '', 'document'],
    [null, 10, '', 'document'],
  ])('%s of %d bytes, captioned %j, goes out as %s', (contentType, sizeBytes, caption, type) => {
    expect(mediaTypeOf({ contentType, sizeBytes }, caption)).toBe(type);
  });
});

describe('the schemas that messages are checked against', () => {
  /** Meta's own examples that its schemas refuse: no `policy` or `recipient_type`, wrong types, kinds that the schemas lack. */
  const known = (examples: Record<string, { value: unknown }>, what: 'message' | 'webhook') =>
    Object.entries(examples).filter(([, { value }]) => problemWith(what, value) !== null);

  it('take Meta’s own examples of webhooks', () => {
    expect(known(webhookExamples, 'webhook').map(([name]) => name)).toEqual([
      'Group Create Message',
      'Group Settings Update',
      'Group Remove Participants',
    ]);
  });

  it('take Meta’s own examples of messages of the kinds that are sent here', () => {
    const refused = known(sentExamples, 'message').map(([name]) => name);
    const ours = Object.keys(sentExamples).filter((name) =>
      /^Send (Reply to )?(Text|Image|Document|Video|Audio|List|Reply Button|Reply with Reaction)\b/.test(name),
    );
    expect(ours.length).toBeGreaterThan(15);
    expect(refused.filter((name) => ours.includes(name))).toEqual([
      // These have lost their type.
      'Send Reply to List Message',
      'Send Text Message with Preview URL',
    ]);
  });

  it.each([
    ['a property that there is not', { type: 'text', text: { body: 'a' }, colour: 'red' }],
    ['a text of the wrong type', { type: 'text', text: { body: 7 } }],
    ['a caption that is too long', { type: 'image', image: { id: '1', caption: 'x'.repeat(1025) } }],
    ['a file by id and by address', { type: 'image', image: { id: '1', link: 'https://a' } }],
    [
      'four buttons',
      {
        type: 'interactive',
        interactive: {
          type: 'button',
          body: { text: 'a' },
          action: { buttons: Array.from({ length: 4 }, (_, index) => ({ type: 'reply', reply: { id: `${index}`, title: `${index}` } })) },
        },
      },
    ],
  ])('refuse %s', (_what, message) => {
    expect(problemWith('message', { messaging_product: 'whatsapp', recipient_type: 'individual', to: '1', ...message })).not.toBeNull();
  });
});

/**
 * The matrix of rich elements and channels: each element as each platform gets it, fitted and encoded, beside the test as golden files
 * (`test/fixtures/rich/<channel>.json`). After a change that is meant: `UPDATE_GOLDEN=1 npm run jest -- test/unit/channels/rich-content.test.ts`,
 * and read the difference. That no word is lost on the way is checked for each of them, whatever the golden file says.
 */
import { describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { capabilities as slack } from '../../../channels/slack/capabilities.js';
import { encode as encodeForSlack } from '../../../channels/slack/encode.js';
import { capabilities as teams } from '../../../channels/teams/capabilities.js';
import { encode as encodeForTeams } from '../../../channels/teams/encode.js';
import { capabilities as telegram } from '../../../channels/telegram/capabilities.js';
import { encode as encodeForTelegram } from '../../../channels/telegram/encode.js';
import { capabilities as web } from '../../../channels/web/capabilities.js';
import { buttonsOf, encodeSend } from '../../../channels/web/encode.js';
import { capabilities as whatsapp } from '../../../channels/whatsapp-cloud/capabilities.js';
import { encode as encodeForWhatsApp } from '../../../channels/whatsapp-cloud/encode.js';
import { capabilities as whatsappWeb } from '../../../channels/whatsapp-web/capabilities.js';
import { encode as encodeForWhatsAppWeb } from '../../../channels/whatsapp-web/encode.js';
import type { ChannelCapabilities } from '../../../src/domain/channel.js';
import type { MediaRef, OutboundContent } from '../../../src/domain/content.js';
import { fitContent } from '../../../src/pipeline/fit-content.js';

const encodeForWeb = (content: OutboundContent) =>
  encodeSend(content, { messageId: 'msg_1', part: 0, last: true, answer: null }, buttonsOf(content));
/** A card is put together once its picture is loaded. */
function encodeWithPicture(content: OutboundContent): unknown {
  const message = encodeForTeams(content);
  return message?.kind === 'card' ? message.activityWith(message.image?.id ?? null) : message;
}

const CHANNELS: Readonly<Record<string, { capabilities: ChannelCapabilities; encode: (content: OutboundContent) => unknown }>> = {
  web: { capabilities: web, encode: encodeForWeb },
  telegram: { capabilities: telegram, encode: encodeForTelegram },
  slack: { capabilities: slack, encode: encodeForSlack },
  teams: { capabilities: teams, encode: encodeWithPicture },
  'whatsapp-cloud': { capabilities: whatsapp, encode: encodeForWhatsApp },
  'whatsapp-web': { capabilities: whatsappWeb, encode: encodeForWhatsAppWeb },
};

const text = (markdown: string): OutboundContent => ({ kind: 'text', markdown });
const labelled = (count: number, label: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => ({ id: `choice-${index + 1}`, label: label(index + 1) }));
const choices = (count: number, label = (index: number) => `Panel ${index}0 mm`): OutboundContent => ({
  kind: 'choices',
  markdown: '¿Cuál **necesita**?',
  choices: labelled(count, label),
});
const pdf: MediaRef = { id: 'att_1', filename: 'plano_1.pdf', contentType: 'application/pdf', sizeBytes: 20_000 };
const picture: MediaRef = { id: 'https://example.com/panel.png', filename: 'panel.png', contentType: 'image/png', sizeBytes: 20_000 };
const metadata = { source: 'guia.md', title: 'Guía [2026]', document_id: 'doc_1', chunk_id: 'chunk_1' };

/** Every element that goes out, with what is awkward about it. */
const ELEMENTS: Readonly<Record<string, readonly OutboundContent[]>> = {
  'bold, italic, strike, code': [text('**Negrita**, _cursiva_, ~~tachado~~ y `const a = 1 < 2 && b`')],
  'nested emphasis': [text('**todo _muy_ ~~mal~~ bien**')],
  'links and addresses': [text('[La ficha](https://example.com/a_b?x=1&y=2), https://example.com y <ventas@example.com>')],
  'lists in lists': [text('1. Medir\n   - ancho\n   - alto\n2. Cortar\n\n- [x] hecho\n- [ ] falta')],
  'heading, quote and rule': [text('# Título\n\n> Una cita\n> de dos líneas\n\n---\n\nFin')],
  'code block': [text('```ts\nconst total = precio * 1.21; // <IVA>\n```')],
  table: [text('| Espesor | Precio |\n| --- | --- |\n| 50 mm | 12,50 € |\n| 80 mm | 17,90 € |')],
  'what looks like markup': [text('2 \\* 3 \\_ 4 & <b>no</b> :smile: @channel #1 ~ \\`')],
  'emoji and other scripts': [text('👷🏽‍♀️ Instalación — مرحبا — 日本語')],
  'a long text with a code block': [text(`${'Una frase corta. '.repeat(320)}\n\n\`\`\`\n${'línea de código\n'.repeat(200)}\`\`\`\n\nFin.`)],
  'two buttons': [choices(2)],
  'five buttons': [choices(5)],
  'twelve buttons': [choices(12)],
  'buttons with long labels': [
    choices(2, (index) => `Panel aislante de lana de roca de alta densidad, número ${index}, con una etiqueta larga`),
  ],
  'a list': [
    {
      kind: 'list',
      markdown: 'Elija un panel:',
      openLabel: 'Ver paneles',
      items: labelled(4, (index) => `Panel ${index}0`).map((item) => ({
        ...item,
        description: `${item.label}: para cubiertas y fachadas`,
      })),
    },
  ],
  'a card': [
    {
      kind: 'card',
      title: 'Panel *PIR* 50',
      markdown: 'Para **cubiertas**.',
      image: null,
      facts: [
        { label: 'Precio', value: '12,50 €/m²' },
        { label: 'Plazo', value: '48 h' },
      ],
      link: { label: 'Ficha técnica', url: 'https://example.com/pir' },
      choices: labelled(2, (index) => `Opción ${index}`),
    },
  ],
  'a card with a picture': [
    { kind: 'card', title: 'Panel PIR', markdown: 'Visto de cerca', image: picture, facts: [], link: null, choices: [] },
  ],
  'an answer with sources and buttons': [
    text('Tiene 30 días [1].'),
    { kind: 'sources', sources: [{ content: 'Un pasaje', metadata, relevance_score: 0.9, rank: 1 }], language: 'es' },
    { kind: 'choices', markdown: '', choices: labelled(2, (index) => `Más ${index}`) },
  ],
  'an image with a caption': [{ kind: 'image', file: picture, caption: 'El **panel**' }],
  'a document with a caption': [{ kind: 'file', file: pdf, caption: 'El plano' }],
  'a template': [{ kind: 'template', name: 'reply_waiting', language: 'es', parameters: ['T-1'], markdown: 'Hay una respuesta para T-1.' }],
};

const goldenOf = (channel: string) => new URL(`../../fixtures/rich/${channel}.json`, import.meta.url);
const textsIn = (value: unknown): string[] =>
  typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
const words = (value: unknown) =>
  new Set(
    textsIn(value)
      .join(' ')
      .match(/[\p{L}\p{N}]+/gu),
  );

describe.each(Object.entries(CHANNELS))('rich content on %s', (channel, { capabilities, encode }) => {
  const sent = Object.fromEntries(
    Object.entries(ELEMENTS).map(([name, content]) => [name, fitContent(content, capabilities, 'es').map((part) => encode(part))]),
  );

  it('goes out as in the golden file', () => {
    const wire: unknown = JSON.parse(JSON.stringify(sent));
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(goldenOf(channel), `${JSON.stringify(wire, null, 1)}\n`);
    expect(wire).toEqual(JSON.parse(readFileSync(goldenOf(channel), 'utf8')));
  });

  it.each(Object.entries(ELEMENTS))('loses no word: %s', (name, content) => {
    // A file of ours is named by what is uploaded, later; a template by what the platform knows under its name.
    const [first] = content;
    const known = first?.kind === 'template' && capabilities.content.includes('template');
    const shown = words(sent[name]);
    const said = content.flatMap((part) => [...words(known ? part.kind === 'template' && part.parameters : visible(part))]);
    expect(said.filter((word) => !shown.has(word))).toEqual([]);
  });
});

/** What of it a person is to see. */
function visible(part: OutboundContent): unknown {
  switch (part.kind) {
    case 'text':
      // The language of a code block, and HTML's and markdown's own signs, are no words of ours.
      return part.markdown.replace(/^```\w+/gm, '').replace(/\[[ x]\]/g, '');
    case 'choices':
      return [part.markdown, part.choices.map(({ label }) => label)];
    case 'list':
      return [part.markdown, part.items.map(({ label, description }) => [label, description])];
    case 'card':
      return [part.title, part.markdown, part.facts, part.link?.url, part.choices.map(({ label }) => label)];
    case 'sources':
      return part.sources.map(({ metadata: { title } }) => title);
    case 'image':
    case 'file':
      return part.caption;
    case 'template':
      return part.markdown;
  }
}

/** Block Kit and mrkdwn: nothing is lost on the way, and Slack takes what is made. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { capabilities } from '../../../channels/slack/capabilities.js';
import { BOT_EVENTS, BOT_SCOPES, SLASH_COMMAND } from '../../../channels/slack/config.js';
import { emojiOf, reactionNameOf } from '../../../channels/slack/emoji.js';
import { encode } from '../../../channels/slack/encode.js';
import { renderMrkdwn, sectionTexts } from '../../../channels/slack/mrkdwn.js';
import type { OutboundContent } from '../../../src/domain/content.js';
import { fitContent } from '../../../src/pipeline/fit-content.js';
import { refusalOf } from '../../fakes/slack/limits.js';
import { shownOf } from '../../fakes/slack/shown.js';

describe('mrkdwn', () => {
  it.each([
    ['**negrita** y *cursiva* y ~~no~~', '*negrita* y _cursiva_ y ~no~'],
    ['a < b & c > d', 'a &lt; b &amp; c &gt; d'],
    ['[la ficha](https://example.com/a?b=1&c=2)', '<https://example.com/a?b=1&amp;c=2|la ficha>'],
    ['[a|b](https://example.com/x|y)', '<https://example.com/x%7Cy|a¦b>'],
    ['[archivo](ftp://example.com)', 'archivo (ftp://example.com)'],
    ['# Título **fuerte**', 'Título *fuerte*'],
    ['`a<b`', '`a&lt;b`'],
    ['```ts\nlet a = 1 < 2;\n```', '```\nlet a = 1 &lt; 2;\n```'],
    ['> uno\n> dos', '> uno\n> dos'],
    ['- uno\n- dos', '• uno\n• dos'],
    ['**dos\nlíneas**', '*dos*\n*líneas*'],
    ['[](https://example.com)', '<https://example.com|>'],
  ])('%s', (markdown, mrkdwn) => {
    expect(renderMrkdwn(markdown)).toBe(mrkdwn);
  });

  it('in sections loses nothing, cuts no entity, and fits', () => {
    const piece = fc.constantFrom('palabra ', '&', '<', '>', '\n', '👷🏽', 'x'.repeat(700), '[ficha](https://example.com/a) ');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const rendered = renderMrkdwn(pieces.join(''));
        const parts = sectionTexts(rendered);
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(3000);
          expect(part.replace(/&(amp|lt|gt);/g, '')).not.toContain('&');
          // Quotes begin with one, which stands for itself.
          expect(part.replace(/<[^<>\n]*>|^> ?/gm, '')).not.toMatch(/[<>]/);
          expect(part).toBe(Buffer.from(part, 'utf8').toString('utf8'));
        }
        expect(parts.join('').replace(/\s/g, '')).toBe(rendered.replace(/\s/g, ''));
      }),
    );
  });
});

describe('messages', () => {
  const label = fc.string({ minLength: 1, maxLength: 120 }).filter((text) => text.trim() !== '');
  const markdown = fc.string({ maxLength: 6000 });
  const choices = fc.array(label, { maxLength: 30 }).map((labels) => labels.map((text, index) => ({ id: `c${index}`, label: text })));
  const content: fc.Arbitrary<OutboundContent> = fc.oneof(
    markdown.map((text) => ({ kind: 'text', markdown: text }) as const),
    fc.tuple(markdown, choices).map(([text, list]) => ({ kind: 'choices', markdown: text, choices: list }) as const),
    fc
      .tuple(markdown, choices)
      .map(
        ([text, list]) =>
          ({ kind: 'list', markdown: text, openLabel: 'Ver', items: list.map((one) => ({ ...one, description: one.label })) }) as const,
      ),
    fc.tuple(label, markdown, choices, fc.array(fc.record({ label, value: label }), { maxLength: 12 })).map(
      ([title, text, list, facts]) =>
        ({
          kind: 'card',
          title,
          markdown: text,
          image: null,
          facts,
          link: { label: title, url: 'https://example.com' },
          choices: list,
        }) as const,
    ),
  );

  it('of whatever content, once fitted, are taken by Slack', () => {
    fc.assert(
      fc.property(content, (given) => {
        for (const fitted of fitContent([given], capabilities)) {
          const message = encode(fitted);
          expect(message).not.toBeNull();
          if (message?.kind !== 'post') continue;
          expect(refusalOf({ text: message.text, ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}) })).toBeNull();
        }
      }),
      { numRuns: 300 },
    );
  });

  it('show a list as a menu, with what explains each entry', () => {
    const items = [
      { id: 'p50', label: 'Panel 50', description: '50 mm' },
      { id: 'p80', label: 'Panel 80', description: null },
    ];
    const message = encode({ kind: 'list', markdown: '¿Cuál?', openLabel: 'Ver paneles', items });
    expect(message).toMatchObject({
      kind: 'post',
      text: '¿Cuál?',
      blocks: [
        { type: 'section' },
        {
          type: 'actions',
          elements: [
            {
              type: 'static_select',
              placeholder: { text: 'Ver paneles' },
              options: [
                { value: 'p50', text: { text: 'Panel 50' }, description: { text: '50 mm' } },
                { value: 'p80', text: { text: 'Panel 80' } },
              ],
            },
          ],
        },
      ],
    });
  });

  it('show files on the web by their address, and those of ours by upload', () => {
    const file = (id: string) => ({ id, filename: 'panel.png', contentType: 'image/png', sizeBytes: 9 });
    expect(encode({ kind: 'image', file: file('https://example.com/p.png'), caption: '' })).toMatchObject({
      kind: 'post',
      blocks: [{ type: 'image', image_url: 'https://example.com/p.png' }],
    });
    expect(encode({ kind: 'file', file: file('https://example.com/p.pdf'), caption: 'El plano' })).toMatchObject({
      text: 'El plano\n📎 <https://example.com/p.pdf|panel.png>',
    });
    expect(encode({ kind: 'image', file: file('att_1'), caption: '' })).toMatchObject({ kind: 'upload', blocks: [{ type: 'context' }] });
  });

  it('name sources with their links and pages, ten to a block', () => {
    const source = (rank: number) => ({
      content: 'x',
      metadata: { source: 's', title: `Guía ${rank} <b>`, document_id: 'd', chunk_id: 'c', url: 'https://example.com/g', page: rank },
      relevance_score: 1,
      rank,
    });
    const message = encode({ kind: 'sources', sources: Array.from({ length: 12 }, (_, index) => source(index + 1)), language: 'es' });
    const blocks = message?.kind === 'post' ? message.blocks : [];
    expect(blocks.map((block) => (block.type === 'context' ? block.elements.length : 0))).toEqual([10, 2]);
    expect(blocks[0]).toHaveProperty('elements[0].text', '1. <https://example.com/g|Guía 1 &lt;b&gt;>, p. 1');
    expect(shownOf({ ts: '1.1', user: 'U1', blocks }).sources).toHaveLength(12);
  });
});

describe('emojis', () => {
  it.each([
    ['👍', '+1'],
    ['👍🏽', '+1'],
    ['❤', 'heart'],
    ['❤️', 'heart'],
    [':party_parrot:', 'party_parrot'],
    ['🦖', null],
    ['', null],
  ])('%s is sent as %s', (emoji, name) => {
    expect(reactionNameOf(emoji)).toBe(name);
  });

  it.each([
    ['thumbsup', '👍'],
    ['+1::skin-tone-2', '👍'],
    ['toString', ':toString:'],
  ])('%s is %s', (name, emoji) => {
    expect(emojiOf(name)).toBe(emoji);
  });
});

describe('manifest.yaml', () => {
  const manifest = parse(readFileSync(new URL('../../../channels/slack/manifest.yaml', import.meta.url), 'utf8')) as {
    oauth_config: { scopes: { bot: string[] } };
    settings: { event_subscriptions: { request_url: string; bot_events: string[] }; interactivity: { request_url: string } };
    features: { slash_commands: { command: string; url: string }[]; app_home: object };
  };

  it('asks for what the code needs, and no more', () => {
    expect([...manifest.oauth_config.scopes.bot].sort()).toEqual([...BOT_SCOPES].sort());
    expect([...manifest.settings.event_subscriptions.bot_events].sort()).toEqual([...BOT_EVENTS].sort());
  });

  it('names the paths of the webhooks and the command', () => {
    const { settings, features } = manifest;
    const urls = [settings.event_subscriptions.request_url, settings.interactivity.request_url, features.slash_commands[0]?.url ?? ''];
    expect(urls.map((url) => new URL(url).pathname)).toEqual(
      ['events', 'interactions', 'commands'].map((path) => `/webhooks/slack/${path}`),
    );
    expect(features.slash_commands.map(({ command }) => command)).toEqual([SLASH_COMMAND]);
    expect(features.app_home).toMatchObject({ home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false });
  });
});

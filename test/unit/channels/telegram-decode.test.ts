import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import type { BotIdentity } from '../../../channels/telegram/content.js';
import { decodeUpdate } from '../../../channels/telegram/decode.js';

const FOLDER = new URL('../../fixtures/telegram/', import.meta.url);
const BOT: BotIdentity = { id: 4242, username: 'parley_test_bot' };
const MESSAGE = { message_id: 1, date: 1_700_000_000, chat: { id: 7, type: 'private' }, from: { id: 7, is_bot: false, first_name: 'Ana' } };

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));
const names = readdirSync(FOLDER)
  .filter((file) => !file.endsWith('.expected.json'))
  .map((file) => file.replace('.json', ''));

const decodeText = (text: string, entities: object[] = [], bot = BOT, chatType = 'private') =>
  decodeUpdate({ update_id: 1, message: { ...MESSAGE, chat: { id: 7, type: chatType }, text, entities } }, bot)?.events[0];

describe('decodeUpdate: recorded updates', () => {
  it.each(names)('%s', (name) => {
    const decoded = decodeUpdate(read(`${name}.json`), BOT);
    expect(JSON.parse(JSON.stringify(decoded))).toEqual(read(`${name}.expected.json`));
  });
});

describe('decodeUpdate: text', () => {
  it('leaves text alone where the bot is not mentioned', () => {
    expect(decodeText('-5 grados: ¿aguanta?')).toMatchObject({ content: [{ kind: 'text', text: '-5 grados: ¿aguanta?' }] });
  });

  it('keeps a message that is nothing but the mention', () => {
    const mention = [{ type: 'mention', offset: 0, length: 16 }];
    expect(decodeText('@parley_test_bot', mention)).toMatchObject({
      content: [{ kind: 'text', text: '@parley_test_bot' }],
      addressed: true,
    });
  });

  it('takes a slash for a command only where Telegram does', () => {
    expect(decodeText('/2 pulgadas')).toMatchObject({ content: [{ kind: 'text', text: '/2 pulgadas' }] });
  });

  it('takes any mentioned bot for itself until it knows its name', () => {
    const unnamed = { id: 4242, username: null };
    const mention = (length: number) => [{ type: 'mention', offset: 0, length }];
    expect(decodeText('@some_bot hola', mention(9), unnamed, 'group')).toMatchObject({ addressed: true });
    expect(decodeText('@juan_obra hola', mention(10), unnamed, 'group')).toMatchObject({ addressed: false });
  });
});

describe('decodeUpdate: hostile input', () => {
  it.each([undefined, null, 1, 'text', [], {}, { update_id: '1' }, { update_id: -1 }, { update_id: 1.5 }, { message: MESSAGE }])(
    '%j is no update',
    (update) => {
      expect(decodeUpdate(update, BOT)).toBeNull();
    },
  );

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('an update of kind %s is ignored', (kind) => {
    const update: unknown = JSON.parse(`{"update_id":1,"${kind}":{"a":1}}`);
    expect(decodeUpdate(update, BOT)).toMatchObject({ events: [], ignored: [{ eventId: '1' }] });
  });

  it('hands over what it does not know, and not what it knows and has no use for', () => {
    const news = { update_id: 1, hologram: { from: 7 } };
    expect(decodeUpdate(news, BOT)?.ignored).toEqual([{ eventId: '1', reason: 'update of kind hologram', unknown: JSON.stringify(news) }]);
    expect(decodeUpdate({ update_id: 1, poll: {} }, BOT)?.ignored).toEqual([{ eventId: '1', reason: 'update of kind poll' }]);
  });

  it('a message whose content has the wrong shape is kept as unsupported', () => {
    for (const [key, value] of Object.entries({
      photo: [],
      document: {},
      voice: 'x',
      location: { latitude: 'n' },
      venue: null,
      contact: 7,
      sticker: [],
    })) {
      const decoded = decodeUpdate({ update_id: 1, message: { ...MESSAGE, [key]: value } }, BOT);
      expect(decoded?.events[0]).toMatchObject({ content: [{ kind: 'unsupported', platformKind: key }] });
    }
  });

  it('a wrongly shaped detail costs the detail and not the message', () => {
    const message = {
      ...MESSAGE,
      text: 'hola',
      entities: 'x',
      reply_to_message: 7,
      forward_origin: [],
      media_group_id: {},
      from: { ...MESSAGE.from, last_name: 5 },
    };
    expect(decodeUpdate({ update_id: 1, message }, BOT)?.events[0]).toMatchObject({
      content: [{ kind: 'text', text: 'hola' }],
      quotedMessageId: null,
    });
  });

  it('a time that no Date can hold is malformed', () => {
    expect(decodeUpdate({ update_id: 1, message: { ...MESSAGE, date: 1e15, text: 'x' } }, BOT)?.ignored[0]?.reason).toContain('date');
  });

  it('nesting and size do no harm', () => {
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`);
    const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, index]));
    expect(decodeUpdate({ update_id: 1, message: { ...MESSAGE, deep } }, BOT)?.events[0]).toMatchObject({
      content: [{ kind: 'unsupported', platformKind: 'deep' }],
    });
    expect(decodeUpdate({ update_id: 1, hologram: deep }, BOT)?.ignored).toEqual([
      { eventId: '1', reason: 'update of kind hologram', unknown: '"nested too deeply"' },
    ]);
    expect(decodeUpdate({ update_id: 1, message: { ...MESSAGE, ...wide } }, BOT)?.events).toHaveLength(1);
    expect(decodeUpdate({ update_id: 1, message: { ...MESSAGE, text: 'x'.repeat(1_000_000) } }, BOT)?.events).toHaveLength(1);
  });

  it('a recorded update with anything in it changed or taken away still decodes or is ignored, never throws', () => {
    const recorded = names.map((name) => read(`${name}.json`));
    const junk = fc.oneof(fc.jsonValue(), fc.constantFrom(undefined, Number.MAX_VALUE, -0, '', [], {}, { id: 1 }, [[]], '\0', '$where'));
    fc.assert(
      fc.property(fc.constantFrom(...recorded), fc.nat(), junk, (update, position, value) => {
        const paths = pathsOf(update);
        const decoded = decodeUpdate(withChange(update, paths[position % paths.length] ?? [], value), BOT);
        if (decoded === null) return;
        expect(decoded.events.length + decoded.ignored.length).toBe(1);
        for (const event of decoded.events) {
          expect(structuredClone(event)).toEqual(event);
          expect(event.threadKey).toMatch(/^-?\d+(:\d+)?$/);
          expect(event.sentAt === null || !Number.isNaN(event.sentAt.getTime())).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

type Path = readonly (string | number)[];

/** The way to every value inside. */
function pathsOf(value: unknown, before: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [before];
  return [before, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...before, key]))];
}

function withChange(value: unknown, path: Path, change: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return change;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[key] = withChange(copy[key], rest, change);
  return copy;
}

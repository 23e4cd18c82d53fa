import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeEvents } from '../../../channels/slack/decode-event.js';
import { decodeCommand, decodeInteraction } from '../../../channels/slack/decode-interaction.js';
import { readableText } from '../../../channels/slack/incoming-text.js';
import { decodeRecorded, expected, recorded, recordedNames, type Recorded } from '../../fakes/slack/recorded.js';
import { BOT, directMessage, eventEnvelope } from '../../fakes/slack/workspace.js';

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const onlyEventOf = (name: string) => decodeRecorded(recorded(name))?.events[0];

describe('recorded requests', () => {
  it.each(recordedNames)('%s', (name) => {
    // What is kept of what is not known is the payload itself.
    const decoded = plain(decodeRecorded(recorded(name))) as { ignored: { unknown?: string }[] };
    for (const ignored of decoded.ignored) {
      if (ignored.unknown === undefined) continue;
      expect({ token: undefined, ...JSON.parse(ignored.unknown) }).toEqual({ ...Object(recorded(name).payload), token: undefined });
      ignored.unknown = 'the payload';
    }
    expect(decoded).toEqual(expected(name));
  });
});

describe('one message', () => {
  it('that mentions the bot arrives twice, under one id', () => {
    expect(onlyEventOf('channel-mention-as-message')).toEqual(onlyEventOf('channel-mention'));
  });

  it('is the same conversation by message, by command and by press', () => {
    const keys = ['direct-text', 'command', 'button-pressed', 'edited', 'deleted', 'reaction-added'].map(
      (name) => onlyEventOf(name)?.threadKey,
    );
    expect(new Set(keys)).toEqual(new Set(['U061F7AUR']));
  });

  it('in a channel opens a thread, in which its answer and the presses on it stay', () => {
    const names = ['channel-mention', 'channel-mention-in-thread', 'button-pressed-in-a-thread', 'edited-in-a-channel'];
    expect(new Set(names.map((name) => onlyEventOf(name)?.threadKey))).toEqual(new Set(['C012AB3CD:1763740800.000300']));
  });
});

describe('text', () => {
  it.each([
    ['&lt;b&gt; &amp;amp;', '<b> &amp;'],
    [`<@${BOT}>, <@${BOT}|parley> hola`, 'hola'],
    [`hola <@${BOT}>`, 'hola'],
    ['<@U1|ana> <@U2>', '@ana @U2'],
    ['<#C1|obras>', '#obras'],
    ['<!channel> <!date^1^{date}|hoy>', '@channel hoy'],
    ['<https://a.example|https://a.example>', 'https://a.example'],
    ['<mailto:a@b.example|escríbeme>', 'escríbeme (a@b.example)'],
    ['2 < 3 > 1, <>', '2 < 3 > 1, <>'],
  ])('%s', (given, read) => {
    expect(readableText(given, [], BOT)).toBe(read);
  });
});

describe('hostile input', () => {
  it.each([undefined, null, 1, 'text', [], {}, { type: 1 }])('%j is no request of Slack', (payload) => {
    expect(decodeEvents(payload)).toBeNull();
    expect(decodeInteraction(payload)).toBeNull();
    expect(decodeCommand(Object(payload) as Record<string, unknown>)).toBeNull();
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('an event of type %s is ignored', (type) => {
    expect(decodeEvents(eventEnvelope({ type }))).toMatchObject({ events: [], ignored: [{ reason: `event of type ${type}` }] });
  });

  it('a wrongly shaped detail costs the detail and not the message', () => {
    const message = {
      ...directMessage('D024BE91L', '1763740800.000100', 'hola'),
      blocks: 'x',
      files: 7,
      attachments: {},
      edited: [],
      thread_ts: 'x',
    };
    expect(decodeEvents(eventEnvelope(message))?.events[0]).toMatchObject({
      content: [{ kind: 'text', text: 'hola' }],
      quotedMessageId: null,
    });
  });

  it.each(['C1:x', 'c012', '../x', 'D\n1', ''])('a channel called %j is malformed', (channel) => {
    const message = { ...directMessage(channel, '1763740800.000100', 'hola') };
    expect(decodeEvents(eventEnvelope(message))).toMatchObject({ events: [], ignored: [{ reason: 'malformed: channel' }] });
  });

  it('nesting and size do no harm', () => {
    const deep: unknown = JSON.parse(`${'{"elements":['.repeat(20_000)}1${']}'.repeat(20_000)}`);
    const message = directMessage('D024BE91L', '1763740800.000100', ':wave: '.repeat(100_000));
    expect(decodeEvents(eventEnvelope({ ...message, blocks: [deep] }))?.events).toHaveLength(1);
    expect(decodeEvents(eventEnvelope({ type: 'of the future', deep }))?.ignored).toMatchObject([{ unknown: expect.any(String) }]);
  });

  it('a recorded request with anything in it changed or taken away still decodes or is ignored, never throws', () => {
    const junk = fc.oneof(fc.jsonValue(), fc.constantFrom(undefined, Number.MAX_VALUE, -0, '', [], {}, { id: 'U1' }, [[]], '\0', '$where'));
    fc.assert(
      fc.property(fc.constantFrom(...recordedNames.map(recorded)), fc.nat(), junk, ({ path, payload }, position, value) => {
        const paths = pathsOf(payload);
        const changed: Recorded = { path, payload: withChange(payload, paths[position % paths.length] ?? [], value) };
        const decoded = decodeRecorded(changed);
        for (const event of decoded?.events ?? []) {
          expect(structuredClone(event)).toEqual(event);
          expect(event.threadKey).toMatch(/^([A-Z][A-Z0-9]+(:\d+\.\d+)?|workspace)$/);
          expect(event.sentAt === null || !Number.isNaN(event.sentAt.getTime())).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

type Keys = readonly (string | number)[];

/** The way to every value inside. */
function pathsOf(value: unknown, before: Keys = []): Keys[] {
  if (typeof value !== 'object' || value === null) return [before];
  return [before, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...before, key]))];
}

function withChange(value: unknown, path: Keys, change: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return change;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[key] = withChange(copy[key], rest, change);
  return copy;
}

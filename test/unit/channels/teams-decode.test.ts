import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { decodeActivity, type DecodedActivity } from '../../../channels/teams/decode.js';
import { addressOf, threadKeyOf } from '../../../channels/teams/thread-key.js';

const FOLDER = new URL('../../fixtures/teams/', import.meta.url);
const SETTINGS = {
  appId: '11111111-2222-3333-4444-555555555555',
  serviceUrls: ['https://smba.trafficmanager.net/teams', 'https://smba.infra.gcc.teams.microsoft.com/teams'],
};

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));
const names = readdirSync(FOLDER)
  .filter((file) => !file.endsWith('.expected.json'))
  .map((file) => file.replace('.json', ''));

const HELLO = read('personal-text.json') as Record<string, unknown>;
const decode = (changes: object = {}): DecodedActivity => decodeActivity({ ...HELLO, ...changes }, SETTINGS);
const contentOf = (changes: object) => {
  const decoded = decode(changes);
  const event = decoded.ok ? decoded.events[0] : undefined;
  return event?.kind === 'message' ? event.content : null;
};

describe('decodeActivity: activities in the shape that Teams documents', () => {
  it.each(names)('%s', (name) => {
    const decoded = decodeActivity(read(`${name}.json`), SETTINGS);
    const seen = decoded.ok ? { events: decoded.events, ignored: decoded.ignored } : { refused: decoded.refused };
    expect(JSON.parse(JSON.stringify(seen))).toEqual(read(`${name}.expected.json`));
  });
});

describe('decodeActivity: ids', () => {
  it('tells messages of two conversations apart that have the same id, and an edit from its message', () => {
    const ids = [{}, { conversation: { id: '19:other@thread.v2', conversationType: 'groupChat' } }, { type: 'messageUpdate' }].map(
      (changes) => {
        const decoded = decode(changes);
        return decoded.ok ? decoded.events[0]?.eventId : null;
      },
    );
    expect(new Set(ids).size).toBe(3);
  });

  it('names what has no id after what it says, the same each time', () => {
    const idOf = (changes: object) => {
      const decoded = decode({ type: 'typing', id: undefined, ...changes });
      return decoded.ok ? decoded.ignored[0]?.eventId : null;
    };
    expect(idOf({})).toBe(idOf({}));
    expect(idOf({ timestamp: '2026-03-01T10:00:01Z' })).not.toBe(idOf({}));
  });
});

describe('decodeActivity: text', () => {
  it.each([
    ['<at>Parley</at> hola', 'hola'],
    ['hola <at>Parley</at>', 'hola'],
    ['<at>Parley</at>, ¿hola?', '¿hola?'],
    ['a < b y c > d', 'a < b y c > d'],
    ['-5 grados: ¿aguanta?', '-5 grados: ¿aguanta?'],
  ])('%s', (text, expected) => {
    const mention = { type: 'mention', text: '<at>Parley</at>', mentioned: { id: `28:${SETTINGS.appId}` } };
    expect(contentOf({ text, attachments: [], entities: [mention] })).toEqual([{ kind: 'text', text: expected }]);
  });

  it('is read from markup of thousands of tags too', () => {
    const text = `${'<b>'.repeat(20_000)}hola${'</b>'.repeat(20_000)}`;
    expect(contentOf({ text, textFormat: 'xml', attachments: [] })).toEqual([{ kind: 'text', text: 'hola' }]);
  });
});

describe('decodeActivity: hostile input', () => {
  it.each([undefined, null, 1, 'text', [], {}, { type: 'message' }, { ...HELLO, conversation: null }, { ...HELLO, serviceUrl: 7 }])(
    '%# is no activity',
    (json) => {
      expect(decodeActivity(json, SETTINGS)).toMatchObject({ ok: false, refused: 400 });
    },
  );

  it.each([
    'https://evil.example/teams',
    'https://smba.trafficmanager.net.evil.example/',
    'https://smba.trafficmanager.net@evil.example/',
    'http://smba.trafficmanager.net/emea/',
    'https://smba.trafficmanager.net:8443/',
    'smba.trafficmanager.net',
    'javascript:alert(1)',
  ])('%s is not written back to', (serviceUrl) => {
    expect(decode({ serviceUrl })).toMatchObject({ ok: false, refused: 403 });
  });

  it.each(['__proto__', 'constructor', 'toString'])('an activity of type %s is ignored', (type) => {
    expect(decode({ type })).toMatchObject({ ok: true, events: [], ignored: [{ unknown: expect.any(String) }] });
  });

  it('holds whatever else is in it', () => {
    const field = fc.constantFrom(...Object.keys(HELLO), 'value', 'action', 'name', 'replyToId', 'membersAdded', 'reactionsAdded');
    fc.assert(
      fc.property(fc.dictionary(field, fc.jsonValue(), { noNullPrototype: true }), (changes) => {
        const decoded = decode(changes);
        const found = decoded.ok ? [...decoded.events, ...decoded.ignored] : [decoded.because];
        expect(found).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the thread key', () => {
  it('leads back to the conversation, at the address that is listed for its host', () => {
    const urls = SETTINGS.serviceUrls;
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.constantFrom(0, 1), (conversationId, index) => {
        const serviceUrl = `${new URL(urls[index] ?? '').origin}/emea/`;
        const threadKey = threadKeyOf({ conversationId, serviceUrl }, urls);
        expect(addressOf(threadKey ?? '', urls)).toEqual({ conversationId, serviceUrl: urls[index] });
      }),
    );
  });

  it('stays the same where the region changes', () => {
    const keyAt = (region: string) =>
      threadKeyOf({ conversationId: 'a:1', serviceUrl: `https://smba.trafficmanager.net/${region}/` }, SETTINGS.serviceUrls);
    expect(keyAt('amer')).toBe(keyAt('emea'));
  });
});

/** Meta's webhooks as recorded, and everything that can be wrong with one. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { decodeWebhook } from '../../../channels/whatsapp-cloud/decode.js';
import { messageOf, messagesWebhook, PHONE_NUMBER_ID, SHEENA, webhookOf } from '../../fakes/whatsapp/customer.js';
import { problemWith } from '../../fakes/whatsapp/meta-schema.js';

const FOLDER = new URL('../../fixtures/whatsapp/', import.meta.url);
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));
const names = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json') && !file.endsWith('.expected.json'))
  .map((file) => file.replace('.json', ''));

const decode = (body: unknown) => decodeWebhook(body, PHONE_NUMBER_ID);
const decodeMessage = (message: Record<string, unknown>) => decode(messagesWebhook(SHEENA, messageOf(SHEENA, message)));

/** Told of in Meta's documentation only, or wrong on purpose. */
const NOT_IN_META_FILE =
  /^(another-product|account-error|chat-opened|deleted|edited-|field-of|flow-reply|group-created|hidden-number|image-without|message-without|status-(hidden|of|played|without)|template-reviewed|type-of|value-without|written-by|location-without)/;

describe('decodeWebhook: recorded webhooks', () => {
  it.each(names)('%s', (name) => {
    expect(JSON.parse(JSON.stringify(decode(read(`${name}.json`))))).toEqual(read(`${name}.expected.json`));
  });

  it.each(names.filter((name) => !NOT_IN_META_FILE.test(name)))('%s is as Meta’s OpenAPI file says', (name) => {
    expect(problemWith('webhook', read(`${name}.json`))).toBeNull();
  });
});

describe('decodeWebhook: hostile input', () => {
  it.each([undefined, null, 1, 'text', [], {}, { object: 'whatsapp_business_account' }, { entry: [] }, { object: 1, entry: [] }])(
    '%j is no webhook',
    (body) => {
      expect(decode(body)).toBeNull();
    },
  );

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('a message of type %s is kept as unsupported', (type) => {
    const decoded = decodeMessage(JSON.parse(`{"type":"${type}","${type}":{"a":1}}`) as Record<string, unknown>);
    expect(decoded?.events[0]).toMatchObject({ content: [{ kind: 'unsupported', platformKind: type }] });
    expect(decoded?.ignored[0]?.unknown).toContain('"a":1');
  });

  it.each(['__proto__', 'constructor', 'toString'])('a status of kind %s is ignored', (status) => {
    const decoded = decode(webhookOf({ statuses: [{ id: 'wamid.1', status, recipient_id: '1', timestamp: '1' }] }));
    expect(decoded).toMatchObject({ events: [], ignored: [{ eventId: `wamid.1:${status}` }] });
  });

  it('a message whose content has the wrong shape is kept as unsupported', () => {
    const wrong = { text: {}, image: [], audio: 'x', location: { latitude: 'n' }, contacts: [], interactive: 7, button: null, order: [] };
    for (const [type, value] of Object.entries(wrong)) {
      expect(decodeMessage({ type, [type]: value })?.events[0]).toMatchObject({ content: [{ kind: 'unsupported', platformKind: type }] });
    }
  });

  it('a reaction, an edit or a deletion without the message it is about is kept for inspection and no event', () => {
    for (const type of ['reaction', 'edit', 'revoke']) {
      expect(decodeMessage({ type, [type]: {} })).toMatchObject({
        events: [],
        ignored: [{ reason: expect.stringMatching(/^malformed/), unknown: expect.stringContaining(type) }],
      });
    }
  });

  it('a wrongly shaped detail costs the detail and not the message', () => {
    const wrong = { timestamp: {}, context: 'x', referral: [], errors: 'x', group_id: 7 };
    expect(decodeMessage({ type: 'text', text: { body: 'hola' }, ...wrong })?.events[0]).toMatchObject({
      content: [{ kind: 'text', text: 'hola' }],
      threadKey: SHEENA.waId,
      sentAt: null,
      quotedMessageId: null,
    });
  });

  it('one bad message of a batch costs none of the others', () => {
    const good = messageOf(SHEENA, { type: 'text', text: { body: 'hola' } });
    expect(decode(messagesWebhook(SHEENA, 7 as unknown as object, good, {}))).toMatchObject({
      events: [{ eventId: good['id'] }],
      ignored: [{}, {}],
    });
  });

  it('ids that could be anything but ids are refused', () => {
    for (const id of ['', 'a b', 'x'.repeat(300), '$where\n', { $gt: '' }]) {
      expect(decodeMessage({ type: 'text', text: { body: 'hola' }, id })?.events).toEqual([]);
    }
  });

  it('nesting and size do no harm', () => {
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`);
    expect(decodeMessage({ type: 'deep', deep })).toMatchObject({
      events: [{ content: [{ kind: 'unsupported' }] }],
      ignored: [{ unknown: '"nested too deeply"' }],
    });
    const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, index]));
    expect(decodeMessage({ type: 'wide', ...wide })?.ignored[0]?.unknown?.length).toBeLessThanOrEqual(20_000);
    expect(decodeMessage({ type: 'text', text: { body: 'x'.repeat(1_000_000) } })?.events).toHaveLength(1);
  });

  it('a recorded webhook with anything in it changed or taken away is decoded or ignored, and never throws', () => {
    const recorded = names.map((name) => read(`${name}.json`));
    const junk = fc.oneof(fc.jsonValue(), fc.constantFrom(undefined, Number.MAX_VALUE, -0, '', [], {}, { id: 1 }, [[]], '\0', '$where'));
    fc.assert(
      fc.property(fc.constantFrom(...recorded), fc.nat(), junk, (body, position, value) => {
        const paths = pathsOf(body);
        const decoded = decode(withChange(body, paths[position % paths.length] ?? [], value));
        if (decoded === null) return;
        expect(decoded.events.length + decoded.ignored.length).toBeGreaterThan(0);
        for (const event of decoded.events) {
          expect(structuredClone(event)).toEqual(event);
          expect(event.threadKey).toMatch(/^[\w.+=/:@-]{1,256}$/);
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

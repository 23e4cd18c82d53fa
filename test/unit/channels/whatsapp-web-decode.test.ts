/** What whatsapp-web.js tells of, in the shape that WhatsApp Web's models have there, and everything that can be wrong with it. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { decodeEvent } from '../../../channels/whatsapp-web/decode.js';
import { contactOf } from '../../../channels/whatsapp-web/vcard.js';
import { OWN_IDS } from '../../fakes/whatsapp-web/models.js';

const FOLDER = new URL('../../fixtures/whatsapp-web/', import.meta.url);
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));
const names = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json') && !file.endsWith('.expected.json'))
  .map((file) => file.replace('.json', ''));

interface Told {
  readonly event: string;
  readonly args: readonly unknown[];
}
const told = (name: string) => read(`${name}.json`) as Told;
const decode = ({ event, args }: Told) => decodeEvent(event, args, OWN_IDS);

describe('decodeEvent: as the library tells', () => {
  // UPDATE_GOLDEN=1 writes what is expected; look at it before you keep it.
  it.each(names)('%s', (name) => {
    const decoded: unknown = JSON.parse(JSON.stringify(decode(told(name))));
    if (process.env['UPDATE_GOLDEN'] === '1')
      writeFileSync(new URL(`${name}.expected.json`, FOLDER), `${JSON.stringify(decoded, null, 1)}\n`);
    expect(decoded).toEqual(read(`${name}.expected.json`));
  });
});

describe('decodeEvent: hostile input', () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('a message of type %s is kept as unsupported', (type) => {
    const [message] = told('text').args as [object];
    const decoded = decodeEvent('message_create', [{ ...message, type }], OWN_IDS);
    expect(decoded.event).toMatchObject({ content: [{ kind: 'unsupported', platformKind: type }] });
    expect(decoded.ignored?.unknown).toContain(type);
  });

  it.each(['__proto__', 'constructor', 'toString'])('an event called %s is ignored', (event) => {
    expect(decodeEvent(event, [], OWN_IDS)).toMatchObject({ ignored: { reason: `event ${event}` } });
  });

  it('takes no time that is none, and no empty id', () => {
    const [edited] = told('edited-caption').args as [object];
    const late = { ...edited, latestEditSenderTimestampMs: 1e308 };
    expect(decodeEvent('message_edit', [late, 'Ahora así', 'Antes'], OWN_IDS).event?.sentAt).toBeNull();
    const [left] = told('removed-from-a-group').args as [{ readonly id: object }];
    const nameless = { ...left, id: { ...left.id, _serialized: '' } };
    expect(decodeEvent('group_leave', [nameless], OWN_IDS).event?.eventId).toMatch(/@g\.us:left:/);
  });

  it('nesting does no harm', () => {
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`);
    expect(decodeEvent('message_create', [deep], OWN_IDS).ignored?.unknown).toBe('"nested too deeply"');
  });

  it('with anything in it changed or taken away it is decoded or ignored, and never throws', () => {
    const recorded = names.map(told);
    const junk = fc.oneof(fc.jsonValue(), fc.constantFrom(undefined, Number.MAX_VALUE, -0, '', [], {}, { id: 1 }, [[]], '\0', '$where'));
    fc.assert(
      fc.property(fc.constantFrom(...recorded), fc.nat(), junk, ({ event, args }, position, value) => {
        const paths = pathsOf(args).filter((path) => path.length > 0);
        const changed = withChange(args, paths[position % paths.length] ?? [0], value) as readonly unknown[];
        const decoded = decodeEvent(event, changed, OWN_IDS);
        expect(decoded.event ?? decoded.ignored).toBeDefined();
        if (decoded.event === undefined) return;
        expect(structuredClone(decoded.event)).toEqual(decoded.event);
        expect(decoded.event.threadKey).toMatch(/^[\w.-]{1,64}@[a-z.]{1,20}$/i);
        expect(decoded.event.sentAt === null || !Number.isNaN(decoded.event.sentAt.getTime())).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('contactOf', () => {
  it('reads folded lines and a name without its formatted form', () => {
    expect(contactOf('BEGIN:VCARD\r\nN:Gil;Eva;;;\r\nTEL;type=CELL:+34\r\n  600\r\nEND:VCARD')).toEqual({
      kind: 'contact',
      displayName: 'Eva Gil',
      phone: '+34 600',
    });
  });

  it.each(['', 'not a card', 'FN', 'BEGIN:VCARD'])('makes a contact without a name of %j', (card) => {
    expect(contactOf(card)).toEqual({ kind: 'contact', displayName: '', phone: null });
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

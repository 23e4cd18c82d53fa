import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { deskWords } from '../../../channels/shared/desk-words.js';
import { capabilities, MAX_ACTIVITY_BYTES } from '../../../channels/teams/capabilities.js';
import { replyToPress } from '../../../channels/teams/desk/answer.js';
import { cardOfCase } from '../../../channels/teams/desk/card.js';
import { decodeDeskActivity, deskPressOf } from '../../../channels/teams/desk/decode.js';
import { literal } from '../../../channels/teams/desk/elements.js';
import { historyCards } from '../../../channels/teams/desk/history.js';
import { linesOf } from '../../../channels/teams/desk/lines.js';
import { replyCard } from '../../../channels/teams/desk/reply.js';
import { replyWords } from '../../../channels/teams/desk/reply-words.js';
import { activitySchema } from '../../../channels/teams/wire.js';
import type { DeskRequest } from '../../../src/domain/desk.js';
import { aCase, aMessage, byAgent } from '../../fakes/desk-case.js';

const TENANT = '99999999-8888-7777-6666-555555555555';
const ES = deskWords('es');
const MARTA = { id: 'teams:a5b1d4c2-0000-4000-8000-000000000001', name: 'Marta Ruiz' };
const ID = 'T-0A1B2C3D';
const bytesOf = (activity: object) => Buffer.byteLength(JSON.stringify(activity));
const read = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../../fixtures/teams-desk/${name}`, import.meta.url), 'utf8')) as Record<string, unknown>;

const decode = (changes: object, fixture = 'press-reply.json') =>
  decodeDeskActivity(activitySchema.parse({ ...read(fixture), ...changes }), TENANT);
const pressed = (data: object) => decode({ value: { action: { type: 'Action.Execute', data: { ticket: ID, ...data } } } });
const askOf = (decoded: ReturnType<typeof decode>) => (decoded.kind === 'request' ? decoded.request.ask : null);

describe('the card of a case', () => {
  it('is as it was when it was last looked at', () => {
    const links = { case: 'https://chat.example.com/inbox/T-0A1B2C3D', trace: 'https://chat.example.com/traces/turn_1' };
    const test = aCase(
      ID,
      { attachments: [{ id: 'att_1', filename: 'plano.pdf', contentType: 'application/pdf', sizeBytes: 9 }] },
      { links },
    );
    test.happens({ kind: 'opened', team: 'ventas' });
    const view = test.happens({ kind: 'claimed' }, { by: byAgent(MARTA, 'teams') });
    expect(cardOfCase(view, ES, [MARTA])).toEqual(read('card-claimed.expected.json'));
  });

  it('fits into a message whatever is in it', () => {
    const long = '🧱'.repeat(5000);
    const entities = Array.from({ length: 50 }, (_, index) => ({ kind: 'product', value: `${index}${long}` }));
    const attachments = Array.from({ length: 50 }, (_, index) => ({
      id: `att_${index}`,
      filename: long,
      contentType: null,
      sizeBytes: null,
    }));
    const test = aCase(ID, { summary: long, entities, attachments }, { customer: long });
    test.happens({ kind: 'opened', team: long });
    const view = test.happens({ kind: 'claimed' }, { by: byAgent({ id: 'teams:1', name: long }, 'teams') });
    const team = Array.from({ length: 200 }, (_, index) => ({
      id: `teams:a5b1d4c2-0000-4000-8000-${index}`,
      name: 'Ñandú Íñiguez '.repeat(4),
    }));
    expect(bytesOf(cardOfCase(view, ES, team))).toBeLessThan(MAX_ACTIVITY_BYTES - 1000);
  });
});

describe('the thread of a case', () => {
  const opened = (text: string, count = 100) => {
    const history = Array.from({ length: count }, () => aMessage(text));
    const pastCases = Array.from({ length: 20 }, () => aCase(ID, { summary: text }).ticket());
    return aCase(ID, {}, { customer: text }).happens({ kind: 'opened', team: null }, { history, pastCases });
  };

  it('begins with what was said before, in few messages that fit', () => {
    const cards = historyCards(opened('🧱_'.repeat(3000)), ES);
    expect(cards.length).toBeLessThanOrEqual(3);
    for (const card of cards) expect(bytesOf(card)).toBeLessThan(MAX_ACTIVITY_BYTES - 1000);
    expect(JSON.stringify(cards)).toContain(ES.earlierLeftOut(76));
  });

  it('says nothing before where nothing was said', () => {
    const first = aCase(ID).happens({ kind: 'opened', team: null });
    expect(historyCards(first, ES)).toEqual([]);
  });

  it('shows the whole of a long message, in parts that fit', () => {
    const text = '<&>👷 '.repeat(3000);
    const message = aMessage(text);
    const lines = linesOf(aCase(ID).happens({ kind: 'customer-wrote', messageId: message.id }, { message }), ES);
    expect(lines.length).toBe(Math.ceil(Array.from(text).length / capabilities.maxTextChars));
    for (const line of lines) expect(bytesOf(line)).toBeLessThan(MAX_ACTIVITY_BYTES - 1000);
  });

  it('calls to a case whoever it is assigned to, by a mention that Teams knows', () => {
    const view = aCase(ID).happens({ kind: 'assigned', to: MARTA }, { by: byAgent(MARTA, 'slack') });
    expect(JSON.stringify(linesOf(view, ES))).toContain(
      '"entities":[{"type":"mention","text":"<at>Marta Ruiz</at>","mentioned":{"id":"a5b1d4c2-0000-4000-8000-000000000001"',
    );
    const elsewhere = aCase(ID).happens({ kind: 'assigned', to: { id: 'slack:U1', name: 'Luis' } }, { by: byAgent(MARTA, 'slack') });
    expect(JSON.stringify(linesOf(elsewhere, ES))).not.toContain('mention');
  });

  it('shows a reply that fits, however long', () => {
    const markdown = '- **a** _b_ `c` 👷\n'.repeat(3000);
    const files = [{ id: 'att_1', filename: 'plano.pdf', contentType: null, sizeBytes: null }];
    const { event } = aCase(ID).happens({ kind: 'replied', markdown, files, sendAt: new Date() }, { by: byAgent(MARTA, 'slack') });
    expect(bytesOf(replyCard(event, event, ES, new Date()))).toBeLessThan(MAX_ACTIVITY_BYTES - 1000);
  });

  it('shows any text as it is: nothing of it works', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '<', '>', 'a', 't', '/', '[', ']', '(', ')', '*', '_', '\\', 'DATE') }),
        (text) => {
          const shown = literal(text);
          expect(shown).not.toMatch(/\{\{|<\/?at\b/i);
          expect(shown.replace(/\\./g, '')).not.toMatch(/[*_[\]]/);
          expect(shown.replace(/\\(.)/g, '$1').replaceAll('\u200b', '')).toBe(text);
        },
      ),
      { examples: [['{{{']] },
    );
  });
});

describe('what was pressed', () => {
  it('a reply, as Teams sends it', () => {
    expect(decode({})).toEqual(read('press-reply.expected.json'));
  });

  it.each([
    [{ parleyDesk: 'claim' }, { kind: 'claim' }],
    [{ parleyDesk: 'undo:7' }, { kind: 'undo', of: 7 }],
    [{ parleyDesk: 'retry:7' }, { kind: 'retry', of: 7 }],
    [
      { parleyDesk: 'resolve', 'resolve-reason': 'sold', 'resolve-text': ' ' },
      { kind: 'resolve', reason: 'sold' },
    ],
    [
      { parleyDesk: 'resolve', 'resolve-reason': 'of another version' },
      { kind: 'resolve', reason: 'other' },
    ],
    [
      { parleyDesk: 'assign', 'assign-to': 'teams:1|Luis | Gil' },
      { kind: 'assign', to: { id: 'teams:1', name: 'Luis | Gil' } },
    ],
    [
      { parleyDesk: 'insert:1', 'insert-0-text': 'no', 'insert-1-text': 'sí' },
      { kind: 'reply', markdown: 'sí', files: [] },
    ],
    [{ parleyDesk: 'assign', 'assign-to': '' }, null],
    [{ parleyDesk: 'assign', 'assign-to': 'slack:U1|Luis' }, null],
    [{ parleyDesk: 'undo:x' }, null],
    [{ parleyDesk: '__proto__' }, null],
  ])('%j', (data, ask) => {
    expect(askOf(pressed(data))).toEqual(ask);
  });

  it('by an older client as a message', () => {
    const message = { type: 'message', name: undefined, value: { parleyDesk: 'claim', ticket: ID } };
    expect(askOf(decode(message))).toEqual({ kind: 'claim' });
  });

  it.each([undefined, null, 7, {}, { action: {} }, { action: { data: { parleyDesk: 7, ticket: ID } } }, { parleyDesk: 'claim' }])(
    '%j is none of ours',
    (value) => {
      expect(deskPressOf({ type: 'invoke', name: 'adaptiveCard/action', value })).toBeNull();
    },
  );
});

describe('what was typed', () => {
  it('without the mention of the bot, in the thread that is the case’s place', () => {
    expect(decode({}, 'typed.json')).toEqual(read('typed.expected.json'));
  });

  const BOT = '<span itemtype="http://schema.skype.com/Mention" itemscope itemid="0">Parley</span>';
  it.each([
    [`<p>${BOT}&nbsp;/r Llega <strong>mañana </strong>a las <em>9</em></p>`, '/r Llega **mañana** a las _9_'],
    [`<p>${BOT} mire</p><ul><li>uno</li><li><b>dos</b></li></ul><ol><li>tres</li></ol>`, 'mire\n\n- uno\n- **dos**\n\n1. tres'],
    [`<p>${BOT} <a href="https://example.com/f">la ficha</a></p>`, '[la ficha](https://example.com/f)'],
    [`<p>${BOT} <a href="javascript:alert(1)">la ficha</a></p>`, 'la ficha'],
    [`<blockquote itemtype="http://schema.skype.com/Reply"><p>Hola</p></blockquote><p>${BOT} sí, <s>no</s></p>`, 'sí, ~~no~~'],
    [`<p>${BOT} así:</p><pre>a &lt; b</pre>`, 'así:\n\n```\na < b\n```'],
    [`<p>${BOT} <b>${'<i>'.repeat(3000)}</b></p>`, '/r ¿Le va bien a las 9?'],
  ])('keeps its formatting: %s', (content, text) => {
    const attachments = [{ contentType: 'text/html', content }];
    expect(askOf(decode({ attachments }, 'typed.json'))).toEqual({ kind: 'text', text, files: [] });
  });

  it('holds whatever else is in it', () => {
    const field = fc.constantFrom('type', 'name', 'value', 'text', 'attachments', 'entities', 'from', 'conversation', 'id');
    fc.assert(
      fc.property(fc.dictionary(field, fc.jsonValue(), { noNullPrototype: true }), fc.jsonValue(), (changes, value) => {
        const activity = activitySchema.safeParse({ ...read('press-reply.json'), ...changes });
        if (activity.success) expect(['request', 'back', 'ignored']).toContain(decodeDeskActivity(activity.data, TENANT).kind);
        expect(['request', 'back', 'ignored']).toContain(pressed(Object(value) as object).kind);
      }),
      { numRuns: 500 },
    );
  });

  it('takes pasted pictures along', () => {
    const attachments = [{ contentType: 'image/*', contentUrl: 'https://smba.trafficmanager.net/emea/v3/attachments/1/views/original' }];
    expect(askOf(decode({ attachments }, 'typed.json'))).toMatchObject({ kind: 'text', files: [{ id: attachments[0]?.contentUrl }] });
  });

  it('is told by the request that it was, where its author changes or deletes it', () => {
    const typed = decode({}, 'typed.json');
    const actionId = typed.kind === 'request' ? typed.request.actionId : '';
    const changed = { type: 'messageUpdate', text: '/r Mejor el lunes', timestamp: '2026-03-01T10:00:09Z' };
    expect(askOf(decode(changed, 'typed.json'))).toEqual({ kind: 'retyped', typed: actionId, text: '/r Mejor el lunes' });
    expect(askOf(decode({ type: 'messageDelete' }, 'typed.json'))).toEqual({ kind: 'retyped', typed: actionId, text: null });
  });

  it.each([
    ['a reaction', { type: 'messageReaction' }],
    ['a thread that somebody begins', { id: '1772359200000' }],
    ['another company', { conversation: { id: '19:c@thread.tacv2;messageid=1', tenantId: '00000000-0000-4000-8000-000000000000' } }],
    ['a bot', { from: { id: '28:other', name: 'Otro' } }],
    ['nobody', { from: undefined }],
    ['nothing said', { text: '<at>Parley</at>' }],
  ])('%s is nothing', (_, changes) => {
    expect(decode(changes, 'typed.json').kind).toBe('ignored');
  });
});

describe('the reply to a press', () => {
  const request: DeskRequest = { actionId: 'press:1', agent: MARTA, about: { ticketId: ID }, ask: { kind: 'suggest' }, answerTo: {} };
  const words = { ...ES, ...replyWords('es') };
  const reply = (ask: DeskRequest['ask'], answer: Parameters<typeof replyToPress>[1]) =>
    JSON.parse(replyToPress({ ...request, ask }, answer, words).body ?? '') as { type: string; value: unknown };

  it('is a line where something was refused, a mark where it worked', () => {
    const line = 'application/vnd.microsoft.activity.message';
    expect(reply({ kind: 'claim' }, { ok: false, markdown: 'Lo tiene **Luis**.' })).toMatchObject({ type: line, value: 'Lo tiene Luis.' });
    expect(reply({ kind: 'claim' }, { ok: true, markdown: 'Hecho' })).toMatchObject({ type: line, value: '✓' });
  });

  it('is a card where something was asked for, that fits', () => {
    const suggestions = Array.from({ length: 9 }, () => ({ title: 'Conocimiento', markdown: 'precio 👷 '.repeat(3000) }));
    const { type, value } = reply({ kind: 'suggest' }, { ok: true, markdown: '**x** '.repeat(5000), suggestions });
    expect(type).toBe('application/vnd.microsoft.card.adaptive');
    expect(bytesOf(value as object)).toBeLessThan(MAX_ACTIVITY_BYTES);
  });
});

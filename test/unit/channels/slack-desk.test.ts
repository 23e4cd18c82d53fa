import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cardOfCase } from '../../../channels/slack/desk/card.js';
import { answerPosts } from '../../../channels/slack/desk/answer.js';
import { deskEvent, deskInteraction } from '../../../channels/slack/desk/decode.js';
import { formView, FORMS } from '../../../channels/slack/desk/forms.js';
import { historyPosts } from '../../../channels/slack/desk/history.js';
import { replyPost } from '../../../channels/slack/desk/reply.js';
import { lineOf } from '../../../channels/slack/desk/thread.js';
import { typedMarkdown } from '../../../channels/slack/desk/typed-text.js';
import { decodeInteraction } from '../../../channels/slack/decode-interaction.js';
import { deskWords } from '../../../channels/shared/desk-words.js';
import type { DeskRequest } from '../../../src/domain/desk.js';
import { aCase, aMessage, byAgent, everyEvent } from '../../fakes/desk-case.js';
import { refusalOf, viewRefusalOf } from '../../fakes/slack/limits.js';
import { BOT, eventEnvelope, TEAM } from '../../fakes/slack/workspace.js';

const CHANNEL = 'G0CASES001';
const CARD = '1763740800.000100';
const TICKET = 'T-0A1B2C3D';
const MARTA = { id: 'slack:U0MARTA001', name: 'Marta Ruiz' };
const es = deskWords('es');

const richText = (...elements: readonly object[]) => [{ type: 'rich_text', block_id: 'b1', elements }];
const section = (...elements: readonly object[]) => ({ type: 'rich_text_section', elements });
const text = (given: string, style?: object) => ({ type: 'text', text: given, ...(style === undefined ? {} : { style }) });

/** As Slack sends what is written in a thread of a private channel. */
const threadMessage = (over: object = {}): object =>
  eventEnvelope({
    client_msg_id: '6d2f0c4e-0d5c-4a0e-9b52-6f3b1f0e7a11',
    type: 'message',
    text: 'Ojo con el plazo',
    user: 'U0MARTA001',
    ts: '1763740900.000200',
    team: TEAM,
    blocks: richText(section(text('Ojo con el plazo'))),
    thread_ts: CARD,
    parent_user_id: BOT,
    channel: CHANNEL,
    event_ts: '1763740900.000200',
    channel_type: 'group',
    ...over,
  });

/** As Slack sends a pressed button of a card. */
const press = (action: object, over: object = {}): object => ({
  type: 'block_actions',
  user: { id: 'U0MARTA001', username: 'marta', name: 'marta', team_id: TEAM },
  api_app_id: 'A0PARLEY01',
  token: 'verification-token',
  container: { type: 'message', message_ts: CARD, channel_id: CHANNEL, is_ephemeral: false },
  trigger_id: '10013200245043.5100000.6d2f0c4e0d5c4a0e',
  team: { id: TEAM, domain: 'emulate' },
  enterprise: null,
  is_enterprise_install: false,
  channel: { id: CHANNEL, name: 'privategroup' },
  message: { user: BOT, type: 'message', ts: CARD, bot_id: 'B0PARLEY01', app_id: 'A0PARLEY01', text: '…', team: TEAM, thread_ts: CARD },
  state: { values: {} },
  response_url: 'https://hooks.slack.com/actions/T000000001/1/x',
  actions: [
    { type: 'button', block_id: 'Qx7', action_ts: '1763740950.123456', text: { type: 'plain_text', text: 'x', emoji: true }, ...action },
  ],
  ...over,
});

/** As Slack sends a form that was submitted. */
const submission = (form: string, values: object, over: object = {}): object => ({
  type: 'view_submission',
  team: { id: TEAM, domain: 'emulate' },
  user: { id: 'U0MARTA001', username: 'marta', name: 'marta', team_id: TEAM },
  api_app_id: 'A0PARLEY01',
  token: 'verification-token',
  trigger_id: '10013200245043.5100000.aaaa',
  view: {
    id: 'V0AB12CD34E',
    team_id: TEAM,
    type: 'modal',
    blocks: [],
    private_metadata: JSON.stringify({ ticket: TICKET, channel: CHANNEL, thread: null }),
    callback_id: `desk:${form}`,
    state: { values },
    hash: '1763740960.abcdef',
    root_view_id: 'V0AB12CD34E',
    ...over,
  },
  response_urls: [],
});

describe('what is typed in the thread of a case', () => {
  it('is text about its place, named by its message', () => {
    expect(deskEvent(threadMessage(), CHANNEL)).toEqual({
      kind: 'ask',
      who: { userId: 'U0MARTA001', foreign: false, channel: CHANNEL, thread: CARD },
      via: { kind: 'thread' },
      asked: {
        actionId: `message:${CHANNEL}:1763740900.000200`,
        about: { place: `${CHANNEL}:${CARD}` },
        ask: { kind: 'text', text: 'Ojo con el plazo', files: [] },
      },
    });
  });

  it('is taken back where it is deleted', () => {
    const before = { type: 'message', user: 'U0MARTA001', ts: '1763740900.000200', text: '/r Hola', thread_ts: CARD, parent_user_id: BOT };
    const event = { subtype: 'message_deleted', hidden: true, deleted_ts: '1763740900.000200', previous_message: before };
    expect(deskEvent(threadMessage({ ...event, user: undefined, blocks: undefined }), CHANNEL)).toMatchObject({
      kind: 'ask',
      who: { userId: 'U0MARTA001', thread: CARD },
      asked: { ask: { kind: 'retyped', typed: `message:${CHANNEL}:1763740900.000200`, text: null } },
    });
  });

  it('comes with its files', () => {
    const file = { id: 'F0PLANO001', name: 'plano.pdf', mimetype: 'application/pdf', size: 1234, mode: 'hosted' };
    const matter = deskEvent(threadMessage({ subtype: 'file_share', text: '', blocks: [], files: [file] }), CHANNEL);
    const ref = { id: 'F0PLANO001', filename: 'plano.pdf', contentType: 'application/pdf', sizeBytes: 1234 };
    expect(matter).toMatchObject({ asked: { ask: { kind: 'text', text: '', files: [ref] } } });
  });

  it.each<[string, object]>([
    ['in the channel itself', { thread_ts: undefined, parent_user_id: undefined }],
    ["in a thread of people's own", { parent_user_id: 'U0LUIS0001' }],
    ['by the bot', { user: BOT }],
    ['by another app', { bot_id: 'B0OTHER001' }],
    ['with nothing in it', { text: '', blocks: [] }],
    ['as a change', { subtype: 'message_changed' }],
    ['as a deletion of nothing', { subtype: 'message_deleted' }],
    [
      'by the channel, deleted',
      { subtype: 'message_deleted', deleted_ts: '1763740900.000200', previous_message: { ts: '1763740900.000200' } },
    ],
    ['by the channel', { subtype: 'channel_join' }],
    ['in a broken way', { ts: 'x' }],
  ])('%s is ignored, and no customer’s', (_what, over) => {
    expect(deskEvent(threadMessage(over), CHANNEL)).toMatchObject({ kind: 'ignored' });
  });

  it.each(['reaction_added', 'app_mention'])('%s in the channel is ignored', (type) => {
    const item = type === 'reaction_added' ? { channel: undefined, item: { type: 'message', channel: CHANNEL, ts: CARD } } : {};
    expect(deskEvent(threadMessage({ type, ...item }), CHANNEL)).toMatchObject({ kind: 'ignored' });
  });

  it.each(['member_joined_channel', 'member_left_channel'])('%s: who is in the channel is asked anew', (type) => {
    expect(deskEvent({ ...threadMessage({}), event: { type, user: 'U000000009', channel: CHANNEL } }, CHANNEL)).toEqual({
      kind: 'members-changed',
    });
  });

  it('elsewhere is no matter of the desk', () => {
    expect(deskEvent(threadMessage({ channel: 'C0ELSEWHERE' }), CHANNEL)).toBeNull();
    expect(deskEvent({}, CHANNEL)).toBeNull();
  });

  it('by somebody of another workspace is told as such', () => {
    expect(deskEvent(threadMessage({ user_team: 'T0FOREIGN1' }), CHANNEL)).toMatchObject({ who: { foreign: true } });
  });
});

describe('rich text as markdown', () => {
  it.each<[string, object[], string]>([
    [
      'marks',
      [section(text('a '), text('b ', { bold: true }), text('c', { italic: true, strike: true }), text(' d', { code: true }))],
      'a **b** _~~c~~_ `d`',
    ],
    ['literal marks', [section(text('2*3*4 _x_ a_b ~~n~~ `c`'))], '2\\*3\\*4 \\_x\\_ a_b \\~~n\\~~ \\`c\\`'],
    [
      'links',
      [section({ type: 'link', url: 'https://a.example/x', text: 'aquí' }, text(' '), { type: 'link', url: 'https://b.example' })],
      '[aquí](https://a.example/x) https://b.example',
    ],
    ['links that are none', [section({ type: 'link', url: 'javascript:alert(1)', text: 'pulsa' })], 'pulsa'],
    [
      'lists',
      [
        section(text('Hay:')),
        { type: 'rich_text_list', style: 'ordered', indent: 0, elements: [section(text('uno')), section(text('dos'))] },
        section(text('fin')),
      ],
      'Hay:\n1. uno\n2. dos\nfin',
    ],
    ['quotes', [{ type: 'rich_text_quote', elements: [text('a\nb')] }], '> a\n> b'],
    ['code', [{ type: 'rich_text_preformatted', elements: [text('x = 1')] }], '```\nx = 1\n```'],
    ['emojis', [section(text('ok '), { type: 'emoji', name: '+1', unicode: '1f44d' })], 'ok 👍'],
    ['the name of the bot', [section({ type: 'user', user_id: BOT }, text(' /r hola'))], '/r hola'],
    ['parts that are not known', [section({ type: 'new' }, text('hola')), { type: 'rich_text_new' }], 'hola'],
    ['broken lists', [{ type: 'rich_text_list', style: 'bullet', elements: [7, section(text('uno'))] }], '- \n- uno'],
  ])('%s', (_what, elements, markdown) => {
    expect(typedMarkdown('', richText(...elements), BOT)).toBe(markdown);
  });

  it('is Slack’s own text where there is none', () => {
    expect(typedMarkdown('<@U1|ana> &lt;b&gt;', [], BOT)).toBe('@ana <b>');
  });
});

describe('a press', () => {
  it.each<[string, string, DeskRequest['ask']]>([
    ['claim', TICKET, { kind: 'claim' }],
    ['release', TICKET, { kind: 'release' }],
    ['reopen', TICKET, { kind: 'reopen' }],
    ['suggest', TICKET, { kind: 'suggest' }],
    ['transcript', TICKET, { kind: 'transcript' }],
    ['undo', `${TICKET}:7`, { kind: 'undo', of: 7 }],
    ['retry', `${TICKET}:7`, { kind: 'retry', of: 7 }],
  ])('of %s asks for it', (command, value, ask) => {
    expect(deskInteraction(press({ action_id: `desk:${command}`, value }), CHANNEL)).toMatchObject({
      kind: 'ask',
      // On the card: not in its thread, which may not be open.
      who: { userId: 'U0MARTA001', foreign: false, channel: CHANNEL, thread: null },
      asked: { actionId: `press:${CHANNEL}:${CARD}:U0MARTA001:1763740950.123456`, about: { ticketId: TICKET }, ask },
    });
  });

  it('in the thread is answered in the thread', () => {
    const container = { type: 'message', message_ts: '1763740990.000900', channel_id: CHANNEL, is_ephemeral: false, thread_ts: CARD };
    expect(deskInteraction(press({ action_id: 'desk:undo', value: `${TICKET}:7` }, { container }), CHANNEL)).toMatchObject({
      who: { thread: CARD },
    });
  });

  it.each(FORMS)('of %s opens its form', (form) => {
    expect(deskInteraction(press({ action_id: `desk:${form}`, value: TICKET }), CHANNEL)).toMatchObject({
      kind: 'form',
      form,
      ticketId: TICKET,
    });
  });

  it.each<[string, object, object]>([
    ['outside of the channel', { action_id: 'desk:claim', value: TICKET }, { channel: { id: 'C0ELSEWHERE' } }],
    ['of an unknown button', { action_id: 'desk:explode', value: TICKET }, {}],
    ['that names no case', { action_id: 'desk:claim', value: 'x' }, {}],
    ['that names no reply', { action_id: 'desk:retry', value: TICKET }, {}],
    ['of a spoilt suggestion', { action_id: 'desk:insert:0', value: '{"t":7}' }, {}],
  ])('%s is ignored', (_what, action, over) => {
    expect(deskInteraction(press(action, over), CHANNEL)).toMatchObject({ kind: 'ignored' });
  });

  it('of a customer’s button is no matter of the desk; a button of the desk is never a customer’s', () => {
    expect(deskInteraction(press({ action_id: 'choice_0', value: 'price' }), CHANNEL)).toBeNull();
    expect(decodeInteraction(press({ action_id: 'desk:claim', value: TICKET }))?.events).toEqual([]);
  });
});

describe('a form', () => {
  const input = (value: string | null) => ({ text: { text: { type: 'plain_text_input', value } } });

  it.each<[string, object, DeskRequest['ask']]>([
    ['reply', input(' **Hola** '), { kind: 'reply', markdown: '**Hola**', files: [] }],
    ['note', input('ojo'), { kind: 'note', text: 'ojo' }],
    ['return-to-bot', input(null), { kind: 'return-to-bot', note: '' }],
    ['resolve', { ...input(null), reason: { reason: { selected_option: { value: 'sold' } } } }, { kind: 'resolve', reason: 'sold' }],
    [
      'resolve',
      { ...input('sin plazo'), reason: { reason: { selected_option: { value: 'hack' } } } },
      { kind: 'resolve', reason: 'other: sin plazo' },
    ],
  ])('of %s that was filled in', (form, values, ask) => {
    expect(deskInteraction(submission(form, values), CHANNEL)).toMatchObject({
      kind: 'ask',
      asked: { actionId: 'submit:V0AB12CD34E', about: { ticketId: TICKET }, ask },
    });
  });

  it('of a reply may hold files alone', () => {
    const values = {
      ...input(null),
      files: { files: { type: 'file_input', files: [{ id: 'F0FOTO0001', name: 'foto.jpg', mimetype: 'image/jpeg', size: 9 }] } },
    };
    expect(deskInteraction(submission('reply', values), CHANNEL)).toMatchObject({
      asked: { ask: { kind: 'reply', markdown: '', files: [{ id: 'F0FOTO0001', filename: 'foto.jpg' }] } },
    });
  });

  it.each(['reply', 'note', 'assign'])('of %s that was left empty stays open', (form) => {
    expect(deskInteraction(submission(form, input('  ')), CHANNEL)).toMatchObject({ kind: 'unfilled' });
  });

  it.each<[string, object]>([
    ['of another channel', { private_metadata: JSON.stringify({ ticket: TICKET, channel: 'C0ELSEWHERE', thread: null }) }],
    ['without what we put in', { private_metadata: 'x' }],
    ['that is not known', { callback_id: 'desk:explode' }],
  ])('%s is ignored', (_what, over) => {
    expect(deskInteraction(submission('note', input('x'), over), CHANNEL)).toMatchObject({ kind: 'ignored' });
  });

  it.each(FORMS.flatMap((form) => [[form, 'es'] as const, [form, 'en'] as const]))('of %s is taken by Slack, in %s', (form, language) => {
    const view = formView(form, { ticket: TICKET, channel: CHANNEL, thread: CARD }, deskWords(language), 'x'.repeat(5000));
    expect(viewRefusalOf({ view })).toBeNull();
  });
});

describe('messages', () => {
  const long = 'Línea <de> texto & más. '.repeat(2000);

  it('of every event are within what Slack takes, in both languages', () => {
    for (const language of ['es', 'en'] as const) {
      const words = deskWords(language);
      for (const { view } of everyEvent(aCase(TICKET), MARTA, 'teams')) {
        for (const post of [cardOfCase(view, words), lineOf(view, words), ...historyPosts(view, words)]) {
          expect(post === null ? null : refusalOf({ ...post })).toBeNull();
        }
      }
    }
  });

  it('of long texts too', () => {
    const one = aCase(TICKET, { summary: long, entities: [{ kind: 'product', value: long }] }, { customer: long });
    const opened = one.happens(
      { kind: 'opened', team: long.slice(0, 500) },
      { history: Array.from({ length: 80 }, (_, index) => aMessage(long, { role: index % 2 === 0 ? 'user' : 'assistant' })) },
    );
    const wrote = one.happens({ kind: 'customer-wrote', messageId: 'm' }, { message: aMessage(long) });
    const noted = one.happens({ kind: 'noted', text: long }, { by: byAgent(MARTA, 'teams') });
    const replied = one.happens({ kind: 'replied', markdown: long, files: [], sendAt: new Date() }, { by: byAgent(MARTA, 'teams') });
    const history = historyPosts(opened, es);
    expect(history).toHaveLength(3);
    const posts = [
      cardOfCase(opened, es),
      lineOf(wrote, es),
      lineOf(noted, es),
      replyPost(replied.event, replied.event, es, new Date()),
      ...history,
    ];
    for (const post of posts) {
      expect(post).not.toBeNull();
      expect(refusalOf({ ...post })).toBeNull();
      expect(JSON.stringify(post).length).toBeLessThan(25_000);
    }
  });

  it('say who was given a case, and call them', () => {
    const assigned = aCase(TICKET).happens(
      { kind: 'assigned', to: { id: 'slack:U0LUIS0001', name: 'Luis' } },
      { by: byAgent(MARTA, 'slack') },
    );
    expect(JSON.stringify(lineOf(assigned, es)?.blocks)).toContain('{"type":"user","user_id":"U0LUIS0001"}');
  });

  it('show a suggestion whole, however long, with a button that holds what a button can', () => {
    const request: DeskRequest = { actionId: 'a', agent: MARTA, about: { ticketId: TICKET }, ask: { kind: 'suggest' }, answerTo: {} };
    const suggestions = [long, '"\\\n'.repeat(3000), 'corta'].map((markdown) => ({ title: 'De la guía', markdown }));
    const [post, ...more] = answerPosts(request, { ok: true, markdown: 'Sugerencias:', suggestions }, es);
    expect(more).toEqual([]);
    expect(refusalOf({ ...post })).toBeNull();
    const values = JSON.stringify(post).match(/"label|Insertar[^"]*/g);
    expect(values).toEqual(['Insertar (abreviada)', 'Insertar (abreviada)', 'Insertar']);
  });

  it('tell nobody what the card shows', () => {
    const request: DeskRequest = { actionId: 'a', agent: MARTA, about: { ticketId: TICKET }, ask: { kind: 'claim' }, answerTo: {} };
    expect(answerPosts(request, { ok: true, markdown: 'El caso es tuyo.' }, es)).toEqual([]);
    expect(answerPosts(request, { ok: false, markdown: 'Lo tiene Luis.' }, es)).toHaveLength(1);
  });
});

describe('hostile input', () => {
  it.each([undefined, null, 1, 'text', [], {}, { type: 1 }, { event: null }])('%j is no matter of the desk', (payload) => {
    expect(deskEvent(payload, CHANNEL)).toBeNull();
    expect(deskInteraction(payload, CHANNEL)).toBeNull();
  });

  it('of any shape is no exception', () => {
    const json = fc.jsonValue();
    fc.assert(
      fc.property(json, json, json, (one, other, third) => {
        deskEvent(threadMessage({ blocks: one, files: other, text: third }), CHANNEL);
        deskEvent(threadMessage({ subtype: 'message_deleted', deleted_ts: one, previous_message: other }), CHANNEL);
        deskInteraction(press({ action_id: 'desk:insert:0', value: JSON.stringify(one) }, { container: other, message: third }), CHANNEL);
        deskInteraction(submission('reply', Object(one) as object, { private_metadata: other }), CHANNEL);
        typedMarkdown('', [{ type: 'rich_text', elements: [one, { type: 'rich_text_section', elements: [other, third] }] }], BOT);
      }),
    );
  });
});

/** The desk in Slack against the emulator, beyond what every desk promises: files, what is changed and deleted, Slack's pace, other processes, the doctor. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createSlackChannel } from '../../../channels/slack/index.js';
import type { SlackSettings } from '../../../channels/slack/config.js';
import type { CaseView, Desk, DeskMemory } from '../../../src/domain/desk.js';
import { ChannelError } from '../../../src/domain/errors.js';
import type { Message } from '../../../src/domain/message.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { aCase, aMessage, byAgent, type TestCase } from '../../fakes/desk-case.js';
import { openSlackDesk, type OpenSlackDesk } from '../../fakes/slack/desk-harness.js';
import { BOT, BOT_TOKEN, eventEnvelope, staffToken } from '../../fakes/slack/workspace.js';

const ID = 'T-0A1B2C3D';
const NOTHING: DeskMemory = { place: null, ids: {} };

let open: OpenSlackDesk;
beforeEach(async () => {
  open = await openSlackDesk('webhook');
});
afterEach(() => open.close());

const channelWith = (over: Partial<SlackSettings> = {}) =>
  createSlackChannel({ ...open.settings, ...over }, createLogger({ level: 'silent' }));
/** As another process, or this one after its start, has it. */
function anotherDesk(over: Partial<SlackSettings> = {}): Desk {
  const { desk } = channelWith(over);
  if (desk === undefined) throw new Error('no desk');
  return desk;
}
const show = async (views: readonly CaseView[], memory = NOTHING, desk = open.desk) => {
  let kept = memory;
  for (const view of views) kept = await desk.show(view, kept);
  return kept;
};
const opened = (one: TestCase, history: readonly Message[] = [aMessage('Hola')]) =>
  one.happens({ kind: 'opened', team: null }, { history });
const only = async () => {
  const [shown, ...others] = await open.shown();
  if (shown === undefined || others.length > 0) throw new Error(`${others.length} more cases are shown`);
  return shown;
};
const failureOf = async (failing: Promise<unknown>): Promise<ChannelError> => {
  const thrown = await failing.then(
    () => null,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(ChannelError);
  return thrown as ChannelError;
};

describe('files of the customer', () => {
  const file = (sizeBytes: number) => ({ id: 'att_1', filename: 'plano.pdf', contentType: 'application/pdf', sizeBytes });
  const wrote = (one: TestCase, sizeBytes: number) => {
    const message = aMessage('El plano', { attachments: [file(sizeBytes)] });
    return one.happens({ kind: 'customer-wrote', messageId: message.id }, { message });
  };

  it('are in the thread, with their words and once', async () => {
    const one = aCase(ID);
    const memory = await show([opened(one)]);
    const view = wrote(one, 8);
    await show([view], memory);
    await show([view], memory, anotherDesk());
    const { thread } = await only();
    expect(thread.flatMap(({ files }) => files)).toEqual(['plano.pdf']);
    expect(thread.filter(({ text }) => text.includes('El plano'))).toHaveLength(1);
  });

  it('that came before the case are there as well', async () => {
    const one = aCase(ID);
    await show([opened(one, [aMessage('Mire', { attachments: [file(8)] })])]);
    expect((await only()).thread.flatMap(({ files }) => files)).toEqual(['plano.pdf']);
  });

  it.each(['too large', 'gone'])('that are %s are named', async (why) => {
    const one = aCase(ID);
    const gone = () => Promise.reject(new ChannelError('payload-refused', 'not there'));
    const desk = why === 'gone' ? anotherDesk({ loadFile: gone }) : open.desk;
    await show([opened(one), wrote(one, why === 'gone' ? 8 : 200 * 1024 * 1024)], NOTHING, desk);
    expect(JSON.stringify((await only()).thread)).toContain('plano.pdf: no se puede mostrar aquí');
  });

  it('that cannot be had now are waited for', async () => {
    const one = aCase(ID);
    const memory = await show([opened(one)]);
    const down = () => Promise.reject(new ChannelError('unavailable', 'later'));
    const view = wrote(one, 8);
    expect((await failureOf(show([view], memory, anotherDesk({ loadFile: down })))).retry).not.toBe('never');
    await show([view], memory);
    expect((await only()).thread.flatMap(({ files }) => files)).toEqual(['plano.pdf']);
  });
});

describe('what the customer changes', () => {
  it('is changed in its own place, and what they delete is nowhere any more', async () => {
    const one = aCase(ID);
    const message = aMessage('Mi tarjeta es 1234');
    const { platformMessageId: at } = message;
    let memory = await show([opened(one), one.happens({ kind: 'customer-wrote', messageId: message.id }, { message })]);
    const edited = { ...message, text: 'Mi tarjeta es 5678', editedAt: new Date() };
    memory = await show([one.happens({ kind: 'customer-edited', platformMessageId: at ?? '' }, { message: edited })], memory);
    const changed = (await only()).thread;
    expect(JSON.stringify(changed)).not.toContain('1234');
    expect(changed.filter(({ text }) => text.includes('5678'))).toHaveLength(2);
    await show([one.happens({ kind: 'customer-deleted', platformMessageId: at ?? '' })], memory);
    expect((await only()).thread[1]?.text).toBe('🗑️ El cliente ha borrado un mensaje');
  });
});

describe('what staff do to the messages', () => {
  it('a card that somebody deleted is posted anew, and the case goes on there', async () => {
    const one = aCase(ID);
    const memory = await show([opened(one)]);
    const [, ts] = (memory.place ?? '').split(':');
    await open.slack.call('chat.delete', { channel: open.place, ts }, BOT_TOKEN);
    const moved = await show([one.happens({ kind: 'claimed' }, { by: byAgent(open.marta, 'teams') })], memory);
    expect(moved.place).not.toBe(memory.place);
    const cases = await open.shown();
    const again = cases.find(({ place }) => place === moved.place);
    expect(again?.card.text).toContain(ID);
    expect(again?.thread.map(({ text }) => text).join()).toContain('marta (Teams) toma el caso');
  });

  it('a line that its author deletes is told by the request that it was', async () => {
    const one = aCase(ID);
    const claimed = await show([opened(one), one.happens({ kind: 'claimed' }, { by: byAgent(open.marta, 'slack') })]);
    const [request] = await open.write(open.marta, ID, '/r Buenos días');
    const [, channel = '', ts = ''] = /message:(\w+):(\d+\.\d+)$/.exec(request?.actionId ?? '') ?? [];
    const [, threadTs] = (claimed.place ?? '').split(':');
    const deletion = (deleted: string) =>
      eventEnvelope({
        type: 'message',
        subtype: 'message_deleted',
        hidden: true,
        channel,
        deleted_ts: deleted,
        previous_message: {
          type: 'message',
          user: open.ids.marta,
          ts: deleted,
          text: '/r Buenos días',
          thread_ts: threadTs,
          parent_user_id: BOT,
        },
        ts: '1900000000.000300',
        channel_type: 'group',
      });
    const [undone] = await open.deliver('/events', deletion(ts));
    expect(undone).toMatchObject({
      agent: open.marta,
      about: { place: claimed.place },
      ask: { kind: 'retyped', typed: request?.actionId, text: null },
    });
  });
});

describe('Slack’s pace', () => {
  it('holds the whole channel up for as long as Slack asks, without asking again', async () => {
    open.slack.fail({ method: 'chat.postMessage', kind: 'error', error: 'ratelimited', status: 429, headers: { 'retry-after': '30' } });
    expect((await failureOf(open.desk.show(opened(aCase(ID)), NOTHING))).retry).toEqual({ afterMs: 30_000 });
    const asked = open.slack.calls('chat.postMessage').length;
    const held = await failureOf(open.desk.show(opened(aCase('T-9Z8Y7X6W')), NOTHING));
    expect(held.kind).toBe('rate-limited');
    expect(held.retry !== 'never' && held.retry.afterMs).toBeGreaterThan(25_000);
    expect(open.slack.calls('chat.postMessage')).toHaveLength(asked);
  });

  it('is kept with few calls: a new case takes one message, its history one, and nothing is asked', async () => {
    const now = aCase(ID, {}, { openedAt: new Date(Date.now() - 1000) });
    const before = open.slack.calls().length;
    await show([
      opened(
        now,
        Array.from({ length: 10 }, (_, index) => aMessage(`mensaje ${index}`)),
      ),
    ]);
    expect(
      open.slack
        .calls()
        .slice(before)
        .map(({ method }) => method),
    ).toEqual(['chat.postMessage', 'chat.postMessage']);
  });

  it('a card is written only when something of it changes', async () => {
    const one = aCase(ID);
    const message = aMessage('¿Hola?');
    const memory = await show([opened(one)]);
    await show([one.happens({ kind: 'customer-wrote', messageId: message.id }, { message })], memory);
    expect(open.slack.calls('chat.update')).toEqual([]);
  });
});

describe('other processes', () => {
  it('find what one of them posted before it ended, and post the rest', async () => {
    const one = aCase(ID);
    const view = opened(one);
    open.slack.fail({ method: 'chat.postMessage', kind: 'cut', done: true });
    open.slack.fail({ method: 'conversations.history', kind: 'status', status: 503 });
    await failureOf(open.desk.show(view, NOTHING));
    const memory = await anotherDesk().show(view, NOTHING);
    const { place, thread } = await only();
    expect(memory.place).toBe(place);
    expect(thread).toHaveLength(1);
  });

  it('say that it is to be tried again where Slack cannot be asked', async () => {
    open.slack.fail({ method: 'conversations.history', kind: 'status', status: 503 });
    expect((await failureOf(anotherDesk().show(opened(aCase(ID)), NOTHING))).retry).toEqual({ afterMs: 0 });
    expect(open.slack.calls('chat.postMessage')).toEqual([]);
  });
});

describe('people', () => {
  it('who are not in the channel are told so in a window, since no message there would reach them', async () => {
    await show([opened(aCase(ID))]);
    expect(await open.deliver('/interactions', await open.pressOf(open.ids.olga, ID, 'claim'))).toEqual([]);
    while (open.slack.calls('views.open').length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(JSON.stringify(open.slack.calls('views.open')[0]?.fields)).toContain('Solo quien está en el canal');
  });

  it('who cannot be checked are refused, and are let in once they can', async () => {
    await show([opened(aCase(ID))]);
    open.slack.fail({ method: 'conversations.members', kind: 'status', status: 500 });
    expect(await open.deliver('/interactions', await open.pressOf(open.ids.luis, ID, 'claim'))).toEqual([]);
    expect(await open.deliver('/interactions', await open.pressOf(open.ids.luis, ID, 'claim'))).toHaveLength(1);
  });

  it('who were in the channel minutes ago work on while Slack does not answer, unless somebody has left', async () => {
    await show([opened(aCase(ID))]);
    const press = () => open.pressOf(open.ids.luis, ID, 'claim').then((payload) => open.deliver('/interactions', payload));
    const fails = () => open.slack.fail({ method: 'conversations.members', kind: 'status', status: 500 });
    expect(await press()).toHaveLength(1);
    const began = Date.now();
    const now = jest.spyOn(Date, 'now').mockReturnValue(began + 540_000);
    try {
      fails();
      expect(await press()).toHaveLength(1);
      now.mockReturnValue(began + 660_000);
      fails();
      expect(await press()).toEqual([]);
      expect(await press()).toHaveLength(1);
      await open.deliver(
        '/events',
        eventEnvelope({ type: 'member_left_channel', user: open.ids.olga, channel: open.place, channel_type: 'G' }),
      );
      fails();
      expect(await press()).toEqual([]);
    } finally {
      now.mockRestore();
    }
  });

  it('are named by their ids where Slack does not say how they are called', async () => {
    await show([opened(aCase(ID))]);
    open.slack.fail({ method: 'users.info', kind: 'status', status: 500 });
    const press = await open.pressOf(open.ids.luis, ID, 'claim');
    expect(await open.deliver('/interactions', press)).toMatchObject([{ agent: { id: `slack:${open.ids.luis}`, name: open.ids.luis } }]);
    expect(await open.deliver('/interactions', press)).toMatchObject([{ agent: { name: 'luis' } }]);
    await open.deliver('/interactions', press);
    expect(open.slack.calls('users.info').filter(({ fields }) => fields['user'] === open.ids.luis)).toHaveLength(2);
  });

  it('are asked once more where a form was left empty, or names somebody from outside', async () => {
    await show([opened(aCase(ID))]);
    expect(await open.press(open.marta, ID, 'note', { text: '  ' })).toEqual([]);
    const olga = { id: `slack:${open.ids.olga}`, name: 'olga' };
    expect(await open.press(open.marta, ID, 'assign', { to: olga })).toEqual([]);
    expect(await open.press(open.marta, ID, 'assign', { to: { id: `slack:${BOT}`, name: 'parley' } })).toEqual([]);
    const stay = { response_action: 'errors' };
    expect(open.formErrors).toEqual([
      { ...stay, errors: { text: 'Escribe algo.' } },
      { ...stay, errors: { person: 'Esa persona no está en este canal.' } },
      { ...stay, errors: { person: 'Esa persona no está en este canal.' } },
    ]);
  });

  it('are told where a form did not open', async () => {
    await show([opened(aCase(ID))]);
    open.slack.fail({ method: 'views.open', kind: 'error', error: 'expired_trigger_id' });
    await open.deliver('/interactions', await open.pressOf(open.ids.marta, ID, 'note'));
    while ((await open.told(open.marta)).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await open.told(open.marta)).toEqual(['No se ha podido abrir el formulario. Pulsa otra vez.']);
  });
});

describe('memory of a long case', () => {
  it('stays small', async () => {
    const one = aCase(ID, {}, { openedAt: new Date() });
    let memory = await show([opened(one)]);
    const ids = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`in:${'x'.repeat(16)}${index}`, '1700000000.000100']));
    const message = aMessage('¿Hola?');
    memory = await show([one.happens({ kind: 'customer-wrote', messageId: message.id }, { message })], {
      ...memory,
      ids: { ...ids, ...memory.ids },
    });
    expect(Object.keys(memory.ids)).toHaveLength(401);
    expect(JSON.stringify(memory).length).toBeLessThan(32 * 1024);
    expect(memory.ids['card']).toBeDefined();
  });
});

describe('the doctor', () => {
  const finding = async (over: Partial<SlackSettings> = {}) =>
    (await channelWith(over).diagnose(null)).find(({ check }) => check === 'desk');

  it('says whether the bot is in the desk’s channel', async () => {
    expect(await finding()).toMatchObject({ state: 'ok', detail: expect.stringContaining('#casos') });
    const { channel } = await open.slack.call('conversations.create', { name: 'sin-bot' }, staffToken('marta'));
    const { id } = channel as { id: string };
    expect(await finding({ desk: { channel: id, language: 'es' } })).toMatchObject({
      state: 'wrong',
      remedy: expect.stringContaining('/invite'),
    });
    expect(await finding({ desk: { channel: 'C0NOSUCH', language: 'es' } })).toMatchObject({
      state: 'wrong',
      remedy: expect.stringContaining('SLACK_DESK_CHANNEL'),
    });
    await open.slack.call('conversations.archive', { channel: open.place }, staffToken('marta'));
    expect(await finding()).toMatchObject({ state: 'wrong', detail: expect.stringContaining('archived') });
  });

  it('says nothing of it where there is none', async () => {
    const { desk: _desk, ...settings } = open.settings;
    const without = createSlackChannel(settings, createLogger({ level: 'silent' }));
    expect((await without.diagnose(null)).map(({ check }) => check)).not.toContain('desk');
    expect(without.desk).toBeUndefined();
  });
});

/** What the contract of desks cannot ask of Teams: failures half-way, cards that somebody deleted, files, how few calls are made, what the doctor finds. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deskWords } from '../../../channels/shared/desk-words.js';
import { createTeamsChannel } from '../../../channels/teams/index.js';
import type { TeamsSettings } from '../../../channels/teams/config.js';
import type { Channel, Received } from '../../../src/domain/channel.js';
import type { CaseView, Desk, DeskMemory } from '../../../src/domain/desk.js';
import { ChannelError } from '../../../src/domain/errors.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { aCase, aMessage, byAgent, SYSTEM } from '../../fakes/desk-case.js';
import { agentOf, cardIn, DESK_CHANNEL, execute, LUIS, MARTA, typed } from '../../fakes/teams/desk-harness.js';
import { settingsFor } from '../../fakes/teams/harness.js';
import { startTeamsPlatform, type TeamsPlatform } from '../../fakes/teams/platform.js';
import { shownOf } from '../../fakes/teams/shown.js';

const NOTHING: DeskMemory = { place: null, ids: {} };
const ID = 'T-0A1B2C3D';
const ES = deskWords('es');

let platform: TeamsPlatform;
beforeEach(async () => {
  platform = await startTeamsPlatform();
  platform.team.push(MARTA, LUIS);
});
afterEach(() => platform.close());

function openDesk(more: Partial<TeamsSettings> = {}): { channel: Channel; desk: Desk } {
  const settings = { ...settingsFor(platform), desk: { conversation: DESK_CHANNEL, language: 'es' as const }, ...more };
  const channel = createTeamsChannel(settings, createLogger({ level: 'silent' }));
  if (channel.desk === undefined) throw new Error('there is no desk');
  return { channel, desk: channel.desk };
}

const opened = (id = ID) => {
  const test = aCase(id);
  return { test, view: test.happens({ kind: 'opened', team: null }, { history: [aMessage('Hola')] }) };
};
const showAll = async (desk: Desk, views: readonly CaseView[], memory = NOTHING): Promise<DeskMemory> => {
  let kept = memory;
  for (const view of views) kept = await desk.show(view, kept);
  return kept;
};
const textsIn = (place: string | null) => platform.messages(place ?? '').map((activity) => shownOf(activity).text);

describe('showing', () => {
  it('goes on where it stopped: a card whose history failed is not posted again', async () => {
    const { desk } = openDesk({
      loadFile: () => Promise.reject(new ChannelError('unavailable', 'the database is away')),
    });
    const { test, view } = opened();
    const memory = await desk.show(view, NOTHING);
    const picture = { id: 'att_1', filename: 'foto.png', contentType: 'image/png', sizeBytes: 10 };
    const message = aMessage('Mire la foto', { attachments: [picture] });
    const wrote = test.happens({ kind: 'customer-wrote', messageId: message.id }, { message });
    await expect(desk.show(wrote, memory)).rejects.toMatchObject({ kind: 'unavailable' });

    const second = opened('T-9Z8Y7X6W').view;
    await failSecondPost(() => desk.show(second, NOTHING));
    const place = (await desk.show(second, NOTHING)).place;
    expect(platform.begun).toHaveLength(2);
    expect(platform.begun[1]).toBe(place);
    expect(textsIn(place)).toHaveLength(2);
  });

  /** The card is taken; what comes after it is not. */
  async function failSecondPost(show: () => Promise<unknown>): Promise<void> {
    const before = platform.calls.length;
    const failing = show();
    while (platform.calls.length === before) await new Promise((resolve) => setImmediate(resolve));
    platform.failNext({ kind: 'answer', status: 503, code: 'ServiceUnavailable' });
    await expect(failing).rejects.toBeInstanceOf(ChannelError);
  }

  it('makes one call for what changes nothing of the card, two for what does', async () => {
    const { desk } = openDesk();
    const { test, view } = opened();
    let memory = await desk.show(view, NOTHING);
    const callsOf = async (next: CaseView) => {
      const before = platform.calls.length;
      memory = await desk.show(next, memory);
      return platform.calls.slice(before).map(({ method }) => method);
    };
    const by = byAgent(agentOf(MARTA), 'teams');
    const message = aMessage('¿Hay alguien?');
    expect(await callsOf(test.happens({ kind: 'customer-wrote', messageId: message.id }, { message }))).toEqual(['POST']);
    expect(await callsOf(test.happens({ kind: 'claimed' }, { by }))).toEqual(['PUT']);
    const reply = test.happens({ kind: 'replied', markdown: 'Sí', files: [], sendAt: new Date() }, { by });
    expect(await callsOf(reply)).toEqual(['POST']);
    expect(await callsOf(test.happens({ kind: 'reply-dispatched', of: reply.event.seq }, { by: SYSTEM }))).toEqual(['PUT', 'PUT']);
    expect(await callsOf(test.happens({ kind: 'resolved', reason: 'sold' }, { by }))).toEqual(['PUT', 'POST']);
  });

  it('begins anew where somebody deleted the card, and goes on there', async () => {
    const { desk } = openDesk();
    const { test, view } = opened();
    const before = await desk.show(view, NOTHING);
    platform.failNext({ kind: 'answer', status: 404, code: 'ActivityNotFoundInConversation' });
    const by = byAgent(agentOf(MARTA), 'slack');
    const after = await showAll(
      desk,
      [test.happens({ kind: 'claimed' }, { by }), test.happens({ kind: 'noted', text: 'una nota' }, { by })],
      before,
    );
    expect(after.place).not.toBe(before.place);
    expect(textsIn(after.place).join('\n')).toContain('una nota');
  });

  it('shows small pictures, and names all other files', async () => {
    const { desk } = openDesk();
    const { test, view } = opened();
    const attachments = [
      { id: 'att_1', filename: 'foto.png', contentType: 'image/png', sizeBytes: 8 },
      { id: 'att_2', filename: 'grande.png', contentType: 'image/png', sizeBytes: 5_000_000 },
      { id: 'att_3', filename: 'plano.pdf', contentType: 'application/pdf', sizeBytes: 8 },
    ];
    const message = aMessage('Aquí van', { attachments });
    const { place } = await showAll(desk, [view, test.happens({ kind: 'customer-wrote', messageId: message.id }, { message })]);
    const [, , , picture, named] = platform.messages(place ?? '');
    expect(picture?.attachments?.[0]).toMatchObject({
      contentType: 'image/png',
      contentUrl: expect.stringMatching(/^data:image\/png;base64,/),
    });
    expect(shownOf(named ?? { type: '' }).text).toBe(`${ES.fileLeftOut('grande.png')}\n${ES.fileLeftOut('plano.pdf')}`);
  });

  it('offers the people of the team, and shows cases also while Teams does not say who they are', async () => {
    const offered = async (channelId: string) => {
      const { desk } = openDesk({ desk: { conversation: channelId, language: 'es' } });
      const { place } = await desk.show(opened().view, NOTHING);
      const card = cardIn(platform.messages(place ?? '')[0] ?? { type: '' });
      const assign = card?.actions?.find(({ id }) => id === 'open-assign');
      return assign?.card?.body[0]?.choices?.map(({ value }) => value);
    };
    expect(await offered(DESK_CHANNEL)).toEqual([LUIS, MARTA].map((member) => `${agentOf(member).id}|${member.name}`));
    expect(await offered('channel-of-no-team')).toEqual([]);
  });
});

describe('what people do', () => {
  const deliver = async (channel: Channel, activity: object): Promise<Received> => {
    const headers = { 'content-type': 'application/json', authorization: platform.authorize() };
    const received = await channel.receive?.({ method: 'POST', url: '/', headers, body: Buffer.from(JSON.stringify(activity)) });
    if (received === undefined) throw new Error('it receives nothing');
    return received;
  };

  it('is refused in their chat with the bot where it was typed: one chat for each', async () => {
    const { channel, desk } = openDesk();
    const { place } = await desk.show(opened().view, NOTHING);
    for (const text of ['/r hola', '/r ¿hola?']) {
      const { desk: requests = [], replyWith } = await deliver(channel, typed(platform, LUIS, place ?? '', text));
      expect(replyWith).toBeUndefined();
      for (const request of requests) await desk.answer(request, { ok: false, markdown: 'Lo tiene **Marta**.' });
    }
    const chat = `a:chat-with-${LUIS.id}`;
    expect(platform.begun.filter((id) => id === chat)).toHaveLength(1);
    expect(textsIn(chat)).toEqual(['Lo tiene Marta.', 'Lo tiene Marta.']);
  });

  it('is not told where it worked', async () => {
    const { channel, desk } = openDesk();
    const { place } = await desk.show(opened().view, NOTHING);
    const { desk: [request] = [] } = await deliver(channel, typed(platform, LUIS, place ?? '', 'una nota'));
    if (request !== undefined) await desk.answer(request, { ok: true, markdown: 'Anotado' });
    expect(platform.begun).toEqual([place]);
  });

  it('leads back from what they alone were shown to the card as it is', async () => {
    const { channel, desk } = openDesk();
    const { place } = await desk.show(opened().view, NOTHING);
    const back = execute(platform, MARTA, place ?? '', { parleyDesk: 'back', ticket: ID });
    const { reply, desk: requests } = await deliver(channel, back);
    expect(requests).toBeUndefined();
    expect(JSON.parse(reply.body ?? '')).toEqual({
      statusCode: 200,
      type: 'application/vnd.microsoft.card.adaptive',
      value: cardIn(platform.messages(place ?? '')[0] ?? { type: '' }),
    });
  });

  it('outside of the desk’s channel does nothing, and they are told so', async () => {
    const { channel, desk } = openDesk();
    await desk.show(opened().view, NOTHING);
    const elsewhere = execute(platform, MARTA, '19:other@thread.tacv2;messageid=1', { parleyDesk: 'claim', ticket: ID });
    const { reply, desk: requests, events, ignored } = await deliver(channel, elsewhere);
    expect([requests, events]).toEqual([undefined, []]);
    expect(ignored).toHaveLength(1);
    expect(reply.body).toContain('Los casos se atienden solo en su canal.');
  });
});

describe('the doctor', () => {
  it('finds the desk where the bot is in its team', async () => {
    const { channel } = openDesk();
    expect(await channel.diagnose(null)).toContainEqual({ check: 'desk', state: 'ok', detail: 'in a team of 2 people', remedy: null });
  });

  it('says what to do where it is not', async () => {
    const { channel } = openDesk({ desk: { conversation: 'channel-of-no-team', language: 'es' } });
    const findings = await channel.diagnose(null);
    expect(findings.find(({ check }) => check === 'desk')).toMatchObject({
      state: 'wrong',
      remedy: expect.stringContaining('Add the app to the team'),
    });
  });
});

/** The Teams channel against the emulated platform: what goes to whom, files both ways, and every refusal of the connector's. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MAX_ACTIVITY_BYTES } from '../../../channels/teams/capabilities.js';
import { createTeamsChannel } from '../../../channels/teams/index.js';
import type { Channel, Recipient, SendContext } from '../../../src/domain/channel.js';
import { ChannelError, type ChannelErrorKind } from '../../../src/domain/errors.js';
import { fitContent } from '../../../src/pipeline/fit-content.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { CONVERSATION_ID, messageActivity, USER_ID } from '../../fakes/teams/activities.js';
import { settingsFor } from '../../fakes/teams/harness.js';
import { APP_ID, startTeamsPlatform, type TeamsPlatform } from '../../fakes/teams/platform.js';
import { shownOf } from '../../fakes/teams/shown.js';

const logger = createLogger({ level: 'silent' });
const TO: Recipient = { conversationId: 'conv_1', threadKey: CONVERSATION_ID, userId: USER_ID };
const GROUP: Recipient = { conversationId: 'conv_2', threadKey: '19:group@thread.v2', userId: USER_ID, scope: 'group' };
const CONTEXT: SendContext = { key: 'out_1', messageId: 'msg_1', replyTo: null, part: 0, last: true, answer: null };

let platform: TeamsPlatform;
let channel: Channel;
beforeAll(async () => {
  platform = await startTeamsPlatform();
});
afterAll(() => platform.close());
beforeEach(() => {
  platform.reset();
  channel = createTeamsChannel(settingsFor(platform), logger);
});

const hello = (parts: object = {}) => messageActivity(platform.serviceUrl, 'hola', parts);
const receive = async (activity: object) => {
  const headers = { 'content-type': 'application/json', authorization: platform.authorize() };
  const received = await channel.receive?.({ method: 'POST', url: '/', headers, body: Buffer.from(JSON.stringify(activity)) });
  if (received === undefined) throw new Error('Teams has a webhook');
  return received;
};
const failureOf = (call: Promise<unknown> | undefined): Promise<ChannelError> =>
  Promise.resolve(call).then(
    () => Promise.reject(new Error('it should have failed')),
    (thrown: unknown) => thrown as ChannelError,
  );

describe('what was pressed is answered in the reply', () => {
  const invoke = (name: string, value: object) => hello({ type: 'invoke', name, value, text: undefined });

  it('as Adaptive Cards ask for', async () => {
    const { reply, events } = await receive(invoke('adaptiveCard/action', { action: { data: { parleyChoice: 'si', parleyLabel: 'Sí' } } }));
    expect(events).toMatchObject([{ content: [{ kind: 'choice', id: 'si', label: 'Sí' }] }]);
    expect(JSON.parse(reply.body ?? '')).toMatchObject({ statusCode: 200, type: 'application/vnd.microsoft.activity.message' });
  });

  it('with a refusal where nobody here knows it, which is kept for inspection', async () => {
    const { reply, events, ignored } = await receive(invoke('composeExtension/query', {}));
    expect([reply.status, events, ignored[0]?.unknown]).toEqual([400, [], expect.stringContaining('composeExtension/query')]);
  });
});

describe('what goes out', () => {
  const activities = () => platform.calls.map(({ activity }) => activity);

  it('goes to the connector of every region, in the thread that was written from', async () => {
    const threadKey = '19:channel@thread.tacv2;messageid=1772359200000';
    await channel.send({ ...TO, threadKey }, { kind: 'text', markdown: 'Hola' }, CONTEXT);
    expect(platform.calls).toMatchObject([
      { method: 'POST', path: `/teams/v3/conversations/${threadKey}/activities`, activity: { from: { id: `28:${APP_ID}` } } },
    ]);
  });

  it('is the markup that Teams shows, everything else shown as it is', async () => {
    const markdown = '**a** _b_ ~~c~~ `d<` [e](https://example.com/?a=1&b="2")\n\n- uno\n- dos\n\n> cita\n\n```\nx < y\nz\n```\n\n<script>';
    await channel.send(TO, { kind: 'text', markdown }, CONTEXT);
    expect(activities()).toMatchObject([
      {
        textFormat: 'xml',
        text:
          '<b>a</b> <i>b</i> <s>c</s> <code>d&lt;</code> <a href="https://example.com/?a=1&amp;b=&quot;2&quot;">e</a><br/><br/>• uno<br/>• dos<br/><br/>' +
          '<blockquote>cita</blockquote><br/><br/><pre>x &lt; y\nz</pre><br/><br/>&lt;script&gt;',
      },
    ]);
  });

  it('is one Adaptive Card: title, text, facts, picture, link and buttons, with nothing beside it', async () => {
    const image = { id: 'https://example.com/panel.png', filename: null, contentType: null, sizeBytes: null };
    const link = { label: 'Ficha', url: 'https://example.com/pir' };
    const facts = [{ label: 'Precio', value: '12,50 €/m²' }];
    await channel.send(
      TO,
      {
        kind: 'card',
        title: 'Panel *PIR*',
        markdown: 'Para **cubiertas**\ny más',
        image,
        facts,
        link,
        choices: [{ id: 'pedir', label: 'Pedir' }],
      },
      CONTEXT,
    );
    const [activity] = activities();
    expect(activity).not.toHaveProperty('text');
    expect(activity?.attachments).toEqual([
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          type: 'AdaptiveCard',
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          version: '1.5',
          body: [
            { type: 'TextBlock', text: 'Panel \\*PIR\\*', wrap: true, weight: 'Bolder', size: 'Medium' },
            { type: 'Image', url: image.id, size: 'Stretch', altText: 'Panel *PIR*' },
            { type: 'TextBlock', text: 'Para **cubiertas**\n\ny más', wrap: true },
            { type: 'FactSet', facts: [{ title: 'Precio', value: '12,50 €/m²' }] },
          ],
          actions: [
            { type: 'Action.OpenUrl', title: 'Ficha', url: link.url },
            {
              type: 'Action.Submit',
              title: 'Pedir',
              data: { parleyChoice: 'pedir', parleyLabel: 'Pedir' },
            },
          ],
        },
      },
    ]);
  });

  it('comes back as the choice that was made: a button, an entry of a list', async () => {
    const items = [30, 50].map((mm) => ({ id: `panel-${mm}`, label: `Panel ${mm}`, description: `${mm} mm` }));
    await channel.send(TO, { kind: 'choices', markdown: '¿Cuál?', choices: items }, CONTEXT);
    await channel.send(TO, { kind: 'list', markdown: '¿Cuál?', openLabel: 'Ver', items }, CONTEXT);
    type Card = { actions: { data: object }[]; body: { id?: string; choices?: { value: string }[] }[] };
    const [buttons, list] = activities().map(({ attachments }) => attachments?.[0]?.content as Card);
    const picked = { [list?.body.at(-1)?.id ?? '']: list?.body.at(-1)?.choices?.[1]?.value };
    const answers = [buttons?.actions[1]?.data, { ...list?.actions[0]?.data, ...picked }];
    for (const value of answers) {
      const { events } = await receive(hello({ text: undefined, value }));
      expect(events).toMatchObject([{ content: [{ kind: 'choice', id: 'panel-50', label: 'Panel 50' }] }]);
    }
  });

  it('stays below 28 KB whatever the characters are, once it is fitted', async () => {
    const long = '&👷<"\n'.repeat(5000);
    const label = '"&👷'.repeat(40);
    const items = Array.from({ length: 40 }, (_, index) => ({ id: `id-${index}`.padEnd(60, '&'), label, description: label }));
    const card = { kind: 'card' as const, title: long.slice(0, 500), markdown: long, image: null, facts: [], link: null, choices: items };
    for (const content of [
      { kind: 'text' as const, markdown: long },
      { kind: 'choices' as const, markdown: long, choices: items.slice(0, 6) },
      { kind: 'list' as const, markdown: long, openLabel: label, items: items.slice(0, 30) },
      { ...card, choices: items.slice(0, 6), facts: items.slice(0, 20).map(() => ({ label, value: label })) },
    ])
      for (const part of fitContent([content], channel.capabilities)) await channel.send(TO, part, CONTEXT);
    const sizes = activities().map((activity) => Buffer.byteLength(JSON.stringify(activity)));
    expect(sizes.length).toBeGreaterThan(4);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_ACTIVITY_BYTES);
  });

  it('is not tried where it is too large after all', async () => {
    const failure = await failureOf(channel.send(TO, { kind: 'text', markdown: '&'.repeat(9000) }, CONTEXT));
    expect([failure.kind, platform.calls]).toEqual(['payload-refused', []]);
  });
});

describe('the connector’s refusals', () => {
  it.each<[number, string, ChannelErrorKind]>([
    [400, 'BadSyntax', 'payload-refused'],
    [400, 'ConversationNotFound', 'recipient-unreachable'],
    [401, 'Unauthorized', 'credentials-rejected'],
    [403, 'BotNotInConversationRoster', 'recipient-unreachable'],
    [403, 'ConversationBlockedByUser', 'recipient-unreachable'],
    [403, 'BotDisabledByAdmin', 'recipient-unreachable'],
    [404, 'ConversationNotFound', 'recipient-unreachable'],
    [412, 'PreconditionFailed', 'unavailable'],
    [413, 'MessageSizeTooBig', 'payload-refused'],
    [500, 'ServiceError', 'unavailable'],
    [502, 'BadGateway', 'unknown'],
    [503, 'ServiceUnavailable', 'unavailable'],
    [504, 'GatewayTimeout', 'unknown'],
  ])('%d %s: %s, and the SDK does not try again by itself', async (status, code, kind) => {
    platform.failNext({ kind: 'answer', status, code });
    const failure = await failureOf(channel.send(TO, { kind: 'text', markdown: 'Hola' }, CONTEXT));
    expect(failure).toBeInstanceOf(ChannelError);
    expect([failure.kind, failure.message, platform.calls]).toEqual([kind, `send: ${status} ${code}`, []]);
  });

  it('429: after the time that it names', async () => {
    platform.failNext({ kind: 'answer', status: 429, code: 'TooManyRequests', retryAfter: 7 });
    const failure = await failureOf(channel.send(TO, { kind: 'text', markdown: 'Hola' }, CONTEXT));
    expect([failure.kind, failure.retry]).toEqual(['rate-limited', { afterMs: 7000 }]);
  });

  it('a cut line leaves it open, and nothing is sent twice', async () => {
    platform.failNext({ kind: 'cut' });
    expect((await failureOf(channel.send(TO, { kind: 'text', markdown: 'Hola' }, CONTEXT))).kind).toBe('unknown');
    expect(platform.calls).toEqual([]);
  });

  it('a message that is gone cannot be edited', async () => {
    expect((await failureOf(channel.edit?.(TO, '1', { kind: 'text', markdown: 'Hola' }))).kind).toBe('recipient-unreachable');
  });

  it('no connection at all means that nothing was sent, also where the token cannot be had', async () => {
    const gone = await startTeamsPlatform();
    await gone.close();
    const closed = gone.url;
    for (const change of [{ serviceUrls: [closed] }, { loginUrl: closed }]) {
      const away = createTeamsChannel({ ...settingsFor(platform), ...change }, logger);
      expect((await failureOf(away.send(TO, { kind: 'text', markdown: 'Hola' }, CONTEXT))).kind).toBe('unavailable');
    }
  });
});

describe('a customer’s file', () => {
  const file = (id: string) => ({ id, filename: null, contentType: null, sizeBytes: null });

  it.each([
    'https://evil.example/a',
    'http://contoso.sharepoint.com/a',
    'https://sharepoint.com.evil.example/a',
    'file:///etc/passwd',
    'att_1',
    '',
  ])('is not fetched from %j', async (address) => {
    expect((await failureOf(channel.fetchMedia?.(file(address)))).kind).toBe('payload-refused');
  });

  it('is not fetched in the clear from a connector that is spoken to over https: the token would go there', async () => {
    const overHttps = createTeamsChannel({ ...settingsFor(platform), serviceUrls: ['https://smba.trafficmanager.net/teams'] }, logger);
    const address = 'http://smba.trafficmanager.net/teams/v3/attachments/1/views/original';
    expect((await failureOf(overHttps.fetchMedia?.(file(address)))).kind).toBe('payload-refused');
  });

  it('is fetched with the bot’s token where a connector keeps it, and may be gone', async () => {
    await channel.fetchMedia?.(file(platform.addFile(Buffer.from('x'))));
    expect(platform.fileTokens).toEqual([expect.stringMatching(/^Bearer token-/)]);
    expect((await failureOf(channel.fetchMedia?.(file(`${platform.url}/files/none`)))).kind).toBe('recipient-unreachable');
  });
});

describe('a file of ours', () => {
  const pdf = { id: 'att_1', filename: 'plano.pdf', contentType: 'application/pdf', sizeBytes: 8 };
  const offered = async () => {
    const { platformMessageId } = await channel.send(TO, { kind: 'file', file: pdf, caption: '**El** plano' }, CONTEXT);
    const content = platform.calls[0]?.activity.attachments?.[0]?.content as { acceptContext: object };
    return { platformMessageId, context: content.acceptContext };
  };
  const answer = (value: object, parts: object = {}) => receive(hello({ type: 'invoke', name: 'fileConsent/invoke', value, ...parts }));
  const uploadInfo = () => ({
    uploadUrl: `${platform.url}/files/upload?guid=1`,
    contentUrl: 'https://contoso-my.sharepoint.com/personal/ana/plano.pdf',
    name: 'plano.pdf',
    uniqueId: 'u-1',
    fileType: 'pdf',
  });

  it('is offered in a personal chat, uploaded on consent, and takes the place of the offer', async () => {
    const { platformMessageId, context } = await offered();
    expect(platform.messages(CONVERSATION_ID).map(shownOf)).toEqual([{ text: 'El plano', buttons: [], files: ['plano.pdf'] }]);
    for (let time = 0; time < 2; time += 1) {
      const { reply, events } = await answer({ action: 'accept', context, uploadInfo: uploadInfo() }, { replyToId: platformMessageId });
      expect([reply.status, events]).toEqual([200, []]);
    }
    expect(platform.uploads.get('/files/upload')?.toString()).toBe('%PDF-1.7');
    expect(platform.fileTokens).toEqual([undefined, undefined]);
    expect(platform.messages(CONVERSATION_ID)).toMatchObject([
      { attachments: [{ contentType: 'application/vnd.microsoft.teams.card.file.info' }] },
    ]);
  });

  it('stays here when it is declined, and nobody gets another one by its name or in another chat', async () => {
    const { context } = await offered();
    const statuses = [];
    for (const [value, parts] of [
      [{ action: 'decline', context }],
      [{ action: 'accept', context: { ...context, fileId: 'att_2' }, uploadInfo: uploadInfo() }],
      [{ action: 'accept', context, uploadInfo: uploadInfo() }, { conversation: { id: 'a:other', conversationType: 'personal' } }],
      [{ action: 'accept', context }],
      [{}],
    ] as const)
      statuses.push((await answer(value, parts)).reply.status);
    expect([statuses, platform.uploads.size]).toEqual([[200, 400, 400, 400, 400], 0]);
  });

  it('goes to no host that does not keep files for Teams: the customer is asked to try again', async () => {
    const { context } = await offered();
    const info = { ...uploadInfo(), uploadUrl: 'https://evil.example/upload' };
    expect((await answer({ action: 'accept', context, uploadInfo: info })).reply.status).toBe(503);
  });

  it('is named in a group, where bots have no files', async () => {
    await channel.send(GROUP, { kind: 'file', file: pdf, caption: 'El plano' }, CONTEXT);
    expect(platform.messages(GROUP.threadKey).map(shownOf)).toEqual([{ text: 'El plano\n\n📎 plano.pdf', buttons: [], files: [] }]);
  });

  it('is shown inside the message where it is a small picture, or one on the web', async () => {
    const png = { ...pdf, filename: 'a.png', contentType: 'image/png' };
    await channel.send(GROUP, { kind: 'image', file: png, caption: 'Así' }, CONTEXT);
    await channel.send(GROUP, { kind: 'image', file: { ...png, id: 'https://example.com/a.png' }, caption: '' }, CONTEXT);
    const urls = platform.calls.map(({ activity }) => activity.attachments?.[0]?.contentUrl);
    expect(urls).toEqual([`data:image/png;base64,${Buffer.from('%PDF-1.7').toString('base64')}`, 'https://example.com/a.png']);
  });
});

describe('diagnose', () => {
  it('finds nothing wrong where all is well, and says where the endpoint is set', async () => {
    expect(await channel.diagnose('https://127.0.0.1:9')).toMatchObject([
      { check: 'token', state: 'ok', remedy: null },
      { check: 'keys', state: 'ok', remedy: null },
      { check: 'webhook', state: 'unknown', remedy: expect.stringContaining('https://127.0.0.1:9/api/messages') },
      { check: 'webhook reachable', state: 'wrong' },
    ]);
  });

  it('names what is wrong and what to do, but no secret', async () => {
    const wrong = createTeamsChannel({ ...settingsFor(platform), appPassword: 'revoked', openIdMetadata: 'http://127.0.0.1:9/' }, logger);
    const findings = await wrong.diagnose('http://127.0.0.1:9');
    expect(findings).toMatchObject([
      {
        check: 'token',
        state: 'wrong',
        detail: 'login: invalid_client AADSTS7000215.',
        remedy: expect.stringContaining('MICROSOFT_APP_PASSWORD'),
      },
      { check: 'keys', state: 'wrong', remedy: expect.stringContaining('TEAMS_OPENID_METADATA') },
      { check: 'webhook', state: 'wrong' },
      { check: 'webhook reachable', state: 'wrong' },
    ]);
    expect(JSON.stringify(findings)).not.toContain('revoked');
  });
});

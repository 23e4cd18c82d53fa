/** A send whose result is not known is looked for in Slack's history, however many pages that has, up to a limit that is told. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createSlackClient, type SlackClient } from '../../../channels/slack/client.js';
import { findSent, metadataOf } from '../../../channels/slack/find-sent.js';
import { type LogMessage, MAX_LOOKED_THROUGH } from '../../../channels/slack/log-pages.js';
import { type JsonServer, startJsonServer } from '../../fakes/json-server.js';

const KEY = 'msg_1:0';
const SENT: LogMessage = { ts: '1700000000.000100', metadata: metadataOf(KEY) };
const OTHER: LogMessage = { ts: '1700000000.000200', metadata: metadataOf('msg_2:0') };

let slack: JsonServer;
let client: SlackClient;
/** What the fake has, each page's cursor being its index; and what it was asked for. */
let pageAt: (index: number) => { readonly messages: readonly LogMessage[]; readonly more: boolean };
let asked: { readonly method: string; readonly cursor: string; readonly thread: string | null }[];
beforeAll(async () => {
  slack = await startJsonServer(async ({ url, body }) => {
    const given = new URLSearchParams(body);
    const cursor = given.get('cursor') ?? '';
    asked.push({ method: url.pathname.split('/').at(-1) ?? '', cursor, thread: given.get('ts') });
    const { messages, more } = pageAt(Number(cursor));
    const next = more ? String(Number(cursor) + 1) : '';
    return { status: 200, body: { ok: true, messages, response_metadata: { next_cursor: next } } };
  });
  client = createSlackClient({ botToken: 'xoxb-fake', apiUrl: `${slack.url}/api/` });
});
afterAll(() => slack.close());
beforeEach(() => {
  asked = [];
});

const lookIn = (threadKey: string) => findSent(client, { conversationId: 'conv_1', threadKey, userId: 'U1' }, KEY);
const pages = (...all: readonly (readonly LogMessage[])[]) => {
  pageAt = (index) => ({ messages: all[index] ?? [], more: index < all.length - 1 });
};

describe('a send that is looked for', () => {
  it('is found on a later page, and nothing is read beyond it', async () => {
    pages([OTHER], [OTHER, SENT], [OTHER]);
    expect(await lookIn('C1')).toEqual({ platformMessageId: `C1:${SENT.ts}` });
    expect(asked.map(({ method, cursor }) => [method, cursor])).toEqual([
      ['conversations.history', ''],
      ['conversations.history', '1'],
    ]);
  });

  it('is looked for in its thread', async () => {
    pages([SENT]);
    expect(await lookIn('C1:1700000000.000001')).not.toBeNull();
    expect(asked).toEqual([{ method: 'conversations.replies', cursor: '', thread: '1700000000.000001' }]);
  });

  it('was not made where no page has it', async () => {
    pages([OTHER], [OTHER]);
    expect(await lookIn('C1')).toBeNull();
  });

  it('is not taken for one that was not made where more has been said than is looked through', async () => {
    pageAt = () => ({ messages: [OTHER], more: true });
    await expect(lookIn('C1')).rejects.toMatchObject({ kind: 'unavailable', message: expect.stringContaining(`${MAX_LOOKED_THROUGH}`) });
    expect(asked).toHaveLength(20);
  });
});

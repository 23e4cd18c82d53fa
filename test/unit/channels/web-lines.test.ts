/** A web client's line is shown the whole log, once and in order, whichever instance answers and however slow the log is to read. */
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { encodeSend } from '../../../channels/web/encode.js';
import type { ServerFrame } from '../../../channels/web/frames.js';
import { createWebChannel, type WebChannel } from '../../../channels/web/index.js';
import { openLogLine } from '../../../channels/web/log-line.js';
import { LOG_PAGE, LOOK_MS, READ_AGAIN_MS } from '../../../channels/web/config.js';
import type { SendContext } from '../../../src/domain/channel.js';
import type { OutboundContent } from '../../../src/domain/content.js';
import { ORDER_STEP } from '../../../src/domain/ids.js';
import type { Message } from '../../../src/domain/message.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { createThreadLog } from '../../fakes/thread-log.js';
import { session } from '../../fixtures/turns.js';

const AT = new Date('2026-03-02T10:00:00Z');
const SESSION = session({ channel: 'web' });
const TO = { conversationId: SESSION.conversationId, threadKey: SESSION.id, userId: SESSION.threadId };
const GREETING: ServerFrame = { type: 'connected', session_id: SESSION.id, client_id: 'client_1' };

const logged = (id: string, order: number, role: Message['role'], content: readonly OutboundContent[]): Message => ({
  id,
  conversationId: SESSION.conversationId,
  threadId: SESSION.threadId,
  turnId: 'turn_1',
  order,
  role,
  text: role === 'user' ? `text of ${id}` : '',
  content,
  choices: [],
  attachments: [],
  sources: [],
  toolsUsed: [],
  intent: null,
  language: 'es',
  confidence: null,
  platformMessageId: null,
  editedAt: null,
  deletedAt: null,
  createdAt: AT,
  processingTimeMs: null,
});

/** A turn as the log has it, and the sends of its answer; nobody has asked where people write of themselves. */
function turnOf(index: number, parts = 1, isAsked = true) {
  const [question, answer] = [`question ${index}`, `answer ${index}`];
  const order = (index + 1) * ORDER_STEP;
  const content = Array.from({ length: parts }, (_, part): OutboundContent => ({ kind: 'text', markdown: `${answer}, part ${part}. ` }));
  const place = { order: order + 1, after: index === 0 ? 0 : index * ORDER_STEP + 1, answers: isAsked ? [question] : [] };
  return {
    question,
    answer,
    text: content.map((part) => (part.kind === 'text' ? part.markdown : '')).join(''),
    messages: [...(isAsked ? [logged(question, order, 'user', [])] : []), logged(answer, order + 1, 'assistant', content)],
    sends: content.map((part, number): [OutboundContent, SendContext] => [
      part,
      { key: `${answer}:${number}`, messageId: answer, replyTo: null, part: number, last: number === parts - 1, place, answer: null },
    ]),
  };
}

/** Answers that came whole, with their texts, and customers' messages, in the order in which they were shown. */
function shownIn(frames: readonly ServerFrame[]): string[] {
  const texts = new Map<string, string>();
  return frames.flatMap((frame) => {
    if (frame.type === 'text') texts.set(frame.message_id, (texts.get(frame.message_id) ?? '') + frame.content);
    if (frame.type === 'message') return [frame.message_id];
    return frame.type === 'complete' ? [texts.get(frame.message_id) ?? ''] : [];
  });
}

function openLine() {
  const log = createThreadLog();
  const frames: ServerFrame[] = [];
  const logLines: string[] = [];
  const logger = createLogger({ level: 'debug', write: (line) => logLines.push(line) });
  const client = { clientId: 'client_1', threadId: SESSION.threadId };
  const line = openLogLine(client, { log, logger, send: (frame) => void frames.push(frame) });
  const send = ([content, context]: [OutboundContent, SendContext]) => line.takePart(context, encodeSend(content, context, []) ?? []);
  return { log, line, frames, logLines, send, shown: () => shownIn(frames) };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a line', () => {
  it('is given what is sent from here at once, without a look at the log', async () => {
    const { log, line, send, shown } = openLine();
    await line.begin(null, GREETING);
    const reads = log.reads();
    const [first, second] = [turnOf(0, 2), turnOf(1)];
    for (const turn of [first, second]) {
      line.takeAhead(turn.question, null);
      log.append(...turn.messages);
      turn.sends.forEach(send);
    }
    expect(shown()).toEqual([first.text, second.text]);
    expect(log.reads()).toBe(reads);
  });

  it('is shown first what another instance answered, then what is sent from here', async () => {
    const { log, line, send, shown } = openLine();
    await line.begin(null, GREETING);
    const [elsewhere, here] = [turnOf(0), turnOf(1, 2)];
    log.append(...elsewhere.messages, ...here.messages);
    line.takeAhead(here.question, null);
    here.sends.forEach(send);
    await settled();
    expect(shown()).toEqual([elsewhere.question, elsewhere.text, here.text]);
  });

  it('is shown the rest of an answer that another instance finished, and its parts once', async () => {
    const { log, line, frames, send, shown } = openLine();
    await line.begin(null, GREETING);
    const [turn, next] = [turnOf(0, 3), turnOf(1)];
    line.takeAhead(turn.question, null);
    log.append(...turn.messages);
    turn.sends.slice(0, 1).forEach(send);
    line.hear(next.messages[1]?.order ?? 0);
    await settled();
    turn.sends.forEach(send); // as a thawed instance would
    await settled();
    expect(shown()).toEqual([turn.text]);
    expect(frames.filter((frame) => frame.type === 'complete')).toHaveLength(1);
  });

  it('begins behind the message that the client knows, or at the beginning where that is unknown', async () => {
    for (const [after, expected] of [
      ['answer 0', ['question 1', turnOf(1).text]],
      ['unknown', ['question 0', turnOf(0).text, 'question 1', turnOf(1).text]],
      [null, []],
    ] as const) {
      const { log, line, shown } = openLine();
      log.append(...turnOf(0).messages, ...turnOf(1).messages);
      await line.begin(after, GREETING);
      await settled();
      expect(shown()).toEqual(expected);
    }
  });

  it('reads on until nothing is left, however much was missed', async () => {
    const { log, line, frames, shown } = openLine();
    const turns = Array.from({ length: LOG_PAGE * 2 }, (_, index) => turnOf(index));
    log.append(...turns.flatMap((turn) => turn.messages));
    await line.begin('unknown', GREETING);
    await settled();
    expect(frames[0]).toEqual(GREETING);
    expect(shown()).toEqual(turns.flatMap((turn) => [turn.question, turn.text]));
  });

  it('waits for a message that the conversation has and the log does not show yet', async () => {
    const { log, line, shown } = openLine();
    await line.begin(null, GREETING);
    const turn = turnOf(0);
    line.hear(turn.messages[1]?.order ?? 0);
    await settled();
    expect(shown()).toEqual([]);
    log.append(...turn.messages);
    line.hear(turn.messages[1]?.order ?? 0);
    await settled();
    expect(shown()).toEqual([turn.question, turn.text]);
  });

  it('takes a reply of an earlier version, which has no place, from the log', async () => {
    const { log, line, send, shown } = openLine();
    await line.begin(null, GREETING);
    const turn = turnOf(0);
    log.append(...turn.messages);
    const [[content, { place: _place, ...context }]] = turn.sends as [[OutboundContent, SendContext]];
    send([content, context]);
    await settled();
    expect(shown()).toEqual([turn.question, turn.text]);
  });

  it('is not told of a message being stored that it was shown already, with its answer', async () => {
    const { log, line, shown } = openLine();
    await line.begin(null, GREETING);
    const turn = turnOf(0);
    log.append(...turn.messages);
    line.hear(turn.messages[1]?.order ?? 0);
    await settled();
    line.takeAhead(turn.question, { type: 'message', message_id: turn.question, role: 'user', content: '', attachments: [] });
    expect(shown()).toEqual([turn.question, turn.text]);
  });

  it('shows nothing once it is closed, whatever is being read', async () => {
    const { log, line, frames } = openLine();
    log.append(...turnOf(0).messages);
    await line.begin('unknown', GREETING);
    line.close();
    await settled();
    expect(frames).toEqual([GREETING]);
  });
});

describe('when the log cannot be read', () => {
  afterEach(() => void jest.useRealTimers());

  it('a line tries again, and shows the same', async () => {
    const { log, line, logLines, shown } = openLine();
    await line.begin(null, GREETING);
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    log.before = () => Promise.reject(new Error('the database is away'));
    const turn = turnOf(0);
    log.append(...turn.messages);
    for (let looks = 0; looks < 3; looks += 1) {
      line.hear(turn.messages[1]?.order ?? 0);
      await settled();
    }
    expect(shown()).toEqual([]);
    expect(logLines.join()).toContain('the database is away');
    expect(jest.getTimerCount()).toBe(1);
    log.before = async () => undefined;
    await jest.advanceTimersByTimeAsync(READ_AGAIN_MS);
    await settled();
    expect(shown()).toEqual([turn.question, turn.text]);
    line.close();
  });

  it('a client is not let in', async () => {
    const log = createThreadLog();
    const channel = createWebChannel({ logger: createLogger({ level: 'silent' }), log, elsewhere: false });
    log.before = () => Promise.reject(new Error('the database is away'));
    await expect(connect(channel, [])).rejects.toThrow('the database is away');
    expect(channel.connectionCount(SESSION.id)).toBe(0);
  });
});

const connect = (channel: WebChannel, frames: ServerFrame[], clientId = 'client_1') =>
  channel.connect(
    {
      ...{ clientId, sessionId: SESSION.id, threadId: SESSION.threadId, conversationId: SESSION.conversationId },
      send: (frame) => void frames.push(JSON.parse(frame) as ServerFrame),
      submit: async ({ text }) => ({ messageId: text, turnId: 'turn_1', duplicate: false, attachments: [] }),
    },
    null,
  );

describe('instances on one log', () => {
  afterEach(() => void jest.useRealTimers());

  it('look for each other’s answers while they have lines open, and not otherwise', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    const log = createThreadLog();
    const channel = createWebChannel({ logger: createLogger({ level: 'silent' }), log, elsewhere: true });
    const stop = await channel.start?.(
      async () => ({ inboxId: 'evt_1', duplicate: false }),
      async () => undefined,
    );
    await jest.advanceTimersByTimeAsync(10 * LOOK_MS);
    expect(log.reads()).toBe(0);
    const frames: ServerFrame[] = [];
    const connection = await connect(channel, frames);
    const turn = turnOf(0, 2);
    log.append(...turn.messages);
    await jest.advanceTimersByTimeAsync(LOOK_MS);
    await settled();
    expect(shownIn(frames)).toEqual([turn.question, turn.text]);
    connection.close();
    const reads = log.reads();
    await jest.advanceTimersByTimeAsync(10 * LOOK_MS);
    expect(log.reads()).toBe(reads);
    await stop?.();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('show every window the same: who writes here is seen at once, and nothing comes twice', async () => {
    const log = createThreadLog();
    const channel = createWebChannel({ logger: createLogger({ level: 'silent' }), log, elsewhere: false });
    await channel.start?.(
      async () => ({ inboxId: 'evt_1', duplicate: false }),
      async () => undefined,
    );
    const [one, two]: [ServerFrame[], ServerFrame[]] = [[], []];
    const [writer] = [await connect(channel, one, 'a'), await connect(channel, two, 'b')];
    const turn = turnOf(0, 2);
    await writer.receive(JSON.stringify({ type: 'message', content: turn.question }));
    expect([shownIn(one), shownIn(two)]).toEqual([[], [turn.question]]);
    log.append(...turn.messages);
    for (const [content, context] of turn.sends) await channel.send(TO, content, context);
    expect([shownIn(one), shownIn(two)]).toEqual([[turn.text], [turn.question, turn.text]]);
  });
});

describe('whatever happens in whatever order', () => {
  /** What goes on beside the turns: a look, a read that is answered, a part that is sent once more. */
  const beside = fc.constantFrom('look', 'answer', 'send again');
  const turns = fc.array(
    fc.record({
      parts: fc.integer({ min: 1, max: 3 }),
      /** Who knows the question before the log does. */
      asked: fc.constantFrom('by this client', 'in another window here', 'elsewhere', 'by nobody'),
      /** Parts that are sent from here: the first ones, the last ones, all or none. */
      from: fc.integer({ min: 0, max: 3 }),
      to: fc.integer({ min: 0, max: 3 }),
      pauses: fc.array(fc.array(beside, { maxLength: 4 }), { minLength: 5, maxLength: 5 }),
    }),
    { minLength: 1, maxLength: 5 },
  );

  it('each client is shown every answer whole, once and in the order of the log, and each question once', async () => {
    await fc.assert(
      fc.asyncProperty(turns, fc.nat({ max: 4 }), fc.constantFrom('now', 'the beginning'), async (planned, connectAt, since) => {
        const { log, line, frames, send } = openLine();
        const answers: (() => void)[] = [];
        log.before = () => new Promise((resolve) => void answers.push(resolve));
        const all = planned.map(({ parts, asked }, index) => turnOf(index, parts, asked !== 'by nobody'));
        let newest = 0;
        let sent: (() => void)[] = [];
        const pass = async (moments: readonly string[] = []) => {
          for (const moment of moments) {
            if (moment === 'look') line.hear(newest);
            else if (moment === 'answer') answers.shift()?.();
            else sent.forEach((sendAgain) => sendAgain());
            await settled();
          }
        };
        const begin = async () => {
          const begun = line.begin(since === 'now' ? null : 'unknown', GREETING);
          await settled();
          answers.shift()?.();
          await begun;
        };
        const connectedAt = Math.min(connectAt, all.length - 1);
        for (const [index, turn] of all.entries()) {
          const { asked, from, to, pauses } = planned[index] as (typeof planned)[number];
          if (index === connectedAt) await begin();
          const announced: ServerFrame = { type: 'message', message_id: turn.question, role: 'user', content: '', attachments: [] };
          if (asked === 'by this client') line.takeAhead(turn.question, null);
          if (asked === 'in another window here') line.takeAhead(turn.question, announced);
          await pass(pauses[0]);
          log.append(...turn.messages);
          newest = turn.messages.at(-1)?.order ?? 0;
          sent = [];
          for (const [part, call] of turn.sends.entries()) {
            await pass(pauses[part + 1]);
            if (part < from || part > to) continue;
            sent.push(() => send(call));
            send(call);
          }
          await pass(pauses[4]);
        }
        line.hear(newest);
        for (let waiting = answers.shift(); waiting !== undefined; waiting = answers.shift()) {
          waiting();
          await settled();
        }

        const due = since === 'now' ? all.slice(connectedAt) : all;
        const shown = shownIn(frames);
        expect(shown.filter((text) => !text.startsWith('question'))).toEqual(due.map((turn) => turn.text));
        const known = (index: number) => planned[index]?.asked === 'by nobody' || planned[index]?.asked === 'by this client';
        const questions = due.map((turn) => turn.question).filter((_question, place) => !known(all.length - due.length + place));
        expect(shown.filter((text) => text.startsWith('question')).sort()).toEqual(questions.sort());
        expect(frames.filter((frame) => frame.type === 'complete')).toHaveLength(due.length);
        line.close();
      }),
      { numRuns: 300 },
    );
  });
});

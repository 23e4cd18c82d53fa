/**
 * CONTRACT.md, "WebSocket", where several instances serve one session: all clients of it see the same conversation, whichever instance each is
 * connected to, whichever takes a message in and whichever answers it.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { answersIn, type SocketClient } from '../../fakes/http-client.js';
import { closeTestServices, startTestService, type TestService } from './service.js';

let database: TestDatabase;
let one: TestService;
let other: TestService;
beforeAll(async () => {
  database = await startTestDatabase();
  one = await startTestService({ database, severalInstances: true });
  other = await startTestService({ database, severalInstances: true });
});
afterAll(async () => {
  await closeTestServices();
  await database.close();
});

const open = async (service: TestService, session: string, more = ''): Promise<SocketClient> => {
  const client = service.connect(`?session_id=${session}${more}`);
  await client.next('connected');
  return client;
};

interface LoggedView {
  readonly id: string;
  readonly role: string;
  readonly content: string;
}
const history = async (session: string): Promise<LoggedView[]> =>
  (await one.call('GET', `/api/chat/sessions/${session}/messages?limit=200`)).body['messages'] as LoggedView[];

const questionsIn = (client: SocketClient): string[] =>
  client.frames.flatMap((frame) => (frame.type === 'message' ? [frame.message_id] : []));

describe('two instances on one database', () => {
  it('show the clients of both the same answer, in the same frames', async () => {
    const session = await one.session();
    const [writer, reader] = [await open(one, session), await open(other, session)];
    writer.send({ type: 'message', content: 'una pregunta bastante larga para que la respuesta llegue en trozos' });
    await Promise.all([writer.next('complete'), reader.next('complete')]);
    const ofAnswer = (client: SocketClient) =>
      client.frames
        .filter((frame) => ['text', 'sources', 'complete', 'escalation'].includes(frame.type))
        .map((frame) => ({ ...frame, timestamp: '' }));
    expect(ofAnswer(reader)).toEqual(ofAnswer(writer));
    const [question] = await history(session);
    expect(await reader.next('message')).toMatchObject({ role: 'user', content: question?.content, message_id: question?.id });
    expect(questionsIn(writer)).toEqual([]);
    [writer, reader].forEach((client) => client.close());
  });

  it('tell the clients of both that people take over', async () => {
    const session = await one.session();
    const [writer, reader] = [await open(one, session), await open(other, session)];
    writer.send({ type: 'message', content: 'persona' });
    for (const client of [writer, reader]) {
      expect(await client.next('escalation')).toMatchObject({ required: true, reason: ['asked-for-person'] });
      await client.next('complete');
      client.close();
    }
  });

  it('give a client that moves from one to the other what it missed, and go on from there', async () => {
    const session = await one.session();
    const first = await open(one, session);
    first.send({ type: 'message', content: 'uno' });
    const { message_id } = await first.next('complete');
    first.close();
    await first.closed;
    await one.send(session, 'dos');
    const moved = await open(other, session, `&after=${message_id}`);
    await one.send(session, 'tres');
    moved.send({ type: 'message', content: 'cuatro' });
    await moved.next('complete', 3);
    const logged = (await history(session)).filter(({ role }) => role === 'assistant');
    expect(answersIn(moved)).toEqual(logged.slice(1).map(({ id, content }) => ({ id, content })));
    moved.close();
  });

  it('show every line every message once and all answers in the order of the log, whoever writes where', async () => {
    const session = await one.session();
    const lines = [await open(one, session), await open(other, session), await open(other, session)];
    const WRITTEN = 12;
    const acknowledged: Promise<unknown>[] = [];
    for (let count = 0; count < WRITTEN; count += 1) {
      const line = lines[count % 4];
      if (line === undefined) acknowledged.push((count % 8 < 4 ? one : other).send(session, `mensaje ${count}`));
      else line.send({ type: 'message', content: `mensaje ${count}` });
      if (count % 3 === 0) await acknowledged.at(-1);
    }
    await Promise.all([...acknowledged, ...lines.map((line) => line.next('complete', WRITTEN))]);
    const logged = await history(session);
    expect(logged).toHaveLength(2 * WRITTEN);
    const answers = logged.filter(({ role }) => role === 'assistant').map(({ id, content }) => ({ id, content }));
    const questions = logged.filter(({ role }) => role === 'user').map(({ id }) => id);
    for (const line of lines) {
      const own = line.frames.flatMap((frame) => (frame.type === 'acknowledged' ? [frame.message_id] : []));
      expect(answersIn(line)).toEqual(answers);
      expect([...own, ...questionsIn(line)].sort()).toEqual([...questions].sort());
    }
    // Whoever opens the line now is shown the same.
    const late = await open(other, session, '&after=none');
    await late.next('complete', WRITTEN);
    expect(answersIn(late)).toEqual(answers);
    expect(questionsIn(late)).toEqual(questions);
    [...lines, late].forEach((line) => line.close());
  });

  it('keep the order of the log where a message is stored after one that came later was answered', async () => {
    const session = await one.session();
    const reader = await open(other, session);
    await one.send(session, 'primera');
    const { inbox } = database.models;
    const known = (await inbox.findOne({ 'event.threadKey': session }).lean()) ?? null;
    // Taken in earlier, by an instance that was slow to store it.
    const eventId = `${known?.event.eventId ?? ''}-slow`;
    await inbox.collection.insertOne({
      ...known,
      _id: `evt_${'5'.repeat(24)}` as never,
      event: { ...known?.event, eventId, content: [{ kind: 'text', text: 'tardía' }] },
      order: (known?.order ?? 0) - 1,
      state: 'pending',
    });
    await one.send(session, 'tercera');
    await reader.next('complete', 3);
    const logged = await history(session);
    expect(logged.map(({ content }) => content)).toEqual(['primera', 'tardía', 'tercera'].flatMap((text) => [text, `Recibido: ${text}`]));
    expect(answersIn(reader)).toEqual(logged.filter(({ role }) => role === 'assistant').map(({ id, content }) => ({ id, content })));
    reader.close();
  });
});

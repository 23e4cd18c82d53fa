/** Answers that a language model words, through the whole service: they grow on the WebSocket, and joined are the answer that is stored. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sentencesOf } from '../../../src/text/sentences.js';
import { type ModelRequest, type ModelServer, sayAll, startModelServer } from '../../fakes/model/model-server.js';
import { type RunningService, startRunningService } from '../../fakes/running-service.js';

const QUESTION = '¿Cuánto tiempo tengo para devolver un pedido?';
const SETTINGS = { LLM_MODEL: 'small', LLM_API_KEY: 'model-key-hush' };

let model: ModelServer;
let service: RunningService;
beforeAll(async () => {
  model = await startModelServer();
  service = await startRunningService({ ...SETTINGS, LLM_BASE_URL: model.url });
}, 120_000);
afterAll(async () => {
  await service.stop();
  await model.close();
});

/** Two sentences of the first passage. */
function wordsOf({ data }: ModelRequest): readonly [string, string] {
  const text = data.passages[0]?.text.split('\n').filter((line) => /^\p{L}/u.test(line));
  const [first = '', second = first] = sentencesOf(text?.join('\n\n') ?? '');
  return [`${first} [1]`, `${second} [1]`];
}

async function storedAnswer(id: string): Promise<string | undefined> {
  const { body } = await service.call('GET', `/api/chat/sessions/${id}/messages`);
  return (body as { messages: { content: string }[] }).messages[1]?.content;
}

it('grows while it is written, and is stored as it was shown', async () => {
  let goOn = () => undefined as void;
  const isShown = new Promise<void>((resolve) => (goOn = resolve));
  let said: readonly [string, string] = ['', ''];
  model.onRequest = async (request, reply) => {
    said = wordsOf(request);
    reply.say(`${said[0]} Y`);
    await isShown;
    reply.say(` ${said[1]}`);
    reply.end();
  };
  const id = await service.session();
  const client = service.connect(`?session_id=${id}`);
  client.send({ type: 'message', content: QUESTION, client_message_id: 'c1' });
  await client.next('text'); // the model is still writing
  expect(client.frames.some((frame) => frame.type === 'complete')).toBe(false);
  goOn();
  const complete = await client.next('complete');
  const shown = client.frames.flatMap((frame) => (frame.type === 'text' ? [frame.content] : [])).join('');
  expect(shown).toBe(`${said[0]} Y ${said[1]}`);
  expect(await storedAnswer(id)).toBe(shown);
  expect(complete).toMatchObject({ confidence: expect.any(Number) });
  const told = client.frames.find((frame) => frame.type === 'sources') as { sources: { rank: number }[] } | undefined;
  // What is cited as [1] is the first of them; the quotation's others stay.
  expect(told?.sources.map(({ rank }) => rank)).toEqual([...(told?.sources.keys() ?? [])].map((place) => place + 1));
  expect(told?.sources.length).toBeGreaterThan(0);
  client.close();
});

it('is quoted where the model says what no passage says, and nothing of that is shown', async () => {
  model.onRequest = sayAll('Todo cuesta 1 € en https://evil.example [1].');
  const id = await service.session();
  const { status, text } = await service.send(id, QUESTION);
  expect(status).toBe(200);
  expect(text).not.toContain('evil.example');
  expect(await storedAnswer(id)).toContain('\n> ');
});

it('leaves neither the key nor what was asked and said in the log', () => {
  expect(model.requests.every(({ authorization }) => authorization === `Bearer ${SETTINGS.LLM_API_KEY}`)).toBe(true);
  const log = service.log.join('\n');
  for (const secret of [SETTINGS.LLM_API_KEY, QUESTION, 'evil.example']) expect(log).not.toContain(secret);
});

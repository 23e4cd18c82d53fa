/** The web chat for chaos: customers with a session and a WebSocket each, who write again until they are acknowledged, and lose their lines. */
import { derivedId, inboxIdOf } from '../../src/domain/ids.js';
import { type Customer, type FakePlatform, type Gateway, post } from './platform.js';
import { openWebLine, type WebLine } from './web-line.js';

/** Share of the answers in which the line is lost. */
const LINES_LOST = 0.02;

export function startWebPlatform(gateway: Gateway): FakePlatform {
  const lines: WebLine[] = [];
  let linesLost = 0;
  let misbehaving = false;

  return {
    channel: 'web',
    environment: {},
    async newCustomer(random) {
      const index = lines.length;
      const answer = await fetch(`${gateway.next()}/api/sessions`, { method: 'POST' });
      const { session_id: sessionId } = (await answer.json()) as { session_id: string };
      const loseLine = () => {
        if (!misbehaving || random() >= LINES_LOST) return false;
        linesLost += 1;
        return true;
      };
      const line = openWebLine({ sessionId, index, gateway, loseLine });
      lines.push(line);
      return customerOf(`web customer ${index + 1}`, sessionId, line, gateway);
    },
    counts: () => ({
      'lines lost within an answer': linesLost,
      'answers looked for in the log': lines.reduce((sum, line) => sum + line.missed(), 0),
      'answers that came twice under one id': lines.reduce((sum, line) => sum + line.again(), 0),
    }),
    misbehave: () => void (misbehaving = true),
    async close() {
      for (const line of lines) line.close();
    },
  };
}

function customerOf(name: string, sessionId: string, line: WebLine, gateway: Gateway): Customer {
  const keyOf = (number: number) => `question-${number}`;
  return {
    name,
    inboxIdOf: (number) => inboxIdOf({ channel: 'web', account: 'default', eventId: derivedId('web', sessionId, keyOf(number)) }),
    deliver: async (number, text) => ((await line.say(text, keyOf(number))) ? 'taken' : 'unreachable'),
    // By the other way: the same key is the same message.
    async deliverAgain(number, text) {
      const url = `${gateway.next()}/api/chat/sessions/${sessionId}/messages`;
      await post(url, { 'idempotency-key': keyOf(number) }, JSON.stringify({ message: text }), gateway);
    },
    shown: () => line.shown,
  };
}

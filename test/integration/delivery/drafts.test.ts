/** Answers that are shown while they are written: one message that grows and becomes the answer, whatever stops, fails or dies in the middle of it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ChannelError } from '../../../src/domain/errors.js';
import { conversationIdOf, messageIdOf, turnIdOf } from '../../../src/domain/ids.js';
import { type ProcessTurn, type ShowDraft } from '../../../src/domain/turn.js';
import { startTestDatabase, type TestDatabase } from '../../fakes/database.js';
import { type RecordingOptions } from '../../fakes/recording-channel.js';
import { simpleTurn, textEvent } from '../../fakes/simple-turns.js';
import { type Instance, simulate, type Simulation, TIMES } from './simulation.js';

const EDITED: RecordingOptions = { drafts: { everyMs: 1_000 } };

let database: TestDatabase;
let simulation: Simulation | undefined;
beforeAll(async () => {
  database = await startTestDatabase({ inMemory: true });
});
afterEach(() => simulation?.end());
afterAll(() => database.close());

/** A turn whose answer the test writes. */
function newWriting() {
  let show: ShowDraft | null = null;
  let end = () => undefined as void;
  let place = { messageId: '', order: 0 };
  const processTurn: ProcessTurn = async (input, showDraft = () => undefined) => {
    place = { messageId: messageIdOf(turnIdOf(input.inboxId), 'out'), order: input.order + 1 };
    show = showDraft;
    await new Promise<void>((resolve) => (end = resolve));
    return simpleTurn(input);
  };
  return {
    processTurn,
    begun: () => show !== null,
    write: (markdown: string) => show?.({ messageId: place.messageId, markdown, place: { order: place.order, after: 0, answers: [] } }),
    end: () => end(),
  };
}

async function takeIn(instance: Instance, threadKey: string, text = 'x'): Promise<void> {
  const stored = instance.emit(textEvent(threadKey, `${threadKey}-${text}`, text));
  await instance.letGo('insert inbox');
  await stored;
}

const storedOf = async (threadKey: string) => {
  const conversationId = conversationIdOf({ channel: 'test', account: 'default', threadKey });
  const [outbox, turns] = await Promise.all([
    database.models.outbox.find({ conversationId }).lean(),
    database.models.turns.find({ conversationId }).lean(),
  ]);
  return { outbox, turns };
};
const isSent = async (threadKey: string) => (await storedOf(threadKey)).outbox.some(({ state }) => state === 'sent');

/** One instance in the middle of its answer. */
async function beginWriting(threadKey: string, channel: RecordingOptions = EDITED) {
  const simulated = simulate(database, { channel });
  simulation = simulated;
  const writing = newWriting();
  const instance = simulated.start({ processTurn: writing.processTurn, turnWaits: true });
  await simulated.settle();
  await takeIn(instance, threadKey);
  await simulated.until('the turn', () => writing.begun());
  const shown = () => [...simulated.platform.shown.values()];
  return { simulated, instance, writing, shown };
}

describe('an answer that is shown while it is written', () => {
  it('is one message that grows, and in the end the stored answer', async () => {
    const { simulated, writing, shown } = await beginWriting('grows');
    writing.write('One.');
    await simulated.until('the first words', () => shown()[0] === 'One.');
    writing.write('One. Two.');
    writing.write('One. Two. Three.');
    await simulated.until('more words', () => shown()[0] === 'One. Two. Three.');
    writing.end();
    await simulated.until('the answer', () => isSent('grows'));
    expect(shown()).toEqual(['re: x']);
    expect(simulated.platform.calls).toHaveLength(1);
    expect((await storedOf('grows')).outbox).toMatchObject([{ state: 'sent', platformMessageId: '1', uncertain: 0 }]);
    expect((await storedOf('grows')).turns[0]?.uncertainSends).toBeUndefined();
  });

  it('is edited once in the time that the channel names, however fast it is written', async () => {
    const { simulated, writing, shown } = await beginWriting('rate');
    const edits: number[] = [];
    simulated.platform.onEdit = async () => void edits.push(performance.now());
    let text = '';
    for (let word = 0; word < 20; word += 1) {
      writing.write((text += `word ${word}. `));
      await simulated.settle();
      await simulated.advance(250);
    }
    await simulated.until('all words', () => shown()[0] === text);
    const gaps = edits.slice(1).map((at, index) => at - (edits[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
    writing.end();
    await simulated.until('the answer', () => isSent('rate'));
  });

  it('waits as long as the platform asks for', async () => {
    const { simulated, writing, shown } = await beginWriting('slowly');
    writing.write('One.');
    await simulated.until('the first words', () => shown()[0] === 'One.');
    let refusals = 0;
    simulated.platform.onEdit = async () => {
      if ((refusals += 1) === 1) throw new ChannelError('rate-limited', 'slowly', { retry: { afterMs: 30_000 } });
    };
    writing.write('One. Two.');
    await simulated.until('the refusal', () => refusals === 1);
    await simulated.advance(20_000);
    await simulated.settle();
    expect(refusals).toBe(1);
    await simulated.until('the words', () => shown()[0] === 'One. Two.');
    writing.end();
    await simulated.until('the answer', () => isSent('slowly'));
  });

  it('comes behind what is to be sent before it', async () => {
    const { simulated, instance, writing, shown } = await beginWriting('order');
    simulated.platform.onSend = async ({ text }) => {
      if (text === 're: x') throw new ChannelError('unavailable', 'not now', { retry: { afterMs: 20_000 } });
    };
    writing.end();
    await simulated.until('the refusal', () => simulated.platform.calls.length === 1);
    await takeIn(instance, 'order', 'y');
    await simulated.until('the next turn', async () => (await storedOf('order')).turns.length === 1);
    writing.write('Two.');
    await simulated.settle();
    await simulated.advance(5_000);
    await simulated.settle();
    expect(shown()).toEqual([]);
    simulated.platform.onSend = async () => undefined;
    await simulated.until('both', () => shown().length === 2);
    expect(shown()).toEqual(['re: x', 'Two.']);
    writing.end();
    await simulated.until('the answer', () => shown()[1] === 're: y');
  });

  it('that cannot be edited any more is followed by the whole answer', async () => {
    const { simulated, writing, shown } = await beginWriting('gone');
    writing.write('One.');
    await simulated.until('the first words', () => shown()[0] === 'One.');
    simulated.platform.onEdit = async () => {
      throw new ChannelError('payload-refused', 'the message is gone');
    };
    writing.end();
    await simulated.until('the answer', () => isSent('gone'));
    expect(shown()).toEqual(['One.', 're: x']);
  });

  it('is not shown to a group, nor where the channel does not: nothing is stored for it', async () => {
    const { simulated, writing } = await beginWriting('plain', {});
    writing.write('One.');
    writing.end();
    await simulated.until('the answer', () => isSent('plain'));
    expect(simulated.platform.calls.map(({ text }) => text)).toEqual(['re: x']);
    const [conversation] = await database.models.conversations.find({ threadKey: 'plain' }).lean();
    expect(conversation).not.toHaveProperty('draft');
  });
});

/** Writes two drafts and the answer; stops after so many moves. Null when it had nothing more to do. */
async function stopAfter(moves: number, threadKey: string, stop: (instance: Instance) => void) {
  const begun = await beginWriting(threadKey);
  const { simulated, instance, writing } = begun;
  const script = [() => writing.write('One.'), () => writing.write('One. Two.'), () => writing.end()];
  for (let count = 0; count < moves;) {
    const [next] = simulated.movable();
    if (next !== undefined) {
      await simulated.move(next);
      count += 1;
    } else {
      const act = script.shift();
      if (act === undefined && (await isSent(threadKey))) return null;
      act?.();
      await simulated.advance(1_000);
    }
  }
  const at = simulated.movable().map(({ stage, what }) => `${stage} of ${what}`);
  stop(instance);
  return { ...begun, at };
}

describe('an instance that dies while it shows an answer', () => {
  it('leaves nothing half-written: its successor edits the same message, or flags the one whose id was lost', async () => {
    const points: string[] = [];
    for (let moves = 1; ; moves += 1) {
      const threadKey = `dies-${moves}`;
      const stopped = await stopAfter(moves, threadKey, (instance) => instance.crash());
      if (stopped === null) break;
      const { simulated, at, shown } = stopped;
      points.push(...at);
      await simulated.advance(TIMES.leaseMs);
      simulated.start();
      await simulated.until('the successor has answered', () => isSent(threadKey));
      const { outbox, turns } = await storedOf(threadKey);
      // Only where the process died between the first draft's call and the note of its id.
      const isLost = shown().length === 2;
      expect({ at, shown: shown() }).toEqual({ at, shown: isLost ? ['One.', 're: x'] : ['re: x'] });
      if (isLost) expect(at.some((point) => ['answer of send', 'request of updateOne conversations'].includes(point))).toBe(true);
      if (isLost) expect(turns[0]?.uncertainSends).toEqual([outbox[0]?._id]);
      simulated.end();
    }
    expect(points).toEqual(expect.arrayContaining(['request of send', 'answer of send', 'request of edit', 'answer of edit']));
  }, 60_000);
});

describe('an instance that was suspended while it showed an answer', () => {
  it('writes no draft over its successor’s answer; but for a call that was out already, and then the turn is flagged', async () => {
    for (let moves = 1; ; moves += 1) {
      const threadKey = `frozen-${moves}`;
      const stopped = await stopAfter(moves, threadKey, (instance) => instance.freeze());
      if (stopped === null) break;
      const { simulated, instance, at, shown } = stopped;
      await simulated.advance(TIMES.leaseMs);
      simulated.start();
      await simulated.until('the successor has answered', () => isSent(threadKey));
      instance.thaw();
      await simulated.settle();
      await simulated.advance(2 * TIMES.leaseMs);
      await simulated.settle();
      const { outbox, turns } = await storedOf(threadKey);
      expect(outbox).toMatchObject([{ state: 'sent' }]);
      if (shown().join() !== 're: x') expect(turns[0]?.uncertainSends).toEqual([outbox[0]?._id]);
      if (shown().at(-1) !== 're: x') {
        // Its limit on a call runs out while it is suspended here, as it would not: it may have asked for the next one, too.
        expect({ at, calling: at.some((point) => / of (?:send|edit)$/.test(point)) }).toEqual({ at, calling: true });
      }
      simulated.end();
    }
  }, 60_000);
});

/** The survey at the end of a case, as a step over a turn. */
import { describe, expect, it } from '@jest/globals';
import type { ClosedCase, Conversation } from '../../../src/domain/conversation.js';
import type { InboundContent } from '../../../src/domain/content.js';
import { ratingStep } from '../../../src/pipeline/steps/rating.js';
import { AT, session, turn } from '../../fixtures/turns.js';

const HOUR = 3_600_000;
const closed = (over: Partial<ClosedCase> = {}): ClosedCase => ({ ticketId: 'T-1', note: null, closedAt: AT, survey: 'score', ...over });

function rated(
  said: string | { readonly button: string },
  { lastCase = closed(), later = 0, released = 0, ...conversation }: Partial<Conversation> & { later?: number; released?: number } = {},
) {
  const content: InboundContent[] =
    typeof said === 'string' ? [{ kind: 'text', text: said }] : [{ kind: 'choice', id: said.button, label: said.button }];
  const before = turn({
    conversation: { lastCase, ...conversation },
    event: { content },
    turn: {
      text: typeof said === 'string' ? said : said.button,
      session: session({ status: conversation.status === 'waiting' ? 'escalated' : 'active' }),
    },
  });
  const state = { ...before, input: { ...before.input, receivedAt: new Date(AT.getTime() + later), released } };
  void ratingStep.run(state);
  const [noted] = state.deskNotes;
  return {
    noted: noted === undefined ? null : noted.change,
    about: noted?.ticketId,
    survey: state.change.lastCase?.survey,
    answer: state.answer?.markdown ?? null,
  };
}

describe('a score', () => {
  it('is taken from a button, and from its number right behind the question', () => {
    expect(rated({ button: 'rate:4' })).toMatchObject({ noted: { kind: 'rated', score: 4 }, survey: 'comment' });
    expect(rated('4')).toMatchObject({ noted: { kind: 'rated', score: 4 }, about: 'T-1' });
    expect(rated('4', { lastCase: closed({ survey: null }) }).noted).toBeNull();
  });

  it('can be changed by another press, and then a word is asked for again', () => {
    expect(rated({ button: 'rate:2' }, { lastCase: closed({ survey: 'comment' }) })).toMatchObject({
      noted: { score: 2 },
      survey: 'comment',
    });
    expect(rated({ button: 'rate:2' }, { lastCase: closed({ survey: null }), later: 90 * HOUR })).toMatchObject({ noted: { score: 2 } });
  });

  it('is no number of a button that there is not', () => {
    for (const button of ['rate:0', 'rate:6', 'rate:', 'rate:x', 'rate:1.5', 'rate:NaN']) expect(rated({ button }).noted).toBeNull();
  });

  it('typed a day later is something else', () => {
    expect(rated('4', { later: 23 * HOUR }).noted).toMatchObject({ score: 4 });
    expect(rated('4', { later: 25 * HOUR })).toMatchObject({ noted: null, answer: null });
  });

  it('of a case that was reopened counts, and what comes next is for the people who have it', () => {
    for (const status of ['waiting', 'human'] as const) {
      const press = rated({ button: 'rate:1' }, { status, ticketId: 'T-1' });
      expect(press).toMatchObject({ noted: { kind: 'rated', score: 1 }, survey: undefined });
      expect(press.answer).toContain('lo leerá el equipo');
      expect(rated('1', { status, ticketId: 'T-1' })).toMatchObject({ noted: null, answer: null });
    }
  });

  it('is still waited for by whoever wrote before the question came out of a closed window', () => {
    expect(rated('hola', { released: 1, later: 90 * HOUR })).toMatchObject({ noted: null, survey: 'score', answer: null });
    const asked = closed({ askedAt: new Date(AT.getTime() + 90 * HOUR) });
    expect(rated('4', { lastCase: asked, later: 91 * HOUR }).noted).toMatchObject({ score: 4 });
    expect(rated('hola')).toMatchObject({ noted: null, survey: null, answer: null });
  });
});

describe('a comment', () => {
  const asked = closed({ survey: 'comment', askedAt: new Date(AT.getTime() + 100 * HOUR) });

  it('is the words that follow the score, within a day of being asked', () => {
    expect(rated('muy amable', { lastCase: asked, later: 101 * HOUR })).toMatchObject({ noted: { kind: 'commented' }, survey: null });
    expect(rated('muy amable', { lastCase: asked, later: 125 * HOUR })).toMatchObject({ noted: null, survey: null, answer: null });
  });

  it('is no question, and none when it is declined', () => {
    expect(rated('¿cuánto cuesta el panel?', { lastCase: asked, later: 101 * HOUR })).toMatchObject({ noted: null, answer: null });
    expect(rated({ button: 'rate-no-comment' }, { lastCase: asked, later: 101 * HOUR })).toMatchObject({ noted: null, survey: null });
  });

  it('that asks for a person is one, and the person comes', () => {
    const both = rated('fatal, quiero hablar con una persona', { lastCase: asked, later: 101 * HOUR });
    expect(both).toMatchObject({ noted: { kind: 'commented' }, answer: null });
  });
});

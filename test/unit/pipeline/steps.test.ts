/** The steps that need no service, and the runner: each is a function over a turn. */
import { describe, expect, it } from '@jest/globals';
import { compose } from '../../../src/pipeline/compose.js';
import { contentStep } from '../../../src/pipeline/steps/content.js';
import { handoffStep } from '../../../src/pipeline/steps/handoff.js';
import { limitsStep } from '../../../src/pipeline/steps/limits.js';
import { session, turn } from '../../fixtures/turns.js';

const answered = { markdown: 'x', sources: [], choices: [], confidence: 1, outcome: 'answered' as const };

describe('compose', () => {
  it('skips the rest once a step has settled the answer, but for steps that always run', async () => {
    const ran: string[] = [];
    const step = (name: string, settle = false) => ({
      name,
      run: (state: ReturnType<typeof turn>) => {
        ran.push(name);
        if (settle) state.answer = answered;
        return undefined;
      },
    });
    const state = turn();
    await compose([step('a'), step('b', true), step('c'), { ...step('d'), always: true }], () => undefined)(state);
    expect(ran).toEqual(['a', 'b', 'd']);
    expect(state.steps.map(({ step: name }) => name)).toEqual(['a', 'b', 'd']);
  });

  it('tells the time of each step in seconds', async () => {
    const told: [string, number][] = [];
    const slow = { name: 'slow', run: () => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 20)) };
    await compose([slow], (step, seconds) => told.push([step, seconds]))(turn());
    expect(told).toHaveLength(1);
    expect(told[0]?.[1]).toBeGreaterThan(0.015);
    expect(told[0]?.[1]).toBeLessThan(1);
  });
});

describe('content step', () => {
  it('joins text and captions', () => {
    const file = { id: 'f', filename: 'plan.pdf', contentType: null, sizeBytes: null };
    const state = turn({
      event: {
        content: [
          { kind: 'media', media: 'file', file, caption: 'el plano' },
          { kind: 'text', text: ' ¿cuántos paneles? ' },
        ],
      },
    });
    void contentStep.run(state);
    expect(state.text).toBe('el plano\n ¿cuántos paneles?');
  });

  it('takes a platform command for what it stands for, and an unknown one for words', () => {
    const known = turn({ event: { content: [{ kind: 'command', name: 'Agente', args: '' }] } });
    void contentStep.run(known);
    expect(known.command).toBe('talk-to-person');
    const unknown = turn({ event: { content: [{ kind: 'command', name: 'precio', args: 'panel' }] } });
    void contentStep.run(unknown);
    expect([unknown.command, unknown.text]).toEqual([null, 'precio panel']);
  });

  it('says nothing in a group that did not address it', () => {
    const state = turn({ event: { scope: 'group', addressed: false } });
    void contentStep.run(state);
    expect(state.answer).toMatchObject({ markdown: '', outcome: 'noted' });
  });

  it('answers politely what it cannot read', () => {
    const state = turn({ event: { content: [{ kind: 'unsupported', platformKind: 'dice' }] } });
    void contentStep.run(state);
    expect(state.answer).toMatchObject({ outcome: 'asked' });
    expect(state.answer?.markdown).toContain('por escrito');
  });
});

describe('limits step', () => {
  it('answers up to the limit, tells a flood so once, and recovers with time', () => {
    let now = 0;
    const step = limitsStep(3, () => now);
    const send = () => {
      const state = turn();
      void step.run(state);
      return state.answer;
    };
    expect([send(), send(), send()]).toEqual([null, null, null]);
    expect(send()).toMatchObject({ outcome: 'limited', markdown: expect.stringContaining('deprisa') });
    expect(send()).toMatchObject({ outcome: 'limited', markdown: '' });
    now += 60_000;
    expect(send()).toBeNull();
  });

  it('counts each conversation for itself', () => {
    const step = limitsStep(1, () => 0);
    const first = turn({ conversation: { id: 'conv_a' } });
    const second = turn({ conversation: { id: 'conv_b' } });
    void step.run(first);
    void step.run(second);
    expect([first.answer, second.answer]).toEqual([null, null]);
  });
});

describe('handoff step', () => {
  const desk = {
    caseOf: async (id: string) => (id === 'T-ABCD1234' ? { team: 'ventas', priority: 'normal' as const } : null),
    expectation: ({ team }: { team: string | null }) => `Abre ${team} mañana.`,
  };
  it('leaves a conversation with the bot alone', async () => {
    const state = turn();
    await handoffStep(desk).run(state);
    expect([state.answer, state.change]).toEqual([null, {}]);
  });

  it('tells a customer who waits for a person that the message arrived, with the way back', async () => {
    const state = turn({
      conversation: { status: 'waiting', ticketId: 'T-ABCD1234' },
      turn: { session: session({ status: 'escalated' }) },
    });
    await handoffStep(desk).run(state);
    expect(state.answer).toMatchObject({ outcome: 'relayed', choices: [{ id: 'back-to-bot' }] });
    expect(state.answer?.markdown).toBe('He añadido tu mensaje al caso T-ABCD1234. Abre ventas mañana.');
  });

  it('promises no time where the case is not known', async () => {
    const state = turn({ conversation: { status: 'waiting', ticketId: 'T-1' }, turn: { session: session({ status: 'escalated' }) } });
    await handoffStep(desk).run(state);
    expect(state.answer?.markdown).toBe('He añadido tu mensaje al caso T-1. Te contestará una persona por aquí.');
  });

  it.each(['seguir con el asistente', 'vuelve el bot'])('understands the way back in words too: %s', async (text) => {
    const state = turn({ conversation: { status: 'waiting' }, turn: { session: session({ status: 'escalated' }), text } });
    await handoffStep(desk).run(state);
    expect(state.session?.status).toBe('active');
  });

  it('is silent while a person has the conversation', async () => {
    const state = turn({ conversation: { status: 'human' }, turn: { session: session({ status: 'escalated' }) } });
    await handoffStep(desk).run(state);
    expect(state.answer).toMatchObject({ outcome: 'relayed', markdown: '', choices: [] });
  });

  it('goes back to the bot when the customer says so, and when the session was set active again', async () => {
    const chosen = turn({
      conversation: { status: 'waiting', ticketId: 'T-1' },
      turn: { session: session({ status: 'escalated' }), command: 'back-to-bot' },
    });
    await handoffStep(desk).run(chosen);
    expect(chosen.session?.status).toBe('active');
    expect(chosen.change).toMatchObject({ status: 'bot', ticketId: null });
    const reset = turn({ conversation: { status: 'waiting' } });
    await handoffStep(desk).run(reset);
    expect([reset.answer, reset.change.status]).toEqual([null, 'bot']);
  });
});

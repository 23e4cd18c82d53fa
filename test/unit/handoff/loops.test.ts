/** A case that was handed back does not come again by itself: whole conversations after a hand-back, whatever had been said before it. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEFAULT_DESK_SETTINGS } from '../../../src/domain/desk-settings.js';
import type { Answer } from '../../../src/domain/turn.js';
import { weighEscalation } from '../../../src/handoff/escalation-policy.js';
import { createUnderstanding, loadIntentExamples } from '../../../src/understanding/index.js';

const understanding = createUnderstanding({ catalogue: [], examples: await loadIntentExamples('sample/intents') });
const OUTCOMES = { answered: { outcome: 'answered', confidence: 0.9 }, unknown: { outcome: 'unknown', confidence: 0 } } as const;

interface Said {
  readonly text: string;
  readonly answer: Pick<Answer, 'outcome' | 'confidence'>;
}

/** As the escalation step keeps it: failures in a row, which begin anew at each hand-over and hand-back. */
function escalationsOf(said: readonly Said[]): number[] {
  let failedAnswers = 0;
  return said.flatMap(({ text, answer }, index) => {
    const { escalate } = weighEscalation(
      {
        text,
        understanding: understanding.understand(text, 'es'),
        answer,
        at: new Date('2026-11-23T10:00:00Z'),
        conversation: { channel: 'web', failedAnswers },
      },
      DEFAULT_DESK_SETTINGS,
    );
    if (answer.outcome === 'unknown') failedAnswers += 1;
    else failedAnswers = 0;
    if (escalate) failedAnswers = 0;
    return escalate ? [index] : [];
  });
}

const CALM = ['¿y cuánto tarda el envío?', 'vale, gracias', '¿tenéis panel de 50 mm?', 'ok', '¿a qué hora abrís?', 'quiero dos paneles'];
const UPSET = [
  'esto es una vergüenza, estoy harto',
  'quiero hablar con una persona',
  'voy a poner una denuncia',
  'es una emergencia, hay un herido',
];
const calm = fc.record({ text: fc.constantFrom(...CALM), answer: fc.constant(OUTCOMES.answered) });
const upset = fc.record({ text: fc.constantFrom(...UPSET), answer: fc.constantFrom(OUTCOMES.answered, OUTCOMES.unknown) });

describe('after a hand-back', () => {
  it('calm messages that are answered bring no case back, whatever was said before', () => {
    fc.assert(
      fc.property(fc.array(upset, { maxLength: 4 }), fc.array(calm, { minLength: 1, maxLength: 8 }), (before, after) => {
        expect(escalationsOf([...before, ...after]).filter((index) => index >= before.length)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('each new demand brings it back at once, and only there', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(calm, upset), { maxLength: 10 }), (said) => {
        const demands = said.flatMap(({ text }, index) => (UPSET.includes(text) ? [index] : []));
        expect(escalationsOf(said)).toEqual(demands);
      }),
      { numRuns: 60 },
    );
  });

  it('failures bring it back no sooner than the third in a row, and never twice for the same three', () => {
    const any = fc.record({ text: fc.constantFrom(...CALM), answer: fc.constantFrom(OUTCOMES.answered, OUTCOMES.unknown) });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 20 }), (said) => {
        let last = -1;
        for (const index of escalationsOf(said)) {
          const row = said.slice(last + 1, index + 1).slice(-3);
          expect(row.map(({ answer }) => answer.outcome)).toEqual(['unknown', 'unknown', 'unknown']);
          last = index;
        }
      }),
      { numRuns: 60 },
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import { parseDeskSettings, readDeskFile } from '../../../src/config/desk-file.js';
import type { Answer } from '../../../src/domain/turn.js';
import { loadIntentExamples, createUnderstanding } from '../../../src/understanding/index.js';
import { weighEscalation } from '../../../src/handoff/escalation-policy.js';

const understanding = createUnderstanding({ catalogue: [], examples: await loadIntentExamples('sample/intents') });
const OPEN = new Date('2026-11-23T10:00:00Z');
const CLOSED = new Date('2026-11-22T10:00:00Z');
const ANSWERED: Pick<Answer, 'outcome' | 'confidence'> = { outcome: 'answered', confidence: 0.9 };
const UNKNOWN: Pick<Answer, 'outcome' | 'confidence'> = { outcome: 'unknown', confidence: 0 };
const sample = readDeskFile('sample/desk.yaml');

const weigh = (text: string, over: Partial<Parameters<typeof weighEscalation>[0]> & { failedAnswers?: number } = {}, settings = sample) =>
  weighEscalation(
    {
      ...{ text, understanding: understanding.understand(text, 'es'), answer: ANSWERED, at: OPEN },
      conversation: { channel: 'web', failedAnswers: over.failedAnswers ?? 0 },
      ...over,
    },
    settings,
  );

describe('the company’s own rules', () => {
  it('hand over by words of their own, whatever the accents', () => {
    expect(weigh('tengo el camion en la puerta y falta un panel')).toMatchObject({
      escalate: true,
      reasons: ['urgency'],
      priority: 'urgent',
    });
    expect(weigh('el camionero llamó a la puerta').escalate).toBe(false);
  });

  it('make a built-in rule weigh more in opening hours', () => {
    const text = 'es urgente, ¿cuándo llega mi pedido?';
    expect(weigh(text)).toMatchObject({ escalate: true, reasons: ['urgency'] });
    expect(weigh(text, { at: CLOSED }).escalate).toBe(false);
  });

  it('hold for their language and team only', () => {
    const rule = (conditions: string) =>
      parseDeskSettings(
        `teams: [{ id: one, name: One }, { id: web, name: Web, channels: [web] }]\nescalation: [{ reason: frustration, words: [parado], weight: 1, ${conditions} }]`,
        'desk.yaml',
      );
    const escalates = (conditions: string) => weigh('todo está parado', {}, rule(conditions)).escalate;
    expect(escalates('languages: [es]')).toBe(true);
    expect(escalates('languages: [en]')).toBe(false);
    expect(escalates('teams: [web]')).toBe(true);
    expect(escalates('teams: [one]')).toBe(false);
  });

  it('cannot keep anybody from a person they ask for', () => {
    const silenced = { ...sample, escalation: sample.escalation.map((rule) => ({ ...rule, weight: 0 })) };
    expect(weigh('quiero hablar con una persona', {}, silenced)).toMatchObject({ escalate: true, reasons: ['asked-for-person'] });
  });
});

/** A hand-back sets the failures to 0; what else weighs is read from the new message. */
describe('a case that was handed back', () => {
  const angry = 'esto es una vergüenza, nadie me contesta, estoy harta y es inadmisible';

  it('does not come again by what was said before it', () => {
    expect(weigh(angry).escalate).toBe(true);
    expect(weigh('vale, ¿y cuánto tarda el envío?')).toMatchObject({ escalate: false, total: 0 });
  });

  it('comes again by new words, which are new evidence', () => {
    expect(weigh('sigue roto y estoy hartísimo, es una vergüenza inadmisible').reasons).toContain('frustration');
    expect(weigh('voy a poner una denuncia').reasons).toEqual(['legal-or-compliance']);
  });

  it('comes again by failures only once there are new ones', () => {
    const failures = [0, 1, 2].map((failedAnswers) => weigh('¿y lo del pedido de ayer?', { answer: UNKNOWN, failedAnswers }));
    expect(failures.map(({ escalate }) => escalate)).toEqual([false, false, true]);
    expect(failures[2]?.reasons).toContain('repeated-failure');
  });

  it('comes again at once where a person is asked for', () => {
    expect(weigh('quiero hablar con Marta, ponme con una persona').reasons).toContain('asked-for-person');
  });
});

import { describe, expect, it } from '@jest/globals';
import { readDeskFile } from '../../../src/config/desk-file.js';
import { createHandoff, handoff } from '../../../src/handoff/index.js';
import { durationText, whenText } from '../../../src/handoff/time-texts.js';

const { announcement } = createHandoff(readDeskFile('sample/desk.yaml'));
const told = (at: string, language: 'es' | 'en' = 'es', team = 'atencion') =>
  announcement({ id: 'T-4K7M9Q2X', priority: 'normal', reasons: ['asked-for-person'], team }, language, new Date(at));

describe('what a customer is told of the wait', () => {
  it.each([
    ['while somebody is there', '2026-11-23T10:00:00Z', 'Te responderá aquí mismo, normalmente en menos de 2 horas.'],
    ['before they open', '2026-11-23T05:00:00Z', 'abrimos hoy a las 8:00'],
    ['in the evening', '2026-11-23T20:00:00Z', 'abrimos mañana a las 8:00'],
    ['at the weekend', '2026-11-21T13:00:00Z', 'abrimos el lunes a las 8:00'],
    ['on a holiday, by its name', '2026-12-08T10:00:00Z', 'no hay nadie (Inmaculada Concepción): abrimos mañana a las 8:00'],
    ['in the night of two holidays', '2026-12-06T22:00:00Z', 'abrimos el miércoles a las 8:00'],
  ])('%s', (_name, at, text) => {
    expect(told(at)).toContain(text);
    expect(told(at)).toContain('T-4K7M9Q2X');
  });

  it('is in their language', () => {
    expect(told('2026-11-21T13:00:00Z', 'en')).toContain('we open on Monday at 8:00');
    expect(told('2026-11-23T10:00:00Z', 'en')).toContain('usually within 2 hours');
  });

  it('is by the hours of their team', () => {
    expect(told('2026-11-23T14:00:00Z', 'es', 'tecnica')).toContain('abrimos mañana a las 9:00');
    expect(told('2026-11-23T14:00:00Z', 'es', 'a-team-of-last-year')).toContain('normalmente en menos de 2 horas');
  });

  it('is told of a turn that failed too', () => {
    const failed = { id: 'T-1', priority: 'high', reasons: ['failed-turn'], team: 'atencion' } as const;
    const text = announcement(failed, 'es', new Date('2026-11-21T13:00:00Z'));
    expect(text).toContain('algo ha fallado por nuestra parte');
    expect(text).toMatch(/\*\*T-1\*\*.*abrimos el lunes a las 8:00/);
  });

  it('promises nothing where no hours are known', () => {
    const text = handoff.announcement({ id: 'T-1', priority: 'urgent', reasons: [], team: null }, 'es', new Date());
    expect(text).toContain('en horario de atención, con prioridad, lo antes posible');
  });
});

describe('times as people say them', () => {
  const when = (then: string, now: string, language: 'es' | 'en' = 'es') =>
    whenText(new Date(then), new Date(now), 'Europe/Madrid', language);

  it('name the date from a week on', () => {
    expect(when('2027-01-07T07:00:00Z', '2026-12-31T10:00:00Z')).toBe('el jueves 7 de enero a las 8:00');
    expect(when('2027-01-07T07:00:00Z', '2026-12-31T10:00:00Z', 'en')).toBe('on Thursday 7 January at 8:00');
    expect(when('2027-01-06T00:30:00Z', '2026-12-31T10:00:00Z')).toBe('el miércoles a la 1:30');
  });

  it('count days by the calendar, over a night with an hour less too', () => {
    expect(when('2027-03-28T06:00:00Z', '2027-03-27T22:30:00Z')).toBe('mañana a las 8:00');
    expect(when('2026-11-23T07:00:00Z', '2026-11-22T23:30:00Z')).toBe('hoy a las 8:00');
  });

  it.each([
    [1, '1 minuto'],
    [45, '45 minutos'],
    [60, '1 hora'],
    [61, '61 minutos'],
    [90, '2 horas'],
    [480, '8 horas'],
  ])('%i minutes', (minutes, text) => {
    expect(durationText(minutes, 'es')).toBe(text);
  });
});

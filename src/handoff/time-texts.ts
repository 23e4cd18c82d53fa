/** Times as people say them: `el lunes a las 8:00`, `dos horas`. By the calendar of the place, which is where the team is. Pure. */
import { DateTime } from 'luxon';
import type { Language } from '../domain/understanding.js';

interface TimeTexts {
  readonly locale: string;
  readonly today: (time: string) => string;
  readonly tomorrow: (time: string) => string;
  /** @param day `lunes`, or `lunes, 7 de diciembre` */
  readonly on: (day: string, time: string) => string;
  readonly date: string;
  readonly minutes: (count: number) => string;
  readonly hours: (count: number) => string;
}

const TEXTS: Readonly<Record<Language, TimeTexts>> = {
  es: {
    locale: 'es-ES',
    today: (time) => `hoy ${time}`,
    tomorrow: (time) => `mañana ${time}`,
    on: (day, time) => `el ${day} ${time}`,
    date: "cccc d 'de' LLLL",
    minutes: (count) => (count === 1 ? '1 minuto' : `${count} minutos`),
    hours: (count) => (count === 1 ? '1 hora' : `${count} horas`),
  },
  en: {
    locale: 'en-GB',
    today: (time) => `today ${time}`,
    tomorrow: (time) => `tomorrow ${time}`,
    on: (day, time) => `on ${day} ${time}`,
    date: 'cccc d LLLL',
    minutes: (count) => (count === 1 ? '1 minute' : `${count} minutes`),
    hours: (count) => (count === 1 ? '1 hour' : `${count} hours`),
  },
};

/** A later instant, as seen from now: the weekday alone says which day it is up to six days ahead. */
export function whenText(then: Date, now: Date, zone: string, language: Language): string {
  const texts = TEXTS[language];
  const at = DateTime.fromJSDate(then, { zone }).setLocale(texts.locale);
  const days = Math.round(at.startOf('day').diff(DateTime.fromJSDate(now, { zone }).startOf('day'), 'days').days);
  const time = clockText(at, language);
  if (days === 0) return texts.today(time);
  if (days === 1) return texts.tomorrow(time);
  return texts.on(at.toFormat(days < 7 ? 'cccc' : texts.date), time);
}

function clockText(at: DateTime, language: Language): string {
  const time = at.toFormat('H:mm');
  if (language === 'en') return `at ${time}`;
  return `${at.hour === 1 ? 'a la' : 'a las'} ${time}`;
}

/** Rounded up to what is said: minutes under an hour and a half, then whole hours. @param minutes 1 or more */
export function durationText(minutes: number, language: Language): string {
  const texts = TEXTS[language];
  return minutes < 90 && minutes !== 60 ? texts.minutes(minutes) : texts.hours(Math.ceil(minutes / 60));
}

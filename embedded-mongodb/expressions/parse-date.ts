// Text to date for $toDate: the ISO 8601 forms. MongoDB takes many more; those are refused, because guessing at them would be wrong sometimes.
import { refusal } from '../errors.js';
import { utcFromParts } from './timezone.js';

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Milliseconds since 1970, or `undefined` for text that is no date anywhere. Refuses text that MongoDB might read and this does not. */
export function parseDate(text: string): number | undefined {
  const match = ISO.exec(text);
  if (!match) {
    if (!/\d/.test(text)) return undefined;
    throw refusal('ConversionFailure', 'A date text that is not ISO 8601');
  }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const ms = Number((match[7] ?? '').padEnd(3, '0'));
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return undefined;
  const utc = utcFromParts(year, month - 1, day, hour, minute, second, ms);
  if (day < 1 || new Date(utcFromParts(year, month - 1, day)).getUTCDate() !== day) return undefined;
  return utc - zoneMs(match[8]);
}

function zoneMs(zone: string | undefined): number {
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? '');
  if (!match) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === '-' ? -minutes : minutes) * 60_000;
}

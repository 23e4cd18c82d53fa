// Doubles as text, as MongoDB writes them: the shortest digits that read back, with an exponent from 1e16 and below 1e-4.

import { refusal } from '../errors.js';

export function formatDouble(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (Object.is(value, -0)) return '-0';
  if (value === 0) return '0';
  if (exponent >= 16 || exponent < -4) return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  return plain(mantissa, exponent);
}

/** As C's `%g` writes doubles: six significant digits. What `$toLower` and its kin make of doubles. */
export function formatBriefly(value: number): string {
  if (Number.isNaN(value)) throw refusal(16007, 'The text of NaN, which may be -nan,');
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa = '', exponentText = '0'] = value.toExponential(5).split('e');
  const exponent = Number(exponentText);
  const short = mantissa.replace(/\.?0+$/, '');
  if (exponent >= 6 || exponent < -4) return `${short}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  return plain(short, exponent);
}

/** Digits with the point where the exponent puts it. */
function plain(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`;
}

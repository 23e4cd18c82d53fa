/** Deliveries as an operator reads them in a terminal: one line each, the reason last. Pure. */
import type { DeliveryView } from '../src/http/routes/deliveries.js';

/** A table with aligned columns, or a sentence where there is nothing. */
export function tableOf(entries: readonly DeliveryView[], now: Date): string {
  if (entries.length === 0) return 'Nothing.';
  const withText = entries.some((entry) => entry.text !== null);
  const rows = [
    ['AGE', 'BOX', 'STATE', 'CHANNEL', 'KIND', 'TRIES', 'ID', 'CONVERSATION', 'REASON', ...(withText ? ['TEXT'] : [])],
    ...entries.map((entry) => [
      ageOf(entry.at, now),
      entry.box,
      entry.state + (entry.uncertain > 0 ? ` (${entry.uncertain} in doubt)` : ''),
      entry.channel,
      entry.kind,
      String(entry.attempts),
      entry.id,
      entry.conversation_id,
      reasonOf(entry),
      ...(withText ? [oneLine(entry.text ?? '')] : []),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** One fact a line. */
export function detailsOf(entry: DeliveryView, now: Date): string {
  const facts: readonly (readonly [string, string])[] = [
    ['id', entry.id],
    ['box', entry.box],
    ['state', entry.state],
    ['reason', reasonOf(entry)],
    ['kind', entry.kind],
    ['channel', `${entry.channel} (account ${entry.account})`],
    ['conversation', entry.conversation_id],
    ['since', `${entry.at} (${ageOf(entry.at, now)} ago)`],
    ['tries', String(entry.attempts)],
    ['in doubt', entry.uncertain === 0 ? 'no' : `${entry.uncertain} calls: the customer may have seen it`],
    ['next try', entry.next_attempt_at ?? 'none'],
    ...(entry.text === null ? [] : [['text', entry.text] as const]),
  ];
  return facts.map(([name, value]) => `${name.padEnd(13)}${value}`).join('\n');
}

const reasonOf = ({ reason }: DeliveryView): string => (reason === null ? '' : `${reason.kind}: ${oneLine(reason.message)}`);

/** Control characters of a message must not reach the terminal. */
const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

function ageOf(at: string, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - new Date(at).getTime()) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

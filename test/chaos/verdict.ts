/**
 * Judges one conversation by what its customer was shown, beside what is stored of it. Pure, and with a test of its own: a verdict that could not
 * fail would be worth nothing.
 */
import { type StoredMessage } from './stored.js';

export interface Expected {
  /** The answer, as the platform shows it. */
  readonly reply: string;
  readonly stored: StoredMessage;
}

/** Each message that counts, by its place in the order of arrival; `wrong` by the place among what was shown. */
export interface Judged {
  /** Acknowledged, and nothing is stored of it. */
  readonly lost: readonly number[];
  /** The customer was shown nothing for it. */
  readonly silent: readonly number[];
  /** Shown for the first time after the reply to a later message. */
  readonly outOfOrder: readonly number[];
  /** Shown more often than once; each of them was in doubt and is flagged. */
  readonly doubledInDoubt: readonly number[];
  /** Shown more often than its flags allow. */
  readonly doubled: readonly number[];
  /** Shown, and the answer to nothing that was asked. */
  readonly wrong: readonly number[];
  /** Answered with an apology and a ticket, or by "a person is coming". */
  readonly apologised: readonly number[];
  /** Stored as in doubt, and the trace of the turn does not say so. A flag is set before its doubt is stored, so that one may be left alone. */
  readonly unflagged: readonly number[];
  /** Not done, not sent, or set aside when all was over. */
  readonly unfinished: readonly number[];
  /** Sends that are flagged as in doubt. */
  readonly flagged: number;
}

export type Fault = Exclude<keyof Judged, 'doubledInDoubt' | 'apologised' | 'flagged'>;
/** None of these may be. Those first that slowness cannot be to blame for. */
export const FAULTS: readonly Fault[] = ['lost', 'outOfOrder', 'doubled', 'wrong', 'unflagged', 'silent', 'unfinished'];

const isApology = ({ stored }: Expected): boolean => stored.outcome !== null && stored.outcome !== 'answered';

export function judge(expected: readonly Expected[], shown: readonly string[]): Judged {
  const { times, outOfOrder, wrong } = align(expected, shown);
  const places = [...expected.keys()];
  const where = (test: (message: Expected, times: number) => boolean) =>
    places.filter((place) => test(expected[place] as Expected, times[place] ?? 0));
  const inDoubt = ({ stored }: Expected) =>
    Math.max(0, ...stored.entries.map((entry) => (stored.flagged.includes(entry.id) ? entry.uncertain : 0)));
  return {
    lost: where(({ stored }) => stored.inbox === 'missing'),
    silent: where((_message, shownTimes) => shownTimes === 0),
    outOfOrder,
    doubledInDoubt: where((message, shownTimes) => shownTimes > 1 && shownTimes <= 1 + inDoubt(message)),
    doubled: where((message, shownTimes) => shownTimes > 1 + inDoubt(message)),
    wrong,
    apologised: where(isApology),
    unflagged: where(({ stored }) => stored.entries.some((entry) => entry.uncertain > 0 && !stored.flagged.includes(entry.id))),
    unfinished: where(({ stored }) => stored.inbox !== 'done' || stored.entries.some((entry) => entry.state !== 'sent')),
    flagged: expected.reduce((sum, { stored }) => sum + stored.flagged.length, 0),
  };
}

/** Tells of each reply which message it answers: the next one that waits for it, else one that had it already, else one that is not due yet. */
function align(expected: readonly Expected[], shown: readonly string[]) {
  const times = expected.map(() => 0);
  const late = new Set<number>();
  const wrong: number[] = [];
  const answers = (place: number, text: string) => {
    const message = expected[place];
    return message !== undefined && (message.reply === text || (isApology(message) && !expected.some(({ reply }) => reply === text)));
  };
  for (const [at, text] of shown.entries()) {
    const places = [...expected.keys()].filter((place) => answers(place, text));
    const next = times.indexOf(0);
    const place = places.includes(next) ? next : (places.findLast((candidate) => times[candidate] !== 0) ?? places[0]);
    if (place === undefined) {
      wrong.push(at);
      continue;
    }
    // What was passed over comes out of order, should it still come.
    if (times[place] === 0 && times.some((count, later) => later > place && count > 0)) late.add(place);
    times[place] = (times[place] ?? 0) + 1;
  }
  return { times, outOfOrder: [...late], wrong };
}

/** The verdict of a chaos run as a table, and the traces of the conversations that failed. */
import { type ChaosOptions } from './plan.js';
import { type ChaosResult, type JudgedConversation, type Waited } from './run.js';
import { FAULTS, type Fault, type Judged } from './verdict.js';

const ROWS: readonly (readonly [title: string, count: (judged: Judged) => number])[] = [
  ['lost', (judged) => judged.lost.length],
  ['silent', (judged) => judged.silent.length],
  ['out of order (of arrival)', (judged) => judged.outOfOrder.length],
  ['wrong', (judged) => judged.wrong.length],
  ['doubled without a flag', (judged) => judged.doubled.length],
  ['in doubt, not flagged', (judged) => judged.unflagged.length],
  ['not finished', (judged) => judged.unfinished.length],
  ['doubled, was in doubt, is flagged', (judged) => judged.doubledInDoubt.length],
  ['sends flagged as in doubt', (judged) => judged.flagged],
  ['answered with an apology', (judged) => judged.apologised.length],
];

const WAITS: readonly (readonly [title: string, ms: (waited: Waited | undefined, customers: number) => number])[] = [
  ['for replies, before they wrote on', (waited, customers) => (waited?.unanswered ?? 0) / Math.max(1, customers)],
  ['for their messages to be taken or given up', (waited, customers) => (waited?.delivering ?? 0) / Math.max(1, customers)],
  ['the last one was done with writing after', (waited) => waited?.done ?? 0],
];

const faultsOf = ({ judged }: JudgedConversation): Fault[] => FAULTS.filter((fault) => judged[fault].length > 0);

/** Share of a channel's messages that may be refused, or answered too late, until its platform gives up: who takes none breaks no promise to anybody. */
const MAX_REFUSED = 0.25;

export const hasPassed = ({ conversations, platforms, crashes }: ChaosResult): boolean =>
  crashes.length === 0 &&
  conversations.every((conversation) => faultsOf(conversation).length === 0) &&
  platforms.every(({ channel }) => {
    const { taken, refused } = totalsOf(conversations, channel);
    return refused <= MAX_REFUSED * (taken + refused);
  });

function totalsOf(conversations: readonly JudgedConversation[], wanted: string) {
  const ofChannel = conversations.filter(({ channel }) => channel === wanted);
  return {
    taken: ofChannel.reduce((total, { conversation }) => total + conversation.length, 0),
    refused: ofChannel.reduce((total, { refused }) => total + refused, 0),
    unreachable: ofChannel.reduce((total, { unreachable }) => total + unreachable, 0),
  };
}

/** Of a column: the longest name of a channel, and a space. */
const WIDTH = 13;

export function verdictTable(options: ChaosOptions, result: ChaosResult): string {
  const { inflicted, platforms } = result;
  const injected: [string, number | string][] = [
    ['SIGKILLs of an instance', inflicted.kills],
    ['starts that failed and were made again', result.failedStarts],
    ['seconds in which no instance was there', Math.round(result.secondsAlone)],
    [`stops of the database, ${options.databaseStopMs / 1000} s each`, inflicted.databaseStops],
    ['freezes beyond the lease', inflicted.freezes],
    ['messages delivered again', result.redelivered],
    ['messages delivered before an earlier one', result.swapped],
    ...platforms.flatMap(({ channel, counts }) =>
      Object.entries(counts).map(([what, count]): [string, number] => [`${channel}: ${what}`, count]),
    ),
  ];
  const channels = platforms.map(({ channel }) => channel);
  const cells = (of: (channel: string) => number) => channels.map((channel) => String(of(channel)).padStart(WIDTH)).join('');
  const ofChannel = (channel: string) => result.conversations.filter((conversation) => conversation.channel === channel);
  const sum = (channel: string, count: (judged: Judged) => number) =>
    ofChannel(channel).reduce((total, { judged }) => total + count(judged), 0);
  return [
    `${options.messages} messages of ${options.conversations} conversations in ${result.seconds.toFixed(0)} s, ${options.instances} instance(s), ` +
      `${options.database}, lease ${options.leaseSeconds} s, seed ${options.seed}`,
    '',
    'injected',
    ...injected.map(([what, count]) => `  ${what.padEnd(46)}${String(count).padStart(10)}`),
    '',
    `${'verdict, by what customers were shown'.padEnd(48)}${channels.map((channel) => channel.padStart(WIDTH)).join('')}`,
    `  ${'messages taken'.padEnd(46)}${cells((channel) => totalsOf(result.conversations, channel).taken)}`,
    `  ${'given up: refused or too late'.padEnd(46)}${cells((channel) => totalsOf(result.conversations, channel).refused)}`,
    `  ${'given up: no instance was there'.padEnd(46)}${cells((channel) => totalsOf(result.conversations, channel).unreachable)}`,
    ...ROWS.map(([title, count]) => `  ${title.padEnd(46)}${cells((channel) => sum(channel, count))}`),
    '',
    `${'customers waited, each for so many seconds'.padEnd(48)}${channels.map((channel) => channel.padStart(WIDTH)).join('')}`,
    ...WAITS.map(
      ([title, ms]) =>
        `  ${title.padEnd(46)}${cells((channel) => Math.round(ms(result.waited[channel], ofChannel(channel).length) / 1000))}`,
    ),
    ...result.crashes.map((crash) => `  ${crash}`),
    '',
    hasPassed(result) ? 'PASSED' : `FAILED. The same plan again: --seed ${options.seed}`,
  ].join('\n');
}

const rank = (conversation: JudgedConversation): number => FAULTS.findIndex((fault) => conversation.judged[fault].length > 0);

const MAX_TRACES = 10;
const OUTPUT_LINES = 20;

/** Message by message what is stored of it and what was shown, for the conversations that failed. */
export function failureTraces({ conversations, outputs }: ChaosResult): string {
  const failed = conversations.filter((conversation) => faultsOf(conversation).length > 0).sort((one, other) => rank(one) - rank(other));
  const traces = failed.slice(0, MAX_TRACES).map((conversation) => {
    const { name, expected, shown, judged, conversation: messages } = conversation;
    const placeOf = (text: string) => expected.findIndex(({ reply }) => reply === text);
    const lines = messages.map(({ number, atMs }, place) => {
      const stored = expected[place]?.stored;
      const sends = (stored?.entries ?? []).map(
        ({ state, attempts, uncertain, failure, id }) =>
          `${state} after ${attempts} calls, ${uncertain} in doubt${stored?.flagged.includes(id) === true ? ', flagged' : ''}` +
          (failure === null ? '' : ` (${failure})`),
      );
      const turn = `inbox ${stored?.inbox ?? 'missing'}, ${stored?.attempts ?? 0} attempts, turn ${stored?.outcome ?? 'none'}`;
      return `    ${place}: message ${number} at ${(atMs / 1000).toFixed(1)} s: ${turn}; ${sends.join(' | ') || 'no sends'}`;
    });
    return [
      `${name}: ${faultsOf(conversation)
        .map((fault) => `${fault} ${judged[fault].join(' ')}`)
        .join('; ')}`,
      ...lines,
      `    shown: ${shown.map((text) => (placeOf(text) === -1 ? JSON.stringify(text.slice(0, 60)) : placeOf(text))).join(' ')}`,
    ].join('\n');
  });
  const printed = outputs.map(({ name, output }) => `${name} printed last:\n${output.split('\n').slice(-OUTPUT_LINES).join('\n')}`);
  return [`${failed.length} conversations failed:`, ...traces, ...printed].join('\n');
}

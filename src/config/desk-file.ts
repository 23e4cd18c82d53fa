/** Reads the file that says how the desk is run. What is wrong with it is told with its line, for whoever edits it. */
import { readFileSync } from 'node:fs';
import { isCollection, isPair, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { DEFAULT_DESK_SETTINGS, ENTITY_KINDS, NO_SCOPE, type DeskSettings, type OpenInterval } from '../domain/desk-settings.js';
import { ConfigurationError } from '../domain/errors.js';
import type { EscalationReason, TicketPriority } from '../domain/ticket.js';
import { LANGUAGES } from '../domain/understanding.js';

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
const REASONS = [
  ...(['asked-for-person', 'legal-or-compliance', 'frustration', 'urgency'] as const),
  ...(['repeated-failure', 'low-confidence', 'failed-turn', 'stale-reply'] as const),
] satisfies EscalationReason[];
const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const satisfies TicketPriority[];
const DAY_MINUTES = 1440;

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be lower case letters, digits and hyphens, 40 at most');
const name = z.string().trim().min(1).max(80);
const minutes = z.number().int().min(1).max(525_600);

const interval = z.string().transform((text, context): OpenInterval => {
  const parts = /^\s*(\d{1,2}):([0-5]\d)\s*-\s*(\d{1,2}):([0-5]\d)\s*$/.exec(text);
  const [from = NaN, to = NaN] = parts === null ? [] : [Number(parts[1]) * 60 + Number(parts[2]), Number(parts[3]) * 60 + Number(parts[4])];
  if (!(from < DAY_MINUTES && to <= DAY_MINUTES) || from === to) {
    context.addIssue({ code: 'custom', message: 'must be like 9:00-14:00 (22:00-6:00 ends on the next day, 0:00-24:00 is a whole day)' });
    return z.NEVER;
  }
  return { from, to: to > from ? to : to + DAY_MINUTES };
});
const intervals = z
  .array(interval)
  .max(10)
  .refine((list) => list.every(({ from }, index) => index === 0 || from >= (list[index - 1]?.to ?? 0)), 'must be in order and not overlap');
const isoDate = z.iso.date('must be a date like 2026-12-25');
const zone = z.string().refine(isTimeZone, 'must be a time zone like Europe/Madrid');

const hours = z
  .strictObject({
    zone,
    week: z.partialRecord(z.enum(DAYS), intervals),
    holidays: z.array(z.strictObject({ date: isoDate, name, open: intervals.default([]) })).default([]),
  })
  .refine(({ week }) => DAYS.some((day) => (week[day] ?? []).length > 0), 'must be open at some time of the week')
  .transform(({ zone: inZone, week, holidays }) => ({
    zone: inZone,
    week: DAYS.map((day) => week[day] ?? []),
    holidays: Object.fromEntries(holidays.map(({ date, ...holiday }) => [date, holiday])),
  }));

const scope = {
  channels: z.array(z.string().min(1)).default([...NO_SCOPE.channels]),
  languages: z.array(z.enum(LANGUAGES)).default([]),
  intents: z.array(z.string().min(1)).default([...NO_SCOPE.intents]),
  entities: z.array(z.enum(ENTITY_KINDS)).default([...NO_SCOPE.entities]),
  reasons: z.array(z.enum(REASONS)).default([...NO_SCOPE.reasons]),
};
const teamSchema = z.strictObject({
  ...{ id, name, ...scope },
  hours: hours.nullable().default(null),
  overflow: id.nullable().default(null),
  assignment: z.enum(['offered', 'automatic']).default('offered'),
  text: z.enum(['internal', 'customer']).nullable().default(null),
});
const agentSchema = z.strictObject({
  ...{ id, name },
  teams: z.array(id).min(1),
  at: z.array(z.string().regex(/^(slack|teams|inbox):.+$/, 'must be like slack:U012AB3CD, teams:29:… or inbox:marta')).default([]),
  limit: z.number().int().min(1).max(200).default(20),
});
const level = z.strictObject({ first: minutes, next: minutes, resolution: minutes });
const { levels, unclaimed, remindAt, onBreach, keepCasesDays } = DEFAULT_DESK_SETTINGS;
const atBreach = z.enum(['reassign', 'keep']);
const step = (usual: number | null) => minutes.nullable().default(usual);
const rule = z
  .strictObject({
    reason: z.enum(REASONS).refine((reason) => reason !== 'asked-for-person', 'cannot be changed: who asks for a person gets one'),
    words: z.array(z.string().trim().min(2)).default([]),
    weight: z.number().min(0).max(3),
    languages: z.array(z.enum(LANGUAGES)).default([]),
    teams: z.array(id).default([]),
    hours: z.enum(['open', 'closed']).nullable().default(null),
    priority: z.enum(PRIORITIES).nullable().default(null),
  })
  .refine(({ words, weight }) => words.length === 0 || weight <= 1, {
    path: ['weight'],
    message: 'must be 1 at most where words are given',
  });

const schema = z
  .strictObject({
    teams: z.array(teamSchema).min(1),
    agents: z.array(agentSchema).default([]),
    levels: z
      .strictObject({
        urgent: level.default(levels.urgent),
        high: level.default(levels.high),
        normal: level.default(levels.normal),
        low: level.default(levels.low),
      })
      .prefault({}),
    remind_at: z.number().min(0.1).max(0.99).default(remindAt),
    on_breach: z
      .strictObject({
        first: atBreach.default(onBreach.first),
        next: atBreach.default(onBreach.next),
        resolution: atBreach.default(onBreach.resolution),
      })
      .prefault({}),
    unclaimed: z.strictObject({ remind: step(unclaimed.remind), widen: step(unclaimed.widen), tell: step(unclaimed.tell) }).prefault({}),
    escalation: z.array(rule).default([]),
    keep_cases: z.number().int().min(1).max(36_500).default(keepCasesDays),
  })
  .superRefine(({ teams, agents, escalation }, context) => {
    const issue = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    const known = new Set(teams.map((one) => one.id));
    const twice = (ids: readonly string[]) => ids.findIndex((one, index) => ids.indexOf(one) !== index);
    const unknown = (given: string) => `there is no team "${given}"`;
    const [team, agent] = [twice(teams.map((one) => one.id)), twice(agents.map((one) => one.id))];
    if (team >= 0) issue(['teams', team, 'id'], 'is there twice');
    if (agent >= 0) issue(['agents', agent, 'id'], 'is there twice');
    const seen = new Set<string>();
    teams.forEach(({ id: own, overflow }, index) => {
      if (overflow !== null && (overflow === own || !known.has(overflow))) issue(['teams', index, 'overflow'], unknown(overflow));
    });
    agents.forEach(({ teams: of, at }, index) => {
      of.forEach((one, place) => known.has(one) || issue(['agents', index, 'teams', place], unknown(one)));
      at.forEach((one, place) => {
        if (seen.has(one)) issue(['agents', index, 'at', place], 'is somebody else’s already');
        seen.add(one);
      });
    });
    escalation.forEach((one, index) =>
      one.teams.forEach((of, place) => known.has(of) || issue(['escalation', index, 'teams', place], unknown(of))),
    );
  })
  .transform(({ teams, remind_at, on_breach, keep_cases, ...rest }): DeskSettings => ({
    ...rest,
    remindAt: remind_at,
    onBreach: on_breach,
    keepCasesDays: keep_cases,
    teams: teams.map(({ text, ...one }) => ({ ...one, typedText: text })),
  }));

/** Throws ConfigurationError, with every line in error. */
export function readDeskFile(path: string): DeskSettings {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new ConfigurationError(`The desk's file ${path} cannot be read: check DESK_FILE.`, { cause: thrown });
  }
  return parseDeskSettings(text, path);
}

/** @param file as errors name it */
export function parseDeskSettings(text: string, file: string): DeskSettings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const wrong = (problems: readonly string[]) => new ConfigurationError(`${file} has errors: ${problems.join('; ')}. See docs/desk.md.`);
  if (document.errors.length > 0) throw wrong(document.errors.map(({ pos, message }) => `line ${lineAt(pos[0])}: ${message}`));
  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  throw wrong(
    parsed.error.issues.map((issue) => {
      const [key] = issue.code === 'unrecognized_keys' ? issue.keys : [];
      const path = key === undefined ? issue.path : [...issue.path, key];
      return `line ${lineAt(offsetOf(document, path))}: ${path.join('.')}: ${issue.message}`;
    }),
  );
}

/** Where a value begins; where it is missing, what it is missing from. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const item = isCollection(parent)
      ? parent.items.find((one, index) => (isPair(one) ? keyOf(one.key) === key : index === key))
      : undefined;
    const node = isPair(item) ? item.key : item;
    const [start] = rangeOf(node);
    if (start !== undefined) return start;
  }
  return rangeOf(document.contents)[0] ?? 0;
}

const keyOf = (key: unknown): unknown => (typeof key === 'object' && key !== null && 'value' in key ? key.value : key);

function rangeOf(node: unknown): readonly number[] {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return [];
  return node.range.filter((place): place is number => typeof place === 'number');
}

function isTimeZone(given: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: given }).resolvedOptions().timeZone !== '';
  } catch (thrown) {
    if (thrown instanceof RangeError) return false;
    throw thrown;
  }
}

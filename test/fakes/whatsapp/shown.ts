/** What a customer has in front of them: the messages of the emulated Graph API as a phone shows them. */
import { titlesOf, templateOf, type Interactive } from './graph-methods.js';
import { asSeen } from './markup.js';
import type { GraphState, SentMessage } from './state.js';

export interface ShownMessage {
  readonly text: string;
  readonly buttons: readonly string[];
  readonly files: readonly string[];
}

export const shownMessages = (state: GraphState, waId: string): readonly ShownMessage[] =>
  state.sent.filter(({ to, body }) => to === waId && body['type'] !== 'reaction').map((message) => shownMessage(state, message));

export function shownMessage(state: GraphState, { body }: SentMessage): ShownMessage {
  const type = String(body['type']);
  if (type === 'text') return { text: asSeen((body['text'] as { body: string }).body), buttons: [], files: [] };
  if (type === 'template') return shownTemplate(state, body);
  if (type !== 'interactive') {
    const file = body[type] as WireFile;
    return { text: asSeen(file.caption ?? ''), buttons: [], files: [nameOf(state, file)] };
  }
  const interactive = body['interactive'] as Interactive;
  const { type: kind = '', ...header } = (interactive.header ?? {}) as { type?: string } & Record<string, WireFile>;
  const file = header[kind];
  return {
    text: asSeen(interactive.body?.text ?? ''),
    buttons: titlesOf(interactive),
    files: file === undefined ? [] : [nameOf(state, file)],
  };
}

interface WireFile {
  readonly id?: string;
  readonly link?: string;
  readonly filename?: string;
  readonly caption?: string;
}

const nameOf = (state: GraphState, { id = '', link, filename }: WireFile) => filename ?? link ?? state.files.get(id)?.filename ?? id;

function shownTemplate(state: GraphState, body: Readonly<Record<string, unknown>>): ShownMessage {
  const { template, parameters } = templateOf(state, body);
  const text = (template?.text ?? '').replace(/\{\{(\d+)\}\}/g, (_all, number: string) => parameters[Number(number) - 1] ?? '');
  return { text, buttons: template?.buttons ?? [], files: [] };
}

/** Staff at the web inbox's API, as its page speaks to it: presses are actions, what is shown is the case as it is told. */
import type { Agent } from '../../../src/domain/ticket.js';
import { reasonOf } from '../../../channels/shared/desk-buttons.js';
import type { CaseBody, CaseEventView } from '../../../src/http/ticket-schemas.js';
import type { DeskForm, ShownCase, ShownLine } from '../../contract/desk-suite.js';
import { openEventStream } from '../event-stream.js';
import { formOf, type Called } from '../http-client.js';
import type { RunningService } from '../running-service.js';
import { arrival, type DeskStaff } from './desk-staff.js';

const agentOf = (id: string, name: string): Agent => ({ id: `inbox:${id}`, name });

interface Desk {
  readonly service: () => RunningService;
  readonly told: Map<string, string[]>;
}

/** @param service which another start changes */
export function openInboxStaff(service: () => RunningService): DeskStaff {
  const desk: Desk = { service, told: new Map() };
  return {
    name: 'inbox',
    marta: agentOf('marta', 'Marta Ruiz'),
    luis: agentOf('luis', 'Luis Gil'),
    async shown(ticketId) {
      const { status, body } = await call(desk, 'GET', `/${ticketId}?language=es`);
      return status === 404 ? null : shownOf(body as unknown as CaseBody);
    },
    told: async (who) => desk.told.get(who.id) ?? [],
    finger: async (who, ticketId, button, form = {}) => {
      const action = { action_id: `finger-${(actions += 1)}`, agent: namedOf(who), command: commandOf(button, form) };
      return () => perform(desk, who, ticketId, { button, action });
    },
    line: async (who, ticketId, text) => () => act(desk, who, ticketId, typedCommand(text)),
    lookOut: (text) => lookOut(service(), text),
    async replyWithFile(who, ticketId, { name, bytes }) {
      const kept = await call(desk, 'POST', `/${ticketId}/files`, { body: formOf({}, { file: [[name, bytes]] }) });
      if (kept.status !== 201) return tell(desk, who, kept);
      await act(desk, who, ticketId, { kind: 'reply', markdown: '', files: [String(kept.body['id'])] });
    },
    setDown: null,
    deleteCard: null,
    deleteTyped: null,
    leave: null,
    async mischief(ticketId) {
      const hostile = [
        { kind: 'explode' },
        { kind: 'undo', of: { $gt: 0 } },
        { kind: 'undo', of: 999_999_999 },
        { kind: 'reply', markdown: 'x', files: ['att_of_nobody'] },
      ];
      for (const command of hostile) await act(desk, agentOf('marta', 'Marta Ruiz'), ticketId, command);
      await act(desk, agentOf('marta', 'Marta Ruiz'), 'T-00000000', { kind: 'claim' });
    },
  };
}

let actions = 0;

function call({ service }: Desk, method: string, path: string, more: { json?: unknown; body?: FormData } = {}): Promise<Called> {
  const { adminKey } = service();
  return service().call(method, `/api/tickets${path}`, { ...more, headers: { Authorization: `Bearer ${adminKey}` } });
}

const namedOf = ({ id, name }: Agent) => ({ id: id.replace('inbox:', ''), name });

function tell({ told }: Desk, { id }: Agent, { status, body, text }: Called): void {
  if (status === 200) return;
  told.set(id, [...(told.get(id) ?? []), typeof body['message'] === 'string' ? body['message'] : text]);
}

async function act(desk: Desk, who: Agent, ticketId: string, command: object): Promise<void> {
  actions += 1;
  const action = { action_id: `typed-${actions}`, agent: namedOf(who), command };
  tell(desk, who, await call(desk, 'POST', `/${ticketId}/actions`, { json: action }));
}

async function perform(
  desk: Desk,
  who: Agent,
  ticketId: string,
  { button, action }: { readonly button: string; readonly action: object },
): Promise<void> {
  if (button !== 'suggest' && button !== 'transcript') {
    return tell(desk, who, await call(desk, 'POST', `/${ticketId}/actions`, { json: action }));
  }
  const { text } = await call(desk, 'GET', `/${ticketId}/${button === 'suggest' ? 'suggestions' : 'transcript'}`);
  desk.told.set(who.id, [...(desk.told.get(who.id) ?? []), text]);
}

/** By its line of server-sent events: whoever has the page open sees it then. */
async function lookOut({ url, adminKey }: RunningService, text: string): Promise<{ readonly at: Promise<number> }> {
  const stream = await openEventStream(`${url}/api/tickets/events`, { Authorization: `Bearer ${adminKey}` });
  await stream.next(({ event }) => event === 'ready');
  const at = arrival(() => stream.events.some(({ data }) => JSON.stringify(data).includes(text)));
  return { at: at.finally(() => stream.close()) };
}

const typedCommand = (text: string): object =>
  text.startsWith('/r') ? { kind: 'reply', markdown: text.slice(2).trim() } : { kind: 'note', text };

function commandOf(button: string, { text = '', reason = 'answered', to }: DeskForm): object {
  const [, kind, of] = /^(undo|retry):(\d+)$/.exec(button) ?? [];
  if (kind !== undefined) return { kind, of: Number(of) };
  switch (button) {
    case 'reply':
      return { kind: 'reply', markdown: text };
    case 'note':
      return { kind: 'note', text };
    case 'return-to-bot':
      return { kind: 'return-to-bot', note: text };
    case 'resolve':
      return { kind: 'resolve', reason: reasonOf(reason, text) };
    case 'assign':
      return { kind: 'assign', to };
    default:
      return { kind: button };
  }
}

/** What the page draws: the case's head, then the conversation and what happened, each with what can be pressed on it. */
function shownOf({ ticket, actions: buttons, events, messages, past_cases: past }: CaseBody): ShownCase {
  const head = [ticket.id, ticket.status, ticket.agent?.name ?? 'nadie', ticket.summary, ...past.map(({ id }) => id)];
  const said = messages.map(({ content, deleted, attachments }): ShownLine => ({
    text: deleted ? '🗑️' : content,
    buttons: [],
    files: attachments.map(({ filename }) => filename),
  }));
  const happened = events.map((event): ShownLine => ({
    text: [event.line, event.text ?? '', event.reply?.state_line ?? ''].join('\n').trim(),
    buttons: buttonsOf(event),
    files: event.files.map(({ filename }) => filename),
  }));
  return {
    place: ticket.id,
    card: { text: [...head, ticket.score === null ? '' : `${ticket.score}/5`].join('\n'), buttons, files: [] },
    thread: [...said, ...happened],
  };
}

function buttonsOf({ seq, reply }: CaseEventView): string[] {
  if (reply?.state === 'pending') return [`undo:${seq}`];
  return reply?.state === 'failed' ? [`retry:${seq}`] : [];
}

/** The calls of the inbox, with the agent's key. */
import { follow, type LineEvents } from './line.js';
import type { Agent, Case, Command, Row, StoredFile, Turn } from './wire.js';

/** `status` 0: no answer came. */
export class InboxError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export interface Access {
  readonly key: string;
  readonly name: string;
}

const TIMEOUT_MS = 20_000;
/** As many as the service gives. */
const MOST_ROWS = 200;

/** People who share a key are told apart by their names. */
const idOf = (name: string): string => name.trim().toLowerCase().replace(/\s+/g, ' ');

/** Where the page came by plain HTTP, browsers have no randomUUID. */
export const newActionId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Of an agent of the inbox, as it stands in tickets. */
export const agentNamed = (name: string): Agent => ({ id: `inbox:${idOf(name)}`, name: name.trim() });

const posted = (body: object): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
});

export type InboxApi = ReturnType<typeof createInboxApi>;

export function createInboxApi({ key, name }: Access) {
  const headers = { Authorization: `Bearer ${key}` };
  const agent = { id: idOf(name), name: name.trim() };

  async function call(path: string, init: RequestInit = {}): Promise<Response> {
    let response: Response;
    try {
      const all = { ...headers, ...(init.headers as Record<string, string> | undefined) };
      response = await fetch(`/api/tickets${path}`, { ...init, headers: all, cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (cause) {
      throw new InboxError(0, String(cause));
    }
    if (response.ok) return response;
    const body = (await response.json().catch(() => null)) as { message?: string } | null; // a proxy's own page
    throw new InboxError(response.status, body?.message ?? '');
  }
  const json = async <Body>(path: string, init?: RequestInit): Promise<Body> => (await (await call(path, init)).json()) as Body;

  return {
    self: agentNamed(name),
    list: (which: string): Promise<Row[]> =>
      json(`?limit=${MOST_ROWS}&${which === 'mine' ? `mine=1&agent_id=${encodeURIComponent(agent.id)}` : `status=${which}`}`),
    open: (id: string, language: string): Promise<Case> => json(`/${encodeURIComponent(id)}?language=${language}`),
    act: (id: string, command: Command, actionId: string): Promise<{ message: string; ticket: Row }> =>
      json(`/${id}/actions`, posted({ action_id: actionId, agent, command })),
    /** Best effort. */
    typing: async (id: string): Promise<void> => void (await call(`/${id}/typing`, posted({ agent })).catch(() => null)),
    agents: (): Promise<Agent[]> => json('/agents'),
    turn: (id: string, turn: string): Promise<Turn> => json(`/${id}/turns/${turn}`),
    upload(id: string, file: File): Promise<StoredFile> {
      const body = new FormData();
      body.append('file', file, file.name);
      return json(`/${id}/files`, { method: 'POST', body });
    },
    suggestions: (id: string): Promise<{ message: string; suggestions: { title: string; markdown: string }[] }> =>
      json(`/${id}/suggestions`),
    file: async (id: string, file: string): Promise<Blob> => (await call(`/${id}/files/${file}`)).blob(),
    transcript: async (id: string, format: 'pdf' | 'text'): Promise<Blob> => (await call(`/${id}/transcript?format=${format}`)).blob(),
    follow: (events: LineEvents) => follow(headers, events),
  };
}

/** The calls of the inbox, with the agent's key, and its live line: read by fetch, because EventSource can send no key. */

export interface Agent {
  readonly id: string;
  readonly name: string;
}

export interface Row {
  readonly id: string;
  readonly seq: number;
  readonly status: string;
  readonly priority: string;
  readonly reasons: readonly string[];
  readonly channel: string;
  readonly summary: string;
  readonly customer: string | null;
  readonly agent: Agent | null;
  readonly created_at: string;
  readonly waiting_since: string | null;
  readonly score: number | null;
}

export interface StoredFile {
  readonly id: string;
  readonly filename: string;
}

export interface CaseMessage {
  readonly id: string;
  readonly role: 'user' | 'assistant' | 'agent' | 'system';
  readonly author: string | null;
  readonly content: string;
  readonly timestamp: string;
  readonly attachments: readonly StoredFile[];
  readonly edited: boolean;
  readonly deleted: boolean;
  readonly reply: number | null;
}

export interface CaseEvent {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly by: { readonly id: string | null; readonly name: string | null };
  readonly line: string;
  readonly text: string | null;
  readonly files: readonly StoredFile[];
  readonly reply: { readonly state: string; readonly state_line: string; readonly send_at: string } | null;
}

export interface Case {
  readonly ticket: Row & { readonly entities: readonly { readonly value: string }[]; readonly sentiment: number | null };
  readonly actions: readonly string[];
  readonly events: readonly CaseEvent[];
  readonly messages: readonly CaseMessage[];
  readonly past_cases: readonly Row[];
}

export type Command = Readonly<Record<string, unknown>> & { readonly kind: string };

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
/** The service sends a sign of life every 15 s. */
const SILENCE_MS = 40_000;
const AGAIN_MS = 1_000;

/** People who share a key are told apart by their names. */
const idOf = (name: string): string => name.trim().toLowerCase().replace(/\s+/g, ' ');

/** Where the page came by plain HTTP, browsers have no randomUUID. */
export const newActionId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

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
    /** As it stands in tickets. */
    agentId: `inbox:${agent.id}`,
    list: (which: string): Promise<Row[]> =>
      json(which === 'mine' ? `?mine=1&agent_id=${encodeURIComponent(agent.id)}` : `?status=${which}`),
    open: (id: string, language: string): Promise<Case> => json(`/${encodeURIComponent(id)}?language=${language}`),
    act: (id: string, command: Command, actionId: string): Promise<{ message: string; ticket: Row }> =>
      json(`/${id}/actions`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ action_id: actionId, agent, command }),
      }),
    upload(id: string, file: File): Promise<StoredFile> {
      const body = new FormData();
      body.append('file', file, file.name);
      return json(`/${id}/files`, { method: 'POST', body });
    },
    suggestions: (id: string): Promise<{ message: string; suggestions: { title: string; markdown: string }[] }> =>
      json(`/${id}/suggestions`),
    file: async (id: string, file: string): Promise<Blob> => (await call(`/${id}/files/${file}`)).blob(),
    transcript: async (id: string): Promise<Blob> => (await call(`/${id}/transcript?format=pdf`)).blob(),
    follow: (events: LineEvents) => follow(headers, events),
  };
}

export interface LineEvents {
  onTicket(row: Row): void;
  /** The line is there, also again: what is shown may be old. */
  onOpen(): void;
  onLost(): void;
}

/** Keeps the line up until it is ended. */
function follow(headers: Record<string, string>, events: LineEvents): () => void {
  let ended = false;
  let current = new AbortController();
  const once = async () => {
    current = new AbortController();
    let silence = setTimeout(() => current.abort(), SILENCE_MS);
    const response = await fetch('/api/tickets/events', { headers, cache: 'no-store', signal: current.signal });
    if (!response.ok || response.body === null) throw new InboxError(response.status, '');
    events.onOpen();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { done, value = '' } = await reader.read();
      clearTimeout(silence);
      if (done) return;
      silence = setTimeout(() => current.abort(), SILENCE_MS);
      const blocks = (rest + value).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (/^event: ticket$/m.test(block) && data !== undefined) events.onTicket((JSON.parse(data) as { ticket: Row }).ticket);
      }
    }
  };
  const keepUp = async () => {
    while (!ended) {
      await once().catch(() => {
        if (!ended) events.onLost();
      });
      if (!ended) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  };
  void keepUp();
  return () => {
    ended = true;
    current.abort();
  };
}

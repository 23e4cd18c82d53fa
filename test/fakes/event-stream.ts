/** Reads server-sent events as they come, for tests: one object for each event, of those that carry data. */
export interface StreamedEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: Record<string, unknown>;
}

export interface EventStream {
  readonly status: number;
  readonly events: readonly StreamedEvent[];
  /** Resolves with the first event, also an earlier one, that fits. */
  next(fits: (event: StreamedEvent) => boolean): Promise<StreamedEvent>;
  readonly ended: Promise<void>;
  close(): void;
}

const PATIENCE_MS = 60_000;

export async function openEventStream(url: string, headers: Record<string, string>): Promise<EventStream> {
  const abort = new AbortController();
  const response = await fetch(url, { headers, signal: abort.signal });
  const events: StreamedEvent[] = [];
  const watchers = new Set<() => void>();
  const read = async () => {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const piece of response.body ?? []) {
      const blocks = (rest + decoder.decode(piece as Uint8Array, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      events.push(...blocks.flatMap(parsed));
      watchers.forEach((watcher) => watcher());
    }
  };
  const ended = read().catch((thrown: unknown) => {
    if (!abort.signal.aborted) throw thrown;
  });
  return {
    status: response.status,
    events,
    ended,
    next: (fits) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`no such event among ${JSON.stringify(events)}`)), PATIENCE_MS);
        const look = () => {
          const found = events.find(fits);
          if (found === undefined) return;
          clearTimeout(late);
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        look();
      }),
    close: () => abort.abort(),
  };
}

function parsed(block: string): StreamedEvent[] {
  const fields = new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const));
  const data = fields.get('data');
  if (data === undefined) return [];
  return [{ event: fields.get('event') ?? 'message', id: fields.get('id') ?? null, data: JSON.parse(data) as Record<string, unknown> }];
}

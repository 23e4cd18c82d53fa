/** What /health/ready asks: each service by name, and which of them messages cannot be taken without. */
import type { Channel } from './domain/channel.js';
import type { HealthProbes, HealthReport } from './http/services.js';
import type { KnowledgeService } from './knowledge/search.js';

export function healthProbes(parts: {
  ping: () => Promise<unknown>;
  knowledge: KnowledgeService;
  channels: readonly Channel[];
  /** Its name is shown; null: there is none. */
  model: { readonly model: string } | null;
  accepting: () => boolean;
}): HealthProbes {
  const { ping, knowledge, channels, model, accepting } = parts;
  const answers = model === null ? 'extractive answers; no language model is configured' : `answers are worded by ${model.model}`;
  const channelProbes = channels.map((channel) => [
    `channels.${channel.name}`,
    async (): Promise<HealthReport> => {
      await channel.checkHealth();
      return { state: 'healthy' };
    },
  ]);
  return {
    required: ['database'],
    accepting,
    probes: {
      database: async () => {
        await ping();
        return { state: 'healthy' };
      },
      cache: () => {
        const { cacheHits, cacheMisses } = knowledge.describe();
        return { state: 'healthy', detail: `in memory, ${cacheHits} hits, ${cacheMisses} misses` };
      },
      knowledge: () => {
        const { chunks, products, vectorSearch } = knowledge.describe();
        if (chunks + products === 0) return { state: 'degraded', detail: 'empty: load some with npm run ingest' };
        return {
          state: 'healthy',
          detail: `${chunks} passages, ${products} products, vector search ${vectorSearch === 'server' ? 'by the database' : 'in memory'}`,
        };
      },
      agent: () => ({ state: accepting() ? 'healthy' : 'unhealthy', detail: answers }),
      'channels.telegram': () => ({ state: 'disabled' }),
      'channels.slack': () => ({ state: 'disabled' }),
      'channels.teams': () => ({ state: 'disabled' }),
      'channels.whatsapp': () => ({ state: 'disabled' }),
      'channels.whatsapp-web': () => ({ state: 'disabled' }),
      ...(Object.fromEntries(channelProbes) as HealthProbes['probes']),
    },
  };
}

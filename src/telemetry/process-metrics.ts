/**
 * What the process itself uses, and how late its event loop is: what a request waits for before anything is done about it. prom-client's own gauges of
 * that wake the process a hundred times a second, nearly 1 % of a core, and include the pause between two looks.
 */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';

/** Between two looks, ms. */
const LOOK_MS = 500;
/** The most that a timer takes, 24 days. */
const NEVER_MS = 2 ** 31 - 1;

const QUANTILES = { '0.5': (seen) => seen.percentile(50), '0.99': (seen) => seen.percentile(99), '1': (seen) => seen.max } satisfies Record<
  string,
  (seen: IntervalHistogram) => number
>;

const PROM_CLIENTS_OWN = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map((which) => `nodejs_eventloop_lag_${which}_seconds`);

/** Memory, CPU, handles and garbage collection of the process, and how late its event loop is. */
export function measureProcess(registry: Registry, prefix: string): void {
  collectDefaultMetrics({ register: registry, prefix, eventLoopMonitoringPrecision: NEVER_MS });
  for (const name of PROM_CLIENTS_OWN) registry.removeSingleMetric(`${prefix}${name}`);
  measureEventLoopDelay(registry, prefix);
}

function measureEventLoopDelay(registry: Registry, prefix: string): void {
  const seen = monitorEventLoopDelay({ resolution: LOOK_MS });
  seen.enable();
  new Gauge({
    name: `${prefix}event_loop_delay_seconds`,
    help: 'How late the event loop was, looked at twice a second, since the metrics were read last; quantile 1 is the most',
    labelNames: ['quantile'],
    registers: [registry],
    collect() {
      for (const [quantile, nanoseconds] of Object.entries(QUANTILES))
        this.set({ quantile }, seen.count === 0 ? 0 : Math.max(0, nanoseconds(seen) / 1e9 - LOOK_MS / 1e3));
      seen.reset();
    },
  });
}

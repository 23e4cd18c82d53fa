// How late the event loop is, as an operator reads it from the metrics.
import { expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { measureProcess } from '../../../src/telemetry/process-metrics.js';

test('a stall of the event loop is seen once it was, an idle one is near 0, and what prom-client would measure with a hundred wake-ups a second is not there', async () => {
  const registry = new Registry();
  measureProcess(registry, 'x_');
  const most = async (): Promise<number> => Number(/x_event_loop_delay_seconds\{quantile="1"\} (\S+)/.exec(await registry.metrics())?.[1]);

  await sleep(600);
  const end = performance.now() + 1_100;
  while (performance.now() < end);
  await sleep(600);
  expect(await most()).toBeGreaterThan(0.3);
  expect(await most()).toBeLessThan(0.3); // what was seen before is forgotten

  const text = await registry.metrics();
  expect(text).toMatch(/^x_nodejs_eventloop_lag_seconds \d/m);
  expect(text).toMatch(/^x_process_resident_memory_bytes \d/m);
  expect(text).not.toMatch(/eventloop_lag_(min|max|mean|stddev|p50|p90|p99)/);
});

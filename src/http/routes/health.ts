/** `/health` and `/metrics`: for load balancers, monitors and operators. */
import { Router } from 'express';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { asError } from '../../domain/errors.js';
import { maskSecrets } from '../../telemetry/logger.js';
import { jsonAnswer } from '../openapi-parts.js';
import { aliveSchema, healthSchema, type HealthView } from '../schemas.js';
import type { HealthProbes, HealthReport, HealthState, HttpConfig, HttpServices } from '../services.js';

const PROBE_MS = 2000;

export function healthRoutes({ health, metrics }: HttpServices, config: HttpConfig): Router {
  const router = Router();

  router.get('/health', async (_request, response) => {
    const { details: _details, ...view } = (await examine(health, config.version)).view;
    response.json(view);
  });

  router.get('/health/ready', async (_request, response) => {
    const { ready, view } = await examine(health, config.version);
    response.status(ready ? 200 : 503).json(view);
  });

  router.get('/health/live', (_request, response) => {
    response.json({ status: 'alive', timestamp: new Date().toISOString() });
  });

  router.get('/metrics', async (_request, response) => {
    response.setHeader('Content-Type', metrics.registry.contentType);
    response.end(await metrics.registry.metrics());
  });

  return router;
}

/** Ready: messages can be taken, stored and so in the end answered. */
async function examine(health: HealthProbes, version: string): Promise<{ ready: boolean; view: HealthView }> {
  const reports = await Promise.all(Object.entries(health.probes).map(async ([name, probe]) => [name, await report(probe)] as const));
  const ready = health.accepting() && reports.every(([name, { state }]) => state !== 'unhealthy' || !health.required.includes(name));
  const impaired = reports.some(([, { state }]) => state === 'unhealthy' || state === 'degraded');
  const details = reports.flatMap(([name, { detail }]) => (detail === undefined ? [] : [[name, maskSecrets(detail)] as const]));
  if (!health.accepting()) details.push(['service', 'stopping']);
  const status: HealthState = !ready ? 'unhealthy' : impaired ? 'degraded' : 'healthy';
  const services = Object.fromEntries(reports.map(([name, { state }]) => [name, state]));
  const view = { status, timestamp: new Date().toISOString(), version, services };
  return { ready, view: details.length === 0 ? view : { ...view, details: Object.fromEntries(details) } };
}

async function report(probe: () => Promise<HealthReport> | HealthReport): Promise<HealthReport> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<HealthReport>((resolve) => {
    timer = setTimeout(() => resolve({ state: 'unhealthy', detail: `no answer within ${PROBE_MS / 1000} s` }), PROBE_MS);
  });
  try {
    return await Promise.race([probe(), late]);
  } catch (thrown) {
    return { state: 'unhealthy', detail: asError(thrown).message };
  } finally {
    clearTimeout(timer);
  }
}

export const HEALTH_PATHS: ZodOpenApiPathsObject = {
  '/health': { get: { summary: 'How the service and its parts are', responses: jsonAnswer(200, healthSchema) } },
  '/health/ready': { get: { summary: 'Whether messages can be taken; 503 when not', responses: jsonAnswer(200, healthSchema, 503) } },
  '/health/live': { get: { summary: 'Whether the process runs', responses: jsonAnswer(200, aliveSchema) } },
};

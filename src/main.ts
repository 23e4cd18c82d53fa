/** The composition root: makes every part, tells each what it needs, starts and stops them in order. The only file that knows everything. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAnalytics } from '../analytics/index.js';
import { createWebChannel } from '../channels/web/index.js';
import { loadEnvironment, parseConfig, type Config } from './config.js';
import { configuredAnswers } from './configured-answers.js';
import { configuredChannels } from './configured-channels.js';
import { createDeliveries } from './delivery/deliveries.js';
import { startDelivery, type DeliveryDeps } from './delivery/index.js';
import { createLaneHistory } from './delivery/lane-history.js';
import { configuredOptions, DELIVERY_DEFAULTS } from './delivery/options.js';
import { createTranscripts } from './handoff/case/transcript.js';
import { createHandoff } from './handoff/index.js';
import { healthProbes } from './health-probes.js';
import { openDesk } from './desk.js';
import { httpExtensions } from './http-extensions.js';
import { createHttpServer } from './http/server.js';
import { createIgnoredEvents } from './ignored-events.js';
import { erasureJob, startJobs } from './jobs/index.js';
import { chunkAttachment } from './knowledge/chunking.js';
import { openKnowledge } from './knowledge/open-knowledge.js';
import { createMemory, extractFacts } from './memory/index.js';
import { createPipeline } from './pipeline/index.js';
import { ROOT_FOLDER } from './root-folder.js';
import { runProcess } from './run-process.js';
import { startChannels } from './start-channels.js';
import { startReport } from './start-report.js';
import { ensureAdminKey } from './storage/api-key-store.js';
import { openStorage } from './storage/index.js';
import { createLogger } from './telemetry/logger.js';
import { createMetrics } from './telemetry/metrics.js';
import { createUnderstanding, loadIntentExamples } from './understanding/index.js';

export interface Service {
  readonly url: string;
  readonly port: number;
  /** What the operator is told. */
  readonly report: string;
  /** Takes nothing more in, finishes what runs, keeps the rest for the next start. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly onStep?: DeliveryDeps['onStep'];
  readonly onLoading?: (done: number, total: number) => void;
  /** Where log lines go; standard error where it is left out. */
  readonly writeLog?: (line: string) => void;
}

/** Throws ConfigurationError, one sentence for the operator, where the service cannot run as configured. */
export async function startService(config: Config, options: StartOptions = {}): Promise<Service> {
  /** What has been started, to be stopped in the opposite order: at the end, or when the start fails half way. */
  const started: (() => unknown)[] = [];
  const stop = async () => {
    for (const stopPart of started.splice(0).reverse()) await stopPart();
  };
  try {
    return { ...(await startParts(config, options, started)), stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

async function startParts(config: Config, options: StartOptions, started: (() => unknown)[]): Promise<Omit<Service, 'stop'>> {
  const logger = createLogger({ level: config.logLevel, ...(options.writeLog === undefined ? {} : { write: options.writeLog }) });
  const metrics = createMetrics();
  const { version } = JSON.parse(await readFile(join(ROOT_FOLDER, 'package.json'), 'utf8')) as { version: string };

  const storage = await openStorage({ ...config.mongodb, dataDir: config.dataDir, logger });
  started.push(() => storage.close());
  const { models, sessions, attachments, messages, memories, links, apiKeys, rates, soleInstance } = storage;
  const newAdminKey = await ensureAdminKey(apiKeys, config.dataDir);
  const sampleFolder = join(ROOT_FOLDER, 'sample');
  const { onLoading = () => undefined } = options;
  const opened = await openKnowledge({ store: storage.knowledge, chunks: storage.chunks, sampleFolder, onLoading, logger });
  started.push(() => opened.stop());
  const { knowledge, newLoader, extractText } = opened;
  const examples = await loadIntentExamples(join(sampleFolder, 'intents'));
  const understanding = createUnderstanding({ catalogue: knowledge.catalogue(), examples });
  knowledge.onChange(() => understanding.setCatalogue(knowledge.catalogue()));

  const web = createWebChannel({ logger, log: messages, elsewhere: !soleInstance });
  const channels = [web, ...(await configuredChannels(config, logger, attachments, storage.lines, storage.movedThreads))];
  const files = { attachments, extractText, chunkText: chunkAttachment, maxFileBytes: config.maxFileBytes };
  const history = createLaneHistory({ messageLog: messages, facts: memories });
  const pipeline = createPipeline({
    ...files,
    sessions,
    sessionTtlMs: config.sessionTtlMs,
    messagesPerMinute: config.messagesPerMinute,
    channelOf: (name, account) => channels.find((channel) => channel.name === name && channel.account === account),
    memory: createMemory({ store: { ...memories, findFacts: history.findFacts }, messageLog: history, windowOf: links.windowOf }),
    links,
    extractFacts,
    understanding,
    knowledge,
    ...(await configuredAnswers(config.model, { knowledge, logger, metrics })),
    handoff: createHandoff(config.desk.settings, storage.caseOf),
    transcripts: createTranscripts({ ...messages, zone: config.desk.settings.teams[0]?.hours?.zone ?? 'UTC' }),
    onStep: (step, seconds) => metrics.stepSeconds.observe({ step: `pipeline:${step}` }, seconds),
  });

  const desk = openDesk({ config, models, attachments, channels, desks: [], knowledge, soleInstance, logger });
  const others = [...desk.jobs, erasureJob(storage.people)];
  const jobs = await startJobs({ db: storage.db, sessions, sessionTtlMs: config.sessionTtlMs, others, logger });
  started.push(() => jobs.stop());
  const stores = { saveFacts: memories.saveFacts, ...desk };
  const choices = configuredOptions(config, { soleInstance });
  const onStep = options.onStep === undefined ? {} : { onStep: options.onStep };
  const delivery = startDelivery({ models, channels, ...pipeline, stores, history, logger, metrics, options: choices, ...onStep });
  let accepting = true;
  started.push(() => delivery.stop());
  const deliveries = createDeliveries(models, { ...DELIVERY_DEFAULTS, onRetried: delivery.wake });
  started.push(desk.start({ emit: delivery.emit, retrySend: async (id) => void (await deliveries.retry([id])) }));
  const ignore = createIgnoredEvents({ store: storage.unknownPayloads, logger, metrics });
  await startChannels(channels, { ...desk, emit: delivery.emit, ignore }, started);
  const http = createHttpServer(
    {
      ...config,
      version,
      pageFolders: { files: join(ROOT_FOLDER, 'channels/web/page'), scripts: join(ROOT_FOLDER, 'dist/channels/web/page') },
    },
    {
      ...files,
      ...delivery,
      ...{ logger, metrics, sessions, messages, knowledge, apiKeys, rates, web, channels, ignore, performAt: desk.performAt },
      chat: { submit: web.submit, waitForTurn: delivery.waitForTurn },
      analytics: createAnalytics(models),
      extensions: httpExtensions({ config, storage, deliveries, desk, logger, newLoader, reload: knowledge.reload }),
      health: healthProbes({ ping: storage.ping, knowledge, channels, model: config.model, accepting: () => accepting }),
    },
  );
  const { url, port } = await http.listen();
  started.push(() => http.close());
  started.push(() => (accepting = false));
  const { products } = knowledge.describe();
  const documents = (await storage.knowledge.documents()).length;
  return { url, port, report: startReport(config, { url, engine: storage.engine, newAdminKey, documents, products }) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runProcess(async (onLoading) => startService(parseConfig(loadEnvironment()), { onLoading }));
}

/** Starts delivery on a test's database with the simple pipeline and a recording channel. */
import { type ProcessTurn } from '../../../src/domain/turn.js';
import { type Delivery, startDelivery } from '../../../src/delivery/index.js';
import { type DeliveryOptions } from '../../../src/delivery/options.js';
import { type OnStep } from '../../../src/delivery/steps.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { createMetrics } from '../../../src/telemetry/metrics.js';
import { type TestDatabase } from '../../fakes/database.js';
import { createRecordingChannel, type RecordingChannel } from '../../fakes/recording-channel.js';
import { apology, simpleTurn } from '../../fakes/simple-turns.js';

export interface TestDelivery extends Delivery {
  readonly channel: RecordingChannel;
  readonly metrics: ReturnType<typeof createMetrics>;
  readonly logLines: string[];
}

export function startTestDelivery(
  database: TestDatabase,
  given: {
    channel?: RecordingChannel;
    processTurn?: ProcessTurn;
    options?: Partial<DeliveryOptions>;
    onStep?: OnStep;
  } = {},
): TestDelivery {
  const channel = given.channel ?? createRecordingChannel();
  const metrics = createMetrics();
  const logLines: string[] = [];
  const delivery = startDelivery({
    models: database.models,
    channels: [channel],
    processTurn: given.processTurn ?? (async (input) => simpleTurn(input)),
    failTurn: apology,
    stores: { saveFacts: async () => undefined, saveTicket: async () => undefined, tellDesk: async () => undefined },
    logger: createLogger({ level: 'debug', write: (line) => logLines.push(line) }),
    metrics,
    options: { soleInstance: database.engine === 'embedded', ...given.options },
    ...(given.onStep === undefined ? {} : { onStep: given.onStep }),
  });
  return { ...delivery, channel, metrics, logLines };
}

/** Resolves when the condition holds; throws what was awaited when it does not within the time. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

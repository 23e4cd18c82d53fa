/**
 * A process that delivers and, where told so, kills itself the instant a step is behind it. Run by crash.test.ts. It takes in the same two events
 * at each start, as a platform does that had no answer, and prints what is stored once everything is delivered.
 */
import { startDelivery } from '../../../src/delivery/index.js';
import { connectDatabase } from '../../../src/storage/connect.js';
import { buildIndexes, defineModels } from '../../../src/storage/models/index.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { createMetrics } from '../../../src/telemetry/metrics.js';
import { createRecordingChannel } from '../../fakes/recording-channel.js';
import { apology, simpleTurn, textEvent } from '../../fakes/simple-turns.js';

export interface CrashChildInput {
  readonly uri: string | null;
  readonly database: string;
  readonly dataDir: string;
  /** Where sends go: the platform outlives us. */
  readonly platform: string;
  readonly killAt: string | null;
}

export interface CrashChildOutput {
  readonly outbox: readonly { text: string; state: string; uncertain: number }[];
  readonly turns: readonly { attempt: number; uncertainSends: number }[];
  readonly messages: readonly string[];
  readonly messageCount: number;
}

const input = JSON.parse(process.argv[2] ?? '') as CrashChildInput;
const database = await connectDatabase(input);
const models = defineModels(database.connection);
await buildIndexes(models);

const channel = createRecordingChannel();
channel.onSend = async ({ text }) => {
  await fetch(input.platform, { method: 'POST', body: text });
};
const delivery = startDelivery({
  models,
  channels: [channel],
  processTurn: async (turn) => simpleTurn(turn),
  failTurn: apology,
  stores: { saveFacts: async () => undefined, saveTicket: async () => undefined, tellDesk: async () => undefined },
  logger: createLogger({ level: 'warn' }),
  metrics: createMetrics(),
  options: { soleInstance: database.engine === 'embedded', leaseMs: 400, heartbeatMs: 100, sweepMs: 100, maxAttempts: 5 },
  onStep: (step) => {
    if (step === input.killAt) process.kill(process.pid, 'SIGKILL');
  },
});
await delivery.emit(textEvent('chat', 'event-1', '1'));
await delivery.emit(textEvent('chat', 'event-2', '2'));

while ((await models.inbox.countDocuments({ state: 'pending' })) + (await models.outbox.countDocuments({ open: true })) > 0) {
  await new Promise((resolve) => setTimeout(resolve, 10));
}
const outbox = await models.outbox.find().sort({ order: 1 }).lean();
const turns = await models.turns.find().sort({ 'effects.messages.order': 1 }).lean();
const messages = await models.messages.find().sort({ order: 1 }).lean();
const conversation = await models.conversations.findOne().lean();
const output: CrashChildOutput = {
  outbox: outbox.map(({ content, state, uncertain }) => ({ text: content.kind === 'text' ? content.markdown : '', state, uncertain })),
  turns: turns.map(({ attempt, uncertainSends }) => ({ attempt, uncertainSends: uncertainSends?.length ?? 0 })),
  messages: messages.map((message) => message.text),
  messageCount: conversation?.messageCount ?? 0,
};
console.log(JSON.stringify(output));
await delivery.stop();
await database.close();

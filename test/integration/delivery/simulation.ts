/**
 * Several instances of delivery in one process, on one database and one platform, in a time that the test moves. Each instance can be frozen,
 * thawed and killed between any two things that it does; nothing in it depends on how fast the machine is.
 */
import { jest } from '@jest/globals';
import { type Channel } from '../../../src/domain/channel.js';
import { type Conversation } from '../../../src/domain/conversation.js';
import { type Ticket, type EscalationReason } from '../../../src/domain/ticket.js';
import { type ProcessTurn, type TurnInput, type TurnRecord } from '../../../src/domain/turn.js';
import { type Delivery, startDelivery } from '../../../src/delivery/index.js';
import { type DeliveryOptions } from '../../../src/delivery/options.js';
import { type OnStep } from '../../../src/delivery/steps.js';
import { type FailTurn } from '../../../src/delivery/turn-runner.js';
import { handoff } from '../../../src/handoff/index.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { createMetrics } from '../../../src/telemetry/metrics.js';
import { type TestDatabase } from '../../fakes/database.js';
import { createRecordingChannel, type RecordingChannel, type RecordingOptions } from '../../fakes/recording-channel.js';
import { apology, simpleTurn } from '../../fakes/simple-turns.js';
import { createGates, type Gate, quiet, type Waiting } from './gate.js';
import { gatedModels } from './gated-models.js';

export interface Instance extends Pick<Delivery, 'emit' | 'stop' | 'waitForTurn' | 'wake'> {
  readonly gate: Gate;
  readonly logLines: readonly string[];
  /** Lets what it does in this way go on, the answers too. */
  letGo(what: string): Promise<void>;
  freeze(): void;
  thaw(): void;
  crash(): void;
}

export interface InstanceOptions {
  readonly processTurn?: ProcessTurn;
  /** The turn waits for the test, and so does not wait at the gate: whoever moves it there waits for its end. */
  readonly turnWaits?: boolean;
  readonly options?: Partial<DeliveryOptions>;
  /** Called by the instance itself: it may freeze or crash it right there. */
  readonly onStep?: (instance: Instance, ...step: Parameters<OnStep>) => void;
}

export interface Simulation {
  readonly platform: RecordingChannel;
  /** As they were opened. */
  readonly tickets: readonly Ticket[];
  start(given?: InstanceOptions): Instance;
  /** What could go on now. */
  movable(): readonly Waiting[];
  move(waiting: Waiting): Promise<void>;
  /** Lets everything go on that can, until nothing moves. */
  settle(): Promise<void>;
  /** Timers that fall due run, in order; what they begin waits at the gates. */
  advance(ms: number): Promise<void>;
  /** Settles and moves the time on in small steps until the condition holds. */
  until(what: string, condition: () => boolean | Promise<boolean>, limitMs?: number): Promise<void>;
  /** Kills what still runs and gives the time back. */
  end(): void;
}

/** Short against the defaults only because nothing is gained by more. */
export const TIMES = { leaseMs: 15_000, heartbeatMs: 5_000, sweepMs: 2_000, watchdogMs: 3_600_000 } as const;
const STEP_MS = 500;
/** What is stored is acknowledged within this time: see DatabaseClock.reached. */
export const ACKNOWLEDGED_MS = 20;

export function simulate(
  database: TestDatabase,
  given: { channel?: RecordingOptions; options?: Partial<DeliveryOptions> } = {},
): Simulation {
  // The driver and the gates live in real time.
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'clearImmediate', 'queueMicrotask', 'hrtime'] });
  const gates = createGates();
  const platform = createRecordingChannel(given.channel);
  const tickets: Ticket[] = [];
  const instances: Instance[] = [];

  const settle = async () => {
    await quiet();
    for (let movable = gates.movable(); movable.length > 0; movable = gates.movable()) {
      for (const waiting of movable) if (waiting.gate.power === 'running') await gates.move(waiting);
    }
  };
  const advance = async (ms: number) => {
    await jest.advanceTimersByTimeAsync(ms);
    await quiet();
  };

  return {
    platform,
    tickets,
    start({ processTurn = echo, turnWaits = false, options = {}, onStep } = {}) {
      const gate = gates.open(`instance ${instances.length + 1}`);
      const logLines: string[] = [];
      const delivery = startDelivery({
        models: gatedModels(database.models, gate, () => new Date()),
        channels: [gatedChannel(platform, gate)],
        processTurn: turnWaits ? processTurn : (input) => gate.pass('turn', () => processTurn(input)),
        failTurn,
        staleTicket: (record, conversation) => ticketFor(record, conversation, 'stale-reply'),
        stores: {
          saveFacts: async () => undefined,
          saveTicket: async (ticket) => void tickets.push(ticket),
          tellDesk: async () => undefined,
        },
        logger: createLogger({ level: 'debug', write: (line) => logLines.push(line) }),
        metrics: createMetrics(),
        options: { soleInstance: false, ...TIMES, ...given.options, ...options },
        onStep: (...step) => onStep?.(instance, ...step),
      });
      const instance: Instance = {
        ...delivery,
        gate,
        logLines,
        async letGo(what) {
          const next = () => gates.movable().find((waiting) => waiting.gate === gate && waiting.what === what);
          await quiet();
          for (let waiting = next(); waiting !== undefined; waiting = next()) await gates.move(waiting);
          if (what === 'insert inbox') await advance(ACKNOWLEDGED_MS);
        },
        freeze: () => void (gate.power = 'frozen'),
        thaw: () => void (gate.power = 'running'),
        crash: () => void (gate.power = 'dead'),
      };
      instances.push(instance);
      return instance;
    },
    movable: () => gates.movable(),
    move: (waiting) => gates.move(waiting),
    settle,
    advance,
    async until(what, condition, limitMs = 120_000) {
      for (let passedMs = 0; ; passedMs += STEP_MS) {
        await settle();
        if (await condition()) return;
        if (passedMs >= limitMs) throw new Error(`not within ${limitMs} ms of the simulated time: ${what}`);
        await advance(STEP_MS);
      }
    },
    end() {
      for (const instance of instances) instance.crash();
      jest.useRealTimers();
    },
  };
}

const failTurn: FailTurn = (input: TurnInput) => {
  const record = apology(input);
  const ticket = ticketFor(record, input.conversation, 'failed-turn');
  return { ...record, ticketId: ticket.id, effects: { ...record.effects, ticket } };
};

const ticketFor = ({ id: turnId, threadId }: TurnRecord, conversation: Conversation, reason: EscalationReason): Ticket =>
  handoff.buildTicket({
    turnId,
    conversation,
    threadId,
    decision: { escalate: true, reasons: [reason], priority: 'high' },
    language: 'es',
    text: '',
    recollection: { window: [], facts: [], summary: null },
    at: new Date(),
  });

const echo: ProcessTurn = async (input) => simpleTurn(input);

/** What the instance calls the platform with, and what it hears of it, goes through its gate. */
function gatedChannel(platform: RecordingChannel, gate: Gate): Channel {
  const findSent = platform.findSent?.bind(platform);
  const edit = platform.edit?.bind(platform);
  const waitingTemplate = platform.waitingTemplate?.bind(platform);
  return {
    name: platform.name,
    account: platform.account,
    capabilities: platform.capabilities,
    send: (...call) => gate.pass('send', () => platform.send(...call)),
    ...(findSent === undefined
      ? {}
      : { findSent: (...asked: Parameters<NonNullable<Channel['findSent']>>) => gate.pass('ask', () => findSent(...asked)) }),
    ...(edit === undefined ? {} : { edit: (...call: Parameters<NonNullable<Channel['edit']>>) => gate.pass('edit', () => edit(...call)) }),
    ...(waitingTemplate === undefined ? {} : { waitingTemplate }),
    checkHealth: async () => undefined,
    diagnose: async () => [],
  };
}

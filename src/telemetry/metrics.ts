/** Prometheus metrics of one running service, by name. Labels never hold ids or customer text. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { measureProcess } from './process-metrics.js';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export type Metrics = ReturnType<typeof createMetrics>;

/** A registry of its own for each service, so that several can live in one process (tests). */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  measureProcess(registry, 'parley_');
  return {
    registry,
    eventsReceived: new Counter({
      name: 'parley_events_received_total',
      help: 'Inbound events by what became of them (stored, duplicate, refused, ignored, unknown)',
      labelNames: ['channel', 'result'],
      registers,
    }),
    turns: new Counter({ name: 'parley_turns_total', help: 'Committed turns', labelNames: ['channel', 'outcome'], registers }),
    turnSeconds: new Histogram({
      name: 'parley_turn_seconds',
      help: 'From stored to committed',
      labelNames: ['channel'],
      buckets: SECONDS,
      registers,
    }),
    stepSeconds: new Histogram({
      name: 'parley_step_seconds',
      help: 'Time of each step of the message path',
      labelNames: ['step'],
      buckets: [0.0001, 0.0005, 0.001, 0.0025, ...SECONDS],
      registers,
    }),
    sends: new Counter({
      name: 'parley_sends_total',
      help: 'Sends to platforms by result (sent, retried, uncertain, resolved, kept-back, failed-later, dead)',
      labelNames: ['channel', 'result'],
      registers,
    }),
    statuses: new Counter({
      name: 'parley_statuses_total',
      help: 'What platforms told of messages of ours, by status, and whether we know the message',
      labelNames: ['channel', 'status', 'known'],
      registers,
    }),
    wordings: new Counter({
      name: 'parley_wordings_total',
      help: 'Answers that a language model was asked to word: worded, or why it was not to the end',
      labelNames: ['result'],
      registers,
    }),
    silentTurns: new Gauge({
      name: 'parley_silent_turns',
      help: 'Customer messages that have had no outcome for too long; should be 0',
      registers,
    }),
    inboxPending: new Gauge({ name: 'parley_inbox_pending', help: 'Stored events that are not processed yet', registers }),
    outboxPending: new Gauge({ name: 'parley_outbox_pending', help: 'Replies that are not delivered yet', registers }),
    escalations: new Counter({ name: 'parley_escalations_total', help: 'Tickets opened, by reason', labelNames: ['reason'], registers }),
    httpSeconds: new Histogram({
      name: 'parley_http_request_seconds',
      help: 'HTTP requests',
      labelNames: ['method', 'route', 'status'],
      buckets: SECONDS,
      registers,
    }),
    openSockets: new Gauge({ name: 'parley_open_websockets', help: 'Connected web chat clients', registers }),
  };
}

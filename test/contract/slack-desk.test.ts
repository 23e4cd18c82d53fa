/** The contract of desks for Slack, over webhooks and by socket, against the emulator. */
import { openSlackDesk } from '../fakes/slack/desk-harness.js';
import { describeDeskContract } from './desk-suite.js';

for (const mode of ['webhook', 'socket'] as const) {
  describeDeskContract(`slack, ${mode}`, { open: () => openSlackDesk(mode) });
}

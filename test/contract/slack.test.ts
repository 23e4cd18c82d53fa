/** The channel contract for Slack, over webhooks and by socket, against the emulator. */
import { encoders } from '../../channels/slack/encode.js';
import { openSlack } from '../fakes/slack/harness.js';
import { describeChannelContract } from './channel-suite.js';

for (const mode of ['webhook', 'socket'] as const) {
  describeChannelContract(`slack, ${mode}`, { encodedKinds: Object.keys(encoders), open: () => openSlack(mode) });
}

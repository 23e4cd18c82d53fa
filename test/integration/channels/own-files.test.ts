/** Files of ours, as the service wires them: every configured channel takes their bytes from the store, and says rightly why it cannot. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseConfig } from '../../../src/config.js';
import { configuredChannels } from '../../../src/configured-channels.js';
import type { FileStore, StoredFile } from '../../../src/domain/attachment.js';
import type { Channel, Recipient } from '../../../src/domain/channel.js';
import type { OutboundContent } from '../../../src/domain/content.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { CUSTOMER } from '../../fakes/slack/workspace.js';
import { CONVERSATION_ID } from '../../fakes/teams/activities.js';
import { PLATFORMS, type SimulatedPlatform } from '../../simulate/platforms.js';

const PICTURE: OutboundContent = {
  kind: 'image',
  file: { id: 'att_1', filename: 'cubierta.png', contentType: 'image/png', sizeBytes: 5 },
  caption: 'La cubierta',
};
const THREADS = { telegram: '7', slack: CUSTOMER, teams: CONVERSATION_ID, whatsapp: '16505551234' };

/** What the store answers, and which files it was asked for. */
let answer: () => Promise<StoredFile | null>;
let asked: string[] = [];
const files: FileStore = {
  loadFile: (id) => {
    asked.push(id);
    return answer();
  },
};

describe.each(Object.entries(THREADS))('%s', (name, threadKey) => {
  let platform: SimulatedPlatform;
  let channel: Channel;
  const to: Recipient = { conversationId: 'conv_1', threadKey, userId: threadKey };
  const send = () => {
    asked = [];
    return channel.send(to, PICTURE, { key: 'out_1', messageId: 'msg_1', replyTo: null, part: 0, last: true, answer: null });
  };
  beforeAll(async () => {
    platform = await (PLATFORMS[name] as () => Promise<SimulatedPlatform>)();
    const [only] = await configuredChannels(parseConfig(platform.environment), createLogger({ level: 'silent' }), files);
    channel = only as Channel;
  });
  afterAll(() => platform.close());

  it('sends the bytes that the store has', async () => {
    answer = async () => ({ filename: 'cubierta.png', contentType: 'image/png', bytes: Buffer.from('bytes') });
    // WhatsApp refuses it after it took the file: this customer has not written.
    await send().catch((thrown: unknown) => expect(thrown).toMatchObject({ kind: 'window-closed' }));
    expect(asked).toEqual(['att_1']);
  });

  it('refuses for good what is not there', async () => {
    answer = async () => null;
    await expect(send()).rejects.toMatchObject({ kind: 'payload-refused', retry: 'never', message: expect.stringContaining('att_1') });
  });

  it('tries again where the database is away', async () => {
    answer = () => Promise.reject(new Error('connection lost'));
    await expect(send()).rejects.toMatchObject({ kind: 'unavailable', retry: { afterMs: 0 } });
  });
});

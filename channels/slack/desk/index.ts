/** The desk in Slack: one card for each case in the desk's channel, and under it a thread that shows what happens and where staff write. */
import type { Desk } from '../../../src/domain/desk.js';
import type { Logger } from '../../../src/telemetry/logger.js';
import { deskWords } from '../../shared/desk-words.js';
import type { SlackClient } from '../client.js';
import type { SlackSettings } from '../config.js';
import { answerPosts } from './answer.js';
import { DESK, type SlackDeskSettings } from './config.js';
import { createDeskDoor, type DeskDoor } from './door.js';
import { createForms, type Forms } from './forms.js';
import { createPosted } from './posted.js';
import { createShow } from './show.js';
import { createStaff } from './staff.js';

export interface SlackDesk {
  readonly desk: Desk;
  /** For what Slack tells. */
  readonly door: DeskDoor;
  readonly forms: Forms;
}

/** @param settings of the channel, for files of our own */
export function createSlackDesk(own: SlackDeskSettings, client: SlackClient, settings: SlackSettings, logger: Logger): SlackDesk {
  const words = deskWords(own.language);
  const forms = createForms(client, words, logger);
  const posted = createPosted(client);
  const show = createShow({ client, settings, posted, channel: own.channel, words, logger });
  const desk: Desk = {
    name: DESK,
    show,
    async answer(request, answer) {
      const { channel = own.channel, user = '', thread } = request.answerTo;
      const where = { channel, user, ...(thread === undefined ? {} : { thread_ts: thread }) };
      for (const { text, blocks } of answerPosts(request, answer, words)) {
        await client.run('chat.postEphemeral', (slack) => slack.chat.postEphemeral({ ...where, text, blocks: [...blocks] }));
      }
    },
  };
  return { desk, forms, door: createDeskDoor(own, { staff: createStaff(client, own.channel), forms }) };
}

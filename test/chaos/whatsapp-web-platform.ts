/**
 * WhatsApp Web for chaos: the real client in a real Chromium, on a local page that stands for WhatsApp's. Whichever instance holds the line has the browser;
 * its death takes the browser along, and another one begins its own. The phone has what was written meanwhile.
 */
import { ACCOUNT, WHATSAPP_WEB } from '../../channels/whatsapp-web/config.js';
import { inboxIdOf } from '../../src/domain/ids.js';
import type { MessageModel } from '../fakes/whatsapp-web/models.js';
import { startWebPage, type PageFault, type WebPage } from '../fakes/whatsapp-web/web-page.js';
import { type Customer, type FakePlatform } from './platform.js';
import { planSendFaults } from './send-faults.js';

const FIRST_NUMBER = 34_700_000_000;

export async function startWhatsAppWebPlatform(seed: number): Promise<FakePlatform> {
  const faults = planSendFaults(seed, WHATSAPP_WEB);
  const counts = { 'sends shown as not sent': 0, 'sends taken, then broken off': 0 };
  const shown = new Map<string, string[]>();
  const page = await startWebPage({
    linked: true,
    answerAfterMs: faults.takesMs,
    faultOf(chatId): PageFault | undefined {
      const fault = faults.faultOf(chatId);
      if (fault === undefined) return undefined;
      // There are no statuses here; what the channel makes of "rate-overlimit", a minute's wait, is left to the contract suite.
      const kind = fault.kind === 'cut' ? 'cut' : 'failed';
      counts[kind === 'cut' ? 'sends taken, then broken off' : 'sends shown as not sent'] += 1;
      return kind;
    },
    onSent: ({ chatId, text }) => shown.get(chatId)?.push(text),
  });
  let people = 0;
  return {
    channel: WHATSAPP_WEB,
    environment: page.environment,
    async newCustomer() {
      await page.listening();
      people += 1;
      const chat = `${FIRST_NUMBER + people}@c.us`;
      const texts: string[] = [];
      shown.set(chat, texts);
      return customerOf(chat, texts, page);
    },
    counts: () => ({ ...counts, 'browsers started': page.loads() }),
    misbehave: faults.begin,
    close: () => page.close(),
  };
}

function customerOf(chat: string, shown: readonly string[], page: WebPage): Customer {
  const idOf = (number: number) => `3EB0CHAOS${String(number).padStart(11, '0')}`;
  const nameOf = (number: number) => `false_${chat}_${idOf(number)}`;
  const written = new Map<number, MessageModel>();
  const write = (number: number, body: string): void => {
    const id = { fromMe: false, remote: chat, id: idOf(number), _serialized: nameOf(number) };
    written.set(number, page.receive({ id, body }, { chat }));
  };
  return {
    name: `whatsapp-web ${chat}`,
    inboxIdOf: (number) => inboxIdOf({ channel: WHATSAPP_WEB, account: ACCOUNT, eventId: nameOf(number) }),
    // The phone has it, and gives it to whichever browser comes.
    async deliver(number, text) {
      if (!written.has(number)) write(number, text);
      return 'taken';
    },
    async deliverAgain(number, text) {
      const message = written.get(number);
      if (message === undefined) write(number, text);
      else page.order({ do: 'receive', message });
    },
    shown: () => shown,
  };
}

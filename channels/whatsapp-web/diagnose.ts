/** What an operator should know of the set-up: is there a browser, and can WhatsApp Web be reached. Whether a phone is linked, the running service says. */
import type { Finding } from '../../src/domain/channel.js';
import { asError } from '../../src/domain/errors.js';
import { createHttpClient } from '../shared/http-client.js';
import { chromiumVersion, HOW_TO_INSTALL } from './chromium.js';
import type { WhatsAppWebSettings } from './config.js';

const PAGE = new URL('https://web.whatsapp.com/');
const TIMEOUT_MS = 10_000;
const MAX_PAGE_BYTES = 8 * 1024 * 1024;

export async function diagnose({ chromiumPath }: Pick<WhatsAppWebSettings, 'chromiumPath'>, page = PAGE): Promise<Finding[]> {
  return [
    await browserFinding(chromiumPath),
    await pageFinding(page),
    {
      check: 'link',
      state: 'unknown',
      detail: 'the running service says whether a phone is linked: /whatsapp-web and /health/ready',
      remedy: null,
    },
    {
      check: 'terms',
      state: 'unknown',
      detail: "WhatsApp Web is automated against WhatsApp's terms: the number may be blocked for good",
      remedy: 'Use the Cloud API instead: channels/whatsapp-cloud/README.md.',
    },
  ];
}

async function browserFinding(path: string): Promise<Finding> {
  try {
    return { check: 'browser', state: 'ok', detail: `${await chromiumVersion(path)}, ${path}`, remedy: null };
  } catch (thrown) {
    const missing = (thrown as NodeJS.ErrnoException).code === 'ENOENT';
    const detail = missing ? `there is no Chromium at ${path}` : `${path} cannot be run`;
    return { check: 'browser', state: 'wrong', detail, remedy: HOW_TO_INSTALL };
  }
}

async function pageFinding(page: URL): Promise<Finding> {
  const http = createHttpClient({ allowedOrigins: [page.origin], timeoutMs: TIMEOUT_MS, maxBytes: MAX_PAGE_BYTES });
  try {
    const { status } = await http('WhatsApp Web', page);
    const detail = `${page.host} answers ${status}`;
    return status < 500
      ? { check: 'page', state: 'ok', detail, remedy: null }
      : { check: 'page', state: 'wrong', detail, remedy: 'Try again later.' };
  } catch (thrown) {
    const remedy = `This machine has to reach ${page.origin}, also by WebSocket.`;
    return { check: 'page', state: 'wrong', detail: asError(thrown).message, remedy };
  }
}

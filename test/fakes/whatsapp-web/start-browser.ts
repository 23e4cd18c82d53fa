/** Starts a browser, and goes on until it is killed: `start-browser.ts <folder> <chromium> <arguments …>`. */
import { createBrowser } from '../../../channels/whatsapp-web/browser.js';
import { createLogger } from '../../../src/telemetry/logger.js';
import { FakeLines } from './lines.js';

const [profileFolder = '', chromiumPath = '', ...chromiumArgs] = process.argv.slice(2);
const line = { lines: new FakeLines().instance(), fence: 1 };
const browser = createBrowser({ settings: { chromiumPath, chromiumArgs, profileFolder }, line, logger: createLogger({ level: 'silent' }) });
await browser.initialize();
setInterval(() => undefined, 60_000);

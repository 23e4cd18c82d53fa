/** What the operator reads at the start: where to chat, where the key is, which channels are on and how to switch on the others. */
import { join } from 'node:path';
import type { Config } from './config.js';

export interface StartReport {
  readonly url: string;
  readonly engine: 'embedded' | 'mongodb';
  /** Only at the first start. */
  readonly newAdminKey: string | null;
  readonly documents: number;
  readonly products: number;
}

export function startReport(config: Config, report: StartReport): string {
  const { url } = report;
  const keyFile = join(config.dataDir, 'admin.key');
  const database = report.engine === 'embedded' ? `embedded engine in ${config.dataDir}` : 'MongoDB (MONGODB_URI)';
  const key = report.newAdminKey === null ? keyFile : `${keyFile}  (new; shown only now: ${report.newAdminKey})`;
  return [
    '',
    `  Parley is running.`,
    `  Chat       ${url}/`,
    `  Inbox      ${url}/inbox  (for staff: answers the cases that go to people)`,
    `  Docs       ${url}/docs`,
    `  Health     ${url}/health/ready`,
    `  Admin key  ${key}`,
    `  Database   ${database}`,
    `  Knowledge  ${report.documents} documents, ${report.products} products; add your own: npm run ingest -- <file|folder|url>`,
    `  Answers    ${answersState(config)}`,
    `  Channels   web: on`,
    `             telegram: ${telegramState(config)}`,
    `             slack: ${slackState(config)}`,
    `             teams: ${teamsState(config)}`,
    `             whatsapp: ${whatsappState(config)}`,
    `             whatsapp-web: ${whatsappWebState(config, url)}`,
    '',
  ].join('\n');
}

const answersState = ({ model }: Config): string =>
  model === null
    ? 'quoted from the knowledge (a language model words them: LLM_BASE_URL, LLM_MODEL)'
    : `worded by ${model.model}, else quoted`;

function telegramState({ telegram }: Config): string {
  if (telegram === null) return 'off (set TELEGRAM_BOT_TOKEN and TELEGRAM_WEBHOOK_SECRET, see channels/telegram/README.md)';
  return telegram.mode === 'polling' ? 'on, polling' : 'on, webhook at /webhooks/telegram';
}

function slackState({ slack }: Config): string {
  if (slack === null) return 'off (set SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET or SLACK_APP_TOKEN, see channels/slack/README.md)';
  return slack.appToken === null ? 'on, webhooks at /webhooks/slack/events, interactions and commands' : 'on, socket mode';
}

function teamsState({ teams }: Config): string {
  if (teams === null) return 'off (set MICROSOFT_APP_ID and MICROSOFT_APP_PASSWORD, see channels/teams/README.md)';
  return 'on, webhook at /webhooks/teams and /api/messages';
}

function whatsappState({ whatsapp }: Config): string {
  if (whatsapp === null) return 'off (set WHATSAPP_TOKEN and what channels/whatsapp-cloud/README.md names)';
  return `on, number ${whatsapp.phoneNumberId}, webhook at /webhooks/whatsapp`;
}

function whatsappWebState({ whatsappWeb }: Config, url: string): string {
  if (whatsappWeb === null) return 'off (unofficial; set WHATSAPP_WEB=1, see channels/whatsapp-web/README.md)';
  return `on, unofficial: link a phone at ${url}/whatsapp-web`;
}

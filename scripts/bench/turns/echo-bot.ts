/**
 * The floor under `npm run bench:turns`: a plain telegraf bot that echoes, stores nothing and keeps no order. Started with the environment of the
 * service; prints one line when it listens.
 */
import { Agent, createServer } from 'node:http';
import { Telegraf } from 'telegraf';

const { PORT, TELEGRAM_BOT_TOKEN = '', TELEGRAM_API_ROOT = '', TELEGRAM_WEBHOOK_SECRET = '' } = process.env;
const bot = new Telegraf(TELEGRAM_BOT_TOKEN, {
  telegram: { apiRoot: TELEGRAM_API_ROOT, webhookReply: false },
});
// telegraf drops an agent that it is given for http.
bot.telegram.options.agent = new Agent({ keepAlive: true });
bot.on('text', (context) => context.reply(context.message.text));
bot.botInfo = await bot.telegram.getMe();
const answerWebhook = bot.webhookCallback('/webhooks/telegram', { secretToken: TELEGRAM_WEBHOOK_SECRET });
createServer((request, response) => void answerWebhook(request, response)).listen(Number(PORT), '127.0.0.1', () => {
  console.log('The echo bot is running');
});
process.on('SIGTERM', () => process.exit(0));

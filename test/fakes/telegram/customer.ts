/** A bot's credentials and the updates that a customer of it causes, for tests against the emulator. */

export const TOKEN = '4242:AAtestTOKENtestTOKENtestTOKEN';
export const WEBHOOK_SECRET = 'webhook-secret';

const ANA = { id: 7, is_bot: false, first_name: 'Ana', language_code: 'es' };

/** A text message; a leading `@name` is the mention that Telegram marks it as. Chat ids below zero are groups. */
export function messageUpdate(messageId: number, chatId = 7, text = `mensaje ${messageId}`) {
  const mention = /^@\w+/.exec(text)?.[0];
  return {
    message: {
      message_id: messageId,
      date: 1_700_000_000,
      chat: { id: chatId, type: chatId < 0 ? 'supergroup' : 'private' },
      from: ANA,
      text,
      ...(mention === undefined ? {} : { entities: [{ type: 'mention', offset: 0, length: mention.length }] }),
    },
  };
}

/** A pressed button under message 5. */
export const pressUpdate = (queryId: string, data: string) => ({
  callback_query: { id: queryId, from: ANA, data, message: messageUpdate(5).message },
});

/**
 * What is run in WhatsApp Web's page where whatsapp-web.js has no call for it: with the page's own modules and the library's `window.WWebJS`. As texts,
 * since they are compiled for nothing here: a function's source may carry what a compiler or a coverage tool put into it.
 */

const argument = (value: string | number | boolean) => JSON.stringify(value);

/** Without the chat itself, for which the library asks the server of every group. */
export const setTyping = (chatId: string, typing: boolean): string =>
  `window.WWebJS.sendChatstate(${argument(typing ? 'typing' : 'stop')}, ${argument(chatId)}).then(() => undefined)`;

/** A number is known by two ids, of which either may be missing. */
export const ownIds = (): string => `(() => {
  const me = window.require('WAWebUserPrefsMeUser');
  return [me.getMaybeMePnUser(), me.getMaybeMeLidUser()].filter(Boolean).map((id) => id._serialized.replace(/:\\d+@/, '@'));
})()`;

/** Chats in which anything happened since then. */
export const chatsSince = (seconds: number): string => `window.require('WAWebCollections').Chat.getModelsArray()
  .filter((chat) => chat.t >= ${argument(seconds)})
  .map((chat) => chat.id._serialized)`;

/** The last messages of a chat, as far as they are not older, oldest first. */
export const messagesOf = (chatId: string, seconds: number, limit: number): string => `(async () => {
  const chat = await window.WWebJS.getChat(${argument(chatId)}, { getAsModel: false });
  const loaded = () => chat.msgs.getModelsArray();
  const oldest = () => Math.min(...loaded().map((message) => message.t));
  while (loaded().length < ${argument(limit)} && oldest() >= ${argument(seconds)}) {
    const earlier = await window.require('WAWebChatLoadMessages').loadEarlierMsgs({ chat });
    if (!earlier || earlier.length === 0) break;
  }
  return loaded()
    .filter((message) => message.t >= ${argument(seconds)} && !message.isNotification)
    .sort((one, other) => one.t - other.t)
    .slice(-${argument(limit)})
    .map((message) => window.WWebJS.getMessageModel(message));
})()`;

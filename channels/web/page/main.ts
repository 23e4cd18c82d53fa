/** The chat page: makes its parts and joins them. */
import { createChat } from './chat.js';
import { createComposer } from './composer.js';
import { createFrame } from './frame-view.js';
import { createI18n } from './i18n.js';
import { createMessageList } from './message-list.js';

const i18n = createI18n();
const chat = createChat();
const composer = createComposer(chat, i18n);

const say = (text: string): void => {
  chat.send(text, []);
  composer.focus();
};

createFrame(chat, i18n, {
  say,
  startAnew() {
    chat.startAnew();
    composer.focus();
  },
});
createMessageList(chat, i18n, {
  openSources(sources, rank) {
    // Where the file cannot be had, the service is away and the page says so already.
    void import('./sources-panel.js').then((panel) => panel.openSources(sources, rank, i18n));
  },
  choose: ({ label }) => say(label),
  retry(key) {
    chat.retry(key);
    composer.focus();
  },
  edit: (key) => composer.putBack(chat.withdraw(key)),
});
chat.start();

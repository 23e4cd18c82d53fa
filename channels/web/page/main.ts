/** The chat page: makes its parts and joins them, at once or, in a frame of another page, once that page has greeted. */
import { createChat } from './chat.js';
import { createComposer } from './composer.js';
import type { Embedding } from './embedding.js';
import { createFrame } from './frame-view.js';
import { whenGreeted } from './greeting.js';
import { createI18n } from './i18n.js';
import { createMessageList } from './message-list.js';

function begin(embedding: Embedding | null): void {
  const i18n = createI18n(embedding?.settings ?? null);
  const chat = createChat(() => embedding?.metadata() ?? {});
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
    addressOf: (fileId) => chat.addressOf(fileId),
  });
  chat.start();
  if (embedding === null) composer.begin();
  else embedding.join(chat, composer);
}

if (window.parent === window) begin(null);
else whenGreeted((greeting) => void import('./embedding.js').then(({ embed }) => begin(embed(greeting))));

/** The chat in a frame of another page: looks as that page wishes, and tells it what is to be shown outside of the frame. */
import type { Chat } from './chat.js';
import { paletteFor, readColour } from './colours.js';
import type { Composer } from './composer.js';
import { part } from './dom.js';
import type { EmbedSettings, FromChat, FromHost } from './embed-protocol.js';
import type { Greeting } from './greeting.js';
import { acceptable, type PageMetadata } from './page-metadata.js';
import { callShop } from './shop.js';
import { keepAlso } from './storage.js';
import { createUnread } from './unread.js';

export interface Embedding {
  readonly settings: EmbedSettings;
  /** Of the page around us, as it last told. */
  metadata(): PageMetadata;
  /** Ties the chat to the widget; from then on it may be seen. */
  join(chat: Chat, composer: Composer): void;
}

export function embed({ hello, port }: Greeting): Embedding {
  let metadata = acceptable(hello.metadata);
  let open = hello.open;
  const tell = (message: FromChat): void => port.postMessage(message);
  keepAlso(hello.kept, (key, value) => tell({ type: 'keep', key, value }));
  callShop(hello.settings);
  look(hello.settings);

  return {
    settings: hello.settings,
    metadata: () => metadata,
    join(chat, composer) {
      const unread = createUnread(chat, (count) => tell({ type: 'unread', count }));
      unread.look(open);
      port.onmessage = ({ data }: MessageEvent<FromHost>) => {
        if (data.type === 'metadata') metadata = acceptable(data.metadata);
        if (data.type !== 'shown') return;
        open = data.open;
        unread.look(open);
        if (open && data.focus) composer.begin();
      };
      noteUse(chat, () => tell({ type: 'used' }));
      closeOn(() => tell({ type: 'close' }));
      tell({ type: 'ready' });
    },
  };
}

/** By a constructed style sheet: the page's content security policy forbids style sheets in its text. */
function look({ colour, alwaysLight }: EmbedSettings): void {
  document.documentElement.classList.toggle('light', alwaysLight);
  const base = readColour(colour ?? '');
  if (base === null) return;
  const rules = (scheme: 'light' | 'dark'): string => {
    const { accent, onAccent, soft } = paletteFor(base, scheme);
    return `{ --accent: ${accent}; --on-accent: ${onAccent}; --accent-soft: ${soft}; --own: ${accent}; --on-own: ${onAccent} }`;
  };
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`:root ${rules('light')} @media (prefers-color-scheme: dark) { :root:not(.light) ${rules('dark')} }`);
  document.adoptedStyleSheets = [sheet];
}

function noteUse(chat: Chat, tell: () => void): void {
  let used = false;
  chat.conversation.subscribe(() => {
    if (used || chat.conversation.messages().length === 0) return;
    used = true;
    tell();
  });
}

/** By its button, and by Escape where nothing of the chat's own is there to be closed. */
function closeOn(close: () => void): void {
  const button = part('close-chat', HTMLButtonElement);
  button.hidden = false;
  button.addEventListener('click', close);
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.isComposing || document.querySelector('dialog[open]') !== null) return;
    event.preventDefault();
    close();
  });
}

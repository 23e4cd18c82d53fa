/** The widget: joins button, panel and chat, keeps whether it is open, and takes the page's calls (`Parley('open')`). */
import type { FromChat, Hello } from '../embed-protocol.js';
import { acceptable, type PageMetadata } from '../page-metadata.js';
import { createFrameLine } from './frame-line.js';
import { createKept } from './kept.js';
import { createPanel } from './panel.js';
import { readSettings } from './settings.js';
import { SMALL_WINDOW } from './styles.js';
import { WORDS } from './words.js';

type Call = readonly unknown[];

/** @returns what takes the page's calls */
export function start({ origin, data }: { readonly origin: string; readonly data: DOMStringMap }): (call: Call) => void {
  const settings = readSettings(data);
  const kept = createKept();
  let own: PageMetadata = {};
  /** The focus goes to the chat once it is there. */
  let focusWhenReady = false;

  const hello = (): Hello => ({ parley: 'hello', settings, kept: kept.all(), metadata: metadataOf(own), open: panel.isOpen() });
  const frame = document.createElement('iframe');
  frame.title = settings.texts.name ?? WORDS[settings.language].chat;
  frame.referrerPolicy = 'no-referrer';

  const panel = createPanel(settings, {
    onButton: () => (panel.isOpen() ? close(true) : open(true)),
    onEscape: () => close(true),
    onRetry: () => line.load(),
  });
  const line = createFrameLine(frame, origin, hello, {
    onState(state) {
      panel.showState(state);
      if (state === 'ready' && focusWhenReady) line.tell({ type: 'shown', open: panel.isOpen(), focus: true });
      if (state === 'ready') focusWhenReady = false;
    },
    onMessage: take,
  });
  panel.addFrame(frame);
  panel.showButton(settings.start !== 'hidden');

  function take(message: FromChat): void {
    if (message.type === 'close') close(true);
    else if (message.type === 'unread') panel.showUnread(message.count);
    else if (message.type === 'used') kept.noteUsed();
    else if (message.type === 'keep') kept.keep(message.key, message.value);
  }

  function open(focus: boolean): void {
    panel.open(focus);
    kept.noteOpen(true);
    line.load();
    focusWhenReady = focus;
    tellMetadata();
    line.tell({ type: 'shown', open: true, focus });
  }

  /** @param focus the visitor was in the chat */
  function close(focus: boolean): void {
    if (!panel.isOpen()) return;
    panel.close(focus);
    kept.noteOpen(false);
    focusWhenReady = false;
    line.tell({ type: 'shown', open: false, focus: false });
  }

  const tellMetadata = (): void => line.tell({ type: 'metadata', metadata: metadataOf(own) });
  // The page may have changed its address and title by itself. Whoever writes in the chat has just gone into it: then the page loses the focus.
  window.addEventListener('blur', tellMetadata);

  // A chat over the whole window opens when it is asked for, not by itself.
  const opensItself = kept.wasOpen() ?? settings.start === 'open';
  if (opensItself && !matchMedia(SMALL_WINDOW).matches) open(false);
  else if (kept.wasUsed()) line.load(); // for the answers that come meanwhile

  const calls: Readonly<Record<string, (argument: unknown) => void>> = {
    open: () => open(true),
    close: () => close(false),
    toggle: () => (panel.isOpen() ? close(false) : open(true)),
    show: () => panel.showButton(true),
    hide() {
      close(false);
      panel.showButton(false);
    },
    context(given) {
      own = acceptable(given);
      tellMetadata();
    },
  };
  return ([name, argument]) => {
    const call = typeof name === 'string' && Object.hasOwn(calls, name) ? calls[name] : undefined;
    if (call === undefined) console.warn(`Parley: there is no '${String(name)}'; there are ${Object.keys(calls).join(', ')}.`);
    else call(argument);
  };
}

/** Address and title of the page, without query and fragment, which hold tokens and names at times; what the shop tells itself goes before. */
const metadataOf = (own: PageMetadata): PageMetadata =>
  acceptable({ url: location.origin + location.pathname, title: document.title, ...own });

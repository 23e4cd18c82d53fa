/** The widget as it is seen: a button with a badge, and the panel that holds the chat's frame. All of it in a shadow tree that the shop's styles do not reach. */
import type { WidgetSettings } from './settings.js';
import { createStyles, SMALL_WINDOW } from './styles.js';
import { WORDS } from './words.js';

export interface Panel {
  isOpen(): boolean;
  /** @param focus the visitor asked for it: the chat gets the focus */
  open(focus: boolean): void;
  /** @param focus the visitor was in the chat: the button gets the focus */
  close(focus: boolean): void;
  showButton(shown: boolean): void;
  showUnread(count: number): void;
  /** `loading`, `ready` to be seen, or in `trouble`, with a way to try again. */
  showState(state: 'loading' | 'ready' | 'trouble'): void;
  addFrame(frame: HTMLIFrameElement): void;
}

export interface PanelEvents {
  onButton(): void;
  onEscape(): void;
  onRetry(): void;
}

const MOST_SHOWN = 99;

export function createPanel(settings: WidgetSettings, events: PanelEvents): Panel {
  const words = WORDS[settings.language];
  const host = document.createElement('parley-chat');
  const root = host.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = [createStyles(settings)];

  const badge = make('span', { class: 'badge', 'aria-hidden': 'true', hidden: '' });
  const button = make(
    'button',
    { type: 'button', class: 'launcher', 'aria-expanded': 'false', 'aria-controls': 'panel' },
    drawing(),
    badge,
  );
  const spoken = make('div', { class: 'unseen', role: 'status' });
  const told = make('p', { role: 'status' }, words.loading);
  const retry = make('button', { type: 'button', hidden: '' }, words.retry);
  const shut = make('button', { type: 'button' }, words.close);
  const aside = make('div', { class: 'aside' }, told, retry, shut);
  const panel = make('dialog', { class: 'panel', id: 'panel', 'aria-label': settings.texts.name ?? words.chat }, aside);
  root.append(button, spoken, panel);
  let unread = 0;

  const describe = (): void => {
    const news = unread === 0 ? '' : `, ${words.unread(unread)}`;
    button.setAttribute('aria-label', `${panel.open ? words.close : (settings.label ?? words.open)}${news}`);
    button.setAttribute('aria-expanded', String(panel.open));
  };
  const isSmall = matchMedia(SMALL_WINDOW);
  const scrolling = createScrollLock();
  const show = (): void => {
    // On a small window it is a modal dialog: nothing behind it can be reached. Elsewhere it stands beside the page and takes no focus by itself.
    if (isSmall.matches) panel.showModal();
    else panel.open = true;
    scrolling.lock(isSmall.matches);
    describe();
  };

  button.addEventListener('click', () => events.onButton());
  shut.addEventListener('click', () => events.onEscape());
  retry.addEventListener('click', () => events.onRetry());
  panel.addEventListener('cancel', (event) => {
    event.preventDefault();
    events.onEscape();
  });
  root.addEventListener('keydown', (event) => {
    if ((event as KeyboardEvent).key === 'Escape' && panel.open) events.onEscape();
  });
  isSmall.addEventListener('change', () => {
    if (!panel.open) return;
    panel.close();
    show();
  });
  followKeyboard(panel);
  describe();
  whenThereIsABody(() => document.body.append(host));

  return {
    isOpen: () => panel.open,
    open(focus) {
      if (panel.open) return;
      show();
      if (focus) (panel.querySelector('iframe') ?? shut).focus();
    },
    close(focus) {
      panel.close();
      scrolling.lock(false);
      describe();
      if (focus) button.focus();
    },
    showButton: (shown) => void (button.hidden = !shown),
    showUnread(count) {
      const grown = count > unread;
      unread = count;
      badge.hidden = count === 0;
      badge.textContent = count > MOST_SHOWN ? `${MOST_SHOWN}+` : String(count);
      spoken.textContent = grown ? words.unread(count) : '';
      describe();
    },
    showState(state) {
      panel.classList.toggle('ready', state === 'ready');
      told.textContent = state === 'trouble' ? words.trouble : words.loading;
      retry.hidden = state !== 'trouble';
    },
    addFrame: (frame) => panel.append(frame),
  };
}

function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A speech bubble, and the cross that stands in its place while the chat is open. */
function drawing(): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const shapes = {
    bubble: 'M20 11.5c0 4.1-3.6 7-8 7-1 0-2-.2-3-.5L4.500 20l1.300-3.700A6.700 6.700 0 0 1 4 11.500c0-4.100 3.600-7 8-7s8 2.900 8 7Z',
    cross: 'm6.500 6.500 11 11m0-11-11 11',
  };
  for (const [name, shape] of Object.entries(shapes)) {
    const path = document.createElementNS(space, 'path');
    path.setAttribute('class', name);
    path.setAttribute('d', shape);
    svg.append(path);
  }
  return svg;
}

/** While the chat covers the page, the page behind it does not scroll. */
function createScrollLock(): { lock(locked: boolean): void } {
  const { style } = document.documentElement;
  let before: string | null = null;
  return {
    lock(locked) {
      if (locked === (before !== null)) return;
      const own = before ?? '';
      before = locked ? style.overflow : null;
      style.overflow = locked ? 'hidden' : own;
    },
  };
}

/** The on-screen keyboard covers the end of the window, where the chat is written: the panel is as high as what is left of it. */
function followKeyboard(panel: HTMLElement): void {
  const view = window.visualViewport;
  if (view === null) return;
  const follow = (): void => {
    const zoomed = view.scale > 1.01;
    panel.style.setProperty('--height', zoomed ? '100%' : `${view.height}px`);
    panel.style.setProperty('--top', zoomed ? '0' : `${view.offsetTop}px`);
  };
  view.addEventListener('resize', follow);
  view.addEventListener('scroll', follow);
  follow();
}

function whenThereIsABody(task: () => void): void {
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', task, { once: true });
  else task();
}

/** The log of messages: draws what changed, separates days, keeps the newest in view, and reads a finished answer out once. */
import type { Chat } from './chat.js';
import type { ShownMessage } from './conversation.js';
import { element, part } from './dom.js';
import type { I18n } from './i18n.js';
import { drawMessage, type MessageActions } from './message-view.js';

/** Closer to the end than this, the reader is following; further up, reading is not disturbed. */
const FOLLOW_PX = 120;

interface Drawn {
  readonly message: ShownMessage;
  readonly newest: boolean;
  readonly node: HTMLElement;
}

export function createMessageList(chat: Chat, i18n: I18n, actions: MessageActions): void {
  const log = part('log', HTMLElement);
  const list = part('messages', HTMLElement);
  const empty = part('empty', HTMLElement);
  const toNewest = part('to-newest', HTMLButtonElement);
  const spoken = part('spoken', HTMLElement);
  let drawn = new Map<string, Drawn>();
  /** Messages that were read out, or were there before. */
  const finished = new Set<string>();
  let scheduled = 0;

  const isFollowing = () => log.scrollHeight - log.scrollTop - log.clientHeight < FOLLOW_PX;
  const toEnd = () => log.scrollTo({ top: log.scrollHeight });

  function draw(): void {
    scheduled = 0;
    const following = isFollowing();
    const messages = chat.conversation.messages();
    const before = drawn;
    drawn = new Map();
    const nodes: HTMLElement[] = [];
    let day = '';
    for (const [index, message] of messages.entries()) {
      const itsDay = i18n.formatDay(message.at);
      if (itsDay !== day && message.role !== 'notice') nodes.push(element('div', { class: 'day' }, element('span', {}, itsDay)));
      day = message.role === 'notice' ? day : itsDay;
      const newest = index === messages.length - 1;
      const known = before.get(message.key);
      const kept = known?.message === message && known.newest === newest;
      const node = kept ? known.node : drawMessage(message, newest, i18n, actions);
      node.classList.toggle('appearing', known === undefined || (kept && node.classList.contains('appearing')));
      drawn.set(message.key, { message, newest, node });
      nodes.push(node);
    }
    const added = messages.some((message) => !before.has(message.key));
    const ownAdded = messages.some((message) => message.role === 'user' && message.id === null && !before.has(message.key));
    replaceChanged(list, nodes);
    empty.hidden = messages.length > 0 || chat.situation.now().loading;
    if (following || ownAdded) toEnd();
    toNewest.hidden = isFollowing() || !(added || !toNewest.hidden);
    speak(messages);
  }

  /** Once, when it is complete: chunks would be read out one by one. */
  function speak(messages: readonly ShownMessage[]): void {
    const complete = messages.filter((message) => message.state === 'complete' && !finished.has(message.key));
    complete.forEach((message) => finished.add(message.key));
    if (complete.length === 0) return;
    const texts = complete.map((message) => drawn.get(message.key)?.node).flatMap((node) => (node === undefined ? [] : [spokenText(node)]));
    spoken.replaceChildren(...texts.map((text) => element('p', {}, text)));
  }

  /** Many changes, one drawing. A hidden page draws at once: it gets no frames. */
  const schedule = () => {
    if (scheduled !== 0) return;
    if (document.visibilityState === 'hidden') draw();
    else scheduled = requestAnimationFrame(draw);
  };

  chat.conversation.subscribe(() => {
    // What was said on an earlier visit is there to be read, not news.
    if (chat.situation.now().loading) chat.conversation.messages().forEach((message) => finished.add(message.key));
    schedule();
  });
  chat.situation.subscribe(schedule);
  i18n.subscribe(() => {
    drawn = new Map();
    draw();
  });
  toNewest.addEventListener('click', () => {
    toEnd();
    log.focus({ preventScroll: true });
  });
  log.addEventListener('scroll', () => {
    if (isFollowing()) toNewest.hidden = true;
  });
  // The on-screen keyboard and the growing composer make the log shorter: the newest message stays in view.
  let height = log.clientHeight;
  new ResizeObserver(() => {
    if (log.scrollHeight - log.scrollTop - height < FOLLOW_PX) toEnd();
    height = log.clientHeight;
  }).observe(log);
  draw();
}

/** The author, what is said, and how many sources there are. */
function spokenText(node: HTMLElement): string {
  const author = node.getAttribute('aria-label')?.split(',')[0] ?? '';
  const text = node.querySelector('.bubble')?.textContent ?? node.textContent;
  return author === '' ? text : `${author}: ${text}`;
}

/** Leaves nodes that stay where they are, so that focus and selection stay too. */
function replaceChanged(list: HTMLElement, nodes: readonly HTMLElement[]): void {
  const kept = new Set(nodes);
  for (const child of [...list.children]) if (!kept.has(child as HTMLElement)) child.remove();
  nodes.forEach((node, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
  });
}

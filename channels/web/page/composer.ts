/** Where the customer writes: Enter sends, Shift+Enter begins a line, files come by button, paste or drop. */
import type { Chat } from './chat.js';
import { part } from './dom.js';
import type { I18n } from './i18n.js';
import { createPickedFiles } from './picked-files.js';

/** CONTRACT.md, "Chat". */
const MAX_CHARS = 4000;
const COUNT_FROM = 3600;

export interface Composer {
  /** The customer has just come to write. */
  begin(): void;
  focus(): void;
  /** Puts text back in front of what is there. */
  putBack(text: string): void;
}

/** A keyboard of glass would cover the answer: there the customer asks for it. */
const hasKeyboard = () => matchMedia('(hover: hover) and (pointer: fine)').matches;

export function createComposer(chat: Chat, i18n: I18n): Composer {
  const form = part('composer', HTMLFormElement);
  const message = part('message', HTMLTextAreaElement);
  const send = part('send', HTMLButtonElement);
  const count = part('count', HTMLElement);
  const picked = createPickedFiles(i18n, refresh);

  function refresh(): void {
    const text = message.value.trim();
    // A disabled button would lose the focus of whoever has just pressed it.
    send.setAttribute('aria-disabled', String(!canSend(text)));
    count.hidden = text.length < COUNT_FROM;
    count.textContent = count.hidden ? '' : i18n.texts().charactersLeft(MAX_CHARS - text.length);
    count.classList.toggle('over', text.length > MAX_CHARS);
    message.setAttribute('aria-invalid', String(text.length > MAX_CHARS));
    // Grows with what is written, up to the limit in the style sheet.
    message.style.height = 'auto';
    message.style.height = `${message.scrollHeight}px`;
  }
  const canSend = (text: string) => text.length <= MAX_CHARS && (text !== '' || picked.files().length > 0);

  const submit = (): void => {
    const text = message.value.trim();
    if (!canSend(text)) return;
    chat.send(text, picked.take());
    message.value = '';
    refresh();
    message.focus();
  };

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  message.addEventListener('keydown', (event) => {
    // While an input method composes a character, Enter chooses it.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  message.addEventListener('input', () => {
    refresh();
    chat.announceTyping();
  });
  message.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    picked.add(files);
  });
  i18n.subscribe(refresh);
  refresh();

  return {
    begin() {
      if (hasKeyboard()) message.focus();
    },
    focus: () => (hasKeyboard() ? message.focus() : part('log', HTMLElement).focus({ preventScroll: true })),
    putBack(text) {
      message.value = [text, message.value].filter(Boolean).join('\n');
      refresh();
      message.focus();
    },
  };
}

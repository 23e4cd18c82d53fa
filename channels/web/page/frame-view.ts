/** What surrounds the messages: the header, the states of line and case, the typing indicator, and the dialogs that close by their buttons. */
import type { Chat } from './chat.js';
import { button, part } from './dom.js';
import type { I18n } from './i18n.js';
import { SHOP } from './shop.js';
import type { PageText } from './texts.js';

export interface FrameActions {
  /** One of the example questions, or the wish to talk to a person. */
  say(text: string): void;
  startAnew(): void;
}

export function createFrame(chat: Chat, i18n: I18n, actions: FrameActions): void {
  const status = part('status', HTMLElement);
  const offline = part('offline', HTMLElement);
  const typing = part('typing', HTMLElement);
  const typingText = part('typing-text', HTMLElement);
  const person = part('person', HTMLButtonElement);
  const startAnew = part('start-anew', HTMLButtonElement);
  const question = part('start-anew-question', HTMLDialogElement);

  const drawSituation = (): void => {
    const now = chat.situation.now();
    const texts = i18n.texts();
    setText(status, now.loading ? texts.loading : now.withPerson ? texts.withPerson(now.ticket) : texts.online);
    document.body.classList.toggle('with-person', now.withPerson);
    document.body.classList.toggle('is-offline', now.offline);
    setText(offline, now.offline ? texts.offline : '');
    const writer = now.agentTyping;
    typing.hidden = !now.typing && !now.otherWindow && writer === null;
    typing.classList.toggle('dots', now.typing || writer !== null);
    const bot = now.typing ? (now.progress ?? texts.typing(SHOP.assistant)) : texts.otherWindow;
    const doing = writer === null ? bot : texts.typing(writer === '' ? texts.agent : writer);
    setText(typingText, typing.hidden ? '' : doing);
    // Who has the case has it already.
    person.hidden = now.withPerson;
    startAnew.hidden = chat.conversation.messages().length === 0;
  };

  const drawTexts = (): void => {
    const texts = i18n.texts();
    document.documentElement.lang = i18n.language();
    document.title = `${SHOP.name} · ${texts.page.title}`;
    part('shop', HTMLElement).textContent = SHOP.name;
    part('avatar', HTMLElement).textContent = SHOP.assistant.charAt(0);
    for (const node of document.querySelectorAll<HTMLElement>('[data-text]'))
      node.textContent = texts.page[node.dataset['text'] as PageText];
    for (const node of document.querySelectorAll<HTMLElement>('[data-label]')) {
      const label = texts.page[node.dataset['label'] as PageText];
      node.setAttribute('aria-label', label);
      if (node instanceof HTMLButtonElement) node.title = label;
    }
    part('message', HTMLTextAreaElement).placeholder = texts.page.placeholder;
    // Its label is in the language that it leads to.
    part('language', HTMLElement).lang = i18n.language() === 'es' ? 'en' : 'es';
    const examples = SHOP.examples[i18n.language()];
    part('examples', HTMLElement).replaceChildren(
      ...examples.map((example) => button({ class: 'choice' }, () => actions.say(example), example)),
    );
    drawSituation();
  };

  part('language', HTMLButtonElement).addEventListener('click', () => i18n.toggle());
  person.addEventListener('click', () => actions.say(i18n.texts().talkToPerson));
  startAnew.addEventListener('click', () => {
    const { withPerson, ticket } = chat.situation.now();
    const texts = i18n.texts();
    const unsent = chat.conversation.messages().some(({ role, id }) => role === 'user' && id === null);
    const consequence = withPerson ? texts.openCase(ticket) : texts.startAnewQuestion;
    part('start-anew-text', HTMLElement).textContent = unsent ? `${consequence} ${texts.unsentLost}` : consequence;
    question.returnValue = '';
    question.showModal();
  });
  question.addEventListener('close', () => {
    if (question.returnValue === 'yes') actions.startAnew();
  });
  closeOutside(question);
  closeOutside(part('sources-panel', HTMLDialogElement));
  i18n.subscribe(drawTexts);
  chat.situation.subscribe(drawSituation);
  chat.conversation.subscribe(drawSituation);
  drawTexts();
}

/** Live regions speak at each change, also of the same text. */
function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** A click beside a dialog closes it: the dialog's own box is filled by its content, so a click on itself is one on its backdrop. */
function closeOutside(dialog: HTMLDialogElement): void {
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
}

/**
 * The two boxes under a case. What goes to the customer and what stays in the team are written in different places with different colours and different
 * buttons, so that nobody takes one for the other. What is not sent is kept until it is.
 */
import { button, element, type Child } from '../dom.js';
import { newActionId } from './api.js';
import { readDraft, writeDraft, type Box } from './kept.js';
import { word, type Situation } from './situation.js';
import type { Command, StoredFile } from './wire.js';

export interface Boxes {
  readonly view: HTMLElement;
  focus(box: Box): void;
  /** Puts a text into the reply, behind what stands there. */
  insert(text: string): void;
  /** Whether the agent may reply now. */
  allow(mayReply: boolean): void;
}

export interface BoxActions {
  /** False: it was refused, and the text stays. */
  readonly act: (command: Command, actionId?: string) => Promise<boolean>;
  readonly upload: (file: File) => Promise<StoredFile | null>;
  /** The agent writes to the customer. */
  readonly typing: () => void;
}

/** The customer is shown it for twice as long. */
const TYPING_EVERY_MS = 3_000;

export function createBoxes(situation: Situation, ticket: string, actions: BoxActions): Boxes {
  const files: StoredFile[] = [];
  const picked = element('ul', { class: 'picked' });
  const picker = element('input', { type: 'file', multiple: true, hidden: true });
  const drawFiles = () =>
    picked.replaceChildren(
      ...files.map((file, index) => {
        const remove = () => {
          files.splice(index, 1);
          drawFiles();
        };
        return element('li', {}, `📎 ${file.filename} `, button({}, remove, word(situation, 'remove')));
      }),
    );
  picker.addEventListener('change', () => {
    void (async () => {
      for (const file of picker.files ?? []) {
        const kept = await actions.upload(file);
        if (kept !== null) files.push(kept);
      }
      picker.value = '';
      drawFiles();
    })();
  });

  let told = 0;
  const tellTyping = () => {
    if (!mine || Date.now() - told < TYPING_EVERY_MS) return;
    told = Date.now();
    actions.typing();
  };

  let mine = false;
  const reply = box('reply', (markdown) => ({ kind: 'reply', markdown, files: files.map(({ id }) => id) }), [
    picked,
    button({ class: 'attach' }, () => picker.click(), word(situation, 'attach')),
    picker,
  ]);
  const note = box('note', (text) => ({ kind: 'note', text }), []);
  return {
    view: element('div', { class: 'boxes' }, reply.form, note.form),
    focus: (which) => (which === 'reply' ? reply : note).text.focus(),
    insert(text) {
      reply.text.value = [reply.text.value.trim(), text].filter(Boolean).join('\n\n');
      writeDraft(ticket, 'reply', reply.text.value);
      reply.text.focus();
    },
    allow(mayReply) {
      mine = mayReply;
      reply.allow(mayReply);
      reply.hint.textContent = word(situation, mayReply ? 'replyHint' : 'notYours');
    },
  };

  function box(kind: Box, command: (text: string) => Command, more: readonly Child[]) {
    const id = `${kind}-text`;
    const text = element('textarea', { id, rows: '3', maxlength: '8000', 'aria-describedby': `${kind}-hint` });
    const hint = element('p', { class: 'soft', id: `${kind}-hint` }, word(situation, kind === 'reply' ? 'replyHint' : 'noteHint'));
    const send = element('button', { class: 'strong' }, word(situation, kind === 'reply' ? 'send' : 'save'));
    const label = element(
      'label',
      { for: id },
      `${kind === 'reply' ? '→' : '🔒'} ${word(situation, kind === 'reply' ? 'replyBox' : 'noteBox')}`,
    );
    const form = element('form', { class: `box ${kind}` }, label, text, hint, element('div', { class: 'buttons' }, ...more, send));
    text.value = readDraft(ticket, kind);
    text.addEventListener('input', () => {
      writeDraft(ticket, kind, text.value);
      if (kind === 'reply' && text.value !== '') tellTyping();
    });
    text.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !send.disabled) form.requestSubmit();
    });
    let [allowed, sending] = [true, false];
    const drawSend = () => (send.disabled = sending || !allowed);
    // Tried again without a change it is the same action: where only the answer got lost, it is not done twice.
    let attempt = { written: '', id: '' };
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const written = text.value;
      if (send.disabled || (written.trim() === '' && (kind === 'note' || files.length === 0))) return;
      if (attempt.written !== written) attempt = { written, id: newActionId() };
      sending = true;
      drawSend();
      void actions.act(command(written), attempt.id).then((done) => {
        sending = false;
        drawSend();
        if (!done) return;
        attempt = { written: '', id: '' };
        if (text.value === written) text.value = '';
        writeDraft(ticket, kind, text.value);
        if (kind === 'reply') files.splice(0);
        drawFiles();
      });
    });
    const allow = (mayWrite: boolean) => {
      allowed = mayWrite;
      drawSend();
    };
    return { form, text, hint, allow };
  }
}

/** Draws one message: its text, files, sources, quick replies and how it is getting on. */
import { linkCitations } from './citations.js';
import type { ShownFile, ShownMessage } from './conversation.js';
import { button, element, icon } from './dom.js';
import type { I18n } from './i18n.js';
import { renderMarkdown } from './markdown.js';
import { FILES_GONE } from './outgoing.js';
import { SHOP } from './shop.js';
import type { Choice, Source } from './wire.js';

export interface MessageActions {
  openSources(sources: readonly Source[], rank: number): void;
  choose(choice: Choice): void;
  retry(key: string): void;
  edit(key: string): void;
  addressOf(fileId: string): string;
}

/** What the service lets a browser show in place. */
const PICTURE = /^image\/(png|jpeg|gif|webp)$/;

/** @param newest quick replies are offered under the newest message only: they answer it */
export function drawMessage(message: ShownMessage, newest: boolean, i18n: I18n, actions: MessageActions): HTMLElement {
  const texts = i18n.texts();
  if (message.role === 'notice') return element('p', { class: 'notice' }, texts.notices.sessionOver);
  if (message.role === 'system') return drawSystem(message, newest, i18n, actions);
  const own = message.role === 'user';
  const author = own ? texts.you : message.role === 'agent' ? (message.author ?? texts.agent) : SHOP.assistant;
  const drawn = element('article', {
    class: `message ${message.role} ${message.state}`,
    'aria-label': `${author}, ${i18n.formatTime(message.at)}`,
  });
  if (message.text !== '') drawn.append(drawText(message, own, actions));
  if (message.files.length > 0)
    drawn.append(element('ul', { class: 'files' }, ...message.files.map((file) => drawFile(file, i18n, actions))));
  if (message.sources.length > 0 && message.state === 'complete') drawn.append(drawSources(message.sources, i18n, actions));
  if (message.state === 'failed') drawn.append(drawFailure(message, i18n, actions));
  drawn.append(drawMeta(message, author, i18n));
  if (newest && message.choices.length > 0 && message.state === 'complete') drawn.append(drawChoices(message.choices, i18n, actions));
  return drawn;
}

/** What became of the customer's case, and what they may do about it. */
function drawSystem({ text, choices, state }: ShownMessage, newest: boolean, i18n: I18n, actions: MessageActions): HTMLElement {
  const drawn = element('article', { class: `message system ${state}` }, element('div', { class: 'notice' }, ...renderMarkdown(text)));
  if (newest && choices.length > 0) drawn.append(drawChoices(choices, i18n, actions));
  return drawn;
}

function drawText({ text, sources, state }: ShownMessage, own: boolean, actions: MessageActions): HTMLElement {
  if (own) return element('div', { class: 'bubble' }, text);
  const drawn = element('div', { class: 'bubble' }, ...renderMarkdown(text));
  if (state === 'complete') linkCitations(drawn, sources, (rank) => actions.openSources(sources, rank));
  return drawn;
}

function drawFile(file: ShownFile, i18n: I18n, actions: MessageActions): HTMLElement {
  const { id, filename, contentType, progress, problem } = file;
  const address = id === null ? null : actions.addressOf(id);
  const link = (attributes: Record<string, string>, child: Node | string) =>
    address === null ? child : element('a', { href: address, rel: 'noopener', ...attributes }, child);
  if (address !== null && problem === null && PICTURE.test(contentType ?? '')) {
    const picture = element('img', { src: address, alt: filename, loading: 'lazy' });
    return element('li', { class: 'picture' }, link({ target: '_blank' }, picture));
  }
  const name = element('span', { class: 'name' }, link({ download: filename }, filename));
  const drawn = element('li', { class: 'file' }, icon('file'), name);
  drawn.append(element('span', { class: 'size' }, i18n.formatSize(file.sizeBytes)));
  if (progress !== null) {
    drawn.append(element('progress', { max: '1', value: String(progress), 'aria-label': i18n.texts().uploading(filename) }));
  }
  if (problem !== null) drawn.append(element('span', { class: 'problem' }, i18n.texts().unreadable(problem)));
  return drawn;
}

function drawSources(sources: readonly Source[], i18n: I18n, actions: MessageActions): HTMLElement {
  const { sourcesOf, sourcePage } = i18n.texts();
  const items = sources.map((source) => {
    const { title, page } = source.metadata;
    const label = page === undefined ? title : `${title}, ${sourcePage(page)}`;
    const open = button(
      { class: 'source' },
      () => actions.openSources(sources, source.rank),
      element('span', { class: 'rank' }, `${source.rank}`),
    );
    open.append(element('span', {}, label));
    return element('li', {}, open);
  });
  return element('div', { class: 'sources' }, element('h2', {}, sourcesOf), element('ol', {}, ...items));
}

function drawFailure({ key, failure }: ShownMessage, i18n: I18n, actions: MessageActions): HTMLElement {
  const { failures, retry, edit } = i18n.texts();
  const reason = element('span', {}, failures[failure ?? ''] ?? failures['other'] ?? '');
  const actionsOf = [button({ class: 'link' }, () => actions.edit(key), edit)];
  if (failure !== FILES_GONE) actionsOf.unshift(button({ class: 'link' }, () => actions.retry(key), retry));
  return element('div', { class: 'failure' }, reason, ...actionsOf);
}

function drawMeta({ role, state, at }: ShownMessage, author: string, i18n: I18n): HTMLElement {
  const meta = element('div', { class: 'meta' });
  if (role === 'agent') meta.append(element('span', {}, author));
  meta.append(element('time', { datetime: at.toISOString() }, i18n.formatTime(at)));
  const { states } = i18n.texts();
  if (role === 'user' && state in states) meta.append(element('span', { class: 'state' }, states[state as keyof typeof states]));
  return meta;
}

function drawChoices(choices: readonly Choice[], i18n: I18n, actions: MessageActions): HTMLElement {
  const buttons = choices.map((choice) => button({ class: 'choice' }, () => actions.choose(choice), choice.label));
  return element('div', { class: 'choices', role: 'group', 'aria-label': i18n.texts().quickReplies }, ...buttons);
}

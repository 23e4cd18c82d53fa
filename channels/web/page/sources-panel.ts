/** The dialog that shows where an answer comes from: title, page, passage and relevance of each source. Loaded when it is first asked for. */
import { element, part } from './dom.js';
import type { I18n } from './i18n.js';
import { link, renderMarkdown } from './markdown.js';
import type { Source } from './wire.js';

/** @param rank the source that was asked for: it comes into view */
export function openSources(sources: readonly Source[], rank: number, i18n: I18n): void {
  const dialog = part('sources-panel', HTMLDialogElement);
  const body = part('sources-body', HTMLElement);
  const drawn = sources.map((source) => drawSource(source, source.rank === rank, i18n));
  body.replaceChildren(...drawn);
  // The browser gives the focus back to the button that opened it, and closes it on Escape.
  dialog.showModal();
  body.scrollTo({ top: 0 });
  const asked = drawn.find((node) => node.classList.contains('asked'));
  asked?.scrollIntoView({ block: 'nearest' });
  asked?.focus({ preventScroll: true });
}

function drawSource({ content, metadata, relevance_score, rank }: Source, asked: boolean, i18n: I18n): HTMLElement {
  const { sourcePage, relevance, openOriginal } = i18n.texts();
  const { title, source, page, url } = metadata;
  const percent = i18n.formatPercent(relevance_score);
  const place = page === undefined ? source : `${source}, ${sourcePage(page)}`;
  const headingId = `source-${rank}`;
  return element(
    'article',
    { class: asked ? 'passage asked' : 'passage', tabindex: '-1', 'aria-labelledby': headingId },
    element('h3', { id: headingId }, element('span', { class: 'rank' }, String(rank)), ` ${title}`),
    element('p', { class: 'place' }, place),
    element(
      'p',
      { class: 'relevance' },
      element('meter', { min: '0', max: '1', value: String(relevance_score), 'aria-hidden': 'true' }),
      relevance(percent),
    ),
    element('div', { class: 'quote' }, ...renderMarkdown(content)),
    ...(url === undefined ? [] : [element('p', {}, ...link(url, [openOriginal]))]),
  );
}

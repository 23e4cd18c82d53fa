/** Makes the marks `[1]` in an answer buttons that open the source they name. */
import { button } from './dom.js';
import type { Source } from './wire.js';

/** @param open gets the source's rank; marks that name no source stay text */
export function linkCitations(drawn: HTMLElement, sources: readonly Source[], open: (rank: number) => void): void {
  const texts = document.createTreeWalker(drawn, NodeFilter.SHOW_TEXT);
  const marked: Text[] = [];
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    if (node instanceof Text && node.parentElement?.closest('a, code') === null && /\[\d{1,2}\]/.test(node.data)) marked.push(node);
  }
  for (const node of marked) {
    const parts = node.data.split(/(\[\d{1,2}\])/).map((text) => {
      const source = /^\[\d/.test(text) ? sources.find(({ rank }) => text === `[${rank}]`) : undefined;
      if (source === undefined) return text;
      return button(
        { class: 'citation rank', 'aria-label': `[${source.rank}] ${source.metadata.title}` },
        () => open(source.rank),
        `${source.rank}`,
      );
    });
    node.replaceWith(...parts);
  }
}

/** The inbox by keyboard: single keys while nobody writes, Escape to leave what is written or the case. */
import { part } from '../dom.js';
import type { Box } from './kept.js';

export interface KeyActions {
  close(): void;
  /** To the next case of the list, or the one before. */
  move(by: 1 | -1): void;
  claim(): void;
  write(box: Box): void;
  search(): void;
}

export function listenForKeys(signal: AbortSignal, actions: KeyActions): void {
  const byKey: Readonly<Record<string, () => void>> = {
    j: () => actions.move(1),
    k: () => actions.move(-1),
    c: () => actions.claim(),
    r: () => actions.write('reply'),
    n: () => actions.write('note'),
    '/': () => actions.search(),
  };
  const pressed = (event: KeyboardEvent): void => {
    const { target } = event;
    // A dialog closes by itself.
    if (part('question', HTMLDialogElement).open || part('trace', HTMLDialogElement).open) return;
    const writing = target instanceof HTMLElement && target.closest('input, textarea, select') !== null;
    if (event.key === 'Escape') {
      if (writing) target.blur();
      else actions.close();
    }
    const action = byKey[event.key];
    if (writing || event.ctrlKey || event.metaKey || event.altKey || action === undefined) return;
    event.preventDefault();
    action();
  };
  document.addEventListener('keydown', pressed, { signal });
}

/** The files that wait in the composer: by button, paste or drop, checked before they are taken. */
import { button, element, icon, part } from './dom.js';
import type { I18n } from './i18n.js';

/** CONTRACT.md, "Chat": 5 files, 10 MB each. A service that is set to less says so itself. */
const MAX_FILES = 5;
const MAX_FILE_BYTES = 10 * 1024 * 1024;
const READABLE = /\.(pdf|docx|txt|md|markdown|csv|tsv|xlsx|html?|png|jpe?g|webp|gif|bmp|tiff?|log|json)$/i;
const READABLE_TYPES = /^(text|image)\//;

export interface PickedFiles {
  files(): readonly File[];
  add(files: readonly File[]): void;
  /** Hands them over: the list is empty afterwards. */
  take(): readonly File[];
}

export function createPickedFiles(i18n: I18n, onChange: () => void): PickedFiles {
  const list = part('picked', HTMLElement);
  const problems = part('problems', HTMLElement);
  const input = part('file-input', HTMLInputElement);
  let files: readonly File[] = [];

  const set = (next: readonly File[]): void => {
    files = next;
    list.replaceChildren(...files.map(drawPicked));
    list.hidden = files.length === 0;
    onChange();
  };
  const drawPicked = (file: File): HTMLElement => {
    const remove = () => {
      set(files.filter((other) => other !== file));
      part('message', HTMLTextAreaElement).focus();
    };
    const name = element('span', { class: 'name' }, file.name);
    const size = element('span', { class: 'size' }, i18n.formatSize(file.size));
    const label = i18n.texts().remove(file.name);
    return element(
      'li',
      { class: 'file' },
      icon('file'),
      name,
      size,
      button({ class: 'icon-button', 'aria-label': label }, remove, icon('close')),
    );
  };

  const problemOf = (file: File): string | null => {
    const texts = i18n.texts();
    if (file.size > MAX_FILE_BYTES) return texts.fileTooLarge(file.name, i18n.formatSize(MAX_FILE_BYTES));
    if (file.size === 0) return texts.fileEmpty(file.name);
    return READABLE.test(file.name) || READABLE_TYPES.test(file.type) ? null : texts.fileTypeUnknown(file.name);
  };

  const add = (added: readonly File[]): void => {
    const found = added.map((file) => ({ file, problem: problemOf(file) }));
    const good = found.filter(({ problem }) => problem === null).map(({ file }) => file);
    const said = found.flatMap(({ problem }) => problem ?? []);
    if (files.length + good.length > MAX_FILES) said.push(i18n.texts().tooManyFiles(MAX_FILES));
    problems.replaceChildren(...said.map((problem) => element('p', {}, problem)));
    set([...files, ...good].slice(0, MAX_FILES));
  };

  input.addEventListener('change', () => {
    add([...(input.files ?? [])]);
    input.value = '';
  });
  part('attach', HTMLButtonElement).addEventListener('click', () => input.click());
  i18n.subscribe(() => {
    problems.replaceChildren();
    set(files);
  });
  acceptDrops(add);

  return {
    files: () => files,
    add,
    take() {
      const taken = files;
      problems.replaceChildren();
      set([]);
      return taken;
    },
  };
}

/** Files may be dropped anywhere on the page. */
function acceptDrops(add: (files: readonly File[]) => void): void {
  const veil = part('drop-veil', HTMLElement);
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
  const show = (event: DragEvent) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    veil.hidden = false;
  };
  document.addEventListener('dragenter', show);
  document.addEventListener('dragover', show);
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) veil.hidden = true;
  });
  document.addEventListener('drop', (event) => {
    veil.hidden = true;
    if (!hasFiles(event)) return;
    event.preventDefault();
    add([...(event.dataTransfer?.files ?? [])]);
  });
}

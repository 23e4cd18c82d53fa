/** The web inbox: signs the agent in and out, and changes its language. */
import { part } from '../dom.js';
import type { Access } from './api.js';
import { readAccess, readSound, writeAccess, writeLanguage, writeSound } from './kept.js';
import { failureText, newSituation, word, type Situation } from './situation.js';
import { TEXTS, type TextName } from './texts.js';
import { beginWork } from './work.js';

const problem = part('problem', HTMLElement);
const isText = (name: string | undefined): name is TextName => name !== undefined && name in TEXTS.es;

let endWork: (() => void) | null = null;

function drawWords(situation: Pick<Situation, 'language'>): void {
  document.documentElement.lang = situation.language;
  document.title = word(situation, 'title');
  const put = (name: 'text' | 'label' | 'placeholder', set: (node: HTMLElement, text: string) => void) => {
    for (const node of document.querySelectorAll<HTMLElement>(`[data-${name}]`)) {
      const text = node.dataset[name];
      if (isText(text)) set(node, word(situation, text));
    }
  };
  put('text', (node, text) => (node.textContent = text));
  put('label', (node, text) => node.setAttribute('aria-label', text));
  put('placeholder', (node, text) => node.setAttribute('placeholder', text));
}

function begin(access: Access): void {
  drawWords(newSituation(access));
  part('who', HTMLElement).textContent = access.name;
  show(true);
  endWork = beginWork(access);
}

function show(inside: boolean): void {
  part('desk', HTMLElement).hidden = !inside;
  part('sign-in', HTMLElement).hidden = inside;
  part('sign-out', HTMLElement).hidden = !inside;
  part('sound-label', HTMLElement).hidden = !inside;
}

part('sign-in', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  const given = { key: part('key', HTMLInputElement).value.trim(), name: part('name', HTMLInputElement).value.trim() };
  const tried = newSituation(given);
  tried.api.list('open').then(
    () => {
      writeAccess(given);
      part('key', HTMLInputElement).value = '';
      problem.textContent = '';
      begin(given);
    },
    (thrown: unknown) => (problem.textContent = failureText(tried, thrown)),
  );
});
part('sign-out', HTMLElement).addEventListener('click', () => {
  endWork?.();
  endWork = null;
  writeAccess(null);
  part('list', HTMLElement).replaceChildren();
  part('case', HTMLElement).replaceChildren();
  part('who', HTMLElement).textContent = '';
  document.title = word(newSituation({ key: '', name: '' }), 'title');
  show(false);
});
part('language', HTMLElement).addEventListener('click', () => {
  const language = document.documentElement.lang === 'en' ? 'es' : 'en';
  writeLanguage(language);
  drawWords({ language });
  const access = readAccess();
  if (endWork === null || access === null) return;
  endWork();
  begin(access);
});
const sound = part('sound', HTMLInputElement);
sound.checked = readSound();
sound.addEventListener('change', () => writeSound(sound.checked));

const access = readAccess();
if (access === null) {
  drawWords(newSituation({ key: '', name: '' }));
  show(false);
} else begin(access);

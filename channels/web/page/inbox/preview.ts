/** A picture of the conversation as it looks: fetched with the agent's key, and shown as data, because the page's policy lets no other address in. */
import { element } from '../dom.js';
import type { StoredFile } from './wire.js';

const PICTURE = /^image\/(png|jpeg|gif|webp)$/;
/** What is larger is downloaded where it is wanted. */
const MAX_BYTES = 8 * 1024 * 1024;

export const isPicture = ({ content_type, size_bytes }: StoredFile): boolean => PICTURE.test(content_type) && size_bytes <= MAX_BYTES;

/** Where it cannot be had, the button to download it says what there is. */
export function previewOf(file: StoredFile, load: (file: StoredFile) => Promise<Blob>): HTMLImageElement {
  const image = element('img', { class: 'preview', alt: file.filename, hidden: true });
  image.addEventListener('load', () => (image.hidden = false));
  load(file)
    .then(dataOf)
    .then(
      (data) => (image.src = data),
      () => image.remove(),
    );
  return image;
}

function dataOf(blob: Blob): Promise<string> {
  const reader = new FileReader();
  return new Promise((resolve, reject) => {
    reader.addEventListener('load', () => resolve(typeof reader.result === 'string' ? reader.result : ''));
    reader.addEventListener('error', () => reject(reader.error ?? new Error('the picture cannot be read')));
    reader.readAsDataURL(blob);
  });
}

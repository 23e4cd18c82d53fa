// How a long pipeline lets others have a turn: among the documents that its source gives there is now and then one that is none, which every
// stage hands on. Where it comes out at the end, the command may be paused.
import { type Doc } from '../bson/index.js';

/** Stands among documents; only its identity counts. */
export const PAUSE_DOC: Doc = new Map();

export function isPauseDoc(doc: Doc): boolean {
  return doc === PAUSE_DOC;
}

/** Gives `each` every document, and what reads the result a chance to pause: for stages that must see everything before they give anything. */
export function* collecting(source: Iterable<Doc>, each: (doc: Doc) => void): Generator<Doc, void, undefined> {
  for (const doc of source) {
    if (isPauseDoc(doc)) yield doc;
    else each(doc);
  }
}

/** Documents of a result already known after which there may be a pause. */
const PAUSE_EVERY = 128;

/** The documents, with pauses among them if `pausable`. */
export function* withPauses(docs: Iterable<Doc>, pausable: boolean): Generator<Doc, void, undefined> {
  let given = 0;
  for (const doc of docs) {
    yield doc;
    given += 1;
    if (pausable && given % PAUSE_EVERY === 0) yield PAUSE_DOC;
  }
}

/** Words for what a person alone is shown in reply to a press: Teams’ own way, so no other desk has them. */
import type { Language } from '../../../src/domain/understanding.js';

export interface ReplyWords {
  readonly onlyYou: string;
  readonly backLater: string;
  readonly notUnderstood: string;
  readonly notHere: string;
}

const WORDS: Readonly<Record<Language, ReplyWords>> = {
  es: {
    onlyYou: 'Solo tú ves esto.',
    backLater: 'La tarjeta del caso vuelve con su próximo cambio.',
    notUnderstood: 'No se ha podido hacer. Rellena el formulario y pulsa otra vez.',
    notHere: 'Los casos se atienden solo en su canal.',
  },
  en: {
    onlyYou: 'Only you see this.',
    backLater: 'The card of the case comes back with its next change.',
    notUnderstood: 'That could not be done. Fill in the form and press again.',
    notHere: 'Cases are worked on in their channel only.',
  },
};

export const replyWords = (language: Language): ReplyWords => WORDS[language];

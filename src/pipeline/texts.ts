/** The pipeline's own words to customers, by language. Answers come from knowledge; these are what it says about itself. */
import type { Language } from '../domain/understanding.js';

export interface PipelineTexts {
  readonly welcome: string;
  readonly help: string;
  readonly unsupportedContent: string;
  readonly tooManyMessages: string;
  readonly talkToPersonLabel: string;
  readonly backToBotLabel: string;
  readonly backWithBot: string;
  readonly fileReceived: (filenames: readonly string[]) => string;
  readonly fileUnreadable: (filename: string, reason: string) => string;
  /** @param expected how soon a person replies; null: not known */
  readonly addedToCase: (ticketId: string | null, expected: string | null) => string;
  readonly linkCode: (code: string) => string;
  readonly linked: (channel: string) => string;
  readonly linkedAlready: string;
  readonly linkElsewhere: string;
  readonly linkCodeUnknown: string;
  readonly linkInPrivate: string;
  readonly unlinked: string;
  readonly notLinked: string;
  /** Before a reply on another channel than that on which it was asked for. */
  readonly askedElsewhere: (channel: string) => string;
}

const list = (names: readonly string[]) => names.map((name) => `“${name}”`).join(', ');

export const TEXTS: Readonly<Record<Language, PipelineTexts>> = {
  es: {
    welcome: '¡Hola! Soy el asistente de la tienda. Pregúntame por productos, precios, envíos, devoluciones o instalación.',
    help: 'Escribe tu pregunta con tus palabras: productos y medidas, precios y existencias, envíos, devoluciones, garantía, pago, instalación u horarios. Si prefieres, te paso con una persona.',
    unsupportedContent: 'De momento no sé leer este tipo de mensaje. ¿Me lo cuentas por escrito?',
    tooManyMessages: 'Vas muy deprisa para mí. Espera un momento y escríbeme de nuevo, por favor.',
    talkToPersonLabel: 'Hablar con una persona',
    backToBotLabel: 'Seguir con el asistente',
    backWithBot: 'De acuerdo, sigo yo. ¿En qué te ayudo?',
    fileReceived: (names) => `He recibido y leído ${list(names)}. ¿Qué quieres saber?`,
    fileUnreadable: (name, reason) => `No he podido leer “${name}”: ${reason}`,
    addedToCase: (ticket, expected) =>
      `${ticket === null ? 'He pasado tu mensaje al equipo.' : `He añadido tu mensaje al caso ${ticket}.`} ${expected ?? 'Te contestará una persona por aquí.'}`,
    linkCode: (code) =>
      `Para seguir esta conversación en otro canal, escríbenos desde allí en los próximos 10 minutos:\n\n**/vincular ${code}**\n\nNo des este código a nadie: quien lo use verá lo que recordamos de ti.`,
    linked: (channel) =>
      `Hecho: ahora sé que eres la misma persona que en ${channel}, y seguimos donde lo dejamos. Si no has sido tú, o para deshacerlo, escribe **/desvincular**.`,
    linkedAlready: 'Estas dos cuentas ya están vinculadas.',
    linkElsewhere: 'Ese código es de este mismo canal. Úsalo desde el otro canal en el que nos escribes.',
    linkCodeUnknown: 'Ese código no vale: solo sirve una vez y durante 10 minutos. Pide otro escribiendo **/vincular** en el otro canal.',
    linkInPrivate: 'Eso es mejor en privado: escríbemelo en un mensaje directo.',
    unlinked: 'Hecho: las cuentas ya no están vinculadas, y aquí olvido lo que venía de la otra.',
    notLinked: 'Esta cuenta no está vinculada con ninguna otra.',
    askedElsewhere: (channel) => `Nos preguntaste por ${channel}, donde ya no podemos contestarte. Esta es la respuesta:`,
  },
  en: {
    welcome: 'Hello! I am the shop’s assistant. Ask me about products, prices, delivery, returns or installation.',
    help: 'Ask in your own words: products and sizes, prices and stock, delivery, returns, warranty, payment, installation or opening hours. If you prefer, I can pass you to a person.',
    unsupportedContent: 'I cannot read this kind of message yet. Could you tell me in writing?',
    tooManyMessages: 'That is a little fast for me. Please wait a moment and write again.',
    talkToPersonLabel: 'Talk to a person',
    backToBotLabel: 'Continue with the assistant',
    backWithBot: 'All right, I am back. How can I help?',
    fileReceived: (names) => `I have received and read ${list(names)}. What would you like to know?`,
    fileUnreadable: (name, reason) => `I could not read “${name}”: ${reason}`,
    addedToCase: (ticket, expected) =>
      `${ticket === null ? 'I have passed your message to the team.' : `I have added your message to case ${ticket}.`} ${expected ?? 'A person will reply here.'}`,
    linkCode: (code) =>
      `To continue this conversation on another channel, write to us from there within 10 minutes:\n\n**/link ${code}**\n\nGive this code to nobody: whoever uses it sees what we remember of you.`,
    linked: (channel) =>
      `Done: I now know that you are the same person as on ${channel}, and we go on where we left off. If this was not you, or to undo it, write **/unlink**.`,
    linkedAlready: 'These two accounts are linked already.',
    linkElsewhere: 'That code is from this same channel. Use it on the other channel on which you write to us.',
    linkCodeUnknown: 'That code is not valid: it works once, for 10 minutes. Ask for another by writing **/link** on the other channel.',
    linkInPrivate: 'That is better done in private: write it to me in a direct message.',
    unlinked: 'Done: the accounts are no longer linked, and I forget here what came from the other.',
    notLinked: 'This account is not linked to any other.',
    askedElsewhere: (channel) => `You asked us on ${channel}, where we can no longer reply. Here is the answer:`,
  },
};

/** The answerer's own words around what it quotes, by language. */
import type { Language } from '../domain/understanding.js';

export interface AnswerTexts {
  /** Before a quotation. `title` is markdown-safe. */
  readonly lead: (title: string) => string;
  readonly unsureLead: (title: string) => string;
  readonly otherLanguage: string;
  readonly unknown: string;
  readonly whichOne: string;
  readonly talkToPerson: string;
  readonly whichProduct: string;
  readonly whichThickness: (name: string) => string;
  readonly priceLine: (product: { name: string; price: string; unit: string }) => string;
  readonly stockLine: (stock: string, unit: string) => string;
  readonly outOfStock: string;
  readonly notEnough: (wanted: string, stock: string, unit: string) => string;
  readonly totalLine: (quantity: string, price: string, total: string) => string;
  readonly withoutVat: string;
}

export const ANSWER_TEXTS: Readonly<Record<Language, AnswerTexts>> = {
  es: {
    lead: (title) => `Esto dice **${title}**:`,
    unsureLead: (title) => `No estoy seguro de que responda a tu pregunta, pero lo más cercano que encuentro está en **${title}**:`,
    otherLanguage: 'Lo tengo solo en inglés:',
    unknown: 'No he encontrado la respuesta en nuestra información y prefiero no inventarla. ¿Puedes preguntarlo con otras palabras, o te paso con una persona?',
    whichOne: 'Depende de a qué te refieras. ¿Cuál de estos casos es el tuyo?',
    talkToPerson: 'Hablar con una persona',
    whichProduct: '¿A cuál de estos productos te refieres?',
    whichThickness: (name) => `¿En qué espesor quieres **${name}**?`,
    priceLine: ({ name, price, unit }) => `**${name}**: ${price} por ${unit}`,
    stockLine: (stock, unit) => `en stock: ${stock} (${unit})`,
    outOfStock: 'ahora mismo sin stock',
    notEnough: (wanted, stock, unit) => `Pides ${wanted} y ahora mismo hay ${stock} (${unit}): el resto habría que encargarlo.`,
    totalLine: (quantity, price, total) => `${quantity} × ${price} = **${total}**`,
    withoutVat: 'Precios sin IVA.',
  },
  en: {
    lead: (title) => `This is what **${title}** says:`,
    unsureLead: (title) => `I am not sure that this answers your question, but the closest I can find is in **${title}**:`,
    otherLanguage: 'I only have this in Spanish:',
    unknown: 'I did not find the answer in our information and would rather not make one up. Could you put it another way, or shall I pass you to a person?',
    whichOne: 'That depends on what you mean. Which of these is your case?',
    talkToPerson: 'Talk to a person',
    whichProduct: 'Which of these products do you mean?',
    whichThickness: (name) => `Which thickness of **${name}** would you like?`,
    priceLine: ({ name, price, unit }) => `**${name}**: ${price} per ${unit}`,
    stockLine: (stock, unit) => `in stock: ${stock} (${unit})`,
    outOfStock: 'out of stock at the moment',
    notEnough: (wanted, stock, unit) => `You ask for ${wanted} and there are ${stock} (${unit}) at the moment: the rest would have to be ordered in.`,
    totalLine: (quantity, price, total) => `${quantity} × ${price} = **${total}**`,
    withoutVat: 'Prices without VAT.',
  },
};

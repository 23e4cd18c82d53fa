/** The answerer's own words around what it quotes, by language. */
import type { Language } from '../domain/understanding.js';

export interface AnswerTexts {
  /** Before a quotation. `title` is markdown-safe. */
  readonly lead: (title: string) => string;
  readonly furtherLead: (title: string) => string;
  readonly unsureLead: (title: string) => string;
  readonly otherLanguage: string;
  readonly unknown: string;
  readonly itDepends: string;
  readonly whichCase: string;
  readonly talkToPerson: string;
  readonly whichProduct: string;
  readonly priceLine: (product: { name: string; price: string; unit: string; stock: string }) => string;
  readonly stock: (count: string, unit: string) => string;
  readonly outOfStock: string;
  /** An area asked for, in whole units of sale: `20 m² son 7 placas`. */
  readonly areaLine: (area: string, count: string, unit: string) => string;
  readonly totalLine: (count: string, price: string, total: string) => string;
  readonly notEnough: (stock: string, unit: string) => string;
  readonly withoutVat: string;
}

export const ANSWER_TEXTS: Readonly<Record<Language, AnswerTexts>> = {
  es: {
    lead: (title) => `Esto dice **${title}**:`,
    furtherLead: (title) => `Y en **${title}**:`,
    unsureLead: (title) => `No estoy seguro de que responda a tu pregunta, pero lo más cercano que encuentro está en **${title}**:`,
    otherLanguage: 'Lo tengo solo en inglés:',
    unknown:
      'No he encontrado la respuesta en nuestra información y prefiero no inventarla. ¿Puedes preguntarlo con otras palabras, o te paso con una persona?',
    itDepends: 'Depende del caso:',
    whichCase: '¿Cuál de estos casos es el tuyo?',
    talkToPerson: 'Hablar con una persona',
    whichProduct: '¿A cuál de estos productos te refieres?',
    priceLine: ({ name, price, unit, stock }) => `**${name}**: ${price} por ${unit}, ${stock}`,
    stock: (count, unit) => `${count} ${unit} en stock`,
    outOfStock: 'ahora mismo sin stock',
    areaLine: (area, count, unit) => `${area} m² son ${count} ${unit}.`,
    totalLine: (count, price, total) => `${count} × ${price} = **${total}**`,
    notEnough: (stock, unit) => `Ahora mismo hay ${stock} ${unit}: el resto habría que encargarlo.`,
    withoutVat: 'Precios sin IVA.',
  },
  en: {
    lead: (title) => `This is what **${title}** says:`,
    furtherLead: (title) => `And in **${title}**:`,
    unsureLead: (title) => `I am not sure that this answers your question, but the closest I can find is in **${title}**:`,
    otherLanguage: 'I only have this in Spanish:',
    unknown:
      'I did not find the answer in our information and would rather not make one up. Could you put it another way, or shall I pass you to a person?',
    itDepends: 'That depends on the case:',
    whichCase: 'Which of these is your case?',
    talkToPerson: 'Talk to a person',
    whichProduct: 'Which of these products do you mean?',
    priceLine: ({ name, price, unit, stock }) => `**${name}**: ${price} per ${unit}, ${stock}`,
    stock: (count, unit) => `${count} ${unit} in stock`,
    outOfStock: 'out of stock at the moment',
    areaLine: (area, count, unit) => `${area} m² is ${count} ${unit}.`,
    totalLine: (count, price, total) => `${count} × ${price} = **${total}**`,
    notEnough: (stock, unit) => `There are ${stock} ${unit} at the moment: the rest would have to be ordered in.`,
    withoutVat: 'Prices without VAT.',
  },
};

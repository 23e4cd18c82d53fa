import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { namesIn, withoutPersonalData } from '../../../src/handoff/case/personal-data.js';
import { nearest, similarAnswers } from '../../../src/handoff/case/similar-cases.js';
import { aCase, aMessage } from '../../fakes/desk-case.js';

describe('what is shown of an answer to somebody else', () => {
  it.each([
    ['Hola Lucía, Núñez:', 'Hola […]:'],
    ['escribe a lucia.n@example.com', 'escribe a […]'],
    ['llámanos al +34 555 010 010 o al 612345678', 'llámanos al […] o al […]'],
    ['el pedido SN-2026-004512 y la factura F26-031245', 'el pedido […] y la factura […]'],
    ['ES91 2100 0418 4502 0005 1332', '[…]'],
    ['tu pedido nº 314 y el presupuesto #A-27', 'tu pedido nº […] y el presupuesto #[…]'],
    ['your order 88 and invoice no. 7', 'your order […] and invoice no. […]'],
    ['lo llevamos a la calle Mayor 12, 3º B, el lunes', 'lo llevamos a la […], el lunes'],
    ['we deliver to 24 Baker Street on Monday', 'we deliver to […] on Monday'],
    ['te sigo en @lucia_n', 'te sigo en […]'],
    ['el pedido tarda 3 días y la factura llega después', 'el pedido tarda 3 días y la factura llega después'],
    ['son 40 paneles de 100 mm a 18,90 €', 'son 40 paneles de 100 mm a 18,90 €'],
  ])('%s', (text, shown) => {
    expect(withoutPersonalData(text, ['Lucía Núñez'])).toBe(shown);
  });

  it('never has their name, their number or their address in it', () => {
    const digits = fc.stringMatching(/^\d{9}$/);
    fc.assert(
      fc.property(fc.constantFrom('Lucía', 'LUCIA', 'lucía'), digits, fc.lorem(), (name, phone, text) => {
        const shown = withoutPersonalData(`${text} ${name} ${text} ${phone}, ${name}@example.com`, ['Lucía']);
        expect(shown.toLowerCase()).not.toMatch(/luc[ií]a/);
        expect(shown).not.toContain(phone);
        expect(shown).not.toContain('@');
      }),
      { numRuns: 100 },
    );
  });
});

const about = (id: string, summary: string, language = 'es') => aCase(id, { summary, language }).ticket();
const broken = about('T-BROKEN', 'Los paneles llegaron rotos por una esquina');

describe('names by which people are called', () => {
  it.each([
    ['Buenas tardes, me llamo rosa quintana', ['rosa', 'quintana']],
    ['Soy Rosa Quintana, de Obras Quintana', ['Rosa', 'Quintana']],
    ['Estimada Sra. Quintana: le escribo', ['Sra', 'Quintana']],
    ['Hola Rosa, ya está', ['Rosa']],
    ['Hi, this is Rosa de la Vega speaking', ['Rosa', 'Vega']],
    ['un saludo,\nAtentamente,\nRosa', ['Rosa']],
    ['Gracias, buenos días', []],
    ['soy autónomo y quiero un panel', []],
  ])('%s', (text, names) => {
    expect(namesIn([text])).toEqual(expect.arrayContaining(names));
    if (names.length === 0) expect(namesIn([text])).toEqual([]);
  });

  it('are in no answer that is shown for another case, however they were said', async () => {
    const name = fc.stringMatching(/^[BDFGKLMNPRST][aeiou][bdfgkmnprst][aeiou][bdfgkmnprst]{1,2}[aeiou]$/);
    const said = fc.constantFrom(
      'me llamo NAME',
      'Soy NAME',
      'Hola, mi nombre es NAME y tengo un problema',
      'Hello, this is NAME',
      'Saludos,\nNAME',
    );
    await fc.assert(
      fc.asyncProperty(name, said, async (who, how) => {
        const at = new Date(broken.createdAt.getTime() + 1000);
        const history = [
          { ...aMessage(how.replace('NAME', who), { role: 'user' }), createdAt: at },
          {
            ...aMessage(`Buenas, ${who}: cambiamos los paneles rotos. Dígale a ${who.toUpperCase()} que llame.`, {
              role: 'agent',
              author: 'Marta',
            }),
            createdAt: at,
          },
        ];
        const deps = { resolved: async () => [broken], historyOf: async () => history, nameOf: async () => null };
        const [answer] = await similarAnswers(deps, about('T-NEW', 'panel roto'), 'ha llegado roto un panel');
        expect(answer?.markdown).toContain('cambiamos los paneles rotos');
        expect(`${answer?.title} ${answer?.markdown}`.toLowerCase()).not.toContain(who.toLowerCase());
      }),
      { numRuns: 60 },
    );
  });
});

describe('cases like this one', () => {
  const others = [broken, about('T-PRICE', '¿Cuánto cuesta el panel de 80 mm?'), about('T-HOURS', '¿A qué hora abrís el sábado?')];

  it('have the same words, in whatever form, and not the everyday ones alone', () => {
    expect(nearest('me ha llegado un panel roto', others)[0]).toBe(broken);
    expect(nearest('¿tenéis tornillos?', others)).toEqual([]);
    expect(nearest('', others)).toEqual([]);
  });

  it('give what a person answered, in the language of the case, without the person it was for', async () => {
    const english = about('T-EN', 'los paneles llegaron rotos', 'en');
    const said = [
      aMessage('Hola', { role: 'agent' }),
      aMessage('Lucía, mándanos una foto de la etiqueta y te enviamos otro panel', { role: 'agent', author: 'Marta' }),
      aMessage('Soy Lucía, gracias por una respuesta tan larga como esta, de verdad', { role: 'user' }),
    ].map((message) => ({ ...message, createdAt: new Date(broken.createdAt.getTime() + 1000) }));
    const deps = { resolved: async () => [english, ...others], historyOf: async () => said, nameOf: async () => 'Lucía Núñez' };
    const answers = await similarAnswers(deps, about('T-NEW', 'panel roto'), 'ha llegado roto un panel');
    expect(answers[0]).toEqual({
      title: 'T-BROKEN: Los paneles llegaron rotos por una esquina',
      markdown: '[…], mándanos una foto de la etiqueta y te enviamos otro panel',
    });
    expect(answers.map(({ title }) => title).join()).not.toContain('T-EN');
  });
});

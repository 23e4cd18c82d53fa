import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { withoutPersonalData } from '../../../src/handoff/case/personal-data.js';
import { nearest, similarAnswers } from '../../../src/handoff/case/similar-cases.js';
import { aCase, aMessage } from '../../fakes/desk-case.js';

describe('what is shown of an answer to somebody else', () => {
  it.each([
    ['Hola Lucía, Núñez:', 'Hola […]:'],
    ['escribe a lucia.n@example.com', 'escribe a […]'],
    ['llámanos al +34 555 010 010 o al 612345678', 'llámanos al […] o al […]'],
    ['el pedido SN-2026-004512 y la factura F26-031245', 'el pedido […] y la factura […]'],
    ['ES91 2100 0418 4502 0005 1332', '[…]'],
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

describe('cases like this one', () => {
  const broken = about('T-BROKEN', 'Los paneles llegaron rotos por una esquina');
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

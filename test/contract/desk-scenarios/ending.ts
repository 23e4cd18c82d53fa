/** How cases end, and do not: resolving while the customer writes, twice, closed cases that are answered, the bot and a person at once, back and forth. */
import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { press, type DeskStaff, write } from '../../fakes/desks/desk-staff.js';
import { type HouseCustomer, logOf, readsText, showsCase, showsText, threadText, until } from '../../fakes/desks/support-house.js';
import { LIMIT_MS, QUIET_MS, type SceneOf } from './scene.js';

const ANSWER = /devoluci|devolver|14 días|30 días/i;

export function endingScenarios(scene: SceneOf): void {
  async function claimed(customer: HouseCustomer, here: DeskStaff): Promise<string> {
    const id = await scene().house.opensCase(customer, [here]);
    await press(here, here.marta, id, 'claim');
    await readsText(customer, 'lleva ya tu caso');
    return id;
  }
  const resolve = (here: DeskStaff, id: string) => press(here, here.marta, id, 'resolve', { reason: 'answered', text: 'hecho' });
  const count = async (customer: HouseCustomer, text: string) => (await customer.reads()).filter((read) => read.includes(text)).length;

  describe('ending a case', () => {
    it(
      'the customer writes while the agent resolves: the message is answered by the bot or somebody has the case still or again, never neither',
      async () => {
        const { house, here } = scene();
        for (let round = 0; round < 3; round += 1) {
          const customer = await house.onTheWeb();
          const id = await claimed(customer, here);
          const closing = await here.finger(here.marta, id, 'resolve', { reason: 'answered' });
          await Promise.all([closing(), customer.writes('¿Cuál es el plazo para devolver un panel?')]);
          await until('the message is taken care of', async () => {
            if ((await customer.reads()).some((read) => ANSWER.test(read))) return true;
            const shown = await here.shown(id);
            return shown !== null && threadText(shown).includes('plazo para devolver') && shown.card.buttons.includes('resolve');
          });
        }
      },
      LIMIT_MS,
    );

    it(
      'two resolve at once: it is closed once, and the customer asked once how it went',
      async () => {
        const { house, here, all } = scene();
        const customer = await house.onTheWeb();
        const id = await claimed(customer, here);
        const [one, two] = [
          await here.finger(here.marta, id, 'resolve', { reason: 'answered' }),
          await here.finger(here.marta, id, 'resolve', { reason: 'sold' }),
        ];
        await Promise.all([one(), two()]);
        for (const desk of all) await showsCase(desk, id, ({ card }) => card.buttons.includes('reopen'));
        await until('the second is told', async () => (await here.told(here.marta)).some((told) => told.includes(`${id} está cerrado`)));
        await readsText(customer, 'Hemos cerrado tu caso');
        await sleep(QUIET_MS);
        expect(await count(customer, 'Hemos cerrado tu caso')).toBe(1);
      },
      LIMIT_MS,
    );

    it(
      'an agent answers a case that is closed: nothing goes out, and they are told what to do',
      async () => {
        const { house, here } = scene();
        const customer = await house.onTheWeb();
        const id = await claimed(customer, here);
        const reply = await here.finger(here.marta, id, 'reply', { text: 'se me olvidaba' });
        await resolve(here, id);
        await readsText(customer, 'Hemos cerrado tu caso');
        await reply();
        await write(here, here.marta, id, '/r y otra cosa');
        await until('they are told', async () => (await here.told(here.marta)).filter((told) => told.includes('reábrelo')).length >= 2);
        await sleep(QUIET_MS);
        expect((await customer.reads()).join('\n')).not.toMatch(/olvidaba|otra cosa/);
        await press(here, here.marta, id, 'reopen');
        await readsText(customer, 'Hemos reabierto tu caso');
        await write(here, here.marta, id, '/r ahora sí');
        await readsText(customer, 'ahora sí');
      },
      LIMIT_MS,
    );

    it(
      'bot and agent at the same time: from the claim on the bot is silent, whatever is asked in that instant',
      async () => {
        const { house, here } = scene();
        const customer = await house.onTheWeb();
        const id = await house.opensCase(customer, [here]);
        const claim = await here.finger(here.marta, id, 'claim');
        await Promise.all([claim(), customer.writes('¿Cuál es el plazo para devolver un panel?')]);
        await readsText(customer, 'lleva ya tu caso');
        await showsText(here, id, 'plazo para devolver');
        const before = (await customer.reads()).length;
        await customer.writes('¿Y cuánto cuesta el envío?');
        await showsText(here, id, 'cuánto cuesta el envío');
        await sleep(QUIET_MS);
        expect((await customer.reads()).slice(before)).toEqual([]);
        expect((await customer.reads()).some((read) => ANSWER.test(read))).toBe(false);
      },
      LIMIT_MS,
    );

    it(
      'an agent claims while the customer goes back to the bot: all agree on one of the two',
      async () => {
        const { house, here, all } = scene();
        const customer = await house.onTheWeb();
        const id = await house.opensCase(customer, [here]);
        const claim = await here.finger(here.marta, id, 'claim');
        await Promise.all([claim(), customer.writes('seguir con el asistente')]);
        // By the log alone: the inbox shows the message a moment before it is decided what becomes of it.
        const left = await until('it is decided', async () => {
          const kinds = (await logOf(house, id)).map(({ kind }) => kind);
          if (kinds.includes('customer-left')) return 'left';
          return kinds.includes('customer-wrote') ? 'stayed' : null;
        });
        for (const desk of all) await showsCase(desk, id, ({ card }) => card.buttons.includes(left === 'left' ? 'reopen' : 'resolve'));
        await customer.writes('¿Cuál es el plazo para devolver un panel?');
        if (left === 'left') await readsText(customer, ANSWER);
        else await showsText(here, id, 'plazo para devolver');
      },
      LIMIT_MS,
    );

    it(
      'handed back to the bot: it does not come again for the same, and does to the same agent for who asks for a person',
      async () => {
        const { house, here, all } = scene();
        const customer = await house.onTheWeb();
        const id = await claimed(customer, here);
        await press(here, here.marta, id, 'return-to-bot', { text: 'Solo quería saber el plazo' });
        await readsText(customer, 'te deja de nuevo con el asistente');
        await customer.writes('¿Cuál es el plazo para devolver un panel?');
        await readsText(customer, ANSWER);
        for (const desk of all) await showsCase(desk, id, ({ card }) => card.buttons.includes('reopen'));
        await customer.writes('quiero hablar con una persona');
        const back = await showsCase(here, id, ({ card }) => card.buttons.includes('reply'));
        expect(back.card.text).toContain(here.marta.name);
        await write(here, here.marta, id, '/r aquí estoy otra vez');
        await readsText(customer, 'aquí estoy otra vez');
      },
      LIMIT_MS,
    );

    it(
      'rated, reopened and rated again: the last rating counts',
      async () => {
        const { house, here } = scene();
        const customer = await house.onTheWeb();
        const id = await claimed(customer, here);
        await resolve(here, id);
        await readsText(customer, 'Hemos cerrado tu caso');
        await customer.writes('2');
        await showsCase(here, id, ({ card }) => card.text.includes('2/5'));
        await customer.writes('quiero hablar con una persona, sigue roto');
        await showsCase(here, id, ({ card }) => card.buttons.includes('resolve'));
        await write(here, here.marta, id, '/r arreglado');
        await readsText(customer, 'arreglado');
        await resolve(here, id);
        await until('it is closed again', async () => (await count(customer, 'Hemos cerrado tu caso')) === 2);
        await customer.writes('5');
        const rated = await showsCase(here, id, ({ card }) => card.text.includes('5/5'));
        expect(rated.card.buttons).toContain('reopen');
      },
      LIMIT_MS,
    );
  });
}

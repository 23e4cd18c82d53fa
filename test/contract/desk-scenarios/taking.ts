/** Who has a case: claims at one instant, what one desk does and the others show, presses that come too late, twice, or from nobody of the desk. */
import { describe, expect, it } from '@jest/globals';
import { press } from '../../fakes/desks/desk-staff.js';
import { logOf, readsText, showsCase, showsText, threadText, until } from '../../fakes/desks/support-house.js';
import { LIMIT_MS, type SceneOf } from './scene.js';

export function takingScenarios(scene: SceneOf): void {
  describe('taking a case', () => {
    it(
      'two who claim in the same instant: one has it, the other alone is told who',
      async () => {
        const { house, here, all } = scene();
        const id = await house.opensCase(await house.onTheWeb(), [here]);
        const [marta, luis] = await Promise.all([here.finger(here.marta, id, 'claim'), here.finger(here.luis, id, 'claim')]);
        await Promise.all([marta(), luis()]);
        const { card } = await showsCase(here, id, (shown) => shown.card.buttons.includes('reply'));
        const [winner, loser] = card.text.includes(here.marta.name) ? [here.marta, here.luis] : [here.luis, here.marta];
        await until('the loser is told', async () => (await here.told(loser)).some((told) => told.includes(`ya lo tiene ${winner.name}`)));
        expect((await here.told(winner)).filter((told) => told.includes(id))).toEqual([]);
        for (const desk of all) await showsCase(desk, id, (shown) => shown.card.text.includes(winner.name));
      },
      LIMIT_MS,
    );

    it(
      'two desks claim in the same instant: one has it, the other is told, all show the same',
      async () => {
        const { house, here, others, all } = scene();
        for (const other of others) {
          const id = await house.opensCase(await house.onTheWeb(), [here, other]);
          const [mine, theirs] = await Promise.all([here.finger(here.marta, id, 'claim'), other.finger(other.luis, id, 'claim')]);
          await Promise.all([mine(), theirs()]);
          const { card } = await showsCase(here, id, (shown) => shown.card.buttons.includes('reply'));
          const won = card.text.includes(here.marta.name);
          const [winner, loser, at] = won ? [here.marta, other.luis, other] : [other.luis, here.marta, here];
          await until('the loser is told', async () => (await at.told(loser)).some((told) => told.includes(`ya lo tiene ${winner.name}`)));
          for (const desk of all) await showsCase(desk, id, (shown) => shown.card.text.includes(winner.name));
        }
      },
      LIMIT_MS,
    );

    it(
      'what one desk does the others show, the reply too, and nobody there can speak for it',
      async () => {
        const { house, here, others } = scene();
        const customer = await house.onTheWeb();
        const id = await house.opensCase(customer, [here, ...others]);
        await press(here, here.marta, id, 'claim');
        for (const other of others) {
          const shown = await showsCase(other, id, ({ card }) => card.buttons.includes('reply'));
          expect(shown.card.text).toContain(here.marta.name);
          await press(other, other.luis, id, 'reply', { text: 'desde otra mesa' });
          await until('they are told', async () =>
            (await other.told(other.luis)).some((told) => told.includes(`lo lleva ${here.marta.name}`)),
          );
        }
        await press(here, here.marta, id, 'reply', { text: 'Hola, lo miro **ahora**' });
        await readsText(customer, 'lo miro');
        for (const other of others) await showsText(other, id, 'lo miro');
        expect((await customer.reads()).join('\n')).not.toContain('desde otra mesa');
      },
      LIMIT_MS,
    );

    it(
      'a button of a card that has changed since: nothing happens, and the person is told how it stands',
      async () => {
        const { house, here, others } = scene();
        const [other] = others;
        const id = await house.opensCase(await house.onTheWeb(), [here, ...others]);
        const stale = await here.finger(here.luis, id, 'claim');
        if (other !== undefined) await press(other, other.marta, id, 'claim');
        await showsCase(here, id, ({ card }) => !card.buttons.includes('claim'));
        await stale();
        await until('they are told', async () => (await here.told(here.luis)).some((told) => told.includes(`${id} ya lo tiene`)));
        const { card } = await showsCase(here, id, () => true);
        expect(card.text).not.toContain(here.luis.name);
        expect((await logOf(house, id)).filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
      },
      LIMIT_MS,
    );

    it(
      'a press that the platform delivers three times: it happens once',
      async () => {
        const { house, here } = scene();
        const id = await house.opensCase(await house.onTheWeb(), [here]);
        const claim = await here.finger(here.marta, id, 'claim');
        await Promise.all([claim(), claim(), claim()]);
        const kinds = (await logOf(house, id)).map(({ kind }) => kind);
        expect(kinds.filter((kind) => kind === 'claimed')).toHaveLength(1);
      },
      LIMIT_MS,
    );

    it(
      'buttons that nobody made, malformed payloads, another bot: nothing happens',
      async () => {
        const { house, here } = scene();
        const customer = await house.onTheWeb();
        const id = await house.opensCase(customer, [here]);
        const [before, read] = [await logOf(house, id), await customer.reads()];
        await here.mischief(id);
        expect(await logOf(house, id)).toEqual(before);
        await press(here, here.marta, id, 'claim');
        await readsText(customer, 'lleva ya tu caso');
        expect((await customer.reads()).slice(0, read.length)).toEqual(read);
        expect((await customer.reads()).join('\n')).not.toContain('otro bot');
      },
      LIMIT_MS,
    );

    it(
      'a card that somebody deletes: the case is on show again, and goes on there',
      async () => {
        const { house, here } = scene();
        if (here.deleteCard === null) return;
        const customer = await house.onTheWeb();
        const id = await house.opensCase(customer, [here]);
        const { place } = await showsCase(here, id, () => true);
        await here.deleteCard(id);
        await customer.writes('¿hay alguien?');
        await house.desks.inbox.finger(house.desks.inbox.marta, id, 'claim').then((claim) => claim());
        const again = await showsCase(here, id, (shown) => shown.place !== place && shown.card.buttons.includes('reply'));
        expect(again.card.text).toContain(house.desks.inbox.marta.name);
        await customer.writes('sigo aquí');
        expect(threadText(await showsText(here, id, 'sigo aquí'))).toContain('Marta Ruiz');
      },
      LIMIT_MS,
    );

    it(
      'somebody who leaves the desk: they can do nothing any more, and their case goes to a colleague',
      async () => {
        const { house, here } = scene();
        if (here.leave === null) return;
        const customer = await house.onTheWeb();
        const id = await house.opensCase(customer, [here]);
        await press(here, here.luis, id, 'claim');
        await showsCase(here, id, ({ card }) => card.text.includes(here.luis.name));
        const release = await here.finger(here.luis, id, 'release');
        const comeBack = await here.leave(here.luis);
        await release();
        await press(here, here.marta, id, 'assign', { to: here.marta });
        await showsCase(here, id, ({ card }) => card.text.includes(`${here.marta.name}`) && !card.text.includes(here.luis.name));
        await press(here, here.marta, id, 'reply', { text: 'ahora te llevo yo' });
        await readsText(customer, 'ahora te llevo yo');
        await comeBack();
      },
      LIMIT_MS,
    );
  });
}

/** When something is down or there is too much at once: nothing lost, nothing twice, nothing crossed. */
import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { press, write } from '../../fakes/desks/desk-staff.js';
import { readsText, showsCase, showsText, threadText, until } from '../../fakes/desks/support-house.js';
import { LIMIT_MS, type SceneOf } from './scene.js';

const CASES = 200;
/** Longer than the first tries of a desk that is down. */
const DOWN_MS = 2_500;

export function troubleScenarios(scene: SceneOf): void {
  describe('in trouble', () => {
    it(
      'the desk is down: the others and the customer notice nothing, and it shows all of it in order, once, when it is back',
      async () => {
        const { house, here, others } = scene();
        const [other] = others;
        if (here.setDown === null || other === undefined) return;
        const customer = await house.onTheWeb();
        const id = await house.opensCase(customer, [here, other]);
        here.setDown(true);
        try {
          await press(other, other.marta, id, 'claim');
          for (const word of ['uno', 'dos', 'tres']) await customer.writes(`soy el ${word}`);
          await press(other, other.marta, id, 'reply', { text: 'te leo' });
          await readsText(customer, 'te leo');
          await showsText(other, id, 'soy el tres');
          await sleep(DOWN_MS);
        } finally {
          here.setDown(false);
        }
        const shown = await showsCase(here, id, (now) => /te leo[^]*Enviada/.test(threadText(now)));
        const text = threadText(shown);
        const places = ['soy el uno', 'soy el dos', 'soy el tres'].map((said) => text.indexOf(said));
        expect(places).toEqual([...places].sort((a, b) => a - b));
        for (const said of ['soy el uno', 'soy el dos', 'soy el tres', 'te leo']) expect(text.split(said)).toHaveLength(2);
        expect(shown.card.text).toContain(other.marta.name);
      },
      LIMIT_MS,
    );

    it(
      'the service ends and starts again in the middle: a reply that waits goes out once, and the case goes on where it stood',
      async () => {
        const { house, here } = scene();
        const customer = await house.onTheWeb();
        const id = await house.opensCase(customer, [here]);
        await press(here, here.marta, id, 'claim');
        await readsText(customer, 'lleva ya tu caso');
        const reply = await here.finger(here.marta, id, 'reply', { text: 'justo antes' });
        await reply();
        await house.restart();
        await readsText(customer, 'justo antes');
        await customer.writes('sigo aquí');
        await showsText(here, id, 'sigo aquí');
        await write(here, here.marta, id, '/r y yo');
        await readsText(customer, 'y yo');
        await press(here, here.marta, id, 'resolve', { reason: 'answered' });
        const shown = await showsCase(here, id, ({ card }) => card.buttons.includes('reopen'));
        expect(threadText(shown).split('sigo aquí')).toHaveLength(2);
        expect((await customer.reads()).filter((read) => read.includes('justo antes'))).toHaveLength(1);
      },
      LIMIT_MS,
    );

    it(
      '200 cases at once: each is on show, each reply is at its own customer, nothing is lost or crossed',
      async () => {
        const { house, here } = scene();
        const customers = Array.from({ length: CASES }, () => house.onWhatsApp());
        const ids = await Promise.all(customers.map((customer) => house.opensCase(customer, [])));
        expect(new Set(ids).size).toBe(CASES);
        const sample = ids.flatMap((id, index) => (index % 20 === 0 ? [{ id, customer: customers[index], word: `dato-${index}.` }] : []));
        for (const { id } of sample) await showsCase(here, id, () => true);
        await Promise.all(
          sample.map(async ({ id, customer, word }) => {
            await press(here, here.marta, id, 'claim');
            await customer?.writes(`soy ${word}`);
            await showsText(here, id, `soy ${word}`);
          }),
        );
        for (const { id, word } of sample) await press(here, here.marta, id, 'reply', { text: word });
        for (const { customer, word } of sample) if (customer !== undefined) await readsText(customer, word);
        for (const { id, customer, word } of sample) {
          const read = (await customer?.reads()) ?? [];
          expect(read.filter((text) => text.includes('dato-'))).toEqual([expect.stringContaining(word)]);
          const thread = threadText((await here.shown(id)) ?? { place: '', card: { text: '', buttons: [], files: [] }, thread: [] });
          expect(thread.match(/soy dato-\d+\./g)).toEqual([`soy ${word}`]);
        }
        await until('all are on show', async () => {
          const missing = await Promise.all(ids.map(async (id) => ((await here.shown(id)) === null ? id : null)));
          return missing.every((id) => id === null);
        });
      },
      3 * LIMIT_MS,
    );
  });
}

/** What goes to the customer and what does not: internal text, undone and failed replies, files, the closed window, what either side changes afterwards. */
import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { press, type DeskStaff, write } from '../../fakes/desks/desk-staff.js';
import {
  FILE_LIMIT_BYTES,
  type HouseCustomer,
  logOf,
  readsText,
  showsCase,
  showsText,
  threadText,
  until,
} from '../../fakes/desks/support-house.js';
import { LIMIT_MS, QUIET_MS, type SceneOf } from './scene.js';

/** The smallest picture there is, and whatever behind it. */
const picture = (bytes = 0) => ({
  name: 'plano.png',
  contentType: 'image/png',
  bytes: Buffer.concat([
    Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'),
    Buffer.alloc(bytes, 7),
  ]),
});

/** As a customer is told to write it elsewhere. */
const CODE = /\/vincular [0-9A-Z]{4}-?[0-9A-Z]{4}/;

const buttonIn = (shown: { readonly thread: readonly { readonly buttons: readonly string[] }[] }, name: string): string =>
  shown.thread.flatMap(({ buttons }) => buttons).findLast((button) => button.startsWith(`${name}:`)) ?? '';

export function replyingScenarios(scene: SceneOf): void {
  /** A case that Marta has. */
  async function claimed(customer: HouseCustomer, here: DeskStaff): Promise<string> {
    const id = await scene().house.opensCase(customer, [here]);
    await press(here, here.marta, id, 'claim');
    await readsText(customer, 'lleva ya tu caso');
    return id;
  }
  const stateOf = async (id: string, text: string) =>
    (await logOf(scene().house, id)).find((event) => event.text === text)?.reply?.state ?? 'pending';
  /** The button that undoes this reply; null: it has gone out before somebody could press it. */
  const undoOf = (id: string, text: string): Promise<string | null> =>
    until('it can be undone', async () => {
      const button = buttonIn((await scene().here.shown(id)) ?? { thread: [] }, 'undo');
      if (button !== '') return { button };
      return (await stateOf(id, text)) === 'pending' ? null : { button: null };
    }).then(({ button }) => button);
  /** Does it with a new text as often as the machine is too slow for it: the text with which it was in time. */
  async function inTime(text: string, attempt: (text: string) => Promise<boolean>): Promise<string> {
    for (let tries = 1; tries <= 10; tries += 1) if (await attempt(`${text} ${tries}.`)) return `${text} ${tries}.`;
    throw new Error('it was too late each time');
  }
  /** Once it has been decided. */
  const isUndone = (id: string, text: string): Promise<boolean> =>
    until('it is undone, or has gone out', async () => {
      const state = await stateOf(id, text);
      return state === 'pending' ? null : { undone: state === 'undone' };
    }).then(({ undone }) => undone);
  const saidBy = async (customer: HouseCustomer, text: string) => (await customer.reads()).filter((read) => read.includes(text));

  describe('replying', () => {
    it(
      'internal text stays internal, and whoever does not have the case cannot speak to the customer',
      async () => {
        const { house, here } = scene();
        const customer = await house.onTheWeb();
        const id = await house.opensCase(customer, [here]);
        await write(here, here.marta, id, '/r nadie lo ha tomado');
        await press(here, here.marta, id, 'claim');
        await readsText(customer, 'lleva ya tu caso');
        await write(here, here.marta, id, 'ojo: cliente difícil');
        await write(here, here.luis, id, '/r no es mío');
        await press(here, here.marta, id, 'note', { text: 'secreto de la casa' });
        await write(here, here.marta, id, '/r Buenos días');
        await readsText(customer, 'Buenos días');
        await showsText(here, id, 'secreto de la casa');
        expect((await customer.reads()).join('\n')).not.toMatch(/difícil|no es mío|secreto|nadie lo ha tomado/);
      },
      LIMIT_MS,
    );

    it(
      'a reply that is undone in time never gets there, and one that went out cannot be undone',
      async () => {
        const { house, here } = scene();
        const customer = await house.onTheWeb();
        const id = await claimed(customer, here);
        let undo = () => Promise.resolve();
        const overUndo = async (text: string) => {
          await press(here, here.marta, id, 'reply', { text });
          const button = await undoOf(id, text);
          if (button !== null) undo = await here.finger(here.marta, id, button);
          return button !== null;
        };
        const undone = await inTime('con prisa', async (text) => {
          if (!(await overUndo(text))) return false;
          await undo();
          return isUndone(id, text);
        });
        await showsText(here, id, 'Deshecha');
        const sent = await inTime('con calma', overUndo);
        await readsText(customer, sent);
        await undo();
        await until('they are told', async () => (await here.told(here.marta)).some((told) => told.includes('no se puede deshacer')));
        expect(await saidBy(customer, undone)).toEqual([]);
        expect(await saidBy(customer, sent)).toHaveLength(1);
      },
      LIMIT_MS,
    );

    it(
      'an agent deletes what they typed: in time it is undone, later nothing changes at the customer',
      async () => {
        const { house, here } = scene();
        if (here.deleteTyped === null) return;
        const customer = await house.onTheWeb();
        const id = await claimed(customer, here);
        const { deleteTyped } = here;
        const undone = await inTime('esto sobra', async (text) => {
          await write(here, here.marta, id, `/r ${text}`);
          if ((await undoOf(id, text)) === null) return false;
          await deleteTyped(here.marta, id);
          return isUndone(id, text);
        });
        await showsText(here, id, 'Deshecha');
        await write(here, here.marta, id, '/r esto se queda');
        await readsText(customer, 'esto se queda');
        await deleteTyped(here.marta, id);
        await sleep(QUIET_MS);
        expect(await saidBy(customer, undone)).toEqual([]);
        expect(await saidBy(customer, 'esto se queda')).toHaveLength(1);
      },
      LIMIT_MS,
    );

    it(
      'the customer changes a message, then deletes it: the desk shows the change, then not its text',
      async () => {
        const { house, here } = scene();
        const customer = house.onTeams();
        const id = await claimed(customer, here);
        await customer.writes('mi tarjeta acaba en 1234');
        await showsText(here, id, '1234');
        await customer.edits('mi tarjeta acaba en 5678');
        const changed = await showsText(here, id, '5678');
        expect(threadText(changed)).not.toContain('1234');
        await customer.deletes();
        const gone = await showsText(here, id, '🗑️');
        expect(gone.thread.filter(({ text }) => text.includes('5678') && !text.includes('✏️'))).toEqual([]);
      },
      LIMIT_MS,
    );

    it(
      'a file each way is there byte for byte',
      async () => {
        const { house, here } = scene();
        const customer = house.onWhatsApp();
        const id = await claimed(customer, here);
        const file = picture(500);
        await here.replyWithFile(here.marta, id, file);
        await showsText(here, id, 'Enviada');
        expect(customer.files()).toEqual([file.bytes]);
        await customer.sends({ name: 'pedido.txt', contentType: 'text/plain', bytes: Buffer.from('diez paneles') });
        const shown = await showsCase(here, id, ({ thread }) => JSON.stringify(thread).includes('pedido.txt'));
        expect(JSON.stringify(shown.thread)).toContain('pedido.txt');
      },
      LIMIT_MS,
    );

    it(
      'a file that is too large: the agent is told why, and the customer too where it was theirs',
      async () => {
        const { house, here } = scene();
        const customer = house.onWhatsApp();
        const id = await claimed(customer, here);
        const [before, told] = [(await customer.reads()).length, (await here.told(here.marta)).length];
        await here.replyWithFile(here.marta, id, picture(FILE_LIMIT_BYTES));
        // By the state of the reply, or at once by who took the file.
        await until('the agent is told', async () => {
          const shown = await here.shown(id);
          return (shown !== null && threadText(shown).includes('No se ha entregado')) || (await here.told(here.marta)).length > told;
        });
        expect((await customer.reads()).slice(before)).toEqual([]);
        expect(customer.files()).toEqual([]);
        await customer.sends({ name: 'enorme.pdf', contentType: 'application/pdf', bytes: Buffer.alloc(FILE_LIMIT_BYTES + 1, 1) });
        const shown = await showsCase(here, id, ({ thread }) =>
          thread.some(({ text, files }) => `${text} ${files.join()}`.includes('enorme.pdf')),
        );
        expect(shown.card.buttons).toContain('reply');
        await write(here, here.marta, id, '/r ¿lo envía más pequeño?');
        await readsText(customer, 'más pequeño');
      },
      LIMIT_MS,
    );

    it(
      'WhatsApp’s window is closed: the reply waits behind a template, and goes out when the customer writes',
      async () => {
        const { house, here } = scene();
        const customer = house.onWhatsApp();
        const id = await claimed(customer, here);
        customer.closeWindow();
        await press(here, here.marta, id, 'reply', { text: 'su pedido ya está' });
        await readsText(customer, 'We have an answer for you');
        const kept = await showsText(here, id, 'cuando el cliente escriba');
        expect(threadText(kept)).not.toContain('Enviada al cliente');
        expect(await saidBy(customer, 'su pedido ya está')).toEqual([]);
        await customer.writes('Read');
        await readsText(customer, 'su pedido ya está');
        await showsText(here, id, 'Enviada al cliente');
        expect(await saidBy(customer, 'su pedido ya está')).toHaveLength(1);
      },
      LIMIT_MS,
    );

    it(
      'a reply that fails shows it with a button, which sends it again: once',
      async () => {
        const { house, here } = scene();
        const customer = house.onWhatsApp();
        const id = await claimed(customer, here);
        house.graph.failNext({ kind: 'error', status: 400, code: 131026, message: 'Message undeliverable' });
        await press(here, here.marta, id, 'reply', { text: '¿me lees?' });
        const failed = await showsCase(here, id, (shown) => buttonIn(shown, 'retry') !== '');
        expect(threadText(failed)).toContain('no se puede llegar al cliente');
        const retry = await here.finger(here.marta, id, buttonIn(failed, 'retry'));
        await Promise.all([retry(), retry()]);
        await readsText(customer, '¿me lees?');
        await showsCase(here, id, (shown) => buttonIn(shown, 'retry') === '' && threadText(shown).includes('Enviada al cliente'));
        expect(await saidBy(customer, '¿me lees?')).toHaveLength(1);
      },
      LIMIT_MS,
    );

    it(
      'the customer goes on at another channel: a reply that theirs takes no more is there, and a case there shows the one here',
      async () => {
        const { house, here } = scene();
        const [customer, elsewhere] = [house.onWhatsApp(), house.onTeams()];
        await customer.writes('/vincular');
        const code = CODE.exec(await readsText(customer, CODE))?.[0] ?? '';
        await elsewhere.writes(code);
        await readsText(elsewhere, /whatsapp/i);
        const id = await claimed(customer, here);
        customer.closeWindow();
        await press(here, here.marta, id, 'reply', { text: 'aquí sigo' });
        await readsText(elsewhere, 'aquí sigo');
        const other = await house.opensCase(elsewhere, [here]);
        expect(other).not.toBe(id);
        const shown = await showsCase(here, other, (now) => JSON.stringify(now).includes(id));
        expect(shown.card.text).toContain(other);
      },
      LIMIT_MS,
    );
  });
}

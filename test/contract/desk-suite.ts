/**
 * What every desk promises (src/domain/desk.ts), as tests that run for any of them against its emulator: a desk's own test file calls
 * `describeDeskContract` with a harness. Buttons are named by their command: `claim`, `undo:7`, `retry:7`, `insert:0`.
 */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buttonsOf, reasonOf, type ResolveReason } from '../../channels/shared/desk-buttons.js';
import type { CaseView, Desk, DeskMemory, DeskRequest } from '../../src/domain/desk.js';
import { ChannelError } from '../../src/domain/errors.js';
import type { InboundEvent } from '../../src/domain/message.js';
import type { Agent, TicketChange } from '../../src/domain/ticket.js';
import { aCase, aMessage, byAgent, everyEvent, SYSTEM, type TestCase } from '../fakes/desk-case.js';

/** One message in front of staff, without markup. */
export interface ShownLine {
  readonly text: string;
  readonly buttons: readonly string[];
  readonly files: readonly string[];
}

export interface ShownCase {
  /** As `DeskMemory.place` names it. */
  readonly place: string;
  readonly card: ShownLine;
  /** Below the card, oldest first; with what staff wrote there themselves. */
  readonly thread: readonly ShownLine[];
}

/** What a person fills into the form behind a button; what is left out stays as the desk has filled it in. */
export interface DeskForm {
  readonly text?: string;
  readonly reason?: ResolveReason;
  readonly to?: Agent;
}

export interface OpenDesk {
  /** Fresh, in front of an empty place on the platform; its language is Spanish. */
  readonly desk: Desk;
  /** Two who work at it, as its requests name them. */
  readonly marta: Agent;
  readonly luis: Agent;
  /** In the order in which they were begun. */
  shown(): Promise<readonly ShownCase[]>;
  /** What this person alone was told. */
  told(who: Agent): Promise<readonly string[]>;
  /** Presses a button of this case, fills in and submits the form where it opens one: what the channel handed out for it. */
  press(who: Agent, ticketId: string, button: string, form?: DeskForm): Promise<readonly DeskRequest[]>;
  /** Writes in the place of this case, without a button. */
  write(who: Agent, ticketId: string, text: string): Promise<readonly DeskRequest[]>;
  /** The platform delivers what was done last once more. Null: it never does. */
  readonly again: (() => Promise<readonly DeskRequest[]>) | null;
  /** The same done by somebody, or from somewhere, that is not of the desk: what was handed out each time. */
  fromOutside(ticketId: string): Promise<readonly (readonly DeskRequest[])[]>;
  /** Customers' events that the channel has made of anything until now. */
  customersEvents(): readonly InboundEvent[];
  /** What the platform would act on in what was shown: mentions, links, markup. */
  mischief(): Promise<readonly string[]>;
  /** Makes the next thing that is posted fail; `cut`: it is posted, and nobody hears of it. */
  readonly failNext: ((how: 'unavailable' | 'rate-limited' | 'cut') => Promise<void>) | null;
  /** Whether the desk finds what it has posted where its memory was lost. */
  readonly looksUp: boolean;
  close(): Promise<void>;
}

export interface DeskHarness {
  open(): Promise<OpenDesk>;
}

const NOTHING: DeskMemory = { place: null, ids: {} };
const FIRST = 'T-0A1B2C3D';
const SECOND = 'T-9Z8Y7X6W';
const OPENED: TicketChange = { kind: 'opened', team: null };
const HOSTILE =
  '<!channel> <@U000000001> <https://evil.example|premio> <at>todos</at> @everyone [pulsa](https://evil.example) ![](https://evil.example/x.png) <img src=x onerror=alert(1)> *_~`&lt;b&gt;';

export function describeDeskContract(name: string, harness: DeskHarness): void {
  describe(`desk contract: ${name}`, () => {
    let open: OpenDesk;
    beforeEach(async () => {
      open = await harness.open();
    });
    afterEach(() => open.close());

    /** Shows these one after the other, as the core does. */
    const show = async (views: readonly CaseView[], memory = NOTHING): Promise<DeskMemory> => {
      let kept = memory;
      for (const view of views) kept = structuredClone(await open.desk.show(view, kept));
      return kept;
    };
    const opened = async (id = FIRST, test: TestCase = aCase(id)) => {
      const memory = await show([test.happens(OPENED, { history: [aMessage(`Hola, soy de ${id}`)] })]);
      return { test, memory };
    };
    const claimedBy = async (agent: Agent, id = FIRST) => {
      const { test, memory } = await opened(id);
      return { test, memory: await show([test.happens({ kind: 'claimed' }, { by: byAgent(agent, open.desk.name) })], memory) };
    };
    const only = async (): Promise<ShownCase> => {
      const cases = await open.shown();
      expect(cases).toHaveLength(1);
      return cases[0] ?? { place: '', card: { text: '', buttons: [], files: [] }, thread: [] };
    };
    const threadText = async () => (await only()).thread.map((line) => line.text).join('\n');

    describe('shows', () => {
      it('a new case once, with what staff need to know, in a place of its own', async () => {
        const { memory, test } = await opened();
        const { place, card } = await only();
        expect(place).toBe(memory.place);
        const { id, summary } = test.ticket();
        for (const known of [id, summary, 'Lucía Núñez', 'WhatsApp', 'Isodec EPS 100 mm', 'pide una persona', 'alta', 'nadie']) {
          expect(card.text).toContain(known);
        }
        expect(card.buttons).toEqual(['claim', 'assign', 'suggest', 'note']);
        expect(await threadText()).toContain(`Hola, soy de ${FIRST}`);
      });

      it('every kind of event, in order, each once however often it is shown', async () => {
        let memory = NOTHING;
        for (const { view, says } of everyEvent(aCase(FIRST), open.marta, open.desk.name)) {
          memory = await show([view], memory);
          const once = await only();
          if (says !== null) expect(JSON.stringify(once)).toContain(says);
          expect(once.card.buttons).toEqual(buttonsOf(view.ticket));
          memory = await show([view], memory);
          expect(await only()).toEqual(once);
        }
        expect(JSON.stringify(memory).length).toBeLessThan(64 * 1024);
        expect(JSON.stringify(memory)).not.toContain('Zaragoza');
      });

      it('an event once where the process ended before it was remembered', async () => {
        if (!open.looksUp) return;
        let memory = NOTHING;
        for (const { view } of everyEvent(aCase(FIRST), open.marta, 'elsewhere')) {
          await show([view], memory);
          const once = await only();
          memory = await show([view], memory);
          expect(await only()).toEqual(once);
        }
      });

      it('who has it, and that the customer waits or not', async () => {
        const { memory, test } = await claimedBy(open.marta);
        const claimed = (await only()).card;
        expect(claimed.text).toContain(open.marta.name);
        const by = byAgent(open.marta, open.desk.name);
        const reply = test.happens({ kind: 'replied', markdown: 'Voy', files: [], sendAt: new Date() }, { by });
        await show([reply, test.happens({ kind: 'reply-dispatched', of: reply.event.seq }, { by: SYSTEM })], memory);
        expect((await only()).card.text).not.toBe(claimed.text);
      });

      it('what becomes of a reply: to be undone until it goes out, to be tried again once it failed', async () => {
        const { memory, test } = await claimedBy(open.marta);
        const sendAt = new Date(Date.now() + 3_600_000);
        const reply = test.happens(
          { kind: 'replied', markdown: 'Mañana **a las 9**', files: [], sendAt },
          { by: byAgent(open.marta, 'elsewhere') },
        );
        const of = reply.event.seq;
        const changes: readonly TicketChange[] = [
          { kind: 'reply-dispatched', of },
          { kind: 'reply-failed', of, outboxId: 'out_1', reason: 'window-closed' },
          { kind: 'reply-retried', of, outboxId: 'out_1' },
          { kind: 'reply-delivered', of, status: 'delivered' },
          { kind: 'reply-delivered', of, status: 'read' },
        ];
        const seen: ShownLine[][] = [];
        let kept = memory;
        for (const view of [reply, ...changes.map((change) => test.happens(change, { by: SYSTEM }))]) {
          kept = await show([view], kept);
          seen.push([...(await only()).thread]);
        }
        const buttons = seen.map((thread) => thread.flatMap((line) => line.buttons));
        expect(buttons).toEqual([[`undo:${of}`], [], [`retry:${of}`], [], [], []]);
        expect(new Set(seen.map((thread) => JSON.stringify(thread))).size).toBe(seen.length);
        expect(await threadText()).toContain('a las 9');
      });

      it('what another desk did as words, and who did it there', async () => {
        const { memory, test } = await opened();
        const nuria = byAgent({ id: 'elsewhere:1', name: 'Nuria Soler' }, 'elsewhere');
        await show([test.happens({ kind: 'claimed' }, { by: nuria })], memory);
        expect(await threadText()).toMatch(/Nuria Soler \(elsewhere\)/i);
      });

      it('typed text once: it is there already', async () => {
        const { memory, test } = await claimedBy(open.marta);
        for (const [text, kind] of [
          ['Ojo: pide factura', 'noted'],
          ['/r Buenos días', 'replied'],
        ] as const) {
          const [request] = await open.write(open.marta, FIRST, text);
          const actionId = `${open.desk.name}:${request?.actionId}`;
          const change: TicketChange =
            kind === 'noted' ? { kind, text } : { kind, markdown: text.slice(3), files: [], sendAt: new Date(Date.now() + 3_600_000) };
          await show([test.happens(change, { by: byAgent(open.marta, open.desk.name), actionId })], memory);
        }
        const text = await threadText();
        expect(text.split('Ojo: pide factura')).toHaveLength(2);
        expect(text.split('Buenos días')).toHaveLength(2);
      });

      it('what customers write as it is, and lets none of it work on the platform', async () => {
        const evil = aCase(FIRST, { summary: HOSTILE, entities: [{ kind: 'product', value: HOSTILE }] }, { customer: HOSTILE });
        const message = (text: string) => aMessage(text, { platformMessageId: 'wamid.evil' });
        const past = aCase(SECOND, { summary: HOSTILE }).ticket();
        const memory = await show([evil.happens(OPENED, { history: [message(HOSTILE)], pastCases: [past] })]);
        await show(
          [
            evil.happens({ kind: 'customer-wrote', messageId: 'msg_evil' }, { message: message(HOSTILE) }),
            evil.happens({ kind: 'customer-edited', platformMessageId: 'wamid.evil' }, { message: message(HOSTILE) }),
            evil.happens({ kind: 'commented', messageId: 'msg_evil' }, { message: message(HOSTILE) }),
          ],
          memory,
        );
        expect(await open.mischief()).toEqual([]);
        expect(await threadText()).toContain('<!channel> <@U000000001>');
      });

      it('two cases apart', async () => {
        const [one, two] = [await opened(FIRST), await opened(SECOND)];
        expect(one.memory.place).not.toBe(two.memory.place);
        const says = (test: TestCase) => {
          const message = aMessage(`Soy el de ${test.id}`);
          return test.happens({ kind: 'customer-wrote', messageId: message.id }, { message });
        };
        await Promise.all([show([says(one.test)], one.memory), show([says(two.test)], two.memory)]);
        const cases = await open.shown();
        expect(cases.map(({ place }) => place)).toEqual([one.memory.place, two.memory.place]);
        const [first, second] = cases.map((shown) => JSON.stringify(shown));
        expect(first).toContain(`Soy el de ${FIRST}`);
        expect(first).not.toContain(SECOND);
        expect(second).toContain(`Soy el de ${SECOND}`);
        expect(second).not.toContain(FIRST);
      });

      it.each(['unavailable', 'rate-limited', 'cut'] as const)(
        'says that it is to be tried again, and then shows it once: %s',
        async (how) => {
          if (open.failNext === null || (how === 'cut' && !open.looksUp)) return;
          const view = aCase(FIRST).happens(OPENED, { history: [aMessage('Hola')] });
          await open.failNext(how);
          const thrown = await open.desk.show(view, NOTHING).catch((error: unknown) => error);
          if (thrown instanceof Error) {
            expect(thrown).toBeInstanceOf(ChannelError);
            expect((thrown as ChannelError).retry).not.toBe('never');
          } else expect(how).toBe('cut'); // it has looked itself
          await show([view]);
          await only();
        },
      );
    });

    describe('decodes', () => {
      const asked = async (button: string, form?: DeskForm) => {
        const requests = await open.press(open.marta, FIRST, button, form);
        expect(requests).toHaveLength(1);
        expect(requests[0]).toMatchObject({ agent: open.marta, about: { ticketId: FIRST } });
        expect(structuredClone(requests)).toEqual(requests);
        return requests[0]?.ask;
      };

      it('what can be pressed on a case that nobody has', async () => {
        await opened();
        expect(await asked('claim')).toEqual({ kind: 'claim' });
        expect(await asked('suggest')).toEqual({ kind: 'suggest' });
        expect(await asked('note', { text: 'Es urgente' })).toEqual({ kind: 'note', text: 'Es urgente' });
        expect(await asked('assign', { to: open.luis })).toEqual({ kind: 'assign', to: open.luis });
      });

      it('what can be pressed on a case that somebody has', async () => {
        await claimedBy(open.marta);
        const markdown = 'Sí, **mañana**\n\n- uno\n- dos <!channel>';
        expect(await asked('reply', { text: markdown })).toEqual({ kind: 'reply', markdown, files: [] });
        expect(await asked('return-to-bot', { text: 'Solo faltaba el precio' })).toMatchObject({
          kind: 'return-to-bot',
          note: 'Solo faltaba el precio',
        });
        expect(await asked('resolve', { reason: 'sold', text: 'pedido 7' })).toMatchObject({
          kind: 'resolve',
          reason: reasonOf('sold', 'pedido 7'),
        });
        expect(await asked('release')).toEqual({ kind: 'release' });
        expect(await asked('transcript')).toEqual({ kind: 'transcript' });
      });

      it('what can be pressed on a case that is closed, and on a reply', async () => {
        const { memory, test } = await claimedBy(open.marta);
        const by = byAgent(open.marta, 'elsewhere');
        const reply = test.happens({ kind: 'replied', markdown: 'Voy', files: [], sendAt: new Date(Date.now() + 3_600_000) }, { by });
        const of = reply.event.seq;
        let kept = await show([reply], memory);
        expect(await asked(`undo:${of}`)).toEqual({ kind: 'undo', of });
        kept = await show([test.happens({ kind: 'reply-failed', of, outboxId: 'o', reason: 'unknown' }, { by: SYSTEM })], kept);
        expect(await asked(`retry:${of}`)).toEqual({ kind: 'retry', of });
        await show([test.happens({ kind: 'resolved', reason: 'answered' }, { by })], kept);
        expect(await asked('reopen')).toEqual({ kind: 'reopen' });
      });

      it('text without a button, about the place in which it stands', async () => {
        const { place } = (await claimedBy(open.marta)).memory;
        const requests = await open.write(open.luis, FIRST, '/r ¿Le va bien a las 9?');
        expect(requests).toMatchObject([
          { agent: open.luis, about: { place }, ask: { kind: 'text', text: '/r ¿Le va bien a las 9?', files: [] } },
        ]);
      });

      it('each press under an id of its own, and the same one where it is delivered again', async () => {
        await claimedBy(open.marta);
        const first = await open.press(open.marta, FIRST, 'suggest');
        const other = await open.press(open.marta, FIRST, 'suggest');
        expect(other[0]?.actionId).not.toBe(first[0]?.actionId);
        if (open.again === null) return;
        expect((await open.again()).map(({ actionId }) => actionId)).toEqual(other.map(({ actionId }) => actionId));
        const typed = await open.write(open.marta, FIRST, 'una nota');
        expect((await open.again()).map(({ actionId }) => actionId)).toEqual(typed.map(({ actionId }) => actionId));
      });

      it('nothing by people, or from places, that are not of the desk', async () => {
        await opened();
        const attempts = await open.fromOutside(FIRST);
        expect(attempts.length).toBeGreaterThan(0);
        for (const requests of attempts) expect(requests).toEqual([]);
      });

      it('nothing of all this as what customers do', async () => {
        await claimedBy(open.marta);
        await open.write(open.marta, FIRST, 'hola');
        await open.press(open.marta, FIRST, 'suggest');
        await open.fromOutside(FIRST);
        expect(open.customersEvents()).toEqual([]);
      });
    });

    describe('answers', () => {
      it('a refusal to the person alone', async () => {
        await opened();
        const [request] = await open.press(open.luis, FIRST, 'claim');
        const before = await open.shown();
        if (request !== undefined) await open.desk.answer(request, { ok: false, markdown: 'Lo tiene **Marta**.' });
        expect((await open.told(open.luis)).join('\n')).toContain('Marta');
        expect(await open.told(open.marta)).toEqual([]);
        expect(await open.shown()).toEqual(before);
      });

      it('suggestions to the person alone, to be inserted, edited and sent', async () => {
        await claimedBy(open.marta);
        const [request] = await open.press(open.marta, FIRST, 'suggest');
        const suggestions = [
          { title: 'Conocimiento', markdown: 'El panel cuesta **27 €/m²** (tarifa, p. 3).' },
          { title: 'Caso parecido', markdown: 'Lo enviamos en 48 h.' },
        ];
        if (request !== undefined) await open.desk.answer(request, { ok: true, markdown: 'Sugerencias:', suggestions });
        expect((await open.told(open.marta)).join('\n')).toContain('Lo enviamos en 48 h.');
        expect(await open.told(open.luis)).toEqual([]);
        const [inserted] = await open.press(open.marta, FIRST, 'insert:0');
        expect(inserted?.ask).toEqual({ kind: 'reply', markdown: 'El panel cuesta **27 €/m²** (tarifa, p. 3).', files: [] });
        const [edited] = await open.press(open.marta, FIRST, 'insert:1', { text: 'En 24 h.' });
        expect(edited?.ask).toEqual({ kind: 'reply', markdown: 'En 24 h.', files: [] });
      });
    });
  });
}

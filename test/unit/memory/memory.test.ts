import { describe, expect, it } from '@jest/globals';
import type { Fact } from '../../../src/domain/memory.js';
import type { Message } from '../../../src/domain/message.js';
import { NO_ENTITIES, type Entities, type Understanding } from '../../../src/domain/understanding.js';
import { createMemory, extractFacts } from '../../../src/memory/index.js';
import { summarise } from '../../../src/memory/summary.js';
import { cutWindow, WINDOW_CHARS, WINDOW_MESSAGES } from '../../../src/memory/window.js';

const AT = new Date('2026-11-21T12:00:00Z');
const span = { text: '', start: 0, end: 0 };

function factsOf(text: string, entities: Partial<Entities> = {}, ownerId = 'cont_1'): Fact[] {
  const understanding: Understanding = {
    language: 'es',
    intent: null,
    entities: { ...NO_ENTITIES, ...entities },
    sentiment: { polarity: 0, frustrated: false, urgent: false },
    cannedReply: null,
  };
  return extractFacts({ text, understanding, ownerId, conversationId: 'conv_1', at: AT });
}
const pairs = (facts: readonly Fact[]) => facts.map(({ kind, value }) => [kind, value]);

describe('facts', () => {
  it.each<[string, string | null]>([
    ['Hola, me llamo Ana Pérez y busco paneles', 'Ana Pérez'],
    ['me llamo juan', 'Juan'],
    ['mi nombre es MARÍA JOSÉ', 'María José'],
    ['Soy Luis, de Zaragoza', 'Luis'],
    ["Hi, I'm Peter O'Brien from Leeds", "Peter O'Brien"],
    ['my name is anna and I need boards', 'Anna'],
    ['soy autónomo', null],
    ['I am looking for panels', null],
    ['soy de Madrid', null],
    ['¿cómo te llamas?', null],
  ])('the name in "%s"', (text, expected) => {
    expect(pairs(factsOf(text))).toEqual(expected === null ? [] : [['name', expected]]);
  });

  it('are learnt from references, products, thicknesses and wishes', () => {
    const entities: Partial<Entities> = {
      references: [{ ...span, kind: 'email', value: 'ana@example.com' }],
      products: [{ ...span, sku: 'A', name: 'Panel PIR 50 mm', score: 1 }],
      measures: [{ ...span, dimension: 'length', value: 5, unit: 'cm', normalisedValue: 50, normalisedUnit: 'mm', role: 'thickness' }],
    };
    expect(pairs(factsOf('prefiero recoger en tienda, gracias', entities))).toEqual([
      ['email', 'ana@example.com'],
      ['preference', 'recoger en tienda'],
      ['product', 'Panel PIR 50 mm'],
      ['measure', '5 cm'],
    ]);
  });

  it('leave out products that the message did not tell apart', () => {
    const variant = { ...span, score: 1 };
    expect(
      factsOf('panel', {
        products: [
          { ...variant, sku: 'A', name: 'A' },
          { ...variant, sku: 'B', name: 'B' },
        ],
      }),
    ).toEqual([]);
  });

  it('keep what is important and let the rest go after 30 days', () => {
    const [email, order] = factsOf('', {
      references: [
        { ...span, kind: 'email', value: 'a@example.com' },
        { ...span, kind: 'order', value: 'SN-1' },
      ],
    });
    expect(email).toMatchObject({ expiresAt: null });
    expect(order?.expiresAt?.toISOString()).toBe('2026-12-21T12:00:00.000Z');
  });

  it('have an id that learning them again, in any case of letters, gives again, and another owner does not', () => {
    const [first] = factsOf('me llamo Ana');
    expect(factsOf('ME LLAMO ANA')[0]?.id).toBe(first?.id);
    expect(factsOf('me llamo Ana', {}, 'cont_2')[0]?.id).not.toBe(first?.id);
    expect(factsOf('me llamo Ana', {}, '')).toEqual([]);
  });
});

const said = (text: string, role: Message['role'] = 'user', deletedAt: Date | null = null): Message => ({
  ...{
    id: text,
    conversationId: 'c',
    threadId: 't',
    turnId: 'u',
    order: 1,
    role,
    text,
    content: [],
    choices: [],
    attachments: [],
    sources: [],
    toolsUsed: [],
  },
  ...{
    intent: null,
    language: null,
    confidence: null,
    platformMessageId: null,
    editedAt: null,
    deletedAt,
    createdAt: AT,
    processingTimeMs: null,
  },
});

describe('the window', () => {
  it('holds the last messages, without deleted ones', () => {
    const messages = Array.from({ length: WINDOW_MESSAGES + 5 }, (_, index) => said(`m${index}`));
    const { earlier, window } = cutWindow([...messages, said('gone', 'user', AT)]);
    expect(window.map((message) => message.text)).toEqual(messages.slice(5).map((message) => message.text));
    expect(earlier).toHaveLength(5);
  });

  it('is shorter where messages are long, and never empty', () => {
    const long = 'x'.repeat(WINDOW_CHARS);
    expect(cutWindow([said('a'), said(long)]).window).toHaveLength(1);
    expect(cutWindow([said('a'), said(`${long}x`)]).window).toHaveLength(1);
    expect(cutWindow([]).window).toEqual([]);
  });
});

describe('the summary', () => {
  it('quotes the sentences of the customer that say most, in their order', () => {
    const summary = summarise([
      said('hola buenas'),
      said('Busco panel PIR para una cubierta plana en Zaragoza.'),
      said('El panel PIR lo hay en 50 y 80 mm.', 'assistant'),
      said('Necesito el panel PIR de 80 mm con entrega en Zaragoza antes de diciembre.'),
      said('ok'),
    ]);
    expect(summary).toContain('Necesito el panel PIR de 80 mm');
    expect(summary).not.toContain('lo hay en 50');
    expect(summary).not.toContain('hola');
  });

  it('is nothing where nothing was said', () => {
    expect(summarise([])).toBeNull();
    expect(summarise([said('hola'), said('ok')])).toBeNull();
  });
});

describe('recall', () => {
  const asked: string[] = [];
  const memory = createMemory({
    store: {
      findFacts: async (ownerId) => {
        asked.push(ownerId);
        return factsOf('me llamo Ana', {}, ownerId);
      },
      saveFacts: async () => undefined,
      deleteFacts: async () => 0,
    },
    messageLog: {
      window: async (_threadId, limit) =>
        Array.from({ length: limit }, (_, index) => said(`Quiero saber el precio número ${index} de la lana mineral.`)),
    },
    windowOf: async (contactId) => [said(`soy ${contactId} en otro canal`)],
  });

  it('gives window, facts and a summary of what came before', async () => {
    const { window, facts, summary } = await memory.recall({ threadId: 't', ownerId: 'cont_1', conversationId: 'c' });
    expect(window).toHaveLength(WINDOW_MESSAGES);
    expect(pairs(facts)).toEqual([['name', 'Ana']]);
    expect(summary).toContain('lana mineral');
  });

  it('takes what a person said on all channels for the window where they are linked', async () => {
    const linked = { threadId: 't', ownerId: 'cont_1', conversationId: 'c', linkedContactId: 'cont_1' };
    expect((await memory.recall(linked)).window.map(({ text }) => text)).toEqual(['soy cont_1 en otro canal']);
  });

  it('knows nobody where there is no owner', async () => {
    asked.length = 0;
    expect((await memory.recall({ threadId: 't', ownerId: '', conversationId: 'c' })).facts).toEqual([]);
    expect(asked).toEqual([]);
  });
});

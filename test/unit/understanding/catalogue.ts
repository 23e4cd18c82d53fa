/** A small catalogue and a few intents, made up for the tests of understanding. */
import type { CatalogueProduct } from '../../../src/domain/knowledge.js';
import type { Entities, Language } from '../../../src/domain/understanding.js';
import { createEntityExtractor } from '../../../src/understanding/entities/extract.js';
import type { IntentExamples } from '../../../src/understanding/intent-examples.js';

const base = { unit: 'ud', priceEur: 10, stock: 5, widthMm: null, lengthMm: null, colourEs: null, colourEn: null, thicknessMm: null };

const pir = [30, 50, 80, 100].map((thicknessMm): CatalogueProduct => ({
  ...base,
  ...{
    sku: `PIR-${thicknessMm}`,
    nameEs: `Panel PIR aluminio ${thicknessMm} mm`,
    nameEn: `PIR board foil-faced ${thicknessMm} mm`,
    family: 'panel-pir',
  },
  ...{ thicknessMm, colourEs: 'aluminio', colourEn: 'aluminium', synonyms: ['placa PIR', 'poliisocianurato', 'polyiso'] },
}));
const sandwich = (['blanco/white', 'rojo teja/tile red'] as const).flatMap((colour) =>
  [40, 60].map((thicknessMm): CatalogueProduct => {
    const [colourEs = '', colourEn = ''] = colour.split('/');
    return {
      ...base,
      ...{
        sku: `SAN-${thicknessMm}-${colourEs.slice(0, 3).toUpperCase()}`,
        nameEs: `Panel sándwich cubierta ${thicknessMm} mm ${colourEs}`,
      },
      ...{ nameEn: `Sandwich roof panel ${thicknessMm} mm ${colourEn}`, family: 'panel-sandwich', thicknessMm, colourEs, colourEn },
      synonyms: ['panel techo', 'insulated roof panel'],
    };
  }),
);
const wool = [40, 60].map((thicknessMm): CatalogueProduct => ({
  ...base,
  ...{
    sku: `LR-${thicknessMm}`,
    nameEs: `Panel lana de roca ${thicknessMm} mm`,
    nameEn: `Stone wool board ${thicknessMm} mm`,
    family: 'lana-mineral',
  },
  ...{ thicknessMm, synonyms: ['lana de roca', 'lana mineral', 'rock wool'] },
}));
const others: readonly CatalogueProduct[] = [
  {
    ...base,
    sku: 'TOR-38',
    nameEs: 'Tornillo autotaladrante 5,5 x 38 mm',
    nameEn: 'Self-drilling screw 5.5 x 38 mm',
    family: 'tornilleria',
    synonyms: ['tornillo para chapa'],
  },
  {
    ...base,
    sku: 'TOR-50',
    nameEs: 'Tornillo autotaladrante 5,5 x 50 mm',
    nameEn: 'Self-drilling screw 5.5 x 50 mm',
    family: 'tornilleria',
    synonyms: ['tornillo para chapa'],
  },
  {
    ...base,
    sku: 'PCC-10',
    nameEs: 'Policarbonato celular 10 mm',
    nameEn: 'Multiwall polycarbonate 10 mm',
    family: 'policarbonato',
    thicknessMm: 10,
    synonyms: ['placa celular'],
  },
  {
    ...base,
    sku: 'SIL-NG',
    nameEs: 'Silicona neutra negro 300 ml',
    nameEn: 'Neutral silicone black 300 ml',
    family: 'selladores',
    colourEs: 'negro',
    colourEn: 'black',
    synonyms: ['silicona', 'sealant'],
  },
  {
    ...base,
    sku: 'SIL-BL',
    nameEs: 'Silicona neutra blanco 300 ml',
    nameEn: 'Neutral silicone white 300 ml',
    family: 'selladores',
    colourEs: 'blanco',
    colourEn: 'white',
    synonyms: ['silicona', 'sealant'],
  },
  {
    ...base,
    sku: 'ESP-PI',
    nameEs: 'Espuma poliuretano pistola 750 ml',
    nameEn: 'Gun-grade PU foam 750 ml',
    family: 'espumas',
    synonyms: ['espuma expansiva', 'gun foam'],
  },
];

export const CATALOGUE: readonly CatalogueProduct[] = [...pir, ...sandwich, ...wool, ...others];

/** A Saturday. */
export const NOW = new Date(2026, 10, 21, 12);

const extract = createEntityExtractor({ catalogue: CATALOGUE, isOrdinary: () => false, now: () => NOW });

export const entitiesOf = (text: string, language: Language = 'es'): Entities => extract(text.normalize('NFC'), language);

const intent = (name: string, language: Language, examples: string, replies: string[] = [], buttons: string[] = []): IntentExamples => ({
  ...{ name, language, replies, buttons },
  examples: examples.split('|'),
});

export const EXAMPLES: readonly IntentExamples[] = [
  intent(
    'greeting',
    'es',
    'hola|buenas|buenos días|hola qué tal|buenas tardes|hola buenas noches',
    ['¡Hola!', '¡Buenas!'],
    ['Ver productos'],
  ),
  intent('greeting', 'en', 'hello|hi there|good morning|hey|hello, how are you|good evening', ['Hello!', 'Hi!'], ['See products']),
  intent(
    'price',
    'es',
    'cuánto cuesta el panel|qué precio tiene|precio del tornillo|cuánto vale la caja|a cómo está la lana|dime el precio',
  ),
  intent(
    'price',
    'en',
    'how much is the panel|what is the price|price of the screws|how much does it cost|what do you charge|price please',
  ),
  intent(
    'delivery',
    'es',
    'cuándo llega mi pedido|hacéis envíos a Sevilla|cuánto tarda la entrega|gastos de envío|enviáis a las islas|plazo de entrega',
  ),
  intent(
    'delivery',
    'en',
    'when will my order arrive|do you deliver to Seville|how long does delivery take|shipping costs|do you ship abroad|delivery time',
  ),
  intent(
    'out_of_scope',
    'es',
    'quién ganó el mundial|cuéntame un chiste|qué tiempo hace hoy|receta de paella|cuál es la capital de Francia',
  ),
  intent('out_of_scope', 'en', 'who won the world cup|tell me a joke|what is the weather like|paella recipe|what is the capital of France'),
];

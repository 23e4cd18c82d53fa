/** What customers say, as they say it: polite, angry, ironic, with typos, in Spanish and English; the whole policy over what the bot understands of it. */
import { describe, expect, it } from '@jest/globals';
import { DEFAULT_DESK_SETTINGS } from '../../../src/domain/desk-settings.js';
import { createUnderstanding, loadIntentExamples } from '../../../src/understanding/index.js';
import { weighEscalation } from '../../../src/handoff/escalation-policy.js';
import type { EscalationReason } from '../../../src/domain/ticket.js';

const understanding = createUnderstanding({ catalogue: [], examples: await loadIntentExamples('sample/intents') });

/** As `npm run escalation -- "texto"`: nothing failed before, and the bot has an answer. */
const decide = (text: string) =>
  weighEscalation(
    {
      ...{ text, understanding: understanding.understand(text, null), answer: { outcome: 'answered', confidence: 0.9 } },
      ...{ at: new Date('2026-11-23T10:00:00Z'), conversation: { channel: 'web', failedAnswers: 0 } },
    },
    DEFAULT_DESK_SETTINGS,
  );

describe('goes to people', () => {
  it.each<[EscalationReason, string]>([
    ['asked-for-person', 'Buenos días, ¿sería posible hablar con alguien del equipo, por favor?'],
    ['asked-for-person', 'Disculpe, preferiría que me atendiera una persona'],
    ['asked-for-person', '¿me puede llamar alguien?'],
    ['asked-for-person', 'quiero ablar con una persona'],
    ['asked-for-person', 'kiero hablar con un ajente'],
    ['asked-for-person', 'pasame con un umano'],
    ['asked-for-person', 'hablar con una presona'],
    ['asked-for-person', 'quiero hablar con un operadro'],
    ['asked-for-person', 'PONME CON UN HUMANO YA'],
    ['asked-for-person', 'no me sirves, ponme con alguien que sepa'],
    ['asked-for-person', 'no quiero hablar con una máquina'],
    ['asked-for-person', 'no quiero hablar con una persona, bueno sí, pásame con una persona'],
    ['asked-for-person', 'Hola, necesito ayuda de un humano'],
    ['asked-for-person', '¿Hay alguna persona con la que pueda hablar?'],
    ['asked-for-person', 'Could I please speak to somebody from your team?'],
    ['asked-for-person', 'i want to tlak to a human'],
    ['asked-for-person', 'speak to a persn'],
    ['asked-for-person', 'is there a real person I can talk to?'],
    ['asked-for-person', 'get me a human, now'],
    ['asked-for-person', "I'd rather deal with a real person"],
    ['asked-for-person', 'let me talk to your manager'],
    ['frustration', 'sois unos inútiles, esto es una vergüenza'],
    ['frustration', 'Estoy hartísima, llevo tres semanas esperando y nadie contesta, es indignante'],
    ['frustration', 'Genial, otra semana sin mi pedido. Muchas gracias por nada, sois un desastre'],
    ['frustration', 'This is the worst service ever, absolutely ridiculous, I am furious'],
    ['frustration', 'Oh great, another delay. Thanks for nothing, you are useless'],
    ['legal-or-compliance', 'Os voy a denunciar a consumo'],
    ['legal-or-compliance', 'mi abogada se pondrá en contacto con ustedes'],
    ['legal-or-compliance', 'voy a poner una reclamación en la OMIC y una denuncia'],
    ['legal-or-compliance', 'solicito la supresión de mis datos personales conforme al RGPD'],
    ['legal-or-compliance', 'quiero una copia de todos los datos que tenéis sobre mí'],
    ['legal-or-compliance', 'nos vemos en los tribunales'],
    ['legal-or-compliance', 'you will hear from my solicitor'],
    ['legal-or-compliance', "I'm going to sue you"],
    ['legal-or-compliance', 'please delete all my personal data'],
    ['urgency', 'es una emergencia, se ha caído un panel y hay un herido'],
    ['urgency', 'there has been an accident on site, this is an emergency'],
  ])('%s: %s', (reason, text) => {
    const { escalate, reasons, weights } = decide(text);
    expect({ escalate, reasons, weights }).toMatchObject({ escalate: true, reasons: expect.arrayContaining([reason]) });
  });
});

describe('stays with the bot', () => {
  it.each([
    'no quiero hablar con una persona',
    'No hace falta que me pases con nadie, gracias',
    'prefiero seguir contigo, no me pases con un agente',
    'sin personas por favor, solo quiero el precio',
    'no necesito ningún agente, solo el horario',
    "I don't want to talk to a person, just tell me the price",
    'no need to get a human involved',
    'please do not pass me to an agent',
    '¿cuántas personas hacen falta para montar un panel?',
    '¿el transporte lo descarga una persona o hace falta grúa?',
    '¿tenéis agente comercial en Canarias?',
    'how many people do I need to lift a panel?',
    'is this safe for a person to walk on?',
    '¿cuál es vuestra política de protección de datos?',
    'what is your privacy policy?',
    '¿hay que denunciar la rotura al transportista?',
    'mi jefe quiere saber el precio del panel de 50 mm',
    'my manager asked me for a quote',
    'qué barbaridad de precio, ¿no hay otro más barato?',
    'gracias, eres un fenómeno',
    'perfecto, justo lo que necesitaba',
    '¿me corre prisa o puedo pedirlo la semana que viene?',
    'necesito el pedido para el viernes',
    'the support for the beam is 40 mm wide',
    'el soporte del panel es de acero',
    '¿qué comercial vende lana de roca en Sevilla?',
    'perfecto, otra vez gracias por todo',
    'great, another question: do you deliver to Seville?',
  ])('%s', (text) => {
    const { escalate, weights } = decide(text);
    expect({ escalate, weights }).toMatchObject({ escalate: false });
  });
});

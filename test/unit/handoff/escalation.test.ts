import { describe, expect, it } from '@jest/globals';
import type { Conversation } from '../../../src/domain/conversation.js';
import type { Message } from '../../../src/domain/message.js';
import type { EscalationReason } from '../../../src/domain/ticket.js';
import type { Answer } from '../../../src/domain/turn.js';
import { NO_ENTITIES, type Understanding } from '../../../src/domain/understanding.js';
import { handoff } from '../../../src/handoff/index.js';
import { personRequestIn } from '../../../src/handoff/person-request.js';

const CALM: Understanding = {
  language: 'es',
  intent: null,
  entities: NO_ENTITIES,
  sentiment: { polarity: 0, frustrated: false, urgent: false },
  cannedReply: null,
};
const ANSWERED: Pick<Answer, 'outcome' | 'confidence'> = { outcome: 'answered', confidence: 0.9 };
const UNKNOWN: Pick<Answer, 'outcome' | 'confidence'> = { outcome: 'unknown', confidence: 0 };

const mood = (sentiment: Partial<Understanding['sentiment']>): Understanding => ({
  ...CALM,
  sentiment: { ...CALM.sentiment, ...sentiment },
});
const intent = (name: string, confidence = 0.9): Understanding => ({ ...CALM, intent: { name, confidence } });

const decide = (
  text: string,
  over: Partial<{ understanding: Understanding; failedAnswers: number; answer: Pick<Answer, 'outcome' | 'confidence'> | null }> = {},
) =>
  handoff.decide({
    text,
    understanding: over.understanding ?? CALM,
    conversation: { failedAnswers: over.failedAnswers ?? 0, channel: 'web' },
    at: new Date('2026-11-23T10:00:00Z'),
    answer: over.answer ?? ANSWERED,
  });

describe('asking for a person', () => {
  it.each([
    'quiero hablar con una persona',
    'Pásame con un agente, por favor',
    'No, quiero hablar con una persona',
    '¿no puedo hablar con un humano?',
    'necesito que me atienda alguien',
    'que me llame un técnico',
    'ponme con atención al cliente',
    'agente',
    'no quiero hablar con un robot',
    'no quiero hablar con un bot, quiero una persona',
    'quiero hablar con una persona y no con un bot',
    'quiero hablar con alguien que no sea un bot',
    "can't I talk to a real person?",
    "I don't want to talk to a machine",
    'thanks, a human should look at this: put me through to an agent',
    'transfer me to an operator',
    'human please',
    'get me your manager',
    'call me back',
  ])('%s', (text) => {
    expect(personRequestIn(text)).toBe('asked');
    expect(decide(text)).toEqual({ escalate: true, reasons: ['asked-for-person'], priority: 'normal' });
  });

  it.each([
    'no quiero hablar con una persona',
    '¿puedo hablar contigo sin agente?',
    'prefiero no hablar con un agente',
    "please don't transfer me to an agent",
    'can I solve this without talking to an agent?',
    '¿eres una persona?',
    'do I talk to a machine or a human?',
    'soy una persona mayor',
    '¿cuánto cuesta el panel?',
    'how do I make a bank transfer to a person in your office',
    '',
  ])('is not "%s"', (text) => {
    expect(personRequestIn(text)).not.toBe('asked');
    expect(decide(text).escalate).toBe(false);
  });

  it('is heard through the intent in words that no pattern knows, unless it is declined', () => {
    expect(decide('atención personalizada', { understanding: intent('talk_to_person') }).reasons).toEqual(['asked-for-person']);
    expect(decide('atención personalizada', { understanding: intent('talk_to_person', 0.5) }).escalate).toBe(false);
    expect(decide('no quiero hablar con una persona', { understanding: intent('talk_to_person') }).escalate).toBe(false);
  });
});

describe('other reasons', () => {
  it.each<[string, Parameters<typeof decide>, EscalationReason[]]>([
    ['a legal step', ['voy a hablarlo con mi abogado'], ['legal-or-compliance']],
    ['a legal step in English', ['I will take legal action'], ['legal-or-compliance']],
    ['a request about data', ['quiero que borréis mis datos'], ['legal-or-compliance']],
    ['strong frustration', ['x', { understanding: mood({ frustrated: true, polarity: -1 }) }], ['frustration']],
    [
      'frustration and no answer',
      ['x', { understanding: mood({ frustrated: true, polarity: -0.5 }), answer: UNKNOWN }],
      ['frustration', 'low-confidence'],
    ],
    ['an emergency', ['es una emergencia', { understanding: mood({ urgent: true }) }], ['urgency']],
    ['urgency and no answer', ['x', { understanding: mood({ urgent: true }), answer: UNKNOWN }], ['urgency', 'low-confidence']],
    ['the third failure', ['x', { failedAnswers: 2, answer: UNKNOWN }], ['repeated-failure', 'low-confidence']],
    ['a complaint without an answer', ['x', { understanding: intent('complaint'), answer: UNKNOWN }], ['low-confidence']],
    [
      'legal subject without an answer, urgent',
      ['¿qué dice el RGPD?', { understanding: mood({ urgent: true }), answer: UNKNOWN }],
      ['urgency', 'legal-or-compliance', 'low-confidence'],
    ],
  ])('%s', (_name, input, reasons) => {
    expect(decide(...input)).toMatchObject({ escalate: true, reasons });
  });

  it.each<[string, Parameters<typeof decide>]>([
    ['one answer not known', ['x', { answer: UNKNOWN }]],
    ['two answers not known', ['x', { failedAnswers: 1, answer: UNKNOWN }]],
    ['three failures before a good answer', ['x', { failedAnswers: 3, answer: ANSWERED }]],
    ['a question about data protection that is answered', ['¿cuánto guardáis mis datos según el RGPD?']],
    ['mild frustration that is answered', ['x', { understanding: mood({ frustrated: true, polarity: -0.5 }) }]],
    ['urgency that is answered', ['lo necesito urgente', { understanding: mood({ urgent: true }) }]],
    ['a low confidence alone', ['x', { answer: { outcome: 'answered', confidence: 0.1 } }]],
  ])('is not enough: %s', (_name, input) => {
    expect(decide(...input)).toEqual({ escalate: false, reasons: [], priority: 'normal' });
  });

  it('takes the highest priority of its reasons', () => {
    expect(decide('es una emergencia', { understanding: mood({ urgent: true, frustrated: true, polarity: -1 }) }).priority).toBe('urgent');
    expect(decide('mi abogado os escribirá').priority).toBe('high');
  });

  it('is quick on hostile text', () => {
    const started = performance.now();
    for (const piece of ['hablar con ', 'no quiero ', 'speak to a ', 'a b ', "don't ", 'que me ']) decide(piece.repeat(400));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

const CONVERSATION: Conversation = {
  ...{
    id: 'conv_1',
    channel: 'telegram',
    account: 'default',
    threadKey: '1',
    contactId: 'cont_1',
    userId: 'u',
    status: 'bot',
    language: 'es',
    sessionId: null,
  },
  ...{ threadId: 'thread_1', ticketId: null, failedAnswers: 0, messageCount: 1, lastOrder: 2, createdAt: new Date(0), lastMessageAt: null },
};

const said = (text: string, role: Message['role'] = 'user'): Message => ({
  ...{
    id: `msg_${text}`,
    conversationId: 'conv_1',
    threadId: 'thread_1',
    turnId: 't',
    order: 1,
    role,
    text,
    content: [],
    choices: [],
    attachments: [],
    sources: [],
  },
  ...{
    toolsUsed: [],
    intent: null,
    language: 'es',
    confidence: null,
    platformMessageId: null,
    editedAt: null,
    deletedAt: null,
    createdAt: new Date(0),
    processingTimeMs: null,
  },
});

describe('tickets', () => {
  const decision = { escalate: true, reasons: ['asked-for-person'], priority: 'normal' } as const;
  const build = (text: string, window: Message[] = []) =>
    handoff.buildTicket({
      turnId: 'turn_1',
      conversation: CONVERSATION,
      threadId: 'thread_1',
      decision,
      language: 'es',
      text,
      recollection: { window, facts: [], summary: null },
      at: new Date(5),
    });

  it('derive their id from the turn', () => {
    expect(handoff.ticketIdFor('turn_1')).toMatch(/^T-[0-9A-HJKMNP-TV-Z]{8}$/);
    expect(handoff.ticketIdFor('turn_1')).toBe(build('hola').id);
    expect(new Set(Array.from({ length: 2000 }, (_, turn) => handoff.ticketIdFor(`turn_${turn}`))).size).toBe(2000);
  });

  it('carry what a person needs to take the case', () => {
    expect(build('quiero hablar con alguien')).toMatchObject({
      conversationId: 'conv_1',
      contactId: 'cont_1',
      threadId: 'thread_1',
      channel: 'telegram',
      status: 'new',
      priority: 'normal',
      reasons: ['asked-for-person'],
      language: 'es',
      createdAt: new Date(5),
    });
  });

  it('say in the summary what the customer was after before asking for a person', () => {
    const window = [
      said('hola'),
      said('los paneles llegaron rotos'),
      said('Lo siento, no lo sé.', 'assistant'),
      said('pásame con un agente'),
    ];
    expect(build('quiero hablar con una persona', window).summary).toBe('los paneles llegaron rotos / quiero hablar con una persona');
    expect(build('x'.repeat(500)).summary.length).toBeLessThanOrEqual(280);
    expect(build('').summary).toBe('');
  });
});

describe('what the customer is told', () => {
  it.each(['es', 'en'] as const)('holds the ticket in %s for every reason', (language) => {
    const reasons: EscalationReason[] = [
      'asked-for-person',
      'legal-or-compliance',
      'frustration',
      'urgency',
      'repeated-failure',
      'low-confidence',
      'failed-turn',
      'stale-reply',
    ];
    for (const reason of reasons) {
      const text = handoff.announcement({ id: 'T-4K7M9Q2X', priority: 'normal', reasons: [reason], team: null }, language, new Date());
      expect(text).toContain('T-4K7M9Q2X');
      expect(text).toMatch(language === 'es' ? /persona/ : /person/);
      expect(text).not.toContain('undefined');
    }
  });
});

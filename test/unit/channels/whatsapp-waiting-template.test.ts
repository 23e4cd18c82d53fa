/** Which template asks a customer to write, of those that the operator has. */
import { describe, expect, it } from '@jest/globals';
import { waitingTemplateOf } from '../../../channels/whatsapp-cloud/waiting-template.js';

const templates = [
  { name: 'order_ready', language: 'fr', parameters: 0 },
  { name: 'reply_waiting', language: 'fr', parameters: 1 },
  { name: 'reply_waiting', language: 'es_MX', parameters: 0 },
  { name: 'reply_waiting', language: 'en_US', parameters: 0 },
];

describe('waitingTemplateOf', () => {
  it.each([
    ['es', 'es_MX'],
    ['en', 'en_US'],
    ['pt-BR', 'es_MX'],
    ['fr', 'es_MX'], // there nothing could fill the placeholder
  ])('for %s is the one in %s', (language, expected) => {
    expect(waitingTemplateOf(templates, language)).toMatchObject({
      kind: 'template',
      name: 'reply_waiting',
      language: expected,
      parameters: [],
    });
  });

  it('says what it asks', () => {
    expect(waitingTemplateOf(templates, 'es')?.markdown).toContain('Tenemos una respuesta');
    expect(waitingTemplateOf(templates, 'en')?.markdown).toContain('We have an answer');
  });

  it('is none where none is configured', () => {
    expect(waitingTemplateOf(templates.slice(0, 2), 'es')).toBeNull();
  });
});

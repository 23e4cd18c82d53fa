/** A reply on another channel than that on which it was asked for says so, once, and is fitted to where it goes. */
import { describe, expect, it } from '@jest/globals';
import { capabilities as slack } from '../../../channels/slack/capabilities.js';
import { capabilities as telegram } from '../../../channels/telegram/capabilities.js';
import type { OutboundContent } from '../../../src/domain/content.js';
import { fitElsewhere } from '../../../src/pipeline/fit-elsewhere.js';

const ASKED = { channel: 'whatsapp', language: 'es', first: true };
const OPENING = 'Nos preguntaste por WhatsApp, donde ya no podemos contestarte. Esta es la respuesta:';
const text: OutboundContent = { kind: 'text', markdown: '14 días.' };

describe('fitElsewhere', () => {
  it('says first where it was asked, in the language of the conversation', () => {
    expect(fitElsewhere(text, ASKED, telegram)).toEqual([{ kind: 'text', markdown: `${OPENING}\n\n14 días.` }]);
    expect(fitElsewhere(text, { ...ASKED, language: 'en' }, telegram)).toEqual([
      { kind: 'text', markdown: 'You asked us on WhatsApp, where we can no longer reply. Here is the answer:\n\n14 días.' },
    ]);
    expect(fitElsewhere(text, { ...ASKED, language: null, channel: 'line' }, telegram)[0]).toMatchObject({
      markdown: expect.stringContaining('por line,'),
    });
  });

  it('does not say it again with the other contents of the same message', () => {
    expect(fitElsewhere(text, { ...ASKED, first: false }, telegram)).toEqual([text]);
  });

  it('keeps buttons, and stands before what is no text', () => {
    const choices: OutboundContent = { kind: 'choices', markdown: '¿Cuál?', choices: [{ id: 'a', label: 'A' }] };
    expect(fitElsewhere(choices, ASKED, slack)).toEqual([{ ...choices, markdown: `${OPENING}\n\n¿Cuál?` }]);
    const file = { id: 'att_1', filename: 'plano.pdf', contentType: 'application/pdf', sizeBytes: 10 };
    expect(fitElsewhere({ kind: 'file', file, caption: '' }, ASKED, telegram)).toEqual([
      { kind: 'text', markdown: OPENING },
      { kind: 'file', file, caption: '' },
    ]);
  });

  it('becomes as many messages as the other channel needs', () => {
    const long: OutboundContent = { kind: 'text', markdown: 'palabra '.repeat(1000).trim() };
    const parts = fitElsewhere(long, ASKED, telegram);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.map((part) => ('markdown' in part ? part.markdown.length : 0)).every((length) => length <= telegram.maxTextChars)).toBe(
      true,
    );
  });
});

/** An agent's reply as a turn of the customer's conversation: what each channel is handed, and what is said of who wrote it. */
import { describe, expect, it } from '@jest/globals';
import { capabilities } from '../../../channels/web/capabilities.js';
import { deskRecord, type DeskInput } from '../../../src/pipeline/desk-turn.js';
import { AT, conversation, inboundMessage } from '../../fixtures/turns.js';

function reply(author: string | null): DeskInput {
  const { channel, account, threadKey, sender, sentAt } = inboundMessage();
  const file = { id: 'att_1', filename: 'plano.pdf', contentType: 'application/pdf', sizeBytes: 10 };
  return {
    inboxId: 'evt_1',
    event: {
      ...{ kind: 'desk', channel, account, threadKey, sender, sentAt, eventId: 'case:7', ticketId: 'T-1', seq: 7, author },
      change: { kind: 'replied', markdown: 'Hola', files: [file], sendAt: AT },
    },
    conversation: conversation({ ticketId: 'T-1', status: 'human' }),
    receivedAt: AT,
    order: 64,
    attempt: 1,
  };
}

describe('an agent’s reply', () => {
  it('names the agent before the text and beside it, for channels that show names, and sends the files behind it', () => {
    const { messages, outbox } = deskRecord(reply('Marta'), capabilities, AT).effects;
    expect(messages).toMatchObject([
      { role: 'agent', author: 'Marta', text: 'Hola', attachments: [{ id: 'att_1', filename: 'plano.pdf' }] },
    ]);
    expect(outbox.map(({ content }) => content)).toMatchObject([
      { kind: 'text', markdown: '**Marta:** Hola' },
      { kind: 'file', file: { id: 'att_1' }, caption: '' },
    ]);
    expect(outbox[0]?.answer).toEqual({
      role: 'agent',
      confidence: null,
      escalation: null,
      author: 'Marta',
      reply: { ticketId: 'T-1', seq: 7 },
    });
  });

  it('names nobody where no name is to be shown', () => {
    const { messages, outbox } = deskRecord(reply(null), capabilities, AT).effects;
    expect(messages[0]).not.toHaveProperty('author');
    expect(outbox[0]?.content).toEqual({ kind: 'text', markdown: 'Hola' });
    expect(outbox[0]?.answer).not.toHaveProperty('author');
  });
});

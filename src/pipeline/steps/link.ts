/** Makes one person of two identities, or two again: `/link` gives a code, `/link <code>` on another channel uses it, `/unlink` undoes it. */
import type { ContactLinks, LinkParty, LinkResult } from '../../domain/contact.js';
import { contactIdOf } from '../../domain/ids.js';
import type { Step } from '../compose.js';
import { TEXTS } from '../texts.js';
import type { Turn } from '../turn.js';

export function linkStep(links: Pick<ContactLinks, 'issueCode' | 'redeem' | 'unlink'>): Step {
  return {
    name: 'link',
    async run(turn) {
      if (turn.command !== 'link' && turn.command !== 'unlink') return undefined;
      const { markdown, note } = await answerTo(links, turn);
      turn.answer = { markdown, sources: [], choices: [], confidence: 1, outcome: 'answered' };
      return note;
    },
  };
}

async function answerTo(
  links: Pick<ContactLinks, 'issueCode' | 'redeem' | 'unlink'>,
  turn: Turn,
): Promise<{ markdown: string; note: string }> {
  const texts = TEXTS[turn.language];
  // In a group anybody could read the code.
  if (turn.input.event.scope === 'group') return { markdown: texts.linkInPrivate, note: 'in a group' };
  const party = partyOf(turn);
  if (turn.command === 'unlink') {
    const takenOut = await links.unlink(party);
    if (takenOut > 0) turn.change = { ...turn.change, contactId: contactIdOf(party), linked: false };
    return { markdown: takenOut === 0 ? texts.notLinked : texts.unlinked, note: `${takenOut} identities taken out` };
  }
  if (turn.commandArgs.trim() === '') return { markdown: texts.linkCode(await links.issueCode(party)), note: 'code issued' };
  const result = await links.redeem(turn.commandArgs, party, turn.id);
  if (result.outcome === 'linked') turn.change = { ...turn.change, contactId: result.contactId, linked: true };
  return { markdown: textFor(turn, result), note: result.outcome };
}

function textFor(turn: Turn, result: LinkResult): string {
  const texts = TEXTS[turn.language];
  switch (result.outcome) {
    case 'linked':
      return texts.linked(result.otherChannel);
    case 'same-contact':
      return texts.linkedAlready;
    case 'same-channel':
      return texts.linkElsewhere;
    case 'unknown-code':
      return texts.linkCodeUnknown;
  }
}

function partyOf({ input: { conversation }, threadId, session }: Turn): LinkParty {
  const { id: conversationId, channel, account, userId, contactId } = conversation;
  return { conversationId, channel, account, userId, contactId, threadId, verified: session?.userVerified === true };
}

/** Takes in what Slack tells of the desk: decoded, checked against who is in the desk's channel, with the person's name; and has forms opened. */
import type { DeskRequest } from '../../../src/domain/desk.js';
import { deskWords } from '../../shared/desk-words.js';
import { answered, decoded, type Decoded } from '../decode.js';
import { decodeEvents } from '../decode-event.js';
import { decodeInteraction } from '../decode-interaction.js';
import type { SlackDeskSettings } from './config.js';
import { deskEvent, deskInteraction, type Asked, type DeskMatter, type Via, type Who } from './decode.js';
import { fieldError, formView, refusalView, type Forms } from './forms.js';
import type { Staff } from './staff.js';

export interface DeskDoor {
  /** Null, at once: it is no matter of the desk. */
  event(payload: unknown): Promise<Decoded> | null;
  interaction(payload: unknown): Promise<Decoded> | null;
}

/** What Slack's requests hold, with a desk or without. At once where it is a customer's: their order stays. Null when it is nothing that Slack sends. */
export const anyEvent = (payload: unknown, desk: DeskDoor | undefined): Promise<Decoded> | Decoded | null =>
  desk?.event(payload) ?? decodeEvents(payload);
export const anyInteraction = (payload: unknown, desk: DeskDoor | undefined): Promise<Decoded> | Decoded | null =>
  desk?.interaction(payload) ?? decodeInteraction(payload);

export interface DoorDeps {
  readonly staff: Staff;
  readonly forms: Forms;
}

export function createDeskDoor({ channel, language }: SlackDeskSettings, { staff, forms }: DoorDeps): DeskDoor {
  const words = deskWords(language);

  const take = async (matter: DeskMatter): Promise<Decoded> => {
    if (matter.kind === 'ignored') return nothing(matter.reason);
    if (matter.kind === 'members-changed') {
      staff.forgetMembers();
      return nothing('who is in the channel of the desk has changed');
    }
    if (matter.kind === 'unfilled') return answered(fieldError(matter.field, words.form.empty));
    const refusal = await refusalOf(matter.who, matter.via);
    if (refusal !== null) return refused(matter.who, matter.via, refusal);
    switch (matter.kind) {
      case 'ask':
        return requestOf(matter.who, matter.asked);
      case 'form': {
        const { who, via, form, ticketId, prefilled } = matter;
        const context = { ticket: ticketId, channel: who.channel, thread: who.thread, at: Date.now() };
        forms.open({ triggerId: via.trigger, view: formView(form, context, words, prefilled), userId: who.userId, at: who });
        return NOTHING;
      }
      case 'assign': {
        const to = await staff.assignable(matter.person);
        if (to === null) return answered(fieldError('person', words.form.notMember));
        return requestOf(matter.who, {
          actionId: matter.actionId,
          about: { ticketId: matter.ticketId },
          ask: { kind: 'assign', to },
        });
      }
    }
  };

  const refusalOf = async ({ userId, foreign }: Who, via: Via): Promise<string | null> => {
    if (foreign) return words.refused.notMember;
    if (via.kind === 'thread') return null;
    const member = await staff.isMember(userId);
    if (member === null) return words.refused.notChecked;
    return member ? null : words.refused.notMember;
  };

  const refused = ({ userId }: Who, via: Via, refusal: string): Decoded => {
    if (via.kind === 'form') return answered(fieldError(via.field, refusal));
    // A message in the channel would not reach them; a window does.
    if (via.kind === 'press') forms.open({ triggerId: via.trigger, view: refusalView(refusal, words), userId, at: null });
    return nothing('somebody who is not of the desk');
  };

  const requestOf = async ({ userId, channel: at, thread }: Who, asked: Asked): Promise<Decoded> => {
    const agent = await staff.agent(userId);
    const answerTo: DeskRequest['answerTo'] = { channel: at, user: userId, ...(thread === null ? {} : { thread }) };
    return { ...NOTHING, desk: [{ ...asked, agent, answerTo }] };
  };

  const taken = (matter: DeskMatter | null): Promise<Decoded> | null => (matter === null ? null : take(matter));
  return {
    event: (payload) => taken(deskEvent(payload, channel)),
    interaction: (payload) => taken(deskInteraction(payload, channel)),
  };
}

const NOTHING: Decoded = { events: [], ignored: [], answer: null, homeOpenedBy: null };
const nothing = (reason: string): Decoded => decoded({ ignoredBecause: reason }, null, null);

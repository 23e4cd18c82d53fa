/** The desk's settings, and the names by which its messages, buttons and forms are told from all others on Slack. */
import type { Language } from '../../../src/domain/understanding.js';

export interface SlackDeskSettings {
  /** The channel of the cases, by its id: `C…`. */
  readonly channel: string;
  readonly language: Language;
}

/** As `Actor.desk` and the ids of agents name it. */
export const DESK = 'slack';

/** Of buttons (`action_id`) and forms (`callback_id`). */
export const ACTION_PREFIX = 'desk:';

/** Type of the metadata of the desk's messages; only its app is shown it. */
export const DESK_EVENT_TYPE = 'parley_desk';

export const isDeskAction = (actionId: string | undefined): boolean => actionId?.startsWith(ACTION_PREFIX) === true;

/** A case's place: the channel and the time of its card, under which its thread is. */
export const placeOf = (channel: string, cardTs: string): string => `${channel}:${cardTs}`;

/** Null: it is no place of this desk. */
export function cardOf(place: string | null): { readonly channel: string; readonly ts: string } | null {
  const [channel, ts] = /^([A-Z][A-Z0-9]+):(\d+\.\d+)$/.exec(place ?? '')?.slice(1) ?? [];
  return channel === undefined || ts === undefined ? null : { channel, ts };
}

export const agentIdOf = (userId: string): string => `${DESK}:${userId}`;
/** Null for people of other desks. */
export const userIdOf = (agentId: string): string | null => /^slack:([UW][A-Z0-9]+)$/.exec(agentId)?.[1] ?? null;

/** The variables of the desk: how staff see cases, and how customers see staff. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { DEFAULT_DESK_SETTINGS, type DeskSettings } from '../domain/desk-settings.js';
import { readDeskFile } from './desk-file.js';

export const deskVariables = {
  DESK_LANGUAGE: z.enum(['es', 'en']).default('es'),
  DESK_TEXT: z.enum(['internal', 'customer']).default('internal'),
  DESK_UNDO_SECONDS: z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.number().min(0).max(60)).default(5),
  DESK_AGENT_NAMES: z.enum(['first', 'full', 'none']).default('first'),
  DESK_FILE: z.string().trim().min(1).optional(),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be a web address' })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
};

export interface DeskConfig {
  readonly language: 'es' | 'en';
  /** What is typed in a case's thread: internal unless it begins with `/r `, or for the customer unless it begins with `//`. */
  readonly typedText: 'internal' | 'customer';
  /** For how long a reply can be taken back. */
  readonly undoMs: number;
  /** What of an agent's name customers see. */
  readonly agentNames: 'first' | 'full' | 'none';
  /** Where people reach the service, without a slash at the end, for links; null: not known. */
  readonly publicUrl: string | null;
  /** Teams, hours, service levels, agents: of DESK_FILE, or one team that is always there. */
  readonly settings: DeskSettings;
}

/** Throws ConfigurationError where DESK_FILE cannot be read or is wrong. */
export function deskConfig(env: z.infer<z.ZodObject<typeof deskVariables>>): DeskConfig {
  return {
    language: env.DESK_LANGUAGE,
    typedText: env.DESK_TEXT,
    undoMs: env.DESK_UNDO_SECONDS * 1000,
    agentNames: env.DESK_AGENT_NAMES,
    publicUrl: env.PUBLIC_URL ?? null,
    settings: env.DESK_FILE === undefined ? DEFAULT_DESK_SETTINGS : readDeskFile(resolve(env.DESK_FILE)),
  };
}

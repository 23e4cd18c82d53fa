/** The recorded requests of Slack, and how each of them is decoded and signed: for the tests of decoding, and for the fuzz over them. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Decoded } from '../../../channels/slack/decode.js';
import { decodeEvents } from '../../../channels/slack/decode-event.js';
import { decodeCommand, decodeInteraction } from '../../../channels/slack/decode-interaction.js';
import type { ChannelRequest } from '../../../src/domain/channel.js';
import { commandRequest, eventRequest, interactionRequest, type Path } from './workspace.js';

const FOLDER = new URL('../../fixtures/slack/', import.meta.url);

export interface Recorded {
  readonly path: Path;
  /** The JSON of events and interactions, the fields of a command. */
  readonly payload: unknown;
}

export const recordedNames: readonly string[] = readdirSync(FOLDER)
  .filter((file) => !file.endsWith('.expected.json'))
  .map((file) => file.replace('.json', ''));

export const recorded = (name: string): Recorded => read(`${name}.json`) as Recorded;
export const expected = (name: string): unknown => read(`${name}.expected.json`);
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'));

export function decodeRecorded({ path, payload }: Recorded): Decoded | null {
  if (path === '/events') return decodeEvents(payload);
  return path === '/interactions' ? decodeInteraction(payload) : decodeCommand(Object(payload) as Record<string, unknown>);
}

export function requestOf({ path, payload }: Recorded): ChannelRequest {
  if (path === '/events') return eventRequest(Object(payload) as object);
  return path === '/interactions'
    ? interactionRequest(Object(payload) as object)
    : commandRequest(Object(payload) as Record<string, string>);
}

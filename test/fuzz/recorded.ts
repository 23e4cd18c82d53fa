/** Recorded payloads of a channel, and what the fuzz over them needs of it. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Channel, ChannelRequest } from '../../src/domain/channel.js';

export interface FuzzTarget {
  readonly channel: Pick<Channel, 'name' | 'account'> & Required<Pick<Channel, 'receive'>>;
  readonly payloads: readonly RecordedPayload[];
  close(): Promise<void>;
}

export interface RecordedPayload {
  readonly name: string;
  readonly payload: unknown;
  /** Signed as the platform would sign it. */
  readonly request: (payload: unknown) => ChannelRequest;
}

export const bodyOf = (payload: unknown) => Buffer.from(JSON.stringify(payload) ?? 'null');

export function fixturesIn(folder: string): { readonly name: string; readonly payload: unknown }[] {
  const url = new URL(`../fixtures/${folder}/`, import.meta.url);
  return readdirSync(url)
    .filter((file) => file.endsWith('.json') && !file.endsWith('.expected.json'))
    .map((file) => ({ name: file.replace('.json', ''), payload: JSON.parse(readFileSync(new URL(file, url), 'utf8')) as unknown }));
}

export const recordedIn = (folder: string, request: (body: Buffer) => ChannelRequest): RecordedPayload[] =>
  fixturesIn(folder).map((fixture) => ({ ...fixture, request: (payload) => request(bodyOf(payload)) }));

/** A channel with a webhook. */
export function receiving(channel: Channel): FuzzTarget['channel'] {
  const { name, account } = channel;
  return {
    name,
    account,
    receive: (request) => channel.receive?.(request) ?? Promise.reject(new Error(`${name} has no webhook`)),
  };
}

/**
 * Fetches a web page or file to load into the knowledge. Only http and https, within limits of size and time, and never from a private address unless
 * that is allowed: the address that is checked is the one that is connected to, at every redirect.
 */
import { lookup } from 'node:dns';
import { get as httpGet, type IncomingMessage, type RequestOptions } from 'node:http';
import { get as httpsGet } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';

export interface FetchedPage {
  /** After redirects. */
  readonly url: string;
  readonly bytes: Buffer;
}

export interface FetchLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** Loopback, private and link-local addresses may be fetched. */
  readonly allowPrivate: boolean;
}

/** The page cannot be fetched; the message says why. */
export class FetchError extends Error {
  override readonly name = 'FetchError';
}

const MAX_REDIRECTS = 5;

/** Addresses that are not on the public internet (RFC 6890 and its successors). */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['100::', 64],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv6');
}

/** IPv4 addresses written as IPv6 (`::ffff:10.0.0.1`) are checked as what they are. */
export function isPrivateAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return PRIVATE.check(mapped, 'ipv4');
  if (/^::ffff:/i.test(address)) return true;
  return PRIVATE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Throws FetchError. */
export async function fetchPage(url: string, limits: FetchLimits): Promise<FetchedPage> {
  const deadline = AbortSignal.timeout(limits.timeoutMs);
  let current = parseUrl(url);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await request(current, limits, deadline);
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (status >= 300 && status < 400 && location !== undefined) {
      response.destroy();
      current = parseUrl(new URL(location, current).href);
    } else if (status === 200) {
      return { url: current.href, bytes: await readBody(response, limits) };
    } else {
      response.destroy();
      throw new FetchError(`${current.host} answered ${status}: check the address.`);
    }
  }
  throw new FetchError(`${current.host} redirects more than ${MAX_REDIRECTS} times.`);
}

function parseUrl(text: string): URL {
  const url = URL.parse?.(text) ?? (URL.canParse(text) ? new URL(text) : null);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) throw new FetchError('The address must start with http:// or https://.');
  if (url.username !== '' || url.password !== '') throw new FetchError('The address must not hold a user name or password.');
  return url;
}

function request(url: URL, limits: FetchLimits, signal: AbortSignal): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !limits.allowPrivate && isPrivateAddress(host)) return Promise.reject(privateAddress(host));
  const options: RequestOptions = {
    signal,
    headers: { accept: 'text/html,*/*;q=0.8', 'accept-encoding': 'identity', 'user-agent': 'Parley' },
    ...(limits.allowPrivate ? {} : { lookup: lookupPublic }),
  };
  return new Promise((resolve, reject) => {
    const get = url.protocol === 'https:' ? httpsGet : httpGet;
    get(url, options, resolve).on('error', (error) => reject(error instanceof FetchError ? error : failure(url, error)));
  });
}

/** Resolves a name as the connection would, and refuses it when any of its addresses is private. */
const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    const hidden = addresses?.find(({ address }) => isPrivateAddress(address));
    if (error !== null || first === undefined) callback(error ?? new FetchError(`${hostname} has no address.`), '');
    else if (hidden !== undefined) callback(privateAddress(hostname), '');
    else if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

const privateAddress = (host: string) =>
  new FetchError(`${host} is a private address: allow it explicitly (--allow-private) if that is meant.`);

function failure(url: URL, error: Error): FetchError {
  const reason = error.name === 'AbortError' || error.name === 'TimeoutError' ? 'took too long to answer' : 'cannot be reached';
  return new FetchError(`${url.host} ${reason}.`, { cause: error });
}

async function readBody(response: IncomingMessage, limits: FetchLimits): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limits.maxBytes) throw new FetchError(`The page is larger than ${Math.floor(limits.maxBytes / 1024 / 1024)} MB.`);
      chunks.push(chunk);
    }
  } catch (thrown) {
    if (thrown instanceof FetchError) throw thrown;
    throw new FetchError('The connection broke while the page was read.', { cause: thrown });
  }
  return Buffer.concat(chunks);
}

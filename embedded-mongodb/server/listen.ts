// Where the engine listens: on a Unix socket in its data folder, which nobody but the user it runs as may use, and which costs both sides less than TCP;
// or on a port of 127.0.0.1, where one is asked for or the system has no such sockets.
import { chmodSync, rmSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { join, resolve } from 'node:path';

/** The driver knows a socket by this ending. */
const SOCKET_FILE = 'engine.sock';
/** The longest path of a socket in bytes: macOS has 104 with the one that ends it, Linux 108. */
const MAX_SOCKET_BYTES = 103;

/** Listens, on a socket of a `folder` that this process has locked where there is no `port`, and gives the connection string. Errors: of listening on a port. */
export async function listen(server: Server, folder: string, port: number | undefined): Promise<string> {
  const socket = join(resolve(folder), SOCKET_FILE);
  if (port === undefined && (await onSocket(server, socket))) return uriOf(encodeURIComponent(socket));
  await listening(server, { port: port ?? 0, host: '127.0.0.1' });
  return uriOf(`127.0.0.1:${(server.address() as AddressInfo).port}`);
}

/** False where there can be no such socket. */
async function onSocket(server: Server, socket: string): Promise<boolean> {
  if (process.platform === 'win32' || Buffer.byteLength(socket) > MAX_SOCKET_BYTES) return false;
  rmSync(socket, { force: true }); // of a process that was killed
  try {
    await listening(server, { path: socket });
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    return false;
  }
  chmodSync(socket, 0o600);
  return true;
}

function uriOf(host: string): string {
  return `mongodb://${host}/?directConnection=true`;
}

function listening(server: Server, where: { readonly path: string } | { readonly port: number; readonly host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** What file systems without sockets say, such as some that are mounted into a container. */
const UNSUPPORTED: readonly unknown[] = ['ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EACCES', 'EINVAL', 'ENOSYS'];

function isUnsupported(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && UNSUPPORTED.includes(error.code);
}

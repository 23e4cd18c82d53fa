// A bare connection to a server from its connection string, which names a Unix socket or a host and port.
import { createConnection, type Socket } from 'node:net';

export function openSocket(uri: string): Promise<Socket> {
  const { hostname, port } = new URL(uri);
  const where = port === '' ? { path: decodeURIComponent(hostname) } : { host: hostname, port: Number(port) };
  return new Promise((resolve, reject) => {
    const socket = createConnection(where, () => resolve(socket));
    socket.once('error', reject);
  });
}

/**
 * The driver's connection, mended: `Connection.writeCommand` of mongodb 7.8 and 7.9 waits for "drain" where a write returns false, and is not told when
 * the connection closes. A destroyed socket returns false and never drains, so that an operation which meets a server's end at that moment would never
 * end itself, and with it whatever waits for it: a request, a lane, every later write of a batcher.
 */
import { type Socket } from 'node:net';
import { type MongoClientOptions } from 'mongodb';
import { Connection } from 'mongodb/lib/cmap/connection.js';

class ClosingConnection extends Connection {
  constructor(socket: Socket, options: object) {
    super(socket, options);
    // Whoever waited goes on, and finds the connection closed.
    const release = () => void socket.emit('drain');
    this.once('close', release);
    socket.on('newListener', (event) => {
      if (event === 'drain' && socket.destroyed) process.nextTick(release);
    });
  }
}

/** For whoever opens a client: the option with which the driver itself chooses between its kinds of connections. It is not in its types. */
export const CLOSING_CONNECTIONS = { connectionType: ClosingConnection } as MongoClientOptions;

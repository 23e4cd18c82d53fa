/** The class of the driver's connections, which it has a place for another one of but does not export. */
declare module 'mongodb/lib/cmap/connection.js' {
  import { type EventEmitter } from 'node:events';
  import { type Socket } from 'node:net';

  export const Connection: new (socket: Socket, options: object) => EventEmitter;
}

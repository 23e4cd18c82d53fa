/** Runs the emulator as a process of its own and prints its address as one line of JSON. */
import type { AddressInfo } from 'node:net';
import { createEmulatorApp, EmulatedTelegram } from './emulator.js';

const server = createEmulatorApp(new EmulatedTelegram()).listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }));
});
process.stdin.on('end', () => process.exit(0)).resume(); // ends with the process that started it

// Stand-alone runner: `node dist/embedded-mongodb/main.js --path ./data [--port 27017] [--ttl-sweep-ms 60000]` serves a data folder to any MongoDB
// client.
import { parseArgs } from 'node:util';
import { startEmbeddedMongo } from './index.js';

const { values } = parseArgs({
  options: { path: { type: 'string' }, port: { type: 'string', default: '0' }, 'ttl-sweep-ms': { type: 'string', default: '60000' } },
});
const isNumber = /^\d+$/;

if (values.path === undefined || !isNumber.test(values.port) || !isNumber.test(values['ttl-sweep-ms'])) {
  console.error('Usage: node dist/embedded-mongodb/main.js --path <folder> [--port <number>] [--ttl-sweep-ms <number>]');
  process.exit(1);
}

try {
  const server = await startEmbeddedMongo({ path: values.path, port: Number(values.port), ttlSweepMs: Number(values['ttl-sweep-ms']) });
  console.log(server.uri);
  const stop = (): void => void server.stop().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

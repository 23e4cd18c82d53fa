/** `npm run simulate -- telegram|slack|teams|whatsapp|whatsapp-web|web`: talk to the bot as that platform's customer, in the terminal. */
import { createInterface } from 'node:readline';
import { asError } from '../../src/domain/errors.js';
import { PLATFORMS } from './platforms.js';
import { simulate } from './simulate.js';

const [name = ''] = process.argv.slice(2);
if (!Object.hasOwn(PLATFORMS, name)) {
  console.error(`Say which platform: npm run simulate -- ${Object.keys(PLATFORMS).join('|')}`);
  process.exit(2);
}
console.log(`Starting the service with the sample knowledge, and ${name} as an emulator…`);
const simulation = await simulate([name]);
console.log('Write as a customer would. A number presses the button of that number; an empty line ends it.\n');

const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: `${name}> `, terminal: process.stdin.isTTY });
lines.prompt();
for await (const line of lines) {
  if (line.trim() === '') break;
  try {
    console.log(`\n${await simulation.ask(name, line)}\n`);
  } catch (thrown) {
    console.error(asError(thrown).message);
  }
  lines.prompt();
}
await simulation.close();
process.exit();

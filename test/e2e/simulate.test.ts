/** What `npm run simulate` shows: the sample's answers through the real adapters of all platforms at once, with nothing configured but emulators. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { canShowPage } from '../fakes/whatsapp-web/web-page.js';
import { copySampleData } from '../fakes/sample-data.js';
import { PLATFORMS } from '../simulate/platforms.js';
import { simulate, type Simulation } from '../simulate/simulate.js';

// Without Chromium or openssl all but WhatsApp Web.
const names = Object.keys(PLATFORMS).filter((name) => name !== 'whatsapp-web' || canShowPage());
let simulation: Simulation;
beforeAll(async () => {
  simulation = await simulate(names, copySampleData);
}, 120_000);
afterAll(() => simulation.close());

it.each(names)(
  '%s: a question, its answer, a person',
  async (name) => {
    expect(await simulation.ask(name, '¿Cuántos días tengo para devolver un pedido?')).toMatch(/\d+ días/);
    expect(await simulation.ask(name, 'quiero hablar con una persona')).toMatch(/T-[0-9A-Z]{8}/);
  },
  120_000,
);

/** Questions whose answers differ and do not depend on what was asked before, with the answer to each as every platform shows it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import { ROOT_FOLDER } from '../../src/root-folder.js';
import { type FakePlatform } from './platform.js';

/** Prices of the sample's PIR panels, by their full names. */
export async function questionsOfSample(): Promise<string[]> {
  const catalogue = await readFile(join(ROOT_FOLDER, 'sample/catalogue.csv'), 'utf8');
  const products = parse<{ sku: string; name_es: string }>(catalogue, { columns: true });
  return products.filter(({ sku }) => /^PIR-(ALU|VEL|BIT|MH)/.test(sku)).map(({ name_es: name }) => `¿Cuánto cuesta el ${name}?`);
}

const ANSWERED_WITHIN_MS = 60_000;

/** The replies on one platform, question by question, each asked in a conversation of its own while nothing misbehaves. */
export async function learnReplies(platform: FakePlatform, questions: readonly string[]): Promise<string[]> {
  const replies = await Promise.all(
    questions.map(async (question) => {
      const customer = await platform.newCustomer(() => 1);
      await customer.deliver(0, question);
      for (const began = performance.now(); customer.shown().length === 0; await sleep(10)) {
        if (performance.now() - began > ANSWERED_WITHIN_MS) throw new Error(`${platform.channel}: "${question}" was not answered`);
      }
      return customer.shown()[0] ?? '';
    }),
  );
  if (new Set(replies).size < questions.length) throw new Error(`${platform.channel}: two questions have the same answer`);
  return replies;
}

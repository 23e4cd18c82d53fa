/**
 * A data folder as a first start leaves it, with the sample knowledge loaded: made once by the real service, and copied for each test that is not about how
 * the sample gets there, because loading it takes longer than most of what is tested.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT, startServiceProcess } from './service-process.js';

const KEPT = join(PROJECT, 'node_modules/.cache/sample-data');
/** What the folder is made by and from. */
const MADE_FROM = ['src', 'embedded-mongodb', 'sample'];
const MAKING = 'making-';

/** Fills an empty folder, or one that is not there yet, for a service that gets it as its DATA_DIR. */
export async function copySampleData(folder: string): Promise<void> {
  await cp(await sampleData(), folder, { recursive: true });
}

async function sampleData(): Promise<string> {
  const folder = join(KEPT, version());
  if (existsSync(folder)) return folder;
  await mkdir(KEPT, { recursive: true });
  const outdated = (await readdir(KEPT)).filter((name) => !name.startsWith(MAKING));
  const making = await mkdtemp(join(KEPT, MAKING));
  try {
    const service = await startServiceProcess({ DATA_DIR: making });
    const code = await service.stop();
    if (code !== 0) throw new Error(`the service that loads the sample ended with code ${code}: ${service.output().stderr}`);
    await rename(making, folder).catch((thrown: unknown) => {
      if (!existsSync(folder)) throw thrown; // or else another test file was faster
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  for (const name of outdated) await rm(join(KEPT, name), { recursive: true, force: true });
  return folder;
}

/** Another one after every change of what the folder is made from. */
function version(): string {
  const files = MADE_FROM.flatMap((name) =>
    readdirSync(join(PROJECT, name), { recursive: true, encoding: 'utf8' }).map((file) => join(PROJECT, name, file)),
  );
  return `${files.length}-${Math.trunc(Math.max(...files.map((file) => statSync(file).mtimeMs)))}`;
}

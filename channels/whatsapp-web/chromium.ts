/** The browser program: whether it is there, and which one it is. */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { promisify } from 'node:util';
import { ConfigurationError } from '../../src/domain/errors.js';
import type { WhatsAppWebSettings } from './config.js';

const VERSION_TIMEOUT_MS = 10_000;

export const HOW_TO_INSTALL = 'Install it (Debian: apt-get install chromium) and set CHROMIUM_PATH to the program.';

/** Throws ConfigurationError where it is not there, may not be run, or would end at once. @param uid of this process; absent on Windows */
export async function assertChromium(
  { chromiumPath: path, chromiumArgs: args }: Pick<WhatsAppWebSettings, 'chromiumPath' | 'chromiumArgs'>,
  uid = process.getuid?.(),
): Promise<void> {
  try {
    await access(path, constants.X_OK);
  } catch (thrown) {
    throw new ConfigurationError(`WhatsApp Web needs Chromium, and there is none at ${path}. ${HOW_TO_INSTALL}`, { cause: thrown });
  }
  if (uid === 0 && !args.includes('--no-sandbox')) {
    throw new ConfigurationError(
      'Chromium does not run as root with its sandbox: run the service as another user, or set CHROMIUM_ARGS=--no-sandbox, which is less safe.',
    );
  }
}

/** `Chromium 141.0.7390.122 built on Debian`. Rejects where it cannot be run. */
export async function chromiumVersion(path: string): Promise<string> {
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: VERSION_TIMEOUT_MS });
  return stdout.trim();
}

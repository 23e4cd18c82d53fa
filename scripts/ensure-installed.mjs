// Makes sure node_modules is what package-lock.json says, with Node's own modules only: it must run before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** npm copies the lock file it installed to node_modules/.package-lock.json; compare the two, package by package. */
function isInstalled() {
  const installedLock = `${root}node_modules/.package-lock.json`;
  if (!existsSync(installedLock)) return false;
  const installed = JSON.parse(readFileSync(installedLock, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || entry.peer || installed[path]?.version === entry.version,
  );
}

/** Installs the locked packages where they are missing or stale. Exits with one sentence where that fails. */
export function ensureInstalled() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Parley needs Node 20.19 or newer; this is ${process.versions.node}. Install a newer Node and run the command again.`);
    process.exit(1);
  }
  if (isInstalled()) return;
  console.log('Installing packages (first start or a changed lock file)…');
  const install = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (install.status !== 0) {
    console.error(
      'The packages could not be installed: see the lines above, check the connection to the package registry and run the command again.',
    );
    process.exit(1);
  }
}

/** Makes the app package for Teams: `npm run teams:manifest -- --name "Acme" --domain chat.example.com` writes appPackage.zip. */
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { appPackage, type AppPackageOptions } from '../channels/teams/app-package.js';
import { loadEnvironment, parseConfig } from '../src/config.js';
import { asError, ConfigurationError } from '../src/domain/errors.js';

interface Given extends Omit<AppPackageOptions, 'appId' | 'version'> {
  readonly appId?: string;
  readonly versionNumber?: string;
  readonly out: string;
}

async function run({ appId, versionNumber, out, ...options }: Given): Promise<void> {
  const id = appId ?? parseConfig(loadEnvironment()).teams?.appId;
  if (id === undefined) throw new ConfigurationError('Which bot? Set MICROSOFT_APP_ID and MICROSOFT_APP_PASSWORD, or give --app-id.');
  await writeFile(out, await appPackage({ ...options, appId: id, version: versionNumber }));
  console.log(`${out} is written. In Teams: Apps, Manage your apps, Upload an app.`);
}

await new Command('teams-manifest')
  .description('Makes the app package with which the bot is added to Teams.')
  .requiredOption('--name <name>', 'the bot’s name, at most 30 characters')
  .requiredOption('--domain <domain>', 'the domain of your pages: chat.example.com')
  .option('--app-id <id>', 'the bot’s app id; MICROSOFT_APP_ID where it is left out')
  .option('--developer <name>', 'your company; the bot’s name where it is left out')
  .option('--privacy-url <url>', 'your privacy policy; https://<domain>/privacy where it is left out')
  .option('--terms-url <url>', 'your terms of use; https://<domain>/terms where they are left out')
  .option('--version-number <version>', 'of the package, e.g. 1.0.1 for an update')
  .option('--desk', 'for the team of the desk: the bot hears its channels without being mentioned')
  .option('--out <file>', 'where to write it', 'appPackage.zip')
  .action(async (given: Given) => {
    try {
      await run(given);
    } catch (thrown) {
      console.error(asError(thrown).message);
      process.exitCode = 1;
    }
  })
  .parseAsync();

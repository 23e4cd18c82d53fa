/** The package with which a company adds the bot to its Teams: a manifest and two icons in a zip. */
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { ConfigurationError } from '../../src/domain/errors.js';
import { ACCENT_COLOR, colourIcon, outlineIcon } from './icons.js';

export interface AppPackageOptions {
  readonly appId: string;
  /** Shown under the bot's messages; at most 30 characters. */
  readonly name: string;
  /** Of the company's pages: `chat.example.com`. */
  readonly domain: string;
  /** At most 32 characters; the name where it is left out. */
  readonly developer?: string | undefined;
  /** Web addresses; Teams asks for both. Below the domain where they are left out. */
  readonly privacyUrl?: string | undefined;
  readonly termsUrl?: string | undefined;
  /** `1.0.0`; Teams takes an update with a higher one only. */
  readonly version?: string | undefined;
  /** For a team whose channel is the desk: the bot hears what is said there without being mentioned. The team's owner consents by adding the app. */
  readonly desk?: boolean | undefined;
}

/** https://learn.microsoft.com/microsoft-365/extensibility/schema, version 1.19. Throws ConfigurationError for what the schema does not allow. */
export function appManifest(options: AppPackageOptions): object {
  const { appId, name, domain, developer = name, version = '1.0.0' } = options;
  const check = (valid: boolean, problem: string) => {
    if (!valid) throw new ConfigurationError(problem);
  };
  check(name.trim() !== '' && name.length <= 30, 'The name must have 1 to 30 characters: --name.');
  check(developer.length <= 32, 'The developer’s name must have at most 32 characters: --developer.');
  check(
    /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/i.test(domain),
    'The domain must be one like chat.example.com, without https://: --domain.',
  );
  check(/^\d{1,5}(\.\d{1,5}){2}$/.test(version), 'The version must be three numbers like 1.0.0: --version-number.');
  const page = (path: string) => `https://${domain}${path}`;
  const urls = {
    websiteUrl: page('/'),
    privacyUrl: options.privacyUrl ?? page('/privacy'),
    termsOfUseUrl: options.termsUrl ?? page('/terms'),
  };
  for (const url of Object.values(urls)) check(/^https:\/\/\S+$/.test(url), `${url} is not an https:// address.`);
  return {
    $schema: 'https://developer.microsoft.com/en-us/json-schemas/teams/v1.19/MicrosoftTeams.schema.json',
    manifestVersion: '1.19',
    version,
    id: appId,
    developer: { name: developer, ...urls },
    name: { short: name, full: name },
    description: { short: `Ask ${name}`, full: `${name} answers questions and brings in a person where one is needed.` },
    icons: { color: 'color.png', outline: 'outline.png' },
    accentColor: ACCENT_COLOR,
    bots: [{ botId: appId, scopes: ['personal', 'team', 'groupChat'], supportsFiles: true, isNotificationOnly: false }],
    permissions: ['identity', 'messageTeamMembers'],
    validDomains: [domain],
    ...(options.desk === true ? hearing(appId) : {}),
  };
}

/** https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/channel-messages-with-rsc */
const hearing = (appId: string) => ({
  // Only has to be there: the permission is asked of no resource.
  webApplicationInfo: { id: appId, resource: 'https://RscBasedStoreApp' },
  authorization: { permissions: { resourceSpecific: [{ name: 'ChannelMessage.Read.Group', type: 'Application' }] } },
});

export async function appPackage(options: AppPackageOptions): Promise<Buffer> {
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(`${JSON.stringify(appManifest(options), null, 2)}\n`), 'manifest.json');
  zip.addBuffer(colourIcon(), 'color.png');
  zip.addBuffer(outlineIcon(), 'outline.png');
  zip.end();
  return buffer(zip.outputStream);
}

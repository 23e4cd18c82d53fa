/** The environment as configuration: every variable documented, every error named. */
import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { type Config, ENVIRONMENT_VARIABLES, parseConfig } from '../../src/config.js';
import { readDeskFile } from '../../src/config/desk-file.js';
import { ConfigurationError } from '../../src/domain/errors.js';
import { startReport } from '../../src/start-report.js';

const PROJECT = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(PROJECT, file), 'utf8');
const TOKEN = '700700:AAFakeTokenForTestsOnly_0123456789abc';
const TEAMS = { MICROSOFT_APP_ID: '11111111-2222-3333-4444-55555555555A', MICROSOFT_APP_PASSWORD: 'client-secret' };
const WHATSAPP = {
  WHATSAPP_TOKEN: 'EAAtoken',
  WHATSAPP_PHONE_NUMBER_ID: '106540352242922',
  WHATSAPP_APP_SECRET: 'app-secret',
  WHATSAPP_VERIFY_TOKEN: 'verify-me',
};

const example = read('.env.example').split('\n');
const documented = example.flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? []);

describe('.env.example', () => {
  it('has every variable that is read, once, and no other', () => {
    expect([...documented].sort()).toEqual([...ENVIRONMENT_VARIABLES].sort());
  });

  it('explains each, but where its name and the heading say it all', () => {
    const unexplained = documented.filter((name) => !example[example.indexOf(`${name}=`) - 1]?.startsWith('# '));
    expect(unexplained).toEqual([]);
  });

  it('copied as it is, changes nothing', () => {
    expect(parseConfig(Object.fromEntries(documented.map((name) => [name, ''])))).toEqual(parseConfig({}));
  });

  it('names the defaults', () => {
    const defaults = { PORT: '3000', HOST: '127.0.0.1', DATA_DIR: './data', SESSION_TTL_HOURS: '24', MAX_FILE_MB: '10' };
    const limits = {
      RATE_LIMIT_DEFAULT: '100',
      RATE_LIMIT_PROCESS: '10',
      MONGODB_DB: 'parley',
      TELEGRAM_API_ROOT: 'https://api.telegram.org',
    };
    for (const [name, value] of Object.entries({ ...defaults, ...limits })) {
      expect(example[example.indexOf(`${name}=`) - 1]).toContain(value);
      expect(parseConfig({ [name]: value })).toEqual(parseConfig({}));
    }
  });
});

describe('the configuration', () => {
  it('reads every variable', () => {
    const config = parseConfig({
      NODE_ENV: 'production',
      PORT: '8080',
      LLM_BASE_URL: 'http://127.0.0.1:11434/v1/',
      LLM_API_KEY: 'model-key',
      LLM_MODEL: 'small',
      DATA_DIR: 'somewhere',
      LOG_LEVEL: 'debug',
      MONGODB_URI: 'mongodb+srv://example.net',
      MONGODB_DB: 'shop',
      SESSION_TTL_HOURS: '2',
      MAX_FILE_MB: '5',
      RATE_LIMIT_DEFAULT: '7',
      RATE_LIMIT_PROCESS: '8',
      SENDS_PER_SECOND: '9',
      SENDS_PER_CHAT: '3',
      DEBOUNCE_MS: '0, telegram = 1500',
      DESK_LANGUAGE: 'en',
      DESK_TEXT: 'customer',
      DESK_UNDO_SECONDS: '0',
      DESK_AGENT_NAMES: 'full',
      DESK_FILE: 'sample/desk.yaml',
      PUBLIC_URL: 'https://chat.example/',
      UNCERTAIN_SENDS: 'telegram=hold',
      ANSWER_EDITS: '1',
      LEASE_SECONDS: '4',
      MESSAGES_PER_MINUTE: '30',
      TRUST_PROXY: '1',
      ALLOWED_ORIGINS: ' https://a.example, https://b.example ,',
      TELEGRAM_BOT_TOKEN: TOKEN,
      TELEGRAM_WEBHOOK_SECRET: 'secret',
      TELEGRAM_API_ROOT: 'http://127.0.0.1:9/',
      SLACK_BOT_TOKEN: 'xoxb-1-2-abc',
      SLACK_SIGNING_SECRET: 'signing-secret',
      SLACK_APP_TOKEN: 'xapp-1-A-2-abc',
      SLACK_API_URL: 'http://127.0.0.1:9/api',
      SLACK_DESK_CHANNEL: 'C0123456789',
      ...TEAMS,
      MICROSOFT_APP_TENANT_ID: '99999999-8888-7777-6666-555555555555',
      TEAMS_SERVICE_URLS: 'http://127.0.0.1:9/teams/, https://connector.example',
      TEAMS_OPENID_METADATA: 'http://127.0.0.1:9/openid',
      TEAMS_LOGIN_URL: 'http://127.0.0.1:9/login',
      TEAMS_DESK_CONVERSATION: 'https://teams.microsoft.com/l/channel/19%3Ac0ffee%40thread.tacv2/Casos?groupId=1&tenantId=2',
      ...WHATSAPP,
      WHATSAPP_TEMPLATES: 'reply_waiting:es, order_ready:en_US:1,',
      WHATSAPP_API_ROOT: 'http://127.0.0.1:9/v23.0/',
      WHATSAPP_WEB: '1',
      CHROMIUM_PATH: '/opt/chromium',
      CHROMIUM_ARGS: ' --no-sandbox  --proxy-bypass-list="a b" ',
      WHATSAPP_WEB_MAX_MB: '800',
      WHATSAPP_WEB_MAX_HOURS: '12',
    });
    expect(isAbsolute(config.dataDir)).toBe(true);
    expect({ ...config, dataDir: '' }).toEqual({
      environment: 'production',
      port: 8080,
      host: '0.0.0.0',
      dataDir: '',
      logLevel: 'debug',
      mongodb: { uri: 'mongodb+srv://example.net', database: 'shop' },
      sessionTtlMs: 7_200_000,
      maxFileBytes: 5 * 1024 * 1024,
      rateLimits: { default: 7, process: 8 },
      sendsPerSecond: 9,
      sendsPerChat: 3,
      debounceMs: { usual: 0, channels: { telegram: 1500 } },
      uncertainSends: { usual: 'resend', channels: { telegram: 'hold' } },
      answerEdits: true,
      leaseMs: 4000,
      messagesPerMinute: 30,
      trustProxy: 1,
      allowedOrigins: ['https://a.example', 'https://b.example'],
      desk: {
        ...{ language: 'en', typedText: 'customer', undoMs: 0, agentNames: 'full', publicUrl: 'https://chat.example' },
        settings: readDeskFile('sample/desk.yaml'),
      },
      telegram: { token: TOKEN, apiRoot: 'http://127.0.0.1:9', mode: 'webhook', webhookSecret: 'secret' },
      slack: {
        botToken: 'xoxb-1-2-abc',
        apiUrl: 'http://127.0.0.1:9/api/',
        signingSecret: 'signing-secret',
        appToken: 'xapp-1-A-2-abc',
        deskChannel: 'C0123456789',
      },
      teams: {
        appId: '11111111-2222-3333-4444-55555555555a',
        appPassword: 'client-secret',
        tenantId: '99999999-8888-7777-6666-555555555555',
        serviceUrls: ['http://127.0.0.1:9/teams', 'https://connector.example'],
        openIdMetadata: 'http://127.0.0.1:9/openid',
        loginUrl: 'http://127.0.0.1:9/login',
        deskConversation: '19:c0ffee@thread.tacv2',
      },
      whatsapp: {
        token: 'EAAtoken',
        phoneNumberId: '106540352242922',
        appSecret: 'app-secret',
        verifyToken: 'verify-me',
        apiRoot: 'http://127.0.0.1:9/v23.0',
        templates: [
          { name: 'reply_waiting', language: 'es', parameters: 0 },
          { name: 'order_ready', language: 'en_US', parameters: 1 },
        ],
      },
      model: { baseUrl: 'http://127.0.0.1:11434/v1', apiKey: 'model-key', model: 'small' },
      whatsappWeb: {
        chromiumPath: '/opt/chromium',
        chromiumArgs: ['--no-sandbox', '--proxy-bypass-list=a b'],
        maxMemoryBytes: 800 * 1024 * 1024,
        maxAgeMs: 12 * 3_600_000,
      },
    } satisfies Config);
  });

  it('listens on this machine alone unless in production or told otherwise, and logs more there', () => {
    const hostAndLevel = (environment: Record<string, string>) => {
      const { host, logLevel } = parseConfig(environment);
      return [host, logLevel];
    };
    expect(hostAndLevel({})).toEqual(['127.0.0.1', 'warn']);
    expect(hostAndLevel({ NODE_ENV: 'production' })).toEqual(['0.0.0.0', 'info']);
    expect(hostAndLevel({ NODE_ENV: 'production', HOST: '::1', LOG_LEVEL: 'error' })).toEqual(['::1', 'error']);
  });

  it.each([
    ['NODE_ENV', 'prod'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '1e3'],
    ['LOG_LEVEL', 'loud'],
    ['MONGODB_URI', 'localhost:27017'],
    ['MONGODB_DB', 'a/b'],
    ['SESSION_TTL_HOURS', '0'],
    ['MAX_FILE_MB', '101'],
    ['ALLOWED_ORIGINS', 'https://shop.example/'],
    ['ALLOWED_ORIGINS', "https://shop.example; script-src 'unsafe-inline'"],
    ['RATE_LIMIT_DEFAULT', 'many'],
    ['RATE_LIMIT_PROCESS', '0'],
    ['SENDS_PER_SECOND', '0'],
    ['SENDS_PER_CHAT', '0'],
    ['DEBOUNCE_MS', 'telegram=soon'],
    ['DEBOUNCE_MS', '0, telgram=1500'],
    ['UNCERTAIN_SENDS', 'whatsapp-cloud=hold'],
    ['UNCERTAIN_SENDS', 'constructor=hold'],
    ['DESK_LANGUAGE', 'fr'],
    ['DESK_TEXT', 'both'],
    ['DESK_UNDO_SECONDS', '61'],
    ['DESK_AGENT_NAMES', 'last'],
    ['PUBLIC_URL', 'ftp://chat.example'],
    ['UNCERTAIN_SENDS', 'maybe'],
    ['ANSWER_EDITS', 'yes'],
    ['LEASE_SECONDS', '0'],
    ['MESSAGES_PER_MINUTE', '0'],
    ['TRUST_PROXY', 'true'],
    ['TELEGRAM_WEBHOOK_SECRET', 'with blank'],
    ['TELEGRAM_API_ROOT', 'api.telegram.org'],
    ['TELEGRAM_MODE', 'push'],
    ['SLACK_BOT_TOKEN', 'xoxp-of-a-person'],
    ['SLACK_APP_TOKEN', 'xoxb-of-the-bot'],
    ['SLACK_API_URL', 'slack.com'],
    ['SLACK_DESK_CHANNEL', '#casos'],
    ['MICROSOFT_APP_ID', 'my-bot'],
    ['TEAMS_SERVICE_URLS', 'smba.trafficmanager.net'],
    ['TEAMS_SERVICE_URLS', ','],
    ['TEAMS_LOGIN_URL', 'login'],
    ['TEAMS_DESK_CONVERSATION', 'Casos'],
    ['TEAMS_DESK_CONVERSATION', 'https://teams.microsoft.com/l/channel/%E0%A4%A/Casos'],
    ['TEAMS_DESK_CONVERSATION', '19:c0ffee@thread.tacv2;messageid=1'],
    ['WHATSAPP_PHONE_NUMBER_ID', '+1 555 078 3881'],
    ['WHATSAPP_API_ROOT', 'graph.facebook.com'],
    ['WHATSAPP_TEMPLATES', 'reply_waiting'],
    ['WHATSAPP_TEMPLATES', 'order_ready:es:many'],
    ['WHATSAPP_TEMPLATES', 'reply_waiting:es:1'],
    ['WHATSAPP_WEB', 'maybe'],
    ['CHROMIUM_ARGS', 'no-sandbox'],
    ['WHATSAPP_WEB_MAX_MB', '10'],
    ['WHATSAPP_WEB_MAX_HOURS', '0'],
  ])('refuses %s=%s, by name', (name, value) => {
    expect(() => parseConfig({ [name]: value })).toThrow(ConfigurationError);
    expect(() => parseConfig({ [name]: value })).toThrow(new RegExp(`${name}: .*\\.env\\.example`));
  });

  it('takes a setting of its own for each channel that there is', () => {
    const each = ['web', 'telegram', 'slack', 'teams', 'whatsapp', 'whatsapp-web'];
    const { channels } = parseConfig({ DEBOUNCE_MS: each.map((name) => `${name}=7`).join(',') }).debounceMs;
    expect(Object.keys(channels)).toEqual(each);
  });

  it('names all that is wrong at once', () => {
    expect(() => parseConfig({ PORT: 'x', MAX_FILE_MB: 'y' })).toThrow(/PORT: .*MAX_FILE_MB: /);
  });

  it('takes half a channel for a mistake and names the other half, but no secret', () => {
    const refusal = (environment: Record<string, string>) => {
      try {
        parseConfig(environment);
      } catch (thrown) {
        return (thrown as Error).message;
      }
      return 'accepted';
    };
    expect(refusal({ TELEGRAM_BOT_TOKEN: TOKEN })).toMatch(/set TELEGRAM_WEBHOOK_SECRET too/);
    expect(refusal({ TELEGRAM_BOT_TOKEN: TOKEN })).not.toContain(TOKEN);
    expect(refusal({ TELEGRAM_WEBHOOK_SECRET: 'hush-hush' })).toMatch(/set TELEGRAM_BOT_TOKEN too/);
    expect(refusal({ TELEGRAM_WEBHOOK_SECRET: 'hush-hush' })).not.toContain('hush-hush');
    expect(refusal({ TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_MODE: 'polling' })).toBe('accepted');
    expect(refusal({ TELEGRAM_MODE: 'polling' })).toMatch(/set TELEGRAM_BOT_TOKEN too/);
    expect(refusal({ SLACK_BOT_TOKEN: 'xoxb-hush' })).toMatch(/slack channel is half configured: set SLACK_SIGNING_SECRET .* too/);
    expect(refusal({ SLACK_BOT_TOKEN: 'xoxb-hush' })).not.toContain('xoxb-hush');
    expect(refusal({ SLACK_SIGNING_SECRET: 'hush-hush' })).toMatch(/set SLACK_BOT_TOKEN too/);
    expect(refusal({ SLACK_SIGNING_SECRET: 'hush-hush' })).not.toContain('hush-hush');
    expect(refusal({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' })).toBe('accepted');
    expect(refusal({ SLACK_DESK_CHANNEL: 'C0123456789' })).toMatch(/set SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET .* too/);
    expect(refusal({ MICROSOFT_APP_ID: TEAMS.MICROSOFT_APP_ID })).toMatch(
      /teams channel is half configured: set MICROSOFT_APP_PASSWORD too/,
    );
    expect(refusal({ MICROSOFT_APP_PASSWORD: 'client-secret' })).toMatch(/set MICROSOFT_APP_ID too/);
    expect(refusal({ MICROSOFT_APP_PASSWORD: 'client-secret' })).not.toContain('client-secret');
    expect(refusal({ MICROSOFT_APP_TENANT_ID: TEAMS.MICROSOFT_APP_ID })).toMatch(/set MICROSOFT_APP_ID and MICROSOFT_APP_PASSWORD too/);
    expect(refusal(TEAMS)).toBe('accepted');
    const { WHATSAPP_APP_SECRET: secret, ...others } = WHATSAPP;
    expect(refusal(others)).toMatch(/whatsapp channel is half configured: set WHATSAPP_APP_SECRET too/);
    expect(refusal({ WHATSAPP_APP_SECRET: secret })).toMatch(
      /set WHATSAPP_TOKEN and WHATSAPP_PHONE_NUMBER_ID and WHATSAPP_VERIFY_TOKEN too/,
    );
    expect(refusal({ WHATSAPP_APP_SECRET: secret })).not.toContain(secret);
    expect(refusal(WHATSAPP)).toBe('accepted');
    expect(refusal({ LLM_MODEL: 'small' })).toMatch(/language model is half configured: set LLM_BASE_URL too/);
    expect(refusal({ LLM_API_KEY: 'hush-hush' })).toMatch(/set LLM_BASE_URL and LLM_MODEL too/);
    expect(refusal({ LLM_API_KEY: 'hush-hush' })).not.toContain('hush-hush');
    expect(refusal({ LLM_BASE_URL: 'http://127.0.0.1:11434/v1', LLM_MODEL: 'small' })).toBe('accepted');
    expect(refusal({ LLM_BASE_URL: 'here', LLM_MODEL: 'small' })).toContain('LLM_BASE_URL');
  });

  it('comes from .env too, where variables that are set win', () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-env-'));
    writeFileSync(join(folder, '.env'), 'PORT=1111\nMONGODB_DB=fromfile\n');
    const script = `import { loadEnvironment, parseConfig } from ${JSON.stringify(join(PROJECT, 'src/config.ts'))};
      const { port, mongodb } = parseConfig(loadEnvironment()); process.stdout.write(JSON.stringify([port, mongodb.database]));`;
    const args = ['--import', join(PROJECT, 'test/typescript.mjs'), '--input-type=module', '-e', script];
    const printed = execFileSync(process.execPath, args, { cwd: folder, env: { PATH: process.env.PATH ?? '', PORT: '2222' } });
    rmSync(folder, { recursive: true });
    expect(JSON.parse(printed.toString())).toEqual([2222, 'fromfile']);
  });
});

describe('the start report', () => {
  const facts = { url: 'http://localhost:3000', engine: 'embedded', newAdminKey: null, documents: 84, products: 400 } as const;

  it('says where to go and how to switch the rest on', () => {
    const report = startReport(parseConfig({ DATA_DIR: '/srv/parley' }), facts);
    for (const part of ['http://localhost:3000/\n', '/docs', '/health/ready', '/srv/parley/admin.key', '84 documents, 400 products'])
      expect(report).toContain(part);
    expect(report).toMatch(/telegram: off \(set TELEGRAM_BOT_TOKEN and TELEGRAM_WEBHOOK_SECRET/);
  });

  it('shows the admin key when it is new, and no other secret ever', () => {
    const config = parseConfig({ TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_WEBHOOK_SECRET: 'hush-hush', MONGODB_URI: 'mongodb://u:hunter2@db' });
    const report = startReport(config, { ...facts, engine: 'mongodb', newAdminKey: 'pk_new' });
    expect(report).toContain('pk_new');
    expect(report).toMatch(/telegram: on, webhook at \/webhooks\/telegram/);
    expect(report).toContain('MongoDB (MONGODB_URI)');
    for (const secret of [TOKEN, 'hush-hush', 'hunter2']) expect(report).not.toContain(secret);
  });
});

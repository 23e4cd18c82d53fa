/**
 * Is everything set up? `npm run doctor`, or `npm run doctor -- --url https://chat.example.com` to check the webhooks too. Looks at the service that
 * runs here and asks each configured platform; says what to do about what is wrong, and ends with 1 where something is.
 */
import { Command } from 'commander';
import { diagnoseModel } from '../src/assistant/diagnose-model.js';
import { createLanguageModel } from '../src/assistant/language-model.js';
import { loadEnvironment, parseConfig, type Config } from '../src/config.js';
import { configuredChannels } from '../src/configured-channels.js';
import type { Channel, Finding } from '../src/domain/channel.js';
import { asError, ConfigurationError } from '../src/domain/errors.js';
import type { UnknownPayloadView } from '../src/http/routes/unknown-payloads.js';
import { createLogger } from '../src/telemetry/logger.js';
import { doctorReport, isWell, type Examined } from './doctor-report.js';
import { findRunningService } from './running-service.js';

const CHECK_TIMEOUT_MS = 30_000;

const finding = (check: string, state: Finding['state'], detail: string, remedy: string | null = null): Finding => ({
  check,
  state,
  detail,
  remedy,
});

/** What the service that runs here says of itself. */
async function examineService(url: string): Promise<Finding[]> {
  const get = async (path: string) => (await fetch(`${url}${path}`, { signal: AbortSignal.timeout(5000) })).json();
  try {
    const { services } = (await get('/health/ready')) as { services: Record<string, { status: string; detail?: string }> };
    return Object.entries(services)
      .filter(([, { status }]) => status !== 'disabled')
      .map(([name, { status, detail }]) =>
        finding(name, status === 'healthy' ? 'ok' : 'wrong', [status, detail].filter(Boolean).join(': '), null),
      );
  } catch (thrown) {
    const why = asError(thrown).name === 'TimeoutError' ? 'it does not answer' : 'nobody answers';
    return [finding('running', 'unknown', `${url}: ${why}`, 'Start it with npm start to have it checked too.')];
  }
}

/** What platforms sent that nobody understood: a platform has news for us. */
async function examineUnknown(call: (path: string) => Promise<unknown>): Promise<Finding[]> {
  const kept = (await call('/api/unknown-payloads?limit=100')) as UnknownPayloadView[];
  const counts = new Map<string, number>();
  for (const { channel, reason, times } of kept) counts.set(`${channel}: ${reason}`, (counts.get(`${channel}: ${reason}`) ?? 0) + times);
  const listed = [...counts].map(([what, times]) => `${what} (${times}×)`).join('; ');
  const remedy = 'GET /api/unknown-payloads?payload=1 shows them; teach the channel, or ignore them.';
  return [kept.length === 0 ? finding('unknown', 'ok', 'every payload was understood') : finding('unknown', 'unknown', listed, remedy)];
}

async function examineChannel(channel: Channel, publicUrl: string | null): Promise<Examined> {
  const timeout = new Promise<Finding[]>((resolve) => {
    const late = finding(
      'answer',
      'wrong',
      `none within ${CHECK_TIMEOUT_MS / 1000} s`,
      'Check the connection to the platform and try again.',
    );
    setTimeout(() => resolve([late]), CHECK_TIMEOUT_MS).unref();
  });
  return { part: `${channel.name} (${channel.account})`, findings: await Promise.race([channel.diagnose(publicUrl), timeout]) };
}

/** Where one is configured. */
const examineModel = async ({ model }: Config): Promise<Examined[]> =>
  model === null ? [] : [{ part: `language model (${model.model})`, findings: [await diagnoseModel(createLanguageModel(model))] }];

async function examine(publicUrl: string | null): Promise<Examined[]> {
  const config = parseConfig(loadEnvironment());
  const channels = await configuredChannels(config, createLogger({ level: 'silent' }));
  const running = await findRunningService(config);
  const service = await examineService(running?.url ?? `http://127.0.0.1:${config.port}`);
  const unknown = running === null ? [] : await examineUnknown((path) => running.call(path));
  const none: Examined = {
    part: 'channels',
    findings: [finding('platforms', 'unknown', 'none is configured: the web chat alone', '.env.example lists what each needs.')],
  };
  const examined = await Promise.all(channels.map((channel) => examineChannel(channel, publicUrl)));
  const answers = await examineModel(config);
  return [{ part: 'service', findings: [...service, ...unknown] }, ...answers, ...(examined.length === 0 ? [none] : examined)];
}

function publicUrlOf(given: string | undefined): string | null {
  if (given === undefined) return null;
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol))
    throw new ConfigurationError(`${given} is no address: give it as https://chat.example.com.`);
  return new URL(given).origin;
}

await new Command('doctor')
  .description('Checks the service and every configured channel, and says what to do.')
  .option('--url <address>', 'where platforms reach this service, to check the webhooks: https://chat.example.com')
  .action(async ({ url }: { url?: string }) => {
    try {
      const parts = await examine(publicUrlOf(url));
      console.log(doctorReport(parts));
      if (!isWell(parts)) process.exitCode = 1;
    } catch (thrown) {
      const error = asError(thrown);
      console.error(error instanceof ConfigurationError ? error.message : error);
      process.exitCode = 1;
    }
  })
  .parseAsync();
// SDKs may keep sockets open for a while; everything was said.
process.exit();

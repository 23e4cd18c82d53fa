/** The part of the configuration that switches WhatsApp Web on: its variables, and what the service is told of them. */
import { z } from 'zod';

const wholeNumber = (least: number, most: number) =>
  z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.number().min(least).max(most));

export const whatsappWebVariables = {
  WHATSAPP_WEB: z
    .enum(['0', '1', 'off', 'on'])
    .transform((given) => given === '1' || given === 'on')
    .default(false),
  CHROMIUM_PATH: z.string().trim().min(1).default('/usr/bin/chromium'),
  CHROMIUM_ARGS: z
    .string()
    .default('')
    // An argument with spaces in it stands in quotes, or has them behind its name.
    .transform((list) => (list.match(/(?:"[^"]*"|[^\s"])+/g) ?? []).map((argument) => argument.replaceAll('"', '')))
    .refine((given) => given.every((argument) => argument.startsWith('--')), 'arguments start with --'),
  WHATSAPP_WEB_MAX_MB: wholeNumber(300, 64_000).default(1500),
  WHATSAPP_WEB_MAX_HOURS: wholeNumber(1, 720).default(24),
};
type WhatsAppWebEnvironment = z.infer<z.ZodObject<typeof whatsappWebVariables>>;

export interface WhatsAppWebConfig {
  readonly chromiumPath: string;
  readonly chromiumArgs: readonly string[];
  readonly maxMemoryBytes: number;
  readonly maxAgeMs: number;
}

/** Null: the channel is off. */
export function whatsappWebConfig(env: WhatsAppWebEnvironment): WhatsAppWebConfig | null {
  if (!env.WHATSAPP_WEB) return null;
  return {
    chromiumPath: env.CHROMIUM_PATH,
    chromiumArgs: env.CHROMIUM_ARGS,
    maxMemoryBytes: env.WHATSAPP_WEB_MAX_MB * 1024 * 1024,
    maxAgeMs: env.WHATSAPP_WEB_MAX_HOURS * 3_600_000,
  };
}

/** The part of the configuration that switches WhatsApp's Cloud API on: its variables, and what the service is told of them. */
import { z } from 'zod';
import { ConfigurationError } from '../domain/errors.js';

const text = z.string().trim().min(1);

/** `reply_waiting:es, order_ready:en_US:1`: name, language and placeholders (0 where left out) of templates that Meta has approved. */
const templates = z
  .string()
  .transform((list) =>
    list
      .split(',')
      .map((entry) => entry.trim())
      .filter(Boolean),
  )
  .transform((entries, context): WhatsAppConfig['templates'] =>
    entries.flatMap((entry) => {
      const [, name, language, parameters = '0'] = /^([a-z0-9_]{1,512}):([a-z]{2,3}(?:_[A-Za-z]{2,4})?)(?::(\d{1,2}))?$/.exec(entry) ?? [];
      if (name === undefined || language === undefined) {
        context.addIssue({ code: 'custom', message: `"${entry}" is not name:language:placeholders, e.g. order_ready:es:1` });
        return [];
      }
      if (name === 'reply_waiting' && parameters !== '0') {
        context.addIssue({
          code: 'custom',
          message: `"${entry}": the template reply_waiting is sent by itself and may have no placeholders`,
        });
      }
      return [{ name, language, parameters: Number(parameters) }];
    }),
  );

export const whatsappVariables = {
  WHATSAPP_TOKEN: text.optional(),
  WHATSAPP_PHONE_NUMBER_ID: text.regex(/^\d{5,20}$/, 'must be the id of the number (digits), not the number itself').optional(),
  WHATSAPP_APP_SECRET: text.optional(),
  WHATSAPP_VERIFY_TOKEN: text.optional(),
  WHATSAPP_API_ROOT: z.url().default('https://graph.facebook.com/v23.0'),
  WHATSAPP_TEMPLATES: templates.optional(),
};
type WhatsAppEnvironment = z.infer<z.ZodObject<typeof whatsappVariables>>;

export interface WhatsAppConfig {
  readonly token: string;
  readonly phoneNumberId: string;
  readonly appSecret: string;
  readonly verifyToken: string;
  readonly apiRoot: string;
  readonly templates: readonly { readonly name: string; readonly language: string; readonly parameters: number }[];
}

/** Null: the channel is off. Throws ConfigurationError for half of its variables. */
export function whatsappConfig(env: WhatsAppEnvironment): WhatsAppConfig | null {
  const {
    WHATSAPP_TOKEN: token,
    WHATSAPP_PHONE_NUMBER_ID: phoneNumberId,
    WHATSAPP_APP_SECRET: appSecret,
    WHATSAPP_VERIFY_TOKEN: verifyToken,
  } = env;
  const needed = {
    WHATSAPP_TOKEN: token,
    WHATSAPP_PHONE_NUMBER_ID: phoneNumberId,
    WHATSAPP_APP_SECRET: appSecret,
    WHATSAPP_VERIFY_TOKEN: verifyToken,
  };
  const missing = Object.entries(needed).flatMap(([name, value]) => (value === undefined ? [name] : []));
  if (missing.length === Object.keys(needed).length) return null;
  if (token === undefined || phoneNumberId === undefined || appSecret === undefined || verifyToken === undefined) {
    throw new ConfigurationError(
      `The whatsapp channel is half configured: set ${missing.join(' and ')} too, or unset the others. See .env.example.`,
    );
  }
  const apiRoot = env.WHATSAPP_API_ROOT.replace(/\/$/, '');
  return { token, phoneNumberId, appSecret, verifyToken, apiRoot, templates: env.WHATSAPP_TEMPLATES ?? [] };
}

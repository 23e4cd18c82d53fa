/** Webhooks as Meta sends them when a customer does something, and its signature. */
import { createHmac } from 'node:crypto';

export const TOKEN = 'EAAtestTokenForTestsOnly0123456789';
export const PHONE_NUMBER_ID = '106540352242922';
export const DISPLAY_PHONE_NUMBER = '15550783881';
export const ACCOUNT_ID = '102290129340398';
export const APP_ID = '670843887433847';
export const APP_SECRET = 'app-secret-for-tests-only';
export const VERIFY_TOKEN = 'verify-token-for-tests-only';

export interface Customer {
  readonly waId: string;
  readonly name: string;
}
export const SHEENA: Customer = { waId: '16505551234', name: 'Sheena Nelson' };

let lastMessage = 0;
/** Unique in this process. */
export const newWamid = (): string => `wamid.${Buffer.from(`test-message-${(lastMessage += 1)}`).toString('base64')}`;

/** `message` is its type and what stands under the name of the type. */
export function messageOf(customer: Customer, message: Readonly<Record<string, unknown>>, at = new Date()): Record<string, unknown> {
  return { from: customer.waId, id: newWamid(), timestamp: String(Math.floor(at.getTime() / 1000)), ...message };
}

export const textOf = (customer: Customer, body: string): Record<string, unknown> => messageOf(customer, { type: 'text', text: { body } });

/** A body with one change; several messages and customers may share it. */
export function webhookOf(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const metadata = { display_phone_number: DISPLAY_PHONE_NUMBER, phone_number_id: PHONE_NUMBER_ID };
  const change = { value: { messaging_product: 'whatsapp', metadata, ...value }, field: 'messages' };
  return { object: 'whatsapp_business_account', entry: [{ id: ACCOUNT_ID, changes: [change] }] };
}

export const messagesWebhook = (customer: Customer, ...messages: readonly object[]): Record<string, unknown> =>
  webhookOf({ contacts: [{ profile: { name: customer.name }, wa_id: customer.waId }], messages });

export function statusWebhook(status: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return webhookOf({ statuses: [{ timestamp: String(Math.floor(Date.now() / 1000)), ...status }] });
}

export function signed(body: Buffer, appSecret = APP_SECRET): Record<string, string> {
  const signature = createHmac('sha256', appSecret).update(body).digest('hex');
  return { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
}

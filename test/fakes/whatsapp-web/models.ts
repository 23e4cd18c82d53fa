/** Messages in the shape of WhatsApp Web's models, as whatsapp-web.js hands them over. */

/** Our number has two ids. */
export const OWN_IDS = ['34911222333@c.us', '111222333444@lid'] as const;
export const CUSTOMER = '34600111222@c.us';

export const widOf = (id: string) => ({ server: id.replace(/.*@/, ''), user: id.replace(/@.*/, ''), _serialized: id });

export interface MessageModel {
  readonly id: { readonly fromMe: boolean; readonly remote: string; readonly id: string; readonly _serialized: string };
  readonly type: string;
  readonly [field: string]: unknown;
}

let made = 0;

/** A text of a customer's, or what `fields` make of it. */
export function messageModel(
  fields: Readonly<Record<string, unknown>> = {},
  options: { chat?: string; fromMe?: boolean } = {},
): MessageModel {
  const { chat = CUSTOMER, fromMe = false } = options;
  made += 1;
  const id = `3EB0${made.toString(16).toUpperCase().padStart(16, '0')}`;
  return {
    id: { fromMe, remote: chat, id, _serialized: `${fromMe}_${chat}_${id}` },
    type: 'chat',
    body: '',
    t: Math.floor(Date.now() / 1000),
    notifyName: 'Ana Ruiz',
    from: widOf(fromMe ? OWN_IDS[0] : chat),
    to: widOf(fromMe ? chat : OWN_IDS[0]),
    ack: 1,
    isNewMsg: true,
    links: [],
    ...fields,
  };
}

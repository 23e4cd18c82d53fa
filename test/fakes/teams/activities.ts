/** Activities as Teams posts them, for tests: a person's message in a personal chat, and what else is made from it. */
import { APP_ID, TENANT_ID } from './platform.js';

export const CONVERSATION_ID = 'a:1qhNLqpUtmuI6U35gzjsJn7uRnCkW8NiZALHfN8AMxdbprS1uta2aT-jytfIlsZR3UZeg3TsIONmPtoZWQ';
export const USER_ID = '29:1mFyaDjOGHJ1E9zRTkxK9lH6VdTmYOLbHdYcgUKxPA';

let messages = 0;

/** `id` is new each time. `parts` replace what is there. */
export function messageActivity(serviceUrl: string, text: string, parts: object = {}): Record<string, unknown> {
  messages += 1;
  return {
    type: 'message',
    id: String(1_700_000_000_000 + messages),
    timestamp: '2026-03-01T10:00:00.000Z',
    localTimestamp: '2026-03-01T11:00:00.000+01:00',
    localTimezone: 'Europe/Madrid',
    channelId: 'msteams',
    serviceUrl,
    from: { id: USER_ID, name: 'Ana Ruiz', aadObjectId: 'a5b1d4c2-0000-4000-8000-000000000007' },
    recipient: { id: `28:${APP_ID}`, name: 'Parley' },
    conversation: { conversationType: 'personal', tenantId: TENANT_ID, id: CONVERSATION_ID },
    textFormat: 'plain',
    text,
    locale: 'es-ES',
    entities: [{ type: 'clientInfo', locale: 'es-ES', country: 'ES', platform: 'Windows', timezone: 'Europe/Madrid' }],
    channelData: { tenant: { id: TENANT_ID } },
    ...parts,
  };
}

/** Who may post updates: whoever holds the secret that was given to setWebhook. */
import type { ChannelRequest } from '../../src/domain/channel.js';
import { constantTimeEqual } from '../shared/signature.js';

export const SECRET_HEADER = 'x-telegram-bot-api-secret-token';

export const isFromTelegram = (request: ChannelRequest, webhookSecret: string): boolean =>
  constantTimeEqual(request.headers[SECRET_HEADER], webhookSecret);

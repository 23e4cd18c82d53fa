/** The OpenAPI document of `/docs`, put together from what each route group says of itself. */
import { createDocument, type oas31 } from 'zod-openapi';
import { ANALYTICS_PATHS } from './routes/analytics.js';
import { ATTACHMENT_PATHS } from './routes/attachments.js';
import { CHAT_PATHS } from './routes/chat.js';
import { CONTACT_PATHS } from './routes/contacts.js';
import { DELIVERY_PATHS } from './routes/deliveries.js';
import { UNKNOWN_PAYLOAD_PATHS } from './routes/unknown-payloads.js';
import { HEALTH_PATHS } from './routes/health.js';
import { KEY_PATHS } from './routes/keys.js';
import { KNOWLEDGE_PATHS } from './routes/knowledge.js';
import { PROCESS_PATHS } from './routes/process.js';
import { SESSION_PATHS } from './routes/sessions.js';
import { WHATSAPP_WEB_PATHS } from './routes/whatsapp-web.js';
import { TICKET_PATHS } from './ticket-paths.js';

const DESCRIPTION = `A session id is a capability: who holds it may use that one session. Everything else takes an API key.
Errors are \`{error, message, request_id, details}\`. The WebSocket is at \`/ws?session_id=…\`.`;

export function openApiDocument(version: string): oas31.OpenAPIObject {
  return createDocument({
    openapi: '3.1.0',
    info: { title: 'Parley', version, description: DESCRIPTION },
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
    paths: {
      ...SESSION_PATHS,
      ...CHAT_PATHS,
      ...ATTACHMENT_PATHS,
      ...PROCESS_PATHS,
      ...ANALYTICS_PATHS,
      ...KEY_PATHS,
      ...KNOWLEDGE_PATHS,
      ...DELIVERY_PATHS,
      ...UNKNOWN_PAYLOAD_PATHS,
      ...WHATSAPP_WEB_PATHS,
      ...TICKET_PATHS,
      ...CONTACT_PATHS,
      ...HEALTH_PATHS,
    },
  });
}

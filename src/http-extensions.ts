/** The routes that parts of the service bring along, put together for the HTTP server. */
import type { Config } from './config.js';
import type { Deliveries } from './delivery/deliveries.js';
import type { OpenDesk } from './desk.js';
import { teamNamesOf } from './domain/desk-settings.js';
import { contactsExtension } from './http/routes/contacts.js';
import { deliveriesExtension } from './http/routes/deliveries.js';
import { knowledgeExtension, type KnowledgeRouteServices } from './http/routes/knowledge.js';
import { ticketsExtension } from './http/routes/tickets.js';
import { unknownPayloadsExtension } from './http/routes/unknown-payloads.js';
import type { RouteExtension } from './http/services.js';
import type { Storage } from './storage/index.js';
import { createTicketInbox } from './storage/ticket-inbox.js';
import { createTurnLog } from './storage/turn-log.js';
import type { Logger } from './telemetry/logger.js';

export interface ExtensionParts extends Pick<KnowledgeRouteServices, 'newLoader' | 'reload'> {
  readonly config: Pick<Config, 'desk' | 'maxFileBytes'>;
  readonly storage: Pick<Storage, 'models' | 'knowledge' | 'unknownPayloads' | 'attachments' | 'people'>;
  readonly deliveries: Deliveries;
  readonly desk: Pick<OpenDesk, 'perform' | 'tickets' | 'reader' | 'typing'>;
  readonly logger: Logger;
}

export function httpExtensions({ config, storage, deliveries, desk, logger, newLoader, reload }: ExtensionParts): RouteExtension[] {
  const { maxFileBytes } = config;
  const { attachments, models } = storage;
  const { language, settings } = config.desk;
  const teams = teamNamesOf(settings);
  return [
    deliveriesExtension(deliveries),
    unknownPayloadsExtension(storage.unknownPayloads),
    contactsExtension({ people: storage.people, tickets: desk.tickets }),
    knowledgeExtension({ store: storage.knowledge, newLoader, reload, maxFileBytes }),
    ticketsExtension({
      ...{ ...desk, inbox: createTicketInbox(models), turns: createTurnLog(models), staff: settings.agents },
      ...{ attachments, maxFileBytes, language, teams, logger },
    }),
  ];
}

/**
 * `/api/whatsapp-web`: linking a phone to the browser of WhatsApp Web, with an admin key: whoever sees the code can link a phone, whoever is linked reads
 * every chat. `/whatsapp-web` is the page on it, which holds nothing until it is given a key.
 */
import { join } from 'node:path';
import express, { Router } from 'express';
import qrcode from 'qrcode';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import type { AccountLink } from '../../domain/account-link.js';
import type { Channel } from '../../domain/channel.js';
import { RequestError } from '../../domain/errors.js';
import { ROOT_FOLDER } from '../../root-folder.js';
import { jsonBody, parseInput } from '../middleware/body.js';
import type { Auth } from '../middleware/auth.js';
import { jsonAnswer, jsonRequest, keyOnly } from '../openapi-parts.js';

const linkSchema = z.object({
  phone_number: z
    .string()
    .transform((given) => given.replace(/[\s()+.-]/g, ''))
    .pipe(z.string().regex(/^[1-9]\d{7,14}$/, 'must be a phone number with its country code, e.g. +34 600 111 222'))
    .nullish()
    .describe('The phone to be linked gets a pairing code; without it a QR code is shown'),
});

const statusSchema = z.object({
  state: z.enum(['starting', 'unlinked', 'paused', 'loading', 'ready', 'away', 'elsewhere', 'stopped']),
  detail: z.string().nullable(),
  since: z.iso.datetime(),
  has_qr: z.boolean(),
  pairing_code: z.string().nullable(),
  linked_as: z.string().nullable(),
});
type StatusView = z.infer<typeof statusSchema>;

export function whatsappWebRoutes(channels: readonly Channel[], auth: Auth): Router {
  const router = Router();
  router.use(auth.require('admin'));
  router.use((_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });

  router.get('/', (_request, response) => void response.json(statusView(linkOf(channels))));

  router.get('/qr.svg', async (_request, response) => {
    const { qr } = linkOf(channels).status();
    if (qr === null) throw new RequestError('NotFoundError', 'There is no QR code to be shown now.');
    response.type('image/svg+xml').send(await qrcode.toString(qr, { type: 'svg', margin: 2 }));
  });

  router.post('/link', jsonBody, async (request, response) => {
    const { phone_number: phoneNumber = null } = parseInput(linkSchema, request.body ?? {});
    const link = linkOf(channels);
    await link.start(phoneNumber);
    response.json(statusView(link));
  });

  router.post('/log-out', async (_request, response) => {
    const link = linkOf(channels);
    await link.logOut();
    response.json(statusView(link));
  });

  return router;
}

/** HTML, style and script as they were written. */
export function whatsappWebPage(): Router {
  const root = join(ROOT_FOLDER, 'channels/whatsapp-web/page');
  const router = Router();
  router.use((_request, response, next) => {
    response.setHeader('Cache-Control', 'no-cache');
    next();
  });
  router.get('/', (_request, response) => response.sendFile('index.html', { root, cacheControl: false }));
  router.use(express.static(root, { index: false, redirect: false, dotfiles: 'ignore', cacheControl: false }));
  return router;
}

function linkOf(channels: readonly Channel[]): AccountLink {
  const link = channels.find(({ name }) => name === 'whatsapp-web')?.link;
  if (link === undefined) throw new RequestError('NotFoundError', 'WhatsApp Web is off: set WHATSAPP_WEB=1.');
  return link;
}

function statusView(link: AccountLink): StatusView {
  const { state, detail, since, qr, pairingCode, linkedAs } = link.status();
  return { state, detail, since: since.toISOString(), has_qr: qr !== null, pairing_code: pairingCode, linked_as: linkedAs };
}

export const WHATSAPP_WEB_PATHS: ZodOpenApiPathsObject = {
  '/api/whatsapp-web': {
    get: { summary: 'Whether a phone is linked to WhatsApp Web', ...keyOnly, responses: jsonAnswer(200, statusSchema, 401, 403, 404) },
  },
  '/api/whatsapp-web/qr.svg': {
    get: {
      summary: 'The QR code to be scanned, while one is shown',
      ...keyOnly,
      responses: { ...jsonAnswer(200, statusSchema, 401, 403, 404), '200': { description: 'OK', content: { 'image/svg+xml': {} } } },
    },
  },
  '/api/whatsapp-web/link': {
    post: {
      summary: 'Show codes (again): the QR code, or a pairing code for a phone number',
      ...keyOnly,
      ...jsonRequest(linkSchema, { required: false }),
      responses: jsonAnswer(200, statusSchema, 400, 401, 403, 404, 409),
    },
  },
  '/api/whatsapp-web/log-out': {
    post: { summary: 'Unlink the phone and forget it', ...keyOnly, responses: jsonAnswer(200, statusSchema, 401, 403, 404, 409) },
  },
};

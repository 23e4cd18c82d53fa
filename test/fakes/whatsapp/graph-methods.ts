/** What the emulated Graph API answers: messages under Meta's rules, files in two hops, and the nodes that the doctor reads. */
import { createHash, randomUUID } from 'node:crypto';
import { ACCOUNT_ID, APP_ID, APP_SECRET, DISPLAY_PHONE_NUMBER, newWamid, PHONE_NUMBER_ID, TOKEN } from './customer.js';
import { problemWith } from './meta-schema.js';
import { newId, nowOf, type GraphState, type SentMessage } from './state.js';

const WINDOW_MS = 24 * 3_600_000;
const DOWNLOAD_MS = 5 * 60_000;
/** Types that POST /media takes: business-phone-numbers/media, "Supported media types". */
const STORABLE =
  /^(audio\/(aac|amr|mpeg|mp4|ogg|opus)|image\/(jpeg|png|webp)|video\/(mp4|3gpp)|text\/plain|application\/(pdf|msword|vnd\.ms-(excel|powerpoint)|vnd\.openxmlformats-officedocument\.(wordprocessingml\.document|spreadsheetml\.sheet|presentationml\.presentation)))$/;
const LIMITS: Readonly<Record<string, number>> = { image: 5, audio: 16, video: 16, application: 100, text: 100 };

/** An error as the Graph API answers it. */
export class GraphFailure extends Error {
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }

  body(): object {
    const details = { messaging_product: 'whatsapp', details: this.message };
    return {
      error: { message: `(#${this.code}) ${this.message}`, type: 'OAuthException', code: this.code, error_data: details, fbtrace_id: 'A1' },
    };
  }
}

type Body = Readonly<Record<string, unknown>>;
const parameter = (message: string) => new GraphFailure(400, 100, `Invalid parameter: ${message}`);

/** POST /{phone}/messages: a mark, or a message under Meta's rules. */
export function postMessage(state: GraphState, body: Body): { answer: object; sent: SentMessage | null } {
  if (body['status'] !== undefined) {
    const problem = problemWith('mark', body);
    if (problem !== null) throw parameter(problem);
    return { answer: { success: true }, sent: null };
  }
  const problem = problemWith('message', body);
  if (problem !== null) throw parameter(problem);
  const to = String(body['to'] ?? body['recipient']);
  assertTextFits(body);
  if (body['type'] === 'template') assertTemplate(state, body);
  else assertWindow(state, to);
  assertFilesKnown(state, body);
  const sent = { id: newWamid(), to, body };
  state.sent.push(sent);
  const answer = {
    messaging_product: 'whatsapp',
    contacts: [{ input: to, wa_id: to }],
    messages: [{ id: sent.id, message_status: 'accepted' }],
  };
  return { answer, sent };
}

function assertWindow(state: GraphState, to: string): void {
  const last = state.lastWrote.get(to);
  if (last === undefined || nowOf(state) - last > WINDOW_MS) throw new GraphFailure(400, 131047, 'Re-engagement message');
}

/** What the OpenAPI file does not say: the length of a text, empty bodies, titles that repeat, rows over all sections. */
function assertTextFits(body: Body): void {
  const { text, interactive } = body as { text?: { body?: string }; interactive?: Interactive };
  if (text !== undefined && (text.body ?? '').trim() === '') throw parameter('text.body is empty');
  if ((text?.body ?? '').length > 4096) throw parameter('text.body is longer than 4096 characters');
  if (interactive === undefined) return;
  if ((interactive.body?.text ?? '').trim() === '') throw parameter('interactive.body.text is empty');
  const titles = titlesOf(interactive);
  if (titles.some((title) => title.trim() === '')) throw new GraphFailure(400, 131009, 'Parameter value is not valid: an empty title');
  if (interactive.type === 'button' && new Set(titles).size < titles.length) {
    throw new GraphFailure(400, 131009, 'Parameter value is not valid: button titles repeat');
  }
  if (titles.length > 10) throw new GraphFailure(400, 131009, 'Parameter value is not valid: more than 10 rows');
}

export interface Interactive {
  readonly type?: string;
  readonly header?: Readonly<Record<string, { readonly id?: string; readonly link?: string; readonly filename?: string }>>;
  readonly body?: { readonly text?: string };
  readonly action?: {
    readonly buttons?: readonly { readonly reply: { readonly title: string } }[];
    readonly sections?: readonly { readonly rows: readonly { readonly title: string }[] }[];
    readonly parameters?: { readonly display_text?: string };
  };
}

/** Of buttons, rows, or the one button with a link. */
export function titlesOf({ action }: Interactive): string[] {
  const rows = action?.sections?.flatMap((section) => section.rows.map((row) => row.title)) ?? [];
  const link = action?.parameters?.display_text;
  return [...(action?.buttons?.map((button) => button.reply.title) ?? []), ...rows, ...(link === undefined ? [] : [link])];
}

interface TemplateBody {
  readonly name: string;
  readonly language: { readonly code: string };
  readonly components?: readonly {
    readonly type: string;
    readonly parameters?: readonly { readonly type: string; readonly text?: string }[];
  }[];
}

/** The approved template that a message names, and its parameters. */
export function templateOf(state: GraphState, body: Body) {
  const { name, language, components = [] } = body['template'] as TemplateBody;
  const template = state.templates.find((candidate) => candidate.name === name && candidate.language === language.code);
  const parameters = components.filter(({ type }) => type === 'body').flatMap((component) => component.parameters ?? []);
  return { template, parameters: parameters.map(({ text }) => text ?? '') };
}

function assertTemplate(state: GraphState, body: Body): void {
  const { template, parameters } = templateOf(state, body);
  if (template === undefined) throw new GraphFailure(404, 132001, 'Template name does not exist in the translation');
  if (template.status === 'PAUSED') throw new GraphFailure(400, 132015, 'Template is paused');
  if (template.status !== 'APPROVED') throw new GraphFailure(404, 132001, 'Template name does not exist in the translation');
  const expected = new Set(template.text.match(/\{\{\d+\}\}/g) ?? []).size;
  if (parameters.length !== expected)
    throw new GraphFailure(400, 132000, 'Number of parameters does not match the expected number of params');
  if (parameters.some((text) => /[\n\t]| {5}/.test(text)))
    throw new GraphFailure(400, 132018, 'There is an issue with the parameters in your template');
}

function assertFilesKnown(state: GraphState, body: Body): void {
  for (const type of ['image', 'audio', 'video', 'document']) {
    const { id } = (body[type] ?? (body['interactive'] as Interactive | undefined)?.header?.[type] ?? {}) as { id?: string };
    if (id === undefined) continue;
    const file = state.files.get(id);
    if (file === undefined) throw new GraphFailure(400, 131053, 'Media upload error: there is no such file');
    if (type !== 'document' && !file.contentType.startsWith(`${type}/`))
      throw new GraphFailure(400, 131053, `Media upload error: not ${type}`);
  }
}

/** POST /{phone}/media */
export async function postMedia(state: GraphState, bytes: Buffer, contentType: string): Promise<object> {
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } }).formData();
  const file = form.get('file');
  if (form.get('messaging_product') !== 'whatsapp' || typeof file === 'string' || file === null)
    throw parameter('file or messaging_product is missing');
  if (!STORABLE.test(file.type)) throw parameter(`Param file must be a file with one of the supported types, not ${file.type}`);
  const limit = LIMITS[file.type.split('/')[0] ?? ''] ?? 0;
  if (file.size > limit * 1024 * 1024) throw new GraphFailure(400, 131053, 'Media upload error: too large');
  return { id: storeFile(state, Buffer.from(await file.arrayBuffer()), { contentType: file.type, filename: file.name }) };
}

export function storeFile(
  state: GraphState,
  bytes: Buffer,
  known: { contentType: string; filename?: string; sizeBytes?: number; sha256?: string; url?: string },
): string {
  const id = newId(state);
  state.files.set(id, {
    bytes,
    contentType: known.contentType,
    filename: known.filename ?? null,
    sizeBytes: known.sizeBytes ?? bytes.byteLength,
    sha256: known.sha256 ?? createHash('sha256').update(bytes).digest('hex'),
    url: known.url ?? null,
  });
  return id;
}

/** GET of a node or edge below the version. */
export function readNode(state: GraphState, path: string, token: string, origin: string): object {
  if (path === `${APP_ID}/subscriptions`) {
    if (token !== `${APP_ID}|${APP_SECRET}`) throw new GraphFailure(400, 190, 'Invalid OAuth access token signature.');
    return { data: state.webhook === null ? [] : [subscriptionTo(state.webhook)] };
  }
  if (token !== TOKEN) throw new GraphFailure(401, 190, 'Invalid OAuth access token');
  switch (path) {
    case 'debug_token':
      return { data: { app_id: APP_ID, type: 'SYSTEM_USER', is_valid: true, expires_at: state.tokenExpiresAt, scopes: state.scopes } };
    case PHONE_NUMBER_ID:
      return phoneNumber(state);
    case `${ACCOUNT_ID}/subscribed_apps`:
      return {
        data: state.subscribed ? [{ whatsapp_business_api_data: { id: APP_ID, name: 'Parley', link: 'https://example.com' } }] : [],
      };
    case `${ACCOUNT_ID}/message_templates`:
      return {
        data: state.templates.map(({ text, buttons, ...template }) => ({
          ...template,
          parameter_format: 'POSITIONAL',
          components: componentsOf(text, buttons),
        })),
      };
    default:
      return describeFile(state, path, origin);
  }
}

const subscriptionTo = (url: string) => ({
  object: 'whatsapp_business_account',
  callback_url: url,
  active: true,
  fields: [{ name: 'messages', version: 'v23.0' }],
});

const componentsOf = (text: string, buttons: readonly string[]) => [
  { type: 'BODY', text },
  ...(buttons.length === 0 ? [] : [{ type: 'BUTTONS', buttons: buttons.map((label) => ({ type: 'QUICK_REPLY', text: label })) }]),
];

function phoneNumber({ canSend }: GraphState): object {
  const errors = [
    { error_code: 141006, error_description: 'There is an error with the payment method.', possible_solution: 'Add a payment method.' },
  ];
  return {
    id: PHONE_NUMBER_ID,
    display_phone_number: `+${DISPLAY_PHONE_NUMBER}`,
    verified_name: "Jasper's Market",
    quality_rating: 'GREEN',
    health_status: {
      can_send_message: canSend,
      entities: [
        { entity_type: 'PHONE_NUMBER', id: PHONE_NUMBER_ID, can_send_message: canSend },
        { entity_type: 'WABA', id: ACCOUNT_ID, can_send_message: canSend, ...(canSend === 'BLOCKED' ? { errors } : {}) },
      ],
    },
  };
}

function describeFile(state: GraphState, id: string, origin: string): object {
  const file = state.files.get(id);
  if (file === undefined) throw parameter(`Unsupported get request. Object with ID '${id}' does not exist`);
  const key = randomUUID();
  state.downloads.set(key, { fileId: id, until: nowOf(state) + DOWNLOAD_MS });
  const url = file.url ?? `${origin}/whatsapp_business/attachments/?mid=${key}`;
  return { messaging_product: 'whatsapp', url, mime_type: file.contentType, sha256: file.sha256, file_size: String(file.sizeBytes), id };
}

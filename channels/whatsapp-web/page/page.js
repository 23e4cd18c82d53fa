// Shows the state of the link and its codes, with the key that is typed in; the key stays in this tab until it is closed.
/* global document, fetch, sessionStorage, clearTimeout, confirm */
const POLL_MS = 3000;
const API = '/api/whatsapp-web';
const element = (id) => document.getElementById(id);
let timer = 0;

const SAYS = {
  starting: 'the browser is starting',
  unlinked: 'waiting for a phone',
  paused: 'no phone, and no code is shown',
  loading: 'linked, loading messages',
  ready: 'linked and ready',
  away: 'not connected',
  elsewhere: 'another instance of the service has the browser',
  stopped: 'stopped',
};

async function call(path, options = {}) {
  const headers = { 'X-API-Key': sessionStorage.getItem('key') ?? '', ...options.headers };
  const response = await fetch(`${API}${path}`, { ...options, headers });
  if (response.ok) return response;
  const { message = `The service answers ${response.status}.` } = await response.json().catch(() => ({}));
  throw Object.assign(new Error(message), { status: response.status });
}

const post = (path, body = {}) =>
  call(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

async function show(status) {
  const waiting = status.state === 'unlinked';
  element('panel').hidden = false;
  element('key-form').hidden = true;
  element('state').textContent = SAYS[status.state] ?? status.state;
  element('detail').textContent = status.detail ?? '';
  element('linked-as').textContent = status.linked_as === null ? '' : `Linked phone: ${status.linked_as.replace(/@.*/, '')}`;
  element('linked-as').hidden = status.linked_as === null;
  element('pairing-code').textContent = status.pairing_code ?? '';
  element('pairing').hidden = status.pairing_code === null;
  element('code').hidden = !status.has_qr;
  element('pair-form').hidden = !waiting && status.state !== 'paused';
  element('again').hidden = status.state !== 'paused';
  element('log-out').hidden = status.linked_as === null;
  if (status.has_qr) element('qr').src = `data:image/svg+xml,${encodeURIComponent(await (await call('/qr.svg')).text())}`;
}

function showError(error) {
  element('error').textContent = error.message;
  if (error.status !== 401 && error.status !== 403) return;
  sessionStorage.removeItem('key');
  element('panel').hidden = true;
  element('key-form').hidden = false;
}

/** One look, and another one later while there is a key. */
async function look() {
  clearTimeout(timer);
  try {
    await show(await (await call('')).json());
    element('error').textContent = '';
  } catch (error) {
    // The code may have gone between two calls.
    if (error.status !== 404 || element('panel').hidden) showError(error);
  }
  if (sessionStorage.getItem('key') !== null) timer = setTimeout(look, POLL_MS);
}

async function act(path, body) {
  try {
    await show(await (await post(path, body)).json());
    element('error').textContent = '';
  } catch (error) {
    showError(error);
  }
}

element('key-form').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem('key', element('key').value.trim());
  element('key').value = '';
  void look();
});
element('pair-form').addEventListener('submit', (event) => {
  event.preventDefault();
  void act('/link', { phone_number: element('phone').value });
});
element('again').addEventListener('click', () => void act('/link'));
element('log-out').addEventListener('click', () => {
  if (confirm('Unlink the phone? Customers cannot write to the bot until a phone is linked again.')) void act('/log-out');
});
if (sessionStorage.getItem('key') !== null) void look();

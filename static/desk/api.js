// SPDX-License-Identifier: MIT
// Requests to the API with the editor's key, and what can come of them: an answer, a Problem that the server explains, or no connection.
//
// The key stays in the tab (sessionStorage), or in the browser (localStorage) for those who ask to be kept signed in. Nothing else of the
// session is kept, and signing out forgets it in both places.

const KEY = 'desk:key',
  PATIENCE_MS = 20000;
const PASSING = [429, 502, 503, 504];

export const session = {
  get key() {
    return sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY);
  },
  begin(key, stays) {
    this.end();
    (stays ? localStorage : sessionStorage).setItem(KEY, key);
  },
  end() {
    sessionStorage.removeItem(KEY);
    localStorage.removeItem(KEY);
  },
};

// RFC 9457. `errors` name single fields by JSON pointer.
export class Problem extends Error {
  constructor(status, members) {
    super(members.detail || members.title || `The server answered ${status}`);
    this.status = status;
    this.errors = (members.errors || []).filter(error => error.pointer !== undefined);
    this.passes = PASSING.includes(status);
    // Parameters have no input to stand beside.
    for (const error of members.errors || []) if (error.pointer === undefined) this.message += `: ${error.detail}`;
  }
}

export class NoConnection extends Error {
  constructor() {
    super('There is no connection to the server');
    this.passes = true;
  }
}

async function send(method, path, { body, headers }) {
  const options = { method, headers: { ...headers }, cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) };

  if (session.key) options.headers.Authorization = `Bearer ${session.key}`;
  if (body !== undefined) {
    options.headers['Content-Type'] = 'application/json';
    options.body = typeof body === 'string' ? body : JSON.stringify(body);
  }
  try {
    const response = await fetch(path, options);

    return { response, text: await response.text() };
  } catch {
    throw new NoConnection();
  }
}

function parse(text) {
  try {
    return JSON.parse(text || '{}');
  } catch {
    return {};
  }
}

// { data, meta, links, etag }. A key that no longer opens anything is told to the whole desk, and the request can be made again afterwards.
export async function call(method, path, options = {}) {
  const { response, text } = await send(method, path, options),
    document = parse(text);

  if (!response.ok) {
    const problem = new Problem(response.status, document);

    if (response.status === 401) dispatchEvent(new CustomEvent('desk-signed-out', { detail: problem.message }));
    throw problem;
  }
  return { data: document.data, meta: document.meta || {}, links: document.links || {}, etag: response.headers.get('ETag') };
}

export const get = path => call('GET', path);

// "?a=1&b=2" of what is neither empty nor undefined.
export function query(parameters) {
  const filled = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null && value !== '');

  return filled.length ? `?${new URLSearchParams(filled)}` : '';
}

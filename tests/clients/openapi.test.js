// SPDX-License-Identifier: MIT
// The contract, driven from the document itself: /openapi.json is read, and everything that stands in it is asked of a running server. Each parameter with
// values that its schema allows and with one that it does not, each member of each body, each error of each call; and what is not in the document must be
// refused. Every answer is held against its schema, in which no other member may be.
//
// A call that is only read needs nothing here. One that has a body, or values in its path that are not known below, needs a line in `bodies` or
// `pathValues`; an error that cannot be had in a way common to all, one in `ownErrors`. What is missing is named.
'use strict';

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const Ajv = require('ajv/dist/2020');
const addFormats = require('ajv-formats');

const { addKey, sample, startServer } = require('./server.js');

let server, limited, plain, keys, document, operations, gone, number = 0;

// --- asking ---

// Gives { status, headers, text, json }. `length` declares a body that is longer than what is sent.
function ask(base, { method = 'get', target, headers = {}, body, length, events = 1 }) {
  return new Promise((resolve, reject) => {
    const bytes = body === undefined ? undefined : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const request = http.request(base + target, {
      method: method.toUpperCase(), agent: false,
      headers: { ...(bytes ? { 'Content-Type': 'application/json', 'Content-Length': length ?? bytes.length } : {}), ...headers },
    }, response => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', piece => {
        text += piece;
        // A stream of events has no end: as many as are wanted, and no half ones, are looked at.
        if (!/event-stream/.test(response.headers['content-type']) || text.split('\n\n').length <= events) return;
        request.destroy();
        resolve({ status: response.statusCode, headers: response.headers, text: text.slice(0, text.lastIndexOf('\n\n') + 2) });
      });
      response.on('end', () => {
        request.destroy();
        let json;
        try { json = JSON.parse(text); } catch { /* no JSON */ }
        resolve({ status: response.statusCode, headers: response.headers, text, json });
      });
    });
    request.on('error', reject);
    if (length) request.write(bytes); else request.end(bytes);
  });
}

const bearer = key => ({ Authorization: `Bearer ${key}` });

// What node's client would not send.
function askRaw(bytes) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.base);
    const socket = net.connect(Number(port), hostname, () => socket.write(bytes));
    let text = '';
    socket.on('data', piece => { text += piece; if (/\r\n\r\n.*\}\n$/s.test(text) || /<\/html>\n$/.test(text)) socket.destroy(); });
    socket.on('close', () => resolve({ status: Number(text.slice(9, 12)), text }));
    socket.on('error', reject);
  });
}

// --- the document ---

const resolve = thing => thing.$ref ? thing.$ref.slice(2).split('/').reduce((at, part) => at[part], document) : thing;

function readOperations() {
  return Object.entries(document.paths).flatMap(([template, methods]) => Object.entries(methods).map(([method, operation]) => ({
    ...operation, template, method, isApi: template.startsWith('/v1/'),
    parameters: (operation.parameters || []).map(resolve),
    answers: Object.fromEntries(Object.entries(operation.responses).map(([status, answer]) => [status, resolve(answer)])),
  })));
}

const problemsOf = operation => Object.values(operation.answers).flatMap(answer => answer['x-problems'] || []);
const queryOf = operation => operation.parameters.filter(parameter => parameter.in === 'query');

// A schema with nothing in it that is not said, but for formats that others define; and, where no `fields` picks members, with all that must be there.
function close(schema, picked) {
  if (Array.isArray(schema)) return schema.filter(one => picked || !/\/Picked/.test(one?.$ref)).map(one => close(one, picked));
  if (schema === null || typeof schema !== 'object') return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, close(value, picked)]));
  if (copy.type === 'object' && copy.properties && !copy.additionalProperties) copy.additionalProperties = false;
  return copy;
}

const validators = new Map();
function validator(schema, picked = false) {
  const key = JSON.stringify([schema, picked]);
  if (!validators.has(key)) {
    const ajv = addFormats(new Ajv({ strict: false, allErrors: true, validateFormats: true }));
    validators.set(key, ajv.compile({ ...close(schema, picked), components: { schemas: close(document.components.schemas, picked) } }));
  }
  return validators.get(key);
}

function checkValue(schema, value, picked, what) {
  const valid = validator(schema, picked);
  assert.ok(valid(value), `${what}: ${JSON.stringify(valid.errors?.slice(0, 5))} in ${JSON.stringify(value).slice(0, 700)}`);
}

// Lines of a stream of events: a comment, or a field that it may have; the data of each event is as the document says.
function checkEvents(schema, text, what) {
  for (const line of text.split('\n')) {
    assert.match(line, /^(|:.*|retry: \d+|id: \d+|data: \{.*\})$/, what);
    if (line.startsWith('data: ')) checkValue(schema['x-event-data'], JSON.parse(line.slice(6)), false, what);
  }
}

// What the transport brings, or what is said once of all answers or is for browsers and caches in between: no answer documents it.
const commonHeaders = new Set(['connection', 'date', 'content-length', 'transfer-encoding', 'content-type', 'vary', 'x-content-type-options', 'content-security-policy',
  'referrer-policy', 'x-robots-tag', 'access-control-allow-origin', 'access-control-expose-headers', 'cache-groups', 'surrogate-key', 'x-accel-buffering']);
const seenHeaders = new Set();

function checkHeaders(answer, reply, what) {
  const documented = Object.entries(answer.headers).map(([name, header]) => [name.toLowerCase(), resolve(header)]);
  for (const [name, header] of documented) {
    if (reply.headers[name] !== undefined) {
      seenHeaders.add(header.description);
      if (header.schema.type === 'integer') assert.match(reply.headers[name], /^\d+$/, `${what}: ${name}`);
    } else {
      assert.ok(!header.required, `${what}: ${reply.status} has no ${name}`);
    }
  }
  for (const name of Object.keys(reply.headers)) assert.ok(commonHeaders.has(name) || documented.some(([one]) => one === name), `${what}: ${reply.status} has ${name}, which is not documented`);
}

// The answer is one that the document has: its status, its media type, its members.
function check(operation, reply, { picked = false, what = operation.operationId } = {}) {
  let answer = operation.answers[reply.status];
  const code = /^\/problems\/(.*)$/.exec(reply.json?.type || '')?.[1];

  if (!answer) {
    answer = operation.answers.default;
    assert.ok(operation.isApi ? answer['x-problems'].includes(code) : reply.status >= 400, `${what}: ${reply.status} is not documented: ${reply.text.slice(0, 300)}`);
  }
  if (answer['x-problems'] && operation.isApi) assert.ok(answer['x-problems'].includes(code), `${what}: the problem ${code} is not documented for ${reply.status}`);
  checkHeaders(answer, reply, what);
  if (!answer.content) return assert.ok(reply.status < 300 ? reply.text === '' : true, `${what}: has a body`);
  const type = (reply.headers['content-type'] || '').split(';')[0];
  const content = answer.content[type] || answer.content['*/*'];
  assert.ok(content, `${what}: ${type} is not documented`);
  const lines = type === 'application/x-ndjson' ? reply.text.trim().split('\n').filter(Boolean).map(line => JSON.parse(line)) : /json$/.test(type) ? [reply.json] : [];
  for (const value of lines) checkValue(content.schema, value, picked, what);
  if (type === 'text/event-stream') checkEvents(content.schema, reply.text, what);
}

// --- what calls are made with ---

const api = async (method, target, body, headers) => {
  const reply = await ask(server.base, { method, target, body, headers: { ...bearer(keys.all), ...headers } });
  assert.ok(reply.status < 300, `${method} ${target}: ${reply.text}`);
  return reply;
};
const anArticle = more => ({ title: `A headline ${++number}`, source: 'The Test', section: 'National', body_html: '<p>Words.</p>', tags: ['Testing'], authors: ['Ann Lee'], ...more });
// Takes all away once there are so many.
async function clear(what, name, most = 0) {
  const { data } = (await api('get', `/v1/${what}`)).json;
  if (data.length >= most) for (const one of data) await api('delete', `/v1/${what}/${one[name]}`, undefined, { 'If-Match': '*' });
}
const fresh = {
  article: async more => String((await api('post', '/v1/articles', anArticle(more))).json.data.id),
  section: async () => { const slug = `section-${++number}`; await api('put', `/v1/sections/${slug}`, { name: `Section ${number}` }); return slug; },
  // There may be 200, so some come again.
  collection: async () => {
    const name = `list-${++number % 50}`;
    await ask(server.base, { method: 'put', target: `/v1/collections/${name}`, body: { ids: [Number(await fresh.article({ status: 'published' }))] }, headers: bearer(keys.all) });
    return name;
  },
  key: async () => { const name = `key-${++number}`; await api('post', '/v1/keys', { name, scopes: ['write'] }); return name; },
  webhook: async more => { await clear('webhooks', 'id', 50); return String((await api('post', '/v1/webhooks', { url: 'http://127.0.0.1:9/', ...more })).json.data.id); },
  preview: async ref => (await api('post', `/v1/articles/${ref || await fresh.article()}/preview`)).json.data.api_url.split('/').pop(),
};

const firstTerm = async terms => (await ask(server.base, { target: `/v1/${terms}?limit=1&order=count` })).json.data[0].slug;
const pathValues = {
  ref: async operation => operation.method === 'get' && !operation['x-scope'] ? (await ask(server.base, { target: '/v1/articles?limit=2' })).json.data[1].slug : fresh.article(),
  rev: () => '1',
  slug: async operation => operation.method === 'put' ? fresh.section() : firstTerm(`${/(\w+?)s?\/\{slug\}/.exec(operation.template)[1]}s`),
  name: operation => operation.template.includes('/collections/') ? fresh.collection() : fresh.key(),
  id: () => fresh.webhook(),
  token: () => fresh.preview(),
  code: () => 'stale',
  path: () => 'site.css',
  page: () => '0',
};
const nothing = { ref: '999999', rev: '999', slug: 'zz-nothing', name: 'zz-nothing', id: '999999', token: 'nothing', code: 'nothing', path: 'nothing.css', page: '999' };

// A body with every member that its schema has.
const bodies = {
  createArticle: () => anArticle({ guid: `guid-${++number}` }),
  replaceArticle: () => anArticle(),
  patchArticle: () => ({ summary: 'Another one', byline: null }),
  withdrawArticle: () => ({ reason: 'wrong' }),
  writeBatch: () => `${JSON.stringify(anArticle({ guid: `guid-${++number}` }))}\n${JSON.stringify({ title: 'Nothing else' })}\n`,
  createPreview: () => ({ expires_in: 60, rev: 1 }),
  putSection: () => ({ name: `Another name ${++number}`, description: 'About it', position: 3, hidden: true }),
  putCollection: async () => ({ title: 'A title', ids: [Number(await fresh.article())] }),
  createKey: () => ({ name: `key-${++number}`, scopes: ['write'], expires_at: '2099-01-01' }),
  createWebhook: () => ({ url: 'http://127.0.0.1:9/', events: ['publish'], section: 'national', tag: 'testing', secret: 'a-secret-of-16-or-more', active: false }),
  replaceWebhook: () => bodies.createWebhook(),
  replayDeliveries: () => ({ since: 0 }),
};
// Values for members that cannot be sent all at once, or that need others.
const moreBodies = {
  replayDeliveries: [{ dead: true }, { deliveries: [], dead: true }],
  withdrawArticle: [async () => ({ replaced_by: Number(await fresh.article()) })],
};
const articleMembers = {
  slug: () => `slug-${++number}`, title: () => 'Other', summary: () => 'Lead', source: () => ({ name: 'The Test' }), byline: () => 'By Ann', authors: () => [{ name: 'Ann Lee' }, 'Bob Ray'],
  dateline: () => 'WATERLOO', section: () => ({ name: 'National', slug: 'national', count: 1, newest_at: '2016-01-01T00:00:00Z', description: 'a', position: 1, hidden: false, rev: 1 }),
  tags: () => [{ name: 'Testing', slug: 'testing', type: 'event', count: 1, newest_at: '2016-01-01T00:00:00Z' }, 'Other'],
  image: () => ({ url: 'https://example.org/a.jpg', width: 3, height: 2, alt: 'a', caption: 'b', credit: 'c' }), lang: () => 'en', featured: () => true,
  published_at: () => '2016-01-01T00:00:00Z', body_html: () => '<p>Text</p>', body_text: () => 'Text', corrections: () => [{ kind: 'update', text: 'New' }, { at: '2016-01-01', text: 'x', kind: 'correction' }],
  guid: () => `g-${++number}`, source_url: () => 'https://example.org/1', canonical_url: () => 'https://example.org/1', rights: () => ({ holder: 'a', notice: 'b', usage_terms: 'c' }),
  status: () => 'draft', publish_at: () => '2099-01-01T00:00:00Z', expire_at: () => '2099-02-01', related_ids: () => [1],
};

// A call that should do. `with` adds to it.
async function callOf(operation, more = {}) {
  const values = {};
  for (const parameter of operation.parameters.filter(one => one.in === 'path')) {
    assert.ok(pathValues[parameter.name], `pathValues of this test has nothing for {${parameter.name}} of ${operation.template}`);
    values[parameter.name] = await pathValues[parameter.name](operation);
  }
  Object.assign(values, more.values);
  const query = { ...Object.fromEntries(queryOf(operation).filter(one => one.required).map(one => [one.name, rightValues(one)[0]])), ...more.query };
  const types = Object.keys(operation.requestBody?.content || {});
  let body;
  if (operation.requestBody) {
    assert.ok(bodies[operation.operationId], `bodies of this test has nothing for ${operation.operationId}`);
    body = await bodies[operation.operationId]();
  }
  const sent = new URLSearchParams(Object.entries(query).flatMap(([name, value]) => [].concat(value).map(one => [name, String(one)]))).toString();
  return {
    method: operation.method, body: 'body' in more ? more.body : body,
    target: operation.template.replace(/\{(\w+)\}/g, (all, name) => encodeURIComponent(values[name])) + (sent && `?${sent}`),
    headers: {
      ...(operation['x-scope'] ? bearer(keys.all) : {}), ...(types.length > 0 ? { 'Content-Type': types[0] } : {}),
      ...(operation.parameters.some(one => one.name === 'If-Match') ? { 'If-Match': '*' } : {}), ...more.headers,
    },
  };
}

const call = async (operation, more) => ask(server.base, await callOf(operation, more));
const without = (object, name) => Object.fromEntries(Object.entries(object).filter(([one]) => one !== name));

// Without its parameters.
async function askForNothing(operation) {
  const plain = await callOf(operation);
  return ask(server.base, { ...plain, target: plain.target.replace(/\?.*/, '') });
}

// --- errors ---

const lastOfPath = operation => operation.parameters.filter(one => one.in === 'path').at(-1)?.name;
const lacking = { read_drafts: 'admin', write: 'read_drafts', admin: 'write' };
const errors = {
  invalid: operation => call(operation, { headers: { Expect: 'the-unexpected' } }),
  'bad-parameter': operation => operation.isApi ? call(operation, { query: { zz_nothing: '1' } }) : askForNothing(operation),
  'bad-cursor': operation => call(operation, { query: { [queryOf(operation).find(one => /^(cursor|before)$/.test(one.name)).name]: 'rubbish', ...(operation.operationId === 'pageSearch' && { q: 'harbour' }) } }),
  unauthorized: operation => call(operation, { headers: bearer('rubbish') }),
  forbidden: operation => operation['x-scope'] ? call(operation, { headers: bearer(keys[lacking[operation['x-scope']]]) }) : call(operation, { query: { status: 'draft' } }),
  'not-found': operation => call(operation, { values: { [lastOfPath(operation)]: nothing[lastOfPath(operation)] } }),
  withdrawn: operation => call(operation, { values: { ref: gone } }),
  'sync-expired': operation => call(operation, { query: { since: '999999999' } }),
  stale: operation => call(operation, { headers: { 'If-Match': '"999.0123456789abcdef-i"' } }),
  'if-match-required': async operation => { const plain = await callOf(operation); return ask(server.base, { ...plain, headers: without(plain.headers, 'If-Match') }); },
  'too-large': async operation => ask(server.base, { ...await callOf(operation), body: ' ', length: operation.requestBody['x-bytes-most'] + 1 }),
  'media-type': async operation => {
    check(operation, await call(operation, { headers: { 'Content-Encoding': 'gzip' } }));
    return call(operation, { headers: { 'Content-Type': 'text/plain' } });
  },
  'bad-fields': operation => call(operation, { body: { zz_nothing: 1 } }),
  'preview-over': async operation => {
    const ref = await fresh.article(), token = await fresh.preview(ref);
    await api('delete', `/v1/articles/${ref}?erase=true`);
    return call(operation, { values: { ref, token } });
  },
  'too-many-requests': async operation => {
    for (let i = 0; i < 4; i++) {
      const reply = await ask(limited.base, { ...await callOf(operation), headers: bearer(limited.key) });
      if (reply.status === 429) return reply;
    }
    assert.fail(`${operation.operationId} is not limited`);
  },
};
const ownErrors = {
  createArticle: {
    conflict: async operation => { const body = anArticle({ guid: 'taken' }); await ask(server.base, { ...await callOf(operation), body }); return call(operation, { body }); },
    'idempotency-mismatch': async operation => { const headers = { 'Idempotency-Key': `k-${++number}` }; await call(operation, { headers }); return call(operation, { headers }); },
  },
  putSection: { conflict: operation => call(operation, { body: { name: 'National' } }) },
  createKey: { conflict: async operation => call(operation, { body: { name: await fresh.key(), scopes: ['write'] } }) },
  createWebhook: {
    conflict: async operation => {
      let reply;
      for (let i = 0; i < 120 && (!reply || reply.status === 201); i++) reply = await call(operation);
      await clear('webhooks', 'id');
      return reply;
    },
  },
  putCollection: {
    conflict: async operation => {
      let reply;
      const body = { ids: [] };
      for (let i = 0; i < 220 && (!reply || reply.status < 300); i++) {
        reply = await ask(server.base, { method: 'put', target: `/v1/collections/many-${i}`, body, headers: bearer(keys.all) });
      }
      await clear('collections', 'name');
      return reply;
    },
  },
};
for (const name of ['replaceArticle', 'patchArticle', 'restoreRevision'])
  ownErrors[name] = { conflict: async operation => { const ref = await fresh.article(); await api('delete', `/v1/articles/${ref}?erase=true`); return call(operation, { values: { ref } }); } };
for (const name of ['replayDeliveries', 'testWebhook'])
  ownErrors[name] = { conflict: async operation => call(operation, { values: { id: await fresh.webhook({ active: false }) } }) };

// Any call can meet these, so they are tried once; the last two cannot be had by asking.
const anyErrors = {
  'method-not-allowed': () => ask(server.base, { method: 'put', target: '/v1/search' }),
  'target-too-long': () => ask(server.base, { target: `/v1/articles?q=${'a'.repeat(5000)}` }),
  'headers-too-large': () => ask(server.base, { target: '/v1/articles', headers: Object.fromEntries([...Array(150)].map((one, i) => [`X-${i}`, 'a'])) }),
  'method-unknown': () => askRaw('BREW /v1/articles HTTP/1.1\r\nHost: a\r\n\r\n'),
  'coding-unknown': () => askRaw('POST /v1/articles HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n'),
  'http-version': () => askRaw('GET /v1/articles HTTP/1.9\r\nHost: a\r\n\r\n'),
  busy: () => ask(server.base, { target: '/v1/articles?min_seq=9000000000000000' }),
  internal: null, 'storage-full': null,
};

// --- parameters ---

// Values that the schema allows, as they are sent.
function rightValues(parameter) {
  const { schema } = parameter, items = schema.items;
  if (parameter.name === 'wait') return ['0', '1'];    // seconds
  if (schema.anyOf) return ['2015-12-31', '2015-12-31T17:20:00Z', '2015-12-31T17:20:00-05:00'];
  if (schema.type === 'integer') return [schema.default ?? schema.minimum + 1, schema.minimum, Math.min(schema.maximum ?? 2, 2 ** 40)];
  if (schema.type === 'boolean') return ['true', 'false'];
  if (schema.enum) return schema.enum;
  if (schema.type === 'array') return items.enum ? [...items.enum, items.enum.join(',')] : items.type === 'integer' ? ['1', '2,1'] : items.pattern.includes('!') ? ['national', '!national', 'a,b'] : ['national,a'];
  return { max_age: ['P30D', 'PT12H', 'P1W2DT3H4M5S'], fields: ['id,title', 'title'], since: ['0', 'now', '1'], before: ['1451582400-17'] }[parameter.name] || ['harbour'];
}
function wrongValues(parameter) {
  const { schema } = parameter;
  if (schema.type === 'integer') return ['x', '1.5', ...(schema.minimum > 0 || schema.minimum === 0 ? [String(schema.minimum - 1)] : []), ...(schema.maximum ? [String(schema.maximum + 1)] : []), ''];
  if (schema.type === 'array') return ['', 'Ä', ...(schema.maxItems ? [[...Array(schema.maxItems + 1)].map((one, i) => schema.items.enum?.[0] || i + 1).join(',')] : [])];
  if (schema.anyOf || schema.enum || schema.type === 'boolean') return ['zz', ''];
  const unlike = { max_age: ['P1Y', 'P1M', 'P', 'PT', 'P1DT', '1D', 'P1D2W'], since: ['zz', '-1', '01', '1.5', '9'.repeat(19)], fields: ['Id', 'id,', ',id', 'id title', 'a.b.c'] }[parameter.name] || [];
  assert.equal(unlike.length > 0, schema.pattern !== undefined, `wrongValues of this test has nothing unlike the pattern of ${parameter.name}`);
  for (const value of unlike) assert.doesNotMatch(value, new RegExp(schema.pattern, 'u'), parameter.name);
  // Whatever is longer is refused, at the latest because the address is: in characters of one byte and, sooner, of two.
  return [...unlike, '', ...(schema.maxLength ? ['a'.repeat(schema.maxLength + 1), 'ä'.repeat(schema['x-bytes-most'] / 2 + 1)] : [])];
}
// What else has to be said with it.
const companions = (operation, name, value) => ({
  order: value === 'relevance' && { q: 'harbour' }, status: operation.isApi && {}, erase: {},
}[name] || {});

// Values for a path below which there are several of something.
const several = {
  listRevisions: async () => {
    const ref = await fresh.article({ status: 'published' });
    for (const text of ['One', 'Two']) await api('patch', `/v1/articles/${ref}`, { corrections: [{ kind: 'correction', text }] }, { 'If-Match': '*' });
    return { ref };
  },
  listDeliveries: async () => {
    const id = await fresh.webhook();
    for (let i = 0; i < 3; i++) await api('post', `/v1/webhooks/${id}/test`);
    return { id };
  },
};

// The value that leads to the next page, from wherever an answer has it: its links, the Link header, a page's or a feed's own.
const nextOf = (reply, name) => new RegExp(`[?&;]${name}=([\\w.%-]+)`).exec(reply.headers.link || '')?.[1] || new RegExp(`[?&;]${name}=([\\w.%-]+)`).exec(reply.text)?.[1];

async function sendParameter(operation, parameter, value) {
  let query = { ...companions(operation, parameter.name, value), [parameter.name]: value }, headers = {}, values = {};
  if (parameter.name === 'cursor' || parameter.name === 'before') {
    values = await several[operation.operationId]?.() || {};
    query = queryOf(operation).some(one => one.name === 'limit') ? { limit: 1 } : operation.operationId === 'pageSearch' ? { q: 'harbour' } : {};
    const next = nextOf(await call(operation, { query, values }), parameter.name);
    assert.ok(next, `${operation.operationId} has no next page, so ${parameter.name} cannot be tried`);
    query[parameter.name] = decodeURIComponent(next);
  }
  if (parameter.name === 'status') headers = bearer(keys.all);
  if (parameter.name === 'against') query.against = 1;
  return call(operation, { query, headers, values });
}

// --- tests ---

before(async () => {
  server = await startServer({ files: [sample], args: ['--auth-failures', '0', '--webhook-allow', '127.0.0.0/8'] });
  limited = await startServer({ files: [sample], args: ['--read-limit', '1', '--write-limit', '1', '--auth-failures', '0'] });
  plain = await startServer({ files: [sample], args: ['--related-rate', '0'] });
  keys = { all: addKey(server.database, 'all', 'read_drafts,write,admin') };
  for (const scope of ['read_drafts', 'write', 'admin']) keys[scope] = addKey(server.database, scope, scope);
  limited.key = addKey(limited.database, 'all', 'read_drafts,write,admin');
  document = (await ask(server.base, { target: '/openapi.json' })).json;
  operations = readOperations();
  // So many that every listing and feed has a next page.
  server.add([...Array(120)].map((one, i) => anArticle({ guid: `many-${i}`, status: 'published', body_html: '<p>The harbour.</p>', published_at: '2015-12-31T17:20:00Z' })));
  gone = await fresh.article({ status: 'published' });
  await api('delete', `/v1/articles/${gone}`, { reason: 'wrong' });
});

after(async () => {
  assert.equal(await server?.stop(), 0);
  assert.equal(await limited?.stop(), 0);
  assert.equal(await plain?.stop(), 0);
});

describe('linted clean', () => {
  // Only the report counts: what node itself or the linter says of its surroundings goes to standard error.
  const lint = (name, script, args, complaints) => test(name, () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'broadsheet-openapi-')), file = path.join(folder, 'openapi.json'), rules = path.join(folder, 'rules.json');
    fs.writeFileSync(file, JSON.stringify(document));
    fs.writeFileSync(rules, '{"extends":["spectral:oas"]}');
    const done = spawnSync(process.execPath, [require.resolve(script), ...args(file, rules)],
      { encoding: 'utf8', cwd: folder, env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' } });
    fs.rmSync(folder, { recursive: true });
    assert.equal(done.status, 0, done.stdout + done.stderr);
    assert.equal(complaints(JSON.parse(done.stdout)), 0, done.stdout);
  });
  lint('by Spectral', '@stoplight/spectral-cli/dist/index.js', (file, rules) => ['lint', '--quiet', '--format', 'json', '--fail-severity', 'hint', '--ruleset', rules, file], report => report.length);
  lint('by Redocly CLI', '@redocly/cli/bin/cli.js', file => ['lint', '--format', 'json', file], ({ totals }) => totals.errors + totals.warnings);
});

describe('every call', () => {
  test('answers as the document says', async () => {
    assert.ok(operations.length >= 55);
    for (const operation of operations) {
      const reply = await call(operation);
      assert.ok(reply.status < 300, `${operation.operationId}: ${reply.status} ${reply.text.slice(0, 300)}`);
      check(operation, reply);
    }
  });

  test('says to the holder of a key what the document says', async () => {
    for (const operation of operations.filter(one => one.isApi && one.method === 'get')) check(operation, await call(operation, { headers: bearer(keys.all) }));
  });

  test('takes each parameter that is documented', async () => {
    for (const operation of operations)
      for (const parameter of queryOf(operation))
        for (const value of rightValues(parameter)) {
          const reply = await sendParameter(operation, parameter, value), what = `${operation.operationId} ${parameter.name}=${value}`;
          if (parameter.schema.pattern) assert.match(String(value), new RegExp(parameter.schema.pattern, 'u'), what);
          // Filters may leave no neighbour.
          const mayLack = /^get(Next|Previous)Article$/.test(operation.operationId) && !/^(min_seq|fields|include)$/.test(parameter.name);
          assert.ok(reply.status < 300 || (mayLack && reply.status === 404), `${what}: ${reply.status} ${reply.text.slice(0, 300)}`);
          check(operation, reply, { picked: parameter.name === 'fields', what });
        }
  });

  test('refuses what a parameter may not be, and names it', async () => {
    for (const operation of operations.filter(one => one.isApi))
      for (const parameter of queryOf(operation)) {
        for (const value of wrongValues(parameter)) {
          const reply = await call(operation, { query: { [parameter.name]: value } }), what = `${operation.operationId} ${parameter.name}=${value.slice(0, 40)}`;
          assert.equal(reply.status, encodeURIComponent(value).length > 3900 ? 414 : 400, `${what}: ${reply.text.slice(0, 300)}`);
          check(operation, reply, { what });
          if (reply.status === 414) continue;
          assert.ok(reply.json.errors.some(issue => issue.parameter === parameter.name), `${what}: ${reply.text}`);
        }
        if (parameter.schema.type === 'array') continue;
        const value = rightValues(parameter)[0], twice = await call(operation, { query: { [parameter.name]: [value, value] } });
        assert.equal(twice.status, 400, `${operation.operationId} ${parameter.name} twice`);
        assert.ok(twice.json.errors.some(issue => issue.code === 'repeated'));
      }
  });

  test('is answered with no more than was picked', async () => {
    const picking = operations.filter(operation => queryOf(operation).some(one => one.name === 'fields'));
    assert.ok(picking.length >= 6);
    for (const operation of picking)
      for (const fields of ['id', 'section.name', 'source.slug,tags.name,authors.name', 'image.url', ...(operation.operationId === 'getArticle' ? ['corrections.at,rights.holder,related'] : [])]) {
        const reply = await call(operation, { query: { fields } }), what = `${operation.operationId} fields=${fields}`;
        assert.equal(reply.status, 200, what);
        check(operation, reply, { picked: true, what });
        assert.throws(() => check(operation, reply), what);
      }
  });

  test('is answered by 304 where it was asked if it is still so', async () => {
    for (const operation of operations.filter(one => one.answers[304])) {
      const plain = await callOf(operation), held = (await ask(server.base, plain)).headers.etag;
      const reply = await ask(server.base, { ...plain, headers: { ...plain.headers, 'If-None-Match': held } });
      assert.equal(reply.status, 304, operation.operationId);
      assert.ok(operation.parameters.some(one => one.in === 'header' && one.name === 'If-None-Match'));
      check(operation, reply);
    }
  });

  test('makes nothing anew where nothing should be', async () => {
    const making = operations.filter(operation => operation.method === 'put' && operation.parameters.some(one => one.name === 'If-None-Match'));
    assert.deepEqual(making.map(one => one.operationId).sort(), ['putCollection', 'putSection']);
    for (const operation of making) {
      const plain = await callOf(operation), last = { ...plain, headers: { ...without(plain.headers, 'If-Match'), 'If-None-Match': '*' } };
      const reply = await ask(server.base, last);
      assert.equal(reply.status, 412);
      check(operation, reply);
      assert.equal((await ask(server.base, { ...last, target: `${plain.target}-anew` })).status, 201);
    }
  });

  test('streams what the document says, from the last event that came', async () => {
    const operation = operations.find(one => one.operationId === 'streamEvents');
    assert.ok(operation.parameters.some(one => one.in === 'header' && one.name === 'Last-Event-ID'));
    for (const include of ['', 'article', 'body']) {
      const reply = await ask(server.base, { ...await callOf(operation, { query: include && { include }, headers: { 'Last-Event-ID': '1' } }), events: 20 });
      assert.match(reply.text, /^retry: \d+\nid: 1\n\nid: \d+\ndata: /);
      assert.ok(reply.text.split('data:').length > 15);
      check(operation, reply, { what: `streamEvents ${include}` });
    }
  });

  test('refuses a place in a feed or a list that there is none of', async () => {
    for (const operation of operations)
      for (const { name } of queryOf(operation).filter(one => /^(cursor|before)$/.test(one.name))) {
        const reply = await call(operation, { query: { [name]: 'rubbish', ...(operation.operationId === 'pageSearch' && { q: 'harbour' }) } });
        assert.equal(reply.status, 400, `${operation.operationId} ${name}`);
        assert.ok(operation.answers[400]['x-problems'].includes('bad-cursor'), `${operation.operationId} ${name}`);
      }
  });

  test('leads from a path with a slash at its end to the one without', async () => {
    for (const operation of operations.filter(one => one.method === 'get' && one.template !== '/' && !one.template.startsWith('/static/'))) {
      const plain = await callOf(operation), [target, query] = plain.target.split('?'), reply = await ask(server.base, { ...plain, target: `${target}/${query ? `?${query}` : ''}` });
      assert.equal(reply.status, 308, operation.operationId);
      assert.equal(reply.headers.location, plain.target, operation.operationId);
    }
    assert.match(document.info.description, /308/);
  });

  test('needs each parameter that is required, and no other', async () => {
    for (const operation of operations)
      for (const name of queryOf(operation).filter(one => one.required).map(one => one.name)) {
        const reply = await askForNothing(operation), what = `${operation.operationId} without ${name}`;
        assert.equal(reply.status, 400, what);
        check(operation, reply, { what });
        if (operation.isApi) assert.ok(reply.json.errors.some(issue => issue.parameter === name && issue.code === 'required'), `${what}: ${reply.text}`);
      }
    assert.ok(operations.filter(operation => queryOf(operation).some(one => one.required)).length >= 5);
  });

  test('keeps what is not published to those who have a key', async () => {
    const asking = operations.filter(operation => operation.isApi && queryOf(operation).some(one => one.name === 'status'));
    assert.ok(asking.length >= 5);
    for (const operation of asking) {
      const reply = await call(operation, { query: { status: 'draft' } });
      assert.equal(reply.status, 403, operation.operationId);
      check(operation, reply);
    }
  });

  test('refuses a parameter that is not documented under /v1, and elsewhere ignores it', async () => {
    const known = new Set(operations.flatMap(operation => queryOf(operation).map(parameter => parameter.name)));
    for (const operation of operations) {
      const own = new Set(queryOf(operation).map(parameter => parameter.name));
      if (!operation.isApi) {
        assert.equal((await call(operation, { query: { utm_source: 'x' } })).status, 200, operation.operationId);
        continue;
      }
      for (const name of [...known, 'utm_source'].filter(one => !own.has(one))) {
        const reply = await call(operation, { query: { [name]: '1' } });
        assert.equal(reply.status, 400, `${operation.operationId} takes ${name}: ${reply.text.slice(0, 200)}`);
        assert.deepEqual([reply.json.errors[0].parameter, reply.json.errors[0].code], [name, 'unknown']);
      }
    }
  });

  test('gives each error that is documented', async () => {
    for (const operation of operations)
      for (const code of problemsOf({ answers: without(operation.answers, 'default') })) {
        const recipe = ownErrors[operation.operationId]?.[code] || errors[code], what = `${operation.operationId}: ${code}`;
        assert.ok(recipe, `ownErrors of this test does not know how to get ${what}`);
        const reply = await recipe(operation);
        const documented = Object.entries(operation.answers).find(([, answer]) => answer['x-problems']?.includes(code))[0];
        assert.equal(String(reply.status), documented, `${what}: ${reply.text.slice(0, 300)}`);
        if (operation.isApi) assert.equal(reply.json.type, `/problems/${code}`, `${what}: ${reply.text.slice(0, 300)}`);
        check(operation, reply, { what });
      }
  });

  test('gives no error that is not documented', async () => {
    const applies = {
      'not-found': operation => lastOfPath(operation), withdrawn: operation => operation.template.includes('{ref}'), forbidden: operation => operation['x-scope'],
      stale: operation => operation.method !== 'get', 'if-match-required': operation => operation.method !== 'get', 'bad-fields': operation => operation.requestBody,
      'too-large': operation => operation.requestBody, 'media-type': operation => operation.requestBody, invalid: () => true,
    };
    for (const operation of operations)
      for (const [code, does] of Object.entries(applies).filter(([, fits]) => fits(operation))) check(operation, await errors[code](operation), { what: `${operation.operationId}: ${code}` });
    for (const operation of operations.filter(one => one.requestBody)) for (const body of ['{', '[]', '"', '']) check(operation, await call(operation, { body }));
  });

  test('may give those that any request meets', async () => {
    for (const code of operations[0].answers.default['x-problems']) {
      assert.ok(code in anyErrors, `anyErrors of this test does not know ${code}`);
      if (!anyErrors[code]) continue;
      const reply = await anyErrors[code]();
      assert.ok(reply.text.includes(`"/problems/${code}"`), code);
      if (reply.headers) check({ ...operations[0], answers: { default: operations[0].answers.default } }, reply, { what: code });
    }
  });

  test('has no method but those that are documented', async () => {
    const like = (template, other) => new RegExp(`^${other.replace(/\{\w+\}/g, '[^/]+')}$`).test(template);
    for (const template of Object.keys(document.paths))
      for (const method of ['get', 'post', 'put', 'patch', 'delete']) {
        // /v1/articles/batch is an article too, for who only reads.
        if (Object.entries(document.paths).some(([other, methods]) => methods[method] && like(template, other))) continue;
        const reply = await ask(server.base, { method, target: template.replace(/\{\w+\}/g, '1'), headers: bearer(keys.all) });
        assert.equal(reply.status, 405, `${method} ${template}`);
      }
  });
});

// What the other way goes: a webhook of ours is told of an article that comes, changes and goes.
test('webhooks are sent what the document says', async () => {
  const sent = [], wanted = { publish: 'articleShown', correct: 'articleShown', update: 'articleShown', withdraw: 'articleRemoved', ping: 'ping' };
  let enough;
  const all = new Promise(done => { enough = done; });
  const listener = http.createServer((request, response) => {
    let text = '';
    request.on('data', piece => { text += piece; });
    request.on('end', () => {
      response.writeHead(204).end();
      sent.push({ headers: request.headers, text, json: JSON.parse(text) });
      if (new Set(sent.map(one => one.json.event)).size === Object.keys(wanted).length) enough();
    });
  });
  await new Promise(done => { listener.listen(0, '127.0.0.1', done); });
  const secret = 'a-secret-of-16-or-more', id = await fresh.webhook({ url: `http://127.0.0.1:${listener.address().port}/`, secret });
  const ref = await fresh.article({ status: 'published', image: { url: '/a.jpg' } });
  await api('patch', `/v1/articles/${ref}`, { summary: 'New' }, { 'If-Match': '*' });
  await api('patch', `/v1/articles/${ref}`, { corrections: [{ kind: 'correction', text: 'Wrong' }] }, { 'If-Match': '*' });
  await api('delete', `/v1/articles/${ref}`, { reason: 'wrong' });
  await api('post', `/v1/webhooks/${id}/test`);
  await all;
  listener.close();
  await api('delete', `/v1/webhooks/${id}`);
  for (const { headers, text, json } of sent) {
    const { post } = document.webhooks[wanted[json.event]];
    checkValue(post.requestBody.content['application/json'].schema, json, false, json.event);
    for (const { name } of post.parameters) assert.ok(headers[name.toLowerCase()], name);
    assert.equal(headers['broadsheet-event'], json.event);
    assert.equal(headers['broadsheet-delivery'], json.id);
    assert.equal(headers['broadsheet-signature'], `v1=${crypto.createHmac('sha256', secret).update(`${headers['broadsheet-timestamp']}.${text}`).digest('hex')}`);
  }
});

describe('bodies', () => {
  const schemaOf = operation => resolve(Object.values(operation.requestBody.content)[0].schema);

  test('each member that is documented is taken', async () => {
    for (const operation of operations.filter(one => one.requestBody && one.operationId !== 'writeBatch')) {
      const { properties } = schemaOf(operation), isArticle = properties.body_html !== undefined, plain = await bodies[operation.operationId]();
      const sent = new Set(Object.keys(plain));
      for (let more of moreBodies[operation.operationId] || []) {
        if (typeof more === 'function') more = await more();
        Object.keys(more).forEach(name => sent.add(name));
        assert.ok((await call(operation, { body: more })).status < 300, `${operation.operationId} ${JSON.stringify(more)}`);
      }
      for (const [name, property] of Object.entries(properties)) {
        if (!isArticle) {
          assert.ok(sent.has(name), `bodies of this test does not send ${name} of ${operation.operationId}`);
          continue;
        }
        const value = property.readOnly ? 'whatever' : articleMembers[name]?.();
        assert.notEqual(value, undefined, `articleMembers of this test has nothing for ${name}`);
        const with_it = operation.operationId === 'patchArticle' ? { [name]: value } : { ...await bodies[operation.operationId](), [name]: value };
        if (name === 'publish_at') with_it.status = 'scheduled';
        const reply = await call(operation, { body: with_it });
        assert.ok(reply.status < 300, `${operation.operationId} ${name}: ${reply.text.slice(0, 300)}`);
        check(operation, reply, { what: `${operation.operationId} with ${name}` });
      }
    }
  });

  test('one that is not documented is refused', async () => {
    const known = new Set(operations.filter(one => one.requestBody).flatMap(operation => Object.keys(schemaOf(operation).properties)));
    for (const operation of operations.filter(one => one.requestBody && one.operationId !== 'writeBatch'))
      for (const name of [...known].filter(one => !(one in schemaOf(operation).properties))) {
        const reply = await call(operation, { body: { ...await bodies[operation.operationId](), [name]: 1 } });
        assert.equal(reply.status, 422, `${operation.operationId} takes ${name}`);
        assert.ok(reply.json.errors.some(issue => issue.pointer === `/${name}`), reply.text);
      }
  });

  test('a text is as long as the document says, in bytes', async () => {
    const create = operations.find(one => one.operationId === 'createArticle');
    const texts = Object.entries(schemaOf(create).properties).filter(([, one]) => one.type === 'string' && one['x-bytes-most'] < 10000 && !one.format && !one.pattern && !one.readOnly);
    assert.ok(texts.length >= 5);
    for (const [name, schema] of texts) {
      const most = schema['x-bytes-most'];
      assert.ok(schema.maxLength === most && schema.description.endsWith(`at most ${most} bytes`), name);
      for (const [value, status] of [['a'.repeat(most), 201], ['ä'.repeat(most / 2), 201], ['a'.repeat(most + 1), 422], ['ä'.repeat(most / 2 + 1), 422]]) {
        if (name === 'lang' && status === 201) continue;
        assert.equal((await call(create, { body: anArticle({ [name]: value }) })).status, status, `${name} of ${Buffer.byteLength(value)} bytes`);
      }
    }
  });

  // Every object of a body, with its pointer.
  const objectsIn = (value, pointer = '') => typeof value !== 'object' || value === null ? []
    : [...(Array.isArray(value) ? [] : [[pointer, value]]), ...Object.entries(value).flatMap(([name, member]) => objectsIn(member, `${pointer}/${name}`))];
  const wholeArticle = () => anArticle(Object.fromEntries(Object.entries(articleMembers).filter(([name]) => name !== 'publish_at').map(([name, make]) => [name, make()])));

  test('one that is not documented is refused inside its parts too', async () => {
    for (const operation of operations.filter(one => one.requestBody && one.operationId !== 'writeBatch')) {
      const isArticle = schemaOf(operation).properties.body_html !== undefined, make = async () => isArticle ? wholeArticle() : await bodies[operation.operationId]();
      const places = objectsIn(await make()).map(([pointer]) => pointer);
      if (isArticle) assert.deepEqual(places, ['', '/source', '/section', '/tags/0', '/authors/0', '/image', '/corrections/0', '/corrections/1', '/rights']);
      for (const place of places) {
        const body = await make();
        objectsIn(body).find(([pointer]) => pointer === place)[1].zz_nothing = 1;
        const reply = await call(operation, { body });
        assert.equal(reply.status, 422, `${operation.operationId} takes ${place}/zz_nothing: ${reply.text.slice(0, 200)}`);
        assert.ok(reply.json.errors.some(issue => issue.pointer === `${place}/zz_nothing`), reply.text);
      }
    }
  });

  test('each member of the parts that is documented is sent', () => {
    const article = wholeArticle(), parts = { TermToWrite: article.section, TagToWrite: article.tags[0], Image: article.image, Rights: article.rights, CorrectionToWrite: article.corrections[1] };
    const text = JSON.stringify(document.components.schemas.ArticleToWrite);
    assert.deepEqual([...new Set([...text.matchAll(/schemas\/(\w+)/g)].map(found => found[1]))].sort(), [...Object.keys(parts), 'Copy', 'RelatedItem'].sort());
    for (const [name, part] of Object.entries(parts)) assert.deepEqual(Object.keys(part).sort(), Object.keys(document.components.schemas[name].properties).sort(), name);
  });

  test('what was read can be sent back', async () => {
    const ref = await fresh.article({ ...wholeArticle(), status: 'published' }), read = await api('get', `/v1/articles/${ref}`), article = read.json.data;
    assert.ok(article.related && article.image && article.corrections.length === 2 && article.rights);
    const same = await api('put', `/v1/articles/${ref}`, article, { 'If-Match': read.headers.etag });
    assert.deepEqual({ ...same.json.data, rev: 0, updated_at: 0, related: 0, duplicates: 0 }, { ...article, rev: 0, updated_at: 0, related: 0, duplicates: 0 });
    const { data: stored } = (await api('get', `/v1/articles/${ref}/revisions/1`)).json;
    await api('put', `/v1/articles/${ref}`, stored.article, { 'If-Match': '*' });
    for (const [terms, name] of [['sections', 'section'], ['sources', 'source']]) await api('post', '/v1/articles', anArticle({ [name]: (await api('get', `/v1/${terms}?limit=1`)).json.data[0] }));
    await api('post', '/v1/articles', anArticle({ tags: (await api('get', '/v1/tags')).json.data, authors: (await api('get', '/v1/authors?limit=9')).json.data }));
  });
});

// The examples of the document are what a server with the sample articles answers. Written anew by UPDATE_EXAMPLES=1.
describe('examples', () => {
  const file = path.join(__dirname, '..', '..', 'static', 'docs', 'examples.json');
  const slug = 'government-drops-assist-clause-from-bill-on-messages';
  const targets = {
    listArticles: '/v1/articles?limit=1&count=exact', getArticle: `/v1/articles/${slug}?related=1`, listRelated: `/v1/articles/${slug}/related?limit=1`,
    getPreviousArticle: `/v1/articles/${slug}/prev`, getNextArticle: '/v1/articles/1/next', listRevisions: `/v1/articles/${slug}/revisions`,
    listNinjs: '/v1/articles.ninjs?limit=1&section=sport', getNinjs: '/v1/articles/28.ninjs', listChanges: '/v1/changes?since=60&section=sport,world',
    search: '/v1/search?q=harbour&limit=1&facets=section', suggest: '/v1/suggest?q=har&limit=3',
    listSections: '/v1/sections?limit=2', getSection: '/v1/sections/local', listTags: '/v1/tags?limit=2', getTag: '/v1/tags/tarn-harbour',
    listSources: '/v1/sources?limit=2', getSource: '/v1/sources/the-harbour-courier', listAuthors: '/v1/authors?limit=2', getAuthor: '/v1/authors/ilse-marren', listCollections: '/v1/collections',
  };
  // Bodies that are sent and taken.
  const sent = {
    createArticle: { title: 'Ferry to the island runs again', source: 'The Harbour Courier', section: 'Local', tags: ['Harbour'], status: 'published', body_text: 'The first boat left at six.' },
    patchArticle: { corrections: [{ kind: 'correction', text: 'The boat left at seven.' }] }, withdrawArticle: { reason: 'Published by mistake' },
    createPreview: { expires_in: 86400 }, putSection: { name: 'Local', description: 'News from around the harbour', position: 1 }, putCollection: { title: 'Front page', ids: [3, 1, 2] },
    createKey: { name: 'desk', scopes: ['read_drafts', 'write'] }, createWebhook: { url: 'https://hooks.example.org/news', events: ['publish', 'withdraw'], section: 'local' }, replayDeliveries: { since: 0 },
  };
  const known = text => text.replaceAll(plain.base, '{base_url}');
  // Cursors hold which database they are of.
  const comparable = value => JSON.stringify(value).replace(/cursor=[\w-]+/g, 'cursor=');

  test('are real', async () => {
    const answers = {};
    for (const [name, target] of Object.entries(targets)) {
      const reply = await ask(plain.base, { target });
      assert.equal(reply.status, 200, `${target}: ${reply.text}`);
      answers[name] = { target, answer: JSON.parse(known(reply.text)) };
    }
    for (const [name, body] of Object.entries(sent)) answers[name] = { body };
    if (process.env.UPDATE_EXAMPLES) fs.writeFileSync(file, `${JSON.stringify(answers, null, 1)}\n`);
    assert.equal(comparable(JSON.parse(fs.readFileSync(file, 'utf8'))), comparable(answers), 'run this test with UPDATE_EXAMPLES=1, look at what has changed, and build again');
    for (const operation of operations.filter(one => one.isApi && one.method === 'get' && !one['x-scope'] && !one.operationId.match(/^get(Preview|Collection)$/)))
      assert.ok(operation.operationId in answers || Object.values(operation.answers)[0].content?.['application/json'] === undefined, `there is no example of ${operation.operationId}`);
  });

  test('are taken', async () => {
    for (const [name, body] of Object.entries(sent)) {
      const operation = operations.find(one => one.operationId === name);
      assert.deepEqual(Object.values(Object.values(operation.requestBody.content)[0].examples)[0].value, body);
      const reply = await call(operation, { body, values: name === 'putSection' ? { slug: 'local' } : {} });
      assert.ok(reply.status < 300, `${name}: ${reply.text}`);
    }
  });
});

// Runs after all others of this file.
test('every header that is documented was seen', () => {
  for (const [name, header] of Object.entries(document.components.headers)) assert.ok(seenHeaders.has(header.description), name);
});

test('the type of each problem leads to a page', async () => {
  const codes = new Set(operations.flatMap(problemsOf));
  assert.ok(codes.size >= 20);
  for (const code of codes) {
    const reply = await ask(server.base, { target: `/problems/${code}` });
    assert.equal(reply.status, 200, code);
    assert.match(reply.text, new RegExp(`<code>${code}</code>`));
  }
});

// SPDX-License-Identifier: MIT
// The form below each call: what is filled in is sent to this very server, and what comes back is shown as it came. Nothing is written by one press: what is no GET
// is asked about first, and begins empty.

import { element } from './dom.js';
import { exchangeOf } from './exchange.js';
import { fieldOf, offer } from './fields.js';
import { valuesOf } from './present.js';
import { sampleOf } from './schema.js';

const keyField = document.getElementById('key');

keyField.value = sessionStorage.getItem('broadsheet-key') || '';
keyField.addEventListener('input', () => sessionStorage.setItem('broadsheet-key', keyField.value.trim()));
document.getElementById('key-form').addEventListener('submit', event => event.preventDefault());

// Quoted for a shell.
const quoted = text => `'${text.replaceAll("'", `'\\''`)}'`;

function curlOf(request, base) {
	const parts = ['curl', '-i'];

	if (request.method !== 'GET') parts.push('-X', request.method);
	for (const [name, value] of Object.entries(request.headers))
		parts.push('-H', name === 'Authorization' ? '"Authorization: Bearer $KEY"' : quoted(`${name}: ${value}`));
	if (request.body !== undefined) parts.push('--data-binary', quoted(request.body));
	parts.push(quoted(base + request.target));
	return parts.join(' ');
}

// A body that would do: the document's, or else something that fits.
function sampleBody(content, type, shapes) {
	const value = Object.values(content[type].examples || {})[0]?.value ?? sampleOf(content[type].schema, shapes);
	return type.includes('ndjson') ? `${JSON.stringify(value)}\n` : JSON.stringify(value, null, 2);
}

// The body's field, empty; its value may be a sample, when that is asked for.
function bodyOf(operation, id, shapes) {
	const { content, required } = operation.requestBody, type = Object.keys(content)[0];
	const input = element('textarea', { id, rows: 8, spellcheck: 'false', required }), fill = element('button', { type: 'button', class: 'second' }, 'Fill in a sample');

	fill.addEventListener('click', () => {
		input.value = sampleBody(content, type, shapes);
		input.dispatchEvent(new Event('input', { bubbles: true }));
	});
	return { type, input, whole: element('div', { class: 'field wide' }, element('label', { for: id }, `Body, ${type}`, required && ' (needed)'), input, fill) };
}

const authorization = operation => keyField.value.trim() && operation.security.some(one => one.bearer) ? { Authorization: `Bearer ${keyField.value.trim()}` } : {};

// OpenAPI has no word for a path within a path; the one that there is is called `path`, and its slashes stay.
const inPath = (name, value) => name === 'path' ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value);

function requestOf(operation, fields, body) {
	const query = new URLSearchParams(), headers = authorization(operation), text = body?.input.value;
	let target = operation.path;

	for (const { parameter: { name, in: where }, value } of fields) {
		const given = value();
		if (given === '') continue;
		if (where === 'path') target = target.replace(`{${name}}`, inPath(name, given));
		else if (where === 'query') query.set(name, given);
		else headers[name] = given;
	}
	if (query.toString()) target += `?${query}`;
	if (text?.trim()) headers['Content-Type'] = body.type;
	return { method: operation.method, target, headers, body: text?.trim() ? text : undefined };
}

// For If-Match: the ETag that what is to be changed has now.
function readButton(field, operation, fields, exchange) {
	const button = element('button', { type: 'button', class: 'second' }, 'Read its ETag'), named = fields.filter(({ parameter }) => parameter.in === 'path');

	button.addEventListener('click', async () => {
		if (!named.every(({ input }) => input.reportValidity())) return;
		const { target, headers } = requestOf({ ...operation, method: 'GET' }, named);
		const response = await fetch(target, { headers, cache: 'no-store', redirect: 'manual' }).catch(error => ({ ok: false, status: '', statusText: error.message }));
		const tag = response.ok && response.headers.get('etag');
		field.input.value = tag || '';
		field.input.dispatchEvent(new Event('input', { bubbles: true }));
		exchange.say(tag ? 'good' : 'bad', tag ? `Read ${target}. If-Match now names that version` : `${target} could not be read: ${response.status} ${response.statusText}`);
	});
	return button;
}

// What is asked before anything is written. It has the focus, and its buttons do not, so that pressing Enter twice writes nothing.
function questionOf(operation, id, send, back) {
	const words = element('p', { id }), yes = element('button', { type: 'button' }, 'Yes, send it'), no = element('button', { type: 'button', class: 'second' }, 'No');
	const whole = element('div', { class: 'question', role: 'group', 'aria-labelledby': id, tabindex: '-1', hidden: true }, words, yes, ' ', no);
	let asked;

	const close = () => { whole.hidden = true; };
	yes.addEventListener('click', () => { close(); back.focus(); send(asked); });
	no.addEventListener('click', () => { close(); back.focus(); });
	whole.addEventListener('keydown', event => { if (event.key === 'Escape') no.click(); });
	const ask = request => {
		asked = request;
		words.textContent = `${request.method} ${request.target}: this writes to the live site, ${location.host}. Send it?`;
		whole.hidden = false;
		whole.focus();
	};
	return { whole, ask, close };
}

// The form of one operation; `parameters` are resolved. { form, halt }
export function tryForm(operation, parameters, api) {
	const base = api.servers[0].url, writes = operation.method !== 'GET', id = name => `${operation.operationId}-${name}`;
	const fields = parameters.map(parameter => fieldOf(parameter, id(`${parameter.in}-${parameter.name}`)));
	const body = operation.requestBody && bodyOf(operation, id('body'), api.components.schemas);
	const exchange = exchangeOf(base), send = element('button', { type: 'submit' }, 'Send'), curl = element('pre', { class: 'curl', tabindex: '0' });
	const question = questionOf(operation, id('question'), exchange.send, send);
	const form = element('form', { 'aria-label': `Try it: ${operation.summary}` },
		writes && element('p', { class: 'warning' }, `This writes to the live site, ${location.host}. You are asked before it is sent.`),
		fields.map(field => field.whole), body?.whole, element('p', { class: 'buttons' }, send, ' ', exchange.stop), question.whole, curl, exchange.output);

	const update = () => { curl.textContent = curlOf(requestOf(operation, fields, body), base); };
	const changed = () => { update(); question.close(); };
	form.addEventListener('input', changed);
	keyField.addEventListener('input', changed);
	form.addEventListener('submit', event => {
		event.preventDefault();
		(writes ? question.ask : exchange.send)(requestOf(operation, fields, body));
	});
	for (const field of fields) {
		if (field.parameter.in === 'path') valuesOf(operation.path, field.parameter.name, api).then(values => offer(field, values, !writes));
		if (field.parameter.name === 'If-Match' && api.paths[operation.path].get) field.whole.append(readButton(field, operation, fields, exchange));
	}
	update();
	return { form, halt: exchange.halt };
}

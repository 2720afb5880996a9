// SPDX-License-Identifier: MIT
// The form below each call: what is filled in is sent to this very server, and what comes back is shown as it came.

import { element } from './dom.js';
import { sampleOf } from './schema.js';

const keyField = document.getElementById('key');

keyField.value = sessionStorage.getItem('broadsheet-key') || '';
keyField.addEventListener('input', () => sessionStorage.setItem('broadsheet-key', keyField.value.trim()));
document.getElementById('key-form').addEventListener('submit', event => event.preventDefault());

function fieldOf(parameter, id) {
	const { schema } = parameter, choices = schema.type === 'boolean' ? ['true', 'false'] : schema.enum;

	if (choices)
		return element('select', { id }, element('option', { value: '' }, schema.default === undefined ? '' : `(${schema.default})`),
			choices.map(choice => element('option', { value: choice }, choice)));
	return element('input', {
		id, type: schema.type === 'integer' && parameter.in === 'query' ? 'number' : 'text', min: schema.minimum, max: schema.maximum, required: parameter.required,
		placeholder: schema.default, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', value: parameter.name === 'If-Match' && parameter.required ? '*' : undefined,
	});
}

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

function pretty(text, type) {
	if (!/json$/.test(type)) return text;
	try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

async function show(request, output) {
	const started = performance.now();

	try {
		const response = await fetch(request.target, { method: request.method, headers: request.headers, body: request.body, redirect: 'follow', cache: 'no-store' });
		const text = await response.text(), type = (response.headers.get('content-type') || '').split(';')[0];
		output.replaceChildren(
			element('p', { class: response.ok ? 'good' : 'bad' }, `${response.status} ${response.statusText}, ${text.length.toLocaleString('en')} characters, ${Math.round(performance.now() - started)} ms`),
			element('h5', {}, 'Headers'), element('pre', { tabindex: '0' }, [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n')),
			text && element('h5', {}, 'Body'), text && element('pre', { tabindex: '0', class: 'body' }, pretty(text, type).slice(0, 200000)));
	} catch (error) {
		output.replaceChildren(element('p', { class: 'bad' }, `No answer: ${error.message}`));
	}
}

// A body to begin with: the example, or else something that fits.
function bodyOf(content, type, shapes) {
	const value = Object.values(content[type].examples || {})[0]?.value ?? sampleOf(content[type].schema, shapes);
	return type.includes('ndjson') ? `${JSON.stringify(value)}\n` : JSON.stringify(value, null, 2);
}

// The form of one operation; `parameters` are resolved, `path` has values of some.
export function tryForm(operation, parameters, path, api) {
	const base = api.servers[0].url;
	const id = name => `${operation.operationId}-${name}`;
	const fields = parameters.map(parameter => [parameter, fieldOf(parameter, id(`${parameter.in}-${parameter.name}`))]);
	const types = Object.keys(operation.requestBody?.content || {});
	const body = types.length > 0 && element('textarea', { id: id('body'), rows: 8, spellcheck: 'false' });
	const curl = element('pre', { class: 'curl', tabindex: '0' }), output = element('div', { class: 'output', role: 'status' });

	if (body) body.value = bodyOf(operation.requestBody.content, types[0], api.components.schemas);
	for (const [parameter, field] of fields) if (parameter.in === 'path' && path[parameter.name]) field.value = path[parameter.name];

	const requestOf = () => {
		const query = new URLSearchParams(), headers = {};
		let target = operation.path;
		for (const [parameter, field] of fields) {
			const value = field.value.trim();
			if (parameter.in === 'path') target = target.replace(`{${parameter.name}}`, value === '' ? `{${parameter.name}}` : encodeURIComponent(value));
			else if (value !== '' && parameter.in === 'query') query.set(parameter.name, value);
			else if (value !== '') headers[parameter.name] = value;
		}
		if (keyField.value.trim() && operation.security.some(one => one.bearer)) headers.Authorization = `Bearer ${keyField.value.trim()}`;
		if (body && body.value.trim()) headers['Content-Type'] = types[0];
		const sent = query.toString();
		return { method: operation.method, target: target + (sent && `?${sent}`), headers, body: body && body.value.trim() ? body.value : undefined };
	};
	const form = element('form', {},
		fields.map(([parameter, field]) => element('p', { class: 'field' }, element('label', { for: field.id }, element('code', {}, parameter.name), parameter.required && ' (needed)'), field)),
		body && element('p', { class: 'field wide' }, element('label', { for: body.id }, `Body, ${types[0]}`), body),
		element('p', {}, element('button', { type: 'submit' }, 'Send')), curl, output);
	const update = () => { curl.textContent = curlOf(requestOf(), base); };

	form.addEventListener('input', update);
	keyField.addEventListener('input', update);
	form.addEventListener('submit', event => { event.preventDefault(); update(); show(requestOf(), output); });
	update();
	return form;
}

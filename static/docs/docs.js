// SPDX-License-Identifier: MIT
// /docs: the page, made from /openapi.json. Calls by group, each with its parameters, body, answers and a form to try it; then all shapes, header fields and errors.

import { element, inline, paragraphs } from './dom.js';
import { limitsOf, shapeTable, typeOf } from './schema.js';
import { tryForm } from './try.js';

const main = document.getElementById('content'), nav = document.getElementById('calls');

const resolve = (api, thing) => thing.$ref ? thing.$ref.slice(2).split('/').reduce((at, part) => at[part], api) : thing;

function operationsOf(api) {
	return Object.entries(api.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })));
}

const row = (name, ...said) => element('div', { class: 'row' }, element('dt', {}, name), element('dd', {}, ...said));

function parameterRows(parameters) {
	return parameters.map(parameter => row([element('code', {}, parameter.name), element('span', { class: 'soft' }, [parameter.in !== 'query' && ` in ${parameter.in}`, parameter.required && ' needed'])],
		element('span', { class: 'type' }, typeOf(parameter.schema)), ' ', inline(parameter.description || ''), limitsOf(parameter.schema) && element('span', { class: 'soft' }, ` (${limitsOf(parameter.schema)})`)));
}

// What is in an answer of ours: the shape inside {"data":…}.
function contentOf(answer) {
	return Object.entries(answer.content || {}).flatMap(([type, { schema }]) => {
		const data = schema?.properties?.data;
		return [element('span', { class: 'type' }, data ? [...typeOf(data), ' in ', element('code', {}, 'data')] : type.includes('json') && schema ? typeOf(schema) : type), ' '];
	});
}

const parted = links => links.flatMap((link, i) => i > 0 ? [', ', link] : link);

// The header fields of an answer, by name; what they say stands once, below.
function headersOf(answer) {
	const names = Object.keys(answer.headers || {});
	return names.length > 0 && element('span', { class: 'headers soft' }, names.length > 1 ? 'Headers: ' : 'Header: ', parted(names.map(name => element('a', { href: `#header-${name}` }, name))));
}

function headerRows(headers) {
	return Object.entries(headers).map(([name, { description, schema }]) => element('div', { class: 'row', id: `header-${name}` }, element('dt', {}, element('code', {}, name)),
		element('dd', {}, element('span', { class: 'type' }, typeOf(schema)), ' ', inline(description || ''))));
}

function answerRows(api, operation) {
	return Object.entries(operation.responses).map(([status, given]) => {
		const answer = resolve(api, given), problems = answer['x-problems'];
		return row(element('code', {}, status === 'default' ? 'any' : status),
			problems ? parted(problems.map(code => element('a', { href: `/problems/${code}` }, code))) : [contentOf(answer), answer.description], headersOf(answer));
	});
}

function section(title, rows) {
	return rows.length > 0 && [element('h4', {}, title), element('dl', {}, rows)];
}

// What was answered to a real request: { target, value }, or undefined.
function exampleOf(operation) {
	const example = operation.responses['200']?.content?.['application/json']?.examples?.answer;
	return example && { target: example.summary, value: example.value };
}

// Read out alone, it still says of which call.
const summaryOf = (words, operation) => element('summary', { 'aria-label': `${words}: ${operation.summary}` }, words);

function operationArticle(api, operation) {
	const parameters = (operation.parameters || []).map(one => resolve(api, one)), body = operation.requestBody, example = exampleOf(operation);
	const attempt = element('details', { class: 'try' }, summaryOf('Try it', operation));

	let made;

	// Forms are made when they are first opened: there are many.
	attempt.addEventListener('toggle', () => {
		if (!attempt.open) return made?.halt();
		if (made) return;
		made = tryForm(operation, parameters, api);
		attempt.append(made.form);
	});
	return element('article', { id: operation.operationId },
		element('h3', {}, element('a', { href: `#${operation.operationId}` }, operation.summary)),
		element('p', { class: 'call' }, element('span', { class: `method ${operation.method.toLowerCase()}` }, operation.method), ' ', element('code', {}, operation.path)),
		paragraphs(operation.description),
		attempt,
		element('details', {}, summaryOf('Parameters and answers', operation),
			section('Parameters', parameterRows(parameters)),
			body && section('Body', Object.entries(body.content).map(([type, { schema }]) => row(element('code', {}, type), element('span', { class: 'type' }, typeOf(schema)), ` ${body.description}`))),
			section('Answers', answerRows(api, operation)),
			example && [element('h4', {}, 'Example, of the sample articles: ', element('code', {}, `GET ${example.target}`)), element('pre', { tabindex: '0' }, JSON.stringify(example.value, null, 2))]));
}

function problemRows(api) {
	const codes = new Map();

	for (const answer of Object.values(api.components.responses))
		(answer['x-problems'] || []).forEach((code, i) => codes.set(code, answer.description.split('; ')[i].replace(/ \(`.*$/, '')));
	return [...codes].sort().map(([code, title]) => row(element('a', { href: `/problems/${code}` }, code), title));
}

function linkList(entries) {
	return element('ul', {}, entries.map(([href, ...text]) => element('li', {}, element('a', { href }, ...text))));
}

function fill(api) {
	const operations = operationsOf(api);

	document.title = api.info.title;
	document.getElementById('title').textContent = api.info.title;
	document.getElementById('version').textContent = `Version ${api.info.version}, at ${api.servers[0].url}`;
	// Links and redirects lead to the site's own address; a page that was opened at another cannot follow them.
	if (location.origin !== new URL(api.servers[0].url).origin)
		document.getElementById('version').append('. You are at another address, ', element('code', {}, location.origin), '. ', element('a', { href: `${api.servers[0].url}/docs${location.hash}` }, 'Open it there'));
	main.replaceChildren(element('section', { class: 'about' }, paragraphs(api.info.description)));
	for (const { name, description } of api.tags) {
		const own = operations.filter(operation => operation.tags[0] === name);
		nav.append(element('details', { open: matchMedia('(min-width: 60rem)').matches }, element('summary', {}, name), linkList(own.map(operation => [`#${operation.operationId}`, operation.summary]))));
		main.append(element('section', { id: `group-${name}` }, element('h2', {}, name), element('p', {}, description), own.map(operation => operationArticle(api, operation))));
	}
	nav.append(element('p', {}, element('a', { href: '#shapes' }, 'Shapes')), element('p', {}, element('a', { href: '#headers' }, 'Headers')), element('p', {}, element('a', { href: '#errors' }, 'Errors')));
	main.append(
		element('section', { id: 'shapes' }, element('h2', {}, 'Shapes'), Object.entries(api.components.schemas).map(([name, schema]) => shapeTable(name, schema))),
		element('section', { id: 'headers' }, element('h2', {}, 'Headers'), element('p', {}, 'What answers have in their header.'), element('dl', {}, headerRows(api.components.headers))),
		element('section', { id: 'errors' }, element('h2', {}, 'Errors'), element('dl', {}, problemRows(api))));
	if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

try {
	fill(await (await fetch('/openapi.json')).json());
} catch (error) {
	document.getElementById('loading')?.replaceChildren(`The document /openapi.json could not be read: ${error.message}`);
}

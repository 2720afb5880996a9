// SPDX-License-Identifier: MIT
// JSON Schemas in words, and bodies to begin with.

import { element, inline } from './dom.js';

const nameOf = schema => schema.$ref?.split('/').pop();

// "string, date-time", "list of Tag", with links to shapes.
export function typeOf(schema) {
	const name = nameOf(schema);

	if (name) return [element('a', { href: `#shape-${name}` }, name)];
	if (schema.anyOf) return schema.anyOf.flatMap((one, i) => i > 0 ? [' or ', ...typeOf(one)] : typeOf(one));
	if (schema.type === 'array') return ['list of ', ...typeOf(schema.items)];
	return [schema.type === undefined ? 'anything' : schema.type + (schema.format && schema.format !== 'int64' ? `, ${schema.format}` : '')];
}

// "1 to 100, 20 by default"
export function limitsOf(schema) {
	const of = schema.type === 'array' ? schema.items : schema, said = [];

	if (of.enum) said.push(`one of ${of.enum.join(', ')}`);
	if (schema.minimum !== undefined && schema.maximum !== undefined) said.push(`${schema.minimum} to ${schema.maximum}`);
	if (schema.maxItems) said.push(`at most ${schema.maxItems}`);
	if (schema.maxLength && !schema['x-bytes-most']) said.push(`at most ${schema.maxLength} characters`);
	if (schema.default !== undefined) said.push(`${schema.default} by default`);
	if (schema.readOnly) said.push('read only');
	return said.join('; ');
}

// A table of what a shape has.
export function shapeTable(name, schema) {
	const required = new Set(schema.required || []);
	const rows = Object.entries(schema.properties || {}).map(([member, property]) => element('div', { class: 'row' },
		element('dt', {}, element('code', {}, member), required.has(member) && element('span', { class: 'soft' }, ' always')),
		element('dd', {}, element('span', { class: 'type' }, typeOf(property)), ' ', inline(property.description || ''),
			limitsOf(property) && element('span', { class: 'soft' }, ` (${limitsOf(property)})`))));

	return element('section', { class: 'shape', id: `shape-${name}` }, element('h3', {}, name), element('p', {}, schema.description || ''), element('dl', {}, rows));
}

const samples = { 'date-time': '2030-01-01T00:00:00Z', uri: 'https://example.org/', 'uri-reference': 'https://example.org/' };

// Something that fits the schema, to begin with: what must be there, and else the first few.
export function sampleOf(schema, shapes, depth = 0) {
	const name = nameOf(schema);

	if (name) return sampleOf(shapes[name], shapes, depth);
	if (schema.anyOf) return sampleOf(schema.anyOf[0], shapes, depth);
	if (schema.enum) return schema.enum[0];
	if (schema.type === 'array') return depth > 2 ? [] : [sampleOf(schema.items, shapes, depth + 1)];
	if (schema.type === 'integer') return schema.minimum ?? 1;
	if (schema.type === 'boolean') return false;
	if (schema.type !== 'object') return samples[schema.format] || '…';
	const usual = schema.required || Object.keys(schema.properties).slice(0, 1);
	return Object.fromEntries(usual.map(member => [member, sampleOf(schema.properties[member], shapes, depth + 1)]));
}

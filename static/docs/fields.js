// SPDX-License-Identifier: MIT
// The fields of a form: one a parameter, with what the document says of it below, and fixed choices to choose from. A field is { parameter, input, value, whole }:
// `input` takes text (undefined where boxes are ticked), value() is what to send, `whole` stands in the form.

import { element, inline } from './dom.js';
import { limitsOf } from './schema.js';

const plain = { autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' };

// Any number of fixed choices; the document parts them by commas.
function severalOf(parameter, id, label, help) {
	const boxes = parameter.schema.items.enum.map(choice => element('input', { id: `${id}-${choice}`, type: 'checkbox', value: choice }));

	return {
		parameter, value: () => boxes.filter(box => box.checked).map(box => box.value).join(','),
		whole: element('fieldset', { class: 'field', 'aria-describedby': help.id }, element('legend', {}, label),
			element('span', { class: 'boxes' }, boxes.map(box => element('label', {}, box, ` ${box.value}`))), help),
	};
}

function inputOf(parameter, id, help) {
	const { schema } = parameter, choices = schema.type === 'boolean' ? ['true', 'false'] : schema.enum;
	const shared = { id, required: parameter.required, 'aria-describedby': help.id };

	if (choices)
		return element('select', shared, element('option', { value: '' }, schema.default === undefined ? '' : `(${schema.default})`),
			choices.map(choice => element('option', { value: choice }, choice)));
	return element('input', { ...shared, ...plain, type: schema.type === 'integer' && parameter.in === 'query' ? 'number' : 'text', min: schema.minimum, max: schema.maximum,
		maxlength: schema.maxLength, placeholder: schema.default ?? (schema.anyOf?.[0].format === 'date-time' ? '2026-01-31T12:00:00Z' : undefined) });
}

const wordsOf = (parameter, limits) => [inline(parameter.description || ''), limits && ` (${limits})`];

export function fieldOf(parameter, id) {
	const { schema } = parameter, choices = schema.enum || schema.type === 'boolean';
	const help = element('span', { class: 'help', id: `${id}-help` }, wordsOf(parameter, choices ? '' : limitsOf(schema).replace(/^one of [^;]*(; )?/, '')));
	const label = [element('code', {}, parameter.name), parameter.required && ' (needed)'];

	if (schema.type === 'array' && schema.items.enum) return severalOf(parameter, id, label, help);
	const input = inputOf(parameter, id, help);
	// Spaces alone are nothing: what is needed must not be passed by them.
	input.addEventListener('change', () => { if (input.value !== input.value.trim()) input.value = input.value.trim(); });
	return { parameter, input, value: () => input.value.trim(), whole: element('div', { class: 'field' }, element('label', { for: id }, label), input, help) };
}

// Values to choose from, and the first of them to begin with where `begin` says so and nothing has been typed.
export function offer({ input, whole }, values, begin) {
	if (values.length === 0) return;
	input.setAttribute('list', `${input.id}-list`);
	whole.append(element('datalist', { id: `${input.id}-list` }, values.map(value => element('option', { value }))));
	if (!begin || input.value !== '') return;
	input.value = values[0];
	input.dispatchEvent(new Event('input', { bubbles: true }));
}

// SPDX-License-Identifier: MIT
// Elements from data. Text only ever becomes text: nothing that the document or an answer says is taken for markup.

// element('a', { href: '/' }, 'text', otherElement, [more, [and more]], null…)
export function element(name, attributes = {}, ...children) {
	const made = document.createElement(name);

	for (const [attribute, value] of Object.entries(attributes))
		if (value === true) made.setAttribute(attribute, '');
		else if (value !== false && value !== undefined && value !== null) made.setAttribute(attribute, value);
	made.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false));
	return made;
}

// `code` and **strong** in a line.
export function inline(text) {
	return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map(part =>
		part.startsWith('`') ? element('code', {}, part.slice(1, -1)) : part.startsWith('**') ? element('strong', {}, part.slice(2, -2)) : part);
}

// Paragraphs parted by blank lines.
export const paragraphs = text => text.split(/\n\n+/).map(paragraph => element('p', {}, inline(paragraph)));

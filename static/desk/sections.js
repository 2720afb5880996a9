// SPDX-License-Identifier: MIT
// The sections of the paper: name, description, place in the navigation, and whether it stands there at all.

import { call, get } from './api.js';
import { h, labelled, markWrong } from './dom.js';

function editor(section) {
  const name = h('input', { type: 'text', value: section.name }),
    description = h('textarea', { rows: '2', value: section.description ?? '' });
  const position = h('input', { type: 'number', min: '1', max: '10000', value: section.position ?? '' }),
    hidden = h('input', { type: 'checkbox', checked: section.hidden === true });
  const state = h('p', { class: 'state', role: 'status' });
  let { rev } = section;

  const save = async event => {
    event.preventDefault();
    const inputs = { '/name': name, '/description': description, '/position': position };
    for (const input of Object.values(inputs)) markWrong(input, null);
    state.textContent = 'Saving…';
    try {
      const answer = await call('PUT', `/v1/sections/${section.slug}`, {
        body: {
          name: name.value.trim(),
          description: description.value.trim(),
          ...(position.value && { position: Number(position.value) }),
          hidden: hidden.checked,
        },
        headers: { 'If-Match': `"${rev ?? 0}"` },
      });
      rev = answer.data.rev ?? rev;
      if (answer.etag) rev = Number(/^"(\d+)/.exec(answer.etag)?.[1] ?? rev);
      state.textContent = 'Saved';
    } catch (error) {
      for (const one of error.errors ?? []) if (inputs[one.pointer]) markWrong(inputs[one.pointer], one.detail);
      state.textContent = error.status === 412 ? 'Someone else changed it meanwhile. Load the page again to see how.' : `Not saved: ${error.message}`;
    }
  };
  const check = h('label', { class: 'check' }, hidden, ' Not in the navigation');
  return h(
    'li',
    {},
    h(
      'form',
      { class: 'section-form', 'aria-label': section.name, novalidate: true, onsubmit: save },
      labelled('Name', name),
      labelled('Place', position),
      labelled('Description', description),
      check,
      h('p', { class: 'actions' }, h('button', { type: 'submit' }, 'Save'), state),
    ),
  );
}

export async function openSections(main) {
  const { data } = await get('/v1/sections?limit=100');

  main.replaceChildren(
    h('h1', { class: 'page-title' }, 'Sections'),
    h('p', { class: 'hint' }, 'A new section is made by the first article in it. Sections with a place come first, in that order.'),
    h('ul', { class: 'section-list' }, ...data.map(editor)),
  );
}

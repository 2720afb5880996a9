// SPDX-License-Identifier: MIT
// Elements made in one line, and words for those who cannot see them. No HTML is ever put together from strings here.

// h('button', { type: 'button', onclick: save }, 'Save'). true: an attribute without a value; false, null, undefined: none. on…: a listener.
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);

  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, '');
    else if (key !== 'value' && value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined && child !== false));
  if (attributes.value !== undefined) element.value = attributes.value;    // after the options of a select are there
  return element;
}

export const button = (label, onclick, attributes = {}) => h('button', { type: 'button', onclick, ...attributes }, label);

let numbered = 0;
export const newId = prefix => `${prefix}-${++numbered}`;

// Read out by screen readers, at the next moment when they are not speaking.
export function say(text) {
  document.getElementById('spoken').textContent = text;
}

// An input under its label, with room for a hint and for what the server finds wrong with it.
export function labelled(label, input, hint) {
  const id = input.id || newId('field'),
    wrong = h('p', { class: 'wrong', id: `${id}-wrong`, hidden: true });
  const note = hint ? h('p', { class: 'hint', id: `${id}-hint` }, hint) : null;

  input.id = id;
  input.setAttribute('aria-describedby', note ? `${note.id} ${wrong.id}` : wrong.id);
  return h('div', { class: 'field' }, h('label', { for: id }, label), input, note, wrong);
}

// Marks `input`, made by labelled(), as wrong; without a text as right again.
export function markWrong(input, text) {
  const place = document.getElementById(`${input.id}-wrong`);

  if (text) input.setAttribute('aria-invalid', 'true');
  else input.removeAttribute('aria-invalid');
  if (place) {
    place.textContent = text || '';
    place.hidden = !text;
  }
}

// `run` once the calls have paused for a while.
export function unhurried(run, ms) {
  let timer;

  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...args), ms);
  };
}

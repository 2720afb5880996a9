// SPDX-License-Identifier: MIT
// A text box that offers what begins like what is typed: a combobox with a list, as the ARIA Authoring Practices describe it. What is typed stays
// good where nothing of the list is taken.

import { h, newId, say, unhurried } from './dom.js';

const WAIT_MS = 120;

// ask(text) resolves with [{ label, note, value }]; pick(value) is called with what is taken. enter(text): Enter without one of the list.
export function complete(input, { ask, pick, enter, atOnce = false }) {
  const list = h('ul', { role: 'listbox', class: 'suggestions', id: newId('list'), hidden: true, 'aria-label': 'Suggestions' });
  let options = [],
    active = -1,
    asked = '';

  const choose = i => {
    active = i;
    [...list.children].forEach((option, at) => option.setAttribute('aria-selected', String(at === i)));
    if (i < 0) input.removeAttribute('aria-activedescendant');
    else input.setAttribute('aria-activedescendant', list.children[i].id);
    list.children[i]?.scrollIntoView({ block: 'nearest' });
  };
  const close = () => {
    asked = null;
    list.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    choose(-1);
  };
  const take = i => {
    const { value } = options[i];
    close();
    pick(value);
  };
  const show = found => {
    options = found;
    list.replaceChildren(
      ...options.map(({ label, note }) =>
        h('li', { role: 'option', id: newId('option') }, h('span', {}, label), note && h('span', { class: 'kind' }, note)),
      ),
    );
    list.hidden = options.length === 0;
    input.setAttribute('aria-expanded', String(!list.hidden));
    choose(-1);
    say(options.length === 1 ? '1 suggestion' : `${options.length} suggestions`);
  };
  // What comes too late is not shown; without an answer there are no suggestions, and that is all.
  const typed = unhurried(async () => {
    const text = input.value.trim();
    asked = text;
    if (text === '' && !atOnce) {
      close();
      return;
    }
    const found = await ask(text).catch(() => []);
    if (asked === text && document.activeElement === input) show(found);
  }, WAIT_MS);

  for (const [name, value] of Object.entries({
    role: 'combobox',
    autocomplete: 'off',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': list.id,
  }))
    input.setAttribute(name, value);
  input.addEventListener('input', event => {
    if (!event.isComposing) typed();
  });
  input.addEventListener('blur', close);
  input.addEventListener('keydown', event => {
    const isOpen = !list.hidden,
      n = options.length;

    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const step = event.key === 'ArrowDown' ? 1 : -1;
      event.preventDefault();
      if (isOpen) choose(((active + 1 + step + n + 1) % (n + 1)) - 1);
      else typed();
    } else if (event.key === 'Escape' && isOpen) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (isOpen && active >= 0) take(active);
      else if (enter) {
        close();
        enter(input.value.trim());
      }
    }
  });
  // Held down, the pointer leaves the focus in the box.
  list.addEventListener('pointerdown', event => event.preventDefault());
  list.addEventListener('click', event => {
    const i = [...list.children].indexOf(event.target.closest('[role=option]'));
    if (i >= 0) take(i);
  });
  return h('div', { class: 'completed' }, input, list);
}

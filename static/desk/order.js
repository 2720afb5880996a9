// SPDX-License-Identifier: MIT
// A list of articles in an order made by hand: search and add, move up and down by buttons or by dragging, take out. The front page is one, and
// the related articles of an article.

import { get, query } from './api.js';
import { complete } from './completion.js';
import { button, h, newId, say } from './dom.js';

const IDS_AT_ONCE = 100;

// Published ones first to mind, but any can be taken: what is not out does not show until it is.
export async function askArticles(text) {
  const { data } = await get(
    `/v1/articles${query({ q: text, status: 'published,scheduled,draft', limit: 8, fields: 'id,title,section.name,status,published_at' })}`,
  );

  return data.map(item => ({
    label: item.title,
    note: item.status && item.status !== 'published' ? item.status : (item.section?.name ?? ''),
    value: item,
  }));
}

export class OrderedArticles {
  constructor(changed, { label, most }) {
    this.changed = changed;
    this.most = most;
    this.ids = [];
    this.titles = new Map();
    this.list = h('ol', { class: 'ordered' });
    this.input = h('input', { type: 'text', id: newId('add'), placeholder: 'Search for an article' });
    this.element = h(
      'div',
      {},
      this.list,
      h(
        'div',
        { class: 'field' },
        h('label', { for: this.input.id }, label),
        complete(this.input, { ask: askArticles, pick: item => this.add(item) }),
      ),
    );
  }

  // Titles come after: what is not found any more keeps its number.
  async load(ids) {
    this.ids = [...ids];
    this.draw();
    const unknown = ids.filter(id => !this.titles.has(id));
    for (let i = 0; i < unknown.length; i += IDS_AT_ONCE) {
      const wanted = { ids: unknown.slice(i, i + IDS_AT_ONCE).join(), limit: IDS_AT_ONCE, status: 'published,scheduled,draft,withdrawn', fields: 'id,title' };
      const { data } = await get(`/v1/articles${query(wanted)}`).catch(() => ({ data: [] }));
      for (const { id, title } of data) this.titles.set(id, title);
    }
    if (unknown.length) this.draw();
  }

  add({ id, title }) {
    this.input.value = '';
    this.titles.set(id, title);
    if (this.ids.includes(id) || this.ids.length >= this.most) {
      say(`${title} is in the list already`);
      return;
    }
    this.ids = [...this.ids, id];
    this.draw();
    say(`${title} added at place ${this.ids.length}`);
    this.changed();
  }

  move(from, to) {
    if (to < 0 || to >= this.ids.length || from === to) return;
    const ids = [...this.ids],
      [id] = ids.splice(from, 1);

    ids.splice(to, 0, id);
    this.ids = ids;
    this.draw();
    say(`${this.name(id)} is now at place ${to + 1} of ${ids.length}`);
    this.changed();
  }

  remove(at) {
    this.ids = this.ids.filter((_, i) => i !== at);
    this.draw();
    this.changed();
    (this.list.children[Math.min(at, this.ids.length - 1)]?.querySelector('button:last-child') ?? this.input).focus();
  }

  name(id) {
    return this.titles.get(id) ?? `Article ${id}`;
  }

  draw() {
    this.list.replaceChildren(...this.ids.map((id, i) => this.row(id, i)));
    this.list.hidden = this.ids.length === 0;
  }

  row(id, i) {
    const name = this.name(id);
    // The button that moved it keeps the focus, unless there is no further to go.
    const step = (label, sign, by) =>
      button(
        sign,
        () => {
          this.move(i, i + by);
          const buttons = this.list.children[i + by].querySelectorAll('button');
          const wanted = buttons[by < 0 ? 0 : 1];
          (wanted.disabled ? buttons[by < 0 ? 1 : 0] : wanted).focus();
        },
        { 'aria-label': `Move ${name} ${label}`, disabled: i + by < 0 || i + by >= this.ids.length },
      );
    const row = h(
      'li',
      { draggable: 'true' },
      h('span', { class: 'grip', 'aria-hidden': 'true' }, '⠿'),
      h('a', { href: `#/article/${id}` }, name),
      step('up', '↑', -1),
      step('down', '↓', 1),
      button('×', () => this.remove(i), { 'aria-label': `Take out ${name}` }),
    );

    row.addEventListener('dragstart', event => {
      this.dragged = i;
      event.dataTransfer.effectAllowed = 'move';
      event.dataTransfer.setData('text/plain', name);
      row.classList.add('dragged');
    });
    row.addEventListener('dragend', () => {
      this.dragged = undefined;
      row.classList.remove('dragged', 'over');
    });
    row.addEventListener('dragover', event => {
      if (this.dragged !== undefined) {
        event.preventDefault();
        row.classList.add('over');
      }
    });
    row.addEventListener('dragleave', () => row.classList.remove('over'));
    row.addEventListener('drop', event => {
      event.preventDefault();
      if (this.dragged !== undefined) this.move(this.dragged, i);
    });
    return row;
  }
}

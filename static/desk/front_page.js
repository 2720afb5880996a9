// SPDX-License-Identifier: MIT
// What the editors put in order by hand: the front page and their picks. Whoever saves second is shown the first one's order and chooses.

import { call, get } from './api.js';
import { ask } from './dialog.js';
import { button, h, say } from './dom.js';
import { OrderedArticles } from './order.js';

const MOST = 200;
const lists = {
  'front-page': ['Front page', 'The first leads the front page; the next stand beside it.'],
  'editors-picks': ['Editors’ picks', 'Shown in this order.'],
};

class Collection {
  constructor(name) {
    const [title, hint] = lists[name];

    this.name = name;
    this.order = new OrderedArticles(() => this.show('Not saved yet'), { label: 'Add an article', most: MOST });
    this.state = h('p', { class: 'state', role: 'status' });
    this.element = h(
      'section',
      { class: 'collection', 'aria-labelledby': name },
      h('h2', { id: name }, title),
      h('p', { class: 'hint' }, hint),
      this.order.element,
      h(
        'p',
        { class: 'actions' },
        button('Save order', () => this.save(), { class: 'primary' }),
        this.state,
      ),
    );
  }

  show(text) {
    this.state.textContent = text;
  }

  // What nobody has made yet begins empty, and the first save makes it.
  async read() {
    const { data: known } = await get('/v1/collections');

    if (!known.some(({ name }) => name === this.name)) return { items: [], etag: null };
    const { data, meta, etag } = await get(`/v1/collections/${this.name}?limit=${MOST}&fields=id,title`);
    return { items: data, etag, title: meta.title };
  }

  take(read) {
    this.etag = read.etag;
    this.title = read.title;
    for (const { id, title } of read.items) this.order.titles.set(id, title);
    return read.items.map(item => item.id);
  }

  async open() {
    await this.order.load(this.take(await this.read()));
  }

  async save() {
    const body = { ids: this.order.ids, ...(this.title && { title: this.title }) };

    this.show('Saving…');
    try {
      const { etag } = await call('PUT', `/v1/collections/${this.name}`, { body, headers: this.etag ? { 'If-Match': this.etag } : {} });
      this.etag = etag;
      this.show('Saved');
    } catch (error) {
      if (error.status === 412 || error.status === 428) await this.meet();
      else this.show(`Not saved: ${[error.message, ...(error.errors ?? []).map(one => one.detail)].join('; ')}`);
    }
  }

  async meet() {
    const mine = this.order.ids,
      theirs = this.take(await this.read());

    const names = ids => h('ol', { class: 'version' }, ...ids.map(id => h('li', {}, this.order.name(id))));
    const side = (label, ids) => h('div', { class: 'side' }, h('p', { class: 'pick' }, label), names(ids));
    const keepMine = await ask({
      title: 'Someone else changed this order meanwhile',
      parts: [h('div', { class: 'choice' }, side('Mine', mine), side('Theirs', theirs))],
      confirm: 'Save mine',
      cancel: 'Take theirs',
    });
    if (keepMine) {
      await this.save();
      return;
    }
    await this.order.load(theirs);
    this.show('This is their order');
    say('Their order was taken');
  }
}

export async function openFrontPage(main) {
  const collections = Object.keys(lists).map(name => new Collection(name));

  await Promise.all(collections.map(collection => collection.open()));
  main.replaceChildren(
    h('h1', { class: 'page-title' }, 'In the editors’ order'),
    h('div', { class: 'collections' }, ...collections.map(collection => collection.element)),
  );
}

// SPDX-License-Identifier: MIT
// The lists: drafts, scheduled, published, withdrawn, each with a search, the newest first, a page at a time. Above them what this browser holds and
// the server does not.

import { get, query } from './api.js';
import { button, h, newId, say, unhurried } from './dom.js';
import { inUtc, local, timeElement } from './times.js';
import { allUnsaved } from './unsaved.js';

const PAGE = 20;
export const tabs = { draft: 'Drafts', scheduled: 'Scheduled', published: 'Published', withdrawn: 'Withdrawn' };

function row(item, status) {
  const when = {
    draft: ['changed ', item.updated_at],
    scheduled: ['comes out ', item.publish_at],
    published: ['', item.published_at],
    withdrawn: ['withdrawn ', item.removed_at ?? item.updated_at],
  }[status];

  return h(
    'li',
    {},
    h('h2', {}, h('a', { href: `#/article/${item.id}` }, item.title)),
    h(
      'p',
      { class: 'hint' },
      [item.section?.name, item.byline, item.word_count ? `${item.word_count} words` : null].filter(Boolean).join(' · '),
      h(
        'span',
        { class: 'when' },
        when[0],
        when[1] ? timeElement(when[1]) : '',
        status === 'scheduled' ? ` (${inUtc(when[1])})` : '',
        item.expire_at ? `, ends ${local(item.expire_at)}` : '',
      ),
    ),
  );
}

function unsaved() {
  const entries = allUnsaved();

  return entries.length === 0
    ? ''
    : h(
        'section',
        { class: 'unsaved', 'aria-labelledby': 'unsaved' },
        h('h2', { id: 'unsaved' }, 'Only in this browser'),
        h(
          'ul',
          {},
          ...entries.map(({ name, values, at }) =>
            h(
              'li',
              {},
              h('a', { href: `#/article/${name.split('~')[0]}` }, values.title || 'Without a headline'),
              ` typed ${local(at)}, not saved yet`,
            ),
          ),
        ),
      );
}

// One look-up a status.
async function count(status, place) {
  const { meta } = await get(`/v1/articles${query({ status, limit: 1, count: 'exact', fields: 'id' })}`);

  if (meta.count) place.textContent = meta.count.exact ? meta.count.value : `${meta.count.value}+`;
}

export async function openList(main, status, parameters) {
  const search = h('input', {
    type: 'search',
    id: newId('search'),
    value: parameters.get('q') ?? '',
    'aria-label': `Search in ${tabs[status].toLowerCase()}`,
    placeholder: 'Search',
  });
  const list = h('ul', { class: 'rows' }),
    turns = h('nav', { class: 'turns', 'aria-label': 'Pages' }),
    counts = {};
  const bar = h(
    'nav',
    { class: 'tabs', 'aria-label': 'Articles' },
    h(
      'ul',
      {},
      ...Object.entries(tabs).map(([name, label]) => {
        counts[name] = h('span', { class: 'count' });
        return h('li', {}, h('a', { href: `#/${name}`, 'aria-current': name === status ? 'page' : null }, label, ' ', counts[name]));
      }),
    ),
  );
  let asked = 0;

  const load = async path => {
    const mine = ++asked;
    try {
      const { data, links } = await get(path);
      if (mine !== asked) return;
      list.replaceChildren(...data.map(item => row(item, status)));
      if (!data.length)
        list.replaceChildren(
          h('li', { class: 'empty' }, search.value.trim() ? `Nothing among the ${tabs[status].toLowerCase()} matches.` : 'There is nothing here.'),
        );
      const turn = (label, link, rel) => {
        if (!link) return null;
        const { pathname, search: parameters_ } = new URL(link, location.href);
        return button(
          label,
          async () => {
            await load(pathname + parameters_);
            main.focus();
            scrollTo(0, 0);
          },
          { 'data-rel': rel },
        );
      };
      turns.replaceChildren(...[turn('← Newer', links.prev, 'prev'), turn('Older →', links.next, 'next')].filter(Boolean));
      say(`${data.length} article${data.length === 1 ? '' : 's'}`);
    } catch (error) {
      list.replaceChildren(
        h(
          'li',
          { class: 'empty', role: 'alert' },
          `${error.message}. `,
          button('Try again', () => load(path)),
        ),
      );
    }
  };
  // What is not out has no day of its own yet: what was worked on last comes first.
  const first = () => {
    const q = search.value.trim();

    return `/v1/articles${query({ status, limit: PAGE, q, order: status === 'published' || q ? 'newest' : 'updated' })}`;
  };

  search.addEventListener(
    'input',
    unhurried(() => {
      history.replaceState(null, '', `#/${status}${query({ q: search.value.trim() })}`);
      load(first());
    }, 250),
  );
  main.replaceChildren(
    h('div', { class: 'list-head' }, h('h1', { class: 'page-title' }, tabs[status]), h('a', { class: 'new primary', href: '#/new' }, 'New article')),
    unsaved(),
    bar,
    h('div', { class: 'list-search', role: 'search' }, search),
    list,
    turns,
  );
  await load(first());
  for (const name of Object.keys(tabs)) count(name, counts[name]).catch(() => {});
}

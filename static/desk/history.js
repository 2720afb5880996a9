// SPDX-License-Identifier: MIT
// The versions of an article: who made them and when, what differs between two, and putting an earlier one back (as a version of its own).

import { call, get, query } from './api.js';
import { fields, valuesOf, worded } from './article.js';
import { ask } from './dialog.js';
import { differences } from './difference.js';
import { button, h, labelled, say } from './dom.js';
import { timeElement } from './times.js';

const called = name =>
  fields[name]?.label ??
  {
    status: 'Status',
    corrections: 'Corrections',
    publish_at: 'Comes out at',
    published_at: 'Published at',
    reason: 'Reason',
    replaced_by: 'Replaced by',
    removed_at: 'Withdrawn at',
    body_text: 'Text',
    aliases: 'Former slugs',
  }[name] ??
  name;

// A value as the API has it, in words.
function inWords(name, value) {
  if (value === undefined) return '';
  if (fields[name]) return worded(name, valuesOf({ [name]: value })[name]);
  if (name === 'corrections') return value.map(one => `${one.kind}: ${one.text}`).join('\n');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function difference({ field, before, after }) {
  const [old, young] = differences(inWords(field, before), inWords(field, after));

  return h(
    'div',
    { class: 'choice' },
    h('h3', {}, called(field)),
    h('div', { class: 'side' }, h('p', { class: 'pick' }, 'Before'), h('div', { class: 'version' }, ...old)),
    h('div', { class: 'side' }, h('p', { class: 'pick' }, 'After'), h('div', { class: 'version' }, ...young)),
  );
}

export async function openHistory(main, id) {
  const list = h('ol', { class: 'revisions', reversed: true }),
    shown = h('section', { 'aria-live': 'polite', 'aria-label': 'Differences', class: 'differences' }),
    note = h('div', { class: 'notes' });
  const more = h('p', { class: 'turns' });
  const { data: article } = await get(`/v1/articles/${id}?fields=title,rev`);
  let revisions = [];

  const compare = async (rev, against) => {
    const { data } = await get(`/v1/articles/${id}/revisions/${rev}/diff${query({ against })}`);
    const select = h(
      'select',
      { onchange: () => compare(rev, select.value) },
      ...revisions.filter(one => one.rev !== rev).map(one => h('option', { value: one.rev }, `Version ${one.rev}`)),
    );
    if (data.against) select.value = data.against;
    shown.replaceChildren(
      h('h2', { tabindex: '-1' }, `Version ${rev}`),
      ...(revisions.length > 1 ? [labelled('Compared with', select)] : []),
      ...(!data.against
        ? [h('p', { class: 'hint' }, 'The first version: everything is new.')]
        : data.fields.length === 0
          ? [h('p', {}, 'Nothing differs.')]
          : []),
      ...data.fields.map(difference),
    );
    for (const one of list.children) one.classList.toggle('current', one.dataset.rev === String(rev));
    shown.querySelector('h2').focus({ preventScroll: false });
  };
  const restore = async rev => {
    if (
      !(await ask({
        title: `Put version ${rev} back?`,
        parts: [h('p', {}, 'Its text stands again, as a new version. Status, address and times stay as they are.')],
        confirm: 'Put back',
      }))
    )
      return;
    try {
      const { data } = await call('POST', `/v1/articles/${id}/revisions/${rev}/restore`, { headers: { 'If-Match': `"${article.rev}"` } });
      article.rev = data.rev;
      say(`Version ${rev} stands again, as version ${data.rev}`);
      await load();
    } catch (error) {
      note.replaceChildren(
        h(
          'p',
          { class: 'desk-note', role: 'alert' },
          error.status === 412 ? 'Someone saved the article meanwhile. Look at the newest version first.' : error.message,
        ),
      );
      if (error.status === 412) {
        article.rev = (await get(`/v1/articles/${id}?fields=rev`)).data.rev;
        await load();
      }
    }
  };
  const row = one =>
    h(
      'li',
      { 'data-rev': one.rev, value: one.rev },
      h('p', {}, timeElement(one.at), one.by ? ` by ${one.by}` : ''),
      h('p', { class: 'hint' }, [one.status, one.changed?.map(called).join(', ')].filter(Boolean).join(' · ')),
      h(
        'p',
        { class: 'actions' },
        button('Differences', () => compare(one.rev), { 'aria-label': `Differences of version ${one.rev}` }),
        one.rev !== article.rev && button('Put back…', () => restore(one.rev), { 'aria-label': `Put version ${one.rev} back` }),
      ),
    );
  const load = async path => {
    const { data, links } = await get(path ?? `/v1/articles/${id}/revisions?limit=50`);
    revisions = path ? [...revisions, ...data] : data;
    list.replaceChildren(...revisions.map(row));
    const { pathname, search } = new URL(links.next ?? '', location.href);
    more.replaceChildren(...(links.next ? [button('Older versions', () => load(pathname + search))] : []));
  };

  await load();
  main.replaceChildren(
    h('h1', { class: 'page-title' }, 'History'),
    h('p', {}, h('a', { href: `#/article/${id}` }, `← ${article.title}`)),
    note,
    h('div', { class: 'history' }, h('div', {}, list, more), shown),
  );
  if (revisions.length) await compare(revisions[0].rev);
  main.querySelector('h1').setAttribute('tabindex', '-1');
  main.querySelector('h1').focus();
}

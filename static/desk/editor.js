// SPDX-License-Identifier: MIT
// One article being written: the form, what of it is saved where, and what may be done with it.
//
// There are three states of the text: what the server has (`base`, version `rev`), what is in the form, and what is kept in this browser
// (unsaved.js) whenever the two differ. Saving sends a merge patch of what differs, under If-Match, so that nobody's work is overwritten unseen.
// A save that found no connection is tried again when there is one. It may have arrived after all: a creation carries its Idempotency-Key and
// is sent again byte for byte; a patch then meets a version that already says what it says. Publishing is never repeated behind one's back.

import { correct, preview, publish, schedule, withdraw } from './acts.js';
import { NoConnection, call, get } from './api.js';
import { changed, countWords, creationOf, fields, patchOf, same, valuesOf } from './article.js';
import { Body } from './body.js';
import { settle } from './conflict.js';
import { ask } from './dialog.js';
import { button, h, markWrong, unhurried } from './dom.js';
import { makeFields, rememberSource, rememberedSource } from './fields.js';
import { inUtc, local, savedAt, timeElement } from './times.js';
import { forget, forkedName, keep, newKey, newName, onOtherTab, unsavedOf } from './unsaved.js';

const RETRY_FIRST_MS = 2000,
  RETRY_MOST_MS = 30000;
const EMPTY = valuesOf({});

class Editor {
  constructor(main, name) {
    this.main = main;
    this.name = name;
    this.id = /^\d+$/.test(name) ? Number(name) : null;
    this.base = { ...EMPTY };
    this.article = {};
    this.rev = 0;
    this.retryMs = RETRY_FIRST_MS;
    this.leavers = [];
  }

  // --- coming and going ---

  async open() {
    const [entry] = unsavedOf(this.name);

    try {
      if (this.id) this.take((await get(`/v1/articles/${this.id}?related=0`)).data);
    } catch (error) {
      if (!entry || !error.passes) throw error;
      this.rev = entry.rev;
      this.base = entry.base;
      this.article = entry.article ?? {};
      this.retry = true;
    }
    this.build();
    this.show(this.id ? this.base : { ...EMPTY, source: rememberedSource() });
    if (!this.id && !entry) this.base = { ...EMPTY, source: rememberedSource() };
    if (entry) this.bringBack(entry);
    this.leavers.push(
      onOtherTab(
        () => this.name,
        () => this.fork(),
      ),
    );
    this.listen(window, 'online', () => this.tryAgain());
    this.listen(window, 'offline', () => this.showState());
    this.listen(window, 'beforeunload', event => {
      if (this.isLoose) event.preventDefault();
    });
    this.listen(document, 'keydown', event => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 's') {
        event.preventDefault();
        if (!document.querySelector('dialog[open]')) this.save();
      }
    });
    this.showState();
    if (this.retry) this.waitAndRetry();
    if (!this.id && !entry) this.fields.title.inputs['/title'].focus();
  }

  listen(target, name, listener) {
    target.addEventListener(name, listener);
    this.leavers.push(() => target.removeEventListener(name, listener));
  }

  close() {
    clearTimeout(this.timer);
    this.body.done();
    this.leavers.forEach(leave => leave());
  }

  bringBack(entry) {
    this.name = entry.name;
    this.creating = entry.creating;
    this.aside = entry.aside;
    this.base = entry.base;
    this.isChanged = true;
    this.show(entry.values);
    if (this.id && this.rev !== entry.rev) {
      const newer = this.article;
      this.article = { ...newer };
      this.rev = entry.rev;
      this.note(`There is a newer version on the server than the one that your text of ${local(entry.at)} is based on.`, [
        button('Compare', () => this.meet(newer)),
      ]);
    } else if (changed(entry.values, this.base).length === 0 && !this.creating) {
      forget(entry.name);
      this.isChanged = false;
    } else {
      const whole =
        this.aside &&
        button('My text before the comparison', () => {
          this.show(this.aside);
          this.typed();
        });
      this.note(`Unsaved text of ${local(entry.at)} was brought back.`, [button('Throw it away', () => this.discard()), ...(whole ? [whole] : [])]);
    }
  }

  async discard() {
    if (!(await ask({ title: 'Throw the unsaved text away?', confirm: 'Throw away', danger: true }))) return;
    forget(this.name);
    if (!this.id) {
      location.hash = '#/draft';
      return;
    }
    this.creating = undefined;
    this.take((await get(`/v1/articles/${this.id}?related=0`)).data);
    this.show(this.base);
    this.keep();
    this.note(null);
    this.showState();
  }

  fork() {
    this.name = forkedName(this.name);
    this.keep();
    this.note('This article is open in another tab too. Each keeps its own text; what is saved second will be compared with the first.');
  }

  // --- what is in the form ---

  values() {
    return { ...Object.fromEntries(Object.entries(this.fields).map(([name, field]) => [name, field.get()])), body_html: this.body.get() };
  }

  show(values) {
    for (const [name, field] of Object.entries(this.fields)) if (!same(field.get(), values[name])) field.set(values[name]);
    if (values.body_html !== this.body.get() || !this.body.box.firstChild) this.body.set(values.body_html);
    this.count(values);
  }

  // The server's answer becomes what is written over.
  take(article) {
    this.article = article;
    this.rev = article.rev;
    this.base = valuesOf(article);
  }

  typed() {
    this.countSoon(this.keep());
    this.failure = null;
    this.showState();
  }

  // false in isLoose would be the last place for the text: then the browser asks before the tab is closed.
  keep() {
    const values = this.values(),
      isChanged = changed(values, this.base).length > 0;

    if (isChanged || this.creating) {
      const { status, url, corrections } = this.article;
      this.isLoose = !keep(this.name, {
        values,
        base: this.base,
        rev: this.rev,
        id: this.id,
        article: { status, url, corrections },
        creating: this.creating,
        aside: this.aside,
      });
    } else {
      forget(this.name);
      this.isLoose = false;
    }
    this.isChanged = isChanged || Boolean(this.creating);
    return values;
  }

  count(values) {
    const n = countWords(values.body_html);

    this.words.textContent = `${n} word${n === 1 ? '' : 's'}`;
  }

  // --- saving ---

  // Saves what differs, and with it `change`: members of a merge patch that no field holds (status, corrections …). true when it is on the server.
  async save(change = {}) {
    while (this.saving) await this.saving;
    this.saving = this.send(change);
    try {
      return await this.saving;
    } finally {
      this.saving = null;
      this.showState();
    }
  }

  async send(change) {
    const sent = this.values();

    this.clearWrong();
    clearTimeout(this.timer);
    this.failure = null;
    this.retry = false;
    this.state('Saving…');
    try {
      if (!this.id) await this.create(sent);
      const patch = { ...patchOf(sent, this.base), ...change };
      if (Object.keys(patch).length > 0) {
        const { data } = await call('PATCH', `/v1/articles/${this.id}`, { body: patch, headers: { 'If-Match': `"${this.rev}"` } });
        this.saved(data, sent);
      }
      this.keep();
      return true;
    } catch (error) {
      return this.failed(error, change, sent);
    }
  }

  // What was sent is kept with its key until there is an answer; what was typed since goes by a patch behind it.
  async create(sent) {
    this.creating ??= { key: newKey(), body: JSON.stringify({ ...creationOf(sent), status: 'draft' }), values: sent };
    this.keep();
    try {
      const { data } = await call('POST', '/v1/articles', { body: this.creating.body, headers: { 'Idempotency-Key': this.creating.key } });
      const made = this.creating.values,
        old = this.name;
      this.creating = undefined;
      this.id = data.id;
      this.name = String(data.id);
      this.saved(data, made);
      forget(old);
      history.replaceState(null, '', `#/article/${data.id}`);
    } catch (error) {
      // Refused is not made: next time with what stands then.
      if (!error.passes) this.creating = undefined;
      throw error;
    }
  }

  // Fields that were not touched since `sent` take the server's form of them (a slug made from the headline, a standfirst from the text).
  saved(article, sent) {
    const now = this.values();

    this.take(article);
    rememberSource(this.base.source);
    for (const [name, field] of Object.entries(this.fields))
      if (same(now[name], sent[name]) && !same(now[name], this.base[name])) field.set(this.base[name]);
    this.base.body_html = sent.body_html;
    this.aside = undefined;
    this.retryMs = RETRY_FIRST_MS;
    this.note(null);
    this.keep();
    this.showActions();
  }

  async failed(error, change, sent) {
    const isMore = Object.keys(change).length > 0;

    this.keep();
    if (error.status === 412) {
      const theirs = await get(`/v1/articles/${this.id}?related=0`).then(
        answer => answer.data,
        () => null,
      );
      if (theirs && changed(valuesOf(theirs), sent).length === 0 && !isMore) {
        this.saved(theirs, sent);
        return true;
      }
      if (theirs) return this.meet(theirs, change);
    }
    this.failure = error;
    if (error.passes && !isMore) {
      this.retry = true;
      this.waitAndRetry();
    } else if (isMore && error.passes) {
      this.note(`That was not done: ${error.message}. Your text is kept here; please try again when there is a connection.`);
    } else if (error.status === 422 || error.errors?.length) {
      this.showWrong(error);
    } else {
      this.note(error.message, [], 'alert');
    }
    return false;
  }

  waitAndRetry() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tryAgain(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MOST_MS);
  }

  tryAgain() {
    if (this.retry && !this.saving) this.save();
    else this.showState();
  }

  // Compares with `theirs`, goes on from there with what is chosen, and does what was wanted.
  async meet(theirs, change = {}) {
    const mine = this.values(),
      theirValues = valuesOf(theirs);

    this.form.hidden = true;
    const values = await settle(this.main, { base: this.base, mine, theirs: theirValues, titles: this.fields.related_ids.titles });
    this.form.hidden = false;
    if (!values) {
      this.note('The two versions are not brought together yet.', [button('Compare', () => this.meet(theirs, change))]);
      return false;
    }
    this.take(theirs);
    this.show(values);
    this.aside = mine;    // whole, until what was chosen is on the server
    this.keep();
    this.note(null);
    const isSaved = await this.send(change);
    this.saving = null;
    this.showState();
    return isSaved;
  }

  // --- what is said ---

  state(text, kind = '') {
    if (this.status.textContent !== text) this.status.textContent = text;
    this.status.className = `state ${kind}`;
  }

  showState() {
    if (!this.status || this.saving) return;
    if (this.isLoose) this.state('This browser has no room to keep the text: save it before you leave', 'bad');
    else if (this.retry)
      this.state(
        this.failure instanceof NoConnection || !this.failure
          ? 'No connection. Kept in this browser, saved as soon as it is back'
          : `${this.failure.message}. Kept in this browser, tried again soon`,
        'bad',
      );
    else if (this.failure) this.state('Not saved; kept in this browser', 'bad');
    else if (this.isChanged) this.state(navigator.onLine ? 'Kept in this browser, not saved yet' : 'No connection. Kept in this browser', 'open');
    else this.state(this.id ? `Saved ${savedAt(this.article.updated_at)}` : 'New');
  }

  note(text, actions = [], role = 'status') {
    this.notes.replaceChildren(...(text ? [h('p', { class: 'desk-note', role }, text, ' ', ...actions)] : []));
  }

  clearWrong() {
    for (const field of [...Object.values(this.fields), this.bodyField]) for (const input of Object.values(field.inputs)) markWrong(input, null);
  }

  // Every wrong field at once, each at its input; what has none stands on top.
  showWrong(problem) {
    const inputs = Object.assign({}, ...[...Object.values(this.fields), this.bodyField].map(field => field.inputs)),
      rest = [],
      wrong = [];

    for (const { pointer, detail, suggestion } of problem.errors) {
      const at = Object.keys(inputs)
        .filter(path => pointer === path || pointer.startsWith(`${path}/`))
        .sort((one, other) => other.length - one.length)[0];
      const text = `${detail[0].toUpperCase()}${detail.slice(1)}${suggestion ? `. Perhaps ${suggestion}?` : ''}`;
      if (at) {
        markWrong(inputs[at], text);
        wrong.push(inputs[at]);
      } else rest.push(`${pointer.slice(1)}: ${text}`);
    }
    this.note(
      [wrong.length ? `Not saved: ${wrong.length === 1 ? 'one field is' : `${wrong.length} fields are`} not right.` : problem.message, ...rest].join(
        ' ',
      ),
      [],
      'alert',
    );
    wrong.sort((one, other) => (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
    for (const input of wrong) input.closest('details')?.setAttribute('open', '');
    wrong[0]?.focus();
  }

  // --- the form ---

  build() {
    const typed = () => this.typed();

    this.body = new Body(typed);
    this.bodyField = { inputs: { '/body_html': this.body.box, '/body_text': this.body.box } };
    this.fields = makeFields(typed);
    this.status = h('p', { class: 'state', role: 'status' });
    this.words = h('p', { class: 'words' });
    this.countSoon = unhurried(values => this.count(values), 100);
    this.notes = h('div', { class: 'notes' });
    this.actions = h('div', { class: 'actions' });
    this.about = h('p', { class: 'about' });
    const element = name => this.fields[name].element;
    const fold = (title, ...names) => h('details', {}, h('summary', {}, h('h2', {}, title)), ...names.map(element));
    this.form = h(
      'form',
      { class: 'article-form', novalidate: true, 'aria-label': 'Article', onsubmit: event => event.preventDefault() },
      h('div', { class: 'form-head' }, h('div', { class: 'states' }, this.about, this.words, this.status), this.actions),
      this.notes,
      h(
        'div',
        { class: 'form-main' },
        element('title'),
        element('summary'),
        h('div', { class: 'field' }, h('span', { class: 'label' }, fields.body_html.label), this.body.element),
      ),
      h(
        'div',
        { class: 'form-side' },
        ...['section', 'tags', 'byline', 'source'].map(element),
        fold('Picture', 'image'),
        fold('Authors, place, language', 'authors', 'dateline', 'lang'),
        fold('Related articles', 'related_ids'),
        fold('Featured, end, address', 'featured', 'expire_at', 'slug', 'canonical_url'),
        fold('Rights', 'rights'),
      ),
    );
    this.main.replaceChildren(h('h1', { class: 'hidden' }, this.id ? 'Edit an article' : 'New article'), this.form);
    if (this.base.image) this.fields.image.element.closest('details').open = true;
    this.showActions();
  }

  showActions() {
    const { status = 'draft', publish_at: publishAt, url } = this.article,
      isOut = status === 'published';
    const act = (label, what, attributes) => button(label, () => what(this), attributes);
    const sets = {
      draft: [
        act('Save', () => this.save(), { class: 'save' }),
        act('Preview', preview),
        act('Schedule…', schedule),
        act('Publish…', publish, { class: 'primary' }),
      ],
      scheduled: [
        act('Save', () => this.save(), { class: 'save' }),
        act('Preview', preview),
        act('Reschedule…', schedule),
        act('Back to draft', () => this.save({ status: 'draft', publish_at: null })),
        act('Publish now…', publish, { class: 'primary' }),
      ],
      published: [
        act('Preview', preview),
        act('Correct…', correct),
        act('Withdraw…', withdraw),
        act('Save', () => this.save(), { class: 'save primary' }),
      ],
      withdrawn: [act('Save', () => this.save(), { class: 'save' }), act('Preview', preview), act('Publish again…', publish, { class: 'primary' })],
    };
    const focused = this.actions.contains(document.activeElement) ? document.activeElement.textContent : null;

    this.actions.replaceChildren(...sets[status]);
    if (focused) ([...this.actions.children].find(one => one.textContent === focused) ?? this.actions.querySelector('.save')).focus();
    const words = { draft: this.id ? 'Draft' : 'New draft', scheduled: 'Scheduled for ', published: 'Published ', withdrawn: 'Withdrawn ' }[status];
    const time = { scheduled: publishAt, published: this.article.published_at, withdrawn: this.article.removed_at }[status];
    this.about.replaceChildren(
      h('strong', { class: `status ${status}` }, words),
      time ? timeElement(time) : '',
      ...(time && status === 'scheduled' ? [` (${inUtc(time)})`] : []),
      ...(this.article.reason && status === 'withdrawn' ? [`: ${this.article.reason}`] : []),
      ...(isOut && url ? [' ', h('a', { href: new URL(url, location.href).pathname, target: '_blank', rel: 'noopener' }, 'See it')] : []),
      ...(this.id ? [' ', h('a', { href: `#/article/${this.id}/history` }, `History (${this.rev})`)] : []),
    );
  }
}

// `name`: the number of an article, "new", or the name of unsaved text. Gives what to call when the page is left.
export async function openEditor(main, name) {
  const editor = new Editor(main, name === 'new' ? newName() : name);

  await editor.open();
  return () => editor.close();
}

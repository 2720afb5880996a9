// SPDX-License-Identifier: MIT
// Completes what is typed into the search box: a combobox with a list, as the ARIA Authoring Practices describe it; and says that there are new
// articles. Without this script the box is a plain form, and everything else on the pages does without in any case.
'use strict';

const LIMIT = 8, WAIT_MS = 120, REMEMBERED = 50;
const KINDS = { section: 'Section', tag: 'Topic', source: 'Source', author: 'Author', article: '' };

class Combobox {
  constructor(input) {
    this.input = input;
    this.known = new Map();
    this.options = [];
    this.active = -1;
    this.list = this.add('ul', { id: 'suggestions', className: 'suggestions', hidden: true }, { role: 'listbox', 'aria-label': 'Suggestions' });
    this.status = this.add('p', { className: 'hidden' }, { role: 'status' });
    this.set({ role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': 'suggestions' });
    input.addEventListener('input', event => { if (!event.isComposing) this.typed(); });
    input.addEventListener('compositionend', () => this.typed());
    input.addEventListener('keydown', event => this.pressed(event));
    input.addEventListener('blur', () => this.close());
    input.form.addEventListener('submit', () => this.close());
    // Held down, the pointer leaves the focus in the box, so that the list is still there when it is let go.
    this.list.addEventListener('pointerdown', event => event.preventDefault());
    this.list.addEventListener('click', event => this.follow(this.options.indexOf(event.target.closest('[role=option]'))));
  }

  add(name, properties, attributes) {
    const element = Object.assign(document.createElement(name), properties);

    for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
    this.input.form.append(element);
    return element;
  }

  set(attributes) {
    for (const [attribute, value] of Object.entries(attributes)) this.input.setAttribute(attribute, value);
  }

  typed() {
    const text = this.input.value.trimStart();

    clearTimeout(this.timer);
    this.request?.abort();
    if (text === '') { this.close(); return; }
    if (this.known.has(text)) { this.show(text, this.known.get(text)); return; }
    this.timer = setTimeout(() => this.ask(text), WAIT_MS);
  }

  // What comes too late for what stands in the box is not shown; without an answer there are no suggestions, and that is all.
  async ask(text) {
    this.request = new AbortController();
    try {
      const response = await fetch(`/v1/suggest?q=${encodeURIComponent(text)}&limit=${LIMIT}`, { signal: this.request.signal });

      if (!response.ok) { this.close(); return; }
      const { data } = await response.json();
      if (this.known.size >= REMEMBERED) this.known.clear();
      this.known.set(text, data);
      if (this.input.value.trimStart() === text && document.activeElement === this.input) this.show(text, data);
    } catch (error) {
      if (error.name !== 'AbortError') this.close();
    }
  }

  show(text, suggestions) {
    this.options = suggestions.map((suggestion, i) => this.option(suggestion, i));
    this.list.replaceChildren(...this.options);
    this.list.hidden = this.options.length === 0;
    this.set({ 'aria-expanded': String(!this.list.hidden) });
    this.choose(-1);
    this.status.textContent = this.options.length === 1 ? '1 suggestion' : `${this.options.length} suggestions`;
  }

  option({ type, name, url }, i) {
    const option = document.createElement('li'), label = document.createElement('span'), kind = document.createElement('span');

    option.id = `suggestion-${i}`;
    option.dataset.path = new URL(url, location.href).pathname;
    option.className = type;
    option.setAttribute('role', 'option');
    label.textContent = name;
    kind.className = 'kind';
    kind.textContent = KINDS[type] ?? type;
    option.append(label, kind);
    return option;
  }

  // -1: none, what is typed stands.
  choose(i) {
    this.active = i;
    this.options.forEach((option, at) => option.setAttribute('aria-selected', String(at === i)));
    if (i < 0) this.input.removeAttribute('aria-activedescendant');
    else this.set({ 'aria-activedescendant': this.options[i].id });
    this.options[i]?.scrollIntoView({ block: 'nearest' });
  }

  close() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.list.hidden = true;
    this.set({ 'aria-expanded': 'false' });
    this.choose(-1);
    this.status.textContent = '';
  }

  follow(i) {
    if (i >= 0) location.assign(this.options[i].dataset.path);
  }

  pressed(event) {
    const isOpen = !this.list.hidden, n = this.options.length;

    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const step = event.key === 'ArrowDown' ? 1 : -1;

      event.preventDefault();
      // Round and round, past what is typed.
      if (isOpen) this.choose((this.active + 1 + step + n + 1) % (n + 1) - 1);
      else this.typed();
    } else if (event.key === 'Escape' && isOpen) {
      event.preventDefault();
      this.close();
    } else if (event.key === 'Enter' && isOpen && this.active >= 0) {
      event.preventDefault();
      this.follow(this.active);
    }
  }
}

const box = document.querySelector('form[role=search] input[type=search]');
if (box) new Combobox(box);

const AGAIN_MS = 30000;

// Says that there are new articles in the list that the page shows, and waits until one wants to see them: nothing on the page moves by itself.
// Listens only while the page is to be seen; what came since the page was made, or meanwhile, is told when it is seen.
class News {
  constructor(filter) {
    this.filter = filter;
    this.since = undefined;
    this.fresh = new Set();
    this.newest = [...document.querySelectorAll('main time[datetime]')].map(time => Date.parse(time.dateTime) || 0).reduce((a, b) => Math.max(a, b), 0);
    this.place = Object.assign(document.createElement('p'), { className: 'news' });
    this.place.setAttribute('role', 'status');
    document.body.append(this.place);
    document.addEventListener('visibilitychange', () => this.listen());
    this.listen();
  }

  async listen() {
    this.events?.close();
    this.events = undefined;
    clearTimeout(this.timer);
    if (document.hidden) return;
    this.since ??= await this.seqOfPage();
    if (document.hidden || this.events) return;
    this.events = new EventSource(`/v1/events?since=${this.since}${this.filter}`);
    this.events.addEventListener('open', () => { this.failures = 0; });
    this.events.addEventListener('message', event => this.heard(event.lastEventId, JSON.parse(event.data)));
    this.events.addEventListener('error', () => this.failed());
  }

  // The page as the browser keeps it says in its head which seq it was made at.
  async seqOfPage() {
    const answer = await fetch(location.href, { cache: 'force-cache' }).catch(() => undefined);
    const seq = answer?.headers.get('Broadsheet-Seq') ?? '';

    return /^[0-9]+$/.test(seq) ? seq : 'now';
  }

  // A connection that breaks is made again by the browser; an answer that is no stream is final. Whether it was the place that is refused is to be asked.
  async failed() {
    if (this.events?.readyState !== EventSource.CLOSED) return;
    this.failures = (this.failures ?? 0) + 1;
    this.timer = setTimeout(() => this.listen(), AGAIN_MS * Math.min(this.failures, 20));
    const answer = await fetch(this.events.url, { method: 'HEAD' }).catch(() => undefined);
    if (answer?.status === 410) this.since = 'now';
  }

  // An edit of an older article is no news here; a new one that is taken back is none any more.
  heard(seq, { op, id, published_at: published }) {
    this.since = seq;
    if (op === 'upsert' && Date.parse(published) > this.newest) this.fresh.add(id);
    else if (!this.fresh.delete(id)) return;
    this.say(this.fresh.size);
  }

  say(n) {
    if (n === 0) { this.place.replaceChildren(); return; }
    this.button ??= this.makeButton();
    this.button.textContent = n === 1 ? '1 new article' : `${n} new articles`;
    if (!this.button.isConnected) this.place.append(this.button);
  }

  makeButton() {
    const button = Object.assign(document.createElement('button'), { type: 'button' });

    button.addEventListener('click', () => {
      history.scrollRestoration = 'manual';
      location.reload();
    });
    return button;
  }
}

// First pages of lists, which is where new articles would stand.
const place = /^\/(?:(section|tag|source|author)\/([a-z0-9-]+))?$/.exec(location.pathname);
if (place && !new URLSearchParams(location.search).has('cursor') && 'EventSource' in window) new News(place[1] ? `&${place[1]}=${place[2]}` : '');

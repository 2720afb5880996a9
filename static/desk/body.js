// SPDX-License-Identifier: MIT
// The editor of an article's text: a box that the browser itself lets one write in (contenteditable), with a bar of buttons. The commands are the
// browser's (execCommand), because they alone keep its undo; what they leave behind is cleaned (clean.js) whenever the text is read.

import { ask } from './dialog.js';
import { clean, cleaned, htmlOf } from './clean.js';
import { button, h, labelled, newId } from './dom.js';

const BLOCKS = { p: 'Paragraph', h2: 'Heading', h3: 'Subheading', h4: 'Small heading' };
const ADDRESS = /^(https?:\/\/[^\s/]|mailto:\S+@)/i;

const run = (command, value) => document.execCommand(command, false, value);

export class Body {
  constructor(changed) {
    this.box = h('div', { id: newId('body'), class: 'body', contenteditable: 'true', role: 'textbox', 'aria-multiline': 'true', 'aria-label': 'Text', tabindex: '0', spellcheck: 'true' });
    this.wrong = h('p', { class: 'wrong', id: `${this.box.id}-wrong`, hidden: true });
    this.box.setAttribute('aria-describedby', this.wrong.id);
    this.bar = this.makeBar();
    this.element = h('div', { class: 'body-editor' }, this.bar, this.box, this.wrong);
    this.changed = changed;
    this.box.addEventListener('input', () => { this.settle(); changed(); });
    this.box.addEventListener('paste', event => this.paste(event));
    this.box.addEventListener('drop', event => this.drop(event));
    this.box.addEventListener('keydown', event => this.pressed(event));
    this.box.addEventListener('focus', () => { run('defaultParagraphSeparator', 'p'); run('styleWithCSS', 'false'); });
    document.addEventListener('selectionchange', this.follow = () => this.showState());
  }

  done() { document.removeEventListener('selectionchange', this.follow); }

  get() { return htmlOf(clean(this.box)); }

  set(html) {
    this.box.replaceChildren(cleaned(html));
    if (!this.box.firstChild) this.box.append(h('p', {}, h('br')));
  }

  // --- the bar: one tab stop, arrows within (toolbar pattern) ---

  makeBar() {
    const select = h('select', { 'aria-label': 'Kind of paragraph', onchange: () => this.block(select.value) },
      ...Object.entries(BLOCKS).map(([value, label]) => h('option', { value }, label)));
    const tool = (label, title, act, command) => {
      const made = button(label, act, { title, 'aria-label': title, 'data-command': command, 'aria-pressed': command ? 'false' : null });
      made.addEventListener('pointerdown', event => event.preventDefault());    // the words stay selected
      return made;
    };

    this.select = select;
    const bar = h('div', { class: 'bar', role: 'toolbar', 'aria-label': 'Formatting', 'aria-controls': this.box.id }, select,
      tool(h('b', {}, 'B'), 'Bold (Ctrl+B)', () => this.command('bold'), 'bold'), tool(h('i', {}, 'I'), 'Italic (Ctrl+I)', () => this.command('italic'), 'italic'),
      tool('Link', 'Link (Ctrl+K)', () => this.link()), tool('• List', 'Bulleted list', () => this.command('insertUnorderedList'), 'insertUnorderedList'),
      tool('1. List', 'Numbered list', () => this.command('insertOrderedList'), 'insertOrderedList'), tool('❝', 'Quote', () => this.quote()),
      tool('Picture', 'Picture', () => this.picture()), tool('↶', 'Undo (Ctrl+Z)', () => this.command('undo')), tool('↷', 'Redo (Ctrl+Shift+Z)', () => this.command('redo')));
    const stops = [...bar.children];

    stops.forEach((stop, i) => { stop.tabIndex = i === 0 ? 0 : -1; });
    bar.addEventListener('keydown', event => {
      const at = stops.indexOf(document.activeElement), step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step || at < 0) return;
      event.preventDefault();
      const next = stops[(at + step + stops.length) % stops.length];
      stops.forEach(stop => { stop.tabIndex = stop === next ? 0 : -1; });
      next.focus();
    });
    return bar;
  }

  // The block that the caret is in, directly in the box or in a quote.
  current(selector) {
    const node = getSelection().anchorNode, element = node?.nodeType === Node.ELEMENT_NODE ? node : node?.parentElement;
    const found = element?.closest(selector);

    return this.box.contains(found) && found !== this.box ? found : null;
  }

  showState() {
    if (!this.box.contains(getSelection().anchorNode)) return;
    this.remembered = getSelection().getRangeAt(0).cloneRange();
    this.select.value = this.current('p, h2, h3, h4')?.localName ?? 'p';
    for (const tool of this.bar.querySelectorAll('[data-command]')) tool.setAttribute('aria-pressed', String(document.queryCommandState(tool.dataset.command)));
  }

  // Back to where one was writing, from the bar or a dialog.
  focus() {
    this.box.focus();
    if (this.remembered && this.box.contains(this.remembered.startContainer)) {
      getSelection().removeAllRanges();
      getSelection().addRange(this.remembered);
    }
  }

  command(name, value) {
    this.focus();
    run(name, value);
    this.showState();
  }

  block(name) { this.command('formatBlock', `<${name}>`); }

  // --- quote, link, picture ---

  // Into a quote and out of it: execCommand's own indent would write a style.
  quote() {
    this.focus();
    const quoted = this.current('blockquote'), blocks = this.chosenBlocks();
    if (quoted) this.replace([quoted], quoted.innerHTML);
    else if (blocks.length) this.replace(blocks, `<blockquote>${blocks.map(block => block.localName === 'p' ? block.outerHTML : `<p>${block.innerHTML}</p>`).join('')}</blockquote>`);
  }

  chosenBlocks() {
    const range = getSelection().getRangeAt(0);

    return [...this.box.children].filter(child => range.intersectsNode(child));
  }

  // The browser's undo does not know of this step; it is one click back in any case.
  replace(blocks, html) {
    const fragment = cleaned(html), last = fragment.lastElementChild ?? h('p', {}, h('br'));

    if (!fragment.firstChild) fragment.append(last);
    blocks[0].before(fragment);
    blocks.forEach(block => block.remove());
    getSelection().selectAllChildren(last);
    getSelection().collapseToEnd();
    this.box.dispatchEvent(new Event('input'));
  }

  async link() {
    this.focus();
    const old = this.current('a'), input = h('input', { type: 'url', value: old?.getAttribute('href') ?? '' }), range = getSelection().getRangeAt(0).cloneRange();
    const words = h('input', { type: 'text', value: range.toString() });
    const answer = await ask({
      title: 'Link', confirm: 'Set link', parts: [labelled('Address', input, old ? 'Empty: the words stay, the link goes' : null), range.collapsed && !old ? labelled('Words', words) : null].filter(Boolean),
      yes: () => input.value.trim() === '' || ADDRESS.test(input.value.trim()) ? { href: input.value.trim(), words: words.value.trim() } : { input, wrong: 'An address begins with https://, http:// or mailto:' },
    });
    this.focus();
    if (!answer) return;
    if (old) { getSelection().selectAllChildren(old); }
    if (answer.href === '') run('unlink');
    else if (range.collapsed && !old) this.insert(h('a', { href: answer.href }, answer.words || answer.href));
    else run('createLink', answer.href);
  }

  async picture() {
    this.focus();
    const url = h('input', { type: 'url' }), alt = h('input', { type: 'text' }), caption = h('input', { type: 'text' });
    const answer = await ask({
      title: 'Picture in the text', confirm: 'Put in', parts: [labelled('Address', url), labelled('What it shows', alt, 'For those who cannot see it'), labelled('Caption', caption)],
      yes: () => /^https?:\/\/[^\s/]/i.test(url.value.trim()) ? true : { input: url, wrong: 'An address begins with https://' },
    });
    this.focus();
    if (!answer) return;
    const figure = h('figure', {}, h('img', { src: url.value.trim(), alt: alt.value.trim() }), caption.value.trim() && h('figcaption', {}, caption.value.trim()));
    const block = this.chosenBlocks().at(-1);
    if (block) block.after(figure); else this.box.append(figure);
    if (!figure.nextElementSibling) figure.after(h('p', {}, h('br')));
    this.box.dispatchEvent(new Event('input'));
  }

  insert(...nodes) {
    const box = h('div', {}, ...nodes);

    run('insertHTML', box.innerHTML);
  }

  // --- what comes in ---

  paste(event) {
    const html = event.clipboardData.getData('text/html'), text = event.clipboardData.getData('text/plain');

    event.preventDefault();
    this.takeIn(html, text);
  }

  drop(event) {
    const { dataTransfer } = event;

    if (this.remembered && dataTransfer.types.includes('text/html') && !dataTransfer.files.length) return;    // moved within
    event.preventDefault();
    this.takeIn('', dataTransfer.getData('text/plain'));
  }

  takeIn(html, text) {
    const fragment = html ? cleaned(html) : document.createDocumentFragment();

    if (!html) fragment.append(...text.split(/\r?\n\s*\r?\n|\r?\n(?=\S)/).filter(line => line.trim()).map(line => h('p', {}, line.trim())));
    const only = fragment.childNodes.length === 1 && fragment.firstChild.localName === 'p';
    // One paragraph goes into the line; several become lines of their own.
    this.insert(...(only ? fragment.firstChild.childNodes : fragment.childNodes));
  }

  // The last bit of text gone, browsers leave a bare box; words in it would have no paragraph.
  settle() {
    const first = this.box.firstChild;

    if (!first || (first === this.box.lastChild && first.localName === 'br')) {
      this.box.replaceChildren(h('p', {}, h('br')));
      getSelection().collapse(this.box.firstChild, 0);
    }
    for (const styled of this.box.querySelectorAll('span[style], [style]')) styled.removeAttribute('style');
  }

  pressed(event) {
    const isCommand = event.ctrlKey || event.metaKey, quoted = this.current('blockquote');

    if (isCommand && !event.altKey && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      this.link();
    } else if (isCommand && event.altKey && '0234'.includes(event.key)) {
      event.preventDefault();
      this.block(event.key === '0' ? 'p' : `h${event.key}`);
    } else if (event.key === 'Enter' && quoted && !event.shiftKey && this.current('p')?.textContent === '') {
      // A second Enter leaves the quote.
      const empty = this.current('p'), after = h('p', {}, h('br'));
      event.preventDefault();
      empty.remove();
      quoted.after(after);
      if (quoted.textContent === '') quoted.remove();
      getSelection().collapse(after, 0);
      this.box.dispatchEvent(new Event('input'));
    } else if (event.key === 'Enter' && !event.shiftKey && /^h[234]$/.test(this.current('h2, h3, h4')?.localName ?? '') && getSelection().isCollapsed) {
      requestAnimationFrame(() => { if (this.current('h2, h3, h4')?.textContent === '') this.block('p'); });
    }
  }
}

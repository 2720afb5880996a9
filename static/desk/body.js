// SPDX-License-Identifier: MIT
// The editor of an article's text: a box that the browser lets one write in (contenteditable), with a bar of buttons. Typing within a line is the
// browser's business, and bold and italic; whatever touches whole lines is ours (blocks.js), and so is undo (undo.js). What is in the box is
// cleaned (clean.js) whenever it is read.

import {
  breakLine,
  caretAt,
  chosenLines,
  closest,
  fill,
  insertAtCaret,
  keepingSelection,
  lineOf,
  nameLines,
  plainAtStart,
  removeRange,
  toggleList,
  toggleQuote,
  wrapLoose,
} from './blocks.js';
import { clean, cleaned, htmlOf } from './clean.js';
import { ask } from './dialog.js';
import { button, h, labelled, newId } from './dom.js';
import { linkTo, toggleFormat } from './formats.js';
import { Undo } from './undo.js';

const KINDS = { p: 'Paragraph', h2: 'Heading', h3: 'Subheading', h4: 'Small heading' };
const ADDRESS = /^(https?:\/\/[^\s/]|mailto:\S+@)/i;

export class Body {
  constructor(changed) {
    this.box = h('div', {
      id: newId('body'),
      class: 'body',
      contenteditable: 'true',
      role: 'textbox',
      'aria-multiline': 'true',
      'aria-label': 'Text',
      tabindex: '0',
      spellcheck: 'true',
    });
    this.wrong = h('p', { class: 'wrong', id: `${this.box.id}-wrong`, hidden: true });
    this.box.setAttribute('aria-describedby', this.wrong.id);
    this.bar = this.makeBar();
    this.element = h('div', { class: 'body-editor' }, this.bar, this.box, this.wrong);
    this.changed = changed;
    this.undo = new Undo(this.box);
    this.box.addEventListener('input', event => this.typed(event));
    this.box.addEventListener('beforeinput', event => this.before(event));
    this.box.addEventListener('paste', event => {
      event.preventDefault();
      this.takeIn(event.clipboardData.getData('text/html'), event.clipboardData.getData('text/plain'));
    });
    this.box.addEventListener('drop', event => event.preventDefault());
    this.box.addEventListener('keydown', event => this.pressed(event));
    this.box.addEventListener('focus', () => {
      document.execCommand('defaultParagraphSeparator', false, 'p');
      document.execCommand('styleWithCSS', false, 'false');
    });
    document.addEventListener('selectionchange', (this.follow = () => this.showState()));
  }

  done() {
    document.removeEventListener('selectionchange', this.follow);
  }

  get() {
    return htmlOf(clean(this.box));
  }

  set(html) {
    this.box.replaceChildren(cleaned(html));
    this.settle();
    this.undo.reset();
  }

  // --- the bar: one tab stop, arrows within (toolbar pattern) ---

  makeBar() {
    const select = h(
      'select',
      { 'aria-label': 'Kind of paragraph', onchange: () => this.change(() => nameLines(this.box, select.value)) },
      ...Object.entries(KINDS).map(([value, label]) => h('option', { value }, label)),
    );
    const tool = (label, title, act, pressed) => {
      const made = button(label, act, { title, 'aria-label': title, 'data-on': pressed, 'aria-pressed': pressed ? 'false' : null });
      made.addEventListener('pointerdown', event => event.preventDefault());    // the words stay selected
      return made;
    };

    this.select = select;
    const bar = h(
      'div',
      { class: 'bar', role: 'toolbar', 'aria-label': 'Formatting', 'aria-controls': this.box.id },
      select,
      tool(h('b', {}, 'B'), 'Bold (Ctrl+B)', () => this.format('bold'), 'strong, b'),
      tool(h('i', {}, 'I'), 'Italic (Ctrl+I)', () => this.format('italic'), 'em, i'),
      tool('Link', 'Link (Ctrl+K)', () => this.link(), 'a'),
      tool('• List', 'Bulleted list', () => this.change(() => toggleList(this.box, 'ul')), 'ul'),
      tool('1. List', 'Numbered list', () => this.change(() => toggleList(this.box, 'ol')), 'ol'),
      tool('❝', 'Quote', () => this.change(() => toggleQuote(this.box)), 'blockquote'),
      tool('Picture', 'Picture', () => this.picture()),
      tool('↶', 'Undo (Ctrl+Z)', () => this.step(-1)),
      tool('↷', 'Redo (Ctrl+Shift+Z)', () => this.step(1)),
    );
    const stops = [...bar.children];

    stops.forEach((stop, i) => {
      stop.tabIndex = i === 0 ? 0 : -1;
    });
    bar.addEventListener('keydown', event => {
      const at = stops.indexOf(document.activeElement),
        step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step || at < 0) return;
      event.preventDefault();
      const next = stops[(at + step + stops.length) % stops.length];
      stops.forEach(stop => {
        stop.tabIndex = stop === next ? 0 : -1;
      });
      next.focus();
    });
    return bar;
  }

  current(selector) {
    return closest(this.box, getSelection().anchorNode, selector);
  }

  showState() {
    if (!this.box.contains(getSelection().anchorNode)) return;
    this.remembered = getSelection().getRangeAt(0).cloneRange();
    this.select.value = this.current('p, h2, h3, h4')?.localName ?? 'p';
    for (const tool of this.bar.querySelectorAll('[data-on]')) tool.setAttribute('aria-pressed', String(this.current(tool.dataset.on) !== null));
  }

  // Back to where one was writing, from the bar or a dialog.
  focus() {
    if (document.activeElement === this.box && this.box.contains(getSelection().anchorNode)) return;
    this.box.focus();
    if (this.remembered && this.box.contains(this.remembered.startContainer)) this.selectRange(this.remembered);
    else if (!this.box.contains(getSelection().anchorNode)) caretAt(this.box.lastElementChild, 0);
  }

  selectRange(range) {
    this.box.focus();
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  }

  // --- changes ---

  // A change of ours, a step of its own in undo.
  change(make) {
    this.focus();
    keepingSelection(this.box, make);
    this.changedByUs();
  }

  changedByUs(wasRemoved = false) {
    this.settle(wasRemoved);
    this.undo.note(true);
    this.showState();
    this.changed();
  }

  typed(event) {
    this.settle();
    // A new line behind a heading is a paragraph.
    if (
      event.inputType === 'insertParagraph' &&
      /^h\d$/.test(this.current('h2, h3, h4')?.localName ?? '') &&
      this.current('h2, h3, h4').textContent === ''
    )
      keepingSelection(this.box, () => nameLines(this.box, 'p'));
    this.undo.note(event.inputType === 'insertParagraph');
    this.changed();
  }

  step(by) {
    this.focus();
    if (this.undo.go(by)) this.changed();
  }

  // At a mere caret the browser remembers the format for what is typed next; not where all is bold or italic in any case (a heading, a quote), as
  // the browser would write a style to make it less so.
  format(name) {
    this.focus();
    const line = lineOf(this.box, getSelection().anchorNode),
      style = line && getComputedStyle(line);
    if (getSelection().isCollapsed) {
      if (style && (name === 'bold' ? Number(style.fontWeight) < 600 : style.fontStyle === 'normal')) document.execCommand(name);
    } else if (!(name === 'bold' && /^h\d$/.test(line?.localName ?? ''))) {
      toggleFormat(this.box, ...(name === 'bold' ? ['strong', 'b'] : ['em', 'i']));
      this.changedByUs();
    }
    this.showState();
  }

  // The last bit of text gone, browsers leave a bare box; words in it would have no paragraph.
  settle(wasRemoved = false) {
    const only = this.box.childNodes.length === 1 ? this.box.firstChild : null;

    if (
      !this.box.firstChild ||
      only?.nodeName === 'BR' ||
      only?.nodeType === Node.TEXT_NODE ||
      (wasRemoved && !this.box.textContent && !this.box.querySelector('img'))
    ) {
      const line = h('p', {}, ...(wasRemoved ? [] : this.box.childNodes)),
        hadCaret = this.box.contains(getSelection().anchorNode);
      this.box.replaceChildren(line);
      fill(line);
      if (hadCaret) {
        getSelection().selectAllChildren(line);
        getSelection().collapseToEnd();
      }
    }
    for (const styled of this.box.querySelectorAll('[style]')) styled.removeAttribute('style');
    keepingSelection(this.box, () => wrapLoose(this.box));
  }

  // What would reach over the end of a line is done by us.
  before(event) {
    const [target] = event.getTargetRanges(),
      { inputType } = event;

    if (inputType === 'historyUndo' || inputType === 'historyRedo') {
      event.preventDefault();
      this.step(inputType === 'historyUndo' ? -1 : 1);
      return;
    }
    if (!target || event.isComposing || !event.cancelable || !/^(delete|insertText|insertParagraph|insertLineBreak)/.test(inputType)) return;
    if (inputType === 'deleteContentBackward' && plainAtStart(this.box)) {
      event.preventDefault();
      this.changedByUs();
      return;
    }
    const first = lineOf(this.box, target.startContainer),
      last = lineOf(this.box, target.endContainer);
    if (inputType === 'insertLineBreak') {
      event.preventDefault();
      if (!target.collapsed) removeRange(this.box, getSelection().getRangeAt(0));
      if (breakLine(this.box)) this.changedByUs();
      return;
    }
    if (first === last || !first) return;
    event.preventDefault();
    const range = document.createRange();
    range.setStart(target.startContainer, target.startOffset);
    range.setEnd(target.endContainer, target.endOffset);
    removeRange(this.box, range);
    this.changedByUs(true);
    if (inputType === 'insertText' && event.data) document.execCommand('insertText', false, event.data);
    else if (inputType === 'insertParagraph') document.execCommand('insertParagraph');
  }

  pressed(event) {
    const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey,
      key = event.key.toLowerCase();

    if (isCommand && (key === 'z' || key === 'y')) {
      event.preventDefault();
      this.step(key === 'y' || event.shiftKey ? 1 : -1);
    } else if (isCommand && !event.shiftKey && (key === 'b' || key === 'i')) {
      event.preventDefault();
      this.format(key === 'b' ? 'bold' : 'italic');
    } else if (isCommand && key === 'k') {
      event.preventDefault();
      this.link();
    } else if ((event.ctrlKey || event.metaKey) && event.altKey && '0234'.includes(event.key)) {
      event.preventDefault();
      this.change(() => nameLines(this.box, event.key === '0' ? 'p' : `h${event.key}`));
    } else if (event.key === 'Enter' && !event.shiftKey && this.current('blockquote') && this.current('p')?.textContent === '') {
      event.preventDefault();
      this.leaveQuote(this.current('blockquote'), this.current('p'));
    }
  }

  // A second Enter leaves the quote.
  leaveQuote(quote, line) {
    quote.after(line);
    if (!quote.textContent) quote.remove();
    fill(line);
    caretAt(line, 0);
    this.changedByUs();
  }

  takeIn(html, text) {
    const fragment = html ? cleaned(html) : document.createDocumentFragment(),
      range = getSelection().rangeCount && getSelection().getRangeAt(0);

    if (!html)
      fragment.append(
        ...text
          .split(/\r?\n\s*\r?\n|\r?\n(?=\S)/)
          .filter(line => line.trim())
          .map(line => h('p', {}, line.trim())),
      );
    if (!fragment.firstChild || !range || !this.box.contains(range.startContainer)) return;
    if (!range.collapsed) removeRange(this.box, range);
    insertAtCaret(this.box, fragment);
    this.changedByUs();
  }

  // --- link and picture ---

  async link() {
    this.focus();
    const old = this.current('a'),
      range = getSelection().getRangeAt(0).cloneRange(),
      isEmpty = range.collapsed && !old;
    const input = h('input', { type: 'url', value: old?.getAttribute('href') ?? '' }),
      words = h('input', { type: 'text' });
    const answer = await ask({
      title: 'Link',
      confirm: 'Set link',
      parts: [labelled('Address', input, old ? 'Empty: the words stay, the link goes' : null), ...(isEmpty ? [labelled('Words', words)] : [])],
      yes: () =>
        input.value.trim() === '' || ADDRESS.test(input.value.trim())
          ? { href: input.value.trim() }
          : { input, wrong: 'An address begins with https://, http:// or mailto:' },
    });

    this.selectRange(range);
    if (!answer) return;
    if (old && answer.href) old.setAttribute('href', answer.href);
    else if (old) keepingSelection(this.box, () => old.replaceWith(...old.childNodes));
    else if (answer.href && isEmpty)
      insertAtCaret(this.box, this.fragmentOf(h('p', {}, h('a', { href: answer.href }, words.value.trim() || answer.href))));
    else if (answer.href) linkTo(this.box, range, answer.href);
    this.changedByUs();
  }

  fragmentOf(...nodes) {
    const fragment = document.createDocumentFragment();

    fragment.append(...nodes);
    return fragment;
  }

  async picture() {
    this.focus();
    const url = h('input', { type: 'url' }),
      alt = h('input', { type: 'text' }),
      caption = h('input', { type: 'text' }),
      line = chosenLines(this.box).at(-1),
      range = getSelection().getRangeAt(0).cloneRange();
    const answer = await ask({
      title: 'Picture in the text',
      confirm: 'Put in',
      parts: [labelled('Address', url), labelled('What it shows', alt, 'For those who cannot see it'), labelled('Caption', caption)],
      yes: () => (/^https?:\/\/[^\s/]/i.test(url.value.trim()) ? true : { input: url, wrong: 'An address begins with https://' }),
    });

    this.selectRange(range);
    if (!answer) return;
    const figure = h(
      'figure',
      {},
      h('img', { src: url.value.trim(), alt: alt.value.trim() }),
      caption.value.trim() && h('figcaption', {}, caption.value.trim()),
    );
    const top = [...this.box.children].find(child => child.contains(line)) ?? this.box.lastElementChild;
    top.after(figure);
    if (!figure.nextElementSibling) figure.after(h('p', {}, h('br')));
    this.changedByUs();
  }
}

// SPDX-License-Identifier: MIT
// Anybody's HTML -> the few elements that an article may hold, in one shape. What is pasted goes through here, what the browser's editing made, and
// what the server sent, so that two texts can be compared as strings. The server cleans anyway; here it is for the eyes of whoever writes.
//
// The given markup is only read; every element is made anew, with checked attributes. Loose text gets paragraphs, bold and italic are found in
// styles too (word processors write them so), and blocks that we do not know give up their content.

const DROPPED = new Set([
  'SCRIPT',
  'STYLE',
  'HEAD',
  'TITLE',
  'META',
  'LINK',
  'TEMPLATE',
  'IFRAME',
  'OBJECT',
  'EMBED',
  'SVG',
  'MATH',
  'FORM',
  'INPUT',
  'BUTTON',
  'SELECT',
  'TEXTAREA',
  'VIDEO',
  'AUDIO',
  'CANVAS',
  'NOSCRIPT',
]);
const FORMATS = {
  STRONG: 'strong',
  B: 'strong',
  EM: 'em',
  I: 'em',
  CITE: 'em',
  CODE: 'code',
  KBD: 'code',
  SAMP: 'code',
  SUP: 'sup',
  SUB: 'sub',
  A: 'a',
};
const LINES = { P: 'p', H1: 'h2', H2: 'h2', H3: 'h3', H4: 'h4', H5: 'h4', H6: 'h4', PRE: 'pre', FIGCAPTION: 'figcaption' };
const HOLDERS = { BLOCKQUOTE: 'blockquote', UL: 'ul', OL: 'ol', LI: 'li', FIGURE: 'figure', TABLE: 'table', TR: 'tr', TD: 'td', TH: 'th' };
const EDGES = new Set([
  'DIV',
  'SECTION',
  'ARTICLE',
  'MAIN',
  'HEADER',
  'FOOTER',
  'ASIDE',
  'NAV',
  'ADDRESS',
  'CENTER',
  'DL',
  'DT',
  'DD',
  'DETAILS',
  'SUMMARY',
  'BODY',
  'TBODY',
  'THEAD',
  'TFOOT',
  'HR',
]);
const BLOCKS = [...Object.keys(LINES), ...Object.keys(HOLDERS), ...EDGES].join();
const BARE = new Set(['li', 'td', 'th', 'figure', 'figcaption']);    // hold words without a paragraph around them

function address(value, mail) {
  const trimmed = (value ?? '').trim();

  return /^https?:\/\/[^\s/]/i.test(trimmed) || (mail && /^mailto:\S+@/i.test(trimmed)) ? trimmed : null;
}

// The formats that an element stands for, outermost first: [['a', href], ['strong']].
function formatsOf(element) {
  const own = FORMATS[element.tagName],
    style = element.dataset.style ?? '',
    found = [];
  const weight = /font-weight:\s*(\w+)/i.exec(style)?.[1];

  if (own === 'a') {
    const href = address(element.getAttribute('href'), true);
    if (href) found.push(['a', href]);
  } else if (own && !(own === 'strong' && (weight === 'normal' || weight === '400'))) {
    found.push([own]);
  }
  if (own !== 'strong' && /^(bold|bolder|[6-9]00)$/.test(weight)) found.push(['strong']);
  if (own !== 'em' && /font-style:\s*italic/i.test(style)) found.push(['em']);
  return found;
}

// Made in a document that nobody sees, where a picture is not fetched before it is shown.
const unseen = document.implementation.createHTMLDocument('');
const make = name => unseen.createElement(name);

class Writer {
  constructor() {
    this.root = unseen.createDocumentFragment();
    this.holder = this.root;    // where blocks go
    this.line = null;    // where words go; null: none is begun
    this.formats = [];
  }

  endLine() {
    this.line = null;
  }

  // A list holds nothing but items: another list goes into the last of them, anything else into one of its own.
  add(element) {
    let { holder } = this;

    if (['ul', 'ol'].includes(holder.localName) && element.localName !== 'li') {
      const isList = ['ul', 'ol'].includes(element.localName);
      holder = (isList && holder.lastElementChild) || holder.appendChild(make('li'));
    }
    return holder.appendChild(element);
  }

  beginLine() {
    const { localName } = this.holder;

    this.line = BARE.has(localName) ? this.holder : localName === 'ul' || localName === 'ol' ? this.add(make('li')) : this.add(make('p'));
  }

  // The innermost element for the formats in force, those of the last words wherever they are the same.
  place() {
    let at = this.line;

    for (const [name, href] of this.formats) {
      const last = at.lastChild;
      if (at.closest?.(name)) continue;
      if (last?.localName === name && (name !== 'a' || last.getAttribute('href') === href)) {
        at = last;
        continue;
      }
      at = at.appendChild(make(name));
      if (href) at.setAttribute('href', href);
    }
    return at;
  }

  words(text, isPre) {
    const folded = isPre ? text : text.replace(/[ \t\r\n\f]+/g, ' ');

    if (!this.line && folded.trim() === '') return;
    if (!this.line) this.beginLine();
    const at = this.place(),
      last = at.lastChild;
    if (last?.nodeType === Node.TEXT_NODE) last.data += folded;
    else at.append(folded);
  }

  put(element) {
    if (!this.line) this.beginLine();
    this.place().append(element);
  }
}

function image(element) {
  const src = address(element.getAttribute('src'), false),
    made = make('img');

  if (!src) return null;
  made.setAttribute('src', src);
  made.setAttribute('alt', element.getAttribute('alt') ?? '');
  for (const name of ['width', 'height'])
    if (/^[1-9]\d{0,4}$/.test(element.getAttribute(name) ?? '')) made.setAttribute(name, element.getAttribute(name));
  return made;
}

function walkAll(nodes, writer, isPre) {
  for (const node of nodes) {
    if (node.nodeType === Node.TEXT_NODE) writer.words(node.data, isPre);
    else if (node.nodeType === Node.ELEMENT_NODE) walk(node, writer, isPre);
  }
}

function hold(element, name, writer) {
  const outer = writer.holder,
    made = make(name);

  for (const attribute of name === 'ol' ? ['start'] : name === 'td' || name === 'th' ? ['colspan', 'rowspan'] : []) {
    if (/^\d{1,4}$/.test(element.getAttribute(attribute) ?? '')) made.setAttribute(attribute, element.getAttribute(attribute));
  }
  writer.endLine();
  writer.holder = writer.add(made);
  walkAll(element.childNodes, writer, false);
  writer.endLine();
  writer.holder = outer;
}

function walkLine(element, name, writer) {
  writer.endLine();
  // In a list's item or a cell a paragraph is nothing but words, unless there are several.
  writer.line =
    name === 'p' && BARE.has(writer.holder.localName) && element.parentElement.querySelectorAll(':scope > p').length < 2
      ? writer.holder
      : writer.add(make(name));
  walkAll(element.childNodes, writer, name === 'pre');
  writer.endLine();
}

function walk(element, writer, isPre) {
  const { tagName } = element,
    isFull = element.querySelector(BLOCKS) !== null,
    formats = formatsOf(element);

  if (DROPPED.has(tagName)) return;
  if (tagName === 'BR') {
    if (writer.line) writer.put(make('br'));
    return;
  }
  if (tagName === 'HR') {
    writer.endLine();
    writer.add(make('hr'));
    return;
  }
  if (tagName === 'IMG') {
    const made = image(element);
    if (made) writer.put(made);
    return;
  }
  if (HOLDERS[tagName]) {
    hold(element, HOLDERS[tagName], writer);
    return;
  }
  if (LINES[tagName] && !isFull) {
    walkLine(element, LINES[tagName], writer);
    return;
  }
  if (LINES[tagName] || EDGES.has(tagName)) writer.endLine();
  writer.formats.push(...formats);
  walkAll(element.childNodes, writer, isPre);
  writer.formats.length -= formats.length;
  if (LINES[tagName] || EDGES.has(tagName)) writer.endLine();
}

const isBlank = element => !element.querySelector('img, hr') && element.textContent.trim() === '';

// The words of a line in the order of reading, and what parts them: text nodes, breaks and pictures.
function pieces(line) {
  const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, node =>
      node.nodeType === Node.TEXT_NODE || ['br', 'img'].includes(node.localName) ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP,
    ),
    found = [];

  while (walker.nextNode()) found.push(walker.currentNode);
  return found;
}

// One space between two words, outside of formats that end or begin there, as the server has it; none at the ends of a line or beside a break.
function spaceOut(line) {
  let last = null,
    isDue = false;

  for (const piece of pieces(line)) {
    if (piece.localName === 'br') {
      last = null;
      isDue = false;
      continue;
    }
    if (piece.nodeType !== Node.TEXT_NODE) {
      if (isDue && last) last.data += ' ';
      last = null;
      isDue = false;
      continue;
    }
    const words = piece.data.replace(/\u00a0(?= )|(?<= )\u00a0/g, '').replace(/ {2,}/g, ' '),
      isFirst = last === null && piece.previousSibling?.localName !== 'img';
    const begins = words.startsWith(' ') || isDue;
    piece.data = words.trim() === '' && !words.includes('\u00a0') ? '' : words.replace(/^ | $/g, '');
    if (piece.data === '') {
      isDue = begins || words !== '';
      continue;
    }
    if (begins && !isFirst) {
      if (!last || last.parentNode.contains(piece)) {
        if (last) last.data += ' ';
        else piece.data = ` ${piece.data}`;
      } else if (piece.parentNode.contains(last)) piece.data = ` ${piece.data}`;
      else beside(last, piece).after(' ');
    }
    isDue = words.endsWith(' ');
    last = piece;
  }
  line.normalize();
}

// The part of what holds both that `one` lies in.
function beside(one, other) {
  let at = one;

  while (!at.parentNode.contains(other)) at = at.parentNode;
  return at;
}

// Two breaks in a paragraph are the end of it; elsewhere they are one.
function partAtGaps(line) {
  for (const gap of line.querySelectorAll('br + br')) {
    const previous = gap.previousSibling;

    if (previous?.localName !== 'br') continue;
    if (line.localName !== 'p' || gap.parentNode !== line) {
      gap.remove();
      continue;
    }
    const other = make('p');
    line.after(other);
    while (gap.nextSibling) other.append(gap.nextSibling);
    while (line.lastChild?.localName === 'br') line.lastChild.remove();
    while (other.firstChild?.localName === 'br') other.firstChild.remove();
    partAtGaps(other);
    return;
  }
}

function tidy(root) {
  for (const line of root.querySelectorAll('p, h2, h3, h4, li, td, th, figcaption')) {
    if (line.querySelector('p, li, table, blockquote')) continue;
    // A break stands outside of what begins or ends with it, and never first or last.
    for (const gap of line.querySelectorAll('br')) {
      for (let { parentNode } = gap; parentNode !== line && (parentNode.lastChild === gap || parentNode.firstChild === gap); { parentNode } = gap) {
        if (parentNode.lastChild === gap) parentNode.after(gap);
        else parentNode.before(gap);
      }
    }
    for (const piece of pieces(line)) {
      if (piece.localName === 'br' || (piece.nodeType === Node.TEXT_NODE && piece.data.trim() === '')) piece.remove();
      else break;
    }
    for (const piece of pieces(line).reverse()) {
      if (piece.localName === 'br' || (piece.nodeType === Node.TEXT_NODE && piece.data.trim() === '')) piece.remove();
      else break;
    }
    spaceOut(line);
    partAtGaps(line);
  }
  for (const element of [
    ...root.querySelectorAll('strong, em, a, code, sup, sub, p, h2, h3, h4, pre, figcaption, li, figure, blockquote, ul, ol, table'),
  ].reverse()) {
    if (isBlank(element)) element.remove();
  }
}

// The cleaned content of `root`, an element or fragment, as a new fragment.
export function clean(root) {
  const writer = new Writer();

  walkAll(root.childNodes, writer, false);
  tidy(writer.root);
  return writer.root;
}

// In a document of its own nothing is loaded and nothing runs. Styles are set aside before: to the page's policy they would be attempts, and be
// reported, though all we want is to read in them what is bold.
const TAG = /<[a-z](?:"[^"]*"|'[^']*'|[^>"'])*>/gi,
  IN_TAG = /("[^"]*"|'[^']*')|(?<=[\s"'])(style|on\w+)(?=\s*=)/gi;

function parsed(html) {
  const harmless = html
    .replace(/<style[\s>][^]*?<\/style\s*>/gi, '')
    .replace(TAG, tag => tag.replace(IN_TAG, (all, quoted, name) => quoted ?? `data-${name}`));

  return new DOMParser().parseFromString(harmless, 'text/html').body;
}

export const cleaned = html => clean(parsed(html));

export function htmlOf(fragment) {
  const box = make('div');

  box.append(fragment);
  return box.innerHTML;
}

export const normal = html => htmlOf(cleaned(html));

// Paragraphs parted by a blank line.
export function plainText(html) {
  const lines = [];

  for (const line of cleaned(html).querySelectorAll('p, h2, h3, h4, pre, figcaption, li, td, th')) {
    if (line.querySelector('p, li')) continue;
    for (const gap of line.querySelectorAll('br')) gap.replaceWith('\n');
    lines.push(line.textContent);
  }
  return lines.join('\n\n');
}

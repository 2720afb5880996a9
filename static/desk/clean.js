// SPDX-License-Identifier: MIT
// Anybody's HTML -> the few elements that an article may hold, in one shape. What is pasted goes through here, what the browser's editing made, and
// what the server sent, so that two texts can be compared as strings. The server cleans anyway; here it is for the eyes of whoever writes.
//
// The given markup is only read; every element is made anew, with checked attributes. Loose text gets paragraphs, bold and italic are found in
// styles too (word processors write them so), and blocks that we do not know give up their content.

const DROPPED = new Set(['SCRIPT', 'STYLE', 'HEAD', 'TITLE', 'META', 'LINK', 'TEMPLATE', 'IFRAME', 'OBJECT', 'EMBED', 'SVG', 'MATH', 'FORM', 'INPUT', 'BUTTON', 'SELECT', 'TEXTAREA', 'VIDEO', 'AUDIO', 'CANVAS', 'NOSCRIPT']);
const FORMATS = { STRONG: 'strong', B: 'strong', EM: 'em', I: 'em', CITE: 'em', CODE: 'code', KBD: 'code', SAMP: 'code', SUP: 'sup', SUB: 'sub', A: 'a' };
const LINES = { P: 'p', H1: 'h2', H2: 'h2', H3: 'h3', H4: 'h4', H5: 'h4', H6: 'h4', PRE: 'pre', FIGCAPTION: 'figcaption' };
const HOLDERS = { BLOCKQUOTE: 'blockquote', UL: 'ul', OL: 'ol', LI: 'li', FIGURE: 'figure', TABLE: 'table', TR: 'tr', TD: 'td', TH: 'th' };
const EDGES = new Set(['DIV', 'SECTION', 'ARTICLE', 'MAIN', 'HEADER', 'FOOTER', 'ASIDE', 'NAV', 'ADDRESS', 'CENTER', 'DL', 'DT', 'DD', 'DETAILS', 'SUMMARY', 'BODY', 'TBODY', 'THEAD', 'TFOOT', 'HR']);
const BLOCKS = [...Object.keys(LINES), ...Object.keys(HOLDERS), ...EDGES].join();
const BARE = new Set(['li', 'td', 'th', 'figure', 'figcaption']);    // hold words without a paragraph around them

function address(value, mail) {
  const trimmed = (value ?? '').trim();

  return /^https?:\/\/[^\s/]/i.test(trimmed) || (mail && /^mailto:\S+@/i.test(trimmed)) ? trimmed : null;
}

// The formats that an element stands for, outermost first: [['a', href], ['strong']].
function formatsOf(element) {
  const own = FORMATS[element.tagName], style = element.dataset.style ?? '', found = [];
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
    this.line = null;           // where words go; null: none is begun
    this.formats = [];
  }

  endLine() { this.line = null; }

  beginLine() {
    const name = this.holder.localName;

    this.line = BARE.has(name) ? this.holder : this.holder.appendChild(make('p'));
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
    const at = this.place(), last = at.lastChild;
    if (last?.nodeType === Node.TEXT_NODE) last.data += folded;
    else at.append(folded);
  }

  put(element) {
    if (!this.line) this.beginLine();
    this.place().append(element);
  }
}

function image(element) {
  const src = address(element.getAttribute('src'), false), made = make('img');

  if (!src) return null;
  made.setAttribute('src', src);
  made.setAttribute('alt', element.getAttribute('alt') ?? '');
  for (const name of ['width', 'height']) if (/^[1-9]\d{0,4}$/.test(element.getAttribute(name) ?? '')) made.setAttribute(name, element.getAttribute(name));
  return made;
}

function walkAll(nodes, writer, isPre) {
  for (const node of nodes) {
    if (node.nodeType === Node.TEXT_NODE) writer.words(node.data, isPre);
    else if (node.nodeType === Node.ELEMENT_NODE) walk(node, writer, isPre);
  }
}

function hold(element, name, writer) {
  const outer = writer.holder, made = make(name);

  for (const attribute of name === 'ol' ? ['start'] : name === 'td' || name === 'th' ? ['colspan', 'rowspan'] : []) {
    if (/^\d{1,4}$/.test(element.getAttribute(attribute) ?? '')) made.setAttribute(attribute, element.getAttribute(attribute));
  }
  writer.endLine();
  writer.holder = outer.appendChild(made);
  walkAll(element.childNodes, writer, false);
  writer.endLine();
  writer.holder = outer;
}

function walkLine(element, name, writer) {
  writer.endLine();
  // In a list's item or a cell a paragraph is nothing but words, unless there are several.
  writer.line = name === 'p' && BARE.has(writer.holder.localName) && element.parentElement.querySelectorAll(':scope > p').length < 2
    ? writer.holder : writer.holder.appendChild(make(name));
  walkAll(element.childNodes, writer, name === 'pre');
  writer.endLine();
}

function walk(element, writer, isPre) {
  const { tagName } = element, isFull = element.querySelector(BLOCKS) !== null, formats = formatsOf(element);

  if (DROPPED.has(tagName)) return;
  if (tagName === 'BR') { if (writer.line) writer.put(make('br')); return; }
  if (tagName === 'HR') { writer.endLine(); writer.holder.append(make('hr')); return; }
  if (tagName === 'IMG') {
    const made = image(element);
    if (made) writer.put(made);
    return;
  }
  if (HOLDERS[tagName]) { hold(element, HOLDERS[tagName], writer); return; }
  if (LINES[tagName] && !isFull) { walkLine(element, LINES[tagName], writer); return; }
  if (LINES[tagName] || EDGES.has(tagName)) writer.endLine();
  writer.formats.push(...formats);
  walkAll(element.childNodes, writer, isPre);
  writer.formats.length -= formats.length;
  if (LINES[tagName] || EDGES.has(tagName)) writer.endLine();
}

const isBlank = element => !element.querySelector('img, hr') && element.textContent.trim() === '';

// No space at the ends of a line, no line that ends with a break, nothing that holds nothing.
function tidy(root) {
  for (const line of root.querySelectorAll('p, h2, h3, h4, li, td, th, figcaption')) {
    while (line.lastChild?.localName === 'br') line.lastChild.remove();
    const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT), texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const node of texts) node.data = node.data.replace(/\u00a0(?= )|(?<= )\u00a0/g, '').replace(/ {2,}/g, ' ');
    if (texts.length) {
      texts[0].data = texts[0].data.replace(/^\s+/, '');
      texts.at(-1).data = texts.at(-1).data.replace(/\s+$/, '');
    }
  }
  for (const element of [...root.querySelectorAll('strong, em, a, code, sup, sub, p, h2, h3, h4, pre, figcaption, li, figure, blockquote, ul, ol, table')].reverse()) {
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
const TAG = /<[a-z](?:"[^"]*"|'[^']*'|[^>"'])*>/gi, IN_TAG = /("[^"]*"|'[^']*')|(?<=[\s"'])(style|on\w+)(?=\s*=)/gi;

function parsed(html) {
  const harmless = html.replace(/<style[\s>][^]*?<\/style\s*>/gi, '').replace(TAG, tag => tag.replace(IN_TAG, (all, quoted, name) => quoted ?? `data-${name}`));

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

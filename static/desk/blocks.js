// SPDX-License-Identifier: MIT
// What is done to whole paragraphs of a text: named anew, made a list or a quote, joined, split to put something in between.
//
// Browsers have commands for this, but theirs write style attributes, which our policy forbids (and rightly: they would be lost anyway). All
// nodes are moved, never copied, so that a selection in them stays where it is.

const LINES = 'p, h2, h3, h4, pre, li, figcaption, td, th';

const made = (name, ...children) => {
  const element = document.createElement(name);

  element.append(...children);
  return element;
};

const elementOf = node => (node?.nodeType === Node.ELEMENT_NODE ? node : node?.parentElement);

export function closest(box, node, selector) {
  const found = elementOf(node)?.closest(selector);

  return found && found !== box && box.contains(found) ? found : null;
}

export const lineOf = (box, node) => closest(box, node, LINES);

// The selection of before, after `change` has moved nodes about.
export function keepingSelection(box, change) {
  const selection = getSelection(),
    { anchorNode, anchorOffset, focusNode, focusOffset } = selection;

  change();
  if (box.contains(anchorNode) && box.contains(focusNode)) selection.setBaseAndExtent(anchorNode, anchorOffset, focusNode, focusOffset);
}

export function caretAt(node, offset) {
  getSelection().collapse(node, offset);
}

// A line without a letter has no height unless there is a break in it.
export function fill(line) {
  if (!line.textContent && !line.querySelector('br, img')) line.append(made('br'));
}

function removeEmptyUp(box, element) {
  for (let at = element; at && at !== box;) {
    const { parentElement } = at;
    at.remove();
    if (!parentElement || parentElement === box || parentElement.textContent || parentElement.querySelector('img, br, li')) return;
    at = parentElement;
  }
}

// Takes out what is in `range`, and joins the lines at its ends. The caret stands in between.
export function removeRange(box, range) {
  const first = lineOf(box, range.startContainer),
    last = lineOf(box, range.endContainer);

  range.deleteContents();
  if (!first) return;
  if (first.lastChild?.nodeName === 'BR' && first !== last) first.lastChild.remove();
  const { lastChild } = first,
    at = first === last ? range.startContainer : first,
    offset = first === last ? range.startOffset : first.childNodes.length;
  if (last && last !== first) {
    const inner = [...last.childNodes].filter(node => !['UL', 'OL'].includes(node.nodeName));
    first.append(...inner);
    removeEmptyUp(box, last);
  }
  fill(first);
  if (lastChild?.nodeType === Node.TEXT_NODE && first !== last) caretAt(lastChild, lastChild.length);
  else caretAt(at, offset);
}

function renamed(element, name) {
  const other = made(name, ...element.childNodes);

  element.replaceWith(other);
  return other;
}

// The lines that the selection touches, without those of tables and captions.
export function chosenLines(box) {
  const range = getSelection().getRangeAt(0);

  return [...box.querySelectorAll('p, h2, h3, h4, pre, li')].filter(
    line => range.intersectsNode(line) && !line.querySelector('p, li') && !line.closest('figure, table'),
  );
}

export function nameLines(box, name) {
  for (const line of chosenLines(box)) if (line.localName !== 'li') renamed(line, name);
}

// An item out of its list, which is parted there.
function outOfList(item) {
  const list = item.parentElement,
    rest = [];

  for (let next = item.nextSibling; next; next = next.nextSibling) rest.push(next);
  const line = made('p', ...item.childNodes);
  list.after(line);
  if (rest.length) line.after(made(list.localName, ...rest));
  item.remove();
  if (!list.children.length) list.remove();
  fill(line);
  return line;
}

export function toggleList(box, name) {
  const lines = chosenLines(box),
    items = lines.filter(line => line.localName === 'li');

  if (!lines.length) return;
  if (items.length === lines.length) {
    const lists = new Set(items.map(item => item.parentElement));
    if ([...lists].every(list => list.localName === name)) items.reverse().forEach(outOfList);
    else lists.forEach(list => renamed(list, name));
    return;
  }
  const list = made(name),
    plain = lines.filter(line => line.localName !== 'li');
  plain[0].before(list);
  for (const line of plain) {
    list.append(made('li', ...line.childNodes));
    line.remove();
  }
}

export function toggleQuote(box) {
  const quotes = new Set(
    chosenLines(box)
      .map(line => line.closest('blockquote'))
      .filter(Boolean),
  );

  if (quotes.size) {
    quotes.forEach(quote => quote.replaceWith(...quote.childNodes));
    return;
  }
  const tops = [...box.children].filter(
    child => getSelection().getRangeAt(0).intersectsNode(child) && !['FIGURE', 'TABLE', 'HR'].includes(child.nodeName),
  );
  if (!tops.length) return;
  const quote = made('blockquote');
  tops[0].before(quote);
  for (const top of tops) quote.append(/^h\d$/.test(top.localName) ? renamed(top, 'p') : top);
}

// Backspace at the beginning of an item, of a heading or of a quote makes it a plain paragraph first. false: there was nothing of that.
export function plainAtStart(box) {
  const range = getSelection().getRangeAt(0),
    line = lineOf(box, range.startContainer);

  if (!line || !range.collapsed) return false;
  const before = document.createRange();
  before.setStart(line, 0);
  before.setEnd(range.startContainer, range.startOffset);
  if (before.toString() || before.cloneContents().querySelector('img')) return false;
  const quote = line.closest('blockquote');
  if (line.localName === 'li') {
    keepingSelection(box, () => outOfList(line));
    return true;
  }
  if (quote && quote.firstElementChild === line) {
    keepingSelection(box, () => quote.before(line));
    if (!quote.children.length) quote.remove();
    return true;
  }
  return false;
}

// A break where the caret is; false where there is no line. The browser's own would be a line feed, which is a space in HTML.
export function breakLine(box) {
  const range = getSelection().getRangeAt(0),
    line = lineOf(box, range.startContainer),
    gap = made('br');

  if (!line) return false;
  range.insertNode(gap);
  range.setStartAfter(gap);
  const rest = document.createRange();
  rest.setStartAfter(gap);
  rest.setEnd(line, line.childNodes.length);
  if (rest.toString() === '' && !rest.cloneContents().querySelector('br, img')) gap.after(made('br'));    // a last one does not show
  getSelection().collapse(range.startContainer, range.startOffset);
  return true;
}

// Words that stand in no paragraph get one.
export function wrapLoose(box) {
  for (const holder of [box, ...box.querySelectorAll('blockquote')]) {
    let line = null;
    for (const node of [...holder.childNodes]) {
      const isText = node.nodeType === Node.TEXT_NODE;
      if (isText && !line && node.data.trim() === '') {
        node.remove();
        continue;
      }
      const isWords = isText || /^(B|I|STRONG|EM|A|CODE|SUP|SUB|SPAN|BR|IMG)$/.test(node.nodeName);
      if (!isWords) {
        line = null;
        continue;
      }
      if (!line) node.before((line = made('p')));
      line.append(node);
    }
  }
}

// Puts `fragment` where the caret is: words of one paragraph into the line, several as lines of their own, in a list as items.
export function insertAtCaret(box, fragment) {
  const range = getSelection().getRangeAt(0),
    only = fragment.childNodes.length === 1 && fragment.firstChild.nodeName === 'P';
  const line = lineOf(box, range.startContainer);

  if (!line) {
    range.insertNode(fragment.cloneNode(true));
    return;
  }
  if (only || !['P', 'H2', 'H3', 'H4', 'PRE', 'LI'].includes(line.nodeName)) {
    const words = only ? [...fragment.firstChild.childNodes] : [document.createTextNode(fragment.textContent)],
      last = words.at(-1);
    if (line?.childNodes.length === 1 && line.firstChild.nodeName === 'BR') line.firstChild.remove();
    for (const node of words.reverse()) range.insertNode(node);
    getSelection().collapse(last.parentNode, [...last.parentNode.childNodes].indexOf(last) + 1);
    return;
  }
  const blocks = [...fragment.childNodes];
  const tail = made(line.localName === 'li' ? 'li' : 'p'),
    rest = document.createRange();
  rest.setStart(range.startContainer, range.startOffset);
  rest.setEnd(line, line.childNodes.length);
  tail.append(rest.extractContents());
  const lines =
    line.localName === 'li'
      ? [...fragment.querySelectorAll('p, h2, h3, h4, li, pre')].filter(one => !one.querySelector('p, li')).map(one => made('li', ...one.childNodes))
      : blocks;
  line.after(...lines, ...(tail.textContent || tail.querySelector('img') ? [tail] : []));
  blocks.splice(0, blocks.length, ...lines);
  if (!line.textContent && !line.querySelector('img')) line.remove();
  const last = blocks.at(-1),
    end = last && (lineOf(box, last) === last ? last : ([...last.querySelectorAll(LINES)].at(-1) ?? last));
  if (end) {
    getSelection().selectAllChildren(end);
    getSelection().collapseToEnd();
  }
}

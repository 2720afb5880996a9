// SPDX-License-Identifier: MIT
// Bold, italic and links over a selection, text node by text node. Clean.js joins what lies side by side when the text is read.

import { closest } from './blocks.js';

// The text nodes that the selection covers, cut at its ends.
function selectedTexts(box, range) {
  const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT),
    found = [];
  const { startContainer, startOffset, endContainer, endOffset } = range;

  while (walker.nextNode()) if (range.intersectsNode(walker.currentNode)) found.push(walker.currentNode);
  return found
    .map(node => {
      const end = node === endContainer ? endOffset : node.length,
        start = node === startContainer ? startOffset : 0;
      if (end < node.length) node.splitText(end);
      return start > 0 ? node.splitText(start) : node;
    })
    .filter(node => node.data.trim() !== '' && node.parentNode.closest('p, h2, h3, h4, li, td, th, figcaption, pre'));
}

function wrap(node, name) {
  const element = document.createElement(name);

  node.replaceWith(element);
  element.append(node);
  return element;
}

// Out of `element`, which goes on around all that is not chosen.
function unwrap(element, chosen) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT),
    others = [];

  while (walker.nextNode()) if (!chosen.includes(walker.currentNode)) others.push(walker.currentNode);
  others.forEach(node => wrap(node, element.localName));
  element.replaceWith(...element.childNodes);
}

function selectAll(texts) {
  getSelection().setBaseAndExtent(texts[0], 0, texts.at(-1), texts.at(-1).length);
}

// name: 'strong' or 'em'; `other`, what the browser calls it. Takes the format away when all of the selection has it.
export function toggleFormat(box, name, other) {
  const texts = selectedTexts(box, getSelection().getRangeAt(0)),
    holder = node => closest(box, node, `${name}, ${other}`);

  if (!texts.length) return;
  if (texts.every(holder)) for (const node of texts) while (holder(node)) unwrap(holder(node), texts);
  else texts.filter(node => !holder(node)).forEach(node => wrap(node, name));
  selectAll(texts);
}

export function linkTo(box, range, href) {
  const texts = selectedTexts(box, range).filter(node => !closest(box, node, 'a'));

  for (const node of texts) wrap(node, 'a').setAttribute('href', href);
  if (texts.length) selectAll(texts);
}

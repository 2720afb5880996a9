// SPDX-License-Identifier: MIT
// Which words of two texts are not in the other: the longest common run of words, after what is alike at both ends is cut off. Texts that would
// take too long are told apart as a whole.

import { h } from './dom.js';

const CELLS_MOST = 4e6;

const words = text => text.match(/\s+|[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) || [];

// For each word of `one` and of `other` whether it is in both, in this order.
function common(one, other) {
  const n = one.length,
    m = other.length,
    lengths = new Uint32Array((n + 1) * (m + 1)),
    inOne = new Array(n).fill(false),
    inOther = new Array(m).fill(false);

  for (let i = n - 1; i >= 0; i--) {
    for (let k = m - 1; k >= 0; k--) {
      const at = i * (m + 1) + k;
      lengths[at] = one[i] === other[k] ? lengths[at + m + 2] + 1 : Math.max(lengths[at + m + 1], lengths[at + 1]);
    }
  }
  for (let i = 0, k = 0; i < n && k < m;) {
    if (one[i] === other[k]) inOne[i++] = inOther[k++] = true;
    else if (lengths[(i + 1) * (m + 1) + k] >= lengths[i * (m + 1) + k + 1]) i++;
    else k++;
  }
  return [inOne, inOther];
}

function marked(list, shared, name) {
  const parts = [];

  for (let i = 0; i < list.length;) {
    let text = '';
    const isShared = shared[i];
    while (i < list.length && shared[i] === isShared) text += list[i++];
    parts.push(isShared ? text : h(name, {}, text));
  }
  return parts;
}

// Two lists of nodes: `one` with its own words in <del>, `other` with its own in <ins>.
export function differences(one, other) {
  const a = words(one),
    b = words(other);
  let start = 0,
    end = 0;

  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const [middle, otherMiddle] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const isLong = middle.length * otherMiddle.length > CELLS_MOST;
  const [inOne, inOther] = isLong ? [middle.map(() => false), otherMiddle.map(() => false)] : common(middle, otherMiddle);
  const framed = (list, shared, name) => [
    list.slice(0, start).join(''),
    ...marked(list.slice(start, list.length - end), shared, name),
    list.slice(list.length - end).join(''),
  ];

  return [framed(a, inOne, 'del'), framed(b, inOther, 'ins')];
}

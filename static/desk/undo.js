// SPDX-License-Identifier: MIT
// Undo and redo of an edited box. The browser's own knows nothing of what we change ourselves; so states are kept as they were, a pause in typing
// parting one from the next, and the caret with them.

const PAUSE_MS = 600,
  MOST = 200;

// The way from the box to a node, by places among siblings.
function pathTo(box, node) {
  const path = [];

  for (let at = node; at !== box; at = at.parentNode) {
    if (!at?.parentNode) return null;
    path.unshift([...at.parentNode.childNodes].indexOf(at));
  }
  return path;
}

export class Undo {
  constructor(box) {
    this.box = box;
    this.reset();
  }

  reset() {
    this.states = [this.state()];
    this.at = 0;
    this.changedAt = 0;
  }

  state() {
    const { anchorNode, anchorOffset } = getSelection(),
      path = this.box.contains(anchorNode) ? pathTo(this.box, anchorNode) : null;

    return { html: this.box.innerHTML, path, offset: anchorOffset };
  }

  // After every change; `apart`: a step of its own, however soon after the last.
  note(apart = false) {
    const state = this.state(),
      isTyping = !apart && !this.wasApart && Date.now() - this.changedAt < PAUSE_MS && this.at > 0;

    if (state.html === this.states[this.at].html) {
      this.states[this.at] = state;
      return;
    }
    this.states.length = this.at + 1;
    if (isTyping) this.states[this.at] = state;
    else this.states.push(state);
    if (this.states.length > MOST) this.states.shift();
    this.at = this.states.length - 1;
    this.changedAt = Date.now();
    this.wasApart = apart;
  }

  // by: -1 undoes, 1 does again. false at the end of the way.
  go(by) {
    const state = this.states[this.at + by];

    if (!state) return false;
    this.at += by;
    this.changedAt = 0;
    this.box.innerHTML = state.html;
    let node = this.box;
    for (const place of state.path ?? []) node = node?.childNodes[place];
    if (node) getSelection().collapse(node, Math.min(state.offset, node.nodeType === Node.TEXT_NODE ? node.length : node.childNodes.length));
    return true;
  }
}

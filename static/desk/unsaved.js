// SPDX-License-Identifier: MIT
// Text that is not on the server yet, kept in this browser (localStorage) at every keystroke: it outlives a reload, a crash of the tab, a lost
// connection and signing out.
//
// An entry holds what was typed, what it was typed over and that version's number, so that a conflict can be told from a change; after a conflict
// also the whole text as it was before the choice (`aside`), until the choice is saved; for a new article also the creation that was sent, byte
// for byte, with its Idempotency-Key: sent again, it makes no second article.
// Entries are named after the article ("812") or, before it has a number, "new-<random>". When two tabs write on one article, the one that
// hears of the other goes on under a name of its own ("812~<random>"), so that neither overwrites the other.

const PREFIX = 'desk:text:';

const random = () => [...crypto.getRandomValues(new Uint8Array(12))].map(byte => byte.toString(16).padStart(2, '0')).join('');

export const newName = () => `new-${random()}`;
export const newKey = () => random();
export const forkedName = name => `${name.split('~')[0]}~${random().slice(0, 8)}`;

function read(key) {
  try {
    return { ...JSON.parse(localStorage.getItem(key)), name: key.slice(PREFIX.length) };
  } catch {
    return null;    // no text that could be given back
  }
}

// All entries, the newest first.
export function allUnsaved() {
  return Object.keys(localStorage)
    .filter(key => key.startsWith(PREFIX))
    .map(read)
    .filter(entry => entry?.values)
    .sort((one, other) => other.at - one.at);
}

export const unsavedOf = name => allUnsaved().filter(entry => entry.name.split('~')[0] === name);

// false when the browser has no room or keeps nothing.
export function keep(name, entry) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify({ ...entry, at: Date.now() }));
    return true;
  } catch {
    return false;
  }
}

export const forget = name => localStorage.removeItem(PREFIX + name);

// Calls `heard` when another tab keeps something under the name that `name()` gives. The result takes the listener away.
export function onOtherTab(name, heard) {
  const listener = event => {
    if (event.storageArea === localStorage && event.key === PREFIX + name() && event.newValue !== null) heard();
  };

  addEventListener('storage', listener);
  return () => removeEventListener('storage', listener);
}

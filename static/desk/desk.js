// SPDX-License-Identifier: MIT
// The newsroom's page: who is signed in, and which of the desk's pages is shown. Addresses stand behind the #, so that one file serves them all and
// the browser's own back, forward and bookmarks work.

import { get, session } from './api.js';
import { ask } from './dialog.js';
import { button, h, labelled, markWrong } from './dom.js';
import { openEditor } from './editor.js';
import { openFrontPage } from './front_page.js';
import { openHistory } from './history.js';
import { openList, tabs } from './list.js';
import { openSections } from './sections.js';
import { allUnsaved } from './unsaved.js';

const main = document.getElementById('content'),
  nav = document.getElementById('nav');
const siteTitle = document.title;
let leave = null,
  turn = 0;

// --- signing in ---

const refused = error =>
  error.status === 401
    ? `This key opens nothing: ${error.message}`
    : error.status === 403
      ? `This key may not read drafts, which the desk needs: ${error.message}`
      : `Could not sign in: ${error.message}`;

// A form that tries the key and, when it opens the newsroom, keeps it and goes on.
function signInForm(begun, why) {
  const key = h('input', {
    type: 'password',
    name: 'key',
    autocomplete: 'current-password',
    spellcheck: 'false',
    autocapitalize: 'off',
    required: true,
  });
  const stays = h('input', { type: 'checkbox', id: 'stays' }),
    go = h('button', { type: 'submit', class: 'primary' }, 'Sign in');
  const form = h(
    'form',
    { class: 'sign-in', novalidate: true, 'aria-label': 'Sign in' },
    why && h('p', { role: 'alert', class: 'desk-note' }, why),
    h('input', { type: 'text', name: 'username', autocomplete: 'username', value: 'desk', hidden: true }),
    labelled('Key', key, 'From whoever runs this server: broadsheet key add'),
    h('div', { class: 'field check' }, stays, h('label', { for: 'stays' }, 'Keep me signed in on this computer')),
    h('p', { class: 'actions' }, go),
  );

  form.addEventListener('submit', async event => {
    event.preventDefault();
    markWrong(key, null);
    if (!key.value.trim()) {
      markWrong(key, 'Type in your key');
      key.focus();
      return;
    }
    go.disabled = true;
    session.begin(key.value.trim(), stays.checked);
    isTrying = true;
    try {
      await get('/v1/articles?status=draft&limit=1&fields=id');
      begun();
    } catch (error) {
      session.end();
      markWrong(key, refused(error));
      key.focus();
      key.select();
    } finally {
      isTrying = false;
      go.disabled = false;
    }
  });
  return form;
}

let isTrying = false;

function showSignIn() {
  nav.replaceChildren();
  main.replaceChildren(
    h(
      'div',
      { class: 'sign-in-page' },
      h('h1', { class: 'page-title' }, 'Sign in'),
      signInForm(() => {
        showNav();
        show();
      }),
    ),
  );
  main.querySelector('input').focus();
}

// The key was refused in the middle of something: what is on the page stays there, and a new key is asked for over it.
addEventListener('desk-signed-out', ({ detail }) => {
  if (isTrying || !session.key || document.querySelector('dialog[open] .sign-in')) return;
  const dialog = h(
    'dialog',
    { 'aria-label': 'Sign in' },
    h('h2', {}, 'Sign in again'),
    signInForm(() => dialog.close(), `${detail}. What you wrote is still here.`),
  );

  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
});

async function signOut() {
  const n = allUnsaved().length;

  if (
    n > 0 &&
    !(await ask({
      title: 'Sign out?',
      parts: [h('p', {}, `${n === 1 ? 'A text that is' : `${n} texts that are`} not saved will stay in this browser.`)],
      confirm: 'Sign out',
    }))
  )
    return;
  leave?.();
  leave = null;
  session.end();
  showSignIn();
}

// --- pages ---

const pages = [
  [/^\/(draft|scheduled|published|withdrawn)$/, ([, status], parameters) => openList(main, status, parameters), ([, status]) => tabs[status]],
  [/^\/new$/, () => openEditor(main, 'new'), () => 'New article'],
  [/^\/article\/(\d+)\/history$/, ([, id]) => openHistory(main, id), () => 'History'],
  [/^\/article\/([\w-]+)$/, ([, name]) => openEditor(main, name), () => 'Article'],
  [/^\/front-page$/, () => openFrontPage(main), () => 'Front page'],
  [/^\/sections$/, () => openSections(main), () => 'Sections'],
];

function showNav() {
  const links = { '#/draft': 'Articles', '#/front-page': 'Front page', '#/sections': 'Sections' };

  nav.replaceChildren(
    h(
      'ul',
      {},
      ...Object.entries(links).map(([href, label]) => h('li', {}, h('a', { href }, label))),
      h('li', {}, button('Sign out', signOut, { class: 'plain' })),
    ),
  );
}

function markCurrent(path) {
  const at = path === '/front-page' || path === '/sections' ? `#${path}` : '#/draft';

  for (const link of nav.querySelectorAll('a')) {
    if (link.getAttribute('href') === at) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

async function show() {
  const [path, search] = location.hash.slice(1).split('?'),
    mine = ++turn;

  if (!session.key) {
    showSignIn();
    return;
  }
  const [pattern, open, title] = pages.find(([it]) => it.test(path)) ?? pages[0],
    found = pattern.exec(path) ?? ['', 'draft'];
  leave?.();
  leave = null;
  markCurrent(path);
  main.setAttribute('aria-busy', 'true');
  document.title = `${title(found)} — ${siteTitle}`;
  try {
    const left = await open(found, new URLSearchParams(search));
    if (mine === turn) leave = left ?? null;
    else left?.();
  } catch (error) {
    if (mine === turn)
      main.replaceChildren(
        h('h1', { class: 'page-title' }, 'This cannot be shown'),
        h('p', { role: 'alert' }, `${error.message}. `, button('Try again', show)),
      );
    if (!error.status && !error.passes) throw error;
  } finally {
    main.removeAttribute('aria-busy');
  }
}

addEventListener('hashchange', () => {
  scrollTo(0, 0);
  show();
});
if (session.key) showNav();
show();

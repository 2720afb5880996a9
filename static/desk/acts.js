// SPDX-License-Identifier: MIT
// What may be done with an article besides saving it: preview, publish, schedule, correct, withdraw. Each asks what has to be asked, and saves the
// text that stands in the editor along with it.

import { call, get } from './api.js';
import { changed } from './article.js';
import { complete } from './completion.js';
import { ask } from './dialog.js';
import { h, labelled, say } from './dom.js';
import { askArticles } from './order.js';
import { local, timeField } from './times.js';

// Of what is published a preview shows what readers have, until it is saved; a draft is saved first. The tab gets nothing of this one's session
// (noopener), so whether it was let open is not known: the address stands here too.
export async function preview(editor) {
  const isBehind = editor.article.status === 'published' && editor.isChanged;

  if (!isBehind && (editor.isChanged || !editor.id) && !(await editor.save())) return;
  try {
    const { data } = await call('POST', `/v1/articles/${editor.id}/preview`),
      { pathname, search } = new URL(data.url, location.href);
    open(pathname + search, '_blank', 'noopener');
    const warning = isBehind ? 'This is the saved version: to save what you changed would publish it. ' : '';
    editor.note(
      `${warning}Whoever has the address can read it until ${local(data.expires_at)}:`,
      [h('a', { href: pathname + search, target: '_blank', rel: 'noopener' }, 'preview')],
    );
  } catch (error) {
    editor.note(error.message, [], 'alert');
  }
}

export async function publish(editor) {
  const title = editor.values().title || 'Without a headline';
  const wasOut = editor.article.status === 'withdrawn';

  if (
    !(await ask({
      title: wasOut ? 'Publish it again?' : 'Publish now?',
      parts: [h('p', {}, `“${title}” goes to readers at once.`)],
      confirm: 'Publish',
    }))
  )
    return;
  if (await editor.save({ status: 'published', publish_at: null })) say('Published');
}

export async function schedule(editor) {
  const at = timeField('Comes out at', editor.article.publish_at),
    until = timeField('Withdrawn by itself at (optional)', editor.fields.expire_at.get());
  const answer = await ask({
    title: 'Schedule',
    parts: [at.element, until.element],
    confirm: 'Schedule',
    yes: () => {
      if (!at.get()) return { input: at.input, wrong: 'Say when' };
      if (new Date(at.get()) <= new Date()) return { input: at.input, wrong: 'This moment is over' };
      return until.get() && until.get() <= at.get() ? { input: until.input, wrong: 'It ends before it begins' } : true;
    },
  });

  if (!answer) return;
  editor.fields.expire_at.set(until.get());
  editor.keep();
  if (await editor.save({ status: 'scheduled', publish_at: at.get() })) say('Scheduled');
}

export async function correct(editor) {
  const kind = h(
    'select',
    {},
    ...['correction', 'clarification', 'update'].map(value => h('option', { value }, value[0].toUpperCase() + value.slice(1))),
  );
  const text = h('textarea', { rows: '4' });
  const answer = await ask({
    title: 'Correct',
    confirm: 'Save and tell readers',
    parts: [
      labelled('Kind', kind),
      labelled('What was wrong, and what is right', text, 'Stands above the article, with the date. What you changed in the text is saved with it.'),
    ],
    yes: () => (text.value.trim() ? true : { input: text, wrong: 'Readers are to know what was wrong' }),
  });

  if (answer && (await editor.save({ corrections: [...(editor.article.corrections ?? []), { kind: kind.value, text: text.value.trim() }] })))
    say('Corrected');
}

export async function withdraw(editor) {
  const reason = h('input', { type: 'text' }),
    instead = h('input', { type: 'text' });
  let replacement = null;
  const field = labelled('What stands in its place (optional)', instead, 'Search for an article'),
    place = h('span');
  instead.replaceWith(place);
  place.replaceWith(
    complete(instead, {
      ask: askArticles,
      pick: item => {
        replacement = item;
        instead.value = item.title;
      },
    }),
  );
  instead.addEventListener('input', () => {
    replacement = null;
  });
  const answer = await ask({
    title: 'Withdraw this article?',
    confirm: 'Withdraw',
    danger: true,
    parts: [
      h('p', {}, 'Readers get a page that says it was withdrawn, and why. It can be published again.'),
      labelled('Reason', reason, 'Shown to readers'),
      field,
    ],
    yes: () => (instead.value.trim() && !replacement ? { input: instead, wrong: 'Choose one of the list, or leave it empty' } : true),
  });

  if (!answer) return;
  try {
    const { data } = await call('DELETE', `/v1/articles/${editor.id}`, {
      body: { ...(reason.value.trim() && { reason: reason.value.trim() }), ...(replacement && { replaced_by: replacement.id }) },
      headers: { 'If-Match': `"${editor.rev}"` },
    });
    const mine = editor.values(),
      before = editor.base;
    editor.take(data);
    // What was typed and not saved is still only typed.
    editor.show({ ...editor.base, ...Object.fromEntries(changed(mine, before).map(name => [name, mine[name]])) });
    editor.keep();
    editor.showActions();
    editor.note('Withdrawn.');
  } catch (error) {
    if (error.status === 412) editor.meet((await get(`/v1/articles/${editor.id}?related=0`)).data);
    else editor.note(error.message, [], 'alert');
  }
  editor.showState();
}

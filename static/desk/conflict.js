// SPDX-License-Identifier: MIT
// Someone else saved in between: both versions side by side, field by field, with what differs marked, and a choice for each. Nothing is lost by
// looking: mine stays in this browser, theirs is a version on the server. What only one of us changed is chosen already; the rest has to be.

import { disagreements, fields, worded } from './article.js';
import { differences } from './difference.js';
import { button, h, markWrong, newId } from './dom.js';

function side(name, who, text, marked, isChosen, group) {
  const id = newId('pick'),
    input = h('input', { type: 'radio', name: group, id, value: who, checked: isChosen });

  return h(
    'div',
    { class: 'side' },
    h('div', { class: 'pick' }, input, h('label', { for: id }, who === 'mine' ? `Mine` : `Theirs`)),
    h('div', { class: 'version' }, ...(text === '' ? [h('i', {}, 'empty')] : marked)),
  );
}

function row({ name, by }, mine, theirs, titles) {
  const texts = [worded(name, theirs[name], titles), worded(name, mine[name], titles)];
  const [their, my] = differences(...texts),
    group = newId('choice'),
    wrong = h('p', { class: 'wrong', hidden: true });
  const note =
    texts[0] === texts[1]
      ? 'Only the formatting differs'
      : { mine: 'Only you changed this', theirs: 'Only they changed this', both: 'Both of you changed this' }[by];
  const element = h(
    'fieldset',
    { class: 'choice', id: group },
    h('legend', {}, fields[name].label, h('span', { class: 'hint' }, note)),
    side(name, 'mine', texts[1], my, by === 'mine', group),
    side(name, 'theirs', texts[0], their, by === 'theirs', group),
    wrong,
  );

  wrong.id = `${group}-wrong`;
  return { name, element, picked: () => element.querySelector('input:checked')?.value };
}

// Puts the comparison into `place`. Resolves with the values to go on with, or null when it was put off.
export function settle(place, { base, mine, theirs, titles }) {
  return new Promise(resolve => {
    const rows = disagreements(base, mine, theirs).map(one => row(one, mine, theirs, titles));
    const heading = h('h2', { tabindex: '-1' }, 'Someone else saved this article meanwhile');
    const end = values => {
      section.remove();
      resolve(values);
    };
    const all = who =>
      rows.forEach(({ element }) => {
        element.querySelector(`[value=${who}]`).checked = true;
      });
    const go = () => {
      const open = rows.filter(one => !one.picked());
      for (const one of rows) markWrong(one.element, one.picked() ? null : 'Choose one of the two');
      if (open.length) {
        open[0].element.querySelector('input').focus();
        return;
      }
      end({ ...theirs, ...Object.fromEntries(rows.map(one => [one.name, (one.picked() === 'mine' ? mine : theirs)[one.name]])) });
    };
    const section = h(
      'section',
      { class: 'conflict', 'aria-label': 'Conflict' },
      heading,
      h('p', {}, 'Choose what is to stand, field by field. Your text stays in this browser until it is saved, theirs in the history.'),
      h(
        'p',
        { class: 'actions' },
        button('All mine', () => all('mine')),
        button('All theirs', () => all('theirs')),
      ),
      ...rows.map(one => one.element),
      h(
        'p',
        { class: 'actions' },
        button('Save what is chosen', go, { class: 'primary' }),
        button('Decide later', () => end(null)),
      ),
    );

    place.append(section);
    heading.focus();
    section.scrollIntoView({ block: 'start' });
  });
}

// SPDX-License-Identifier: MIT
// Questions that stand before everything else until they are answered: the browser's own <dialog>, which holds the focus, gives it back, and
// takes Escape for no.

import { button, h, markWrong, newId } from './dom.js';

// Shows `parts` (elements) over a yes and a no. `yes` is called on the first; when it gives { input, wrong } the dialog stays open with that said
// at the input. Resolves with what `yes` gives, or null.
export function ask({ title, parts = [], confirm = 'OK', danger = false, cancel = 'Cancel', yes = () => true }) {
  return new Promise(resolve => {
    const heading = h('h2', { id: newId('dialog') }, title);
    const go = h('button', { type: 'submit', class: danger ? 'danger' : 'primary' }, confirm);
    const form = h(
      'form',
      { novalidate: true },
      heading,
      ...parts,
      h(
        'div',
        { class: 'dialog-foot' },
        button(cancel, () => dialog.close()),
        go,
      ),
    );
    const dialog = h('dialog', { 'aria-labelledby': heading.id }, form);
    let result = null;

    form.addEventListener('submit', async event => {
      event.preventDefault();
      const answer = await yes();
      if (answer?.wrong) {
        markWrong(answer.input, answer.wrong);
        answer.input.focus();
        return;
      }
      result = answer;
      dialog.close();
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();
    (form.querySelector('input, textarea, select') || go).focus();
  });
}

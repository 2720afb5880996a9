// SPDX-License-Identifier: MIT
// Times: the API speaks UTC, people their own clock. Where one is typed, both are shown.

import { h, labelled, newId } from './dom.js';

const long = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const utc = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'local time';
export const local = time => (time ? long.format(new Date(time)) : '');
export const inUtc = time => (time ? `${utc.format(new Date(time))} UTC` : '');
export const savedAt = time =>
  !time ? '' : new Date(time).toDateString() === new Date().toDateString() ? clock.format(new Date(time)) : local(time);
export const timeElement = time => h('time', { datetime: time, title: inUtc(time) }, local(time));

// "2026-11-25T14:05" as <input type="datetime-local"> has it, on the clock of whoever looks.
function toInput(time) {
  const date = new Date(time);

  return time ? new Date(date - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16) : '';
}

const fromInput = value => (value ? new Date(value).toISOString().replace(/\.\d+Z$/, 'Z') : '');

// { element, input, get, set }: get() is a time of the API, or ''. What the input cannot show (seconds) stays as it was until it is changed.
export function timeField(label, time, changed = () => {}) {
  const input = h('input', { type: 'datetime-local', id: newId('time'), value: toInput(time) }),
    shown = h('p', { class: 'hint' });
  let value = time || '';
  const show = () => {
    shown.textContent = value ? `${zone}; ${inUtc(value)}` : `In your time (${zone})`;
  };

  input.addEventListener('input', () => {
    value = fromInput(input.value);
    show();
    changed();
  });
  show();
  const element = labelled(label, input);
  element.append(shown);
  return {
    element,
    input,
    get: () => value,
    set(to) {
      value = to || '';
      input.value = toInput(value);
      show();
    },
  };
}

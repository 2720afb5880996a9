// SPDX-License-Identifier: MIT
// The inputs of the form, one object a field: { element, get, set, inputs }. get() gives the value as article.js has it; inputs maps the JSON
// pointers that the server may complain of ('/image/url') to where that is said. Whatever is longer than one box is a group of boxes here.

import { get, query } from './api.js';
import { fields } from './article.js';
import { complete } from './completion.js';
import { button, h, labelled, newId, unhurried } from './dom.js';
import { OrderedArticles } from './order.js';
import { timeField } from './times.js';

const TAG_TYPES = ['topic', 'person', 'organisation', 'place', 'event'];
const SOURCE = 'desk:source';

const terms = kind => async text =>
  (await get(`/v1/${kind}${query({ q: text, limit: 8 })}`)).data.map(term => ({
    label: term.name,
    note: term.type && term.type !== 'topic' ? term.type : '',
    value: term,
  }));

const setTo = (input, value) => {
  if (input.value !== value) input.value = value;
};    // the caret stays where nothing changes

function textField(name, input, hint) {
  input.id = newId(name);
  return {
    element: labelled(fields[name].label, input, hint),
    inputs: { [`/${name}`]: input },
    get: () => input.value.trim(),
    set(value) {
      setTo(input, value);
      input.dispatchEvent(new Event('desk-set'));
    },
  };
}

const line = (name, changed, attributes = {}, hint = null) =>
  textField(name, h('input', { type: 'text', oninput: changed, autocomplete: 'off', ...attributes }), hint);

// Grows with its text; a line break in a headline means nothing.
function growing(name, changed, attributes, hint) {
  const input = h('textarea', { rows: '1', ...attributes });
  const grow = () => {
    input.style.height = 'auto';
    input.style.height = `${input.scrollHeight + input.offsetHeight - input.clientHeight}px`;
  };

  input.addEventListener('input', () => {
    grow();
    changed();
  });
  input.addEventListener('desk-set', () => requestAnimationFrame(grow));
  input.addEventListener('keydown', event => {
    if (event.key === 'Enter') event.preventDefault();
  });
  const field = textField(name, input, hint);
  new ResizeObserver(unhurried(grow, 50)).observe(field.element);
  return { ...field, get: () => input.value.replace(/\s+/g, ' ').trim() };
}

// A name out of those that are there, or a new one.
function named(name, changed, ask, hint) {
  const field = line(name, changed, {}, hint),
    input = Object.values(field.inputs)[0];

  const place = h('span');
  input.replaceWith(place);
  place.replaceWith(
    complete(input, {
      atOnce: true,
      ask,
      pick: term => {
        input.value = term.name;
        changed();
      },
    }),
  );
  return { ...field, inputs: { [`/${name}`]: input, [`/${name}/name`]: input } };
}

// Several names in a row, each with a button that takes it away; tags have a type too.
function severalNames(name, changed, { kind, typed = false, hint }) {
  const input = h('input', { type: 'text' }),
    chosen = h('ul', { class: 'chips' });
  let list = [];
  const has = wanted => list.some(one => (one.name ?? one).toLowerCase() === wanted.toLowerCase());
  const add = (wanted, type) => {
    if (wanted && !has(wanted)) list = [...list, typed ? { name: wanted, type: type ?? 'topic' } : wanted];
    input.value = '';
    draw();
    changed();
  };
  const remove = at => {
    list = list.filter((_, i) => i !== at);
    draw();
    changed();
    (chosen.children[Math.min(at, list.length - 1)]?.querySelector('button') ?? input).focus();
  };
  const typeOf = (one, i) =>
    h(
      'select',
      {
        'aria-label': `Type of ${one.name}`,
        value: one.type,
        onchange: event => {
          list = list.map((it, at) => (at === i ? { ...it, type: event.target.value } : it));
          changed();
        },
      },
      ...TAG_TYPES.map(type => h('option', { value: type }, type)),
    );
  const draw = () =>
    chosen.replaceChildren(
      ...list.map((one, i) =>
        h(
          'li',
          {},
          h('span', {}, one.name ?? one),
          typed && typeOf(one, i),
          button('×', () => remove(i), { 'aria-label': `Remove ${one.name ?? one}` }),
        ),
      ),
    );

  const element = labelled(fields[name].label, input, hint),
    place = h('span');
  input.replaceWith(place);
  place.replaceWith(chosen, complete(input, { ask: terms(kind), pick: term => add(term.name, term.type), enter: add }));
  input.addEventListener('input', () => {
    if (input.value.includes(',')) input.value.split(',').forEach(part => add(part.trim()));
  });
  input.addEventListener('change', () => {
    if (input.value.trim()) add(input.value.trim());
  });
  return {
    element,
    inputs: { [`/${name}`]: input },
    get: () => list,
    set(value) {
      list = value;
      draw();
    },
  };
}

// An object of the article: a box a member.
function group(name, changed, members, more = () => {}) {
  const boxes = {},
    inputs = {},
    legend = h('legend', {}, fields[name].label),
    element = h('fieldset', {}, legend);
  let hidden = {};    // members without a box: width, height

  for (const [member, [label, hint, attributes]] of Object.entries(members)) {
    boxes[member] = h('input', { type: 'text', autocomplete: 'off', oninput: changed, ...attributes });
    element.append(labelled(label, boxes[member], hint));
    inputs[`/${name}/${member}`] = boxes[member];
  }
  inputs[`/${name}`] = Object.values(boxes)[0];
  const field = {
    element,
    inputs,
    boxes,
    get() {
      const filled = Object.fromEntries(
        Object.entries(boxes)
          .map(([member, box]) => [member, box.value.trim()])
          .filter(([, value]) => value !== ''),
      );
      return Object.keys(filled).length ? { ...filled, ...hidden } : null;
    },
    set(value) {
      hidden = Object.fromEntries(Object.entries(value ?? {}).filter(([member]) => !boxes[member]));
      for (const [member, box] of Object.entries(boxes)) setTo(box, value?.[member] ?? '');
      field.shown?.();
    },
    hide(members_) {
      hidden = members_;
    },
  };
  more(field);
  return field;
}

// The picture is shown where its address can be; its size is taken from it, so that pages can leave room before it is there.
function withPreview(changed) {
  return field => {
    const picture = h('img', { alt: '', hidden: true }),
      note = h('p', { class: 'hint', role: 'status' }),
      frame = h('div', { class: 'picture-preview' }, picture, note);
    let measured = true;
    const show = () => {
      const url = field.boxes.url.value.trim();
      frame.classList.toggle('filled', url !== '');
      picture.hidden = true;
      note.textContent =
        url === ''
          ? 'The picture shows here.'
          : /^https:\/\/[^\s/]|^\/(?!\/)/i.test(url)
            ? 'Loading…'
            : 'Pictures are shown here only from https:// addresses.';
      if (note.textContent === 'Loading…') picture.src = url;
    };

    picture.addEventListener('load', () => {
      picture.hidden = false;
      note.textContent = `${picture.naturalWidth} × ${picture.naturalHeight}`;
      if (measured || picture.naturalWidth < 1) return;
      measured = true;
      field.hide({ width: picture.naturalWidth, height: picture.naturalHeight });
      changed();
    });
    picture.addEventListener('error', () => {
      note.textContent = 'There is no picture at this address.';
    });
    field.boxes.url.addEventListener('input', () => {
      measured = false;
      field.hide({});
    });
    field.boxes.url.addEventListener('input', unhurried(show, 400));
    field.shown = () => {
      measured = true;
      show();
    };
    field.element.querySelector('legend').after(frame);
    show();
  };
}

function checkbox(name, changed, label) {
  const input = h('input', { type: 'checkbox', id: newId(name), onchange: changed });

  return {
    element: h('div', { class: 'field check' }, input, h('label', { for: input.id }, label)),
    inputs: { [`/${name}`]: input },
    get: () => input.checked,
    set(value) {
      input.checked = value;
    },
  };
}

function related(changed) {
  const order = new OrderedArticles(changed, { label: 'Add a related article', most: 50 });

  return {
    element: h('fieldset', {}, h('legend', {}, fields.related_ids.label), order.element),
    inputs: { '/related_ids': order.input },
    get: () => order.ids,
    set: ids => order.load(ids),
    titles: order.titles,
  };
}

function times(name, changed) {
  const field = timeField('Withdraw by itself at', '', changed);

  return { element: field.element, inputs: { [`/${name}`]: field.input }, get: field.get, set: field.set };
}

let sections;
async function askSections(text) {
  sections ??= (await get('/v1/sections?limit=100')).data;
  const wanted = text.toLowerCase();
  const found = sections.filter(section => section.name.toLowerCase().includes(wanted)).map(section => ({ label: section.name, value: section }));
  return wanted && sections.some(section => section.name.toLowerCase() === wanted)
    ? sections.map(section => ({ label: section.name, value: section }))
    : found;
}

export const rememberedSource = () => localStorage.getItem(SOURCE) ?? '';

export function rememberSource(name) {
  try {
    if (name) localStorage.setItem(SOURCE, name);
  } catch {
    // A browser without room forgets it, and that is all.
  }
}

// All fields but the text, which is body.js's.
export function makeFields(changed) {
  sections = undefined;
  return {
    title: growing('title', changed, { class: 'headline-input', required: true }),
    summary: growing('summary', changed, { class: 'standfirst-input' }, 'Taken from the text when empty'),
    section: named('section', changed, askSections, 'One that is there, or a new name'),
    tags: severalNames('tags', changed, { kind: 'tags', typed: true, hint: 'Enter or a comma adds one' }),
    image: group(
      'image',
      changed,
      {
        url: ['Address', null, { type: 'url', inputmode: 'url' }],
        alt: ['What it shows', 'For those who cannot see it'],
        caption: ['Caption'],
        credit: ['Credit'],
      },
      withPreview(changed),
    ),
    byline: line('byline', changed, {}, 'As printed: By Jane Doe'),
    authors: severalNames('authors', changed, { kind: 'authors', hint: 'Names, one at a time' }),
    source: named('source', changed, terms('sources'), 'Agency or paper that it comes from'),
    dateline: line('dateline', changed, {}, 'WATERLOO, Ont.'),
    lang: line('lang', changed, { spellcheck: 'false', autocapitalize: 'off' }, 'en, fr, en-CA …'),
    featured: checkbox('featured', changed, 'Featured'),
    related_ids: related(changed),
    expire_at: times('expire_at', changed),
    slug: line('slug', changed, { spellcheck: 'false', autocapitalize: 'off' }, 'Last part of its address; made from the headline when empty'),
    canonical_url: line('canonical_url', changed, { type: 'url' }, 'Where search engines should look instead'),
    rights: group('rights', changed, { holder: ['Holder'], notice: ['Notice'], usage_terms: ['Terms of use'] }),
  };
}

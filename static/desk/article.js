// SPDX-License-Identifier: MIT
// An article as the desk holds it: one plain value a field ('' , [] , null , false where there is nothing), the patch that makes one of another,
// and what became of a field that two people changed. Pure functions; fields.js has the inputs.

import { normal, plainText } from './clean.js';

const text = name => ({ from: article => article[name] ?? '' });
const term = name => ({ from: article => article[name]?.name ?? '' });
const parts = (name, members) => ({
  members,
  from: article =>
    article[name]
      ? Object.fromEntries(members.filter(member => article[name][member] !== undefined).map(member => [member, article[name][member]]))
      : null,
});

// In the order of the form. `label` is what people call it.
export const fields = {
  title: { label: 'Headline', ...text('title') },
  summary: { label: 'Standfirst', ...text('summary') },
  body_html: { label: 'Text', from: article => normal(article.body_html ?? '') },
  section: { label: 'Section', ...term('section') },
  tags: { label: 'Tags', from: article => (article.tags ?? []).map(({ name, type }) => ({ name, type: type ?? 'topic' })) },
  image: { label: 'Picture', ...parts('image', ['url', 'alt', 'caption', 'credit', 'width', 'height']) },
  byline: { label: 'Byline', ...text('byline') },
  authors: { label: 'Authors', from: article => (article.authors ?? []).map(({ name }) => name) },
  source: { label: 'Source', ...term('source') },
  dateline: { label: 'Dateline', ...text('dateline') },
  lang: { label: 'Language', ...text('lang') },
  featured: { label: 'Featured', from: article => article.featured === true },
  related_ids: { label: 'Related', from: article => article.related_ids ?? [] },
  expire_at: { label: 'Ends at', ...text('expire_at') },
  slug: { label: 'Slug', ...text('slug') },
  canonical_url: { label: 'Canonical address', ...text('canonical_url') },
  rights: { label: 'Rights', ...parts('rights', ['holder', 'notice', 'usage_terms']) },
};

const names = Object.keys(fields);

export const valuesOf = article => Object.fromEntries(names.map(name => [name, fields[name].from(article)]));

// Members of objects may stand in any order.
const canonical = value =>
  value && typeof value === 'object' && !Array.isArray(value) ? JSON.stringify(Object.entries(value).sort()) : JSON.stringify(value);

export const same = (one, other) => canonical(one) === canonical(other);
export const changed = (values, base) => names.filter(name => !same(values[name], base[name]));

function patchValue(name, value, base) {
  const { members } = fields[name];

  if (value === '' || value === null) return null;
  if (!members) return value;
  // A merge patch (RFC 7396) takes a member away only when it is told to.
  return Object.fromEntries(
    members.map(member => [member, value[member] ?? null]).filter(([member, it]) => it !== null || base?.[member] !== undefined),
  );
}

// The merge patch that makes `values` of `base`.
export function patchOf(values, base) {
  return Object.fromEntries(changed(values, base).map(name => [name, patchValue(name, values[name], base[name])]));
}

// A new article: what is empty is left out.
export function creationOf(values) {
  const patch = patchOf(values, valuesOf({}));

  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== null));
}

// The fields in which mine and theirs differ, each with who changed it since `base`: 'mine', 'theirs' or 'both'.
export function disagreements(base, mine, theirs) {
  return changed(mine, theirs).map(name => ({
    name,
    by: same(mine[name], base[name]) ? 'theirs' : same(theirs[name], base[name]) ? 'mine' : 'both',
  }));
}

// A value as words, for people to compare. `titles`: of related articles, by id.
export function worded(name, value, titles = new Map()) {
  if (name === 'body_html') return plainText(value);
  if (name === 'tags') return value.map(tag => (tag.type === 'topic' ? tag.name : `${tag.name} (${tag.type})`)).join(', ');
  if (name === 'authors') return value.join(', ');
  if (name === 'related_ids') return value.map(id => titles.get(id) ?? `article ${id}`).join('\n');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (value && typeof value === 'object')
    return Object.entries(value)
      .map(([member, it]) => `${member.replace('_', ' ')}: ${it}`)
      .join('\n');
  return value ?? '';
}

// As the server counts them (text_excerpt.c): joined by apostrophes before letters, by points and commas between digits.
const WORD = /(?!\p{Ideographic})[\p{L}\p{N}](?:(?!\p{Ideographic})[\p{L}\p{N}\p{M}]|[’'](?=\p{L})|(?<=\d)[.,](?=\d))*/gu;

export function countWords(html) {
  const text = plainText(html);

  return (text.match(WORD) || []).length + Math.ceil((text.match(/\p{Ideographic}/gu) || []).length / 2);
}

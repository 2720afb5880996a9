// SPDX-License-Identifier: MIT
// Articles that the tests bring along: one whose every line is known, and some that mean harm.
'use strict';

const plain = {
  guid: 'test:plain', title: 'BlackBerry To Stay In Pakistan After Government Drops Server-access Request',
  source: 'The Canadian Press', section: 'National', byline: 'By Ann Lee', authors: ['Ann Lee'], dateline: 'WATERLOO, Ont.',
  tags: [{ name: 'BlackBerry', type: 'organisation' }], status: 'published', published_at: '2015-12-31T17:20:00Z',
  body_html: '<p>BlackBerry says it will remain operating in Pakistan.</p><h2>A heading</h2>' +
    '<p>And <a href="https://example.org/">more</a>.</p>' +
    `<table><tr>${'<th>One very long heading of a column</th>'.repeat(3)}</tr><tr>${`<td>${'unbreakable'.repeat(5)}</td>`.repeat(3)}</tr></table>` +
    `<pre>${'a line of code that is much wider than a telephone '.repeat(4)}</pre>`,
};

const attack = 'window.hit=(window.hit||0)+1';
const hostile = {
  guid: 'test:hostile', title: `</title></script><script>${attack}</script><img src=x onerror="${attack}">`,
  summary: `--><script>${attack}</script>{{{body_html}}}`, source: `Source "><script>${attack}</script>`, section: 'National',
  byline: `<script>${attack}</script>`, dateline: `<img src=x onerror=${attack}>`, tags: [`Tag '"><svg onload=${attack}>`],
  image: { url: '/static/sample/bridge.svg', alt: `" onload="${attack}`, caption: `</figcaption><script>${attack}</script>` },
  rights: { holder: `<script>${attack}</script>` }, status: 'published', published_at: '2015-12-30T12:00:00Z',
  body_html: `<p>Text<script>${attack}</script><img src=x onerror="${attack}"><a href="javascript:${attack}">link</a></p>` +
    '<style>*{display:none}</style>',
};

const wordy = {
  guid: 'test:wordy', title: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft',
  source: 'The Canadian Press', section: 'National', tags: ['Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz'],
  lang: 'de', status: 'published', published_at: '2015-12-29T12:00:00Z', body_text: 'unbreakable'.repeat(30),
};

const bare = {
  guid: 'test:bare', title: 'Nothing But a Text', source: 'The Canadian Press', section: 'National', status: 'published', published_at: '2015-12-28T12:00:00Z',
  body_text: 'One paragraph and no more stands in this article, which has no tags and comes from nowhere else on the web.',
};

module.exports = { plain, hostile, wordy, bare };

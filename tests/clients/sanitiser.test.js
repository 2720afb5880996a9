// SPDX-License-Identifier: MIT
// Hostile article bodies, imported and read back: what a browser's parser finds in them is only what articles are made of, and nothing
// of it runs in a browser. The collection of payloads lies outside the repository; without it there is a short one of our own.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, test } = require('node:test');
const parse5 = require('parse5');

const { launch } = require('./browser.js');
const { root, startServer } = require('./server.js');

const collection = path.join(root, '..', 'shared', 'data', 'xss-dompurify', 'cases.json');
const own = [
  '<p>kept</p><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<a href="java&#10;script:alert(1)">x</a>',
  '<a href="data:text/html,<script>alert(1)</script>">x</a>',
  '<svg><script>alert(1)</script></svg>',
  '<svg onload=alert(1)><a xlink:href="javascript:alert(1)">x</a></svg>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<form action="javascript:alert(1)"><input type=submit autofocus onfocus=alert(1)></form>',
  '<base href="https://evil.example/">',
  '<meta http-equiv=refresh content="0;url=javascript:alert(1)">',
  '<p style="background:url(javascript:alert(1))" onclick=alert(1)>x',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<template><img src=x onerror=alert(1)></template>',
  '<xmp><p title="</xmp><img src=x onerror=alert(1)>">',
  '<!--><img src=x onerror=alert(1)>-->',
  '<![CDATA[<img src=x onerror=alert(1)>]]>',
  '</div></main></body></html><script>alert(1)</script>',
];
const elements = new Set(['p', 'h2', 'h3', 'h4', 'pre', 'blockquote', 'ul', 'ol', 'li', 'figure', 'figcaption', 'table', 'thead', 'tbody',
  'tr', 'td', 'th', 'strong', 'em', 'code', 'sup', 'sub', 'a', 'br', 'hr', 'img']);
const attributes = new Set(['href', 'src', 'alt', 'width', 'height', 'colspan', 'rowspan', 'start', 'rel', 'title', 'lang', 'dir', 'loading']);

let server, payloads, bodies;

// All bodies as the API gives them, by the number of their payload. A body of which nothing was left is absent.
async function readBodies() {
  const found = [];

  for (let next = `${server.base}/v1/articles?limit=100&include=body`; next;) {
    const { data, links } = await (await fetch(next)).json();

    for (const article of data) found[Number(article.title.split(' ').pop())] = article.body_html || '';
    next = links.next;
  }
  return found;
}

before(async () => {
  payloads = fs.existsSync(collection) ? [...own, ...JSON.parse(fs.readFileSync(collection, 'utf8')).map(one => one.payload)] : own;
  // Control characters are refused at the door, so they are not what is tried here.
  payloads = payloads.map(payload => payload.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, ''));
  server = await startServer({
    articles: payloads.map((payload, i) => ({
      guid: `payload:${i}`, title: `Payload number ${i}`, source: 'Test', section: 'Test', status: 'published',
      published_at: '2020-01-01T00:00:00Z', body_html: `<p>Before.</p>${payload}<p>The end of ${i}.</p>`,
    })),
  });
  bodies = await readBodies();
});

after(() => server?.stop());

function violations(html) {
  const found = [];
  const walk = node => {
    if (node.nodeName === '#comment' || node.nodeName === '#documentType') found.push(node.nodeName);
    if (node.tagName !== undefined && !elements.has(node.tagName)) found.push(`<${node.tagName}>`);
    for (const { name, value } of node.attrs || []) {
      if (!attributes.has(name)) found.push(`${name}="${value}"`);
      if ((name === 'href' || name === 'src') && !/^(https?:\/\/|mailto:|\/(?![/\\]))/i.test(value)) found.push(`${name}="${value}"`);
    }
    (node.childNodes || []).forEach(walk);
  };
  const fragment = parse5.parseFragment(html);
  walk(fragment);

  // Parsed and written again it stays what it is, so that no parser can make something else of it.
  const again = parse5.serialize(fragment);
  if (parse5.serialize(parse5.parseFragment(again)) !== again) found.push('changes when it is parsed again');
  return found;
}

test('the collection of payloads is there', t => {
  if (!fs.existsSync(collection)) t.skip('skipped: ../shared has no collection, only our own payloads are tried');
});

test('bodies hold nothing but what articles are made of', () => {
  assert.equal(bodies.length, payloads.length);
  bodies.forEach((body, i) => assert.deepEqual(violations(body), [], `${payloads[i]}\nbecame\n${body}`));
  assert.equal(bodies.filter(body => body.startsWith('<p>Before.</p>')).length, payloads.length);
});

test('no body runs anything, even where no policy forbids it', async () => {
  const browser = await launch();

  try {
    const page = await browser.newPage(), seen = [];

    page.on('dialog', dialog => { seen.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
    page.on('framenavigated', frame => { if (!/^about:/.test(frame.url())) seen.push(`went to ${frame.url()}`); });
    await page.route('**', route => route.abort());
    await page.addInitScript(() => {
      window.hits = [];
      for (const name of ['alert', 'confirm', 'prompt', 'print']) window[name] = what => window.hits.push(`${name} ${what}`);
    });
    await page.goto('about:blank');

    // The trap works: an attribute of the very kind that is looked for does spring it.
    await page.setContent('<img src=x onerror=alert(1)>');
    await page.waitForFunction(() => window.hits.length === 1);

    await page.goto('about:blank');
    await page.setContent(`<!DOCTYPE html>${bodies.map(body => `<div>${body}</div>`).join('\n')}`);
    await page.evaluate(() => document.querySelectorAll('*').forEach(element => {
      for (const type of ['click', 'focus', 'mouseover', 'error', 'load', 'toggle'])
        element.dispatchEvent(new Event(type, { cancelable: true }));
    }));
    assert.deepEqual(await page.evaluate(() => window.hits), []);
    assert.deepEqual(seen, []);
    assert.equal(await page.$$eval('body > div', all => all.length), bodies.length, 'no body ends the element around it');
  } finally {
    await browser.close();
  }
});

// SPDX-License-Identifier: MIT
// /docs in Chromium, wide and narrow, light and dark: every call is there, can be tried, by keyboard too; the key stays in the tab.
'use strict';

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const parse5 = require('parse5');

const { launch } = require('./browser.js');
const { lowContrasts } = require('./colours.js');
const { addKey, sample, startServer } = require('./server.js');

let server, browser, key, document;

before(async () => {
  server = await startServer({ files: [sample], args: ['--site-name', 'The <Daily> Test'] });
  key = addKey(server.database, 'all', 'read_drafts,write,admin');
  document = await (await fetch(`${server.base}/openapi.json`)).json();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0);
});

async function open(options, use) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage(), complaints = [];

  page.on('console', message => { if (!/status of 4\d\d/.test(message.text())) complaints.push(`console: ${message.text()}`); });
  page.on('pageerror', error => complaints.push(`error: ${error.message}`));
  page.on('request', request => { if (!request.url().startsWith(`${server.base}/`)) complaints.push(`elsewhere: ${request.url()}`); });
  try {
    await page.goto(`${server.base}/docs`);
    await page.waitForSelector('#errors');
    await use(page);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

const operations = () => Object.values(document.paths).flatMap(methods => Object.values(methods));
const tryIt = async (page, name) => { await page.click(`#${name} .try summary`); await page.waitForSelector(`#${name} form button`); };
const send = async (page, name) => { await page.click(`#${name} form button`); await page.waitForSelector(`#${name} .output p`); return page.textContent(`#${name} .output`); };

describe('the page', () => {
  test('has every call, shape and error', () => open({}, async page => {
    for (const operation of operations()) assert.equal(await page.textContent(`#${operation.operationId} h3`), operation.summary);
    for (const name of Object.keys(document.components.schemas)) assert.equal(await page.textContent(`#shape-${name} h3`), name);
    assert.equal(await page.title(), 'The <Daily> Test API');
    const links = await page.evaluate(() => [...document.querySelectorAll('a[href^="#"]')].filter(link => !document.getElementById(link.hash.slice(1))).map(link => link.hash));
    assert.deepEqual(links, []);
    for (const code of ['stale', 'bad-parameter', 'withdrawn']) assert.equal(await page.locator(`#errors a[href="/problems/${code}"]`).count(), 1);
  }));

  for (const width of [1280, 390])
    for (const colorScheme of ['light', 'dark'])
      test(`can be read at ${width} pixels in ${colorScheme} colours`, () => open({ viewport: { width, height: 900 }, colorScheme }, async page => {
        await page.evaluate(() => document.querySelectorAll('details').forEach(one => { one.open = true; }));
        await page.waitForFunction(() => [...document.querySelectorAll('.try')].every(one => one.querySelector('form')));
        const seen = await page.evaluate(() => ({
          over: document.documentElement.scrollWidth - innerWidth,
          headings: document.querySelectorAll('h1').length,
          unlabelled: [...document.querySelectorAll('input, select, textarea')].filter(field => !field.labels.length).length,
          twice: [...document.querySelectorAll('[id]')].map(one => one.id).filter((id, i, all) => all.indexOf(id) !== i),
          named: [...document.querySelectorAll('summary')].map(one => one.ariaLabel || one.textContent).filter((name, i, all) => all.indexOf(name) !== i),
          text: document.body.textContent,
          levels: [...document.querySelectorAll('h1,h2,h3,h4,h5')].map(heading => Number(heading.tagName[1])),
        }));
        assert.ok(seen.over <= 0, `scrolls sideways by ${seen.over}`);
        assert.equal(seen.headings, 1);
        assert.equal(seen.unlabelled, 0);
        assert.deepEqual(seen.twice, []);
        assert.deepEqual(seen.named, []);
        assert.ok(!seen.text.includes('[object'), 'elements written as text');
        seen.levels.forEach((level, i) => assert.ok(i === 0 || level <= seen.levels[i - 1] + 1, `headings ${seen.levels}`));
        assert.deepEqual(await page.evaluate(lowContrasts), []);
      }));

  test('has the header fields of answers, and says what they are', () => open({}, async page => {
    await page.click('#replaceArticle > details:not(.try) summary');
    assert.ok(await page.isVisible('#replaceArticle dd a[href="#header-ETag"]'));
    assert.match(await page.textContent('#header-Retry-After'), /Seconds to wait/);
  }));

  test('says without scripts where to look', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false }), page = await context.newPage();
    await page.goto(`${server.base}/docs`);
    assert.match(await page.textContent('main'), /openapi\.json/);
    await context.close();
  });
});

describe('trying it', () => {
  test('a list, by keyboard alone', () => open({}, async page => {
    await page.focus('#listArticles .try summary');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#listArticles form');
    await page.focus('#listArticles-query-limit');
    await page.keyboard.type('2');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#listArticles .output .good');
    assert.match(await page.textContent('#listArticles .output'), /^200 OK.*etag: "/s);
    assert.equal(JSON.parse(await page.textContent('#listArticles .output .body')).data.length, 2);
    assert.equal(await page.textContent('#listArticles .curl'), `curl -i '${server.base}/v1/articles?limit=2'`);
  }));

  test('every call that is read shows its answer', () => open({}, async page => {
    for (const operation of operations().filter(one => one.responses['200']?.content?.['application/json']?.examples && !one.requestBody)) {
      await tryIt(page, operation.operationId);
      if (/^(search|suggest)$/.test(operation.operationId)) await page.fill(`#${operation.operationId}-query-q`, 'harbour');
      assert.match(await send(page, operation.operationId), /^200 OK/, operation.operationId);
    }
  }));

  test('an error shows as it came', () => open({}, async page => {
    await tryIt(page, 'listArticles');
    await page.fill('#listArticles-query-tag', 'NO SLUG');
    assert.match(await send(page, 'listArticles'), /^400 Bad Request.*problem\+json.*bad-parameter/s);
  }));

  test('with a key, which stays in this tab and out of the line for curl', () => open({}, async page => {
    await tryIt(page, 'createArticle');
    assert.match(await send(page, 'createArticle'), /^401/);
    await page.fill('#key', key);
    const [request] = await Promise.all([page.waitForRequest(one => one.method() === 'POST'), page.click('#createArticle form button')]);
    assert.equal(await request.headerValue('authorization'), `Bearer ${key}`);
    await page.waitForSelector('#createArticle .output .good');
    assert.match(await page.textContent('#createArticle .output'), /^201 Created.*location: /s);
    const curl = await page.textContent('#createArticle .curl');
    assert.ok(curl.includes('"Authorization: Bearer $KEY"') && !curl.includes(key));
    await page.reload();
    await page.waitForSelector('#errors');
    assert.equal(await page.inputValue('#key'), key);
    assert.deepEqual(await page.evaluate(() => [localStorage.length, document.cookie]), [0, '']);
  }));
});

test('the policy lets nothing in from elsewhere', async () => {
  const reply = await fetch(`${server.base}/docs`);
  assert.match(reply.headers.get('content-security-policy'), /^default-src 'none'; script-src 'self'; style-src 'self';.*frame-ancestors 'none'/);
  const html = await reply.text(), errors = [];
  assert.doesNotMatch(html, /style="|onclick|<script>|<style>/);
  parse5.parse(html, { onParseError: error => errors.push(error.code) });
  assert.deepEqual(errors, []);
});

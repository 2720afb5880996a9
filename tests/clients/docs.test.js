// SPDX-License-Identifier: MIT
// /docs in Chromium, wide and narrow, light and dark: every call is there, can be tried, by keyboard too, and stopped; nothing is written unasked; the key stays in the tab.
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

async function open(options, use, base = server.base) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage(), complaints = [];

  page.on('console', message => { if (!/status of 4\d\d/.test(message.text())) complaints.push(`console: ${message.text()}`); });
  page.on('pageerror', error => complaints.push(`error: ${error.message}`));
  // A redirect that is not followed is announced too; one that were, the page's policy would complain of.
  page.on('request', request => { if (!request.url().startsWith(`${base}/`) && !request.redirectedFrom()) complaints.push(`elsewhere: ${request.url()}`); });
  try {
    await page.goto(`${base}/docs`);
    await page.waitForSelector('#errors');
    await use(page);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

const operations = () => Object.values(document.paths).flatMap(methods => Object.values(methods));
const gets = () => Object.entries(document.paths).filter(([, methods]) => methods.get).map(([path, methods]) => ({ ...methods.get, path }));
const tryIt = async (page, name) => { await page.click(`#${name} .try summary`); await page.waitForSelector(`#${name} form button`); };
const status = (page, name) => page.textContent(`#${name} .output [role=status]`);
const begun = (page, name) => page.waitForFunction(id => !/^(Sent.*)?$/.test(document.querySelector(`#${id} .output [role=status]`).textContent), name);
const ended = (page, name) => page.waitForSelector(`#${name} .buttons button:not([type=submit])[hidden]`, { state: 'attached' });
const press = async (page, name) => { await page.click(`#${name} form [type=submit]`); await begun(page, name); };
const send = async (page, name) => { await press(page, name); await ended(page, name); return page.textContent(`#${name} .output`); };
const agree = (page, name) => page.click(`#${name} .question button:has-text("Yes")`);
// What the path of a form begins with comes a moment after the form.
const filled = (page, id) => page.waitForFunction(one => document.getElementById(one).value !== '', id);
const write = async (target, method, body, headers = {}) => {
  const reply = await fetch(server.base + target, { method, headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
  assert.ok(reply.ok, `${method} ${target}: ${reply.status}`);
  return (await reply.json()).data;
};

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
          unhelped: [...document.querySelectorAll('[aria-describedby]')].filter(one => !document.getElementById(one.getAttribute('aria-describedby'))).length,
          spoken: Math.max(...[...document.querySelectorAll('[role=status]')].map(one => one.textContent.length)),
          levels: [...document.querySelectorAll('h1,h2,h3,h4,h5')].map(heading => Number(heading.tagName[1])),
        }));
        assert.ok(seen.over <= 0, `scrolls sideways by ${seen.over}`);
        assert.equal(seen.headings, 1);
        assert.equal(seen.unlabelled, 0);
        assert.deepEqual(seen.twice, []);
        assert.deepEqual(seen.named, []);
        assert.ok(!seen.text.includes('[object'), 'elements written as text');
        assert.equal(seen.unhelped, 0);
        assert.equal(seen.spoken, 0);
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

  // The newsroom's calls answer 401 without a key, a preview or a collection cannot be guessed: they are tried as far as they go.
  test('every call that reads shows its answer, one without an end too', () => open({}, async page => {
    for (const { operationId, parameters = [], security, path } of gets()) {
      await tryIt(page, operationId);
      const needed = parameters.filter(one => one.in === 'path').map(one => `${operationId}-path-${one.name}`);
      const known = !/\{(token|id|name)\}/.test(path);
      if (known) for (const id of needed) await filled(page, id);
      else for (const id of needed) await page.fill(`#${id}`, '1');
      const q = page.locator(`#${operationId}-query-q`);
      if (parameters.some(({ name, required }) => name === 'q' && required)) await q.fill('harbour');
      await press(page, operationId);
      const expected = !security.some(one => Object.keys(one).length === 0) ? /^401 / : known ? /^200 OK/ : /^404 /;
      assert.match(await status(page, operationId), expected, operationId);
      if (operationId === 'streamEvents') await page.click('#streamEvents .buttons button:has-text("Stop")');
      await ended(page, operationId);
      if (known && expected.source === '^200 OK' && operationId !== 'streamEvents') assert.notEqual(await page.textContent(`#${operationId} .output .body`), '', operationId);
    }
  }));

  test('a stream is shown as it comes, can be stopped, and holds up nothing', () => open({}, async page => {
    await tryIt(page, 'streamEvents');
    for (let i = 0; i < 8; i++) await press(page, 'streamEvents');
    assert.match(await status(page, 'streamEvents'), /^200 OK.*stays open/);
    const { slug } = await write('/v1/articles', 'POST', { title: 'Told while it happens', source: 'S', section: 'Local', status: 'published', body_text: 'Now.' });
    await page.waitForFunction(() => /"op":"upsert"/.test(document.querySelector('#streamEvents .output .body')?.textContent));
    await tryIt(page, 'getOpenapi');
    assert.match(await send(page, 'getOpenapi'), /^200 OK/);
    await page.focus('#streamEvents .buttons button:not([type=submit])');
    await page.keyboard.press('Enter');
    await ended(page, 'streamEvents');
    assert.match(await status(page, 'streamEvents'), /^Stopped after .*200 OK/);
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Send');
    // Closing the form stops it too.
    await press(page, 'streamEvents');
    await page.click('#streamEvents .try summary');
    await ended(page, 'streamEvents');
    await write(`/v1/articles/${slug}`, 'DELETE', { reason: 'A test' }, { 'if-match': '*' });
  }));

  test('a call that waits says so, and can be stopped', () => open({}, async page => {
    await tryIt(page, 'listChanges');
    await page.fill('#listChanges-query-since', String((await (await fetch(`${server.base}/v1/changes`)).json()).meta.next_since));
    await page.fill('#listChanges-query-wait', '30');
    await page.click('#listChanges [type=submit]');
    assert.match(await status(page, 'listChanges'), /^Sent\. Waiting/);
    await page.click('#listChanges .buttons button:has-text("Stop")');
    await ended(page, 'listChanges');
    assert.match(await status(page, 'listChanges'), /^Stopped/);
  }));

  test('of everything only a part is read', () => open({}, async page => {
    await page.route('**/v1/articles.ndjson', route => route.fulfill({ contentType: 'application/x-ndjson', body: '{"title":"harbour"}\n'.repeat(20000) }));
    await tryIt(page, 'exportArticles');
    assert.match(await send(page, 'exportArticles'), /^200 OK, 200,000 characters.*There is more/);
    assert.equal((await page.textContent('#exportArticles .output .body')).length, 200000);
  }));

  test('only the line of the status is read out', () => open({}, async page => {
    await tryIt(page, 'listArticles');
    await send(page, 'listArticles');
    assert.ok((await page.textContent('#listArticles .output .body')).length > 5000);
    assert.ok(await page.evaluate(() => [...document.querySelectorAll('[role=status],[aria-live]')].every(one => one.textContent.length < 200)));
  }));

  test('paths with slashes keep them', () => open({}, async page => {
    await tryIt(page, 'getFile');
    await page.fill('#getFile-path-path', 'desk/desk.css');
    assert.match(await send(page, 'getFile'), /^200 OK/);
    assert.match(await page.textContent('#getFile .curl'), /\/static\/desk\/desk\.css'$/);
  }));

  test('fields say what they are for, and offer what may be chosen', () => open({}, async page => {
    await tryIt(page, 'listArticles');
    assert.match(await page.textContent('#listArticles-query-tag_all-help'), /With all of these tags/);
    assert.equal(await page.getAttribute('#listArticles-query-limit', 'aria-describedby'), 'listArticles-query-limit-help');
    await page.check('#listArticles-query-facets-section');
    await page.check('#listArticles-query-facets-year');
    assert.match(await page.textContent('#listArticles .curl'), /facets=section%2Cyear/);
    assert.match(await send(page, 'listArticles'), /^200 OK/);
    await tryIt(page, 'getSection');
    await page.waitForSelector('#getSection datalist option[value=sport]', { state: 'attached' });
    // What the document says is needed is.
    for (const { operationId, parameters } of gets().filter(one => /^(search|suggest|getRevision)$/.test(one.operationId))) {
      await tryIt(page, operationId);
      for (const { name, in: where, required } of parameters.map(one => one.$ref ? document.components.parameters[one.$ref.split('/').pop()] : one)) {
        const field = page.locator(`[id="${operationId}-${where}-${name}"]`);
        if (await field.count()) assert.equal(await field.evaluate(one => one.required), required === true, `${operationId} ${name}`);
      }
    }
  }));

  test('what is needed is not passed by spaces', () => open({}, async page => {
    await tryIt(page, 'getPreview');
    await page.fill('#getPreview-path-token', '  ');
    await page.focus('#getPreview [type=submit]');
    await page.keyboard.press('Enter');
    assert.equal(await status(page, 'getPreview'), '');
    assert.equal(await page.inputValue('#getPreview-path-token'), '');
  }));

  test('an error shows as it came', () => open({}, async page => {
    await tryIt(page, 'listArticles');
    await page.fill('#listArticles-query-tag', 'NO SLUG');
    assert.match(await send(page, 'listArticles'), /^400 Bad Request.*problem\+json.*bad-parameter/s);
  }));
});

describe('writing', () => {
  test('begins empty, and is asked about first', () => open({}, async page => {
    const writes = [];
    page.on('request', request => { if (request.method() !== 'GET') writes.push(`${request.method()} ${request.url()}`); });
    for (const [path, methods] of Object.entries(document.paths))
      for (const [method, { operationId, parameters = [] }] of Object.entries(methods).filter(([one]) => one !== 'get')) {
        await tryIt(page, operationId);
        assert.match(await page.textContent(`#${operationId} .warning`), /writes to the live site/, operationId);
        for (const field of await page.locator(`#${operationId} :is(input[type=text], textarea)`).all()) {
          assert.equal(await field.inputValue(), '', operationId);
          await field.fill('{}');
        }
        // Whoever presses twice has still written nothing.
        await page.focus(`#${operationId} [type=submit]`);
        await page.keyboard.press('Enter');
        await page.keyboard.press('Enter');
        assert.match(await page.textContent(`#${operationId} .question p`), new RegExp(`^${method.toUpperCase()} .*live site`), `${path} ${parameters.length}`);
        assert.ok(await page.isVisible(`#${operationId} .question`), operationId);
        await page.keyboard.press('Escape');
        assert.ok(await page.isHidden(`#${operationId} .question`), operationId);
        assert.equal(await page.evaluate(() => document.activeElement.type), 'submit', operationId);
      }
    assert.deepEqual(writes, []);
  }));

  test('If-Match is needed, and named by what was read', () => open({}, async page => {
    const { slug } = await write('/v1/articles', 'POST', { title: 'To be changed', source: 'S' });
    await page.fill('#key', key);
    await tryIt(page, 'patchArticle');
    await page.fill('#patchArticle-path-ref', slug);
    await page.fill('#patchArticle-body', '{"title": "Changed"}');
    await page.click('#patchArticle [type=submit]');
    assert.ok(await page.isHidden('#patchArticle .question'));
    await page.click('#patchArticle button:has-text("Read its ETag")');
    await page.waitForFunction(() => /^"/.test(document.getElementById('patchArticle-header-If-Match').value));
    await page.click('#patchArticle [type=submit]');
    await agree(page, 'patchArticle');
    await page.waitForSelector('#patchArticle .output .good:has-text("characters")');
    assert.match(await page.textContent('#patchArticle .output'), /^200 OK.*"title": "Changed"/s);
  }));

  test('with a key, which stays in this tab and out of the line for curl', () => open({}, async page => {
    await tryIt(page, 'createArticle');
    await page.click('#createArticle button:has-text("sample")');
    await page.click('#createArticle [type=submit]');
    await agree(page, 'createArticle');
    await page.waitForSelector('#createArticle .output .bad');
    assert.match(await status(page, 'createArticle'), /^401/);
    await page.fill('#key', key);
    // By keyboard: Send, then on to Yes.
    await page.focus('#createArticle [type=submit]');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    const [request] = await Promise.all([page.waitForRequest(one => one.method() === 'POST'), page.keyboard.press('Enter')]);
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

test('forms of another database name what that has', async () => {
  const other = await startServer({ articles: [{ title: 'The only one', slug: 'the-only-one', source: 'Elsewhere', section: 'Odd', published_at: '2026-01-01T00:00:00Z', body_text: 'One.' }] });
  await open({}, async page => {
    for (const [name, value] of [['getArticle-path-ref', 'the-only-one'], ['getSection-path-slug', 'odd'], ['feedSourceRss-path-slug', 'elsewhere']]) {
      await tryIt(page, name.split('-')[0]);
      await filled(page, name);
      assert.equal(await page.inputValue(`#${name}`), value);
      assert.match(await send(page, name.split('-')[0]), /^200 OK/);
    }
    // Nothing to begin with, and nothing is made up.
    await tryIt(page, 'getTag');
    assert.equal(await page.inputValue('#getTag-path-slug'), '');
  }, other.base).finally(async () => assert.equal(await other.stop(), 0));
});

test('at another address than its own it says so, redirects too', async () => {
  const other = await startServer({ files: [sample], args: ['--base-url', 'https://news.example'] });
  const secret = addKey(other.database, 'one', 'write');
  const renamed = await fetch(`${other.base}/v1/articles/64`, { method: 'PATCH', body: '{"slug": "renamed"}',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', 'if-match': '*' } });
  assert.equal(renamed.status, 200);
  await open({}, async page => {
    assert.equal(await page.getAttribute('#version a', 'href'), 'https://news.example/docs');
    await tryIt(page, 'getArticle');
    await filled(page, 'getArticle-path-ref');
    await page.fill('#getArticle-path-ref', 'government-drops-assist-clause-from-bill-on-messages');
    assert.match(await send(page, 'getArticle'), /^Redirected.*https:\/\/news\.example/);
    assert.equal(await page.getAttribute('#getArticle .output a', 'href'), 'https://news.example/docs');
  }, other.base).finally(async () => assert.equal(await other.stop(), 0));
});

test('the policy lets nothing in from elsewhere', async () => {
  const reply = await fetch(`${server.base}/docs`);
  assert.match(reply.headers.get('content-security-policy'), /^default-src 'none'; script-src 'self'; style-src 'self';.*frame-ancestors 'none'/);
  const html = await reply.text(), errors = [];
  assert.doesNotMatch(html, /style="|onclick|<script>|<style>/);
  parse5.parse(html, { onParseError: error => errors.push(error.code) });
  assert.deepEqual(errors, []);
});

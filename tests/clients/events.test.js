// SPDX-License-Identifier: MIT
// EventSource in Chromium: a server that goes and comes back in between, nothing missed and nothing told twice; and what the website makes of it.
'use strict';

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');

const { launch } = require('./browser.js');
const { startServer } = require('./server.js');

const story = (n, more = {}) => ({
  guid: `event-${n}`, title: `Story number ${n}`, source: 'Wire', section: n % 2 ? 'Odd' : 'Even', body_text: 'Text.',
  published_at: new Date(Date.UTC(2020, 0, 1) + n * 60000).toISOString(), ...more,
});
let server, browser;

before(async () => {
  server = await startServer({ articles: [1, 2, 3, 4].map(n => story(n)) });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0, 'the server ends cleanly');
});

const seen = (page, n) => page.waitForFunction(count => window.heard.length >= count, n, { timeout: 20000 });

describe('event streams', () => {
  test('nothing is missed over a restart', async () => {
    const page = await browser.newPage();

    await page.goto(`${server.base}/search`);
    await page.evaluate(() => {
      window.heard = [];
      window.opened = 0;
      const events = new EventSource('/v1/events?since=0');

      events.onopen = () => window.opened++;
      events.onmessage = event => window.heard.push({ last: event.lastEventId, ...JSON.parse(event.data) });
    });
    await seen(page, 4);
    server.add([story(5), story(6)]);
    await seen(page, 6);
    assert.equal(await server.halt(), 0, 'a server with streams open ends cleanly');
    server.add([story(7), story(1, { title: 'Told otherwise' })]);
    await server.resume();
    await seen(page, 8);
    server.add([story(8)]);
    await seen(page, 9);

    const heard = await page.evaluate(() => window.heard);
    const seqs = heard.map(row => row.seq);

    assert.deepEqual(heard.map(row => String(row.seq)), heard.map(row => row.last));
    assert.deepEqual(seqs, [...new Set(seqs)].sort((a, b) => a - b), 'each once, in order');
    assert.equal(heard.at(-2).rev, 2);
    assert.equal(new Set(heard.map(row => row.last)).size, 9);
    assert.ok(await page.evaluate(() => window.opened) >= 2);
    await page.close();
  });

  test('the front page and a section say what is new, and nothing moves', async () => {
    const front = await browser.newPage(), odd = await browser.newPage();
    const errors = [];

    for (const page of [front, odd]) page.on('pageerror', error => errors.push(error)).on('console', message => message.type() === 'error' && errors.push(message.text()));
    const streams = [front, odd].map(page => page.waitForResponse(response => response.url().includes('/v1/events')));
    await front.goto(`${server.base}/`);
    await odd.goto(`${server.base}/section/odd`);
    await Promise.all(streams);
    const place = () => front.evaluate(() => document.querySelector('main').getBoundingClientRect().top);
    const top = await place();

    server.add([story(20), story(21), story(22), story(2, { title: 'An old one, edited' })]);
    const button = front.locator('.news button');
    await front.waitForFunction(() => document.querySelector('.news button')?.textContent === '3 new articles', null, { timeout: 20000 });
    await odd.waitForFunction(() => document.querySelector('.news button')?.textContent === '1 new article', null, { timeout: 20000 });
    assert.equal(await place(), top);
    assert.equal(await front.locator('.news').getAttribute('role'), 'status');
    assert.ok(!(await front.content()).includes('Story number 22'));
    if (process.env.SCREENSHOTS) await front.screenshot({ path: `${process.env.SCREENSHOTS}/news.png` });
    await Promise.all([front.waitForEvent('load'), button.click()]);
    await front.getByText('Story number 22').first().waitFor();
    assert.equal(await front.locator('.news button').count(), 0);
    assert.deepEqual(errors, []);
    await front.close();
    await odd.close();
  });

  test('what came while the page was not to be seen is told, from the first moment on', async () => {
    const front = await browser.newPage();
    const asked = [];

    await front.addInitScript(() => {
      window.isHidden = true;
      Object.defineProperty(document, 'hidden', { get: () => window.isHidden });
      window.show = isShown => { window.isHidden = !isShown; document.dispatchEvent(new Event('visibilitychange')); };
    });
    front.on('request', request => request.url().includes('/v1/events') && asked.push(request.url()));
    await front.goto(`${server.base}/`);
    server.add([story(30), story(31)]);
    assert.deepEqual(asked, [], 'nobody listens for a page that is not to be seen');
    await front.evaluate(() => window.show(true));
    await front.waitForFunction(() => document.querySelector('.news button')?.textContent === '2 new articles', null, { timeout: 20000 });
    await front.evaluate(() => window.show(false));
    server.add([story(32)]);
    await front.evaluate(() => window.show(true));
    await front.waitForFunction(() => document.querySelector('.news button')?.textContent === '3 new articles', null, { timeout: 20000 });
    await front.close();
  });

  test('a page that was told of a history that is lost begins anew', async () => {
    const front = await browser.newPage();
    const asked = [];

    await front.addInitScript(() => { const later = window.setTimeout; window.setTimeout = (run, ms, ...rest) => later(run, Math.min(ms, 50), ...rest); });
    front.on('request', request => request.url().includes('/v1/events') && asked.push(`${request.method()} ${new URL(request.url()).searchParams.get('since')}`));
    const statuses = [503, 503, 410, 410];
    await front.route('**/v1/events?*', route => statuses.length ? route.fulfill({ status: statuses.shift(), body: '{}' }) : route.continue());
    await front.goto(`${server.base}/`);
    await front.waitForResponse(response => response.url().includes('/v1/events') && response.status() === 200);
    const seq = asked[0].split(' ')[1];
    assert.deepEqual(asked, [`GET ${seq}`, `HEAD ${seq}`, `GET ${seq}`, `HEAD ${seq}`, 'GET now']);
    assert.match(seq, /^[0-9]+$/);
    await front.close();
  });
});

// SPDX-License-Identifier: MIT
// The newsroom's page in Chromium: every step of an article's life, by pointer and by keyboard, with reloads, a lost connection and a colleague in
// between.
'use strict';

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');

const { launch } = require('./browser.js');
const { lowContrasts } = require('./colours.js');
const { sample, startServer } = require('./server.js');

let server, browser;

before(async () => {
  server = await startServer({
    files: [sample],
    keys: { editor: 'read_drafts,write', reader: 'read_drafts', writer: 'write' },
    args: ['--site-name', 'The Test'],
  });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0, 'the server ends cleanly');
});

// What the API says, asked apart from the page.
async function api(method, target, body, headers = {}) {
  const response = await fetch(server.base + target, {
    method,
    body: body && JSON.stringify(body),
    headers: { Authorization: `Bearer ${server.keys.editor}`, ...(body && { 'Content-Type': 'application/json' }), ...headers },
  });
  const text = await response.text();

  assert.ok(response.ok, `${method} ${target}: ${response.status} ${text}`);
  return JSON.parse(text).data;
}

const article = id => api('GET', `/v1/articles/${id}`);
const make = (title, more = {}) =>
  api('POST', '/v1/articles', { title, source: 'The Test', section: 'Local', body_html: '<p>One two three.</p>', ...more });
const patch = (id, body) => api('PATCH', `/v1/articles/${id}`, body, { 'If-Match': '*' });

// Answered here: nothing is asked for elsewhere.
const pictures = 'https://pictures.example/';
const dot = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAEElEQVR4nGM4YWAAQQxwFgBJBAbxfeULCgAAAABJRU5ErkJggg==', 'base64');

// A signed-in desk at `hash`. What a page complains of, asks for elsewhere or does against its policy is a failure; `lost` allows for what fails
// without a connection.
async function desk(hash, use, { lost = false, key = server.keys.editor, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', timezoneId: 'America/Toronto', ...options }),
    complaints = [];

  context.on('page', page => {
    page.on('console', message => {
      if (
        ['error', 'warning'].includes(message.type()) &&
        !/status of 4\d\d/.test(message.text()) &&
        !(lost && /ERR_INTERNET_DISCONNECTED|ERR_FAILED/.test(message.text()))
      )
        complaints.push(`console: ${message.text()}`);
    });
    page.on('pageerror', error => complaints.push(`error: ${error.stack}`));
    page.on('request', request => {
      if (!request.url().startsWith(server.base + '/') && !request.url().startsWith(pictures) && !/^(about|data):/.test(request.url()))
        complaints.push(`elsewhere: ${request.url()}`);
    });
  });
  await context.route(`${pictures}**`, route => route.fulfill({ contentType: 'image/png', body: dot }));
  await context.addInitScript(given => {
    if (location.protocol !== 'http:') return;    // the blank page before
    if (given && !sessionStorage.getItem('desk:key')) sessionStorage.setItem('desk:key', given);
    addEventListener('securitypolicyviolation', event => console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
  }, key);
  const page = await context.newPage();
  context.setDefaultTimeout(8000);
  try {
    await page.goto(`${server.base}/desk#${hash}`);
    await use(page, context);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

const state = page => page.locator('.states .state');
const isSaved = async page => {
  await state(page)
    .filter({ hasText: /^Saved/ })
    .waitFor();
};
const text = page => page.locator('.body-editor .body');
const act = (page, name) => page.locator('.form-head').getByRole('button', { name, exact: true }).click();
const answer = (page, name) => page.locator('dialog').getByRole('button', { name, exact: true }).click();
const idOf = async page => {
  await page.waitForURL(/#\/article\/\d+$/);
  return Number(/\d+$/.exec(page.url())[0]);
};
const open = (id, use, options) =>
  desk(
    `/article/${id}`,
    async (page, context) => {
      await page.locator('.article-form').waitFor();
      await use(page, context);
    },
    options,
  );

describe('the page', () => {
  test('has a policy of its own, and nothing points to it', async () => {
    const response = await fetch(`${server.base}/desk`),
      html = await response.text();

    assert.equal(
      response.headers.get('content-security-policy'),
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    assert.match(response.headers.get('cache-control'), /^public/);
    assert.match(html, /<meta name="robots" content="noindex">/);
    assert.doesNotMatch(html, /<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/);
    assert.doesNotMatch(await (await fetch(`${server.base}/`)).text(), /\/desk/);
    assert.match(await (await fetch(`${server.base}/robots.txt`)).text(), /^Disallow: \/desk$/m);
    for (const [, file] of html.matchAll(/(?:href|src)="(\/static\/[^"?]+)/g)) assert.equal((await fetch(server.base + file)).status, 200, file);
  });

  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1280, 390]) {
      test(`fits ${width} pixels, and can be read in ${colorScheme} colours`, async () => {
        const { id } = await make('Something to look at', { tags: [{ name: 'Rink', type: 'place' }] });
        await patch(id, { title: 'Something else to look at' });
        await desk(
          '/draft',
          async page => {
            for (const [hash, ready] of [
              ['/draft', '.rows h2'],
              ['/published', '.rows h2'],
              [`/article/${id}`, '.article-form'],
              [`/article/${id}/history`, '.differences .choice'],
              ['/front-page', '.collection'],
              ['/sections', '.section-list'],
            ]) {
              await page.goto(`${server.base}/desk#${hash}`);
              await page.locator(ready).first().waitFor();
              await page.evaluate(() =>
                document.querySelectorAll('details').forEach(details => {
                  details.open = true;
                }),
              );
              const seen = await page.evaluate(() => ({
                over: document.documentElement.scrollWidth - innerWidth,
                headings: document.querySelectorAll('h1').length,
                unnamed: [...document.querySelectorAll('input, select, textarea, [contenteditable]')]
                  .filter(input => !input.labels?.length && !input.ariaLabel)
                  .map(input => input.outerHTML),
                small: [...document.querySelectorAll('main button, main select')]
                  .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 24)
                  .map(one => one.outerHTML),
                twice: [...document.querySelectorAll('[id]')].map(one => one.id).filter((one, i, all) => all.indexOf(one) !== i),
              }));
              assert.deepEqual(seen, { over: 0, headings: 1, unnamed: [], small: [], twice: [] }, hash);
              assert.deepEqual(await page.evaluate(lowContrasts), [], hash);
            }
          },
          { colorScheme, viewport: { width, height: 844 } },
        );
      });
    }
  }
});

describe('signing in', () => {
  const signIn = async (page, key) => {
    await page.getByLabel('Key', { exact: true }).fill(key);
    await page.keyboard.press('Enter');
  };
  const kept = page => page.evaluate(() => [sessionStorage.getItem('desk:key'), localStorage.getItem('desk:key')]);

  test('tells an unknown key from one that may not', () =>
    desk(
      '/draft',
      async page => {
        await signIn(page, 'bs_nothing');
        await page.getByText(/^This key opens nothing/).waitFor();
        assert.deepEqual(await kept(page), [null, null]);
        await signIn(page, server.keys.writer);
        await page.getByText(/^This key may not read drafts/).waitFor();
        assert.deepEqual(await kept(page), [null, null]);
      },
      { key: null },
    ));

  test('stays in the tab, or in the browser when asked to, until signing out', () =>
    desk(
      '/draft',
      async page => {
        await signIn(page, server.keys.editor);
        await page.locator('.tabs').waitFor();
        assert.deepEqual(await kept(page), [server.keys.editor, null]);
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.getByLabel('Keep me signed in').check();
        assert.deepEqual(await kept(page), [null, null]);
        await signIn(page, server.keys.editor);
        await page.locator('.tabs').waitFor();
        assert.deepEqual(await kept(page), [null, server.keys.editor]);
      },
      { key: null },
    ));

  test('a key that may only read is told so at the first save, and the text stays', async () => {
    const { id } = await make('Only to be read');
    await open(
      id,
      async page => {
        await page.getByLabel('Headline').fill('Changed by a reader');
        await page.keyboard.press('Control+s');
        await page
          .getByText(/"write"|write/)
          .first()
          .waitFor();
        assert.equal(await page.getByLabel('Headline').inputValue(), 'Changed by a reader');
        assert.equal((await article(id)).title, 'Only to be read');
      },
      { key: server.keys.reader },
    );
  });

  test('a key that was lost in between is asked for over the text', async () => {
    const { id } = await make('Key lost in between');
    await open(id, async page => {
      await page.evaluate(() => sessionStorage.setItem('desk:key', 'bs_revoked'));
      await page.getByLabel('Headline').fill('Kept over the sign-in');
      await page.keyboard.press('Control+s');
      await page.getByText(/What you wrote is still here/).waitFor();
      await signIn(page, server.keys.editor);
      await page.locator('dialog').waitFor({ state: 'detached' });
      await page.keyboard.press('Control+s');
      await isSaved(page);
      assert.equal((await article(id)).title, 'Kept over the sign-in');
    });
  });
});

describe('lists', () => {
  test('show what there is, search it, and turn pages', () =>
    desk('/published', async page => {
      await page.locator('.rows h2').first().waitFor();
      const first = await page.locator('.rows h2').first().textContent();
      assert.equal(await page.locator('.rows h2').count(), 20);
      await page.waitForFunction(() => /^\d+$/.test(document.querySelector('.tabs [aria-current] .count').textContent));
      await page.getByRole('button', { name: 'Older →' }).click();
      await page.getByRole('button', { name: '← Newer' }).click();
      await page.getByRole('heading', { name: first }).waitFor();
      await page.getByLabel('Search in published').fill('bridge');
      await page.waitForFunction(before => document.querySelector('.rows h2')?.textContent !== before, first);
      assert.match(page.url(), /q=bridge$/);
      await page.getByLabel('Search in published').fill('xylophonist');
      await page.getByText('Nothing among the published matches.').waitFor();
    }));
});

describe('an article', () => {
  test('from the first word to the last: written, published, corrected, withdrawn, brought back', () =>
    desk('/new', async page => {
      await page.getByLabel('Headline').fill('Ferry sails again');
      await page.getByLabel('Standfirst').fill('After a winter in the dock.');
      await page.getByLabel('Source').fill('The Test');
      await page.getByLabel('Section').fill('Harb');
      await page.getByLabel('Section').fill('Harbour News');
      await page.getByLabel('Byline').fill('By Jo Doe');
      await text(page).click();
      await page.keyboard.type('The ferry is back.');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Control+b');
      await page.keyboard.type('Slowly');
      await page.keyboard.press('Control+b');
      await page.keyboard.type(' at first.');
      await page
        .locator('.words')
        .filter({ hasText: /^7 words$/ })
        .waitFor();
      await page.getByLabel('Tags').fill('Ferr');
      await page.getByLabel('Tags').fill('Ferries');
      await page.keyboard.press('Enter');
      await page.getByLabel('Type of Ferries').selectOption('event');
      await page.locator('summary').filter({ hasText: 'Picture' }).click();
      await page.getByLabel('Address', { exact: true }).fill(`https://pictures.example/ferry.jpg`);
      await page.getByLabel('What it shows').fill('A ferry');
      await page.getByText('3 × 2').waitFor();
      await page.locator('summary').filter({ hasText: 'Authors' }).click();
      await page.getByLabel('Authors').fill('Jo Doe, Al Roe,');
      await page.getByLabel('Dateline').fill('HARBOUR');
      await page.getByLabel('Language').fill('en');
      await page.locator('summary').filter({ hasText: 'Related' }).click();
      await page.getByLabel('Add a related article').fill('bridge');
      await page.locator('.ordered + .field [role=option]').first().click();
      await page.locator('summary').filter({ hasText: 'Rights' }).click();
      await page.getByLabel('Holder').fill('The Test Ltd');
      await act(page, 'Save');
      const id = await idOf(page);
      await isSaved(page);
      const draft = await article(id);
      assert.equal(draft.status, 'draft');
      assert.equal(draft.body_html.replace(/\n/g, ''), '<p>The ferry is back.</p><p><strong>Slowly</strong> at first.</p>');
      assert.deepEqual(
        [
          draft.section.name,
          draft.byline,
          draft.dateline,
          draft.lang,
          draft.image.url,
          draft.image.alt,
          draft.image.width,
          draft.rights.holder,
          draft.word_count,
        ],
        ['Harbour News', 'By Jo Doe', 'HARBOUR', 'en', 'https://pictures.example/ferry.jpg', 'A ferry', 3, 'The Test Ltd', 7],
      );
      assert.deepEqual(
        draft.tags.map(({ name, type }) => [name, type]),
        [['Ferries', 'event']],
      );
      assert.deepEqual(
        draft.authors.map(({ name }) => name),
        ['Jo Doe', 'Al Roe'],
      );
      assert.equal(draft.related_ids.length, 1);

      await act(page, 'Publish…');
      await answer(page, 'Publish');
      await page.locator('.status.published').waitFor();
      assert.equal((await fetch(`${server.base}/v1/articles/${id}`)).status, 200);

      await text(page).click();
      await page.keyboard.press('Control+End');
      await page.keyboard.type(' Then faster.');
      await act(page, 'Correct…');
      await page.getByLabel('What was wrong').fill('It is faster than was said.');
      await answer(page, 'Save and tell readers');
      await page.locator('dialog').waitFor({ state: 'detached' });
      await isSaved(page);
      const corrected = await article(id);
      assert.match(corrected.body_text, /Then faster\.$/);
      assert.deepEqual(
        corrected.corrections.map(({ kind, text: words }) => [kind, words]),
        [['correction', 'It is faster than was said.']],
      );

      await act(page, 'Withdraw…');
      await page.getByLabel('Reason').fill('It sank');
      await answer(page, 'Withdraw');
      await page.locator('.status.withdrawn').waitFor();
      assert.equal((await fetch(`${server.base}/v1/articles/${id}`)).status, 410);
      assert.equal((await article(id)).reason, 'It sank');

      await act(page, 'Publish again…');
      await answer(page, 'Publish');
      await page.locator('.status.published').waitFor();
      assert.equal((await fetch(`${server.base}/v1/articles/${id}`)).status, 200);
      // Remembered for the next one.
      await page.goto(`${server.base}/desk#/new`);
      await page.waitForFunction(() => document.querySelector('.about')?.textContent === 'New draft');
      assert.equal(await page.getByLabel('Source').inputValue(), 'The Test');
    }));

  test('scheduled on the clock of whoever looks, moved, and taken back', async () => {
    const { id } = await make('Comes out later');
    await open(id, async page => {
      await act(page, 'Schedule…');
      await page.getByLabel('Comes out at').fill('2001-01-01T10:00');
      await answer(page, 'Schedule');
      await page.getByText('This moment is over').waitFor();
      await page.getByLabel('Comes out at').fill('2099-07-01T10:00');
      await page.getByText(/America\/Toronto; 1 Jul, 14:00 UTC/).waitFor();
      await page.getByLabel(/Withdrawn by itself/).fill('2099-08-01T10:00');
      await answer(page, 'Schedule');
      await page.locator('.status.scheduled').waitFor();
      const scheduled = await article(id);
      assert.deepEqual([scheduled.status, scheduled.publish_at, scheduled.expire_at], ['scheduled', '2099-07-01T14:00:00Z', '2099-08-01T14:00:00Z']);
      await act(page, 'Back to draft');
      await page.locator('.status.draft').waitFor();
      assert.equal((await article(id)).status, 'draft');
    });
  });

  test('is previewed in a tab of its own, saved before', async () => {
    const { id } = await make('To be previewed');
    await open(id, async (page, context) => {
      await page.getByLabel('Headline').fill('Previewed as it is now');
      const [tab] = await Promise.all([context.waitForEvent('page'), act(page, 'Preview')]);
      await tab.getByRole('heading', { name: 'Previewed as it is now' }).waitFor();
      assert.match(tab.url(), /\/preview\//);
      assert.equal((await article(id)).status, 'draft');
    });
  });

  test('every wrong field is named where it is, and the first gets the focus', () =>
    desk('/new', async page => {
      await page.getByLabel('Byline').fill('By Nobody');
      await page.locator('summary').filter({ hasText: 'Authors' }).click();
      await page.getByLabel('Language').fill('not a language');
      await page.locator('summary').filter({ hasText: 'Authors' }).click();
      await page.getByLabel('Source').fill('');
      await page.keyboard.press('Control+s');
      await page.getByText('3 fields are not right').waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.labels[0].textContent), 'Headline');
      assert.deepEqual(
        await page.evaluate(() =>
          [...document.querySelectorAll('[aria-invalid]')].filter(one => one.checkVisibility()).map(one => one.labels[0].textContent),
        ),
        ['Headline', 'Source', 'Language'],
      );
      await page.getByLabel('Headline').fill('Now with one');
      await page.getByLabel('Source').fill('The Test');
      await page.getByLabel('Language').fill('en');
      await page.keyboard.press('Control+s');
      await isSaved(page);
      assert.equal(await page.locator('[aria-invalid]').count(), 0);
    }));

  test('keyboard alone: from the list to a published article', () =>
    desk('/draft', async page => {
      const tabTo = async (name, most = 80) => {
        for (let i = 0; i < most; i++) {
          await page.keyboard.press('Tab');
          const at = await page.evaluate(() => {
            const e = document.activeElement;
            return e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent ?? e.textContent;
          });
          if (at === name) return;
        }
        assert.fail(`no way by Tab to ${name}`);
      };
      await page.locator('.tabs').waitFor();
      await tabTo('New article');
      await page.keyboard.press('Enter');
      await page.locator('.article-form').waitFor();
      await page.waitForFunction(() => document.activeElement.classList.contains('headline-input'));
      await page.keyboard.type('By keys alone');
      await tabTo('Text');
      await page.keyboard.type('Words');
      await tabTo('Section');
      await page.keyboard.type('loc');
      await page.locator('[role=option]').first().waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      assert.equal(await page.getByLabel('Section').inputValue(), 'Local');
      await tabTo('Source');
      await page.keyboard.press('Control+a');
      await page.keyboard.type('The Test');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+s');
      await isSaved(page);
      await page.evaluate(() => document.activeElement.blur());
      await tabTo('Publish…');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.activeElement.textContent === 'Publish');
      await page.keyboard.press('Enter');
      await page.locator('.status.published').waitFor();
      const made = await article(await idOf(page));
      assert.deepEqual([made.title, made.status, made.section.name], ['By keys alone', 'published', 'Local']);
    }));
});

describe('the text', () => {
  const written = page =>
    page.evaluate(async () => {
      const { normal } = await import('/static/desk/clean.js');
      return normal(document.querySelector('.body-editor .body').innerHTML);
    });
  const paste = (page, html, plain = '') =>
    page.evaluate(
      ([rich, words]) => {
        const data = new DataTransfer();
        data.setData('text/html', rich);
        data.setData('text/plain', words);
        document
          .querySelector('.body-editor .body')
          .dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
      },
      [html, plain],
    );
  const empty = async use => {
    const { id } = await make('Text', { body_html: '' });
    await open(id, async page => {
      await text(page).click();
      await use(page, id);
    });
  };
  const tool = (page, name) => page.getByRole('toolbar').getByRole('button', { name }).click();

  test('headings, lists, quotes, links and pictures', () =>
    empty(async (page, id) => {
      await page.keyboard.type('Title');
      await page.getByLabel('Kind of paragraph').selectOption('h2');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.querySelector('.bar select').value === 'p');
      await page.keyboard.type('First');
      await page.keyboard.press('Enter');
      await tool(page, 'Bulleted list');
      await page.keyboard.type('one');
      await page.keyboard.press('Enter');
      await page.keyboard.type('two');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Enter');
      await page.keyboard.type('said');
      await tool(page, 'Quote');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Enter');
      await page.keyboard.type('See ');
      await page.keyboard.press('Control+k');
      await page.getByLabel('Address').last().fill('javascript:alert(1)');
      await page.getByRole('button', { name: 'Set link' }).click();
      await page.getByText('An address begins with').waitFor();
      await page.locator('dialog').getByLabel('Address').fill('https://example.org/');
      await page.locator('dialog').getByLabel('Words').fill('there');
      await page.keyboard.press('Enter');
      await page.locator('dialog').waitFor({ state: 'detached' });
      await page.keyboard.press('Control+s');
      await isSaved(page);
      assert.equal(
        (await article(id)).body_html.replace(/\n/g, ''),
        '<h2>Title</h2><p>First</p><ul><li>one</li><li>two</li></ul><blockquote><p>said</p></blockquote><p>See <a href="https://example.org/" rel="nofollow noopener">there</a></p>',
      );
    }));

  test('what is pasted is cleaned', () =>
    empty(async page => {
      await page.evaluate(() => {
        window.hit = 0;
      });
      await paste(
        page,
        `<html><head><style>p { color: red }</style></head><body><!--StartFragment--><b style="font-weight:normal" id="docs-internal-guid-1"><p dir="ltr" style="line-height:1.4"><span style="font-weight:700;color:#f00">Bold</span><span> and </span><span style="font-style:italic">slanted</span></p><h1>Head</h1><div onclick="hit=1">Loose <a href="javascript:hit=1">bad</a> <a href="https://a.example/?x=1&amp;y=2" target=_blank>good</a></div><ul><li><p>item</p></li></ul><img src="x" onerror="hit=1"><script>hit=1</script></b></body></html>`,
      );
      assert.equal(
        await written(page),
        '<p><strong>Bold</strong> and <em>slanted</em></p><h2>Head</h2><p>Loose bad <a href="https://a.example/?x=1&amp;y=2">good</a></p><ul><li>item</li></ul>',
      );
      assert.equal(await page.locator('.body-editor [style], .body-editor script').count(), 0);
      assert.equal(await page.evaluate(() => window.hit), 0);
      await page.keyboard.press('Control+a');
      await page.keyboard.press('Delete');
      await paste(page, '', 'First paragraph\n\nSecond <b>paragraph</b>');
      assert.equal(await written(page), '<p>First paragraph</p><p>Second &lt;b&gt;paragraph&lt;/b&gt;</p>');
      await page.keyboard.press('Control+z');
    }));

  test('joining blocks leaves no style behind', async () => {
    const { id } = await make('Joined', { body_html: '<h2>Head</h2><p>tail <strong>bold</strong></p>' });
    await open(id, async page => {
      await text(page).locator('p').click();
      await page.keyboard.press('Home');
      await page.keyboard.press('Backspace');
      await page.keyboard.press('Control+s');
      await isSaved(page);
      assert.equal((await article(id)).body_html.trim(), '<h2>Headtail <strong>bold</strong></h2>');
    });
  });

  // Keys pressed at random: whatever they come to is whole paragraphs, no style of the browser's, and reads the same when the server has cleaned it.
  test('stays in shape whatever is done to it', () =>
    empty(async (page, id) => {
      const pastes = [
        '<p>pasted one</p><p>pasted <b>two</b></p>',
        '<b>bold words</b>',
        '<ul><li>x</li><li>y</li></ul>',
        '<h1>H</h1>text',
        '<table><tr><td>c1</td><td>c2</td></tr></table>',
      ];
      const keys = [
        'Enter',
        'Enter',
        'Backspace',
        'Delete',
        'Home',
        'End',
        'ArrowUp',
        'ArrowDown',
        'Shift+ArrowUp',
        'Shift+ArrowDown',
        'Shift+Home',
        'Control+b',
        'Control+i',
        'Control+z',
        'Control+Shift+z',
        'Shift+Enter',
        'Control+Home',
        'Control+End',
      ];
      const tools = ['Bulleted list', 'Numbered list', 'Quote'],
        done = [];
      let seed = 20261125;
      const pick = list => {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        return list[(seed >> 16) % list.length];
      };

      for (let i = 1; i <= 150; i++) {
        const act = pick(['type', 'type', 'key', 'key', 'key', 'key', 'tool', 'paste', 'kind']),
          what = pick({ type: ['abc', '. ', ' word', '“é”'], key: keys, tool: tools, paste: pastes, kind: ['p', 'h2', 'h3', 'h4'] }[act]);
        done.push(`${act} ${what}`);
        if (act === 'type') await page.keyboard.type(what);
        else if (act === 'key') await page.keyboard.press(what);
        else if (act === 'tool') await tool(page, what);
        else if (act === 'paste') await paste(page, what);
        else await page.getByLabel('Kind of paragraph').selectOption(what);
        const odd = await text(page).evaluate(
          box =>
            [...box.childNodes].filter(node => !/^(P|H2|H3|H4|UL|OL|BLOCKQUOTE|TABLE)$/.test(node.nodeName)).length +
            box.querySelectorAll('span, div, p p, p ul, [style]').length,
        );
        assert.equal(odd, 0, `${done.slice(-6).join(', ')}: ${await text(page).innerHTML()}`);
        if (i % 25) continue;
        const sent = await written(page),
          got = (await patch(id, { body_html: sent })).body_html ?? '';
        assert.equal(await page.evaluate(async html => (await import('/static/desk/clean.js')).normal(html), got), sent, done.slice(-25).join(', '));
      }
    }));

  test('what the desk has no button for stays as it is', async () => {
    const body =
      '<p>Sum: x<sup>2</sup></p><figure><img src="https://nowhere.example/a.png" alt="A"><figcaption>Words <em>below</em></figcaption></figure><table><tr><th>a</th><td colspan="2">b</td></tr></table><pre>a\n  b</pre><ol start="3"><li>three</li></ol><hr><p>end</p>';
    const { id } = await make('Rich', { body_html: body }),
      before = (await article(id)).body_html;
    await desk('/draft', async page => {
      const round = await page.evaluate(async html => (await import('/static/desk/clean.js')).normal(html), before);
      assert.equal((await patch(id, { body_html: round })).body_html, before);
    });
  });
});

describe('nothing is lost', () => {
  test('a reload brings back what was typed, in a new article and in an old one', async () => {
    const { id } = await make('Before the reload');
    await open(id, async page => {
      await text(page).click();
      await page.keyboard.press('Control+End');
      await page.keyboard.type(' And more');
      await state(page).filter({ hasText: 'Kept in this browser' }).waitFor();
      await page.reload();
      await page.getByText(/was brought back/).waitFor();
      assert.match(await text(page).textContent(), /And more$/);
      await page.keyboard.press('Control+s');
      await isSaved(page);
      assert.match((await article(id)).body_text, /And more$/);
      await page.reload();
      await page.locator('.article-form').waitFor();
      assert.equal(await page.getByText(/was brought back/).count(), 0);

      await page.goto(`${server.base}/desk#/new`);
      await page.waitForFunction(() => document.querySelector('.about')?.textContent === 'New draft');
      await page.getByLabel('Headline').fill('Never saved');
      await page.goto(`${server.base}/desk#/draft`);
      await page.getByRole('link', { name: 'Never saved' }).click();
      await page.getByText(/was brought back/).waitFor();
      assert.equal(await page.getByLabel('Headline').inputValue(), 'Never saved');
      await page.getByRole('button', { name: 'Throw it away' }).click();
      await answer(page, 'Throw away');
      await page.locator('.tabs').waitFor();
      assert.equal(await page.evaluate(() => Object.keys(localStorage).filter(key => key.startsWith('desk:text:')).length), 0);
    });
  });

  test('a browser without room says so', async () => {
    const { id } = await make('No room');
    await open(id, async page => {
      await page.evaluate(() => {
        Storage.prototype.setItem = () => {
          throw new DOMException('full', 'QuotaExceededError');
        };
      });
      await page.getByLabel('Headline').fill('Nowhere to be kept');
      await state(page).filter({ hasText: 'no room' }).waitFor();
      await page.keyboard.press('Control+s');
      await isSaved(page);
    });
  });

  test('a tab that crashes', async () => {
    const { id } = await make('Before the crash');
    await open(id, async (page, context) => {
      await page.getByLabel('Headline').fill('Typed before the crash');
      const session = await context.newCDPSession(page);
      session.send('Page.crash').catch(() => {});
      await page.waitForEvent('crash');
      const other = await context.newPage();
      await other.goto(`${server.base}/desk#/article/${id}`);
      await other.getByText(/was brought back/).waitFor();
      assert.equal(await other.getByLabel('Headline').inputValue(), 'Typed before the crash');
    });
  });

  test('a lost connection: kept, told, and saved when it is back', async () => {
    const { id } = await make('Before the tunnel');
    await open(
      id,
      async (page, context) => {
        await context.setOffline(true);
        await page.getByLabel('Headline').fill('Written in the tunnel');
        await page.keyboard.press('Control+s');
        await state(page)
          .filter({ hasText: /No connection/ })
          .waitFor();
        assert.equal((await article(id)).title, 'Before the tunnel');
        await context.setOffline(false);
        await isSaved(page);
        assert.equal((await article(id)).title, 'Written in the tunnel');
      },
      { lost: true },
    );
  });

  test('an answer that is lost: neither a second article nor a conflict with oneself', () =>
    desk(
      '/new',
      async page => {
        let posts = 0,
          patches = 0;
        // The server gets the first of each; the page does not hear of it.
        await page.route('**/v1/articles', async route => {
          if (route.request().method() !== 'POST' || posts++ > 0) {
            await route.continue();
            return;
          }
          await route.fetch();
          await route.abort();
        });
        await page.route('**/v1/articles/*', async route => {
          if (route.request().method() !== 'PATCH' || patches++ > 0) {
            await route.continue();
            return;
          }
          await route.fetch();
          await route.abort();
        });
        await page.getByLabel('Headline').fill('Written but once');
        await page.getByLabel('Source').fill('The Test');
        await page.keyboard.press('Control+s');
        await state(page)
          .filter({ hasText: /No connection/ })
          .waitFor();
        await page.getByLabel('Headline').fill('Written but once, and changed');
        await page.keyboard.press('Control+s');
        const id = await idOf(page);
        await page.evaluate(() => dispatchEvent(new Event('online')));
        await isSaved(page);
        assert.equal((await article(id)).title, 'Written but once, and changed');
        assert.equal(await page.locator('.conflict').count(), 0);
        const found = await api('GET', '/v1/articles?status=draft&limit=100&fields=id,title');
        assert.equal(found.filter(one => one.title.startsWith('Written but once')).length, 1);
        assert.deepEqual([posts, patches], [2, 2]);
      },
      { lost: true },
    ));

  test('two tabs on one article keep a text each', async () => {
    const { id } = await make('In two tabs');
    await open(id, async (page, context) => {
      const other = await context.newPage();
      await other.goto(`${server.base}/desk#/article/${id}`);
      await other.locator('.article-form').waitFor();
      await page.getByLabel('Headline').fill('From the first tab');
      await other.getByText(/open in another tab too/).waitFor();
      await other.getByLabel('Byline').fill('By the second tab');
      const kept = await page.evaluate(() =>
        Object.keys(localStorage)
          .filter(key => key.startsWith('desk:text:'))
          .map(key => JSON.parse(localStorage[key]).values)
          .map(({ title, byline }) => [title, byline]),
      );
      assert.deepEqual(kept.sort(), [
        ['From the first tab', ''],
        ['In two tabs', 'By the second tab'],
      ]);
    });
  });

  test('a conflict shows both, field by field, and loses neither', async () => {
    const { id } = await make('Mine and theirs', { byline: 'By Nobody' });
    await open(
      id,
      async page => {
        await page.getByLabel('Headline').fill('Mine');
        await text(page).click();
        await page.keyboard.press('Control+End');
        await page.keyboard.type(' My end.');
        await patch(id, { title: 'Theirs', byline: 'By Them' });
        await page.keyboard.press('Control+s');
        await page.getByRole('heading', { name: 'Someone else saved this article meanwhile' }).waitFor();
        assert.deepEqual(await page.locator('.choice legend').allTextContents(), [
          'HeadlineBoth of you changed this',
          'TextOnly you changed this',
          'BylineOnly they changed this',
        ]);
        assert.deepEqual(await page.locator('.choice input:checked').evaluateAll(all => all.map(one => one.value)), ['mine', 'theirs']);
        assert.deepEqual(await page.locator('.choice ins').allTextContents(), ['Mine', ' My end.', 'Nobody']);
        assert.deepEqual(
          (await page.locator('.choice del').allTextContents()).filter(one => one.trim()),
          ['Theirs', 'Them'],
        );
        // Put off, and a reload: mine is still here.
        await page.getByRole('button', { name: 'Decide later' }).click();
        await page.reload();
        await page.getByText(/There is a newer version/).waitFor();
        assert.equal(await page.getByLabel('Headline').inputValue(), 'Mine');
        await page.getByRole('button', { name: 'Compare' }).click();
        await page.getByRole('button', { name: 'Save what is chosen' }).click();
        await page.getByText('Choose one of the two').first().waitFor();
        assert.equal((await article(id)).title, 'Theirs');
        await page.locator('.choice').nth(1).getByLabel('Theirs').check();
        await page.locator('.choice').first().getByLabel('Mine').check();
        // The choice does not get through: what was not chosen is still to be had.
        await page.route('**/v1/articles/*', route => (route.request().method() === 'PATCH' ? route.abort() : route.continue()));
        await page.getByRole('button', { name: 'Save what is chosen' }).click();
        await state(page)
          .filter({ hasText: /No connection/ })
          .waitFor();
        await page.reload();
        await page.getByRole('button', { name: 'My text before the comparison' }).click();
        assert.match(await text(page).textContent(), /My end\.$/);
        await page.getByLabel('Byline').fill('By Them');
        await page.unroute('**/v1/articles/*');
        await page.keyboard.press('Control+s');
        await isSaved(page);
        const merged = await article(id);
        assert.deepEqual([merged.title, merged.byline, merged.body_text], ['Mine', 'By Them', 'One two three. My end.']);
        assert.equal(await page.evaluate(() => Object.keys(localStorage).filter(key => key.startsWith('desk:text:')).length), 0);
      },
      { lost: true },
    );
  });
});

describe('history', () => {
  test('shows what differs, and puts a version back', async () => {
    const { id } = await make('First headline');
    await patch(id, { title: 'Second headline', byline: 'By Someone' });
    await desk(`/article/${id}/history`, async page => {
      await page.locator('.differences .choice').first().waitFor();
      assert.deepEqual(await page.locator('.differences h3').allTextContents(), ['Headline', 'Byline']);
      assert.deepEqual(
        [await page.locator('.differences del').first().textContent(), await page.locator('.differences ins').first().textContent()],
        ['First', 'Second'],
      );
      await page.getByRole('button', { name: 'Put version 1 back' }).click();
      await answer(page, 'Put back');
      await page.locator('.revisions li[data-rev="3"]').waitFor();
      assert.equal((await article(id)).title, 'First headline');
    });
  });
});

describe('the front page', () => {
  test('is put in order by buttons, by keys and by dragging', async () => {
    const stories = await api('GET', '/v1/articles?limit=4&fields=id,title');
    await api('PUT', '/v1/collections/front-page', { ids: stories.slice(0, 3).map(({ id }) => id) });
    await desk('/front-page', async page => {
      const front = page.locator('.collection').first(),
        ids = async () => (await api('GET', '/v1/collections/front-page?fields=id')).map(({ id }) => id),
        [a, b, c, d] = stories.map(({ id }) => id);
      await front.getByRole('button', { name: `Move ${stories[2].title} up` }).focus();
      await page.keyboard.press('Enter');
      assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), /^Move .* up$/);
      await page.keyboard.press('Enter');
      await front.getByLabel('Add an article').fill(stories[3].title);
      await front.getByRole('option').filter({ hasText: stories[3].title }).first().click();
      await front.getByRole('button', { name: 'Save order' }).click();
      await front.getByText('Saved', { exact: true }).waitFor();
      assert.deepEqual(await ids(), [c, a, b, d]);

      await front.locator('.ordered li').nth(3).dragTo(front.locator('.ordered li').nth(0));
      await front.getByRole('button', { name: `Take out ${stories[1].title}` }).click();
      await front.getByRole('button', { name: 'Save order' }).click();
      await front.getByText('Saved', { exact: true }).waitFor();
      assert.deepEqual(await ids(), [d, c, a]);

      await api('PUT', '/v1/collections/front-page', { ids: [b] }, { 'If-Match': '*' });
      await front.getByRole('button', { name: `Move ${stories[0].title} up` }).click();
      await front.getByRole('button', { name: 'Save order' }).click();
      await page.getByRole('heading', { name: 'Someone else changed this order meanwhile' }).waitFor();
      assert.deepEqual(await ids(), [b]);
      await answer(page, 'Save mine');
      await front.getByText('Saved', { exact: true }).waitFor();
      assert.deepEqual(await ids(), [d, a, c]);
    });
  });

  test('sections are named, described and placed', () =>
    desk('/sections', async page => {
      const form = page.getByRole('form', { name: 'Culture', exact: true });
      await form.getByLabel('Place').fill('1');
      await form.getByLabel('Description').fill('Stages, screens and books.');
      await form.getByRole('button', { name: 'Save' }).click();
      await form.getByText('Saved', { exact: true }).waitFor();
      await form.getByLabel('Place').fill('2');
      await form.getByRole('button', { name: 'Save' }).click();
      await form.getByText('Saved', { exact: true }).waitFor();
      const section = await api('GET', '/v1/sections/culture');
      assert.deepEqual([section.description, section.position], ['Stages, screens and books.', 2]);
    }));
});

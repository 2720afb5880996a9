// SPDX-License-Identifier: MIT
// The website in Chromium, wide and narrow, light and dark, with and without JavaScript.
'use strict';

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const parse5 = require('parse5');

const { plain, hostile, wordy, bare } = require('./articles.js');
const { launch } = require('./browser.js');
const { lowContrasts } = require('./colours.js');
const { sample, startServer } = require('./server.js');

const widths = [1280, 390];
let server, browser, pages;

const getJson = async target => (await fetch(server.base + target)).json();
const biggest = async terms => (await getJson(`/v1/${terms}?order=count&limit=1`)).data[0].slug;

before(async () => {
  server = await startServer({
    files: [sample], articles: [plain, hostile, wordy, bare], args: ['--timezone', 'America/Toronto', '--site-name', 'The <Daily> Test'],
  });
  browser = await launch();

  const list = (await getJson('/v1/articles?limit=100')).data;
  const article = fits => `/article/${list.find(fits).slug}`;
  const section = await biggest('sections');
  pages = {
    front: '/',
    section: `/section/${section}`,
    tag: `/tag/${await biggest('tags')}?utm_source=test&fbclid=1`,
    source: `/source/${await biggest('sources')}`,
    author: `/author/${await biggest('authors')}`,
    'article with a picture': article(one => one.image && one.lang === 'en'),
    'article in another language': article(one => one.lang === 'fr'),
    'article with corrections': article(one => one.corrected_at),
    'plain article': article(one => one.title === plain.title),
    'hostile article': article(one => one.title === hostile.title),
    'article of long words': article(one => one.title === wordy.title),
    'article without a foot': article(one => one.title === bare.title),
    'page not found': '/article/there-is-no-such-article',
    'bad cursor': `/section/${section}?cursor=rubbish`,
    'meaning of a problem': '/problems/stale?utm_source=test',
    'search without a question': '/search?utm_source=test',
    'search that finds much': '/search?q=harbour',
    'search narrowed down': '/search?q=harbour&section=local&published_after=2025-01-01&published_before=2026-01-01&order=newest',
    'search in vain': '/search?q=xylophone&section=local',
    'hostile search': `/search?q=${encodeURIComponent('"><script>window.hit=1</script> onerror title')}`,
  };
});

after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0, 'the server ends cleanly');
});

const names = ['front', 'section', 'tag', 'source', 'author', 'article with a picture', 'article in another language',
  'article with corrections', 'plain article', 'hostile article', 'article of long words', 'article without a foot', 'page not found', 'bad cursor', 'meaning of a problem',
  'search without a question', 'search that finds much', 'search narrowed down', 'search in vain', 'hostile search'];

// Opens a page and gives it to `use`; what it said on the console, and what it asked for elsewhere or in vain, is a failure.
async function open(target, options, use) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage(), complaints = [];

  page.on('console', message => {
    if (!/status of 4\d\d/.test(message.text())) complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', error => complaints.push(`error: ${error.message}`));
  page.on('dialog', dialog => { complaints.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('requestfailed', request => complaints.push(`failed: ${request.url()}`));
  page.on('response', response => {
    if (response.status() >= 400 && response.url() !== server.base + target) complaints.push(`${response.status()}: ${response.url()}`);
  });
  page.on('request', request => {
    if (!request.url().startsWith(server.base + '/')) complaints.push(`elsewhere: ${request.url()}`);
  });
  try {
    const response = await page.goto(server.base + target);
    // Pictures further down would load only when they come near.
    await page.evaluate(() => Promise.all([...document.images].map(image => {
      image.loading = 'eager';
      return image.complete || new Promise(resolve => { image.onload = image.onerror = resolve; });
    })));
    await use(page, response);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

describe('every page', () => {
  for (const name of names) {
    for (const width of widths) {
      test(`${name} at ${width} pixels`, () => open(pages[name], { viewport: { width, height: 900 } }, async page => {
        const seen = await page.evaluate(() => ({
          over: document.documentElement.scrollWidth - innerWidth,
          headings: document.querySelectorAll('h1').length,
          mains: document.querySelectorAll('main').length,
          navs: document.querySelectorAll('nav').length,
          broken: [...document.images].filter(image => image.complete && image.naturalWidth === 0).map(image => image.src),
          noAlt: document.querySelectorAll('img:not([alt])').length,
          small: [...document.querySelectorAll('nav a, .tags a')].filter(link => link.checkVisibility() && link.getBoundingClientRect().height < 24).length,
          levels: [...document.querySelectorAll('h1,h2,h3,h4')].map(heading => Number(heading.tagName[1])),
          links: [...document.querySelectorAll('a')].filter(link => !/^https?:$/.test(link.protocol)).length,
        }));
        assert.ok(seen.over <= 0, `scrolls sideways by ${seen.over}`);
        assert.equal(seen.headings, 1);
        assert.equal(seen.mains, 1);
        assert.ok(seen.navs >= 1);
        assert.deepEqual(seen.broken, []);
        assert.equal(seen.noAlt, 0);
        assert.equal(seen.small, 0, 'links too small for a finger');
        assert.equal(seen.links, 0, 'links that are no web addresses');
        seen.levels.forEach((level, i) => assert.ok(i === 0 || level <= seen.levels[i - 1] + 1, `headings ${seen.levels}`));
      }));
    }

    for (const colorScheme of ['light', 'dark']) {
      test(`${name}: contrast in ${colorScheme} colours`, () => open(pages[name], { colorScheme }, async page => {
        assert.deepEqual(await page.evaluate(lowContrasts), []);
        const [r, g, b] = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
        assert.equal(r + g + b < 3 * 128, colorScheme === 'dark');
      }));
    }

    test(`${name}: HTML without an error`, async () => {
      const errors = [], html = await (await fetch(server.base + pages[name])).text(), ids = new Set();
      const walk = node => {
        const id = node.attrs?.find(attribute => attribute.name === 'id')?.value;
        if (id !== undefined) { assert.ok(!ids.has(id), `two elements with the id ${id}`); ids.add(id); }
        (node.childNodes || []).forEach(walk);
      };
      walk(parse5.parse(html, { onParseError: error => errors.push(error.code) }));
      assert.deepEqual(errors, []);
    });
  }
});

describe('a reader', () => {
  test('reads all of it with JavaScript off', () => open(pages['plain article'], { javaScriptEnabled: false }, async page => {
    const text = await page.innerText('article');
    assert.ok(text.includes('remain operating in Pakistan'));
    assert.match(await page.innerText('.more'), /More National articles/);
  }));

  test('reads the beginning of a text once, and no foot where there is nothing to say', async () => {
    await open(pages['plain article'], {}, async page => {
      const text = await page.innerText('article.article');
      assert.equal(text.split('remain operating in Pakistan').length, 2);
    });
    await open(pages['article without a foot'], {}, async page => {
      assert.equal(await page.$('.article-foot'), null);
      assert.equal(await page.$('.article .standfirst'), null);
    });
  });

  test('sees source and time as they were', () => open(pages['plain article'], {}, async page => {
    assert.equal(await page.innerText('.article-meta .source'), 'The Canadian Press, 31 Dec, 2015 12:20 PM');
    assert.equal(await page.innerText('.byline'), 'By Ann Lee');
    assert.equal(await page.innerText('.kicker'), 'NATIONAL');
    assert.equal(await page.innerText('h1'), plain.title);
    assert.match(await page.innerText('.body'), /^WATERLOO, Ont. — BlackBerry says/);
  }));

  test('comes from the front page to an article and its section', () => open('/', {}, async page => {
    const title = await page.innerText('.lead .headline');
    await page.click('.lead .headline a');
    assert.equal(await page.innerText('h1'), title);
    const section = await page.innerText('.article .kicker');
    await page.click('.article .kicker a');
    assert.equal((await page.innerText('h1')).toUpperCase(), section);
  }));

  test('turns the pages of a long list to its end and back', () => open(pages.source, {}, async page => {
    const titles = async () => page.$$eval('.listing .headline', all => all.map(headline => headline.textContent));
    const total = Number.parseInt(await page.innerText('.listing-head .source'), 10), first = await titles();
    const all = [...first];
    let turns = 0;

    assert.ok(total > 20, 'the sample has a source with more than one page');
    for (; await page.$('.turns [rel=next]'); turns++) {
      await page.click('.turns [rel=next]');
      all.push(...await titles());
    }
    assert.equal(all.length, total);
    for (; turns > 0; turns--) await page.click('.turns [rel=prev]');
    assert.deepEqual(await titles(), first);
  }));

  test('reaches the text with two keys', () => open(pages['plain article'], {}, async page => {
    await page.keyboard.press('Tab');
    const box = await page.evaluate(() => {
      const active = document.activeElement;
      return { text: active.textContent, top: active.getBoundingClientRect().top };
    });
    assert.equal(box.text, 'Skip to content');
    assert.ok(box.top >= 0, 'the link can be seen');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'content');
  }));

  test('prints the article without what is around it', () => open(pages['article with a picture'], {}, async page => {
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    assert.equal(await page.isVisible('nav'), false);
    assert.equal(await page.isVisible('.more'), false);
    assert.equal(await page.isVisible('.body'), true);
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).color), 'rgb(0, 0, 0)');
  }));

  test('sees the language of an article', () => open(pages['article in another language'], {}, async page => {
    assert.equal(await page.getAttribute('article.article', 'lang'), 'fr');
  }));

  test('meets no script of a stranger', () => open(pages['hostile article'], {}, async page => {
    assert.equal(await page.evaluate(() => window.hit), undefined);
    assert.equal(await page.innerText('h1'), hostile.title);
    assert.deepEqual(await page.$$eval('script', all => all.map(script => script.type)), ['application/ld+json', '']);
    assert.equal(await page.$$eval('*', all => all.filter(one => [...one.attributes].some(a => /^on/.test(a.name))).length), 0);
    assert.equal(await page.isVisible('.body p'), true);
  }));
});

describe('a search', () => {
  const results = page => page.$$eval('.result .headline', all => all.map(one => one.textContent));
  const counted = async page => Number((await page.innerText('.search-count')).replace(/\D/g, ''));

  for (const javaScriptEnabled of [true, false]) {
    test(`is made from any page, narrowed down and widened again, with JavaScript ${javaScriptEnabled ? 'on' : 'off'}`,
      () => open(pages['plain article'], { javaScriptEnabled }, async page => {
        await page.fill('.masthead input[name=q]', 'harbour');
        await page.press('.masthead input[name=q]', 'Enter');
        assert.equal(await page.inputValue('#q'), 'harbour');
        const all = await counted(page);
        assert.ok(all > 20);
        assert.equal((await results(page)).length, 20);
        assert.ok((await page.$$eval('.result mark', marks => marks.map(mark => mark.textContent.toLowerCase()))).every(word => word.startsWith('harbour')));

        const facet = page.locator('.facet[aria-labelledby=facet-section] a').first(), promised = Number(await facet.locator('.facet-count').innerText());
        await facet.click();
        assert.equal(await counted(page), promised);
        assert.equal((await results(page)).length, promised);
        await page.click('.orders a');
        const times = await page.$$eval('.result time', all => all.map(time => time.dateTime));
        assert.deepEqual(times, [...times].sort().reverse());
        const year = page.locator('.facet[aria-labelledby=facet-year] a').first(), name = await year.locator('.facet-name').innerText();
        await year.click();
        assert.ok((await page.$$eval('.result time', all => all.map(time => time.dateTime))).every(time => time.startsWith(name)));
        assert.equal(await page.$$eval('.chosen a', all => all.length), 2);
        while (await page.$('.chosen a')) await page.click('.chosen a');
        assert.equal(await counted(page), all);
      }));
  }

  test('is turned to its end and back without JavaScript', () => open('/search?q=harbour', { javaScriptEnabled: false }, async page => {
    const first = await results(page), total = await counted(page);
    await page.click('.turns [rel=next]');
    const second = await results(page);
    assert.equal(new Set([...first, ...second]).size, Math.min(total, 40));
    await page.click('.turns [rel=prev]');
    assert.deepEqual(await results(page), first);
  }));

  test('that was misspelt is put right', () => open('/search?q=harbuor', {}, async page => {
    await page.click('.meant a');
    assert.equal(await page.inputValue('#q'), 'harbour');
    assert.ok(await counted(page) > 20);
  }));

  test('in vain leads on', () => open('/search?q=xylophone&section=local', {}, async page => {
    assert.match(await page.innerText('main'), /Nothing was found for “xylophone”/);
    await page.click('.way-out');
    assert.equal(await page.$('.chosen'), null);
    assert.equal(await page.getAttribute('meta[name=robots]', 'content'), 'noindex');
  }));

  test('for something very long is answered', () => open(`/search?q=${'a'.repeat(3000)}`, {}, async (page, response) => {
    assert.equal(response.status(), 200);
    assert.match(await page.innerText('main'), /Nothing was found/);
  }));

  test('runs nothing that was typed', () => open(pages['hostile search'], {}, async page => {
    assert.equal(await page.evaluate(() => window.hit), undefined);
    assert.match(await page.inputValue('#q'), /^"><script>/);
  }));

  test('has its choices folded away on a telephone, and at hand on a desk', async () => {
    for (const width of widths) {
      await open('/search?q=harbour', { viewport: { width, height: 900 } }, async page => {
        const facet = page.locator('.facet a').first();
        assert.equal(await facet.isVisible(), width > 1000);
        if (width > 1000) return;
        await page.click('.facets > summary');
        assert.equal(await facet.isVisible(), true);
      });
    }
  });
});

describe('the search box', () => {
  const at = (page, name) => page.getAttribute('#q', name);
  const type = async (page, text) => {
    await page.locator('#q').pressSequentially(text);
    await page.waitForSelector('.suggestions li');
  };

  test('is a plain form without JavaScript', () => open('/', { javaScriptEnabled: false }, async page => {
    assert.equal(await at(page, 'role'), null);
    assert.equal(await page.getAttribute('.search-box', 'action'), '/search');
  }));

  test('says what it is and what is chosen', () => open('/', {}, async page => {
    assert.equal(await at(page, 'role'), 'combobox');
    assert.equal(await at(page, 'aria-expanded'), 'false');
    assert.equal(await at(page, 'aria-autocomplete'), 'list');
    await type(page, 'vesk');
    assert.equal(await at(page, 'aria-expanded'), 'true');
    assert.equal(await page.getAttribute(`#${await at(page, 'aria-controls')}`, 'role'), 'listbox');
    assert.equal(await at(page, 'aria-activedescendant'), null);
    assert.match(await page.innerText('.search-box [role=status]'), /^\d suggestions?$/);
    const n = await page.$$eval('[role=option]', all => all.length);
    for (const key of ['ArrowDown', 'ArrowUp']) {
      for (let i = 0; i <= n; i++) {
        await page.keyboard.press(key);
        const chosen = await at(page, 'aria-activedescendant');
        assert.deepEqual(await page.$$eval('[aria-selected=true]', all => all.map(option => option.id)), chosen ? [chosen] : []);
        assert.equal(chosen === null, i === n, 'once around is back at what was typed');
      }
    }
    assert.equal(await page.inputValue('#q'), 'vesk');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'q');
  }));

  test('goes where the keyboard chose', () => open('/', {}, async page => {
    await type(page, 'doran v');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/tag/doran-veske');
  }));

  test('goes where the pointer chose', () => open(pages['plain article'], {}, async page => {
    await type(page, 'veske calls');
    await page.click('[role=option]');
    await page.waitForURL('**/article/veske-calls-election-for-october-12');
  }));

  test('searches for what was typed when nothing was chosen', () => open('/', {}, async page => {
    await type(page, 'vesk');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/search?q=vesk');
  }));

  test('closes on Escape, keeps the text, and opens again', () => open('/', {}, async page => {
    await type(page, 'vesk');
    await page.keyboard.press('Escape');
    assert.equal(await page.isVisible('.suggestions'), false);
    assert.equal(await at(page, 'aria-expanded'), 'false');
    assert.equal(await page.inputValue('#q'), 'vesk');
    await page.keyboard.press('ArrowDown');
    assert.equal(await page.isVisible('.suggestions'), true);
    await page.keyboard.press('Tab');
    assert.equal(await page.isVisible('.suggestions'), false);
  }));

  test('asks once for what is typed in one go, and shows nothing that comes too late', () => open('/', {}, async page => {
    const asked = [];
    let hold;

    await page.route('**/v1/suggest?*', async route => {
      const q = new URL(route.request().url()).searchParams.get('q');
      asked.push(q);
      if (q === 'v') await new Promise(resolve => { hold = resolve; });
      await route.continue().catch(() => {});
    });
    page.removeAllListeners('requestfailed');    // the one that is given up
    await page.locator('#q').pressSequentially('v');
    await page.waitForRequest('**/v1/suggest?q=v&*');
    await type(page, 'eske');
    const shown = await page.innerText('.suggestions');
    hold();
    await page.unrouteAll({ behavior: 'wait' });
    assert.deepEqual(asked, ['v', 'veske']);
    assert.equal(await page.innerText('.suggestions'), shown);
  }));

  test('stays quiet when there is nothing to suggest, or no answer', () => open('/', {}, async page => {
    await Promise.all([page.waitForResponse(/suggest/), page.locator('#q').pressSequentially('qqq')]);
    assert.equal(await page.isVisible('.suggestions'), false);
    for (const event of ['console', 'requestfailed', 'response']) page.removeAllListeners(event);
    await page.route(/suggest/, route => route.fulfill({ status: 503, contentType: 'application/json', body: '{}' }));
    await Promise.all([page.waitForResponse(/suggest/), page.fill('#q', 'vesk')]);
    assert.equal(await page.isVisible('.suggestions'), false);
  }));

  test('shows titles as text', () => open('/', {}, async page => {
    await type(page, 'script window');
    assert.equal(await page.$('.suggestions img, .suggestions script'), null);
    assert.match(await page.innerText('.suggestions'), /<\/title><\/script>/);
  }));

  for (const colorScheme of ['light', 'dark']) {
    test(`can be read in ${colorScheme} colours, and fits a telephone`, () => open('/', { colorScheme, viewport: { width: 390, height: 900 } }, async page => {
      await type(page, 't');
      await page.keyboard.press('ArrowDown');
      assert.deepEqual(await page.evaluate(lowContrasts), []);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      const boxes = await page.$$eval('[role=option]', all => all.map(option => option.getBoundingClientRect().height));
      assert.ok(boxes.every(height => height >= 24));
    }));
  }
});

describe('a machine', () => {
  test('finds the address, Open Graph and JSON-LD of an article', () => open(pages['article with a picture'], {}, async page => {
    const address = server.base + pages['article with a picture'];
    const meta = name => page.getAttribute(`meta[property="${name}"]`, 'content');
    const news = JSON.parse(await page.textContent('script[type="application/ld+json"]'));
    const { data } = await getJson('/v1/articles/' + pages['article with a picture'].split('/').pop());

    assert.equal(await page.getAttribute('link[rel=canonical]', 'href'), address);
    assert.equal(await meta('og:url'), address);
    assert.equal(await meta('og:type'), 'article');
    assert.equal(await meta('og:title'), data.title);
    assert.equal(await meta('article:published_time'), data.published_at);
    assert.ok((await meta('og:image')).startsWith(server.base + '/'));
    assert.equal(news['@type'], 'NewsArticle');
    assert.equal(news.headline, data.title);
    assert.equal(news.datePublished, data.published_at);
    assert.equal(news.mainEntityOfPage, address);
    assert.deepEqual(news.keywords, data.tags.map(tag => tag.name));
  }));

  test('reads JSON-LD of a hostile article as it was written', () => open(pages['hostile article'], {}, async page => {
    assert.equal(JSON.parse(await page.textContent('script[type="application/ld+json"]')).headline, hostile.title);
  }));

  test('gets statuses, policy and freshness', async () => {
    const front = await fetch(server.base + '/'), css = /\/static\/site\.css\?v=\w+/.exec(await front.text())[0];

    assert.match(front.headers.get('content-type'), /^text\/html/);
    assert.match(front.headers.get('content-security-policy'), /script-src 'self'; /);
    assert.match(front.headers.get('cache-control'), /public, max-age=10/);
    assert.match((await fetch(server.base + css)).headers.get('cache-control'), /immutable/);
    assert.doesNotMatch((await fetch(server.base + '/static/site.css?v=0')).headers.get('cache-control'), /immutable/);
    const wrong = [[pages['page not found'], 404], [pages['bad cursor'], 400], ['/nothing/at/all', 404], ['/static/templates/page.html', 404]];
    for (const [target, status] of wrong) {
      const response = await fetch(server.base + target);
      assert.equal(response.status, status, target);
      assert.match(response.headers.get('content-type'), /^text\/html/);
      assert.equal(response.headers.get('cache-control'), 'no-store');
    }
  });

  test('is told in a sentence what a list holds', async () => {
    for (const name of ['front', 'section', 'tag', 'source', 'author']) {
      await open(pages[name], {}, async page => {
        const content = which => page.getAttribute(`meta[${which}]`, 'content');
        const description = await content('name=description');
        assert.match(description, /^The latest articles (from|about|by) .*The <Daily> Test\.$/, name);
        assert.equal(await content('property="og:description"'), description);
        assert.equal(await content('property="og:type"'), 'website');
        assert.equal(await content('property="og:title"'), name === 'front' ? 'The <Daily> Test' : await page.innerText('h1'));
      });
    }
  });

  test('is led from an address with a slash at its end to the one without', async () => {
    for (const target of [pages.section, pages['plain article'], '/v1/articles']) {
      const response = await fetch(`${server.base}${target}/?a=b`, { redirect: 'manual' });
      assert.equal(response.status, 308, target);
      assert.equal(response.headers.get('location'), `${target}?a=b`);
    }
    assert.equal((await fetch(`${server.base}${pages.section}/`)).status, 200);
    for (const target of ['//example.org/', '/no-such-page/', '/section/']) {
      assert.equal((await fetch(server.base + target, { redirect: 'manual' })).status, 404, target);
    }
  });

  test('is led from an id to the address', async () => {
    const { data } = await getJson('/v1/articles?limit=1');
    const response = await fetch(`${server.base}/article/${data[0].id}`, { redirect: 'manual' });
    assert.equal(response.status, 308);
    assert.equal(new URL(response.headers.get('location'), server.base).href, `${server.base}/article/${data[0].slug}`);
  });

  test('finds an icon and robots.txt', async () => {
    const icon = await fetch(server.base + '/favicon.ico'), robots = await fetch(server.base + '/robots.txt');
    assert.equal(icon.status, 200);
    assert.match(icon.headers.get('content-type'), /svg/);
    assert.match(await robots.text(), /^User-agent: \*/m);
  });

  test('gets the same bytes a second time as a 304', async () => {
    for (const name of ['front', 'section', 'plain article']) {
      const first = await fetch(server.base + pages[name]), etag = first.headers.get('etag');
      assert.ok(etag, name);
      const second = await fetch(server.base + pages[name], { headers: { 'if-none-match': etag } });
      assert.equal(second.status, 304, name);
    }
  });
});

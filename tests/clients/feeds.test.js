// SPDX-License-Identifier: MIT
// Feeds, sitemaps, ninjs and JSON-LD, held against what others wrote: the Atom RELAX NG by jing, the sitemap's XSD by xmllint, the schemas of JSON Feed
// and of the IPTC by ajv; and read back by feedparser, newsboat and a JSON-LD processor. The schemas lie in ../shared/data beside the repository
// (formats that are checked without them still are, and what is left out says so).
'use strict';

const assert = require('node:assert');
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const Ajv = require('ajv');
const Ajv2020 = require('ajv/dist/2020');
const addFormats = require('ajv-formats');
const jsonld = require('jsonld');
const { startServer, sample, root } = require('./server');
const { plain, hostile, wordy, bare } = require('./articles');

// Or wherever SHARED_DATA says.
const shared = [process.env.SHARED_DATA, path.join(root, '..', 'shared', 'data')].find(folder => folder && fs.existsSync(folder));
const withSchemas = { skip: shared ? false : 'there is no ../shared/data' };
const golden = path.join(root, 'tests', 'golden');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'broadsheet-feeds-'));
const everything = {
  ...plain, guid: 'test:everything', title: 'Everything & more', summary: 'If a<b & <script>alert(1)</script> all <fields>.', authors: ['Ann Lee', 'Bo Ray'], featured: true,
  tags: [{ name: 'Phones' }, { name: 'John Chen', type: 'person' }, { name: 'BlackBerry', type: 'organisation' }, { name: 'Pakistan', type: 'place' },
    { name: 'CES', type: 'event' }], lang: 'pt-BR', source_url: 'https://wire.example/caf\u00e9?a=\u00fc&b=1', canonical_url: 'https://canonical.example/77',
  image: { url: '/static/sample/bridge.svg', width: 1200, height: 800, alt: 'A bridge', caption: 'It stands.', credit: 'Cy Oak' },
  rights: { holder: 'The Wire', notice: '© The Wire', usage_terms: 'None' }, corrections: [{ at: '2016-01-02T08:00:00Z', kind: 'correction', text: 'Wrong year.' }],
};
const control = { ...bare, guid: 'test:control', title: 'Control', body_text: 'A \uffff and ]]> an end.' };

let server;

test.before(async () => {
  server = await startServer({ files: [sample], articles: [plain, hostile, wordy, bare, everything, control] });
});

test.after(async () => {
  await server.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

const fetchText = async target => {
  const reply = await fetch(server.base + target);
  assert.strictEqual(reply.status, 200, target);
  return reply.text();
};
const fetchFile = async target => {
  const file = path.join(folder, target.replace(/[^a-z0-9.]+/gi, '-'));
  fs.writeFileSync(file, await fetchText(target));
  return file;
};
const has = command => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
const run = (command, ...args) => {
  const done = spawnSync(command, args, { encoding: 'utf8' });
  assert.strictEqual(done.status, 0, `${command} ${args.join(' ')}: ${done.stdout}${done.stderr}`);
  return done.stdout;
};
const scopes = ['', '/section/national', '/tag/blackberry', '/source/the-canadian-press'];
const feeds = ending => [...scopes.map(scope => `${scope}/feed.${ending}`), `/search/feed.${ending}?q=blackberry`];

test('Atom is valid by the RELAX NG of RFC 4287', { skip: withSchemas.skip || (has('jing') ? false : 'there is no jing') }, async () => {
  const files = await Promise.all(feeds('atom').map(fetchFile));
  run('jing', '-c', path.join(shared, 'schemas', 'atom-rfc4287.rnc'), ...files, path.join(golden, 'feed.atom'), path.join(golden, 'empty.atom'));
});

test('all XML is well-formed', { skip: has('xmllint') ? false : 'there is no xmllint' }, async () => {
  const targets = [...feeds('rss'), ...feeds('atom'), '/sitemap.xml', '/sitemap/0.xml', '/sitemap-news.xml'];
  run('xmllint', '--noout', ...await Promise.all(targets.map(fetchFile)), ...['feed.rss', 'empty.rss', 'sitemap-news.xml'].map(name => path.join(golden, name)));
});

test('sitemaps are valid by their XSD', { skip: withSchemas.skip || (has('xmllint') ? false : 'there is no xmllint') }, async () => {
  run('xmllint', '--noout', '--schema', path.join(shared, 'schemas', 'sitemap.xsd'), await fetchFile('/sitemap/0.xml'), path.join(golden, 'sitemap.xml'));
});

test('JSON Feed is valid by its schema', withSchemas, async () => {
  const ajv = addFormats(new Ajv({ strict: false, allErrors: true }));
  const validate = ajv.compile(JSON.parse(fs.readFileSync(path.join(shared, 'schemas', 'jsonfeed-v1.1.schema.json'))));
  const texts = [...await Promise.all(feeds('json').map(fetchText)), ...['feed.json', 'empty.json'].map(name => fs.readFileSync(path.join(golden, name), 'utf8'))];

  for (const text of texts) assert.ok(validate(JSON.parse(text)), JSON.stringify(validate.errors));
  const broken = JSON.parse(texts[0]);
  delete broken.items[0].id;
  assert.ok(!validate(broken));
});

// The schema of ninjs takes the GeoJSON of places from elsewhere; no place of ours has any.
function ninjs(version) {
  const ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));

  ajv.addSchema({ $id: 'https://geojson.org/schema/GeoJSON.json', type: 'object' });
  return ajv.compile(JSON.parse(fs.readFileSync(path.join(shared, 'ninjs', 'schema', `ninjs-schema_${version}.json`))));
}

for (const [version, number, ending] of [['3.1', 3, 'ninjs3'], ['2.2', 2, 'ninjs2']]) {
  test(`ninjs ${version} is valid by the schema of the IPTC`, withSchemas, async () => {
    const validate = ninjs(version);
    const check = (item, what) => assert.ok(validate(item), `${what}: ${JSON.stringify(validate.errors)}`);
    const list = JSON.parse(await fetchText(`/v1/articles.ninjs?limit=100&version=${number}`));

    check(list, 'the listing');
    assert.strictEqual(list.associations.length, 70);
    for (const one of list.associations) {
      const name = one.uri.split('/').pop();
      check(JSON.parse(await fetchText(`/v1/articles/${name}.ninjs?version=${number}`)), one.title);
    }
    for (const name of fs.readdirSync(golden).filter(name => name.includes(ending))) check(JSON.parse(fs.readFileSync(path.join(golden, name))), name);
    assert.ok(!validate({ ...list, pubDate: 'x' }), 'the schema refuses what it does not know');
    assert.ok(!validate({ ...list, uri: undefined, type: 'story' }));
  });
}

// What a reader sees of a summary: of one in HTML, what is left when its markup is taken for such. feedparser takes one of RSS for HTML where it looks like it.
const shown = ({ summary, is_html: isHtml }) => {
  if (!isHtml) return summary;
  const names = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#96': '`' };
  return summary.replace(/<[^>]*>/g, '').replace(/&(#?\w+);/g, (_, name) => names[name]);
};

test('feedparser reads RSS and Atom back', { skip: spawnSync('/usr/bin/python3', ['-c', 'import feedparser']).status === 0 ? false : 'there is no feedparser' }, async () => {
  const script = `
import feedparser, json, sys
found = []
for name in sys.argv[1:]:
    feed = feedparser.parse(name, sanitize_html=False)
    found.append({"bozo": bool(feed.bozo), "version": feed.version, "title": feed.feed.title, "entries": [
        {"id": e.id, "link": e.link, "title": e.title, "author": e.get("author"), "published": list(e.published_parsed)[:6], "updated": list(e.updated_parsed)[:6],
         "tags": [t.label or t.term for t in e.get("tags", [])], "content": e.content[0].value if "content" in e else None,
         "summary": e.summary if "summary" in e else None, "is_html": "summary" in e and e.summary_detail.type == "text/html"} for e in feed.entries]})
print(json.dumps(found))`;
  const parse = files => JSON.parse(execFileSync('/usr/bin/python3', ['-c', script, ...files], { encoding: 'utf8' }));

  for (const scope of ['', '/section/national']) {
    const parsed = parse([await fetchFile(`${scope}/feed.rss`), await fetchFile(`${scope}/feed.atom`)]);
    const { items } = JSON.parse(await fetchText(`${scope}/feed.json`));

    assert.deepStrictEqual(parsed.map(feed => feed.version), ['rss20', 'atom10']);
    for (const feed of parsed) {
      assert.strictEqual(feed.bozo, false);
      assert.strictEqual(feed.entries.length, items.length);
      feed.entries.forEach((entry, i) => {
        const item = items[i], time = parts => new Date(Date.UTC(parts[0], parts[1] - 1, ...parts.slice(2))).toISOString().replace('.000Z', 'Z');

        assert.deepStrictEqual([entry.id, entry.link, time(entry.published), time(entry.updated), entry.tags], [item.id, item.url, item.date_published, item.date_modified, item.tags]);
        assert.strictEqual(entry.title.trim(), item.title);
        if (entry.content !== null || item.content_html !== '') assert.strictEqual(entry.content, item.content_html);
        if (item.summary !== undefined) assert.strictEqual(shown(entry), item.summary);
      });
    }
  }
});

test('newsboat takes RSS and Atom', { skip: has('newsboat') ? false : 'there is no newsboat' }, async () => {
  const config = path.join(folder, 'config');

  fs.writeFileSync(config, '');
  // By name, article for article, they are the same: what one feed brought is nothing new in the other.
  for (const [names, wanted] of [[['rss'], 50], [['atom'], 50], [['rss', 'atom'], 50]]) {
    const urls = path.join(folder, `urls-${names}`), cache = path.join(folder, `cache-${names}.db`);

    fs.writeFileSync(urls, names.map(name => `${server.base}/feed.${name}\n`).join(''));
    const done = spawnSync('newsboat', ['-u', urls, '-c', cache, '-C', config, '-x', 'reload', 'print-unread'], { encoding: 'utf8', env: { ...process.env, HOME: folder } });
    assert.strictEqual(done.stdout.trim(), `${wanted} unread articles`, done.stderr);
  }
});

// No context is fetched: schema.org's says, for our members, that they are terms of schema.org.
test('JSON-LD on the page and by itself says one thing, of schema.org', async () => {
  const documentLoader = async url => ({ contextUrl: null, documentUrl: url, document: { '@context': { '@vocab': 'https://schema.org/' } } });
  const { items } = JSON.parse(await fetchText('/feed.json'));

  for (const item of items.slice(0, 20)) {
    const page = await (await fetch(item.url)).text();
    const [, inPage] = /<script type="application\/ld\+json">(.*?)<\/script>/s.exec(page);
    const alone = JSON.parse(await fetchText(`/v1/articles/${item.id.split('/').pop()}.jsonld`));

    assert.deepStrictEqual(JSON.parse(inPage), alone);
    const [news] = await jsonld.expand(alone, { documentLoader });
    assert.deepStrictEqual(news['@type'], ['https://schema.org/NewsArticle']);
    assert.strictEqual(news['@id'], item.id);
    assert.strictEqual(news['https://schema.org/headline'][0]['@value'], item.title);
    assert.strictEqual(news['https://schema.org/datePublished'][0]['@value'], item.date_published);
  }
});

test('pages of a feed lead through all articles', async () => {
  const seen = [];

  for (let target = '/feed.json'; target;) {
    const feed = JSON.parse(await fetchText(target));
    seen.push(...feed.items.map(item => item.id));
    target = feed.next_url && feed.next_url.slice(server.base.length);
  }
  assert.strictEqual(seen.length, 70);
  assert.strictEqual(new Set(seen).size, 70);
});

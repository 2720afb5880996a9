// SPDX-License-Identifier: MIT
// What this site has just now, for the paths of forms: the document's own examples are of the sample articles, which another site does not have.
// Asked for when a form that needs it is first opened, and kept while the page stands.

const lists = new Map();

// What a reader may see of a list; nothing where it cannot be had, and then it is asked for again next time.
function listOf(target) {
	if (!lists.has(target))
		lists.set(target, fetch(target).then(response => response.ok ? response.json() : Promise.reject(new Error(response.statusText))).then(({ data }) => data)
			.catch(() => { lists.delete(target); return []; }));
	return lists.get(target);
}

const articles = () => listOf('/v1/articles?limit=20&fields=slug,section,source,tags,authors');
const slugs = terms => [...new Set(terms.filter(Boolean).map(term => term.slug))];

const finders = [
	// The newest has none that is newer.
	[/\{ref\}\/next$/, 'ref', async () => slugs(await articles()).reverse()],
	[/\{ref\}/, 'ref', async () => slugs(await articles())],
	[/\{rev\}/, 'rev', () => ['1']],
	[/^(\/v1)?\/sections?\//, 'slug', async () => slugs((await articles()).map(article => article.section))],
	[/^(\/v1)?\/sources?\//, 'slug', async () => slugs((await articles()).map(article => article.source))],
	[/^(\/v1)?\/tags?\//, 'slug', async () => slugs((await articles()).flatMap(article => article.tags || []))],
	[/^(\/v1)?\/authors?\//, 'slug', async () => slugs((await articles()).flatMap(article => article.authors || []))],
	[/^\/v1\/collections\//, 'name', async () => (await listOf('/v1/collections?limit=20')).map(collection => collection.name)],
	[/^\/sitemap\//, 'page', () => ['0']],
	[/^\/static\//, 'path', () => ['docs/docs.css', 'site.css']],
	[/^\/problems\//, 'code', api => [...new Set(Object.values(api.components.responses).flatMap(answer => answer['x-problems'] || []))].sort()],
];

// Values that the {name} of a path may have; none where nobody can know them.
export async function valuesOf(path, name, api) {
	const found = finders.find(([where, what]) => what === name && where.test(path));
	return found ? found[2](api) : [];
}

-- What readers may not see, in tables of its own: the newsroom lists and searches it there, and nothing of it stands in the tables that readers' answers are made of.

CREATE TABLE newsroom_article (
	-- One row for each article that is not published. Only store_apply() writes it.
	article_id INTEGER PRIMARY KEY REFERENCES article (article_id),
	status TEXT NOT NULL CHECK (status IN ('draft', 'scheduled', 'withdrawn')),
	sort_at INTEGER NOT NULL,        -- when it was published, else when it is to come out, else when it was last changed
	updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX newsroom_article_time ON newsroom_article (status, sort_at, article_id, updated_at);
CREATE INDEX newsroom_article_updated ON newsroom_article (status, updated_at, article_id, sort_at);

CREATE TABLE newsroom_term (
	-- One row for each of its terms, as article_term has them of published articles.
	term_id INTEGER NOT NULL REFERENCES term (term_id),
	status TEXT NOT NULL,
	sort_at INTEGER NOT NULL,
	article_id INTEGER NOT NULL REFERENCES article (article_id),
	updated_at INTEGER NOT NULL,
	PRIMARY KEY (term_id, status, sort_at, article_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX newsroom_term_updated ON newsroom_term (term_id, status, updated_at, article_id, sort_at);
CREATE INDEX newsroom_term_article ON newsroom_term (article_id, term_id);

CREATE TABLE newsroom_words (
	-- Its words, a line for each column of the search index (server/store/newsroom_words.c). No row: they are read from the document when they are asked for.
	article_id INTEGER PRIMARY KEY REFERENCES article (article_id),
	words TEXT NOT NULL
) STRICT;

INSERT INTO newsroom_article (article_id, status, sort_at, updated_at)
SELECT article_id, status,
       coalesce(published_at, CAST(strftime('%s', json_extract(private, '$.publish_at')) AS INTEGER), updated_at), updated_at
  FROM article JOIN article_document USING (article_id)
 WHERE status <> 'published';

INSERT INTO newsroom_term (term_id, status, sort_at, article_id, updated_at)
WITH closed (article_id, status, sort_at, updated_at, document) AS (
	SELECT article_id, status, sort_at, updated_at, replace(document, char(1), '')
	  FROM newsroom_article JOIN article_document USING (article_id)),
named (kind, slug, article_id, status, sort_at, updated_at) AS (
	SELECT 'section', json_extract(document, '$.section.slug'), article_id, status, sort_at, updated_at FROM closed
	UNION SELECT 'source', json_extract(document, '$.source.slug'), article_id, status, sort_at, updated_at FROM closed
	UNION SELECT 'lang', lower(json_extract(document, '$.lang')), article_id, status, sort_at, updated_at FROM closed
	UNION SELECT 'flag', iif(json_extract(document, '$.featured'), 'featured', NULL), article_id, status, sort_at, updated_at FROM closed
	UNION SELECT 'author', json_extract(value, '$.slug'), article_id, status, sort_at, updated_at FROM closed, json_each(document, '$.authors')
	UNION SELECT 'tag', json_extract(value, '$.slug'), article_id, status, sort_at, updated_at FROM closed, json_each(document, '$.tags'))
SELECT term_id, status, sort_at, article_id, updated_at FROM named JOIN term USING (kind, slug);

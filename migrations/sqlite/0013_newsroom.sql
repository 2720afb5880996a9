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

-- Byte 01 in a document stands for the base URL; as it is, it is no JSON.
INSERT INTO newsroom_term (term_id, status, sort_at, article_id, updated_at)
SELECT DISTINCT term_id, status, sort_at, article_id, updated_at
  FROM newsroom_article JOIN article_document USING (article_id)
  JOIN term ON kind = 'section' AND slug = json_extract(replace(document, char(1), ''), '$.section.slug');

INSERT INTO newsroom_term (term_id, status, sort_at, article_id, updated_at)
SELECT DISTINCT term_id, status, sort_at, article_id, updated_at
  FROM newsroom_article JOIN article_document USING (article_id)
  JOIN term ON kind = 'source' AND slug = json_extract(replace(document, char(1), ''), '$.source.slug');

INSERT INTO newsroom_term (term_id, status, sort_at, article_id, updated_at)
SELECT DISTINCT term_id, status, sort_at, article_id, updated_at
  FROM newsroom_article JOIN article_document USING (article_id)
  JOIN term ON kind = 'lang' AND slug = lower(json_extract(replace(document, char(1), ''), '$.lang'));

INSERT INTO newsroom_term (term_id, status, sort_at, article_id, updated_at)
SELECT DISTINCT term_id, status, sort_at, article_id, updated_at
  FROM newsroom_article JOIN article_document USING (article_id)
  JOIN term ON kind = 'flag' AND slug = iif(json_extract(replace(document, char(1), ''), '$.featured'), 'featured', NULL);

INSERT INTO newsroom_term (term_id, status, sort_at, article_id, updated_at)
SELECT DISTINCT term_id, status, sort_at, article_id, updated_at
  FROM newsroom_article JOIN article_document USING (article_id) JOIN json_each(replace(document, char(1), ''), '$.authors')
  JOIN term ON kind = 'author' AND slug = json_extract(value, '$.slug');

INSERT INTO newsroom_term (term_id, status, sort_at, article_id, updated_at)
SELECT DISTINCT term_id, status, sort_at, article_id, updated_at
  FROM newsroom_article JOIN article_document USING (article_id) JOIN json_each(replace(document, char(1), ''), '$.tags')
  JOIN term ON kind = 'tag' AND slug = json_extract(value, '$.slug');

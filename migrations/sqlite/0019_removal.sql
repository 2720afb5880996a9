-- Articles that readers had and have no more, for feeds that say so, by the terms under which they were listed last. A row goes when the article comes
-- back under its term. Of those that went before this table was there, what they were listed under is not known: they stand under all alone.

CREATE TABLE article_removal (
	term_id INTEGER NOT NULL,        -- 0: all articles
	seq INTEGER NOT NULL,            -- of the version that took it from readers
	article_id INTEGER NOT NULL REFERENCES article (article_id),
	removed_at INTEGER NOT NULL,     -- Unix seconds
	PRIMARY KEY (term_id, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX article_removal_article ON article_removal (article_id, term_id);

INSERT INTO article_removal (term_id, seq, article_id, removed_at)
	SELECT 0, seq, article_id, updated_at FROM article WHERE was_public = 1 AND status <> 'published';

-- Related articles, computed in the background and read as they lie.

-- The section of the article, so that a related list can keep to it without a look into JSON. NULL: it has none (a draft).
ALTER TABLE article ADD COLUMN section_id INTEGER REFERENCES term (term_id);

UPDATE article
   SET section_id = article_term.term_id
  FROM article_term JOIN term USING (term_id)
 WHERE kind = 'section' AND article_term.article_id = article.article_id;

CREATE TABLE article_related (
	-- The ready answer of a published article. Only store_related_keep() writes it; store_apply() takes it away with the article.
	article_id INTEGER PRIMARY KEY REFERENCES article (article_id),
	seq INTEGER NOT NULL,            -- the public seq that it was computed at: versions up to it are in it
	digest INTEGER NOT NULL,         -- of `answer`: another one when ids, order, scores or reasons are others
	sketch BLOB NOT NULL,            -- of the article's text, for telling copies of one story: server/article/text_sketch.c
	answer BLOB NOT NULL             -- ids, scores and reasons of up to 50: server/store/related_answer.c
) STRICT;

CREATE TABLE related_due (
	-- What is to be computed, filled in the transaction of the version that asks for it. A row goes when its answer is kept.
	article_id INTEGER PRIMARY KEY REFERENCES article (article_id),
	seq INTEGER NOT NULL,            -- of the version that asked: the latest is done first
	spreads INTEGER NOT NULL         -- 1: it is that article's own, so those that it should now appear beside become due in turn
) STRICT;

CREATE INDEX related_due_order ON related_due (seq);

INSERT INTO related_due (article_id, seq, spreads) SELECT article_id, seq, 0 FROM article WHERE status = 'published';

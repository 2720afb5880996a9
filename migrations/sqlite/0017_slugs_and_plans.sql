-- Which slugs readers have seen: a draft's own leave no trace.

ALTER TABLE article_slug ADD COLUMN was_public INTEGER NOT NULL DEFAULT 1;    -- a published version has borne it

UPDATE article_slug SET was_public = 0 WHERE article_id IN (SELECT article_id FROM article WHERE was_public = 0);

-- An import looks for scheduled articles of a source among all that have no time.
CREATE INDEX article_scheduled ON article (source_id, article_id) WHERE status = 'scheduled';

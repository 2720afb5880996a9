-- The names by which caches group an article's answers, ready to be sent: "section-sport source-wire tag-harbour". Empty when it is not published.

ALTER TABLE article_document ADD COLUMN cache_groups TEXT NOT NULL DEFAULT '';

UPDATE article_document
   SET cache_groups = coalesce(
	(SELECT group_concat(kind || '-' || slug, ' ')
	   FROM json_each('[' || replace(term_ids, ' ', ',') || ']') JOIN term ON term_id = value), '')
 WHERE term_ids <> '';

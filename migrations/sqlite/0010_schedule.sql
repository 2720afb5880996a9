-- What the newsroom has planned, and what it was answered.

CREATE TABLE schedule (
	-- When an article is to come out, or to be withdrawn, by itself. Kept by apply.
	article_id INTEGER PRIMARY KEY REFERENCES article (article_id),
	at INTEGER NOT NULL              -- Unix seconds
) STRICT;

CREATE INDEX schedule_at ON schedule (at, article_id);

INSERT INTO schedule (article_id, at)
SELECT article_id, unixepoch(json_extract(private, CASE status WHEN 'scheduled' THEN '$.publish_at' ELSE '$.expire_at' END)) AS at
  FROM article JOIN article_document USING (article_id)
 WHERE (status = 'scheduled' AND json_extract(private, '$.publish_at') IS NOT NULL)
    OR (status = 'published' AND json_extract(private, '$.expire_at') IS NOT NULL);

CREATE TABLE idempotency (
	-- Replies to writes that came with an Idempotency-Key, for 24 hours: who asks again is answered the same, and nothing is written twice.
	caller TEXT NOT NULL,
	key TEXT NOT NULL,
	digest BLOB NOT NULL,            -- SHA-256 of the request
	article_id INTEGER NOT NULL REFERENCES article (article_id),
	status INTEGER NOT NULL,
	rev INTEGER NOT NULL,
	reply TEXT NOT NULL,
	at INTEGER NOT NULL,
	PRIMARY KEY (caller, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_at ON idempotency (at);
CREATE INDEX idempotency_article ON idempotency (article_id);

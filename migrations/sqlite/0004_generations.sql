-- What the validators of replies are made from: when readers last saw a change in a section, tag, source, author, …, and that a log is this log.

CREATE TABLE article_count_with_seq (
	-- How many published articles a term has, and its generation; kind 'all', ref_id 0: all of them. Kept by apply, never counted.
	kind TEXT NOT NULL,
	ref_id INTEGER NOT NULL,
	n INTEGER NOT NULL CHECK (n >= 0),
	seq INTEGER NOT NULL,            -- of the last version that changed what readers see of it; stays when n falls to 0
	PRIMARY KEY (kind, ref_id)
) STRICT, WITHOUT ROWID;

INSERT INTO article_count_with_seq (kind, ref_id, n, seq)
SELECT kind, ref_id, n, (SELECT value FROM state WHERE name = 'public_seq') FROM article_count;

DROP TABLE article_count;
ALTER TABLE article_count_with_seq RENAME TO article_count;
CREATE INDEX article_count_order ON article_count (kind, n, ref_id);

-- A digest of the log up to this version: two databases with the same mark at a seq have had the same history.
ALTER TABLE article_version ADD COLUMN mark INTEGER NOT NULL DEFAULT 0;

INSERT INTO state (name, value) VALUES ('epoch', random());

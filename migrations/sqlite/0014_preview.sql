-- Addresses that show what is not published, for a while (server/api/preview_token.c).

CREATE TABLE preview_secret (
	-- What they are signed with. One row, drawn when the first of them is asked for; it travels through the log, so that every node knows it.
	only INTEGER PRIMARY KEY CHECK (only = 1),
	secret TEXT NOT NULL             -- 64 hexadecimal digits
) STRICT;

CREATE TABLE preview_revoked (
	-- Articles of which no preview may be shown any more, whenever it was made: erased ones.
	article_id INTEGER PRIMARY KEY
) STRICT;

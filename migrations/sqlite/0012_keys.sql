-- API keys. What the log says of them stands in api_key; when they were used is no business of the log's.

CREATE TABLE api_key (
	key_id INTEGER PRIMARY KEY,      -- the log's ref. 0 is nobody's: it is read in the place of a key that is not there, so that both take as long
	kid TEXT NOT NULL UNIQUE,        -- the part of the key that names it
	name TEXT NOT NULL UNIQUE,       -- for people; also of one that is revoked, since the log names who wrote by it
	digest BLOB NOT NULL CHECK (length(digest) = 32),    -- SHA-256 of its secret
	scopes TEXT NOT NULL,            -- 'read_drafts,write,admin', or some of them
	rev INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	expires_at INTEGER,              -- NULL: it does not
	revoked_at INTEGER
) STRICT;

INSERT INTO api_key (key_id, kid, name, digest, scopes, rev, created_at, revoked_at) VALUES (0, '', '', zeroblob(32), '', 0, 0, 0);

CREATE TABLE api_key_use (
	key_id INTEGER PRIMARY KEY REFERENCES api_key (key_id),
	used_at INTEGER NOT NULL         -- within a minute or so
) STRICT;

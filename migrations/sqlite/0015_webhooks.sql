-- Whom to tell of what changes (a record of the log), and the outbox of what they are told (this node's own).

CREATE TABLE webhook (
	-- As the log has them; only webhook_apply() writes here.
	webhook_id INTEGER PRIMARY KEY,
	rev INTEGER NOT NULL,
	url TEXT NOT NULL,
	events INTEGER NOT NULL,         -- enum webhook_event, or'ed
	section TEXT,                    -- slugs: only articles that have, or had before, this section…
	tag TEXT,                        -- …and this tag
	secret TEXT NOT NULL,            -- what signatures are made with
	active INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE webhook_delivery (
	-- One row an event of a webhook, written in the transaction of the article's version. Not in the log.
	webhook_id INTEGER NOT NULL REFERENCES webhook (webhook_id) ON DELETE CASCADE,
	seq INTEGER NOT NULL,            -- of the version; below 0: a test
	article_id INTEGER NOT NULL,     -- 0: a test
	event INTEGER NOT NULL,          -- enum webhook_event
	state INTEGER NOT NULL,          -- 0 pending, 1 delivered, 2 dead
	attempts INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	next_at INTEGER NOT NULL,        -- not before; never earlier than that of an older pending event of the article
	done_at INTEGER,                 -- when it became delivered or dead
	status INTEGER NOT NULL,         -- HTTP status of the last attempt; 0: there was no answer
	error TEXT,                      -- what went wrong the last time
	PRIMARY KEY (webhook_id, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, next_at, seq) WHERE state = 0;
CREATE INDEX webhook_delivery_article ON webhook_delivery (webhook_id, article_id, seq) WHERE state = 0;
CREATE INDEX webhook_delivery_state ON webhook_delivery (webhook_id, state, seq);
CREATE INDEX webhook_delivery_done ON webhook_delivery (state, done_at) WHERE state <> 0;

CREATE TABLE webhook_replay (
	-- How far a replay of the log has come: events of versions from next_seq up to last_seq are still to be put into the outbox.
	webhook_id INTEGER PRIMARY KEY REFERENCES webhook (webhook_id) ON DELETE CASCADE,
	next_seq INTEGER NOT NULL,
	last_seq INTEGER NOT NULL
) STRICT;

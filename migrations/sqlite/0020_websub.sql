-- Up to which seq a WebSub hub has been told which feeds changed. This node's own, not in the log; one row at most.

CREATE TABLE websub (
	hub TEXT PRIMARY KEY,            -- its address
	seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

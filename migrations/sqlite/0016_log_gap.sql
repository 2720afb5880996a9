-- Where a copy of the database was put back and went another way since: the seqs in between may have been given before, to versions that are lost.

CREATE TABLE log_gap (
	first_seq INTEGER PRIMARY KEY,   -- of the history that begins there; at least the time of it in microseconds, so that no seq is given twice
	after_seq INTEGER NOT NULL,      -- the last one of the copy; what lies between the two was never in this log
	at INTEGER NOT NULL              -- Unix seconds
) STRICT;

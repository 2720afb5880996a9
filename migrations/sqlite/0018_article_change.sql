-- What `GET /v1/changes` gives: of each article that readers have seen, its last change that they could see. Nothing about drafts.

CREATE TABLE article_change (
	seq INTEGER PRIMARY KEY,         -- of the version that made it; a later change of the article moves the row to the end
	article_id INTEGER NOT NULL UNIQUE REFERENCES article (article_id),
	reason TEXT CHECK (reason IN ('withdrawn', 'expired', 'unpublished')),    -- why it is gone; NULL: readers see it
	term_ids TEXT NOT NULL,          -- what it is listed under now, as article_document has it; empty when it is gone
	past_term_ids TEXT               -- what it was listed under before, at any time; '*': perhaps anything; NULL: it had not been public before
) STRICT;

-- One that readers see stands at its last version. One that is gone went with the first version behind the last that they saw; of an erased one
-- all versions say what the last one does, only `op` does not, and the first that withdrew it is taken.
INSERT INTO article_change (seq, article_id, term_ids, past_term_ids)
SELECT seq, article_id, term_ids, CASE WHEN rev > 1 THEN '*' END
  FROM article JOIN article_document USING (article_id)
 WHERE status = 'published';

INSERT INTO article_change (seq, article_id, reason, term_ids, past_term_ids)
SELECT went.seq, article_id,
       CASE WHEN op <> 'withdraw' THEN 'unpublished' WHEN json_extract(doc, '$.reason') = 'expired' THEN 'expired' ELSE 'withdrawn' END, '', '*'
  FROM (SELECT article_id,
               coalesce((SELECT min(rev) FROM article_version AS v WHERE kind = 'article' AND ref = article_id AND rev >
                         (SELECT max(rev) FROM article_version AS w WHERE w.kind = 'article' AND w.ref = article_id
                             AND json_extract(w.doc, '$.status') = 'published')),
                        (SELECT min(rev) FROM article_version AS v WHERE kind = 'article' AND ref = article_id AND op = 'withdraw' AND rev > 1
                             AND EXISTS (SELECT 1 FROM article_version AS w WHERE w.kind = 'article' AND w.ref = article_id AND w.op = 'put'
                                            AND json_extract(w.doc, '$.status') = 'withdrawn'))) AS rev
          FROM article WHERE status <> 'published' AND was_public) AS gone
       JOIN article_version AS went ON went.kind = 'article' AND went.ref = article_id AND went.rev = gone.rev;

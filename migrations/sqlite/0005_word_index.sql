-- Which articles hold a telling word, as an inverted index that is written in order, in the place of a table with a row for each.

CREATE VIRTUAL TABLE article_words USING fts5 (
	word_ids,                        -- of an article (rowid): numbers of its words, parted by blanks, as in article_document
	content = '', columnsize = 0, detail = none, tokenize = 'ascii'
);

INSERT INTO article_words (rowid, word_ids) SELECT article_id, word_ids FROM article_document WHERE word_ids <> '';

DROP TABLE article_word;

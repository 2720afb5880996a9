-- What editors put in order by hand: collections of articles, and the sections as readers see them.

CREATE TABLE collection (
	-- The front page, the editors' picks, … Stays when it is removed, so that its revs go on counting should it come back.
	collection_id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	title TEXT,
	rev INTEGER NOT NULL,            -- of the version that it stands at
	public_rev INTEGER NOT NULL,     -- of the last version that changed what readers see: the only one that they are told
	seq INTEGER NOT NULL,            -- its generation: of the last version of it, or of a member, that changed what readers see
	removed INTEGER NOT NULL
) STRICT;

CREATE TABLE collection_item (
	collection_id INTEGER NOT NULL REFERENCES collection (collection_id),
	position INTEGER NOT NULL,
	article_id INTEGER NOT NULL REFERENCES article (article_id),
	PRIMARY KEY (collection_id, position)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX collection_item_article ON collection_item (article_id, collection_id);

CREATE TABLE section (
	-- What the newsroom has said of a section. One that articles brought with them has no row until then.
	section_id INTEGER PRIMARY KEY,
	term_id INTEGER NOT NULL UNIQUE REFERENCES term (term_id),
	rev INTEGER NOT NULL,
	description TEXT,
	position INTEGER,                -- in the navigation; NULL: behind those that have one, by the number of articles
	hidden INTEGER NOT NULL          -- 1: not in the navigation
) STRICT;

CREATE INDEX section_position ON section (position) WHERE position IS NOT NULL;

CREATE TABLE term_alias (
	-- Names that a term had before it was renamed: whoever still writes them means this term.
	kind TEXT NOT NULL,
	folded TEXT NOT NULL,
	term_id INTEGER NOT NULL REFERENCES term (term_id),
	PRIMARY KEY (kind, folded)
) STRICT, WITHOUT ROWID;

CREATE TABLE section_rename (
	-- Renamed, and not all of its articles say so yet: published ones from the newest on, then the others.
	term_id INTEGER PRIMARY KEY REFERENCES term (term_id),
	published_at INTEGER,            -- with article_id the last one that does; NULL: the published ones all do
	article_id INTEGER NOT NULL
) STRICT;

CREATE INDEX article_section_unpublished ON article (section_id, article_id) WHERE status <> 'published';

-- What office staff made of the message templates. No row's text is ever changed or deleted.

-- Each save of a template that is not in force yet.
CREATE TABLE template_draft (
    name TEXT NOT NULL,                 -- commune_first.md
    number BIGINT NOT NULL,             -- 1, 2, 3 … of this template
    source TEXT NOT NULL,
    saved_at BIGINT NOT NULL,
    saved_by TEXT NOT NULL,
    note TEXT NOT NULL,
    automatic BOOLEAN NOT NULL,         -- saved by itself while somebody wrote; his next save takes its place
    page TEXT NOT NULL,                 -- the opened page that it was written on; empty: none
    based_on BIGINT NOT NULL,           -- the revision that was in force then; 0: the original
    original_hash TEXT NOT NULL,        -- SHA-256 of the shipped or file text of then; empty: there was none
    closed_at BIGINT,                   -- when it was published or discarded
    fate TEXT CHECK (fate IN ('published', 'discarded')),
    PRIMARY KEY (name, number)
);

-- What was put in force; of each template the highest number is.
CREATE TABLE template_revision (
    name TEXT NOT NULL,
    number BIGINT NOT NULL,             -- 1, 2, 3 … of this template
    source TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    published_by TEXT NOT NULL,
    note TEXT NOT NULL,
    original_hash TEXT NOT NULL,        -- as in template_draft
    draft BIGINT,                       -- the draft that it was
    restores BIGINT,                    -- the revision whose text it has again; 0: the original's
    PRIMARY KEY (name, number)
);

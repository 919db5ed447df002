-- Reference data. Dates are ISO text (2022-10-31), empty bounds are NULL; nothing is ever deleted by a later state.

CREATE TABLE unit (
    id TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    parent_id TEXT,
    aliases TEXT NOT NULL,
    valid_from TEXT NOT NULL,           -- '' since always, so that the key is never NULL
    valid_to TEXT,
    position BIGINT NOT NULL,           -- place in the pack, so that an export keeps its order
    PRIMARY KEY (id, valid_from)
);

CREATE TABLE succession (
    predecessor_id TEXT NOT NULL,
    successor_id TEXT NOT NULL,
    happened_on TEXT NOT NULL,
    kind TEXT NOT NULL,
    basis TEXT NOT NULL,                -- the document that it rests on, as people cite it; '' if nobody said
    position BIGINT NOT NULL,
    PRIMARY KEY (predecessor_id, successor_id, happened_on)
);

CREATE TABLE contact (
    unit_id TEXT NOT NULL,
    office TEXT NOT NULL,
    person TEXT,
    title TEXT NOT NULL,
    email TEXT,
    phone TEXT,
    zalo_user_id TEXT,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    position BIGINT NOT NULL,
    PRIMARY KEY (unit_id, office, valid_from)
);

-- Definitions of a pack that are edited as one piece: kind is indicator, target, sender, calendar_year or template,
-- id its name in the file, body its TOML (a template's own text).
CREATE TABLE definition (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (kind, id)
);

-- Append-only: whom a person said a source's name to mean, and when that was taken back. The alias itself stands with
-- the unit.
CREATE TABLE alias_decision (
    folded TEXT NOT NULL,               -- the name as matching compares it
    number BIGINT NOT NULL,             -- the how-manieth decision about it
    alias TEXT NOT NULL,
    unit_id TEXT NOT NULL,
    verb TEXT NOT NULL CHECK (verb IN ('resolved', 'undone')),
    decided_at BIGINT NOT NULL,
    decided_by TEXT NOT NULL,
    PRIMARY KEY (folded, number)
);

-- Sheets of contacts that somebody brought. One waits until it is confirmed, for a day at most; what it changed is kept for
-- a day more, so that it can be taken back. Both hold addresses and are emptied then.
CREATE TABLE contact_import (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'written', 'undone')),
    file_name TEXT NOT NULL,
    sheet TEXT NOT NULL,                -- JSON of its cells while it waits; then ''
    layout TEXT NOT NULL,               -- JSON: row of the headings, headings, and what each column holds
    whole BOOLEAN NOT NULL,             -- offices that it does not name end
    brought_at BIGINT NOT NULL,
    brought_by TEXT NOT NULL,
    written_at BIGINT,
    written_by TEXT,
    undone_at BIGINT,
    undone_by TEXT,
    edits TEXT NOT NULL,                -- JSON: [{unit, office, before, after}] while it can be taken back; else ''
    added BIGINT NOT NULL DEFAULT 0,
    changed BIGINT NOT NULL DEFAULT 0,
    ended BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX contact_import_by_time ON contact_import (brought_at);

-- Mergers, splits, new names, ends and beginnings of units that somebody recorded. What one changed is kept for a day, so that
-- it can be taken back; contacts are in it, and it is emptied then.
CREATE TABLE unit_reform (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('merge', 'split', 'rename', 'end', 'add')),
    happened_on TEXT NOT NULL,          -- first day of the new state
    basis TEXT NOT NULL,
    told TEXT NOT NULL,                 -- the units in a few words
    state TEXT NOT NULL CHECK (state IN ('written', 'undone')),
    edits TEXT NOT NULL,                -- JSON: {units, offices, successions} while it can be taken back; else ''
    written_at BIGINT NOT NULL,
    written_by TEXT NOT NULL,
    undone_at BIGINT,
    undone_by TEXT
);
CREATE INDEX unit_reform_by_time ON unit_reform (written_at);

-- What clerks decided about the headings of sheets of contacts.
CREATE TABLE contact_heading (
    heading TEXT PRIMARY KEY,           -- as matching compares it
    field TEXT NOT NULL                 -- '' for a column that is left out
);

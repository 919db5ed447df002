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

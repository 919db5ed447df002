-- What the flow leaves behind. Instants are milliseconds since 1970, dates ISO text.

CREATE TABLE schedule (
    name TEXT PRIMARY KEY,
    line TEXT NOT NULL,                 -- what it says; another line starts anew
    planned_until BIGINT NOT NULL       -- runs whose key is up to here have a row in schedule_run or were let go
);

CREATE TABLE schedule_run (
    schedule TEXT NOT NULL,
    planned_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('due', 'running', 'done', 'skipped', 'failed')),
    epoch BIGINT NOT NULL DEFAULT 0,    -- how often it was taken; the fencing number of its lease
    due_at BIGINT NOT NULL,             -- planned_at, later after a try that failed
    lease_until BIGINT,
    last_error TEXT,
    PRIMARY KEY (schedule, planned_at)
);

-- One round.
CREATE TABLE run (
    id TEXT PRIMARY KEY,
    as_of TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    started_by TEXT NOT NULL DEFAULT '', -- who composed it: a name, or `serve`
    finished_at BIGINT,
    state TEXT NOT NULL CHECK (state IN ('running', 'held', 'done')),
    reason TEXT,                        -- why a held round was held: the codes of its doubts
    doubts TEXT,                        -- JSON of what the quality gate doubted: [{source, code, message, remedy}]
    figures_until TEXT,                 -- last day of the figures, earlier than as_of while months are provisional
    reminded BIGINT NOT NULL DEFAULT 0, -- units reminded
    fingerprint TEXT NOT NULL,          -- of targets, mapping, templates and sources
    assessed BIGINT NOT NULL DEFAULT 0,
    below BIGINT NOT NULL DEFAULT 0,
    not_assessed BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX run_by_date ON run (as_of, started_at);

-- Which bytes a round was judged by. The same bytes pulled by two rounds have one id and two rows.
CREATE TABLE snapshot (
    id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    source TEXT NOT NULL,
    origin TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    pulled_at BIGINT NOT NULL,
    newest_period TEXT,
    rows_read BIGINT NOT NULL,
    rows_refused BIGINT NOT NULL,
    totals TEXT NOT NULL,               -- JSON: measure → sum
    PRIMARY KEY (run_id, id)
);

-- Units of sources that the directory does not know or nobody has taken over, as the last round met them; once resolved
-- they are not shown any more.
CREATE TABLE unresolved (
    source TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    why TEXT NOT NULL,                  -- unknown, ambiguous, contradiction, divided or dissolved
    rows_met BIGINT NOT NULL,
    first_place TEXT NOT NULL,
    period_end TEXT NOT NULL,           -- of the newest row: the day on which the directory was asked
    met_at BIGINT NOT NULL,
    PRIMARY KEY (source, code, name)
);

-- One row per unit and accepted round: its counts per service, {"measures": […], "services": [[code, [count or null, …]], …]}.
-- Some 50 bytes per service and 170 per unit: 118 KB for the sample's round, some 20 MB for 10,000 units of 40 services.
CREATE TABLE unit_figures (
    run_id TEXT NOT NULL,
    unit_id TEXT NOT NULL,
    figures TEXT NOT NULL,
    PRIMARY KEY (run_id, unit_id)
);

-- The figures that a round was let through with, per source and last day of the figures: what the next pull is compared
-- with. A row waits while its round waits for a second person.
CREATE TABLE accepted (
    source TEXT NOT NULL,
    as_of TEXT NOT NULL,
    waiting BOOLEAN NOT NULL,
    run_id TEXT NOT NULL,
    snapshot_id TEXT NOT NULL,
    rows_counted BIGINT NOT NULL,
    units BIGINT NOT NULL,
    totals TEXT NOT NULL,               -- JSON: measure → sum
    figures TEXT NOT NULL,              -- JSON: {measures: [name], units: {unit: [sum or null]}}
    PRIMARY KEY (source, as_of, waiting)
);

-- A person's word that the figures of a held round are right: the same bytes are let through from then on.
CREATE TABLE gate_release (
    run_id TEXT PRIMARY KEY,
    note TEXT NOT NULL,
    released_by TEXT NOT NULL,
    released_at BIGINT NOT NULL
);

-- One row per unit and round, standings as JSON: [{indicator, numerator, denominator, target, standing, missing}].
CREATE TABLE evaluation (
    run_id TEXT NOT NULL,
    unit_id TEXT NOT NULL,
    standings TEXT NOT NULL,
    PRIMARY KEY (run_id, unit_id)
);

-- One row per unit and round: what was decided about each indicator, and the reason that stands for the unit.
CREATE TABLE decision (
    run_id TEXT NOT NULL,
    unit_id TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('remind', 'hold')),
    reason TEXT NOT NULL,
    indicators TEXT NOT NULL,           -- JSON: [{indicator, outcome, reason, step}]
    PRIMARY KEY (run_id, unit_id)
);

-- A unit and indicator from first miss to recovery.
CREATE TABLE reminder_case (
    id TEXT PRIMARY KEY,
    unit_id TEXT NOT NULL,
    indicator TEXT NOT NULL,
    opened_on TEXT NOT NULL,
    closed_on TEXT,
    reminded_on TEXT,
    reminders BIGINT NOT NULL DEFAULT 0,
    closed_because TEXT,                -- divided, dissolved or merged, when the unit is no more; else NULL: it recovered
    came_from TEXT,                     -- the unit it was opened for, when that is no more
    misses BIGINT NOT NULL DEFAULT 1,   -- rounds in a row below target before the first reminder
    missed_on TEXT,                     -- as-of date of the last of them
    raised BIGINT NOT NULL DEFAULT 0,   -- steps that broken promises raised it by
    broken_on TEXT,                     -- the promised date that was last found broken
    copy_due BOOLEAN NOT NULL DEFAULT FALSE -- the superior has still to hear of the last reminder
);
CREATE UNIQUE INDEX one_open_case ON reminder_case (unit_id, indicator) WHERE closed_on IS NULL;

-- For a while nobody is reminded of something, because somebody said so and why. Nothing is ever deleted.
CREATE TABLE silence (
    id TEXT PRIMARY KEY,
    unit_id TEXT,                       -- NULL: every unit
    subtree BOOLEAN NOT NULL,           -- the units below it too
    indicator TEXT,                     -- NULL: every indicator
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    said_at BIGINT NOT NULL,
    ended_on TEXT,                      -- ended early on this day
    ended_by TEXT
);

-- A batch of a round that waits for, or got, a second person's word.
CREATE TABLE approval (
    run_id TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    messages BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    composed_by TEXT NOT NULL DEFAULT '', -- who started what asks
    approved_at BIGINT,
    approved_by TEXT,
    refused_at BIGINT,                  -- when somebody said that the batch does not go; its messages are taken back
    refused_by TEXT,
    refused_why TEXT,
    CHECK (approved_at IS NULL OR refused_at IS NULL)
);

-- Switches that hold for every replica: 'paused'.
CREATE TABLE switch (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    why TEXT NOT NULL DEFAULT ''        -- what whoever changed it said
);

-- Channels that were found out of order: nobody uses them until then, and after it one replica tries first.
CREATE TABLE channel_rest (
    channel TEXT PRIMARY KEY,
    since BIGINT NOT NULL,              -- when it was found so for the first time
    rests_until BIGINT NOT NULL,
    reason TEXT NOT NULL
);

-- How fast a channel is used by all replicas together. PostgreSQL alone: with SQLite there is one process.
CREATE TABLE channel_pace (
    channel TEXT PRIMARY KEY,
    next_at BIGINT NOT NULL             -- when the next message is due by the rate, in microseconds
);

-- How many messages at once each replica may have on its way through a channel. PostgreSQL alone.
CREATE TABLE channel_share (
    channel TEXT NOT NULL,
    worker TEXT NOT NULL,
    holds BIGINT NOT NULL,
    wants BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    PRIMARY KEY (channel, worker)
);

-- Who may use the pages, what they did there. Secrets stand here hashed or sealed.

CREATE TABLE account (
    id TEXT PRIMARY KEY,                -- random; the audit log knows a person by it alone
    login TEXT NOT NULL UNIQUE,         -- folded
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('view', 'edit', 'approve', 'admin')),
    scope TEXT,                         -- id of a unit: that one and all below it; NULL: the whole province
    password_hash TEXT NOT NULL,        -- Argon2id, with its parameters
    must_change BOOLEAN NOT NULL,       -- the password was given by another person
    totp_sealed TEXT,                   -- secret of the codes, sealed for this account
    totp_step BIGINT NOT NULL DEFAULT 0, -- newest step whose code was used: a code is good once
    recovery TEXT NOT NULL DEFAULT '',  -- SHA-256 of codes that stand in for a lost phone, good once each
    created_at BIGINT NOT NULL,
    disabled_at BIGINT,
    oidc_issuer TEXT,                   -- the single sign-on that vouched for him first, and its name of him for ever:
    oidc_subject TEXT,                  -- from then on only whoever has both comes in by it; both NULL: not yet
    UNIQUE (oidc_issuer, oidc_subject)
);

CREATE TABLE session (
    id_hash TEXT PRIMARY KEY,           -- SHA-256 of what the cookie holds
    account_id TEXT NOT NULL,
    vouched BOOLEAN NOT NULL,           -- whether the single sign-on said who it is, not a password
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,            -- to the minute
    address TEXT NOT NULL,
    agent TEXT NOT NULL                 -- what the browser calls itself, sanitised
);
CREATE INDEX session_by_account ON session (account_id);

-- Codes from the command line that make the first administrator, as SHA-256.
CREATE TABLE setup_code (
    code_hash TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

-- What people said of the steps of the first set-up; most of them are seen from the rest of the database.
CREATE TABLE setup_step (
    step TEXT PRIMARY KEY,              -- sender, units, targets, source, channel, letter, schedule
    word TEXT NOT NULL CHECK (word IN ('done', 'later')),
    detail TEXT NOT NULL,
    at BIGINT NOT NULL
);

-- Each try to sign in that was looked into, of the last hour; one that succeeds takes its own lane's rows away.
CREATE TABLE login_failure (
    id TEXT PRIMARY KEY,
    login_hash TEXT NOT NULL,           -- SHA-256 of the login name, whether it exists or not
    lane TEXT NOT NULL,                 -- the address, or a browser that the account signed in from before
    at BIGINT NOT NULL
);
CREATE INDEX login_failure_by_login ON login_failure (login_hash, at);
CREATE INDEX login_failure_by_lane ON login_failure (lane, at);

-- Append-only, each row bound to the one before it by its hash.
CREATE TABLE audit (
    number BIGINT PRIMARY KEY,          -- 1, 2, 3 … without a gap
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,                -- account/<id>, command/<user of the operating system>, nobody
    deed TEXT NOT NULL,
    subject TEXT NOT NULL,              -- what it was done to: account/<id>, token/<id> …
    detail TEXT NOT NULL,
    address TEXT NOT NULL,
    hash TEXT NOT NULL                  -- SHA-256 of the row before and of all this
);

-- What programs prove themselves with.
CREATE TABLE api_token (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('view', 'edit', 'approve', 'admin')),
    scope TEXT,
    token_hash TEXT NOT NULL UNIQUE,    -- SHA-256
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);

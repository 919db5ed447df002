-- The durable queue and its ledger. Every transition is a conditional update on state and epoch.

CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    dedup_key TEXT NOT NULL UNIQUE,
    run_id TEXT NOT NULL,
    unit_code TEXT NOT NULL,
    recipient_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    host TEXT NOT NULL DEFAULT '',      -- mail domain or host of the URL; empty for a number
    chain_id TEXT,                      -- id of the first entry, when several channels could carry the message; NULL: only one
    place BIGINT NOT NULL DEFAULT 0,    -- 0 is tried first; a later one stands by until the one before it did not get through
    leads BOOLEAN NOT NULL DEFAULT TRUE, -- stands for its message where messages are counted: one entry of each chain does
    yields_at BIGINT,                   -- when the next channel is tried if this one was not sent by then
    called_at BIGINT,                   -- of one that stands by: when it was heard that the one before did not arrive
    message_id TEXT NOT NULL,
    content_hash TEXT NOT NULL,         -- SHA-256 of address and content
    resend_for BIGINT NOT NULL,         -- milliseconds after begun_at within which an unknown outcome may be tried again
    state TEXT NOT NULL CHECK (state IN
        ('held', 'ready', 'sending', 'sent', 'uncertain', 'failed', 'expired', 'cancelled', 'quarantined', 'standby')),
    hold_reason TEXT,
    attempts BIGINT NOT NULL DEFAULT 0,
    lost BIGINT NOT NULL DEFAULT 0,     -- attempts that ended with their worker
    epoch BIGINT NOT NULL DEFAULT 0,
    worker TEXT,
    claimed_at BIGINT,
    begun_at BIGINT,                    -- when it was claimed for the first time
    due_at BIGINT NOT NULL,
    lease_until BIGINT,
    valid_until BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ready_at BIGINT,
    settled_at BIGINT,
    last_error TEXT,
    reference TEXT,                     -- what the provider calls it, since it took it
    words_deleted_at BIGINT,            -- when its words were deleted under [retention]; such an entry is settled for good
    CHECK (words_deleted_at IS NULL OR settled_at IS NOT NULL),
    CHECK (state = 'standby' OR (state = 'held') = (hold_reason IS NOT NULL)), -- one that stands by may be held later
    CHECK ((state = 'sending') = (lease_until IS NOT NULL)),
    CHECK ((state = 'sending') = (worker IS NOT NULL)),
    CHECK ((state IN ('sent', 'failed', 'expired', 'cancelled', 'quarantined')) = (settled_at IS NOT NULL))
);
-- The words of an entry, frozen. Apart from its state, so that a transition does not write them again.
CREATE TABLE outbox_content (
    entry_id TEXT PRIMARY KEY,
    content TEXT NOT NULL,              -- JSON of the message
    written_at BIGINT NOT NULL          -- as created_at of its entry
);
-- For the retention. Not on the entry itself: PostgreSQL would write it again with each of its states.
CREATE INDEX outbox_content_by_age ON outbox_content (written_at, entry_id);

CREATE INDEX outbox_due ON outbox (channel, lost, due_at, host) WHERE state = 'ready';
CREATE INDEX outbox_chain ON outbox (chain_id, place) WHERE chain_id IS NOT NULL;
CREATE INDEX outbox_yields ON outbox (yields_at) WHERE state = 'ready' AND yields_at IS NOT NULL;
CREATE INDEX outbox_standby ON outbox (valid_until) WHERE state = 'standby';
CREATE INDEX outbox_called ON outbox (called_at) WHERE state = 'standby' AND called_at IS NOT NULL;
CREATE INDEX outbox_leased ON outbox (lease_until) WHERE state = 'sending';
-- Of what is settled alone: one entry per message, and none more for its transitions.
CREATE INDEX outbox_by_unit ON outbox (unit_code, created_at) WHERE settled_at IS NOT NULL;
CREATE INDEX outbox_by_run ON outbox (run_id); -- without the state, which changes twice for every message
-- For the retention, too.
CREATE INDEX outbox_without_words ON outbox (created_at, id) WHERE words_deleted_at IS NOT NULL;

-- Append-only: one row per ended attempt, with what was decided on it. number is the lease epoch it ran under.
CREATE TABLE attempt (
    entry_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN
        ('accepted', 'permanent', 'recipient', 'transient', 'throttled', 'channel_broken', 'unknown', 'handed_back', 'lost',
         'by_hand')),                   -- a person mended it; the answer says who and what
    code BIGINT,
    answer TEXT NOT NULL,
    reference TEXT,                     -- what the provider calls it
    sent_hash TEXT,                     -- SHA-256 of the mail that the peer took, in hexadecimal
    next_state TEXT NOT NULL,
    next_due_at BIGINT,
    burnt BOOLEAN NOT NULL,             -- whether it counts against the entry's attempts
    PRIMARY KEY (entry_id, number)
);

-- What a person did to entries, and how they stood before: for a while it can be undone as a whole.
CREATE TABLE outbox_deed (
    id TEXT PRIMARY KEY,
    what TEXT NOT NULL,                 -- 'retry', 'let_go', 'hold', 'cancel', 'refuse'
    done_at BIGINT NOT NULL,
    done_by TEXT NOT NULL,
    undo_until BIGINT NOT NULL,
    undone_at BIGINT
);
CREATE TABLE outbox_before (
    deed_id TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    message TEXT NOT NULL,              -- id of the first entry of its message: what is undone is undone for all of them
    chosen BOOLEAN NOT NULL,            -- what the person chose, not what moved with it
    state TEXT NOT NULL,
    hold_reason TEXT,
    leads BOOLEAN NOT NULL,
    attempts BIGINT NOT NULL,
    lost BIGINT NOT NULL,
    begun_at BIGINT,
    due_at BIGINT NOT NULL,
    yields_at BIGINT,
    called_at BIGINT,
    ready_at BIGINT,
    valid_until BIGINT NOT NULL,
    settled_at BIGINT,
    last_error TEXT,
    address TEXT NOT NULL,
    host TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    state_after TEXT,                   -- as the deed left it; whatever happens to it later moves state or epoch
    epoch_after BIGINT,
    PRIMARY KEY (deed_id, entry_id)
);

-- What providers and relays say about a message after they took it. Append-only: what was said first holds.
CREATE TABLE receipt (
    entry_id TEXT NOT NULL,
    fact TEXT NOT NULL CHECK (fact IN ('delayed', 'delivered', 'undelivered', 'bounced', 'seen')),
    at BIGINT NOT NULL,                 -- when it happened, as the provider says
    noted_at BIGINT NOT NULL,
    said_by TEXT NOT NULL,              -- the channel
    detail TEXT NOT NULL,               -- one sanitised line
    PRIMARY KEY (entry_id, fact)
);
CREATE INDEX outbox_by_reference ON outbox (channel, reference) WHERE reference IS NOT NULL;

-- The built-in mailbox of the capture channel.
CREATE TABLE mailbox (
    entry_id TEXT PRIMARY KEY,
    message_id TEXT NOT NULL,
    address TEXT NOT NULL,
    unit_code TEXT NOT NULL,
    captured_at BIGINT NOT NULL,
    content TEXT NOT NULL,              -- empty once its words were deleted
    words_deleted_at BIGINT
);
CREATE INDEX mailbox_with_words ON mailbox (captured_at, entry_id) WHERE words_deleted_at IS NULL;
CREATE INDEX mailbox_without_words ON mailbox (captured_at, entry_id) WHERE words_deleted_at IS NOT NULL;

-- The pair of tokens of a Zalo app, sealed under its app and version. The intent stands here before a pair is asked for.
CREATE TABLE zalo_token (
    app_id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,            -- rises with every pair
    sealed TEXT NOT NULL,
    obtained_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,         -- of the access token
    refresh_expires_at BIGINT NOT NULL,
    begun_at BIGINT,                    -- a refresh was begun, and no answer to it is stored
    tries BIGINT NOT NULL DEFAULT 0,    -- how often this pair's refresh token may have been used
    lease_until BIGINT,                 -- until when the one who refreshes is left alone
    fault TEXT                          -- why the last refresh gave no pair
);

-- What Zalo last told of an app: quota, quality, the official account, each template. Content is its JSON.
CREATE TABLE zalo_reading (
    app_id TEXT NOT NULL,
    about TEXT NOT NULL,                -- 'quota', 'quality', 'account', 'template/<id>'; 'turn' is whose turn it is to read
    read_at BIGINT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (app_id, about)
);

-- Codes by which heads bind their Zalo to a bot, as SHA-256.
CREATE TABLE zalo_bot_code (
    code_hash TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    office TEXT NOT NULL,               -- <unit>/head
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

-- Where a bot reaches an office, since its head sent the code.
CREATE TABLE zalo_bot_chat (
    channel TEXT NOT NULL,
    office TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    bound_at BIGINT NOT NULL,
    PRIMARY KEY (channel, office)
);

-- Answers of heads by the link in their letter. Append-only: of a case the newest one holds.
CREATE TABLE reply (
    id TEXT PRIMARY KEY,                -- made of what is said, by whom, about what, after which answer
    answer_id TEXT NOT NULL,            -- one for all cases that were answered together
    case_id TEXT NOT NULL,
    unit_id TEXT NOT NULL,
    indicator TEXT NOT NULL,
    recipient_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('received', 'promised', 'disputed', 'not_mine')),
    by_date TEXT,                       -- the promised date
    hold_until TEXT,                    -- of a dispute: the last day without reminders
    cause TEXT NOT NULL,
    as_of TEXT NOT NULL,                -- of the round that wrote the letter
    answered_at BIGINT NOT NULL,
    CHECK ((kind = 'promised') = (by_date IS NOT NULL)),
    CHECK ((kind = 'disputed') = (hold_until IS NOT NULL))
);
CREATE INDEX reply_by_case ON reply (case_id, answered_at);

-- What an answer asks of staff: a dispute, a contact that is wrong.
CREATE TABLE reply_task (
    answer_id TEXT PRIMARY KEY,
    opened_at BIGINT NOT NULL,
    told_at BIGINT,                     -- when the admins were told
    closed_at BIGINT,
    closed_by TEXT,
    note TEXT,
    CHECK ((closed_at IS NULL) = (closed_by IS NULL))
);

-- Addresses that gave messages back. While one is open, later messages take another channel where there is one.
CREATE TABLE bounced_address (
    id TEXT PRIMARY KEY,                -- the entry that came back first
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    recipient_id TEXT NOT NULL,
    unit_code TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    told_at BIGINT,                     -- when the admins were told
    closed_at BIGINT,
    closed_by TEXT,
    note TEXT,
    CHECK ((closed_at IS NULL) = (closed_by IS NULL))
);
CREATE UNIQUE INDEX bounced_address_open ON bounced_address (channel, address) WHERE closed_at IS NULL;

-- Each row ends all links that the recipient had.
CREATE TABLE reply_revocation (
    id TEXT PRIMARY KEY,
    recipient_id TEXT NOT NULL,
    revoked_at BIGINT NOT NULL,
    revoked_by TEXT NOT NULL,
    note TEXT NOT NULL
);

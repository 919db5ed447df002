//! The durable queue of messages: enqueue, claim with a lease, settle. It is also the ledger that people query.
//!
//! message → **outbox** → channel
//!
//! A row is in one state at a time ([`State`]); every transition is one conditional statement. Intent is durable
//! before the first byte leaves: an entry is claimed, and its attempt counted, in a committed unit of work. A worker
//! that dies leaves its lease behind; when it ends the entry is offered again under the same `Message-ID`, or
//! becomes `uncertain` on a channel that must not repeat.

mod browse;
mod claim;
mod enqueue;
mod entry;
mod fallback;
mod list;
mod mend;
mod receipt;
mod reference;
mod retention;
mod settle;
mod undo;
mod waiting;

pub use browse::{
    Browsed, Ending, Known, Standing, WrittenTogether, browse, channels, counted, known_of, rounds, standings,
};
pub use claim::{Claim, Claimed, Recovered, Trust, claim, recover};
pub use enqueue::{HeldBatch, NewEntry, Times, Turn, any_open, enqueue, held_batch, release};
pub use entry::{Entry, EntryId, HoldReason, Resend, State};
pub use fallback::{Moment, advance, others, reached};
pub use list::{
    Attempt, Filter, Tally, Terms, about_unit, list, newest, next_due, of_kind, show, tally, tally_of, terms,
    waiting_about,
};
pub use mend::{Fate, Resolved, cancel, hold, let_go, readdress, record_deed, resolve, retry};
pub use receipt::{Awaiting, Fact, Said, Told, awaiting_receipt, by_reference, confirm, note_receipt, receipts};
pub use reference::{Unreferenced, learn_reference, queued, unreferenced};
pub use retention::{Kept, Retention, Walk, forget, forget_words, old_words};
pub use settle::{Outcome, Settlement, settle};
pub use undo::{Deed, Undoable, Undone, begin_deed, end_deed, keep_still, remember, spare, undo, undoable};
pub use waiting::{Waiting, rewrite, waiting};

use crate::db::Sql;

/// Every statement of this room.
pub const STATEMENTS: &[Sql] = &[
    enqueue::ENQUEUE,
    enqueue::FREEZE,
    enqueue::HELD_HASHES,
    enqueue::RELEASE,
    enqueue::RELEASE_FURTHER,
    enqueue::OPEN,
    claim::CLAIM,
    claim::CLAIM_BESIDE,
    claim::EXPIRE,
    claim::EXPIRE_HELD,
    claim::RECORD_LOST,
    claim::TAKE_BACK_LOST,
    fallback::CALL,
    fallback::FOLLOW,
    fallback::HOLD_BACK,
    fallback::DROP,
    fallback::REACHED,
    fallback::OVER,
    fallback::YIELD,
    fallback::HEARD,
    fallback::CALLED,
    fallback::OTHERS,
    receipt::NOTE,
    receipt::CONFIRM,
    receipt::FACTS,
    receipt::AWAITING,
    receipt::BY_REFERENCE,
    reference::UNREFERENCED,
    reference::LEARN,
    reference::QUEUED,
    retention::MARK,
    retention::FORGET_WORDS,
    retention::COUNT_WORDS,
    retention::NEXT_WITH_WORDS,
    retention::NEXT_WITHOUT_WORDS,
    retention::FORGET,
    retention::FORGET_ATTEMPTS,
    retention::FORGET_RECEIPTS,
    settle::RECORD_ATTEMPT,
    settle::APPLY,
    list::LIST,
    list::CONTENT,
    list::TERMS,
    list::ATTEMPTS,
    list::TALLY,
    list::TALLY_BY_UNIT,
    list::ABOUT_UNIT,
    list::WAITING,
    list::NEXT_DUE,
    list::NEWEST,
    list::OF_KIND,
    mend::RETRY,
    mend::STAND_BY,
    mend::LEAD,
    mend::READDRESS,
    mend::CONTENT_OF,
    mend::CANCEL,
    mend::HOLD,
    mend::LET_GO,
    mend::RESOLVE,
    mend::DEED,
    mend::CHAIN,
    mend::STANDS_BY,
    browse::PAGE,
    browse::STANDINGS,
    browse::ROUNDS,
    browse::CHANNELS,
    browse::LAST_ATTEMPTS,
    browse::FACTS_OF,
    undo::BEGIN,
    undo::REMEMBER,
    undo::LEFT,
    undo::SPARE,
    undo::FORGET_SPARED,
    undo::NO_CLAIMS,
    undo::MOVED_ON,
    undo::PUT_BACK,
    undo::RECORD,
    undo::CHOSEN,
    undo::UNDONE,
    undo::UNDOABLE,
    undo::FORGET_BEFORE,
    undo::FORGET_DEEDS,
    waiting::WAITING,
    waiting::REHASH,
    waiting::FURTHER,
    waiting::REHASH_FURTHER,
    waiting::REWRITE,
];

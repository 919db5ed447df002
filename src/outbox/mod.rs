//! The durable queue of messages: enqueue, claim with a lease, settle. It is also the ledger that people query.
//!
//! message → **outbox** → channel

// mod claim;
// mod enqueue;
// mod entry;
// mod list;
// mod mend;
// mod settle;

// pub use claim::{Claimed, claim, recover};
// pub use enqueue::{NewEntry, enqueue, release};
// pub use entry::{Entry, EntryId, HoldReason, State};
// pub use list::{Filter, Tally, list, show, tally};
// pub use mend::{cancel, retry};
// pub use settle::{Outcome, Settlement, settle};

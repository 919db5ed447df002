//! What a person does to the outbox: offers again, holds, lets go, takes back, resolves, pauses; and undoes it. The pages
//! and the command line come here. Each deed stands in the ledger and in the audit log, in one unit of work.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{App, AppError, today};
use crate::catalog::{self, Catalog};
use crate::db::{DbError, Work};
use crate::outbox::{self, Entry, Fate, HoldReason, Resolved, State, Undone};
use crate::people::{self, By, Deed, Event};
use crate::{channel, dispatch, pass};

const DEEDS: Uuid = Uuid::from_u128(0x6f0c_9a52_3c1d_5e8b_8d2e_d0d0_c000_0020);

/// What is wished for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish<'a> {
    /// To be offered again.
    Retry,
    /// To be held no more.
    LetGo,
    /// To be held until a person lets it go; with the reason.
    Hold(&'a str),
    /// To be taken back; with the reason.
    Cancel(&'a str),
}

impl Wish<'_> {
    const fn word(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::LetGo => "let_go",
            Self::Hold(_) => "hold",
            Self::Cancel(_) => "cancel",
        }
    }

    const fn deed(self) -> Deed {
        match self {
            Self::Retry => Deed::MessagesRetried,
            Self::LetGo => Deed::MessagesLetGo,
            Self::Hold(_) => Deed::MessagesHeld,
            Self::Cancel(_) => Deed::MessagesCancelled,
        }
    }
}

/// Why a wish is not granted for an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Bar {
    /// There is nothing to send any more.
    #[error("its words were deleted under [retention]")]
    NoWords,
    /// The message went another way.
    #[error("another channel took over its message; a retry would be a second one")]
    TookOver,
    /// It may have arrived; among many nobody decides that.
    #[error("its fate is uncertain: `dondoc outbox resolve` decides")]
    Unknown,
    /// Trial mode, and not an address of it.
    #[error("trial mode is on: set [safety] trial = false, or name its address in [safety] allow")]
    Trial,
    /// A second person decides about its batch.
    #[error("it waits for `dondoc approve`")]
    SecondPerson,
    /// It is not in a state for that.
    #[error("it is {}", .0.word())]
    State(State),
}

/// Who does it.
#[derive(Debug, Clone, Copy)]
pub struct Mender<'a> {
    /// In the words of the ledger.
    pub name: &'a str,
    /// In those of the audit log.
    pub by: &'a By,
    /// For how long it can be undone; nothing leaves before.
    pub grace: TimeDelta,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// Names the deed.
    pub id: String,
    /// Entries that it was done to.
    pub done: usize,
    /// Of these, going to an address that changed in the contacts since.
    pub moved: usize,
}

/// One deed under way.
struct Doing<'a> {
    view: &'a Catalog,
    now: DateTime<Utc>,
    /// When what it lets go may leave.
    from: DateTime<Utc>,
}

impl App {
    /// Why `wish` cannot be granted for an entry; `alone`: a person looked at this very one.
    pub fn bar(&self, entry: &Entry, wish: Wish<'_>, alone: bool) -> Option<Bar> {
        match (wish, entry.state) {
            (Wish::Cancel(_), State::Held | State::Ready | State::Uncertain) | (Wish::Hold(_), State::Ready) => None,
            (Wish::Cancel(_) | Wish::Hold(_), state) => Some(Bar::State(state)),
            (Wish::LetGo, state) if state != State::Held => Some(Bar::State(state)),
            (Wish::Retry | Wish::LetGo, _) => self.not_again(entry, alone),
        }
    }

    /// Why an entry cannot be offered again.
    fn not_again(&self, entry: &Entry, alone: bool) -> Option<Bar> {
        let held_for = |reason: HoldReason| entry.hold_reason.as_deref() == Some(reason.word());
        let safety = &self.config.safety;
        match entry.state {
            _ if entry.words_deleted_at.is_some() => Some(Bar::NoWords),
            State::Failed | State::Expired | State::Quarantined | State::Uncertain if !entry.leads => {
                Some(Bar::TookOver)
            }
            State::Uncertain if !alone => Some(Bar::Unknown),
            State::Failed | State::Expired | State::Quarantined | State::Uncertain => None,
            State::Held if held_for(HoldReason::Trial) => {
                let stays = safety.trial && !channel::Settings::is_allowed(&entry.address, &safety.allow);
                stays.then_some(Bar::Trial)
            }
            State::Held if held_for(HoldReason::Fault) || held_for(HoldReason::Person) => None,
            State::Held => Some(Bar::SecondPerson),
            state => Some(Bar::State(state)),
        }
    }

    /// Grants `wish` for those of `entries` that nothing happened to in the meantime.
    ///
    /// # Errors
    /// The engine's; then nothing is done.
    pub async fn mend(&self, entries: &[Entry], wish: Wish<'_>, mender: Mender<'_>) -> Result<Mended, AppError> {
        let pack = catalog::load(&self.db).await?;
        let day = today(self.clock.now());
        let view = Catalog::of(&pack, day, day);
        let now = self.db.lease_clock(&self.clock).await?;
        let id = self.deed_id(now, entries.first().map_or("", |entry| entry.id.as_str()));
        let doing = Doing { view: &view, now, from: now + mender.grace };
        let (mut done, mut moved) = (0, 0);
        let mut work = self.db.begin().await?;
        let deed = outbox::Deed { id: &id, what: wish.word(), by: mender.name, now, undo_until: doing.from };
        outbox::begin_deed(&mut work, deed).await?;
        for entry in entries {
            outbox::remember(&mut work, &id, &entry.id).await?;
            let Some(record) = self.grant(&mut work, entry, wish, (&doing, mender.name)).await? else {
                outbox::spare(&mut work, &id, &entry.id).await?;
                continue;
            };
            outbox::record_deed(&mut work, &entry.id, &record, now).await?;
            done += 1;
            moved += usize::from(record.contains(GOES_TO));
        }
        outbox::end_deed(&mut work, &id).await?;
        let subject = if let [one] = entries { format!("outbox/{}", one.id) } else { format!("deed/{id}") };
        let why = if let Wish::Hold(why) | Wish::Cancel(why) = wish { format!(": {why}") } else { String::new() };
        let detail = format!("messages={done}{why}");
        people::conclude(work, &Event { by: mender.by, deed: wish.deed(), subject, detail }, now).await?;
        Ok(Mended { id, done, moved })
    }

    pub(super) fn deed_id(&self, now: DateTime<Utc>, first: &str) -> String {
        let name = format!("{}/{}/{first}", now.timestamp_micros(), self.worker);
        Uuid::new_v5(&DEEDS, name.as_bytes()).to_string()
    }

    /// Does it to one entry; what the ledger says then, or nothing when it was too late.
    async fn grant(
        &self,
        work: &mut Work,
        entry: &Entry,
        wish: Wish<'_>,
        (doing, name): (&Doing<'_>, &str),
    ) -> Result<Option<String>, DbError> {
        match wish {
            Wish::Hold(why) => {
                let record = format!("held by {name}: {why}");
                Ok(outbox::hold(work, &entry.id, why).await?.then_some(record))
            }
            Wish::Cancel(why) => {
                let record = format!("cancelled by {name}: {why}");
                Ok(outbox::cancel(work, &entry.id, why, doing.now).await?.then_some(record))
            }
            Wish::Retry | Wish::LetGo if entry.hold_reason.as_deref() == Some(HoldReason::Person.word()) => {
                let record = format!("let go by {name}");
                Ok(outbox::let_go(work, &entry.id, doing.from).await?.then_some(record))
            }
            Wish::Retry | Wish::LetGo => {
                let valid_until = doing.from + self.config.delivery.valid_for;
                if !outbox::retry(work, &entry.id, doing.from, valid_until).await? {
                    return Ok(None);
                }
                let mut record = format!("offered again by {name}");
                if let Some(address) = self.present_address(doing.view, entry) {
                    outbox::readdress(work, &entry.id, &address).await?;
                    record = format!("{record}{GOES_TO}{} now, not to {}", shown(&address), shown(&entry.address));
                }
                Ok(Some(record))
            }
        }
    }

    /// Where the recipient is reached now, when that is elsewhere. In trial mode nobody is reached anew.
    fn present_address(&self, view: &Catalog, entry: &Entry) -> Option<String> {
        let recipient = view.recipients.iter().find(|recipient| recipient.id == entry.recipient)?;
        let channel = self.config.channels.iter().find(|channel| channel.name == entry.channel)?;
        let address = channel.address_for(recipient).filter(|address| *address != entry.address)?;
        let safety = &self.config.safety;
        let allowed = !safety.trial || !channel.is_real() || channel::Settings::is_allowed(&address, &safety.allow);
        allowed.then_some(address)
    }

    /// Takes a deed back, as far as nothing happened to its messages since.
    ///
    /// # Errors
    /// The engine's; then nothing is undone.
    pub async fn undo(&self, deed_id: &str, mender: Mender<'_>) -> Result<Undone, AppError> {
        let now = self.db.lease_clock(&self.clock).await?;
        let known = outbox::undoable(&self.db, now).await?.into_iter().find(|deed| deed.id == deed_id);
        let Some(known) = known else { return Ok(Undone::Over) };
        let mut work = self.db.begin().await?;
        let undone = outbox::undo(&mut work, deed_id, &format!("undone by {}", mender.name), now).await?;
        let Undone::Back { entries, too_late } = undone else {
            work.rollback().await?;
            return Ok(Undone::Over);
        };
        if known.what == "refuse" {
            pass::ask_again(&mut work, known.done_at).await?;
        }
        let detail = format!("{}: messages={entries} too_late={too_late}", known.what);
        let event = Event { by: mender.by, deed: Deed::MendingUndone, subject: format!("deed/{deed_id}"), detail };
        people::conclude(work, &event, now).await?;
        Ok(undone)
    }

    /// Says what became of an entry whose fate is uncertain; `note` says how that was found out.
    ///
    /// # Errors
    /// The engine's.
    pub async fn resolve(&self, id: &str, fate: Fate, note: &str, mender: Mender<'_>) -> Result<Resolved, AppError> {
        let moment = self.hours().await?.moment(self.clock.now());
        let said = if fate == Fate::Sent { "sent" } else { "not sent" };
        let mut work = self.db.begin().await?;
        let why = format!("not sent, says {}: {note}", mender.name);
        let terms = (why.as_str(), moment, moment.opens_at + self.config.delivery.valid_for);
        let resolved = outbox::resolve(&mut work, id, fate, terms).await?;
        if resolved == Resolved::Not {
            work.rollback().await?;
            return Ok(resolved);
        }
        let record = format!("resolved as {said} by {}: {note}", mender.name);
        outbox::record_deed(&mut work, id, &record, moment.now).await?;
        let (subject, detail) = (format!("outbox/{id}"), format!("{said}: {note}"));
        people::conclude(work, &Event { by: mender.by, deed: Deed::MessageResolved, subject, detail }, moment.now)
            .await?;
        Ok(resolved)
    }

    /// Stops all sending, on every replica, or lets it go on.
    ///
    /// # Errors
    /// The engine's.
    pub async fn pause(&self, pause: bool, why: &str, mender: Mender<'_>) -> Result<(), AppError> {
        let now = self.clock.now();
        let deed = if pause { Deed::SendingPaused } else { Deed::SendingResumed };
        let mut work = self.db.begin().await?;
        dispatch::switch_pause(&mut work, pause, (mender.name, why), now).await?;
        let event = Event { by: mender.by, deed, subject: String::new(), detail: why.to_owned() };
        people::conclude(work, &event, now).await?;
        Ok(())
    }
}

/// Marks a record of an entry that goes elsewhere now.
const GOES_TO: &str = "; goes to ";

fn shown(address: &str) -> String {
    if address.contains('@') { catalog::mask_email(address) } else { catalog::mask_phone(address) }
}

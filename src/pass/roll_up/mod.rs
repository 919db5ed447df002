//! Roll-ups: a superior's digest of his units, the leaders' sheet, the admins' note. Written from what rounds stored, put
//! into the same outbox under the same locks; one per recipient and day, however often they are asked for.

mod day;
mod note;
mod superiors;
mod words;

use chrono::{DateTime, NaiveDate, Utc};

use self::day::Day;
use super::{Approval, Pass, PassError, Planned, approval, footing, record, times, writer};
use crate::catalog::{self, Calendar, Catalog, Pack, Recipient};
use crate::clock::local_date;
use crate::db::{Db, DbError, Sql};
use crate::message::{Composed, Message, RollUp, compose_roll_ups};
use crate::outbox::{self, EntryId, HoldReason, NewEntry};

/// Every statement of this folder.
pub(super) const STATEMENTS: &[Sql] = note::STATEMENTS;

/// In front of the keys of digests and sheets.
const DIGEST: &str = "digest/";

/// Whom a roll-up is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Heads of units that others stand below: each one's own units.
    Superiors,
    /// The addresses in `[digest] leaders`: the whole province.
    Leaders,
    /// The addresses in `[alerts] to`: what waits for them.
    Admins,
}

/// The `[digest]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestSettings {
    /// E-mail addresses that get the sheet of the whole province.
    pub leaders: Vec<String>,
    /// Whether a superior hears that nobody is below.
    pub when_all_met: bool,
    /// Figures are compared with those of a round at least so many days earlier.
    pub compare_days: u64,
}

impl Default for DigestSettings {
    fn default() -> Self {
        Self { leaders: Vec::new(), when_all_met: false, compare_days: 6 }
    }
}

/// Which day is rolled up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RollUpDay {
    /// The round as of this date; without one nothing is written.
    Of(NaiveDate),
    /// The newest round.
    Newest,
    /// The newest round up to this planned day, when it is at most a week older.
    Planned(NaiveDate),
}

/// What was written.
#[derive(Debug, Clone, Default)]
pub struct RolledUp {
    /// Names the batch in the outbox.
    pub run_id: String,
    /// As of when.
    pub as_of: NaiveDate,
    /// Last day of the figures that they are compared with.
    pub compared_with: Option<NaiveDate>,
    /// Every message that there is, whether it is new or not.
    pub messages: Vec<Planned>,
    /// Put into the outbox now.
    pub queued: u64,
    /// Of these, held by trial mode.
    pub trial: u64,
    /// Waiting for a second person since an earlier time, and written anew because the figures changed.
    pub rewritten: u64,
    /// Why the digests wait for a second person.
    pub held: Option<(HoldReason, String)>,
    /// What the admins should know: templates that failed.
    pub alarms: Vec<String>,
}

/// A message before it has words.
struct Letter {
    key: String,
    unit_code: String,
    unit_name: String,
    recipient: Recipient,
    audience: Audience,
    roll_up: RollUp,
}

/// Writes the roll-ups for `audience`.
///
/// # Errors
/// [`PassError`], among them [`PassError::NoRound`].
pub async fn roll_up(
    pass: &Pass<'_>,
    audience: Audience,
    day: RollUpDay,
    now: DateTime<Utc>,
) -> Result<RolledUp, PassError> {
    let pack = catalog::load(pass.db).await?;
    let today = local_date(now);
    let (mut rolled, letters) = match audience {
        Audience::Admins => admins(pass, &pack, day, today, now).await?,
        Audience::Superiors | Audience::Leaders => {
            let day = Day::load(pass, &pack, day, today).await?;
            let letters = match audience {
                Audience::Leaders => words::leaders(&day, pass.settings),
                _ => words::superiors(&day, pass.settings),
            };
            let rolled = RolledUp { as_of: day.as_of, compared_with: day.compared_with(), ..RolledUp::default() };
            (rolled, letters)
        }
    };
    rolled.run_id = format!("{DIGEST}{}/{}", rolled.as_of, now.timestamp_millis());
    if letters.is_empty() {
        return Ok(rolled);
    }
    pass.renderer.ready().await?;
    let roll_ups: Vec<RollUp> = letters.iter().map(|letter| letter.roll_up.clone()).collect();
    let composed = compose_roll_ups(pass.renderer, &roll_ups).await;
    let lock = if audience == Audience::Admins { None } else { lock(pass, &pack).await? };
    let hold = lock.as_ref().map(|(reason, _)| *reason);
    let mut entries: Vec<(NewEntry, Message)> = Vec::new();
    for (letter, Composed { message, alarm }) in letters.into_iter().zip(composed) {
        for alarm in alarm.into_iter().filter(|alarm| !rolled.alarms.contains(alarm)).collect::<Vec<_>>() {
            rolled.alarms.push(alarm);
        }
        let Some(entry) = entry(pass, &letter, &message, hold) else {
            rolled.alarms.push(format!("no channel reaches {}", letter.recipient.title));
            continue;
        };
        rolled.messages.push(Planned {
            unit_code: letter.unit_code,
            unit_name: letter.unit_name,
            channel: entry.channel.clone(),
            address: writer::mask(&entry.address),
            subject: message.subject.clone(),
            hold: entry.hold,
        });
        entries.push((entry, message));
    }
    if pass.dry_run {
        rolled.held = lock;
        return Ok(rolled);
    }
    let view = Catalog::of(&pack, rolled.as_of, today);
    let waits = store(pass, &mut rolled, &Batch { entries: &entries, calendar: &view.calendar, now, hold }).await?;
    rolled.held = lock.filter(|_| waits);
    Ok(rolled)
}

async fn admins(
    pass: &Pass<'_>,
    pack: &Pack,
    day: RollUpDay,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(RolledUp, Vec<Letter>), DbError> {
    let as_of = match day {
        RollUpDay::Of(day) | RollUpDay::Planned(day) => day,
        RollUpDay::Newest => today,
    };
    let letters = note::letters(pass, pack, as_of, now).await?;
    Ok((RolledUp { as_of, ..RolledUp::default() }, letters))
}

/// One entry per letter: for superiors on the first channel that reaches them, for the others on the first that carries
/// mail, like alerts.
fn entry(pass: &Pass<'_>, letter: &Letter, message: &Message, hold: Option<HoldReason>) -> Option<NewEntry> {
    let (settings, recipient) = (pass.settings, &letter.recipient);
    let fits =
        |channel: &&crate::channel::Settings| letter.audience == Audience::Superiors || channel.word() != "webhook";
    let mut ways = settings.channels.iter().filter(fits);
    let (channel, address) = ways.find_map(|channel| Some((channel, channel.address_for(recipient)?)))?;
    let in_trial = letter.audience != Audience::Admins
        && settings.safety.trial
        && channel.is_real()
        && !settings.safety.allow.contains(&address);
    Some(NewEntry {
        dedup_key: letter.key.clone(),
        unit_code: letter.unit_code.clone(),
        recipient_id: recipient.id.clone(),
        channel: channel.name.clone(),
        address,
        domain: channel.message_id_domain().to_owned(),
        content: serde_json::to_string(message).unwrap_or_default(),
        resend: channel.resends_after_unknown(),
        hold: if in_trial { Some(HoldReason::Trial) } else { hold },
    })
}

/// Digests name many units at once: they wait for a second person whenever the reminders of the same figures would, or do.
async fn lock(pass: &Pass<'_>, pack: &Pack) -> Result<Option<(HoldReason, String)>, DbError> {
    if let Some(asked) = approval::asked(pass.db).await? {
        return Ok(Some((asked.hold(), "the messages of a round still wait".to_owned())));
    }
    let why = match pass.settings.safety.approval {
        Approval::Never => None,
        Approval::Always => Some("[safety] approval = \"always\""),
        Approval::FirstAndChanges => {
            let fingerprint = footing::fingerprint(pack, &pass.templates.fingerprint(), pass.settings);
            let known = record::footing_is_known(pass.db, &fingerprint).await?;
            (!known).then_some("targets, mapping, templates or sources changed since the last approved round")
        }
    };
    Ok(why.map(|why| (HoldReason::Approval, why.to_owned())))
}

/// What is stored, and when.
struct Batch<'a> {
    entries: &'a [(NewEntry, Message)],
    calendar: &'a Calendar,
    now: DateTime<Utc>,
    /// Why all but those in trial wait.
    hold: Option<HoldReason>,
}

/// One unit of work: new messages, those that wait written anew, and the question to the second person. Whether any
/// of these messages waits for one.
async fn store(pass: &Pass<'_>, rolled: &mut RolledUp, batch: &Batch<'_>) -> Result<bool, DbError> {
    let Batch { entries, calendar, now, hold } = *batch;
    let waiting = outbox::waiting(pass.db, DIGEST).await?;
    let known = known(pass.db, entries).await?;
    let new: Vec<&NewEntry> = entries.iter().map(|(entry, _)| entry).filter(|new| !known.contains(&id(new))).collect();
    let is_mobile = |entry: &NewEntry| {
        pass.settings.channels.iter().any(|channel| channel.name == entry.channel && channel.is_mobile())
    };
    let mut work = pass.db.begin().await?;
    for mobile in [false, true] {
        let due = times(pass.settings, calendar, now, mobile);
        let of_kind = new.iter().filter(|entry| is_mobile(entry) == mobile);
        let of_kind: Vec<NewEntry> = of_kind.map(|entry| (*entry).clone()).collect();
        rolled.queued += outbox::enqueue(&mut work, &rolled.run_id, &of_kind, due).await?;
    }
    let mut waited = false;
    for (entry, message) in entries {
        let Some(waits) = waiting.iter().find(|waits| waits.id == id(entry)) else { continue };
        waited = true;
        let frozen = serde_json::from_str::<Message>(&waits.content);
        if !frozen.is_ok_and(|frozen| message.says_the_same_as(&frozen)) {
            rolled.rewritten += u64::from(outbox::rewrite(&mut work, waits, &entry.content).await?);
        }
    }
    let trial = new.iter().filter(|entry| entry.hold == Some(HoldReason::Trial)).count();
    rolled.trial = u64::try_from(trial).unwrap_or(u64::MAX);
    let asks = rolled.queued > rolled.trial || rolled.rewritten > 0;
    if let Some(reason) = hold.filter(|_| asks) {
        approval::ask(&mut work, (&rolled.run_id, pass.by), reason, now).await?;
    }
    work.commit().await?;
    Ok(asks || waited)
}

/// Which of `entries` were written before.
async fn known(db: &Db, entries: &[(NewEntry, Message)]) -> Result<Vec<String>, DbError> {
    let mut known = Vec::new();
    for (entry, _) in entries {
        let filter = outbox::Filter { id: Some(id(entry)), limit: 1, ..outbox::Filter::default() };
        known.extend(outbox::list(db, &filter).await?.into_iter().map(|entry| entry.id));
    }
    Ok(known)
}

fn id(entry: &NewEntry) -> String {
    EntryId::of(&entry.dedup_key).0.to_string()
}

/// Somebody who is no head of the directory.
fn addressee(kind: &str, address: &str, title: &str) -> Recipient {
    Recipient {
        id: format!("{kind}/{address}"),
        units: Vec::new(),
        title: title.to_owned(),
        person: None,
        email: Some(address.to_owned()),
        phone: None,
        zalo_user_id: None,
    }
}

//! Roll-ups: a superior's digest of his units, the leaders' sheet, the admins' note; and corrections of letters whose figures
//! were restated. Written from what rounds stored, put into the same outbox under the same locks; once per recipient and
//! occasion, however often they are asked for.

mod correction_words;
mod corrections;
mod day;
mod note;
mod sketch;
mod stored;
mod superiors;
mod words;

use chrono::{DateTime, NaiveDate, Utc};

use self::corrections::CORRECTION;
pub use self::corrections::{Correcting, correct};
use self::day::Day;
pub use self::sketch::{Sketch, sketches};
use self::stored::{Batch, Kind, store};
use super::{Approval, Pass, PassError, Planned, approval, batch, footing, record, writer};
use crate::catalog::{self, Catalog, Pack, Recipient};
use crate::channel;
use crate::clock::local_date;
use crate::db::{DbError, Sql};
use crate::message::{Composed, Message, RollUp, compose_roll_ups};
use crate::outbox::{HoldReason, NewEntry, Turn};
use crate::reply::Unreachable;

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
    /// Waiting since an earlier time, and taken back because the figures changed again.
    pub taken_back: u64,
    /// Why the messages wait for a second person.
    pub held: Option<(HoldReason, String)>,
    /// What the admins should know: templates that failed.
    pub alarms: Vec<String>,
}

/// A message before it has words.
struct Letter {
    /// What makes it unique; of a correction the part behind recipient and channel.
    key: String,
    unit_code: String,
    unit_name: String,
    recipient: Recipient,
    reader: Reader,
    roll_up: RollUp,
}

/// By what ways a letter reaches whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// By the first channel that reaches a head.
    Head,
    /// By mail alone.
    Leader,
    /// By mail alone, in trial mode too, as alerts.
    Admin,
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
    let (rolled, letters) = match audience {
        Audience::Admins => admins(pass, &pack, day, today, now).await?,
        Audience::Superiors | Audience::Leaders => {
            let day = Day::load((pass.db, pass.settings), &pack, day, today).await?;
            let letters = match audience {
                Audience::Leaders => words::leaders(&day, pass.settings),
                _ => words::superiors(&day, pass.settings),
            };
            let rolled = RolledUp { as_of: day.as_of, compared_with: day.compared_with(), ..RolledUp::default() };
            (rolled, letters)
        }
    };
    let kind = if audience == Audience::Admins { Kind::Note } else { Kind::Digest };
    write(pass, &pack, rolled, (letters, &Batch { kind, stale: &[], now })).await
}

/// Gives the letters words and stores them, under the locks of their kind.
async fn write(
    pass: &Pass<'_>,
    pack: &Pack,
    mut rolled: RolledUp,
    (letters, batch): (Vec<Letter>, &Batch<'_>),
) -> Result<RolledUp, PassError> {
    rolled.run_id = format!("{}{}/{}", batch.kind.word(), rolled.as_of, batch.now.timestamp_millis());
    if letters.is_empty() && batch.stale.is_empty() {
        return Ok(rolled);
    }
    pass.renderer.ready().await?;
    let roll_ups: Vec<RollUp> = letters.iter().map(|letter| letter.roll_up.clone()).collect();
    let composed = compose_roll_ups(pass.renderer, &roll_ups).await;
    let lock = if batch.kind == Kind::Note { None } else { lock(pass, pack).await? };
    let hold = lock.as_ref().map(|(reason, _)| *reason);
    let mut written: Vec<(NewEntry, Message)> = Vec::new();
    for (letter, Composed { message, alarm }) in letters.into_iter().zip(composed) {
        for alarm in alarm.into_iter().filter(|alarm| !rolled.alarms.contains(alarm)).collect::<Vec<_>>() {
            rolled.alarms.push(alarm);
        }
        let ways = entries(pass, &letter, &message, hold);
        let Some(entry) = ways.first() else {
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
            segments: None,
            price: None,
        });
        written.extend(ways.into_iter().map(|entry| (entry, message.clone())));
    }
    if pass.dry_run {
        rolled.held = lock;
        rolled.taken_back = u64::try_from(batch.stale.len()).unwrap_or(u64::MAX);
        return Ok(rolled);
    }
    let view = Catalog::of(pack, rolled.as_of, local_date(batch.now));
    let waits = store(pass, &mut rolled, (batch, hold), (&written, &view.calendar)).await?;
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
    let letters = note::letters((pass.db, pass.settings), pack, as_of, now).await?;
    Ok((RolledUp { as_of, ..RolledUp::default() }, letters))
}

/// The entries of a letter: for heads on the first channel that reaches them and those that may step in for it, for the
/// others on the first that carries mail, like alerts. Empty: no channel reaches the reader.
fn entries(pass: &Pass<'_>, letter: &Letter, message: &Message, hold: Option<HoldReason>) -> Vec<NewEntry> {
    let (settings, recipient) = (pass.settings, &letter.recipient);
    let is_correction = matches!(letter.roll_up, RollUp::Correction(_));
    let carries = |channel: &crate::channel::Settings| channel.carries_roll_up(message, is_correction);
    let turns = if letter.reader == Reader::Head {
        batch::turns(settings, recipient, &[], (&Unreachable::default(), &carries))
    } else {
        let by_mail = |channel: &&crate::channel::Settings| !matches!(channel.word(), "webhook" | "sms");
        let mut ways = settings.channels.iter().filter(by_mail).filter(|channel| carries(channel));
        ways.find_map(|channel| Some((channel, channel.address_for(recipient)?))).into_iter().collect()
    };
    let key = |place: u32, channel: &str| match letter.roll_up {
        RollUp::Correction(_) => format!("{CORRECTION}{}/{channel}/{}", recipient.id, letter.key),
        _ if place > 0 => format!("{}/{channel}", letter.key),
        _ => letter.key.clone(),
    };
    let first = turns.first().map(|(channel, _)| key(0, &channel.name)).unwrap_or_default();
    let alone = turns.len() == 1;
    let entry = |(place, (channel, address)): (u32, (&crate::channel::Settings, String))| {
        let in_trial = letter.reader != Reader::Admin
            && settings.safety.trial
            && channel.is_real()
            && !channel::Settings::is_allowed(&address, &settings.safety.allow);
        let yields_after = channel.pace.falls_back_after;
        NewEntry {
            dedup_key: key(place, &channel.name),
            unit_code: letter.unit_code.clone(),
            recipient_id: recipient.id.clone(),
            channel: channel.name.clone(),
            address,
            domain: channel.message_id_domain().to_owned(),
            content: serde_json::to_string(message).unwrap_or_default(),
            resend: channel.resend(),
            hold: if in_trial { Some(HoldReason::Trial) } else { hold },
            turn: (!alone).then(|| Turn { first: first.clone(), place, yields_after }),
        }
    };
    (0..).zip(turns).map(entry).collect()
}

/// Digests and corrections speak of many units at once: they wait for a second person whenever the reminders of the same figures would, or do.
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

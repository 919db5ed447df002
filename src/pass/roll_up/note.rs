//! The admins' note of a day: what waits for a person, and what will soon. Nothing to say is no mail.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc, Weekday};

use super::super::{Settings, approval, held_rounds, writer};
use super::{Letter, Reader, addressee};
use crate::catalog::{Calendar, Catalog, Pack, Target};
use crate::clock::{ZONE, from_millis};
use crate::db::{Db, DbError, Sql};
use crate::decision::{self, Silence};
use crate::message::{Message, NoteContext, NoteItemContext, RollUp, format, sender};
use crate::outbox::{self, Entry, Filter, State};
use crate::{observation, read, reply};

/// How many of many are called by name.
const NAMED: usize = 5;
/// Held rounds that are looked at.
const HELD: i64 = 20;
/// A target that ends this soon is told of.
const SOON: Days = Days::new(30);
/// What failed longer ago is in the outbox and not in the note.
const RECENT: TimeDelta = TimeDelta::days(7);
/// A silence that ends this soon is told of on any day.
const ENDS_SOON: Days = Days::new(7);
/// Characters of what a peer answered.
const ANSWER: usize = 120;
/// In front of the notes' keys.
const NOTE: &str = "admin_note/";

/// Runs that were begun and given up since, and that no later run of the same schedule made up for.
const GIVEN_UP: Sql = Sql::portable(
    "SELECT schedule, planned_at, coalesce(last_error, '') FROM schedule_run AS run \
     WHERE state = 'failed' AND planned_at > $1 AND NOT EXISTS (SELECT 1 FROM schedule_run AS later \
     WHERE later.schedule = run.schedule AND later.planned_at > run.planned_at AND later.state = 'done') \
     ORDER BY planned_at, schedule",
);

/// When a round was last let through.
const LAST_DONE: Sql = Sql::portable("SELECT coalesce(max(started_at), -1) FROM run WHERE state = 'done'");

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[GIVEN_UP, LAST_DONE];

/// One note per admin.
pub(super) async fn letters(
    (db, settings): (&Db, &Settings),
    pack: &Pack,
    as_of: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Vec<Letter>, DbError> {
    let catalog = Catalog::of(pack, as_of, as_of);
    let mut items = Vec::new();
    items.extend(held(db).await?);
    items.extend(asked(db).await?);
    items.extend(unresolved(db).await?);
    items.extend(undelivered(db, now).await?);
    items.extend(bounced(db).await?);
    items.extend(given_up(db, now).await?);
    items.extend(without_recipient(&catalog));
    items.extend(expiring(pack, as_of));
    items.extend(silent(db, &catalog, as_of).await?);
    if items.is_empty() {
        return Ok(Vec::new());
    }
    let mut letters = Vec::new();
    for admin in &settings.admins {
        let recipient = addressee("admin", admin, "Quản trị hệ thống");
        let key = format!("{NOTE}{}/{as_of}", recipient.id);
        let earlier = outbox::newest(db, &recipient.id, NOTE, &key).await?;
        let earlier = earlier.and_then(|content| serde_json::from_str::<Message>(&content).ok());
        let earlier = earlier.map(|message| message.text).unwrap_or_default();
        let items: Vec<NoteItemContext> = items.iter().map(|item| item.clone().beside(&earlier)).collect();
        let context =
            NoteContext { sender: sender(&catalog), as_of: format::date(as_of), item_count: items.len(), items };
        letters.push(Letter {
            key,
            unit_code: String::new(),
            unit_name: String::new(),
            recipient,
            reader: Reader::Admin,
            roll_up: RollUp::Note(Box::new(context)),
        });
    }
    Ok(letters)
}

/// The first of `lines`, and how many that leaves out.
fn item(text: &str, lines: Vec<String>, remedy: &str) -> NoteItemContext {
    let left_out = lines.len().saturating_sub(NAMED);
    let details = lines.into_iter().take(NAMED).map(|line| format::one_line(&line)).collect();
    NoteItemContext { text: format::one_line(text), details, left_out, remedy: remedy.to_owned(), still: false }
}

/// Rounds that the quality gate held since one was let through; the same hold of a day is one.
async fn held(db: &Db) -> Result<Option<NoteItemContext>, DbError> {
    let last: (i64,) = read!(db, LAST_DONE, |sql, pool| sqlx::query_as(sql).fetch_one(pool).await?);
    let last = from_millis(last.0);
    let mut lines: Vec<String> = Vec::new();
    let mut days: Vec<NaiveDate> = Vec::new();
    for round in held_rounds(db, None, HELD).await? {
        if round.release.is_some() || round.started_at < last || days.contains(&round.as_of) {
            continue;
        }
        days.push(round.as_of);
        let why: Vec<&str> = round.doubts.iter().map(|doubt| doubt.message.as_str()).collect();
        lines.push(format!("ngày {}: {}", format::date(round.as_of), why.join("; ")));
    }
    let text = format!("{} đợt đôn đốc bị giữ vì số liệu còn nghi vấn", lines.len());
    let remedy = "đối chiếu số liệu; nếu đúng: xem mã bằng dondoc release, rồi dondoc release MÃ --note \"lý do\" --by \"họ tên\"";
    Ok((!lines.is_empty()).then(|| item(&text, lines, remedy)))
}

/// Messages that wait for a second person.
async fn asked(db: &Db) -> Result<Option<NoteItemContext>, DbError> {
    let asked = approval::asked(db).await?;
    Ok(asked
        .map(|asked| item(&format!("{} thư chờ người thứ hai duyệt", asked.messages), Vec::new(), "dondoc approve")))
}

async fn unresolved(db: &Db) -> Result<Option<NoteItemContext>, DbError> {
    let strangers = observation::unresolved(db).await?;
    let called = |stranger: &observation::Stranger| {
        let written = [stranger.code.as_str(), stranger.name.as_str()];
        let named: Vec<&str> = written.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{} (nguồn {}, {} dòng)", named.join(" "), stranger.source, stranger.rows)
    };
    let lines: Vec<String> = strangers.iter().map(called).collect();
    let text = format!("{} tên đơn vị trong nguồn số liệu chưa rõ là đơn vị nào", lines.len());
    Ok((!lines.is_empty()).then(|| item(&text, lines, "dondoc catalog unresolved, rồi dondoc catalog resolve")))
}

/// What did not arrive, or of which nobody knows whether it did.
async fn undelivered(db: &Db, now: DateTime<Utc>) -> Result<Vec<NoteItemContext>, DbError> {
    let kinds = [
        (
            State::Failed,
            "thư gửi không thành",
            "dondoc outbox list --state failed; sửa địa chỉ, rồi dondoc outbox retry MÃ",
        ),
        (
            State::Quarantined,
            "thư bị cách ly vì nhiều lần làm dừng tiến trình gửi",
            "dondoc outbox list --state quarantined",
        ),
        (
            State::Uncertain,
            "thư chưa rõ đã đến nơi hay chưa",
            "dondoc outbox list --state uncertain; hỏi người nhận, rồi dondoc outbox resolve MÃ sent hoặc not-sent",
        ),
    ];
    let mut items = Vec::new();
    for (state, what, remedy) in kinds {
        let mut entries = outbox::list(db, &Filter { state: Some(state), ..Filter::default() }).await?;
        entries.retain(|entry| entry.leads && (state == State::Uncertain || entry.created_at + RECENT > now));
        if !entries.is_empty() {
            let lines: Vec<String> = entries.iter().rev().map(undelivered_line).collect();
            items.push(item(&format!("{} {what}", lines.len()), lines, remedy));
        }
    }
    Ok(items)
}

/// Addresses that give messages back.
async fn bounced(db: &Db) -> Result<Option<NoteItemContext>, DbError> {
    let bounced = reply::bounced(db, true).await?;
    let lines: Vec<String> = bounced
        .iter()
        .map(|one| {
            format!("{}, qua {}: {}", one.unit_code, one.channel, one.detail.chars().take(ANSWER).collect::<String>())
        })
        .collect();
    let text = format!("{} địa chỉ không nhận được thư", lines.len());
    let remedy = "dondoc reply list --open; sửa địa chỉ trong danh bạ, rồi dondoc reply close MÃ --note \"kết quả\" --by \"họ tên\"";
    Ok((!lines.is_empty()).then(|| item(&text, lines, remedy)))
}

fn undelivered_line(entry: &Entry) -> String {
    let whom = if entry.unit_code.is_empty() { writer::mask(&entry.address) } else { entry.unit_code.clone() };
    let day = entry.created_at.with_timezone(&ZONE).date_naive();
    let answer = entry.last_error.as_deref().unwrap_or_default();
    let answer: String = answer.lines().next().unwrap_or_default().chars().take(ANSWER).collect();
    let why = if answer.is_empty() { String::new() } else { format!(": {answer}") };
    format!("{whom}, qua {}, thư ngày {}{why}", entry.channel, format::date(day))
}

async fn given_up(db: &Db, now: DateTime<Utc>) -> Result<Option<NoteItemContext>, DbError> {
    let since = (now - RECENT).timestamp_millis();
    let rows: Vec<(String, i64, String)> =
        read!(db, GIVEN_UP, |sql, pool| sqlx::query_as(sql).bind(since).fetch_all(pool).await?);
    let line = |(schedule, planned, error): &(String, i64, String)| {
        let planned = from_millis(*planned).with_timezone(&ZONE);
        let error: String = error.lines().next().unwrap_or_default().chars().take(ANSWER).collect();
        format!("lịch {schedule}, {} lúc {}: {error}", format::date(planned.date_naive()), planned.format("%H:%M"))
    };
    let lines: Vec<String> = rows.iter().map(line).collect();
    let text = format!("{} lần chạy theo lịch đã bị bỏ vì không thực hiện được", lines.len());
    Ok((!lines.is_empty())
        .then(|| item(&text, lines, "khắc phục rồi chạy lại bằng tay: dondoc run hoặc dondoc digest")))
}

fn without_recipient(catalog: &Catalog) -> Option<NoteItemContext> {
    let alone = catalog.judged_units().filter(|unit| catalog.recipient_of(&unit.id).is_none());
    let lines: Vec<String> = alone.map(|unit| format!("{} ({})", unit.name, unit.code)).collect();
    let text = format!("{} đơn vị chưa có người nhận thư", lines.len());
    (!lines.is_empty()).then(|| item(&text, lines, "bổ sung contacts.csv rồi chạy: dondoc catalog import"))
}

/// Targets that end soon and that nothing follows.
fn expiring(pack: &Pack, as_of: NaiveDate) -> Option<NoteItemContext> {
    let ends = |target: &&Target| target.valid.to.is_some_and(|end| as_of <= end && end <= as_of + SOON);
    let followed = |target: &Target| {
        let next = target.valid.to.and_then(|end| end.succ_opt());
        let covers = |other: &Target| next.is_some_and(|day| other.valid.covers(day));
        pack.targets.iter().any(|other| other.indicator == target.indicator && covers(other))
    };
    let ending = pack.targets.iter().filter(ends).filter(|target| !followed(target));
    let line = |target: &Target| {
        let end = target.valid.to.map(format::date).unwrap_or_default();
        format!("{} ({}): đến hết ngày {end}", target.name, target.id.as_str())
    };
    let lines: Vec<String> = ending.map(line).collect();
    let text = format!("{} chỉ tiêu sắp hết hiệu lực mà chưa có chỉ tiêu thay thế", lines.len());
    (!lines.is_empty()).then(|| item(&text, lines, "bổ sung targets.toml rồi chạy: dondoc catalog import"))
}

/// Silences that hold: all of them once a week, on other days those that end soon.
async fn silent(db: &Db, catalog: &Catalog, as_of: NaiveDate) -> Result<Option<NoteItemContext>, DbError> {
    let weekly = is_first_of_week(&catalog.calendar, as_of);
    let mut silences = decision::silences(db).await?;
    silences.retain(|silence| silence.holds_on(as_of) && (weekly || silence.until <= as_of + ENDS_SOON));
    silences.sort_by_key(|silence| silence.until);
    let mut lines = Vec::new();
    for silence in &silences {
        let hidden = decision::hidden_by(db, silence).await?;
        lines.push(silence_line(catalog, silence, hidden));
    }
    let text = if weekly {
        format!("{} khoảng tạm dừng đôn đốc đang có hiệu lực", lines.len())
    } else {
        format!("{} khoảng tạm dừng đôn đốc sắp hết hiệu lực", lines.len())
    };
    let remedy = "dondoc silence list; không còn lý do thì dondoc silence end MÃ";
    Ok((!lines.is_empty()).then(|| item(&text, lines, remedy)))
}

/// Monday, or the first working day after a Monday that is a day off.
fn is_first_of_week(calendar: &Calendar, day: NaiveDate) -> bool {
    let monday = day.week(Weekday::Mon).first_day();
    day == monday || day == calendar.working_day_from(monday)
}

fn silence_line(catalog: &Catalog, silence: &Silence, hidden: u64) -> String {
    let unit = silence.unit.as_ref().map_or_else(|| "mọi đơn vị".to_owned(), |unit| catalog.last_name(unit));
    let below = if silence.subtree { " và các đơn vị trực thuộc" } else { "" };
    let about = silence.indicator.as_ref().map_or_else(
        || "mọi chỉ tiêu".to_owned(),
        |id| {
            let known = catalog.indicators.iter().find(|known| known.id == *id);
            known.map_or_else(|| id.to_string(), |known| known.short_name.clone())
        },
    );
    let Silence { author, reason, .. } = silence;
    let end = format::date(silence.until);
    format!("{unit}{below}, {about}: đến hết ngày {end}, {author} đặt, lý do: {reason}; đã bỏ qua {hidden} lần nhắc")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_week_begins_on_monday_and_after_a_monday_off_on_the_next_working_day() {
        let calendar = Calendar::of(&[]);
        let begins = |text: &str| is_first_of_week(&calendar, text.parse().unwrap());
        for day in ["2022-10-31", "2022-11-07"] {
            assert!(begins(day), "{day}");
        }
        for day in ["2022-11-01", "2022-11-04", "2022-11-06"] {
            assert!(!begins(day), "{day}");
        }
        // Monday, 2022-04-11, is off in lieu of the Sunday before.
        assert!(begins("2022-04-11") && begins("2022-04-12") && !begins("2022-04-13"));
    }
}

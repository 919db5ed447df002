//! The audit log: who did what, filtered, and as a file.

use std::collections::HashMap;
use std::fmt::Write as _;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::Site;
use super::catalogue::{self, Tongue};
use super::form::Form;
use super::page::{self, Failure, Frame, Place};
use super::session::Visitor;
use super::words;
use crate::clock::ZONE;
use crate::people::{self, Deed, Entry, Event, Wanted, subject};
use crate::report::harmless;

/// Entries on a page.
const PAGE: i64 = 100;
/// Entries in a file.
const LONGEST_FILE: i64 = 100_000;

#[derive(Template)]
#[template(path = "records.html")]
struct AuditPage {
    frame: Frame,
    t: Tongue,
    asked: Asked,
    deeds: Vec<(&'static str, String, bool)>,
    lines: Vec<Line>,
    /// What the link to older ones asks for.
    older: Option<String>,
    head: Option<String>,
}

struct Line {
    number: String,
    time: String,
    machine_time: String,
    actor: String,
    deed: String,
    subject: String,
    detail: String,
    address: String,
}

/// What is filtered by, as it was typed.
#[derive(Debug, Default)]
struct Asked {
    deed: String,
    who: String,
    from: String,
    until: String,
    before: String,
}

impl Asked {
    fn of(pairs: Vec<(String, String)>) -> Self {
        let mut asked = Self::default();
        for (key, value) in pairs {
            let value: String = value.trim().chars().take(60).collect();
            match key.as_str() {
                "viec" => asked.deed = value,
                "ai" => asked.who = value,
                "tu" => asked.from = value,
                "den" => asked.until = value,
                "truoc" => asked.before = value,
                _ => {}
            }
        }
        asked
    }

    /// As it is looked up. A name that nobody has finds nothing.
    fn wanted(&self, names: &Names, limit: i64) -> Wanted {
        let midnight = |text: &str, days: i64| -> Option<DateTime<Utc>> {
            let day = text.parse::<NaiveDate>().ok()? + TimeDelta::days(days);
            Some(day.and_hms_opt(0, 0, 0)?.and_local_timezone(ZONE).earliest()?.to_utc())
        };
        let who = if self.who.is_empty() { String::new() } else { names.id_of(&self.who) };
        Wanted {
            before: self.before.parse().unwrap_or(i64::MAX),
            deed: self.deed.clone(),
            who,
            from: midnight(&self.from, 0),
            until: midnight(&self.until, 1),
            limit,
        }
    }

    fn tail(&self, before: i64) -> String {
        let pairs = [("viec", &self.deed), ("ai", &self.who), ("tu", &self.from), ("den", &self.until)];
        let mut tail = format!("?truoc={before}");
        for (key, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            let Ok(encoded) = askama::filters::urlencode_strict(value);
            let _ = write!(tail, "&{key}={encoded}");
        }
        tail
    }
}

/// The log knows people by what never changes; here they get the names that they have today.
struct Names(HashMap<String, String>);

impl Names {
    async fn load(site: &Site) -> Result<Self, Failure> {
        let accounts = people::accounts(&site.db).await?.into_iter();
        let tokens = people::tokens(&site.db).await?.into_iter();
        let names = accounts.map(|account| (subject(&account.id), account.login));
        Ok(Self(names.chain(tokens.map(|token| (format!("token/{}", token.id), token.name))).collect()))
    }

    fn of(&self, who: &str) -> String {
        self.0.get(who).cloned().unwrap_or_else(|| who.to_owned())
    }

    fn id_of(&self, name: &str) -> String {
        let found = self.0.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(id, _)| id.clone());
        found.unwrap_or_else(|| name.to_owned())
    }
}

pub(super) async fn list(State(site): State<Site>, visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let answer = async {
        let pairs = query.and_then(|query| super::form::pairs(&query.into())).unwrap_or_default();
        page::page(&shown(&site, &visitor, Asked::of(pairs)).await?)
    };
    site.answer(answer.await)
}

async fn shown(site: &Site, visitor: &Visitor, asked: Asked) -> Result<AuditPage, Failure> {
    let (t, names) = (visitor.tongue, Names::load(site).await?);
    let entries = people::list(&site.db, &asked.wanted(&names, PAGE + 1)).await?;
    let page_full = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let last = entries.get(page_full.saturating_sub(1)).filter(|_| entries.len() > page_full);
    let deed = |deed: Deed| (deed.word(), catalogue::deed(t, deed.word()), asked.deed == deed.word());
    let head = people::head(&site.db).await?;
    Ok(AuditPage {
        frame: Frame::told(site, visitor, Place::Audit, "log.title"),
        t,
        deeds: Deed::ALL.iter().copied().map(deed).collect(),
        older: last.map(|entry| asked.tail(entry.number)),
        lines: entries.iter().take(page_full).map(|entry| line(entry, t, &names)).collect(),
        head: head.map(|head| format!("{}:{}", head.number, head.hash)),
        asked,
    })
}

fn line(entry: &Entry, t: Tongue, names: &Names) -> Line {
    Line {
        number: entry.number.to_string(),
        time: words::local_time(entry.at()),
        machine_time: words::machine_time(entry.at()),
        actor: names.of(&entry.actor),
        deed: catalogue::deed(t, &entry.deed),
        subject: if entry.subject == entry.actor { String::new() } else { names.of(&entry.subject) },
        detail: entry.detail.clone(),
        address: entry.address.clone(),
    }
}

/// The entries as CSV. A POST, because taking the log out is written into it.
pub(super) async fn export(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = async {
        let names = Names::load(&site).await?;
        let keys = ["viec", "ai", "tu", "den"];
        let asked = Asked::of(keys.iter().map(|key| ((*key).to_owned(), form.text(key).to_owned())).collect());
        let entries = people::list(&site.db, &asked.wanted(&names, LONGEST_FILE)).await?;
        let (by, now) = (visitor.by(), site.clock.now());
        let detail = format!("entries={}", entries.len());
        let event = Event { by: &by, deed: Deed::AuditExported, subject: String::new(), detail };
        people::conclude(site.db.begin().await?, &event, now).await?;
        let name = format!("nhat-ky-{}.csv", now.with_timezone(&ZONE).format("%Y-%m-%d"));
        let headers = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        ];
        Ok((headers, csv(&entries, &names)?).into_response())
    };
    site.answer(answer.await)
}

/// RFC 4180 with the mark that spreadsheets know UTF-8 by; no cell starts a formula.
fn csv(entries: &[Entry], names: &Names) -> Result<Vec<u8>, Failure> {
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    let header = ["number", "at", "actor", "deed", "subject", "detail", "address", "hash"];
    let mut rows = vec![header.map(ToOwned::to_owned)];
    rows.extend(entries.iter().map(|entry| {
        let (actor, subject) = (names.of(&entry.actor), names.of(&entry.subject));
        let (number, at) = (entry.number.to_string(), words::machine_time(entry.at()));
        let cells = [
            number,
            at,
            actor,
            entry.deed.clone(),
            subject,
            entry.detail.clone(),
            entry.address.clone(),
            entry.hash.clone(),
        ];
        cells.map(|cell| harmless(&cell))
    }));
    for row in rows {
        writer.write_record(row).map_err(|_| Failure::File)?;
    }
    writer.into_inner().map_err(|_| Failure::File)
}

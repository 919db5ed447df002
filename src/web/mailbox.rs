//! The mailbox as a list: newest first, fifty to a page, searchable without diacritics.

use std::collections::HashSet;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use uuid::Uuid;

use super::addressee::Addressees;
use super::look::Look;
use super::outbox_words::Way;
use super::page::{Failure, Frame, Place, page};
use super::session::Visitor;
use super::{Site, words};
use crate::catalog::Search;
use crate::channel::{self, Captured};
use crate::db::{Db, DbError};

/// Messages on a page.
const PAGE: u32 = 50;
/// Messages read at once while searching.
const CHUNK: u32 = 200;
/// A search looks at the newest messages only, so that it ends soon however full the mailbox is.
const SEARCHED: u32 = 5_000;
/// More characters than any name or subject that somebody would type.
const QUERY_CHARS: usize = 100;

/// What the address asks for, as it was typed.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct Asked {
    q: Option<String>,
    trang: Option<String>,
    dang: Option<String>,
}

/// The same, understood: anything unreadable is the first page of everything.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) query: String,
    pub(super) page: u32,
    /// How messages are looked at.
    pub(super) form: Shape,
}

/// How messages are looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Shape {
    /// As mails: a line each.
    #[default]
    Mail,
    /// As text messages of a phone.
    Sms,
    /// As cards of Zalo.
    Zalo,
}

impl Shape {
    const ALL: [Self; 3] = [Self::Mail, Self::Sms, Self::Zalo];

    const fn word(self) -> &'static str {
        match self {
            Self::Mail => "",
            Self::Sms => "sms",
            Self::Zalo => "zalo",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Mail => "Thư điện tử",
            Self::Sms => "Tin nhắn SMS",
            Self::Zalo => "Zalo",
        }
    }
}

impl Wanted {
    pub(super) fn of(asked: Result<Query<Asked>, QueryRejection>) -> Self {
        let Query(asked) = asked.unwrap_or_default();
        let query = asked.q.unwrap_or_default().trim().chars().take(QUERY_CHARS).collect();
        let page = asked.trang.and_then(|page| page.trim().parse().ok()).unwrap_or(1).max(1);
        let form = asked.dang.unwrap_or_default();
        let form = Shape::ALL.into_iter().find(|shape| shape.word() == form).unwrap_or_default();
        Self { query, page, form }
    }

    /// The end of a link that keeps the search and leads to `page`: `?q=song%20mai&trang=2`, or nothing.
    pub(super) fn tail(&self, page: u32) -> String {
        let mut parts = Vec::new();
        if !self.query.is_empty() {
            let Ok(encoded) = askama::filters::urlencode_strict(&self.query);
            parts.push(format!("q={encoded}"));
        }
        if self.form != Shape::Mail {
            parts.push(format!("dang={}", self.form.word()));
        }
        if page > 1 {
            parts.push(format!("trang={page}"));
        }
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }
}

/// A line of the list.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) id: Uuid,
    code: String,
    who: String,
    subject: String,
    /// Whether its words were deleted.
    deleted: bool,
    time: String,
    machine_time: String,
    look: Look,
}

impl Line {
    fn of(message: Captured, addressees: &Addressees) -> Self {
        Self {
            id: message.id,
            who: addressees.name(&message),
            time: words::local_time(message.captured_at),
            machine_time: words::machine_time(message.captured_at),
            code: message.unit_code,
            deleted: message.words_deleted_at.is_some(),
            subject: message.content.subject.clone(),
            look: Look::of(message.content, Way::Other, false),
        }
    }

    /// Whether it is what somebody looks for.
    fn is_found(&self, search: &Search) -> bool {
        search.is_empty() || search.finds(&format!("{} {} {}", self.code, self.who, self.subject))
    }
}

/// The codes of the units whose messages are shown; `None`: all.
pub(super) type Units = Option<HashSet<String>>;

/// The newest messages that match `query` and belong to `units`, at most as many as a search looks at.
pub(super) async fn found(db: &Db, addressees: &Addressees, query: &str, units: &Units) -> Result<Vec<Line>, DbError> {
    let own = |line: &Line| units.as_ref().is_none_or(|units| units.contains(&line.code));
    let search = Search::of(query);
    let (mut lines, mut offset) = (Vec::new(), 0);
    while offset < SEARCHED {
        let chunk = channel::captured(db, CHUNK, offset).await?;
        let last = chunk.is_empty();
        lines.extend(
            chunk
                .into_iter()
                .map(|message| Line::of(message, addressees))
                .filter(|line| own(line) && line.is_found(&search)),
        );
        if last {
            break;
        }
        offset += CHUNK;
    }
    Ok(lines)
}

#[derive(Template)]
#[template(path = "mailbox.html")]
struct MailboxPage {
    frame: Frame,
    query: String,
    /// Messages that match, or all.
    count: String,
    empty: bool,
    /// Whether the search left older messages out.
    partial: Option<String>,
    lines: Vec<Line>,
    /// What links from here keep.
    tail: String,
    page: u32,
    pages: u32,
    newer: Option<String>,
    older: Option<String>,
    shape: Shape,
    /// The ways of looking at them: address, name, whether it is this one.
    shapes: Vec<(String, &'static str, bool)>,
}

pub(super) async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let shown = show(&site, &visitor, &Wanted::of(asked)).await;
    site.answer(shown)
}

async fn show(site: &Site, visitor: &Visitor, wanted: &Wanted) -> Result<Response, Failure> {
    let addressees = Addressees::load(&site.db).await?;
    let units = visitor.units(site).await?;
    let all = u32::try_from(channel::captured_count(&site.db).await?).unwrap_or(u32::MAX);
    let searching = !wanted.query.is_empty() || units.is_some();
    let found = if searching { found(&site.db, &addressees, &wanted.query, &units).await? } else { Vec::new() };
    let count = if searching { u32::try_from(found.len()).unwrap_or(u32::MAX) } else { all };
    let pages = count.div_ceil(PAGE).max(1);
    let at = wanted.page.min(pages);
    let offset = (at - 1) * PAGE;
    let lines = if searching {
        let skipped = found.into_iter().skip(usize::try_from(offset).unwrap_or(usize::MAX));
        skipped.take(usize::try_from(PAGE).unwrap_or(usize::MAX)).collect()
    } else {
        let captured = channel::captured(&site.db, PAGE, offset).await?;
        captured.into_iter().map(|message| Line::of(message, &addressees)).collect()
    };
    page(&MailboxPage {
        frame: Frame::seen(site, visitor, Place::Mailbox, "Hộp thư thử"),
        count: words::grouped(count.into()),
        empty: all == 0,
        partial: (searching && all > SEARCHED).then(|| words::grouped(SEARCHED.into())),
        lines,
        tail: wanted.tail(at),
        page: at,
        pages,
        newer: (at > 1).then(|| wanted.tail(at - 1)),
        older: (at < pages).then(|| wanted.tail(at + 1)),
        shape: wanted.form,
        shapes: Shape::ALL
            .map(|form| {
                (Wanted { form, query: wanted.query.clone(), page: at }.tail(at), form.name(), form == wanted.form)
            })
            .into(),
        query: wanted.query.clone(),
    })
}

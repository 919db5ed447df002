//! The mailbox as a list: newest first, fifty to a page, searchable without diacritics.

use std::collections::HashSet;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use uuid::Uuid;

use super::addressee::Addressees;
use super::catalogue::Tongue;
use super::look::Look;
pub(super) use super::mailbox_wanted::{Asked, NO_CHANNEL, Shape, Wanted};
use super::outbox_words::{self, Way};
use super::page::{Failure, Frame, Place, page};
use super::session::Visitor;
use super::{Site, words};
use crate::catalog::Search;
use crate::channel::{self, Captured};
use crate::db::{Db, DbError};
use crate::outbox;

/// Messages on a page.
const PAGE: u32 = 50;
/// Messages read at once while searching.
const CHUNK: u32 = 200;
/// A search looks at the newest messages only, so that it ends soon however full the mailbox is.
const SEARCHED: u32 = 5_000;

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
    fn is_found(&self, search: &Search, form: Shape) -> bool {
        let has_form = match form {
            Shape::Mail => true,
            Shape::Sms => self.deleted || !self.look.sms.is_empty(),
            Shape::Zalo => self.deleted || !self.look.rows.is_empty(),
        };
        has_form && (search.is_empty() || search.finds(&format!("{} {} {}", self.code, self.who, self.subject)))
    }
}

/// The codes of the units whose messages are shown; `None`: all.
pub(super) type Units = Option<HashSet<String>>;

/// The newest messages that are `wanted` and belong to `units`, at most as many as a search looks at.
pub(super) async fn found(
    db: &Db,
    addressees: &Addressees,
    wanted: &Wanted,
    units: &Units,
) -> Result<Vec<Line>, DbError> {
    let own = |line: &Line| units.as_ref().is_none_or(|units| units.contains(&line.code));
    let search = Search::of(&wanted.query);
    let (mut lines, mut offset) = (Vec::new(), 0);
    while offset < SEARCHED {
        let chunk = channel::captured_of(db, wanted.caught(), CHUNK, offset).await?;
        let last = chunk.is_empty();
        lines.extend(
            chunk
                .into_iter()
                .map(|message| Line::of(message, addressees))
                .filter(|line| own(line) && line.is_found(&search, wanted.form)),
        );
        if last {
            break;
        }
        offset += CHUNK;
    }
    Ok(lines)
}

/// A value, its words, and whether it is chosen.
type Choice = (String, String, bool);

#[derive(Template)]
#[template(path = "mailbox.html")]
struct MailboxPage {
    frame: Frame,
    wanted: Wanted,
    /// Messages that match, or all.
    count: u32,
    /// The same, in groups of digits.
    grouped: String,
    empty: bool,
    /// How many were looked at, if older messages were left out.
    partial: Option<String>,
    lines: Vec<Line>,
    channels: Vec<Choice>,
    rounds: Vec<Choice>,
    /// What links from here keep.
    tail: String,
    page: u32,
    pages: u32,
    newer: Option<String>,
    older: Option<String>,
    /// The ways of looking at them: address, name, whether it is this one.
    shapes: Vec<(String, &'static str, bool)>,
}

pub(super) async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let shown = show(&site, &visitor, Wanted::of(asked)).await;
    site.answer(shown)
}

async fn show(site: &Site, visitor: &Visitor, wanted: Wanted) -> Result<Response, Failure> {
    let t = visitor.tongue;
    let addressees = Addressees::load(&site.db).await?;
    let units = visitor.units(site).await?;
    let all = u32::try_from(channel::captured_count(&site.db).await?).unwrap_or(u32::MAX);
    let searching = !wanted.is_everything() || units.is_some();
    let found = if searching { found(&site.db, &addressees, &wanted, &units).await? } else { Vec::new() };
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
    let (channels, rounds) = origins(site, t, &wanted, &units).await?;
    let shapes = Shape::ALL.map(|form| {
        let address = Wanted { form, ..wanted.clone() }.tail(1);
        (address, form.name(t), form == wanted.form)
    });
    page(&MailboxPage {
        frame: Frame::told(site, visitor, Place::Mailbox, "mailbox.title"),
        count,
        grouped: words::grouped(count.into()),
        empty: all == 0,
        partial: (searching && all > SEARCHED).then(|| words::grouped(SEARCHED.into())),
        lines,
        channels,
        rounds,
        tail: wanted.tail(at),
        page: at,
        pages,
        newer: (at > 1).then(|| wanted.tail(at - 1)),
        older: (at < pages).then(|| wanted.tail(at + 1)),
        shapes: shapes.into(),
        wanted,
    })
}

/// The channels and rounds that messages here are of.
async fn origins(
    site: &Site,
    t: Tongue,
    wanted: &Wanted,
    units: &Units,
) -> Result<(Vec<Choice>, Vec<Choice>), Failure> {
    let origins = channel::caught_by(&site.db).await?;
    let mut names: Vec<&str> = origins.iter().map(|(channel, _)| channel.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    // Tests from the pages come last.
    names.sort_by_key(|name| name.is_empty());
    let channel = |name: &str| {
        let (value, words) = if name.is_empty() { (NO_CHANNEL, t.say("mailbox.no_channel")) } else { (name, name) };
        (value.to_owned(), words.to_owned(), value == wanted.channel)
    };
    let mut rounds = outbox::rounds(&site.db, units.as_ref()).await?;
    rounds.retain(|round| origins.iter().any(|(_, run_id)| *run_id == round.run_id));
    let round = |round: outbox::WrittenTogether| {
        let chosen = round.run_id == wanted.round;
        let kind = outbox_words::kind(t, &round.kind);
        (round.run_id, format!("{} · {kind}", words::local_time(round.at)), chosen)
    };
    Ok((names.into_iter().map(channel).collect(), rounds.into_iter().map(round).collect()))
}

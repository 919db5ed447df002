//! What is done to many messages at once: asked about first, with how many, done then, and taken back for a minute.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use chrono::TimeDelta;

use super::catalogue::Tongue;
use super::form::Form;
use super::outbox::{Line, Writer};
use super::outbox_wanted::Wanted;
use super::outbox_words;
use super::page::{Failure, Frame, Place, again, on_to, page};
use super::session::Visitor;
use super::{Site, words};
use crate::app::{App, Mender, Wish};
use crate::clock::ZONE;
use crate::outbox::{self, Entry, Filter, Undone};
use crate::people::{Action, By};

/// For how long a deed can be taken back; nothing that it lets go leaves before.
pub(super) const GRACE: TimeDelta = TimeDelta::seconds(60);
/// Messages that are done something to at once, in one unit of work that sending waits for.
pub(super) const MOST: u32 = 2_000;
/// So many are named when they are asked about.
const NAMED: usize = 10;
/// Characters of a reason.
const LONGEST: usize = 200;

/// What can be wished for on the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Retry,
    LetGo,
    Hold,
    Cancel,
}

impl Verb {
    const ALL: [Self; 4] = [Self::Retry, Self::LetGo, Self::Hold, Self::Cancel];

    const fn word(self) -> &'static str {
        match self {
            Self::Retry => "gui-lai",
            Self::LetGo => "cho-gui",
            Self::Hold => "giu-lai",
            Self::Cancel => "huy",
        }
    }

    /// What follows from it.
    const fn what_follows(self) -> &'static str {
        match self {
            Self::Retry | Self::LetGo => "outbox.goes_in_a_minute",
            Self::Hold => "outbox.held_until",
            Self::Cancel => "outbox.never_sent",
        }
    }

    /// The question, the question about none, the button that does it, and what is said when it is done.
    const fn said(self) -> [&'static str; 4] {
        match self {
            Self::Retry => ["outbox.retry_ask", "outbox.retry_none", "outbox.retry_do", "outbox.retry_done"],
            Self::LetGo => ["outbox.let_go_ask", "outbox.let_go_none", "outbox.let_go_do", "outbox.let_go_done"],
            Self::Hold => ["outbox.hold_ask", "outbox.hold_none", "outbox.hold_do", "outbox.hold_done"],
            Self::Cancel => ["outbox.cancel_ask", "outbox.cancel_none", "outbox.cancel_do", "outbox.cancel_done"],
        }
    }

    const fn wish(self, why: &str) -> Wish<'_> {
        match self {
            Self::Retry => Wish::Retry,
            Self::LetGo => Wish::LetGo,
            Self::Hold => Wish::Hold(why),
            Self::Cancel => Wish::Cancel(why),
        }
    }

    /// Whether a reason is asked for.
    const fn needs_why(self) -> bool {
        matches!(self, Self::Hold | Self::Cancel)
    }
}

/// What a page says when somebody comes back to it after a deed.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) text: String,
    pub(super) bad: bool,
}

/// What the words behind `?xong=` say.
pub(super) fn told(t: Tongue, query: Option<&str>) -> Option<Told> {
    let pairs = super::form::pairs(&query?.to_owned().into())?;
    let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let number = |name: &str| value(name).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    let (done, late, word) = (number("duoc"), number("muon"), value("xong")?);
    let verb = Verb::ALL.into_iter().find(|verb| verb.word() == word);
    let counted = match word {
        "hoan-tac" => Some("outbox.undone"),
        "duyet" => Some("approval.done"),
        "khong-gui" => Some("approval.refused"),
        _ => verb.map(|verb| verb.said()[3]),
    };
    let plain = match word {
        "qua-han" => Some("outbox.too_late_to_undo"),
        "ket-qua" => Some("outbox.result_noted"),
        "tam-dung" => Some("outbox.paused"),
        "tiep-tuc" => Some("outbox.resumed"),
        "cho-qua" => Some("held.done"),
        _ => None,
    };
    let mut text = counted.map(|key| t.count(key, done)).or_else(|| plain.map(|key| t.say(key).to_owned()))?;
    if late > 0 {
        let _ = write!(text, " {}", t.count("outbox.too_late", late));
    }
    Some(Told { text, bad: late > 0 || word == "qua-han" })
}

/// A deed that can be taken back.
#[derive(Debug)]
pub(super) struct Undo {
    pub(super) id: String,
    pub(super) text: String,
}

/// Those that `visitor` may take back.
pub(super) async fn undoable(
    site: &Site,
    visitor: &Visitor,
    units: Option<&HashSet<String>>,
) -> Result<Vec<Undo>, Failure> {
    if !visitor.may(Action::Approve) {
        return Ok(Vec::new());
    }
    let deeds = outbox::undoable(&site.db, site.clock.now()).await?.into_iter();
    let own = deeds.filter(|deed| units.is_none_or(|units| deed.units.iter().all(|unit| units.contains(unit))));
    let said = own.map(|deed| {
        let clock = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&ZONE).format("%H:%M:%S").to_string();
        let key = match deed.what.as_str() {
            "retry" => "outbox.undo_retry",
            "let_go" => "outbox.undo_let_go",
            "hold" => "outbox.undo_hold",
            "cancel" => "outbox.undo_cancel",
            _ => "outbox.undo_refuse",
        };
        let values: [&dyn std::fmt::Display; 4] =
            [&words::count(deed.units.len()), &deed.done_by, &clock(deed.done_at), &clock(deed.undo_until)];
        Undo { text: visitor.tongue.with_all(key, &values), id: deed.id }
    });
    Ok(said.collect())
}

/// In the ledger he stands by his login name, in the audit log by his account.
pub(super) fn mender<'a>(visitor: &'a Visitor, by: &'a By) -> Result<Mender<'a>, Failure> {
    Ok(Mender { name: &visitor.person()?.login, by, grace: GRACE })
}

/// A reason, as far as it is one.
pub(super) fn reason(form: &Form, name: &str) -> String {
    let text: String = form.text(name).chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[derive(Template)]
#[template(path = "outbox_confirm.html")]
struct ConfirmPage {
    frame: Frame,
    verb: &'static str,
    /// What the button says.
    button: String,
    what_follows: &'static str,
    lines: Vec<Line>,
    further: Option<usize>,
    /// How many match and are not among these: that is for the next time.
    beyond: u64,
    /// How many cannot, and why.
    barred: Vec<(u64, String)>,
    ids: Vec<String>,
    fields: Vec<(&'static str, String)>,
    needs_why: bool,
    why: String,
    wrong: Option<&'static str>,
    back: String,
}

pub(super) async fn deed(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = asked_or_done(&site, &visitor, &form).await;
    site.answer(answer)
}

async fn asked_or_done(site: &Site, visitor: &Visitor, form: &Form) -> Result<Response, Failure> {
    let app = site.app()?;
    let wanted = Wanted::of_form(form);
    let Some(verb) = Verb::ALL.into_iter().find(|verb| verb.word() == form.text("viec")) else {
        return Ok(on_to(&wanted.address("")));
    };
    let units = visitor.units(site).await?;
    let entries = meant(site, form, &wanted, units.as_ref()).await?;
    let beyond = if form.text("tat-ca") == "1" { beyond(site, &wanted, units.as_ref()).await? } else { 0 };
    let (able, barred) = sorted(visitor.tongue, app, verb, entries);
    let why = reason(form, "ly-do");
    let lacks_why = verb.needs_why() && why.is_empty();
    let sure = form.text("chac") == "1";
    if sure && !lacks_why && !able.is_empty() {
        let by = visitor.by();
        let mended = app.mend(&able, verb.wish(&why), mender(visitor, &by)?).await?;
        let late = able.len() - mended.done;
        return Ok(on_to(&wanted.address(&format!("xong={}&duoc={}&muon={late}", verb.word(), mended.done))));
    }
    let asked = confirm(site, visitor, (verb, &wanted), (&able, barred, beyond), (why, sure && lacks_why)).await?;
    if sure { again(&asked) } else { page(&asked) }
}

/// The messages that the form means: those ticked, or all that the filters let through. What he may not see is not there
/// for him.
async fn meant(
    site: &Site,
    form: &Form,
    wanted: &Wanted,
    units: Option<&HashSet<String>>,
) -> Result<Vec<Entry>, Failure> {
    if form.text("tat-ca") == "1" {
        return Ok(outbox::browse(&site.db, &wanted.browsed(units), wanted.standing, (MOST, 0)).await?);
    }
    let mut entries = Vec::new();
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    for id in form.texts("ma").take(most) {
        let filter = Filter { id: Some(id.to_owned()), limit: 1, ..Filter::default() };
        let found = outbox::list(&site.db, &filter).await?.into_iter();
        entries.extend(found.filter(|entry| units.is_none_or(|units| units.contains(&entry.unit_code))));
    }
    Ok(entries)
}

/// How many that the filters let through are more than is done at once.
async fn beyond(site: &Site, wanted: &Wanted, units: Option<&HashSet<String>>) -> Result<u64, Failure> {
    let standings = outbox::standings(&site.db, &wanted.browsed(units)).await?;
    Ok(outbox::counted(&standings, wanted.standing).saturating_sub(u64::from(MOST)))
}

/// Those that it can be done to, and how many it cannot be done to for which reason.
fn sorted(t: Tongue, app: &App, verb: Verb, entries: Vec<Entry>) -> (Vec<Entry>, Vec<(u64, String)>) {
    let mut barred: BTreeMap<String, u64> = BTreeMap::new();
    let mut able = Vec::new();
    for entry in entries {
        match app.bar(&entry, verb.wish(""), false) {
            None => able.push(entry),
            Some(bar) => *barred.entry(outbox_words::bar(t, bar)).or_default() += 1,
        }
    }
    (able, barred.into_iter().map(|(why, count)| (count, why)).collect())
}

async fn confirm(
    site: &Site,
    visitor: &Visitor,
    (verb, wanted): (Verb, &Wanted),
    (able, barred, beyond): (&[Entry], Vec<(u64, String)>, u64),
    (why, lacks_why): (String, bool),
) -> Result<ConfirmPage, Failure> {
    let named: Vec<&Entry> = able.iter().take(NAMED).collect();
    let ids: Vec<&str> = named.iter().map(|entry| entry.id.as_str()).collect();
    let known = outbox::known_of(&site.db, &ids).await?;
    let t = visitor.tongue;
    let writer = Writer::load(site, t).await?;
    let [ask, none, button, _] = verb.said();
    let title = if able.is_empty() { t.say(none).to_owned() } else { t.count(ask, able.len()) };
    Ok(ConfirmPage {
        frame: Frame::seen(site, visitor, Place::Outbox, title),
        verb: verb.word(),
        button: t.count(button, able.len()),
        what_follows: t.say(verb.what_follows()),
        lines: named.into_iter().map(|entry| writer.line(entry, &known)).collect(),
        further: (able.len() > NAMED).then(|| able.len() - NAMED),
        beyond,
        barred,
        ids: able.iter().map(|entry| entry.id.clone()).collect(),
        fields: wanted.fields(),
        needs_why: verb.needs_why(),
        why,
        wrong: lacks_why.then_some(t.say("outbox.reason_missing")),
        back: wanted.address(""),
    })
}

pub(super) async fn undo(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = async {
        let app = site.app()?;
        let (id, units) = (form.text("viec"), visitor.units(&site).await?);
        let own = undoable(&site, &visitor, units.as_ref()).await?.iter().any(|deed| deed.id == id);
        let by = visitor.by();
        let undone = if own { app.undo(id, mender(&visitor, &by)?).await? } else { Undone::Over };
        Ok(on_to(&match undone {
            Undone::Back { entries, too_late } => format!("/hop-thu-di?xong=hoan-tac&duoc={entries}&muon={too_late}"),
            Undone::Over => "/hop-thu-di?xong=qua-han".to_owned(),
        }))
    };
    site.answer(answer.await)
}

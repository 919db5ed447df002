//! What heads answered by the link in their letter, and what that asks of staff. Whoever did it says so here, and may take
//! that back.

use std::collections::{BTreeSet, HashMap};

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use chrono::{DateTime, Utc};

use super::catalogue::Tongue;
use super::form::Form;
use super::mailbox::Units;
use super::outbox_deeds::reason;
use super::page::{Failure, Frame, Place, again, done_words, on_to, page};
use super::reply_text::day;
use super::session::Visitor;
use super::{Site, words};
use crate::app::today;
use crate::catalog::directory::Directory;
use crate::catalog::{self, Catalog, IndicatorId, UnitId};
use crate::people::Action;
use crate::reply::{self, Answered, Bounced, Closing, Kind, Task, TaskError};

/// Closed tasks, and answers that ask for nothing, that are listed.
const LISTED: usize = 100;

/// One answer, or one address that gives messages back.
#[derive(Debug)]
struct Item {
    id: String,
    at: DateTime<Utc>,
    /// What it is, how loudly that is said.
    what: String,
    tone: &'static str,
    /// Code and name of the units; without a code they are no more.
    units: Vec<(Option<String>, String)>,
    time: String,
    machine_time: String,
    /// Who, about what.
    about: String,
    /// What the head said, or the mail system, in its own words.
    said: String,
    detail: String,
    /// What is to be done, and what follows.
    remedy: String,
    /// Where the contact is mended, of what is mended there.
    contact: Option<String>,
    /// How it ended: by whom, when, what was noted.
    closing: Option<(String, String)>,
    /// Whether a later answer took its place.
    overtaken: bool,
    is_task: bool,
    /// May be closed or opened again.
    may: bool,
}

#[derive(Template)]
#[template(path = "answers.html")]
struct AnswersPage {
    frame: Frame,
    done: Option<&'static str>,
    wrong: Option<&'static str>,
    /// The task whose form was not taken, and what was typed into it.
    tried: String,
    note: String,
    open: Vec<Item>,
    /// How many those are.
    waiting: String,
    closed: Vec<Item>,
    /// Answers that ask for nothing.
    others: Vec<Item>,
    /// Whether there are more than are listed.
    cut: bool,
    edits: bool,
    /// Whether letters carry a link to answer by.
    asked: bool,
}

/// What items are written with.
struct Writer<'v> {
    t: Tongue,
    visitor: &'v Visitor,
    units: Units,
    catalog: Catalog,
    /// Code and name that each unit had last.
    names: HashMap<UnitId, (String, String)>,
    by_code: HashMap<String, String>,
    indicators: HashMap<IndicatorId, String>,
    today: chrono::NaiveDate,
}

impl<'v> Writer<'v> {
    async fn load(site: &Site, visitor: &'v Visitor, units: Units) -> Result<Self, Failure> {
        let today = today(site.clock.now());
        let directory = Directory::load(&site.db).await?;
        let measures = catalog::measures(&site.db).await?;
        let rows = || directory.units.iter();
        Ok(Self {
            t: visitor.tongue,
            visitor,
            units,
            catalog: directory.catalog(today),
            names: rows().map(|unit| (unit.id.clone(), (unit.code.clone(), unit.name.clone()))).collect(),
            by_code: rows().map(|unit| (unit.code.clone(), unit.name.clone())).collect(),
            indicators: measures.indicators.into_iter().map(|one| (one.id, one.short_name)).collect(),
            today,
        })
    }

    fn sees(&self, code: &str) -> bool {
        self.units.as_ref().is_none_or(|units| units.contains(code))
    }

    /// Nothing, where it is about none of the visitor's units.
    fn answered(&self, one: Answered) -> Option<Item> {
        let t = self.t;
        let mut units: Vec<&UnitId> = one.about.iter().map(|(unit, _)| unit).collect();
        units.dedup();
        let name = |unit: &&UnitId| match self.names.get(*unit) {
            Some((code, name)) => (Some(code.clone()), name.clone()),
            None => (None, unit.to_string()),
        };
        let named: Vec<(Option<String>, String)> = units.iter().map(name).collect();
        let own = |(code, _): &(Option<String>, String)| code.as_ref().is_some_and(|code| self.sees(code));
        if self.units.is_some() && !named.iter().any(own) {
            return None;
        }
        let whole = self.units.is_none() || named.iter().all(own);
        let indicators: BTreeSet<&str> = one
            .about
            .iter()
            .map(|(_, indicator)| self.indicators.get(indicator).map_or(indicator.as_str(), String::as_str))
            .collect();
        let indicators = indicators.into_iter().collect::<Vec<_>>().join(", ");
        let head = units.first().and_then(|unit| self.catalog.recipient_of(unit));
        let head = head.filter(|head| head.id == one.recipient_id).map(|head| head.title.clone());
        let until = words::local_date(&one.as_of.to_string());
        let about = match head {
            Some(head) => t.with3("answers.head_about", head, indicators, until),
            None => t.with2("answers.about", indicators, until),
        };
        let answer = one.answer;
        let first = named.iter().find_map(|(code, _)| code.clone());
        let (what, tone, remedy) = match answer.kind {
            Kind::Disputed => (t.say("answers.disputed").to_owned(), "bad", self.dispute(answer.until)),
            Kind::NotMine => (t.say("answers.not_mine").to_owned(), "bad", t.say("answers.not_mine_do").to_owned()),
            Kind::Promised => {
                (t.with("answers.promised", answer.by.map(day).unwrap_or_default()), "wait", String::new())
            }
            Kind::Received => (t.say("answers.received").to_owned(), "", String::new()),
        };
        let mends_contact = answer.kind == Kind::NotMine && self.visitor.may(Action::Edit);
        Some(Item {
            contact: first.filter(|_| mends_contact),
            units: named,
            about,
            said: answer.cause,
            overtaken: !one.current,
            ..self.item(answer.id.to_string(), (answer.at, whole), (what, tone, remedy), one.task)
        })
    }

    /// What a dispute holds back, and what follows when it is dealt with.
    fn dispute(&self, until: Option<chrono::NaiveDate>) -> String {
        match until {
            Some(until) if until >= self.today => self.t.with("answers.dispute_do", day(until)),
            Some(until) => self.t.with("answers.dispute_over", day(until)),
            None => String::new(),
        }
    }

    fn bounced(&self, one: Bounced) -> Option<Item> {
        if !self.sees(&one.unit_code) {
            return None;
        }
        let t = self.t;
        let name = self.by_code.get(&one.unit_code).cloned();
        let about = t.with2("answers.bounced_about", words::masked(&one.address), &one.channel);
        let said = (t.say("answers.bounced").to_owned(), "bad", t.say("answers.bounced_do").to_owned());
        let code = name.is_some().then(|| one.unit_code.clone());
        Some(Item {
            contact: code.clone().filter(|_| self.visitor.may(Action::Edit)),
            units: vec![(code, name.unwrap_or(one.unit_code))],
            about,
            detail: one.detail,
            ..self.item(one.id, (one.opened_at, true), said, Some(one.task))
        })
    }

    fn item(
        &self,
        id: String,
        (at, whole): (DateTime<Utc>, bool),
        (what, tone, remedy): (String, &'static str, String),
        task: Option<Task>,
    ) -> Item {
        let is_task = task.is_some();
        let closing = task.and_then(|task| task.closing);
        let closed = |Closing { at, by, note }| (self.t.with2("answers.closed_by", by, words::local_time(at)), note);
        Item {
            id,
            at: closing.as_ref().map_or(at, |closing| closing.at),
            what,
            tone,
            units: Vec::new(),
            time: words::local_time(at),
            machine_time: words::machine_time(at),
            about: String::new(),
            said: String::new(),
            detail: String::new(),
            remedy,
            contact: None,
            closing: closing.map(closed),
            overtaken: false,
            is_task,
            may: whole && self.visitor.may(Action::Edit),
        }
    }
}

pub(super) async fn show(State(site): State<Site>, visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let answer = async {
        let done = done_words(visitor.tongue, query.as_deref());
        page(&AnswersPage { done, ..shown(&site, &visitor).await? })
    };
    site.answer(answer.await)
}

async fn shown(site: &Site, visitor: &Visitor) -> Result<AnswersPage, Failure> {
    let writer = Writer::load(site, visitor, visitor.units(site).await?).await?;
    let answered = reply::answered(&site.db, false).await?;
    let bounced = reply::bounced(&site.db, false).await?;
    let answered = answered.into_iter().filter_map(|one| writer.answered(one));
    let all = answered.chain(bounced.into_iter().filter_map(|one| writer.bounced(one)));
    let (tasks, mut others): (Vec<Item>, Vec<Item>) = all.partition(|one| one.is_task);
    let (mut closed, mut open): (Vec<Item>, Vec<Item>) = tasks.into_iter().partition(|one| one.closing.is_some());
    // Who waits longest comes first; of what is over, the newest.
    open.sort_by_key(|one| one.at);
    closed.sort_by_key(|one| std::cmp::Reverse(one.at));
    others.sort_by_key(|one| std::cmp::Reverse(one.at));
    let cut = closed.len() > LISTED || others.len() > LISTED;
    closed.truncate(LISTED);
    others.truncate(LISTED);
    Ok(AnswersPage {
        frame: Frame::told(site, visitor, Place::Answers, "answers.title"),
        done: None,
        wrong: None,
        tried: String::new(),
        note: String::new(),
        waiting: words::count(open.len()),
        open,
        closed,
        others,
        cut,
        edits: visitor.may(Action::Edit),
        asked: site.replies.is_some(),
    })
}

/// Closes a task as `dondoc reply close` does, or opens it again.
pub(super) async fn change(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = changed(&site, &visitor, &form).await;
    site.answer(answer)
}

async fn changed(site: &Site, visitor: &Visitor, form: &Form) -> Result<Response, Failure> {
    let (id, note) = (form.text("viec"), reason(form, "ket-qua"));
    let present = shown(site, visitor).await?;
    let one = present.open.iter().chain(&present.closed).find(|one| one.id == id).ok_or(Failure::NotFound)?;
    if !one.may {
        return Err(Failure::NotFound);
    }
    let (person, by, now) = (visitor.person()?, visitor.by(), site.clock.now());
    let reopens = !form.text("mo-lai").is_empty();
    let done = if reopens {
        reply::reopen(&site.db, id, &by, now).await
    } else if note.is_empty() {
        return refused(present, visitor, "answers.note_missing", (id, note));
    } else {
        reply::close(&site.db, id, (&person.name, &by), &note, now).await
    };
    match done {
        Ok(()) if reopens => Ok(on_to("/tra-loi?xong=answer_reopened")),
        Ok(()) => Ok(on_to("/tra-loi?xong=answer_closed")),
        Err(TaskError::Db(error)) => Err(error.into()),
        Err(TaskError::NotOpen(_) | TaskError::NotClosed(_)) => {
            refused(shown(site, visitor).await?, visitor, "answers.moved", (id, note))
        }
    }
}

fn refused(
    present: AnswersPage,
    visitor: &Visitor,
    wrong: &'static str,
    (id, note): (&str, String),
) -> Result<Response, Failure> {
    again(&AnswersPage { wrong: Some(visitor.tongue.say(wrong)), tried: id.to_owned(), note, ..present })
}

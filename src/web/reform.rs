//! Mergers, splits, new names, ends and beginnings of units: a form for each, what it would change, one write, undo within
//! a day. For whoever sees the whole province.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use chrono::NaiveDate;

use super::catalogue::Tongue;
use super::form::Form;
use super::page::{Failure, Frame, Place, again, done_words, on_to, page};
use super::reform_form::{Typed, Wrong, kinds};
use super::reform_words::{by_whom, figures_words, kind_words, not_possible, not_undone};
use super::session::Visitor;
use super::{Site, words};
use crate::app::reform::{self, Looked, WriteError};
use crate::catalog::reform::{Recorded, ReformKind, UndoError, recorded};
use crate::catalog::{self, Pack, Unit};
use crate::people::Action;

/// Records that are listed.
const LISTED: i64 = 20;
/// Units that are offered while a code is typed; a longer list would make the page heavy.
const OFFERED: usize = 3_000;

#[derive(Template)]
#[template(path = "reform.html")]
struct ReformPage {
    frame: Frame,
    done: Option<&'static str>,
    /// What is wrong with all of it.
    wrong: Option<String>,
    /// Word, name and note of every kind, and whether it is chosen.
    choices: Vec<(&'static str, &'static str, &'static str, bool)>,
    form: Option<FormShown>,
    preview: Option<Preview>,
    records: Vec<Line>,
    may: bool,
}

/// The form of one kind.
struct FormShown {
    kind: ReformKind,
    typed: Typed,
    wrong: Wrong,
    kinds: Vec<(&'static str, &'static str)>,
    /// Code and name of every unit.
    units: Vec<(String, String)>,
}

impl FormShown {
    fn word(&self) -> &'static str {
        self.kind.word()
    }

    /// What is wrong with a field.
    fn wrong_with(&self, field: &str) -> Option<&str> {
        self.wrong.iter().find(|(known, _)| known == field).map(|(_, words)| words.as_str())
    }

    /// The same of one of several.
    fn wrong_at(&self, field: &str, at: impl std::fmt::Display) -> Option<&str> {
        self.wrong_with(&format!("{field}.{at}"))
    }

    fn takes_existing(&self) -> bool {
        matches!(self.kind, ReformKind::Merge | ReformKind::Split)
    }

    fn grows(&self) -> bool {
        matches!(self.kind, ReformKind::Merge | ReformKind::Split | ReformKind::End)
    }

    fn splits(&self) -> bool {
        self.kind == ReformKind::Split
    }

    fn renames(&self) -> bool {
        self.kind == ReformKind::Rename
    }
}

/// What would change.
struct Preview {
    day: String,
    digest: String,
    ends: Vec<String>,
    begins: Vec<String>,
    changes: Vec<(String, String)>,
    /// People whose office ends with its unit.
    people: Vec<String>,
    /// A unit with who receives for it.
    heads: Vec<(String, Option<String>)>,
    targets: Vec<String>,
    names: Vec<String>,
    /// What becomes of figures, cases and courses.
    figures: String,
}

/// What was recorded.
struct Line {
    id: String,
    kind: &'static str,
    told: String,
    day: String,
    basis: String,
    when: String,
    by: String,
    undone: bool,
    undo_until: Option<String>,
}

/// These pages belong to those who see every unit.
async fn admitted(site: &Site, visitor: &Visitor) -> Result<(), Failure> {
    if visitor.units(site).await?.is_none() { Ok(()) } else { Err(Failure::NotFound) }
}

pub(super) async fn show(State(site): State<Site>, visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let answer = async {
        admitted(&site, &visitor).await?;
        let done = done_words(visitor.tongue, query.as_deref());
        let asked = Form::of_query(query);
        let pack = catalog::load(&site.db).await?;
        let form = ReformKind::of(asked.text("viec"))
            .map(|kind| form(visitor.tongue, &pack, kind, Typed::of(&asked).laid_out(kind, false), Wrong::new()));
        page(&ReformPage { done, ..shown(&site, &visitor, form, None).await? })
    };
    site.answer(answer.await)
}

async fn shown(
    site: &Site,
    visitor: &Visitor,
    form: Option<FormShown>,
    preview: Option<Preview>,
) -> Result<ReformPage, Failure> {
    let t = visitor.tongue;
    let mut records = Vec::new();
    for one in recorded(&site.db, LISTED).await? {
        records.push(line(site, t, one).await?);
    }
    let chosen = form.as_ref().map(|form| form.kind);
    let choice = |kind: ReformKind| {
        let (name, note) = kind_words(t, kind);
        (kind.word(), name, note, chosen == Some(kind))
    };
    Ok(ReformPage {
        frame: Frame::told(site, visitor, Place::Contacts, "reform.title"),
        done: None,
        wrong: None,
        choices: ReformKind::ALL.into_iter().map(choice).collect(),
        form,
        preview,
        records,
        may: visitor.may(Action::Edit),
    })
}

async fn line(site: &Site, t: Tongue, one: Recorded) -> Result<Line, Failure> {
    Ok(Line {
        kind: kind_words(t, one.kind).0,
        day: local(one.day),
        when: words::local_time(one.at),
        by: by_whom(site, t, &one.by).await?,
        undone: one.undone,
        undo_until: one.undoable_until(site.clock.now()).map(words::local_time),
        id: one.id,
        told: one.told,
        basis: one.basis,
    })
}

fn form(t: Tongue, pack: &Pack, kind: ReformKind, typed: Typed, wrong: Wrong) -> FormShown {
    // Those that ended lately may still lack a successor.
    let present = pack.units.iter().filter(|unit| unit.valid.to.is_none());
    let units = present.take(OFFERED).map(|unit| (unit.code.clone(), unit.name.clone())).collect();
    FormShown { kind, typed, wrong, kinds: kinds(t), units }
}

fn local(day: NaiveDate) -> String {
    words::local_date(&day.to_string())
}

fn called(unit: &Unit) -> String {
    format!("{} ({})", unit.name, unit.code)
}

fn preview(t: Tongue, kind: ReformKind, day: NaiveDate, looked: &Looked) -> Preview {
    let plan = &looked.plan;
    let parent = |unit: &Unit| {
        let id = unit.parent.as_ref()?;
        looked.after.units.iter().find(|row| row.id == *id && row.valid.covers(day)).map(|row| row.name.clone())
    };
    let described = |unit: &Unit| match parent(unit) {
        Some(parent) => t.with3("reform.unit_below", &unit.name, &unit.code, parent),
        None => called(unit),
    };
    let people = plan.people().map(|(contact, _)| match &contact.person {
        Some(person) => format!("{} ({person})", contact.title),
        None => contact.title.clone(),
    });
    Preview {
        day: local(day),
        digest: looked.digest.clone(),
        ends: plan.ends(day).map(called).collect(),
        begins: plan.begins().map(described).collect(),
        changes: plan.changes(day).map(|(was, is)| (described(was), described(is))).collect(),
        people: people.collect(),
        heads: looked
            .heads
            .iter()
            .map(|(unit, head)| (unit.name.clone(), head.as_ref().map(|one| one.title.clone())))
            .collect(),
        targets: looked.targets.iter().map(|target| target.name.clone()).collect(),
        names: looked.names.clone(),
        figures: figures_words(t, kind, plan.ends(day).next().is_some(), &local(day)),
    }
}

/// Shows what it would change, or writes what was shown.
pub(super) async fn record(State(site): State<Site>, visitor: Visitor, asked: Form) -> Response {
    let answer = async {
        admitted(&site, &visitor).await?;
        let t = visitor.tongue;
        let kind = ReformKind::of(asked.text("viec")).ok_or(Failure::NotFound)?;
        let further = asked.text("chac") == "them";
        let (typed, pack) = (Typed::of(&asked).laid_out(kind, further), catalog::load(&site.db).await?);
        let with = |wrong| form(t, &pack, kind, typed.clone(), wrong);
        if further {
            return page(&shown(&site, &visitor, Some(with(Wrong::new())), None).await?);
        }
        let reform = match typed.reform(t, kind, &pack) {
            Ok(reform) => reform,
            Err(wrong) => {
                let wrong_words = Some(t.count("reform.to_correct", wrong.len()));
                let page = shown(&site, &visitor, Some(with(wrong)), None).await?;
                return again(&ReformPage { wrong: wrong_words, ..page });
            }
        };
        let mut refused = None;
        if asked.text("chac") == "ghi" {
            let seen = Some(asked.text("thay"));
            match reform::write(&site.db, &reform, seen, &visitor.by(), site.clock.now()).await {
                Ok(_) => return Ok(on_to("/danh-ba/sap-nhap?xong=reform_written")),
                Err(WriteError::Db(error)) => return Err(error.into()),
                Err(WriteError::Reform(error)) => refused = Some(not_possible(t, &error)),
            }
        }
        match reform::look(&site.db, &reform).await {
            Ok(looked) => {
                let preview = Some(preview(t, kind, reform.day, &looked));
                let shown = shown(&site, &visitor, Some(with(Wrong::new())), preview).await?;
                match refused {
                    None => page(&shown),
                    wrong => again(&ReformPage { wrong, ..shown }),
                }
            }
            Err(WriteError::Db(error)) => Err(error.into()),
            Err(WriteError::Reform(error)) => {
                let wrong = Some(not_possible(t, &error));
                again(&ReformPage { wrong, ..shown(&site, &visitor, Some(with(Wrong::new())), None).await? })
            }
        }
    };
    site.answer(answer.await)
}

/// Takes one back.
pub(super) async fn undo(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Response {
    let answer = async {
        admitted(&site, &visitor).await?;
        match reform::take_back(&site.db, &id, &visitor.by(), site.clock.now()).await {
            Ok(()) => Ok(on_to("/danh-ba/sap-nhap?xong=reform_undone")),
            Err(UndoError::NotThere) => Err(Failure::NotFound),
            Err(UndoError::Db(error)) => Err(error.into()),
            Err(error) => {
                let wrong = Some(not_undone(visitor.tongue, &error));
                again(&ReformPage { wrong, ..shown(&site, &visitor, None, None).await? })
            }
        }
    };
    site.answer(answer.await)
}

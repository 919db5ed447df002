//! The matching desk (đối chiếu tên đơn vị): what sources call units that nobody knows, candidates, a decision, and taking
//! it back.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::catalogue::Tongue;
use super::form::Form;
use super::page::{Failure, Frame, Place, again, done_words, on_to, page};
use super::session::{Visitor, Who};
use super::{Site, words};
use crate::app::names::{self, Open, Says};
use crate::app::today;
use crate::catalog::directory::Directory;
use crate::catalog::{self, AliasDecision, AliasError};
use crate::clock::from_millis;
use crate::observation::Stray;
use crate::people::Action;

/// Decisions that are listed.
const DECIDED: usize = 50;
/// Units that are offered while a code is typed; a longer list would make the page heavy.
const OFFERED: usize = 3_000;

#[derive(Template)]
#[template(path = "names.html")]
struct NamesPage {
    frame: Frame,
    done: Option<&'static str>,
    wrong: Option<String>,
    edits: bool,
    open: Vec<Stranger>,
    decided: Vec<Decided>,
    /// Code and name of every unit, for the field where a code is typed.
    units: Vec<(String, String)>,
}

/// A name that means nobody yet.
struct Stranger {
    /// What a decision is about: the name, or the code where there is no name.
    about: String,
    code: String,
    source: String,
    why: &'static str,
    rows: u64,
    first: String,
    day: String,
    /// The day that its codes are asked for, as a form carries it.
    asked_on: String,
    candidates: Vec<(String, String)>,
    /// Whether a decision would help: what was divided or dissolved needs a succession instead.
    decides: bool,
}

/// What was decided, and holds.
struct Decided {
    alias: String,
    unit: String,
    when: String,
    by: String,
}

pub(super) async fn list(State(site): State<Site>, visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let answer = async {
        let done = done_words(visitor.tongue, query.as_deref());
        page(&shown(&site, &visitor, None, done).await?)
    };
    site.answer(answer.await)
}

/// The desk belongs to those who see every unit.
async fn admitted(site: &Site, visitor: &Visitor) -> Result<(), Failure> {
    if visitor.units(site).await?.is_none() { Ok(()) } else { Err(Failure::NotFound) }
}

async fn shown(
    site: &Site,
    visitor: &Visitor,
    wrong: Option<String>,
    done: Option<&'static str>,
) -> Result<NamesPage, Failure> {
    admitted(site, visitor).await?;
    let day = today(site.clock.now());
    let open = names::open_names(&site.db, day).await?;
    let directory = Directory::load(&site.db).await?;
    let unit_name = |id: &str| {
        let row = directory.units.iter().rev().find(|unit| unit.id.as_str() == id);
        row.map_or_else(|| id.to_owned(), |unit| format!("{} ({})", unit.name, unit.code))
    };
    let holding = holding(catalog::alias_decisions(&site.db, None).await?);
    let present = directory.units.iter().filter(|unit| unit.valid.covers(day));
    Ok(NamesPage {
        frame: Frame::told(site, visitor, Place::Contacts, "stranger.title"),
        done,
        wrong,
        edits: visitor.may(Action::Edit),
        open: open.into_iter().map(|open| stranger(visitor.tongue, open)).collect(),
        decided: holding
            .into_iter()
            .take(DECIDED)
            .map(|one| Decided {
                unit: unit_name(&one.unit_id),
                when: words::local_time(from_millis(one.decided_at)),
                by: one.decided_by,
                alias: one.alias,
            })
            .collect(),
        units: present.take(OFFERED).map(|unit| (unit.code.clone(), unit.name.clone())).collect(),
    })
}

/// The newest decision about each name, of those that hold, newest first.
fn holding(decisions: Vec<AliasDecision>) -> Vec<AliasDecision> {
    let mut newest: BTreeMap<String, AliasDecision> = BTreeMap::new();
    for decision in decisions {
        newest.insert(catalog::fold(&decision.alias), decision);
    }
    let mut holding: Vec<AliasDecision> = newest.into_values().filter(|one| one.verb == "resolved").collect();
    holding.sort_by_key(|one| std::cmp::Reverse(one.decided_at));
    holding
}

fn stranger(t: Tongue, open: Open) -> Stranger {
    let Open { stranger, candidates } = open;
    let (why, decides) = match stranger.why {
        Stray::Unknown => ("stranger.unknown", true),
        Stray::Ambiguous => ("stranger.ambiguous", true),
        Stray::Contradiction => ("stranger.contradiction", true),
        Stray::Divided => ("stranger.divided", false),
        Stray::Dissolved => ("stranger.dissolved", false),
    };
    let about = if stranger.name.is_empty() { stranger.code.clone() } else { stranger.name };
    Stranger {
        about,
        code: stranger.code,
        source: stranger.source,
        why: t.say(why),
        rows: stranger.rows,
        first: stranger.first,
        day: words::local_date(&stranger.asked_on.to_string()),
        asked_on: stranger.asked_on.to_string(),
        candidates: candidates.into_iter().map(|unit| (unit.code, unit.name)).collect(),
        decides,
    }
}

pub(super) async fn decide(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = async {
        admitted(&site, &visitor).await?;
        let typed = form.text("ma-khac").trim();
        // A unit is chosen from the list by its code, with or without its name behind.
        let typed = typed.split(" · ").next().unwrap_or_default();
        let code = if typed.is_empty() { form.text("ma") } else { typed };
        if code.is_empty() {
            let wrong = Some(visitor.tongue.say("stranger.choose").to_owned());
            return again(&shown(&site, &visitor, wrong, None).await?);
        }
        let now = site.clock.now();
        let day = form.text("ngay").parse().unwrap_or_else(|_| today(now));
        let by = visitor.by();
        let who = Says { name: &name_of(&visitor), by: &by };
        let decided = names::decide(&site.db, (form.text("ten"), code, day), who, now).await;
        concluded(&site, &visitor, decided.map(|_| "name_matched")).await
    };
    site.answer(answer.await)
}

pub(super) async fn take_back(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = async {
        admitted(&site, &visitor).await?;
        let by = visitor.by();
        let who = Says { name: &name_of(&visitor), by: &by };
        let undone = names::take_back(&site.db, form.text("ten"), who, site.clock.now()).await;
        concluded(&site, &visitor, undone.map(|_| "name_unmatched")).await
    };
    site.answer(answer.await)
}

async fn concluded(
    site: &Site,
    visitor: &Visitor,
    done: Result<&'static str, AliasError>,
) -> Result<Response, Failure> {
    let error = match done {
        Ok(word) => return Ok(on_to(&format!("/doi-chieu?xong={word}"))),
        Err(AliasError::Db(error)) => return Err(error.into()),
        Err(error) => error,
    };
    let t = visitor.tongue;
    let wrong = match error {
        AliasError::Unit { .. } => t.say("stranger.no_unit").to_owned(),
        AliasError::Known { unit, .. } => t.with("stranger.known", unit),
        AliasError::Alike { alias, .. } => t.with("stranger.alike", alias),
        AliasError::NotResolved { .. } => t.say("stranger.not_matched").to_owned(),
        AliasError::Changed => t.say("stranger.changed").to_owned(),
        _ => t.say("stranger.no_alias").to_owned(),
    };
    again(&shown(site, visitor, Some(wrong), None).await?)
}

fn name_of(visitor: &Visitor) -> String {
    match &visitor.who {
        Who::Person { person, .. } => person.name.clone(),
        _ => "admin".to_owned(),
    }
}

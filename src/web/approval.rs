//! The batch that waits for a second person: what is new in it, what moved, how its letters read; and the word about it.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::catalogue::Tongue;
use super::form::Form;
use super::outbox_deeds::{GRACE, Told, Undo, reason, told, undoable};
use super::page::{Failure, Frame, Place, again, on_to, page};
use super::session::Visitor;
use super::{Site, held, words};
use crate::app::today;
use crate::catalog::{self, Catalog};
use crate::evaluation::Rate;
use crate::message::Message;
use crate::outbox::{self, Filter, HoldReason, State as At};
use crate::pass::{self, Addressee, Approved, Asked, Decider, Review, Share};
use crate::people::Action;
use crate::report::decimal;

/// So many of each kind are named before the rest is folded away.
const NAMED: usize = 10;
/// Letters that are read out of the batch.
const SAMPLES: usize = 3;

/// Somebody whom the batch reaches and the one before did not, or the other way round.
#[derive(Debug)]
struct Named {
    unit: String,
    title: String,
    address: String,
    elsewhere: bool,
}

/// A figure that moved.
#[derive(Debug)]
struct Moved {
    code: String,
    unit: String,
    indicator: String,
    before: String,
    now: String,
    points: String,
}

/// A letter of the batch.
#[derive(Debug)]
struct Sample {
    id: String,
    who: String,
    subject: String,
    text: String,
}

/// The batch beside the one before.
#[derive(Debug)]
struct Batch {
    hash: String,
    as_of: String,
    reason: &'static str,
    messages: usize,
    /// The same as it is written.
    number: String,
    recipients: String,
    composers: Vec<String>,
    /// Where they are of several rounds: the round, how many messages it has, up to when its figures go.
    rounds: Vec<(String, u64, String)>,
    is_first: bool,
    new: String,
    dropped: String,
    /// Title, id, number and names of who is new, and who is not in it any more.
    lists: Vec<(&'static str, &'static str, String, Vec<Named>)>,
    /// Since when, how many units moved, and which.
    moved: Option<(String, String, Vec<Moved>)>,
    percent: u64,
    samples: Vec<Sample>,
}

#[derive(Template)]
#[template(path = "approval.html")]
struct ApprovalPage {
    frame: Frame,
    told: Option<Told>,
    undo: Vec<Undo>,
    batch: Option<Batch>,
    /// Rounds that the quality gate held.
    held: usize,
    /// Whether he may decide.
    may: bool,
    /// Whether the rules want somebody else than the composer.
    differs: bool,
    why: String,
    wrong: Option<String>,
}

pub(super) async fn show(State(site): State<Site>, visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let answer = async {
        let told = told(visitor.tongue, query.as_deref());
        page(&shown(&site, &visitor, (told, String::new(), None)).await?)
    };
    site.answer(answer.await)
}

/// Whole batches concern those alone who see everything.
async fn shown(
    site: &Site,
    visitor: &Visitor,
    (told, why, wrong): (Option<Told>, String, Option<String>),
) -> Result<ApprovalPage, Failure> {
    if !visitor.sees_all() {
        return Err(Failure::NotFound);
    }
    let asked = pass::asked(&site.db).await?;
    Ok(ApprovalPage {
        frame: Frame::told(site, visitor, Place::Outbox, "approval.title"),
        told,
        undo: undoable(site, visitor, None).await?,
        batch: match asked {
            Some(asked) => Some(batch(visitor.tongue, site, asked).await?),
            None => None,
        },
        held: held::waiting(site).await?,
        may: visitor.may(Action::Approve),
        differs: site.app()?.config.safety.approver_differs,
        why,
        wrong,
    })
}

async fn batch(t: Tongue, site: &Site, asked: Asked) -> Result<Batch, Failure> {
    let percent = site.app()?.config.safety.approval_shows_moves_over_percent;
    let review = pass::review(&site.db, percent).await?;
    let day = today(site.clock.now());
    let as_of = asked.as_of.parse().unwrap_or(day);
    let catalog = Catalog::of(&catalog::load(&site.db).await?, as_of, day);
    let named = |list: &[Addressee]| list.iter().map(|one| named(&catalog, one)).collect::<Vec<_>>();
    let (new, dropped) = (words::count(review.new.len()), words::count(review.dropped.len()));
    Ok(Batch {
        as_of: words::local_date(&asked.as_of),
        reason: t.say(if asked.reason == HoldReason::Guard.word() { "approval.guard" } else { "approval.rules" }),
        hash: asked.hash,
        messages: review.messages,
        number: words::count(review.messages),
        recipients: words::count(review.recipients),
        composers: review.composed_by.iter().map(|name| composer(t, name)).collect(),
        rounds: if review.rounds.len() > 1 { review.rounds.iter().map(round).collect() } else { Vec::new() },
        is_first: review.is_first,
        lists: vec![
            (t.say("approval.new_list"), "moi", new.clone(), named(&review.new)),
            (t.say("approval.dropped_list"), "bo", dropped.clone(), named(&review.dropped)),
        ],
        new,
        dropped,
        moved: moved(&catalog, &review),
        percent,
        samples: samples(site, &catalog).await?,
    })
}

fn round(one: &Share) -> (String, u64, String) {
    (one.run_id.clone(), one.messages, words::local_date(&one.until))
}

/// A person by his name; the program and a shell without a user are none.
fn composer(t: Tongue, name: &str) -> String {
    match name {
        "serve" => t.say("approval.by_schedule").to_owned(),
        "unknown" => t.say("approval.nobody_known").to_owned(),
        name => name.to_owned(),
    }
}

fn named(catalog: &Catalog, one: &Addressee) -> Named {
    let unit = catalog.names.find(&one.unit_code, "").ok().and_then(|unit| catalog.unit(unit));
    let known = catalog.recipients.iter().find(|known| known.id == one.recipient_id);
    Named {
        unit: unit.map_or_else(|| one.unit_code.clone(), |unit| unit.name.clone()),
        title: known.map(|known| known.title.clone()).unwrap_or_default(),
        address: one.address.clone(),
        elsewhere: one.at_another_address,
    }
}

fn moved(catalog: &Catalog, review: &Review) -> Option<(String, String, Vec<Moved>)> {
    let moved = review.moved.as_ref()?;
    let names: HashMap<_, _> =
        catalog.indicators.iter().map(|one| (one.id.as_str(), one.short_name.as_str())).collect();
    let lines = moved.moves.iter().map(|one| {
        let unit = catalog.unit(&one.unit);
        Moved {
            code: unit.map(|unit| unit.code.clone()).unwrap_or_default(),
            unit: unit.map_or_else(|| one.unit.to_string(), |unit| unit.name.clone()),
            indicator: names.get(one.indicator.as_str()).copied().unwrap_or(one.indicator.as_str()).to_owned(),
            before: rate(one.before),
            now: rate(one.now),
            points: one.change.decimal(','),
        }
    });
    Some((words::local_date(&moved.since.to_string()), words::count(moved.moves.len()), lines.collect()))
}

fn rate(rate: Rate) -> String {
    format!("{}% ({}/{})", decimal(rate.rounded(), ','), rate.numerator(), rate.denominator())
}

/// The first letters of the batch.
async fn samples(site: &Site, catalog: &Catalog) -> Result<Vec<Sample>, Failure> {
    let mut samples = Vec::new();
    for reason in [HoldReason::Approval, HoldReason::Guard] {
        let filter = Filter { state: Some(At::Held), reason: Some(reason), limit: SAMPLES, ..Filter::default() };
        for entry in outbox::list(&site.db, &filter).await? {
            let Some((entry, content, _)) = outbox::show(&site.db, &entry.id).await? else { continue };
            let Ok(message) = serde_json::from_str::<Message>(&content) else { continue };
            let known = catalog.recipients.iter().find(|known| known.id == entry.recipient);
            let who = known.map_or_else(|| words::masked(&entry.address), |known| known.title.clone());
            let message = super::veil::without_link(&message);
            samples.push(Sample { id: entry.id, who, subject: message.subject, text: message.text });
        }
    }
    samples.truncate(SAMPLES);
    Ok(samples)
}

pub(super) async fn decide(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = decided(&site, &visitor, &form).await;
    site.answer(answer)
}

async fn decided(site: &Site, visitor: &Visitor, form: &Form) -> Result<Response, Failure> {
    let app = site.app()?;
    if !visitor.sees_all() {
        return Err(Failure::NotFound);
    }
    let (t, person, by, why) = (visitor.tongue, visitor.person()?, visitor.by(), reason(form, "ly-do"));
    let decider = Decider { name: &person.login, also: &person.name, by: &by };
    let hash = form.text("dot");
    let wrong = match form.text("viec") {
        "cho-gui" => match app.approve(hash, decider, GRACE).await? {
            Approved::Released(count) => return Ok(on_to(&format!("/hop-thu-di?xong=duyet&duoc={count}"))),
            Approved::Changed => t.say("approval.changed").to_owned(),
            Approved::Composer(composer) => t.with("approval.composer", composer),
        },
        "khong-gui" if why.is_empty() => t.say("approval.why_missing").to_owned(),
        "khong-gui" => match app.refuse(hash, &why, decider, GRACE).await? {
            Some(count) => return Ok(on_to(&format!("/duyet?xong=khong-gui&duoc={count}"))),
            None => t.say("approval.changed").to_owned(),
        },
        _ => return Ok(on_to("/duyet")),
    };
    again(&shown(site, visitor, (None, why, Some(wrong))).await?)
}

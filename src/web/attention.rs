//! What a person has to do: one sentence each, with its number and what mends it.

use std::collections::{BTreeSet, HashSet};

use super::catalogue::Tongue;
use super::mailbox::Units;
use super::page::Failure;
use super::session::Visitor;
use super::{Site, links, words};
use crate::app::names::open_names;
use crate::app::today;
use crate::catalog::{self, Listed};
use crate::observation::{self, Stranger};
use crate::outbox::{State as Entry, Tally};
use crate::pass;
use crate::reply::{self, Kind};

/// So many units are named; the command lists the others.
const NAMED: usize = 5;
/// Held rounds that are looked at.
const ROUNDS: i64 = 20;

/// One thing to do.
#[derive(Debug)]
pub(super) struct Matter {
    /// What it is: before its number, the number, and after it.
    pub(super) words: [String; 3],
    /// What to do, before the command.
    pub(super) remedy: &'static str,
    /// The command, or the address of the page.
    pub(super) command: &'static str,
    /// The page that does it, where the visitor may open it; the command then stays unsaid.
    pub(super) link: Option<&'static str>,
    /// Code and name of units that it is about.
    pub(super) units: Vec<(String, String)>,
    /// How many more there are.
    pub(super) further: Option<usize>,
}

impl Matter {
    /// `words` and `remedy` are keys of the catalogue.
    fn of(
        t: Tongue,
        count: usize,
        [words, remedy, command]: [&'static str; 3],
        units: Vec<(String, String)>,
    ) -> Option<Self> {
        let number = words::count(count);
        let said = t.count(words, count);
        let (before, after) = said.split_once(&number).unwrap_or(("", &said));
        (count > 0).then(|| Self {
            words: [before.to_owned(), number.clone(), after.to_owned()],
            remedy: t.say(remedy),
            command,
            link: None,
            further: units.len().checked_sub(NAMED).filter(|further| *further > 0),
            units: units.into_iter().take(NAMED).collect(),
        })
    }

    /// The same, mended on the page at `path` by whoever may open it.
    fn on(self, visitor: &Visitor, path: &'static str) -> Self {
        Self { link: links::open_to(visitor, path), ..self }
    }
}

/// Everything that waits for somebody, as far as it concerns `units`. `listed` are the units of today.
pub(super) async fn matters(
    site: &Site,
    visitor: &Visitor,
    (units, listed): (&Units, &[Listed]),
    tally: &Tally,
) -> Result<Vec<Matter>, Failure> {
    let t = visitor.tongue;
    let mut matters = contacts(visitor, site, units, listed).await?;
    matters.extend(answers(site, visitor, units, listed).await?);
    if units.is_none() {
        matters.extend(rounds(site, visitor).await?);
    }
    let of = |state, words| Matter::of(t, usize::try_from(tally.of(state)).unwrap_or(usize::MAX), words, Vec::new());
    let messages = [
        of(Entry::Held, ["todo.held", "todo.held_mend", "/hop-thu-di?trang-thai=held"]),
        of(Entry::Uncertain, ["todo.uncertain", "todo.uncertain_mend", "/hop-thu-di?trang-thai=uncertain"]),
        of(Entry::Quarantined, ["todo.quarantined", "todo.quarantined_mend", "/hop-thu-di?trang-thai=quarantined"]),
        of(Entry::Failed, ["todo.failed", "todo.failed_mend", "/hop-thu-di?trang-thai=failed"]),
    ];
    matters.extend(messages.into_iter().flatten().map(|matter| {
        let page = matter.command;
        matter.on(visitor, page)
    }));
    Ok(matters)
}

fn inside(units: &Units, code: &str) -> bool {
    units.as_ref().is_none_or(|units| units.contains(code))
}

/// Offices that nobody receives for, and addresses that give messages back.
async fn contacts(visitor: &Visitor, site: &Site, units: &Units, listed: &[Listed]) -> Result<Vec<Matter>, Failure> {
    let t = visitor.tongue;
    let headless = catalog::headless(&site.db, today(site.clock.now())).await?;
    let headless: Vec<_> = headless.into_iter().filter(|unit| inside(units, &unit.code)).collect();
    let named = headless.into_iter().map(|unit| (unit.code, unit.name)).collect::<Vec<_>>();
    let none = Matter::of(t, named.len(), ["todo.headless", "todo.headless_mend", t.say("todo.headless_by")], named);
    let bounced = reply::bounced(&site.db, true).await?;
    let bounced: Vec<_> = bounced.into_iter().filter(|one| inside(units, &one.unit_code)).collect();
    let codes: BTreeSet<&str> = bounced.iter().map(|one| one.unit_code.as_str()).collect();
    let named = listed.iter().filter(|unit| codes.contains(unit.code.as_str()));
    let returned = Matter::of(
        t,
        bounced.len(),
        ["todo.bounced", "todo.bounced_mend", "dondoc reply list --open"],
        named.map(|unit| (unit.code.clone(), unit.name.clone())).collect(),
    );
    let none = none.map(|matter| matter.on(visitor, links::CONTACTS));
    let returned = returned.map(|matter| matter.on(visitor, links::ANSWERS));
    Ok(none.into_iter().chain(returned).collect())
}

/// Disputes, and heads who are none any more.
async fn answers(site: &Site, visitor: &Visitor, units: &Units, listed: &[Listed]) -> Result<Vec<Matter>, Failure> {
    let open = reply::answered(&site.db, true).await?;
    let of = |kind: Kind, words: [&'static str; 3]| {
        let own = |unit: &&Listed| inside(units, &unit.code);
        let known: HashSet<_> = listed.iter().filter(own).map(|unit| &unit.id).collect();
        let of_kind = open.iter().filter(|one| one.answer.kind == kind);
        // Units that are no more are everybody's who sees all.
        let ours = |one: &&reply::Answered| units.is_none() || one.about.iter().any(|(unit, _)| known.contains(unit));
        let ours: Vec<_> = of_kind.filter(ours).collect();
        let about: HashSet<_> = ours.iter().flat_map(|one| one.about.iter().map(|(unit, _)| unit)).collect();
        let named = listed.iter().filter(own).filter(|unit| about.contains(&unit.id));
        Matter::of(
            visitor.tongue,
            ours.len(),
            words,
            named.map(|unit| (unit.code.clone(), unit.name.clone())).collect(),
        )
    };
    let disputes = ["todo.disputes", "todo.disputes_mend", "dondoc reply list --open"];
    let strangers = ["todo.not_theirs", "todo.not_theirs_mend", "dondoc reply list --open"];
    let matters = [of(Kind::Disputed, disputes), of(Kind::NotMine, strangers)];
    Ok(matters.into_iter().flatten().map(|matter| matter.on(visitor, links::ANSWERS)).collect())
}

/// Names of the last round that mean nobody today: what the matching desk shows. Most rounds leave none, and the catalog is
/// not read for them.
pub(super) async fn strangers(site: &Site) -> Result<Vec<Stranger>, Failure> {
    if observation::unresolved(&site.db).await?.is_empty() {
        return Ok(Vec::new());
    }
    let open = open_names(&site.db, today(site.clock.now())).await?;
    Ok(open.into_iter().map(|open| open.stranger).collect())
}

/// What belongs to no unit: names that mean nobody, rounds that the quality gate held.
async fn rounds(site: &Site, visitor: &Visitor) -> Result<Vec<Matter>, Failure> {
    let strangers = strangers(site).await?;
    let t = visitor.tongue;
    let names =
        Matter::of(t, strangers.len(), ["todo.names", "todo.names_mend", "dondoc catalog unresolved"], Vec::new());
    let done = pass::done_rounds(&site.db).await?.iter().map(|round| round.started_at).max();
    let held = pass::held_rounds(&site.db, None, ROUNDS).await?;
    let held = held.iter().filter(|round| round.release.is_none() && done.is_none_or(|done| round.started_at > done));
    let held = Matter::of(t, held.count(), ["todo.rounds", "todo.rounds_mend", "dondoc release"], Vec::new());
    let names = names.map(|matter| matter.on(visitor, links::NAMES));
    let held = held.map(|matter| matter.on(visitor, links::HELD));
    Ok(names.into_iter().chain(held).collect())
}

//! The directory (danh bạ): every unit with those who hold its offices on a day, what is wrong with them, and a search.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use chrono::NaiveDate;

use super::catalogue::Tongue;
use super::contact_words::{self, issue_words, office_name};
use super::page::{Failure, Frame, Place, done_words, page};
use super::session::Visitor;
use super::{Mode, Site, figure_words, words};
use crate::app::today;
use crate::catalog::directory::{Directory, Issue, Issues, issues};
use crate::catalog::{Contact, Kind, Office, Search, Unit, UnitId};
use crate::people::Action;
use crate::reply;

/// Units on a page.
const PAGE: usize = 100;
/// Mergers that are listed.
const SUCCESSIONS: usize = 60;

#[derive(Template)]
#[template(path = "contacts.html")]
#[expect(clippy::struct_excessive_bools, reason = "what the page shows or leaves out")]
struct ContactsPage {
    frame: Frame,
    done: Option<&'static str>,
    asked: Asked,
    /// Whether the day asked for is another than today.
    other_day: bool,
    day: String,
    summary: String,
    kinds: Vec<(&'static str, &'static str, bool)>,
    chips: Vec<Chip>,
    rows: Vec<Row>,
    /// Number of this page and of all.
    pages: (usize, usize),
    before: Option<String>,
    after: Option<String>,
    /// Whether he may change contacts.
    edits: bool,
    /// Whether he sees every unit, and so the desk where names are matched.
    sees_all: bool,
    /// Whether there is any unit at all.
    empty: bool,
    successions: Vec<String>,
}

/// A problem with how many offices have it.
struct Chip {
    words: &'static str,
    count: String,
    link: String,
    chosen: bool,
}

/// One office of a unit.
struct Row {
    code: String,
    unit: String,
    /// Whether the unit stands above already.
    repeated: bool,
    /// The unit above it.
    above: Option<String>,
    office: String,
    title: Option<String>,
    person: Option<String>,
    term: String,
    email: Option<String>,
    phone: Option<String>,
    ways: String,
    issues: Vec<&'static str>,
}

/// What is asked for, as it was typed.
#[derive(Debug, Clone, Default)]
struct Asked {
    text: String,
    kind: String,
    issue: String,
    day: String,
    page: usize,
}

impl Asked {
    fn of(query: Option<String>) -> Self {
        let mut asked = Self { page: 1, ..Self::default() };
        for (key, value) in query.and_then(|query| super::form::pairs(&query.into())).unwrap_or_default() {
            let value: String = value.trim().chars().take(100).collect();
            match key.as_str() {
                "q" => asked.text = value,
                "loai" => asked.kind = value,
                "van-de" => asked.issue = value,
                "ngay" => asked.day = value,
                "trang" => asked.page = value.parse().unwrap_or(1).max(1),
                _ => {}
            }
        }
        asked
    }

    fn link(&self, issue: &str, page: usize) -> String {
        let number = page.to_string();
        let page = if page > 1 { number.as_str() } else { "" };
        let pairs =
            [("q", self.text.as_str()), ("loai", &self.kind), ("van-de", issue), ("ngay", &self.day), ("trang", page)];
        let mut link = "/danh-ba".to_owned();
        for (key, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            let Ok(encoded) = askama::filters::urlencode_strict(value);
            let mark = if link.contains('?') { '&' } else { '?' };
            let _ = write!(link, "{mark}{key}={encoded}");
        }
        link
    }
}

/// What is wrong with the directory as the installation uses it.
pub(super) async fn found_issues(site: &Site, directory: &Directory, day: NaiveDate) -> Result<Issues, Failure> {
    let bounced = reply::bounced(&site.db, true).await?;
    let bounced: HashSet<String> = bounced.into_iter().map(|one| one.address.to_lowercase()).collect();
    let texts = site.app().is_ok_and(|app| {
        app.config.channels.iter().any(|channel| matches!(channel.kind, crate::channel::Kind::Sms(_)))
    });
    Ok(issues(directory, day, &|address| bounced.contains(&address.to_lowercase()), texts))
}

pub(super) async fn list(State(site): State<Site>, visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let answer = async {
        let done = done_words(visitor.tongue, query.as_deref());
        let shown = shown(&site, &visitor, Asked::of(query), done).await?;
        page(&shown)
    };
    site.answer(answer.await)
}

async fn shown(
    site: &Site,
    visitor: &Visitor,
    asked: Asked,
    done: Option<&'static str>,
) -> Result<ContactsPage, Failure> {
    let (codes, t) = (visitor.units(site).await?, visitor.tongue);
    let now = today(site.clock.now());
    let day = asked.day.parse().unwrap_or(now);
    let directory = Directory::load(&site.db).await?;
    let issues = found_issues(site, &directory, day).await?;
    let seen = |unit: &Unit| codes.as_ref().is_none_or(|codes| codes.contains(&unit.code));
    let tree: Vec<&Unit> = tree(&directory, day).into_iter().filter(|unit| seen(unit)).collect();
    let ids: HashSet<&UnitId> = tree.iter().map(|unit| &unit.id).collect();
    let lister = Lister { directory: &directory, issues: &issues, day, t, whole: visitor.may(Action::Edit) };
    let held = lister.held();
    let issue = Issue::of(&asked.issue);
    let wanted: Vec<&&Unit> = tree
        .iter()
        .filter(|unit| asked.kind.is_empty() || unit.kind.word() == asked.kind)
        .filter(|unit| issue.is_none_or(|issue| lister.has(&unit.id, issue)))
        .filter(|unit| lister.matches(unit, held.get(&unit.id), &asked.text))
        .collect();
    let pages = wanted.len().div_ceil(PAGE).max(1);
    let number = asked.page.min(pages);
    let own = wanted.iter().skip((number - 1) * PAGE).take(PAGE);
    let rows: Vec<Row> = own.flat_map(|unit| lister.rows(unit, held.get(&unit.id), issue)).collect();
    let chip = |issue: Issue| {
        let count = issues.count(issue, |unit| ids.contains(unit));
        let chosen = asked.issue == issue.word();
        (count > 0 || chosen).then(|| Chip {
            words: issue_words(t, issue).0,
            count: words::count(count),
            link: asked.link(if chosen { "" } else { issue.word() }, 1),
            chosen,
        })
    };
    let people = held.iter().filter(|(unit, _)| ids.contains(*unit)).map(|(_, contacts)| contacts.len()).sum();
    Ok(ContactsPage {
        frame: Frame::told(site, visitor, Place::Contacts, "contacts.title"),
        done,
        other_day: day != now,
        day: words::local_date(&day.to_string()),
        summary: t.with2("contacts.summary", words::count(tree.len()), words::count(people)),
        kinds: kinds(t, &tree, &asked.kind),
        chips: Issue::ALL.into_iter().filter_map(chip).collect(),
        rows,
        pages: (number, pages),
        before: (number > 1).then(|| asked.link(&asked.issue, number - 1)),
        after: (number < pages).then(|| asked.link(&asked.issue, number + 1)),
        edits: visitor.may(Action::Edit) && site.mode == Mode::Daemon,
        sees_all: codes.is_none(),
        empty: directory.units.is_empty(),
        successions: contact_words::successions(t, &directory, &|unit| seen(unit), SUCCESSIONS),
        asked,
    })
}

fn kinds(t: Tongue, units: &[&Unit], chosen: &str) -> Vec<(&'static str, &'static str, bool)> {
    let there: HashSet<Kind> = units.iter().map(|unit| unit.kind).collect();
    let kinds = Kind::ALL.into_iter().filter(|kind| there.contains(kind));
    kinds.map(|kind| (kind.word(), figure_words::kind(t, kind), kind.word() == chosen)).collect()
}

/// The units of a day, each behind the one above it.
fn tree(directory: &Directory, day: NaiveDate) -> Vec<&Unit> {
    let present: Vec<&Unit> = directory.units.iter().filter(|unit| unit.valid.covers(day)).collect();
    let known: HashSet<&UnitId> = present.iter().map(|unit| &unit.id).collect();
    let mut below: HashMap<Option<&UnitId>, Vec<&Unit>> = HashMap::new();
    for unit in &present {
        below.entry(unit.parent.as_ref().filter(|parent| known.contains(parent))).or_default().push(unit);
    }
    let (mut tree, mut next): (Vec<&Unit>, Vec<&Unit>) = (Vec::with_capacity(present.len()), Vec::new());
    next.extend(below.get(&None).into_iter().flatten().rev());
    while let Some(unit) = next.pop() {
        tree.push(unit);
        next.extend(below.remove(&Some(&unit.id)).unwrap_or_default().into_iter().rev());
    }
    tree
}

struct Lister<'l> {
    directory: &'l Directory,
    issues: &'l Issues,
    day: NaiveDate,
    t: Tongue,
    /// Whether addresses are shown whole.
    whole: bool,
}

impl<'l> Lister<'l> {
    /// Who holds offices on the day, by unit, heads first.
    fn held(&self) -> HashMap<&'l UnitId, Vec<&'l Contact>> {
        let mut held: HashMap<&UnitId, Vec<&Contact>> = HashMap::new();
        for contact in self.directory.contacts.iter().filter(|contact| contact.valid.covers(self.day)) {
            held.entry(&contact.unit).or_default().push(contact);
        }
        for contacts in held.values_mut() {
            contacts.sort_by_key(|contact| contact.office);
        }
        held
    }

    fn has(&self, unit: &UnitId, issue: Issue) -> bool {
        Office::ALL.into_iter().any(|office| self.issues.of(unit, office).contains(&issue))
    }

    /// Whether a unit or somebody in it is called so, marks aside. Addresses are searched by those who see them.
    fn matches(&self, unit: &Unit, held: Option<&Vec<&Contact>>, text: &str) -> bool {
        let wanted = Search::of(text);
        let has = |text: &str| wanted.finds(text);
        let person = |contact: &&Contact| {
            let address = |text: &Option<String>| self.whole && text.as_deref().is_some_and(has);
            has(&contact.title)
                || contact.person.as_deref().is_some_and(has)
                || address(&contact.email)
                || address(&contact.phone)
        };
        has(&unit.name)
            || has(&unit.code)
            || unit.aliases.iter().any(|alias| has(alias))
            || held.into_iter().flatten().any(person)
    }

    fn rows(&self, unit: &Unit, held: Option<&Vec<&'l Contact>>, issue: Option<Issue>) -> Vec<Row> {
        let held: Vec<&Contact> = held.into_iter().flatten().copied().collect();
        let vacant = unit.kind != Kind::Province && held.iter().all(|contact| contact.office != Office::Head);
        let offices = vacant.then_some((Office::Head, None)).into_iter();
        let offices = offices.chain(held.iter().map(|contact| (contact.office, Some(*contact))));
        let shown =
            offices.filter(|(office, _)| issue.is_none_or(|issue| self.issues.of(&unit.id, *office).contains(&issue)));
        let above = unit.parent.as_ref().and_then(|parent| {
            self.directory.units.iter().find(|unit| unit.id == *parent && unit.valid.covers(self.day))
        });
        let above = above.filter(|above| above.kind != Kind::Province).map(|above| above.name.clone());
        let row = |(number, (office, contact)): (usize, (Office, Option<&Contact>))| Row {
            code: unit.code.clone(),
            unit: unit.name.clone(),
            repeated: number > 0,
            above: above.clone().filter(|_| number == 0),
            office: office_name(self.t, office),
            title: contact.map(|contact| contact.title.clone()),
            person: contact.and_then(|contact| contact.person.clone()),
            term: contact.map(|contact| contact_words::term(self.t, self.directory, contact)).unwrap_or_default(),
            email: contact.and_then(|contact| contact_words::email(contact, self.whole)),
            phone: contact.and_then(|contact| contact_words::phone(contact, self.whole)),
            ways: contact.map(|contact| contact_words::ways(self.t, contact)).unwrap_or_default(),
            issues: self.issues.of(&unit.id, office).iter().map(|issue| issue_words(self.t, *issue).0).collect(),
        };
        let rows: Vec<Row> = shown.enumerate().map(row).collect();
        if !rows.is_empty() || issue.is_some() {
            return rows;
        }
        // A province needs no head here; it still stands in the tree.
        vec![row((0, (Office::Head, None)))]
    }
}

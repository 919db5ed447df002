//! Whether the figures can be relied on: đúng, đủ, sạch, sống (correct, complete, clean, live), per source, by what the
//! quality gate stored of the newest round and of those that it held since.

use chrono::NaiveDate;

use super::catalogue::Tongue;
use super::heat_figures::{Figures, Known};
use super::page::Failure;
use super::session::Visitor;
use super::{Site, links, words};
use crate::app::today;
use crate::observation::{self, Pull, Stranger};
use crate::pass::{self, HeldRound};
use crate::report::GlanceRow;

/// Held rounds that are looked at.
const ROUNDS: i64 = 20;
/// Units without figures that are named.
const NAMED: usize = 5;
/// Figures may lag so many days behind the last closed day before that is worth a sign: sources give whole months.
const LAG: i64 = 31;

/// One of the four questions about a source.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) title: &'static str,
    pub(super) good: bool,
    pub(super) words: String,
    /// What to do, where something is to be done.
    pub(super) remedy: Option<Remedy>,
}

/// What mends it.
#[derive(Debug)]
pub(super) struct Remedy {
    pub(super) words: &'static str,
    pub(super) command: &'static str,
    /// The page that does it, where the visitor may open it.
    pub(super) link: Option<&'static str>,
}

/// A source.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) marks: [Mark; 4],
}

/// The panel.
#[derive(Debug)]
pub(super) struct Quality {
    pub(super) sources: Vec<Source>,
    /// Code and name of units without any figure.
    pub(super) without: Vec<(String, String)>,
    pub(super) further: Option<usize>,
}

/// What is looked at for every source.
struct Seen<'a> {
    t: Tongue,
    visitor: &'a Visitor,
    held: Vec<HeldRound>,
    strangers: Vec<Stranger>,
    /// Units judged, and those of them without any figure; known of a source where it is the only one.
    expected: usize,
    without: usize,
    alone: bool,
    /// The units whose figures were not whole, and those that sources differ about.
    incomplete: usize,
    differing: usize,
    until: NaiveDate,
    /// The last day whose figures could be there.
    closed: NaiveDate,
    today: NaiveDate,
}

/// The panel of the round behind `figures`.
pub(super) async fn quality(
    site: &Site,
    visitor: &Visitor,
    figures: &Figures,
    (rows, known): (&[GlanceRow<'_>], &Known<'_>),
) -> Result<Option<Quality>, Failure> {
    let pulls = observation::pulls(&site.db, &figures.round.run_id).await?;
    if pulls.is_empty() {
        return Ok(None);
    }
    let nothing = |row: &&GlanceRow<'_>| row.now.iter().all(|judged| judged.standing == "no_data");
    let without: Vec<_> = rows.iter().filter(nothing).filter_map(|row| known.get(row.unit)).collect();
    let stands = |word: &str| rows.iter().filter(|row| row.now.iter().any(|judged| judged.standing == word)).count();
    let day = today(site.clock.now());
    let closes_on = site.app().ok().and_then(|app| app.config.quality.closes_on);
    let held = pass::held_rounds(&site.db, None, ROUNDS).await?;
    let since = figures.round.started_at;
    let seen = Seen {
        t: visitor.tongue,
        visitor,
        held: held.into_iter().filter(|round| round.release.is_none() && round.started_at > since).collect(),
        strangers: super::attention::strangers(site).await?,
        expected: rows.len(),
        without: rows.iter().filter(nothing).count(),
        alone: pulls.len() == 1,
        incomplete: stands("incomplete"),
        differing: stands("sources_differ"),
        until: figures.round.until,
        closed: observation::closing(day, day, closes_on).until,
        today: day,
    };
    let further = without.len().checked_sub(NAMED).filter(|further| *further > 0);
    Ok(Some(Quality {
        sources: pulls.iter().map(|pull| seen.source(pull)).collect(),
        without: without.iter().take(NAMED).map(|unit| (unit.code.clone(), unit.name.clone())).collect(),
        further,
    }))
}

/// Which question a doubt of the gate is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Correct,
    Complete,
    Clean,
    Live,
}

impl About {
    const fn key(self) -> &'static str {
        match self {
            Self::Correct => "quality.correct",
            Self::Complete => "quality.complete",
            Self::Clean => "quality.clean",
            Self::Live => "quality.live",
        }
    }
}

/// What a doubt is about, and the key of what it says.
fn doubt(code: &str) -> (About, &'static str) {
    match code {
        "units_implausible" => (About::Correct, "quality.units_implausible"),
        "total_differs" => (About::Correct, "quality.total_differs"),
        "ratio_differs" => (About::Correct, "quality.ratio_differs"),
        "rows_fell" => (About::Complete, "quality.rows_fell"),
        "units_vanished" => (About::Complete, "quality.units_vanished"),
        "total_fell" => (About::Complete, "quality.total_fell"),
        "total_jumped" => (About::Complete, "quality.total_jumped"),
        "empty" => (About::Complete, "quality.empty"),
        "refused_rows" => (About::Clean, "quality.refused_rows"),
        "conflicting_rows" => (About::Clean, "quality.conflicting_rows"),
        "unreadable" => (About::Clean, "quality.unreadable"),
        "stale" => (About::Live, "quality.stale"),
        _ => (About::Correct, "quality.other_doubt"),
    }
}

impl Seen<'_> {
    fn source(&self, pull: &Pull) -> Source {
        let marks = [self.correct(pull), self.complete(pull), self.clean(pull), self.live(pull)];
        Source { name: pull.source.clone(), marks }
    }

    /// The newest held round's doubts about the source, or about several together.
    fn doubts(&self, pull: &Pull, about: About) -> Vec<&'static str> {
        let newest = self.held.iter().max_by_key(|round| round.started_at);
        let own = newest.into_iter().flat_map(|round| &round.doubts);
        let own = own.filter(|found| found.source == pull.source || found.source.is_empty());
        let mut said: Vec<&str> = own
            .map(|found| doubt(&found.code))
            .filter(|(of, _)| *of == about)
            .map(|(_, key)| self.t.say(key))
            .collect();
        said.dedup();
        said
    }

    fn release(&self) -> Remedy {
        let link = links::open_to(self.visitor, links::HELD);
        Remedy { link, ..self.remedy("todo.rounds_mend", "dondoc release") }
    }

    fn remedy(&self, key: &str, command: &'static str) -> Remedy {
        Remedy { words: self.t.say(key), command, link: None }
    }

    /// A mark: good while nothing is said against it.
    fn mark(&self, pull: &Pull, about: About, good: String, others: Vec<(String, Remedy)>) -> Mark {
        let title = self.t.say(about.key());
        let doubts = self.doubts(pull, about);
        let mut against: Vec<String> = Vec::new();
        if !doubts.is_empty() {
            against.push(self.t.with("quality.held", doubts.join(", ")));
        }
        let mut remedy = (!doubts.is_empty()).then(|| self.release());
        for (words, mends) in others {
            against.push(words);
            remedy = remedy.or(Some(mends));
        }
        if against.is_empty() {
            return Mark { title, good: true, words: good, remedy: None };
        }
        Mark { title, good: false, words: against.join("; "), remedy }
    }

    fn correct(&self, pull: &Pull) -> Mark {
        let differing = (self.differing > 0).then(|| {
            let said = self.t.count("quality.differing", self.differing);
            (said, self.remedy("quality.differing_mend", "dondoc pull"))
        });
        let good = self.t.say("quality.sums_fit").to_owned();
        self.mark(pull, About::Correct, good, differing.into_iter().collect())
    }

    fn complete(&self, pull: &Pull) -> Mark {
        let there = match (self.alone, pull.units) {
            (true, _) => {
                let there = words::count(self.expected - self.without);
                self.t.with2("quality.units_of", there, words::count(self.expected))
            }
            (false, Some(units)) => self.t.count("quality.units", units),
            (false, None) => self.t.say("quality.read").to_owned(),
        };
        let lacking = (self.alone && self.without > 0).then(|| {
            let said = self.t.with2("quality.lacking", &there, words::count(self.without));
            (said, self.remedy("quality.lacking_mend", "dondoc pull"))
        });
        self.mark(pull, About::Complete, there, lacking.into_iter().collect())
    }

    fn clean(&self, pull: &Pull) -> Mark {
        let strangers = self.strangers.iter().filter(|stranger| stranger.source == pull.source).count();
        let mut others = Vec::new();
        if strangers > 0 {
            let link = links::open_to(self.visitor, links::NAMES);
            let remedy = self.remedy("quality.strangers_mend", "dondoc catalog unresolved");
            others.push((self.t.count("quality.strangers", strangers), Remedy { link, ..remedy }));
        }
        if pull.refused > 0 {
            let (refused, rows) = (words::grouped(pull.refused), words::grouped(pull.rows));
            let said = self.t.with2("quality.refused", refused, rows);
            others.push((said, self.remedy("quality.rows_mend", "dondoc pull")));
        }
        if self.alone && self.incomplete > 0 {
            let said = self.t.count("quality.incomplete", self.incomplete);
            others.push((said, self.remedy("quality.rows_mend", "dondoc pull")));
        }
        let good = self.t.count("quality.rows_good", pull.rows);
        self.mark(pull, About::Clean, good, others)
    }

    fn live(&self, pull: &Pull) -> Mark {
        let t = self.t;
        let age = u64::try_from((self.today - self.until).num_days()).unwrap_or(0);
        let lag = (self.closed - self.until).num_days();
        let pulled = words::local_time(pull.pulled_at);
        let age = if age == 0 { t.say("quality.today").to_owned() } else { t.count("quality.days_ago", age) };
        let words = t.with3("quality.age", words::local_date(&self.until.to_string()), age, pulled);
        let late = (lag > LAG).then(|| {
            let link = links::open_to(self.visitor, links::CALENDAR);
            let remedy = Remedy { link, ..self.remedy("quality.late_mend", "dondoc run --dry-run") };
            let closed = words::local_date(&self.closed.to_string());
            (t.with3("quality.late", &words, words::grouped(u64::try_from(lag).unwrap_or(0)), closed), remedy)
        });
        self.mark(pull, About::Live, words, late.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_doubt_of_the_gate_belongs_to_one_question_and_has_words() {
        // As the observation room lists them.
        let codes = [
            "refused_rows",
            "stale",
            "empty",
            "conflicting_rows",
            "unreadable",
            "rows_fell",
            "units_vanished",
            "total_fell",
            "total_jumped",
            "units_implausible",
            "total_differs",
            "ratio_differs",
        ];
        let said: std::collections::HashSet<&str> = codes.iter().map(|code| doubt(code).1).collect();
        assert_eq!(said.len(), codes.len());
        assert!(!said.contains(doubt("of a newer program").1));
    }
}

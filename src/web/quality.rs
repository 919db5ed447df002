//! Whether the figures can be relied on: đúng, đủ, sạch, sống (correct, complete, clean, live), per source, by what the
//! quality gate stored of the newest round and of those that it held since.

use chrono::NaiveDate;

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
    pub(super) further: Option<String>,
}

/// What is looked at for every source.
struct Seen<'a> {
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
        further: further.map(words::count),
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
    const fn title(self) -> &'static str {
        match self {
            Self::Correct => "Đúng",
            Self::Complete => "Đủ",
            Self::Clean => "Sạch",
            Self::Live => "Sống",
        }
    }
}

/// What a doubt is about, and what it says.
fn doubt(code: &str) -> (About, &'static str) {
    match code {
        "units_implausible" => (About::Correct, "quá nhiều đơn vị có số liệu không hợp lý"),
        "total_differs" => (About::Correct, "tổng in trong báo cáo khác tổng các dòng"),
        "ratio_differs" => (About::Correct, "tỷ lệ in trong báo cáo khác số đếm"),
        "rows_fell" => (About::Complete, "số dòng giảm mạnh so với lần trước"),
        "units_vanished" => (About::Complete, "nhiều đơn vị mất số liệu so với lần trước"),
        "total_fell" => (About::Complete, "tổng lũy kế giảm so với lần trước"),
        "total_jumped" => (About::Complete, "tổng lũy kế tăng quá nhanh"),
        "empty" => (About::Complete, "không có dòng nào của kỳ"),
        "refused_rows" => (About::Clean, "quá nhiều dòng bị loại"),
        "conflicting_rows" => (About::Clean, "các dòng mâu thuẫn nhau"),
        "unreadable" => (About::Clean, "không đọc được"),
        "stale" => (About::Live, "số liệu mới nhất đã quá cũ"),
        _ => (About::Correct, "nghi vấn khác"),
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
        let mut said: Vec<&str> =
            own.map(|found| doubt(&found.code)).filter(|(of, _)| *of == about).map(|(_, said)| said).collect();
        said.dedup();
        said
    }

    fn release(&self) -> Remedy {
        Remedy {
            words: "Xem lý do từng đợt, cho qua nếu số liệu đúng:",
            command: "dondoc release",
            link: links::open_to(self.visitor, links::HELD),
        }
    }

    /// A mark: good while nothing is said against it.
    fn mark(&self, pull: &Pull, about: About, good: String, others: Vec<(String, Remedy)>) -> Mark {
        let title = about.title();
        let doubts = self.doubts(pull, about);
        let mut against: Vec<String> = Vec::new();
        if !doubts.is_empty() {
            against.push(format!("lần lấy sau bị giữ lại vì {}", doubts.join(", ")));
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
            let remedy = Remedy { words: "Đối chiếu hai nguồn:", command: "dondoc pull", link: None };
            (format!("các nguồn nói khác nhau về {} đơn vị", words::count(self.differing)), remedy)
        });
        let good = "các tổng và đẳng thức đều khớp".to_owned();
        self.mark(pull, About::Correct, good, differing.into_iter().collect())
    }

    fn complete(&self, pull: &Pull) -> Mark {
        let there = match (self.alone, pull.units) {
            (true, _) => {
                format!("{}/{} đơn vị", words::count(self.expected - self.without), words::count(self.expected))
            }
            (false, Some(units)) => format!("{} đơn vị có số liệu", words::grouped(units)),
            (false, None) => "đã đọc".to_owned(),
        };
        let lacking = (self.alone && self.without > 0).then(|| {
            let remedy = Remedy {
                words: "Bổ sung số liệu ở nguồn rồi lấy lại:", command: "dondoc pull", link: None
            };
            (format!("{there}; thiếu {}", words::count(self.without)), remedy)
        });
        self.mark(pull, About::Complete, there, lacking.into_iter().collect())
    }

    fn clean(&self, pull: &Pull) -> Mark {
        let strangers = self.strangers.iter().filter(|stranger| stranger.source == pull.source).count();
        let mut others = Vec::new();
        if strangers > 0 {
            let remedy = Remedy {
                words: "Chỉ ra từng tên là đơn vị nào:",
                command: "dondoc catalog unresolved",
                link: links::open_to(self.visitor, links::NAMES),
            };
            others.push((format!("{} tên đơn vị chưa đối chiếu được", words::count(strangers)), remedy));
        }
        if pull.refused > 0 {
            let (refused, rows) = (words::grouped(pull.refused), words::grouped(pull.rows));
            let remedy = Remedy { words: "Xem từng dòng và lý do:", command: "dondoc pull", link: None };
            others.push((format!("{refused}/{rows} dòng bị loại"), remedy));
        }
        if self.alone && self.incomplete > 0 {
            let remedy = Remedy { words: "Xem từng dòng và lý do:", command: "dondoc pull", link: None };
            others.push((format!("{} đơn vị có số liệu chưa trọn", words::count(self.incomplete)), remedy));
        }
        let good = format!("{} dòng, không dòng nào bị loại", words::grouped(pull.rows));
        self.mark(pull, About::Clean, good, others)
    }

    fn live(&self, pull: &Pull) -> Mark {
        let age = (self.today - self.until).num_days().max(0);
        let lag = (self.closed - self.until).num_days();
        let pulled = words::local_time(pull.pulled_at);
        let age = if age == 0 { "trong ngày".to_owned() } else { format!("{age} ngày trước") };
        let words = format!("đến {} ({age}), lấy {pulled}", words::local_date(&self.until.to_string()));
        let late = (lag > LAG).then(|| {
            let remedy = Remedy {
                words: "Chạy đợt mới, hoặc kiểm tra lịch gửi:",
                command: "dondoc run --dry-run",
                link: links::open_to(self.visitor, links::CALENDAR),
            };
            let closed = words::local_date(&self.closed.to_string());
            (format!("{words}; chậm {lag} ngày so với ngày đã chốt {closed}"), remedy)
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

//! What the address of the overview asks for: which units, as of when, in which order. Anything unreadable asks nothing.

use std::collections::BTreeSet;

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use chrono::NaiveDate;

use super::catalogue::Tongue;
use super::figure_words::kind;
use super::words;
use crate::catalog::Kind;
use crate::pass::DoneRound;

/// Periods that can be chosen from.
const PERIODS: usize = 60;

/// As it was typed.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct Asked {
    loai: Option<String>,
    #[serde(rename = "chua-dat")]
    chua_dat: Option<String>,
    ky: Option<String>,
    xep: Option<String>,
    trang: Option<String>,
    tieng: Option<String>,
}

/// The same, understood.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Only units of this kind.
    pub(super) kind: Option<Kind>,
    /// Only those below a target.
    pub(super) below: bool,
    /// As of when; the newest round otherwise.
    pub(super) period: Option<NaiveDate>,
    /// By name, not by shortfall.
    pub(super) by_name: bool,
    /// From 1.
    pub(super) page: usize,
    /// The language of a file, where one is asked for.
    pub(super) tongue: Option<Tongue>,
}

/// One option of a list to choose from.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) words: String,
    pub(super) chosen: bool,
}

impl Wanted {
    pub(super) fn of(asked: Result<Query<Asked>, QueryRejection>) -> Self {
        let Query(asked) = asked.unwrap_or_default();
        Self {
            kind: asked.loai.and_then(|word| word.parse().ok()),
            below: asked.chua_dat.as_deref() == Some("1"),
            period: asked.ky.and_then(|date| date.parse().ok()),
            by_name: asked.xep.as_deref() == Some("ten"),
            page: asked.trang.and_then(|page| page.trim().parse().ok()).unwrap_or(1),
            tongue: asked.tieng.and_then(|word| Tongue::named(&word)),
        }
    }

    /// The address of `page` of the same list.
    pub(super) fn tail(&self, page: usize) -> String {
        format!("{}#ban-do", self.asking("/", page))
    }

    /// The whole list at another address.
    pub(super) fn at(&self, path: &str) -> String {
        self.asking(path, 1)
    }

    /// The same of a file, which speaks Vietnamese unless it is taken from a page in another language.
    pub(super) fn file(&self, t: Tongue, path: &str) -> String {
        let address = self.at(path);
        if t == Tongue::Vietnamese {
            return address;
        }
        let joint = if address.contains('?') { '&' } else { '?' };
        format!("{address}{joint}tieng={}", t.word())
    }

    fn asking(&self, path: &str, page: usize) -> String {
        let parts = [
            self.kind.map(|kind| format!("loai={}", kind.word())),
            self.below.then(|| "chua-dat=1".to_owned()),
            self.period.map(|date| format!("ky={date}")),
            self.by_name.then(|| "xep=ten".to_owned()),
            (page > 1).then(|| format!("trang={page}")),
        ];
        let asked = parts.into_iter().flatten().collect::<Vec<_>>().join("&");
        if asked.is_empty() { path.to_owned() } else { format!("{path}?{asked}") }
    }

    /// The kinds that occur.
    pub(super) fn kinds(&self, t: Tongue, there: impl Iterator<Item = Kind>) -> Vec<Choice> {
        let there: BTreeSet<Kind> = there.collect();
        let one = |of: Kind| Choice {
            value: of.word().to_owned(),
            words: kind(t, of).to_owned(),
            chosen: self.kind == Some(of),
        };
        let all =
            Choice { value: String::new(), words: t.say("heat.all_kinds").to_owned(), chosen: self.kind.is_none() };
        std::iter::once(all).chain(there.into_iter().map(one)).collect()
    }

    /// The newest periods; the one that is shown among them.
    pub(super) fn periods(periods: &[DoneRound], shown: NaiveDate) -> Vec<Choice> {
        let newest = periods.iter().rev().enumerate();
        let own = newest.filter(|(at, round)| *at < PERIODS || round.as_of == shown);
        let one = |(_, round): (usize, &DoneRound)| Choice {
            value: round.as_of.to_string(),
            words: words::local_date(&round.as_of.to_string()),
            chosen: round.as_of == shown,
        };
        own.map(one).collect()
    }

    pub(super) fn sorts(&self, t: Tongue) -> Vec<Choice> {
        let one = |value: &str, key, chosen| Choice { value: value.to_owned(), words: t.say(key).to_owned(), chosen };
        vec![one("thieu", "heat.by_missing", !self.by_name), one("ten", "heat.by_name", self.by_name)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(query: &str) -> Wanted {
        Wanted::of(Query::try_from_uri(&format!("/?{query}").parse().unwrap()))
    }

    #[test]
    fn what_cannot_be_read_asks_for_nothing() {
        let nothing = Wanted { page: 1, ..Wanted::default() };
        for query in ["", "loai=planet&ky=2022-13-01&xep=x&trang=zwei", "trang=1&trang=2", "chua-dat=0"] {
            assert_eq!(wanted(query), nothing, "{query}");
        }
    }

    #[test]
    fn the_next_page_keeps_what_was_asked() {
        let asked = wanted("loai=xa&chua-dat=1&ky=2022-10-31&xep=ten&trang=2");
        assert_eq!(asked.tail(3), "/?loai=xa&chua-dat=1&ky=2022-10-31&xep=ten&trang=3#ban-do");
        assert_eq!(wanted("trang=2").tail(1), "/#ban-do");
        assert_eq!(
            asked.at("/ban-do.csv"),
            "/ban-do.csv?loai=xa&chua-dat=1&ky=2022-10-31&xep=ten",
            "a file has no pages"
        );
        assert_eq!(asked.file(Tongue::Vietnamese, "/ban-do.csv"), asked.at("/ban-do.csv"));
        assert_eq!(wanted("").file(Tongue::English, "/ban-do.csv"), "/ban-do.csv?tieng=en");
        assert_eq!(wanted("xep=ten").file(Tongue::English, "/ban-do.csv"), "/ban-do.csv?xep=ten&tieng=en");
    }
}

//! A system that answers requests with JSON: asked for each period, department and page, its rows become lines of text.

mod call;
mod mapped;
mod path;
#[cfg(any(test, fuzzing))]
pub(super) mod properties;
mod reply;
mod settings;
mod template;
mod windows;

pub use path::Path;
pub(super) use reply::shown;
pub use settings::{Auth, Body, HttpJson, Keep, Limits, Per, Rows, Series};
pub use template::Template;

use crate::http::encoded;
use chrono::NaiveDate;
use serde_json::Value;

use self::call::{Call, Caller, Failed};
use self::mapped::Mapped;
use self::template::About;
use super::text::Text;
use super::{Columns, FetchError, Settings};

/// Pages of one series, at most: more is a system that never says "end".
const PAGES: u64 = 10_000;

/// Where the cells of a column come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// The request: `{period}`, `{unit}` …
    Request(Template),
    /// The row.
    Row(Path),
}

impl Column {
    /// Reads the text that a column is mapped to.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.contains('{') {
            let template = Template::parse(text).map(Self::Request);
            return template.map_err(|word| format!("`{{{word}}}` stands for nothing"));
        }
        Path::parse(text).map(Self::Row)
    }
}

/// Asks for everything that a round as of `as_of` needs.
pub(super) async fn pull(settings: &Settings, http: &HttpJson, as_of: NaiveDate) -> Result<Text, FetchError> {
    let name = &settings.name;
    let mut pulling = Pulling::new(http, &settings.columns)
        .map_err(|failed| failed.at(name, &http.shown, "before the first request"))?;
    let series = &http.series;
    let roots: Vec<_> = series.roots.iter().map(|(unit, id)| Some((unit.as_str(), id.as_str()))).collect();
    let roots = if roots.is_empty() { vec![None] } else { roots };
    for (from, to) in windows::windows(series.per, series.ended_months, as_of) {
        for root in &roots {
            let first =
                About { from, to, root: *root, page: series.first_page, pages_before: 0, size: series.page_size };
            pulling.series(first).await.map_err(|failed| failed.at(name, &http.shown, &pulling.label))?;
        }
    }
    pulling.mapped.finish().map_err(|failed| failed.at(name, &http.shown, "all replies"))
}

struct Pulling<'a> {
    http: &'a HttpJson,
    caller: Caller<'a>,
    mapped: Mapped<'a>,
    /// Period, department and page of the request that is under way.
    label: String,
}

impl<'a> Pulling<'a> {
    fn new(http: &'a HttpJson, columns: &Columns) -> Result<Self, Failed> {
        let mapped = Mapped::new(&http.rows, columns)?;
        Ok(Self { http, caller: Caller::new(http)?, mapped, label: String::new() })
    }

    /// All pages about one period and department.
    async fn series(&mut self, mut about: About<'_>) -> Result<(), Failed> {
        let series = &self.http.series;
        let (mut rows, mut before) = (0_u64, Vec::new());
        loop {
            self.label = label(&about, series);
            let body = self.caller.call(&self.request(&about)).await?;
            self.mapped.hash(&body);
            let reply = reply::parse(&body).map_err(Failed::Unreadable)?;
            reply::expect(&reply, &self.http.rows.expect).map_err(Failed::Unreadable)?;
            let found = self.mapped.add(&reply, &about, &self.label)?;
            rows += found;
            let pages = series.pages.as_ref().map(|path| reply::number(&reply, path)).transpose();
            let pages = pages.map_err(Failed::Unreadable)?;
            let last = match pages {
                _ if !self.http.is_paged() => true,
                Some(pages) => about.pages_before + 1 >= pages,
                None => found == 0,
            };
            if found == 0 && !last {
                return Err(unreadable("the page has no rows, but is not the last", "pull again later"));
            }
            if last {
                self.whole(&reply, rows)?;
                return Ok(());
            }
            if body == before {
                let remedy = "correct the hole {page} or {offset} in the request";
                return Err(unreadable("the page is the one before it once more", remedy));
            }
            if about.pages_before + 1 >= PAGES {
                return Err(unreadable("the system gives page after page", "set `pages` in [source.paging]"));
            }
            before = body;
            about.page += 1;
            about.pages_before += 1;
        }
    }

    /// Whether as many rows came as should have.
    fn whole(&self, reply: &Value, rows: u64) -> Result<(), Failed> {
        let series = &self.http.series;
        if let Some(path) = &series.total {
            let total = reply::number(reply, path).map_err(Failed::Unreadable)?;
            if total != rows {
                let reason = format!("`{path}` says {total} rows, but {rows} came");
                return Err(unreadable(&reason, "pull again; if it stays, correct `rows` or `total`"));
            }
        }
        if rows == 0 && !series.may_be_empty {
            let reason = format!("the reply has no rows at `{}`", self.http.rows.rows);
            let remedy = "correct `rows`; where no rows are right, set `may_be_empty = true` in [source.paging]";
            return Err(unreadable(&reason, remedy));
        }
        Ok(())
    }

    fn request(&self, about: &About<'_>) -> Call {
        let http = self.http;
        let pair = |(name, value): &(String, Template)| format!("{}={}", encoded(name), encoded(&value.fill(about)));
        let pairs = |pairs: &[(String, Template)]| pairs.iter().map(pair).collect::<Vec<_>>().join("&");
        let mut url = http.url.fill_address(about);
        if !http.query.is_empty() {
            url = format!("{url}?{}", pairs(&http.query));
        }
        let (body, kind) = match &http.body {
            Body::None => (None, None),
            Body::Text(text) => (Some(text.fill(about)), Some("application/json")),
            Body::Form(fields) => (Some(pairs(fields)), Some("application/x-www-form-urlencoded; charset=UTF-8")),
        };
        let mut headers: Vec<(String, String)> =
            http.headers.iter().map(|(name, value)| (name.to_lowercase(), value.fill(about))).collect();
        for (name, value) in [("accept", Some("application/json")), ("content-type", kind)] {
            if let Some(value) = value.filter(|_| !headers.iter().any(|(own, _)| own == name)) {
                headers.push((name.to_owned(), value.to_owned()));
            }
        }
        Call { url, body: body.map(String::into_bytes), headers }
    }
}

/// `2022-03, root 07201, page 2`: as much of it as tells requests apart.
fn label(about: &About<'_>, series: &Series) -> String {
    let period = if series.per == Per::Year { String::new() } else { about.to.format("%Y-%m, ").to_string() };
    let root = about.root.map_or(String::new(), |(unit, _)| format!("root {unit}, "));
    format!("{period}{root}page {}", about.pages_before + 1)
}

fn unreadable(reason: &str, remedy: &str) -> Failed {
    Failed::Unreadable((reason.to_owned(), remedy.to_owned()))
}

#[expect(clippy::needless_pass_by_value, reason = "it stands behind `map_err`")]
fn unwritable(error: csv::Error) -> Failed {
    unreadable(&error.to_string(), "look at the replies of the system")
}

impl Failed {
    fn at(self, name: &str, shown: &str, label: &str) -> FetchError {
        let (name, place) = (name.to_owned(), format!("{shown}, {label}"));
        match self {
            Self::Unreachable(why) => FetchError::Unreachable { name, place, source: std::io::Error::other(why) },
            Self::Unreadable((reason, remedy)) => FetchError::Unreadable { name, place, reason, remedy },
        }
    }
}

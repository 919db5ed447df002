//! A `[[source]]` of kind `http_json`, as this room needs it.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use super::path::Path;
use super::template::Template;

/// A system that answers requests with JSON.
#[derive(Debug, Clone)]
pub struct HttpJson {
    /// Where requests go, without query.
    pub url: Template,
    /// The address for people: without query and without holes filled.
    pub shown: String,
    /// What stands behind `?`.
    pub query: Vec<(String, Template)>,
    /// Further headers.
    pub headers: Vec<(String, Template)>,
    /// What is sent.
    pub body: Body,
    /// How the system is told who asks.
    pub auth: Auth,
    /// A PEM file with further trusted certificate authorities.
    pub ca_file: Option<PathBuf>,
    /// Whether a private or loopback address may be asked.
    pub allow_private: bool,
    /// Which requests are made.
    pub series: Series,
    /// Where the rows stand in a reply.
    pub rows: Rows,
    /// The limits.
    pub limits: Limits,
}

impl HttpJson {
    /// Whether a request says which page it wants.
    pub(super) fn is_paged(&self) -> bool {
        self.templates().any(Template::is_paged)
    }

    /// Whether a request says which department it is about.
    pub fn is_rooted(&self) -> bool {
        self.templates().any(Template::is_rooted)
    }

    fn templates(&self) -> impl Iterator<Item = &Template> {
        let (text, form) = match &self.body {
            Body::None => (None, &[][..]),
            Body::Text(text) => (Some(text), &[][..]),
            Body::Form(fields) => (None, fields.as_slice()),
        };
        let pairs = self.query.iter().chain(&self.headers).chain(form).map(|(_, template)| template);
        pairs.chain(text).chain(Some(&self.url))
    }
}

/// What a request sends along.
#[derive(Debug, Clone)]
pub enum Body {
    /// Nothing: the request is a GET.
    None,
    /// A text, mostly JSON: the request is a POST.
    Text(Template),
    /// The fields of a form: the request is a POST.
    Form(Vec<(String, Template)>),
}

/// How the system is told who asks. Secrets never print.
#[derive(Debug, Clone)]
pub enum Auth {
    /// Not at all.
    None,
    /// A token that was handed out.
    Bearer(SecretString),
    /// A name and a password.
    Basic {
        /// The name.
        user: String,
        /// The password.
        password: SecretString,
    },
    /// A token for client credentials (RFC 6749, 4.4), fetched when needed.
    OAuth2 {
        /// Where tokens are handed out.
        token_url: String,
        /// Who asks.
        client_id: String,
        /// The password.
        client_secret: SecretString,
        /// What for; not sent when empty.
        scope: String,
    },
}

/// Which requests are made for a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// The time that one request asks about.
    pub per: Per,
    /// Whether a month that has not ended is left out.
    pub ended_months: bool,
    /// Unit code → the system's id of a department, where each is asked about by itself.
    pub roots: Vec<(String, String)>,
    /// The number of the first page.
    pub first_page: u64,
    /// Rows of a page.
    pub page_size: u64,
    /// Where a reply says how many pages there are.
    pub pages: Option<Path>,
    /// Where a reply says how many rows there are on all pages.
    pub total: Option<Path>,
    /// Whether a request may bring no rows at all.
    pub may_be_empty: bool,
}

/// The time that one request asks about; its rows are booked on the last month of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// One request for each month of the year.
    Month,
    /// One for each quarter.
    Quarter,
    /// One for the year so far.
    Year,
}

impl Per {
    /// How many months that is.
    pub(super) const fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        }
    }
}

/// Where the rows stand in a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// Leads to every row.
    pub rows: Path,
    /// The member of a row in which further rows lie.
    pub children: Option<String>,
    /// Which rows of a tree count.
    pub keep: Keep,
    /// What a reply must say of itself.
    pub expect: Vec<(Path, String)>,
}

/// Which rows of a tree count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// All.
    All,
    /// Those without rows below them.
    Leaves,
}

/// What a source may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Time for one request.
    pub timeout: Duration,
    /// Time for all of them, waits included.
    pub total: Duration,
    /// How often one request is made at most.
    pub attempts: u32,
    /// Bytes of all replies together, decompressed.
    pub max_bytes: usize,
}

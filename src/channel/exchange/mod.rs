//! One request per message, written by the configuration: address, headers and body with blanks, a login before it,
//! and a rule for what its answer means.

mod blank;
mod escape;
mod login;
mod pattern;
mod place;
mod rule;

pub use blank::{Blank, Data};
pub use login::Login;
pub use pattern::Pattern;
pub use place::Place;
pub use rule::{Meaning, Rule};

pub(super) use blank::{Facts, Words};
pub(super) use rule::Statuses;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use tokio::sync::Mutex;

use self::escape::Escape;
use self::place::Said;
use super::signature::Key;
use super::{Class, SendError};
use crate::clock::Clock;
use crate::http::{Answer, Http, HttpError, Request};

/// Bytes of an answer that are read.
const ANSWER: usize = 64 * 1024;
const CONNECT: Duration = Duration::from_secs(10);
/// How long a token lasts that says nothing of it.
const TOKEN: Duration = Duration::from_mins(10);

/// A request with blanks, and how its answer is read.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Where it goes; the host never comes from a message.
    pub url: Pattern,
    /// What is posted; without it the request is a GET.
    pub body: Option<Pattern>,
    /// The body's media type, by which values in it are escaped.
    pub content_type: String,
    /// Further headers.
    pub headers: Vec<(String, Pattern)>,
    /// User name and password, for the header of that name.
    pub basic: Option<(Pattern, Pattern)>,
    /// Where a token comes from.
    pub login: Option<Login>,
    /// What `{{ secret.NAME }}` stands for.
    pub secrets: Vec<(String, SecretString)>,
    /// What `{{ value.NAME }}` stands for.
    pub values: Vec<(String, String)>,
    /// What answers mean.
    pub rule: Rule,
    /// Whether the peer knows a message by its id, so that a second copy does no harm.
    pub idempotent: bool,
}

impl Exchange {
    /// Everything with blanks.
    pub fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        let login: Vec<&Pattern> = match &self.login {
            None => Vec::new(),
            Some(Login::Asked { url, body, .. }) => vec![url, body],
            Some(Login::Signed { header, claims, .. }) => vec![header, claims],
        };
        let basic = self.basic.iter().flat_map(|(user, password)| [user, password]);
        let headers = self.headers.iter().map(|(_, pattern)| pattern);
        std::iter::once(&self.url).chain(&self.body).chain(headers).chain(basic).chain(login)
    }

    /// Blanks that nothing fills.
    pub fn unfilled(&self) -> Vec<&Blank> {
        let is_unfilled = |blank: &&Blank| match blank {
            Blank::Secret(name) => !self.secrets.iter().any(|(known, _)| known == name),
            Blank::Value(name) => !self.values.iter().any(|(known, _)| known == name),
            Blank::Token => self.login.is_none(),
            Blank::Data(_) | Blank::Now | Blank::Expires => false,
        };
        let mut unfilled: Vec<&Blank> = Vec::new();
        for blank in self.patterns().flat_map(Pattern::blanks).filter(is_unfilled) {
            if !unfilled.contains(&blank) {
                unfilled.push(blank);
            }
        }
        unfilled
    }
}

/// An exchange, ready to be made.
pub(super) struct Exchanger {
    http: Http,
    settings: Exchange,
    timeout: Duration,
    allow_private: bool,
    escape: Escape,
    clock: Clock,
    token: Mutex<Option<(SecretString, tokio::time::Instant)>>,
}

impl std::fmt::Debug for Exchanger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchanger").field("url", &self.settings.url.shown()).finish_non_exhaustive()
    }
}

/// A client that gives up connecting before the whole exchange would be late, so that a host that does not answer at all
/// is told from an answer that is late.
pub(super) fn client(timeout: Duration) -> Result<Http, String> {
    Http::new(CONNECT.min(timeout / 2)).map_err(|error| error.to_string())
}

impl Exchanger {
    /// Checks everything that can be checked without the network; the error is a reason for people.
    pub(super) fn open(
        settings: &Exchange,
        timeout: Duration,
        allow_private: bool,
        clock: &Clock,
    ) -> Result<Self, String> {
        if let Some(blank) = settings.unfilled().first() {
            return Err(format!("`{{{{ {blank} }}}}` is not set"));
        }
        let exchanger = Self {
            http: client(timeout)?,
            escape: Escape::of(&settings.content_type),
            settings: settings.clone(),
            timeout,
            allow_private,
            clock: clock.clone(),
            token: Mutex::new(None),
        };
        let base = exchanger.base()?;
        Http::check(&base, allow_private).map_err(|error| error.to_string())?;
        Ok(exchanger)
    }

    /// The part of the address that is the same for every message: at least its host.
    fn base(&self) -> Result<String, String> {
        let (fixed, more) = self.settings.url.before_data();
        let base = fixed.fill(Escape::Url, &self.facts(None))?;
        let authority = base.split_once("://").map_or("", |(_, rest)| rest);
        if more && !authority.contains(['/', '?']) {
            return Err("`url`: no blank that a message fills may stand before the path".to_owned());
        }
        Ok(base)
    }

    /// What was answered; the error is what its absence means.
    ///
    /// A webhook's `key` signs what is posted under `id`.
    pub(super) async fn call(&self, words: Words<'_>, id: &str, key: Option<&Key>) -> Result<Answer, SendError> {
        let mut again = true;
        loop {
            let token = self.token().await?;
            let token = token.as_ref().map(secrecy::ExposeSecret::expose_secret);
            let facts = Facts { message: Some(words), token, ..self.facts(None) };
            let answer = self.once(facts, id, key).await?;
            // A token may end before its time, and who is not let in has handed nothing over.
            if answer.status == 401 && token.is_some() && again {
                *self.token.lock().await = None;
                again = false;
                continue;
            }
            return Ok(answer);
        }
    }

    async fn once(&self, facts: Facts<'_>, id: &str, key: Option<&Key>) -> Result<Answer, SendError> {
        let settings = &self.settings;
        let unfit = |what: String| SendError::unfit(&what);
        let url = settings.url.fill(Escape::Url, &facts).map_err(unfit)?;
        let body = settings.body.as_ref().map(|body| body.fill(self.escape, &facts)).transpose().map_err(unfit)?;
        let mut filled = Vec::with_capacity(settings.headers.len() + 1);
        for (name, pattern) in &settings.headers {
            filled.push((name.as_str(), pattern.fill(Escape::Header, &facts).map_err(unfit)?));
        }
        if let Some((user, password)) = &settings.basic {
            let fill = |pattern: &Pattern| pattern.fill(Escape::None, &facts).map_err(unfit);
            let login = format!("{}:{}", fill(user)?, fill(password)?);
            filled.push(("authorization", format!("Basic {}", STANDARD.encode(login))));
        }
        let stamp = key.zip(body.as_ref()).map(|(key, body)| key.stamp(id, &self.clock, body.as_bytes()));
        let mut headers: Vec<(&str, &str)> = Vec::with_capacity(filled.len() + 5);
        if body.is_some() {
            headers.push(("content-type", &settings.content_type));
        }
        headers.push(("idempotency-key", id));
        headers.extend(stamp.iter().flat_map(|stamp| stamp.headers(id)));
        headers.extend(filled.iter().map(|(name, value)| (*name, value.as_str())));
        let answered = self.http.send(self.request(&url, body.map(String::into_bytes), &headers)).await;
        answered.map_err(unanswered)
    }

    fn request<'r>(&self, url: &'r str, body: Option<Vec<u8>>, headers: &'r [(&'r str, &'r str)]) -> Request<'r> {
        Request { url, body, headers, timeout: self.timeout, max_bytes: ANSWER, allow_private: self.allow_private }
    }

    fn facts<'f>(&'f self, token: Option<&'f str>) -> Facts<'f> {
        let (secrets, values) = (self.settings.secrets.as_slice(), self.settings.values.as_slice());
        Facts { message: None, token, secrets, values, now: self.clock.now().timestamp(), expires: 0 }
    }

    /// The token, kept while it lasts. Whoever waits for the login of another shares it.
    async fn token(&self) -> Result<Option<SecretString>, SendError> {
        let Some(login) = &self.settings.login else { return Ok(None) };
        let mut kept = self.token.lock().await;
        let now = tokio::time::Instant::now();
        if let Some((token, until)) = kept.as_ref()
            && now < *until
        {
            return Ok(Some(token.clone()));
        }
        let (token, lasts) = self.log_in(login).await?;
        // Half of a short life, so that a token does not end on its way.
        let lasts = lasts.saturating_sub(Duration::from_secs(30)).max(lasts / 2);
        *kept = Some((token.clone(), now + lasts));
        Ok(Some(token))
    }

    async fn log_in(&self, login: &Login) -> Result<(SecretString, Duration), SendError> {
        let broken = |what: String| SendError::broken(&format!("no token: {what}"));
        match login {
            Login::Signed { header, claims, secret, lasts } => {
                let now = self.clock.now().timestamp();
                let expires = now.saturating_add(i64::try_from(lasts.as_secs()).unwrap_or(0));
                let facts = Facts { now, expires, ..self.facts(None) };
                let fill = |pattern: &Pattern| pattern.fill(Escape::Json, &facts).map_err(broken);
                let key = facts.value(&Blank::Secret(secret.clone()));
                let token = login::signed(&fill(header)?, &fill(claims)?, &key).map_err(broken)?;
                Ok((SecretString::from(token), *lasts))
            }
            Login::Asked { url, body, content_type, token, lasts } => {
                let facts = self.facts(None);
                let url = url.fill(Escape::Url, &facts).map_err(broken)?;
                let body = body.fill(Escape::of(content_type), &facts).map_err(broken)?;
                let headers = [("content-type", content_type.as_str()), ("accept", "application/json")];
                let request = self.request(&url, Some(body.into_bytes()), &headers);
                let answer = self.http.send(request).await.map_err(|error| broken(error.to_string()))?;
                let said = Said::read(&answer.body);
                let found = token.find(&said).filter(|token| !token.is_empty());
                let found = found.filter(|_| (200..300).contains(&answer.status));
                let found = found.ok_or_else(|| broken(format!("the login is answered with {}", answer.status)))?;
                let lasts = lasts.as_ref().and_then(|lasts| lasts.find(&said)?.parse().ok()).map(Duration::from_secs);
                Ok((SecretString::from(found), lasts.unwrap_or(TOKEN).min(Duration::from_hours(24))))
            }
        }
    }

    /// Whether the host accepts connections, in words.
    pub(super) async fn probe(&self) -> Result<String, SendError> {
        let base = self.base().map_err(|what| SendError::broken(&what))?;
        let reached = Http::reach(&base, self.timeout, self.allow_private).await;
        let reached = reached.map_err(|error| SendError::broken(&error.to_string()))?;
        self.token().await?;
        Ok(format!("{reached} accepts connections"))
    }

    /// How its answers are read.
    pub(super) const fn rule(&self) -> &Rule {
        &self.settings.rule
    }

    pub(super) const fn idempotent(&self) -> bool {
        self.settings.idempotent
    }
}

/// What follows when no answer came.
pub(super) fn unanswered(error: HttpError) -> SendError {
    match error {
        HttpError::Unanswered(reason) => SendError::new(Class::Unknown, None, &reason),
        other => SendError::broken(&other.to_string()),
    }
}

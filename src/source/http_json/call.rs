//! One request, made until it is answered: logins, waits, and the limits of time and size over all of them.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use super::reply;
use super::settings::{Auth, HttpJson};
use crate::http::{Answer, End, Http, Request, encoded};

const CONNECT: Duration = Duration::from_secs(10);
/// Bytes of a token reply that are read.
const TOKEN: usize = 64 * 1024;
/// The longest wait that is chosen without being asked for it.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// The longest wait between two requests of a round.
const SLOWEST_PACE: Duration = Duration::from_secs(8);

/// What came of a request instead of a reply.
#[derive(Debug)]
pub(super) enum Failed {
    /// Another time it may do.
    Unreachable(String),
    /// What is wrong with the reply, and what to do.
    Unreadable(reply::Wrong),
}

/// Makes the requests of one source in one round.
#[derive(Debug)]
pub(super) struct Caller<'a> {
    settings: &'a HttpJson,
    http: Http,
    deadline: Instant,
    bytes_left: usize,
    /// What every further request waits for, once the system has asked to slow down.
    pace: Duration,
    token: Option<(SecretString, Instant)>,
}

/// A request, ready to send.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) url: String,
    pub(super) body: Option<Vec<u8>>,
    pub(super) headers: Vec<(String, String)>,
}

/// What to do after an answer.
enum Next {
    Done(Vec<u8>),
    /// Wait and ask again; why, and how long if the system says.
    Again(String, Option<Duration>),
    Login(String),
    Never(Failed),
}

impl<'a> Caller<'a> {
    pub(super) fn new(settings: &'a HttpJson) -> Result<Self, Failed> {
        let connect = CONNECT.min(settings.limits.timeout);
        let http = Http::trusting(connect, settings.ca_file.as_deref());
        let http = http.map_err(|error| Failed::Unreachable(error.to_string()))?;
        let deadline = Instant::now() + settings.limits.total;
        Ok(Self { settings, http, deadline, bytes_left: settings.limits.max_bytes, pace: Duration::ZERO, token: None })
    }

    /// The body of a good answer.
    pub(super) async fn call(&mut self, call: &Call) -> Result<Vec<u8>, Failed> {
        tokio::time::sleep_until((Instant::now() + self.pace).min(self.deadline)).await;
        let mut logged_in_again = false;
        let mut attempt = 1;
        loop {
            let why = match self.attempt(call).await? {
                Next::Done(body) => return Ok(body),
                Next::Never(failed) => return Err(failed),
                // The token may have ended early: one new login for each request.
                Next::Login(_) if self.token.take().is_some() && !logged_in_again => {
                    logged_in_again = true;
                    continue;
                }
                Next::Login(why) => return Err(Failed::Unreachable(why)),
                Next::Again(why, wait) => {
                    if attempt >= self.settings.limits.attempts {
                        let times = if attempt == 1 { String::new() } else { format!(" (asked {attempt} times)") };
                        return Err(Failed::Unreachable(why + &times));
                    }
                    self.wait(attempt, wait, &why).await?;
                    why
                }
            };
            tracing::info!(source = %self.settings.shown, attempt, why, "asking again");
            attempt += 1;
        }
    }

    async fn attempt(&mut self, call: &Call) -> Result<Next, Failed> {
        let authorization = self.authorization().await?;
        let mut headers: Vec<(&str, &str)> =
            call.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        if let Some(authorization) = &authorization {
            headers.push(("authorization", authorization.expose_secret()));
        }
        let request = Request {
            url: &call.url,
            body: call.body.clone(),
            headers: &headers,
            timeout: self.time_left()?,
            max_bytes: self.bytes_left,
            allow_private: self.settings.allow_private,
        };
        let next = match self.http.send(request).await {
            Ok(answer) => {
                if matches!(answer.status, 403 | 429) {
                    self.pace = (self.pace * 2).clamp(Duration::from_secs(1), SLOWEST_PACE);
                }
                self.judged(answer)
            }
            Err(crate::http::HttpError::Refused(why)) => Next::Never(Failed::Unreachable(why)),
            Err(other) => Next::Again(other.to_string(), None),
        };
        if let Next::Done(body) = &next {
            self.bytes_left = self.bytes_left.saturating_sub(body.len());
        }
        Ok(next)
    }

    fn judged(&self, answer: Answer) -> Next {
        let status = answer.status;
        match status {
            200..300 => match answer.end {
                End::Whole => Next::Done(answer.body),
                End::Broken(why) => Next::Again(format!("the answer broke off: {why}"), None),
                End::CutAtLimit => {
                    let bytes = self.settings.limits.max_bytes;
                    let reason = format!("the answers are longer than {bytes} bytes, decompressed");
                    let remedy = "ask for less, or raise `max_megabytes` of the source";
                    Next::Never(Failed::Unreadable((reason, remedy.to_owned())))
                }
            },
            300..=399 => {
                let why = format!("answers {status}, a redirect, which is never followed; correct `url`");
                Next::Never(Failed::Unreachable(why))
            }
            401 => Next::Login("answers 401: the login in [source.auth] is refused or missing".to_owned()),
            403 | 408 | 425 | 429 | 500.. => Next::Again(format!("answers {status}"), wait(&answer)),
            _ => Next::Never(Failed::Unreachable(format!("answers {status}"))),
        }
    }

    async fn wait(&self, attempt: u32, asked: Option<Duration>, why: &str) -> Result<(), Failed> {
        let own = Duration::from_secs(1 << attempt.saturating_sub(1).min(6)).min(LONGEST_WAIT);
        let wait = asked.unwrap_or(own);
        if Instant::now() + wait >= self.deadline {
            let seconds = wait.as_secs();
            return Err(Failed::Unreachable(format!("{why}; a wait of {seconds} s would exceed `total_timeout`")));
        }
        tokio::time::sleep(wait).await;
        Ok(())
    }

    fn time_left(&self) -> Result<Duration, Failed> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let seconds = self.settings.limits.total.as_secs();
            return Err(Failed::Unreachable(format!("no whole answer within `total_timeout`, {seconds} s")));
        }
        Ok(left.min(self.settings.limits.timeout))
    }

    /// The header that says who asks.
    async fn authorization(&mut self) -> Result<Option<SecretString>, Failed> {
        let settings = self.settings;
        Ok(match &settings.auth {
            Auth::None => None,
            Auth::Bearer(token) => Some(bearer(token)),
            Auth::Basic { user, password } => Some(basic(user, password)),
            Auth::OAuth2 { token_url, client_id, client_secret, scope } => {
                if let Some((token, until)) = &self.token
                    && Instant::now() < *until
                {
                    return Ok(Some(bearer(token)));
                }
                let (token, lasts) = self.fetch_token(token_url, &basic(client_id, client_secret), scope).await?;
                // Half of a short life, so that a token does not end on its way.
                let lasts = lasts.saturating_sub(Duration::from_secs(30)).max(lasts / 2);
                let header = bearer(&token);
                self.token = Some((token, Instant::now() + lasts));
                Some(header)
            }
        })
    }

    async fn fetch_token(
        &self,
        url: &str,
        login: &SecretString,
        scope: &str,
    ) -> Result<(SecretString, Duration), Failed> {
        let scope = if scope.is_empty() { String::new() } else { format!("&scope={}", encoded(scope)) };
        let headers = [
            ("authorization", login.expose_secret()),
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", "application/json"),
        ];
        let request = Request {
            url,
            body: Some(format!("grant_type=client_credentials{scope}").into_bytes()),
            headers: &headers,
            timeout: self.time_left()?,
            max_bytes: TOKEN,
            allow_private: self.settings.allow_private,
        };
        let failed = |why: String| Failed::Unreachable(format!("no token from `token_url`: {why}"));
        let answer = self.http.send(request).await.map_err(|error| failed(error.to_string()))?;
        if !(200..300).contains(&answer.status) {
            return Err(failed(format!("answers {}", answer.status)));
        }
        let body: Result<serde_json::Value, _> = serde_json::from_slice(&answer.body);
        let body = body.map_err(|_| failed("the answer is not JSON".to_owned()))?;
        let token = body.get("access_token").and_then(serde_json::Value::as_str).filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| failed("the answer holds no `access_token`".to_owned()))?;
        let lasts = body.get("expires_in").and_then(serde_json::Value::as_u64).unwrap_or(60).min(86_400);
        Ok((SecretString::from(token.to_owned()), Duration::from_secs(lasts)))
    }
}

fn bearer(token: &SecretString) -> SecretString {
    SecretString::from(format!("Bearer {}", token.expose_secret()))
}

fn basic(user: &str, password: &SecretString) -> SecretString {
    SecretString::from(format!("Basic {}", STANDARD.encode(format!("{user}:{}", password.expose_secret()))))
}

/// `Retry-After`: seconds, or a date, which is compared with the answer's own.
fn wait(answer: &Answer) -> Option<Duration> {
    let value = answer.header("retry-after")?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTime::parse_from_rfc2822(value).ok()?;
    let now = DateTime::parse_from_rfc2822(answer.header("date")?).ok()?;
    Some((at - now).to_std().unwrap_or_default())
}

//! OAuth v4 of Zalo: a pair for a refresh token, and a pair that a person brings.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::call::Caller;
use super::settings::Zalo;
use crate::channel::Class;
use crate::channel::answer::one_line;
use crate::http::End;
use crate::http::encoded;

/// How long an access token lasts where nothing else is said.
const LASTS: Duration = Duration::from_hours(25);

/// A pair of tokens.
#[derive(Debug, Clone)]
pub struct Given {
    /// Opens Zalo's interfaces.
    pub access: SecretString,
    /// Good for one new pair.
    pub refresh: SecretString,
    /// How long the access token lasts.
    pub lasts: Duration,
}

/// Why there is no new pair. The text holds no secret.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing was asked: no connection.
    NotAsked(String),
    /// Zalo answered that it gives none.
    Refused(String),
    /// A pair may have been made, and its answer did not come.
    Lost(String),
}

/// Asks for a new pair. The refresh token is spent by it.
pub(super) async fn refresh(caller: &Caller, settings: &Zalo, token: &SecretString) -> Result<Given, Failure> {
    let url = format!("{}/v4/oa/access_token", settings.oauth_url);
    let fields = [
        ("refresh_token", token.expose_secret()),
        ("app_id", settings.app_id.as_str()),
        ("grant_type", "refresh_token"),
    ];
    let form: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let headers =
        [("secret_key", settings.secret_key.expose_secret()), ("content-type", "application/x-www-form-urlencoded")];
    let answer = caller.send(&url, &headers, Some(form.join("&").into_bytes())).await.map_err(|error| {
        if error.class == Class::Unknown { Failure::Lost(error.reason) } else { Failure::NotAsked(error.reason) }
    })?;
    let status = answer.status;
    if status == 408 || status >= 500 {
        return Err(Failure::Lost(format!("HTTP {status}")));
    }
    let body = (answer.end == End::Whole).then(|| serde_json::from_slice::<Value>(&answer.body).ok()).flatten();
    let Some(body) = body.filter(Value::is_object) else {
        let what = format!("HTTP {status}, and not an answer of Zalo's");
        return Err(if (300..500).contains(&status) { Failure::NotAsked(what) } else { Failure::Lost(what) });
    };
    if let Some(given) = Given::of(&body) {
        return Ok(given);
    }
    let text =
        |key: &str| body.get(key).map(|value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned));
    if body.get("access_token").is_some() || text("error").is_none() {
        return Err(Failure::Lost("the answer holds neither a pair nor an error".to_owned()));
    }
    let words = [text("error"), text("error_name"), text("error_description").or_else(|| text("message"))];
    let words = one_line(&words.into_iter().flatten().collect::<Vec<_>>().join(" "));
    Err(Failure::Refused(hidden(&words, &[token, &settings.secret_key])))
}

impl Given {
    /// The pair in a JSON object of Zalo's.
    pub fn of(body: &Value) -> Option<Self> {
        let token = |key: &str| {
            let token = body.get(key)?.as_str()?.trim();
            let fits = !token.is_empty() && token.chars().all(|c| c.is_ascii_graphic());
            fits.then(|| SecretString::from(token))
        };
        // `"90000"`: a text.
        let seconds = body.get("expires_in").and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok()));
        let lasts = seconds.map_or(LASTS, Duration::from_secs).min(LASTS * 4);
        Some(Self { access: token("access_token")?, refresh: token("refresh_token")?, lasts })
    }

    /// The pair in what a person types: Zalo's JSON, or the access token and the refresh token on two lines.
    ///
    /// # Errors
    /// What is wrong and where, without a word of the text.
    pub fn typed(text: &str) -> Result<Self, String> {
        let text = text.trim_start_matches('\u{feff}');
        if text.trim_start().starts_with('{') {
            return Self::pasted(text);
        }
        let lines = (1..).zip(text.lines().map(str::trim)).filter(|(_, line)| !line.is_empty());
        let lines: Vec<(usize, &str)> = lines.collect();
        let [(_, access), (_, refresh)] = lines.as_slice() else {
            return Err(format!("there are {} lines with text, not two", lines.len()));
        };
        for (number, line) in &lines {
            if let Some(column) = line.chars().position(|c| !c.is_ascii_graphic()) {
                return Err(format!("line {number}: character {} stands in no token", column + 1));
            }
        }
        let pair = serde_json::json!({ "access_token": access, "refresh_token": refresh });
        Self::of(&pair).ok_or_else(|| "the lines hold no pair".to_owned())
    }

    fn pasted(text: &str) -> Result<Self, String> {
        let body: Value = serde_json::from_str(text)
            .map_err(|error| format!("line {}, column {}: this is not JSON", error.line(), error.column()))?;
        for key in ["access_token", "refresh_token"] {
            let token = body.get(key).ok_or_else(|| format!("`{key}` is missing"))?;
            let token = token.as_str().ok_or_else(|| format!("`{key}` is no text"))?.trim();
            if token.is_empty() || !token.chars().all(|c| c.is_ascii_graphic()) {
                return Err(format!("`{key}` is empty, or holds a character that stands in no token"));
            }
        }
        Self::of(&body).ok_or_else(|| "the JSON holds no pair".to_owned())
    }
}

fn hidden(words: &str, secrets: &[&SecretString]) -> String {
    secrets.iter().fold(words.to_owned(), |words, secret| words.replace(secret.expose_secret(), "…"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_typed_as_json_or_on_two_lines() {
        for text in [
            "{\"access_token\": \"AT\", \"refresh_token\": \"RT\", \"expires_in\": \"90000\"}",
            "AT\nRT\n",
            "\n  AT  \n\n  RT",
        ] {
            let given = Given::typed(text).unwrap();
            assert_eq!((given.access.expose_secret(), given.refresh.expose_secret()), ("AT", "RT"));
            assert_eq!(given.lasts, LASTS);
        }
        for (text, wrong) in [
            ("", "there are 0 lines"),
            ("AT", "there are 1 lines"),
            ("AT\nRT\nX", "there are 3 lines"),
            ("{\"access_token\": \"AT\"}", "`refresh_token` is missing"),
            ("{\"access_token\": \"AT\", \"refresh_token\": 5}", "`refresh_token` is no text"),
            ("{\n\"access_token\" \"AT\"}", "line 2, column "),
            ("\nA T\nRT", "line 2: character 2"),
            ("{}", "`access_token` is missing"),
        ] {
            let said = Given::typed(text).err().unwrap_or_default();
            assert!(said.starts_with(wrong), "{text}: {said}");
        }
    }
}

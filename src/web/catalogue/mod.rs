//! The words of the pages: those of `templates/words.toml`, in the language of who reads, and with the marks of HTML that stand
//! in them.

use std::fmt::Display;

use askama::filters::{Html, HtmlSafeOutput, escape};
use axum::http::HeaderValue;

use crate::people::{Deed, Role};
use crate::words::filled;

pub(super) use crate::words::{Told, Tongue};

impl Tongue {
    /// What somebody chose. Else Vietnamese, unless his browser asks for another of our languages and not for Vietnamese
    /// at all: many offices have an English system and read Vietnamese.
    pub(super) fn of(chosen: Option<&str>, accepted: Option<&HeaderValue>) -> Self {
        let accepted = accepted.and_then(|list| list.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
        let asked: Vec<Self> = accepted.split([',', ';', '-']).filter_map(|word| Self::named(word.trim())).collect();
        let first = asked.first().copied().filter(|_| !asked.contains(&Self::Vietnamese));
        chosen.and_then(Self::named).or(first).unwrap_or(Self::Vietnamese)
    }

    /// The text of `key` with the marks of HTML that stand in the file (`<code>`, `<strong>`, `<a href="…">`).
    pub(super) fn rich(self, key: &str) -> HtmlSafeOutput<String> {
        HtmlSafeOutput(self.say(key).to_owned())
    }

    /// The same with `value` in place of `{1}`; it stays text, whatever stands in it.
    pub(super) fn rich_with(self, key: &str, value: impl Display) -> HtmlSafeOutput<String> {
        HtmlSafeOutput(filled(self.say(key), &[&plain(value)]))
    }

    /// The same with two values.
    pub(super) fn rich_with2(self, key: &str, one: impl Display, two: impl Display) -> HtmlSafeOutput<String> {
        HtmlSafeOutput(filled(self.say(key), &[&plain(one), &plain(two)]))
    }
}

/// `value` as HTML shows it: no mark.
fn plain(value: impl Display) -> String {
    let Ok(safe) = escape(value, Html);
    safe.to_string()
}

/// What a role is called.
pub(super) const fn role_key(role: Role) -> &'static str {
    match role {
        Role::Viewer => "role.view",
        Role::Editor => "role.edit",
        Role::Approver => "role.approve",
        Role::Admin => "role.admin",
    }
}

/// What a deed is called; one of a newer program by its own word.
pub(super) fn deed(tongue: Tongue, word: &str) -> String {
    let known = Deed::ALL.iter().any(|deed| deed.word() == word);
    if known { tongue.say(&format!("deed.{word}")).to_owned() } else { word.to_owned() }
}

#[cfg(test)]
mod tests;

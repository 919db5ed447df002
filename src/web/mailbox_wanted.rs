//! Which messages the mailbox is asked for, as its address says it.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;

use super::catalogue::Tongue;
use crate::channel::Caught;

/// More characters than any name or subject that somebody would type.
const QUERY_CHARS: usize = 100;

/// What the address asks for, as it was typed.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct Asked {
    q: Option<String>,
    trang: Option<String>,
    dang: Option<String>,
    kenh: Option<String>,
    dot: Option<String>,
    #[serde(rename = "don-vi")]
    unit: Option<String>,
}

/// The same, understood: anything unreadable is the first page of everything.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    pub(super) query: String,
    pub(super) page: u32,
    /// How messages are looked at; those that have no such form are left out.
    pub(super) form: Shape,
    /// Which channel caught them; [`NO_CHANNEL`]: none did. Empty: any.
    pub(super) channel: String,
    /// The round that they were written in; empty: any.
    pub(super) round: String,
    /// Code of the unit; empty: any.
    pub(super) unit: String,
}

/// What an address calls tests from the pages, which no channel caught.
pub(super) const NO_CHANNEL: &str = "-";

/// How messages are looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Shape {
    /// As mails: a line each.
    #[default]
    Mail,
    /// As text messages of a phone.
    Sms,
    /// As cards of Zalo.
    Zalo,
}

impl Shape {
    pub(super) const ALL: [Self; 3] = [Self::Mail, Self::Sms, Self::Zalo];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Mail => "",
            Self::Sms => "sms",
            Self::Zalo => "zalo",
        }
    }

    pub(super) fn name(self, t: Tongue) -> &'static str {
        t.say(match self {
            Self::Mail => "editor.mail",
            Self::Sms => "editor.sms",
            Self::Zalo => "mailbox.zalo",
        })
    }
}

impl Wanted {
    pub(super) fn of(asked: Result<Query<Asked>, QueryRejection>) -> Self {
        let Query(asked) = asked.unwrap_or_default();
        let short =
            |text: Option<String>| text.unwrap_or_default().trim().chars().take(QUERY_CHARS).collect::<String>();
        let (query, channel, round, unit) = (short(asked.q), short(asked.kenh), short(asked.dot), short(asked.unit));
        let page = asked.trang.and_then(|page| page.trim().parse().ok()).unwrap_or(1).max(1);
        let form = asked.dang.unwrap_or_default();
        let form = Shape::ALL.into_iter().find(|shape| shape.word() == form).unwrap_or_default();
        Self { query, page, form, channel, round, unit }
    }

    /// The end of a link that keeps the search and leads to `page`: `?q=song%20mai&trang=2`, or nothing.
    pub(super) fn tail(&self, page: u32) -> String {
        let page = if page > 1 { page.to_string() } else { String::new() };
        let all = self.search().into_iter().chain(self.filter()).chain(self.shape()).chain([("trang", page)]);
        let said = all.filter(|(_, value)| !value.is_empty()).map(|(name, value)| {
            let Ok(encoded) = askama::filters::urlencode_strict(value);
            format!("{name}={encoded}")
        });
        let parts: Vec<String> = said.collect();
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }

    fn search(&self) -> [(&'static str, String); 1] {
        [("q", self.query.clone())]
    }

    fn filter(&self) -> [(&'static str, String); 3] {
        [("kenh", self.channel.clone()), ("dot", self.round.clone()), ("don-vi", self.unit.clone())]
    }

    fn shape(&self) -> [(&'static str, String); 1] {
        [("dang", self.form.word().to_owned())]
    }

    /// What the form that searches keeps.
    pub(super) fn beside_search(&self) -> Vec<(&'static str, String)> {
        self.filter().into_iter().chain(self.shape()).filter(|(_, value)| !value.is_empty()).collect()
    }

    /// What the form that filters keeps.
    pub(super) fn beside_filter(&self) -> Vec<(&'static str, String)> {
        self.search().into_iter().chain(self.shape()).filter(|(_, value)| !value.is_empty()).collect()
    }

    /// Whether channel, round or unit are asked for.
    pub(super) const fn is_filtered(&self) -> bool {
        !(self.channel.is_empty() && self.round.is_empty() && self.unit.is_empty())
    }

    /// Whether every message is asked for.
    pub(super) fn is_everything(&self) -> bool {
        self.query.is_empty() && !self.is_filtered() && self.form == Shape::Mail
    }

    /// Where the mailbox is looked through.
    pub(super) fn caught(&self) -> Caught<'_> {
        fn some(text: &str) -> Option<&str> {
            Some(text).filter(|text| !text.is_empty())
        }
        Caught {
            channel: some(&self.channel).map(|name| if name == NO_CHANNEL { "" } else { name }),
            run_id: some(&self.round),
            unit_code: some(&self.unit),
        }
    }
}

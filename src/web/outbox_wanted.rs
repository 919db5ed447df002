//! Which messages the outbox is asked for, as its address says it.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::form::Form;
use crate::outbox::{Browsed, Standing};

/// More characters than any round, channel or code has.
const LONGEST: usize = 120;

/// The filters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) round: String,
    pub(super) channel: String,
    pub(super) unit: String,
    pub(super) standing: Standing,
    /// From 1.
    pub(super) page: u32,
}

impl Wanted {
    /// What cannot be read asks for nothing.
    pub(super) fn of(query: Option<String>) -> Self {
        let pairs = query.and_then(|query| super::form::pairs(&query.into())).unwrap_or_default();
        let text = |name: &str| pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
        Self::read(text)
    }

    /// The same, from the hidden fields of a form.
    pub(super) fn of_form(form: &Form) -> Self {
        Self::read(|name| form.text(name))
    }

    fn read<'t>(text: impl Fn(&str) -> &'t str) -> Self {
        let short = |name: &str| text(name).trim().chars().take(LONGEST).collect::<String>();
        Self {
            round: short("dot"),
            channel: short("kenh"),
            unit: short("don-vi"),
            standing: Standing::named(text("trang-thai")).unwrap_or_default(),
            page: text("trang").trim().parse().unwrap_or(1).max(1),
        }
    }

    /// Where to look, within `units`.
    pub(super) fn browsed<'a>(&'a self, units: Option<&'a HashSet<String>>) -> Browsed<'a> {
        let some = |text: &'a str| Some(text).filter(|text| !text.is_empty());
        Browsed { run_id: some(&self.round), channel: some(&self.channel), unit_code: some(&self.unit), units }
    }

    /// The same looking for another standing, from its first page.
    pub(super) fn standing(&self, standing: Standing) -> Self {
        Self { standing, page: 1, ..self.clone() }
    }

    /// The same, at another page.
    pub(super) fn at(&self, page: u32) -> Self {
        Self { page, ..self.clone() }
    }

    /// Whether anything is filtered.
    pub(super) fn narrows(&self) -> bool {
        !(self.round.is_empty() && self.channel.is_empty() && self.unit.is_empty() && self.standing == Standing::All)
    }

    /// Name and value of each filter that is set.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        let standing = if self.standing == Standing::All { "" } else { self.standing.word() };
        let page = if self.page > 1 { self.page.to_string() } else { String::new() };
        let all = [
            ("dot", self.round.clone()),
            ("kenh", self.channel.clone()),
            ("don-vi", self.unit.clone()),
            ("trang-thai", standing.to_owned()),
            ("trang", page),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The address that asks for it; `more` is put behind: `xong=giu`.
    pub(super) fn address(&self, more: &str) -> String {
        let mut address = "/hop-thu-di".to_owned();
        let mut mark = '?';
        for (name, value) in self.fields() {
            let Ok(encoded) = askama::filters::urlencode_strict(value);
            let _ = write!(address, "{mark}{name}={encoded}");
            mark = '&';
        }
        if !more.is_empty() {
            let _ = write!(address, "{mark}{more}");
        }
        address
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::State;

    #[test]
    fn the_address_says_what_is_asked_for_and_nonsense_asks_for_nothing() {
        let asked = Wanted::of(Some("dot=digest%2F2022-10-31&kenh=mail&trang-thai=failed&trang=2".to_owned()));
        assert_eq!(
            (asked.round.as_str(), asked.standing, asked.page),
            ("digest/2022-10-31", Standing::In(State::Failed), 2)
        );
        assert_eq!(asked.address(""), "/hop-thu-di?dot=digest%2F2022-10-31&kenh=mail&trang-thai=failed&trang=2");
        assert_eq!(
            asked.standing(Standing::All).address("xong=giu"),
            "/hop-thu-di?dot=digest%2F2022-10-31&kenh=mail&xong=giu"
        );
        for nothing in ["", "trang-thai=planet&trang=-1", "%", "dot=&kenh=+"] {
            let asked = Wanted::of(Some(nothing.to_owned()));
            assert_eq!(asked.address(""), "/hop-thu-di", "{nothing}");
            assert!(!asked.narrows());
        }
    }
}

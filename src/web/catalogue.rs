//! The words of the pages, in Vietnamese and English, from one file: `templates/pages/words.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::http::HeaderValue;

use crate::people::{Deed, Role};

const FILE: &str = include_str!("../../templates/pages/words.toml");

/// Sections of keys, each with the text per language.
type Sections = HashMap<String, HashMap<String, HashMap<String, String>>>;

/// `section.key`, in both languages. A file that cannot be read leaves the keys themselves; a test reads it.
static WORDS: LazyLock<HashMap<String, [String; 2]>> = LazyLock::new(|| {
    let sections: Sections = toml::from_str(FILE).unwrap_or_default();
    let entry = |section: &str, key: String, mut texts: HashMap<String, String>| {
        let texts = Tongue::ALL.map(|tongue| texts.remove(tongue.word()).unwrap_or_default());
        (format!("{section}.{key}"), texts)
    };
    let entries = sections
        .into_iter()
        .flat_map(|(section, keys)| keys.into_iter().map(move |(key, texts)| entry(&section, key, texts)));
    entries.collect()
});

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tongue {
    Vietnamese,
    English,
}

impl Tongue {
    pub(super) const ALL: [Self; 2] = [Self::Vietnamese, Self::English];

    /// As the language is called in HTML and in the cookie.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
        }
    }

    pub(super) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tongue| tongue.word() == word)
    }

    /// What somebody chose. Else Vietnamese, unless his browser asks for another of our languages and not for Vietnamese
    /// at all: many offices have an English system and read Vietnamese.
    pub(super) fn of(chosen: Option<&str>, accepted: Option<&HeaderValue>) -> Self {
        let accepted = accepted.and_then(|list| list.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
        let asked: Vec<Self> = accepted.split([',', ';', '-']).filter_map(|word| Self::named(word.trim())).collect();
        let first = asked.first().copied().filter(|_| !asked.contains(&Self::Vietnamese));
        chosen.and_then(Self::named).or(first).unwrap_or(Self::Vietnamese)
    }

    /// The text of `key`.
    pub(super) fn say(self, key: &str) -> &'static str {
        let Some([vietnamese, english]) = WORDS.get(key) else {
            tracing::error!(key, "a text of the pages is missing");
            return "?";
        };
        match self {
            Self::Vietnamese => vietnamese,
            Self::English => english,
        }
    }

    /// The text of `key` with `value` in place of `{}`.
    pub(super) fn with(self, key: &str, value: &str) -> String {
        self.say(key).replace("{}", value)
    }

    /// The other ones, by their own names.
    pub(super) fn others(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let name = |tongue: Self| if tongue == Self::Vietnamese { "Tiếng Việt" } else { "English" };
        Self::ALL.into_iter().filter(move |tongue| *tongue != self).map(move |tongue| (tongue.word(), name(tongue)))
    }
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
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::people::Refusal;

    /// Every key that the sources and pages name between quotation marks.
    fn named() -> BTreeSet<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let sections: Sections = toml::from_str(FILE).unwrap();
        let mut found = BTreeSet::new();
        for folder in ["src/web", "templates/pages"] {
            for file in root.join(folder).read_dir().unwrap() {
                let path = file.unwrap().path();
                if path.extension().is_none_or(|kind| kind != "rs" && kind != "html") {
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                for piece in text.split(['"', '\'']) {
                    let key = piece.split_once('.').filter(|(section, key)| {
                        sections.contains_key(*section)
                            && !matches!(*key, "" | "html")
                            && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
                    });
                    found.extend(key.map(|_| piece.to_owned()));
                }
            }
        }
        found.extend(Refusal::ALL.map(|refusal| refusal.key().to_owned()));
        found.extend(Deed::ALL.iter().map(|deed| format!("deed.{}", deed.word())));
        found.extend(super::super::page::DONE.iter().map(|word| format!("done.{word}")));
        found
    }

    #[test]
    fn every_text_is_there_in_both_languages_and_none_is_left_over() {
        let named = named();
        let there: BTreeSet<String> = WORDS.keys().cloned().collect();
        assert!(there.len() > 50);
        assert_eq!(named.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "missing in words.toml");
        assert_eq!(there.difference(&named).collect::<Vec<_>>(), Vec::<&String>::new(), "used by nobody");
        for (key, texts) in WORDS.iter() {
            assert!(texts.iter().all(|text| !text.trim().is_empty()), "{key} lacks a language");
            assert_eq!(texts[0].contains("{}"), texts[1].contains("{}"), "{key}");
        }
    }

    #[test]
    fn the_language_is_what_was_chosen_else_vietnamese_unless_the_browser_asks_for_another_one_alone() {
        let header = |text: &'static str| HeaderValue::from_static(text);
        let cases = [
            (None, None, Tongue::Vietnamese),
            (None, Some(header("en-GB,en;q=0.9")), Tongue::English),
            (None, Some(header("fr-FR, vi;q=0.8, en;q=0.5")), Tongue::Vietnamese),
            (None, Some(header("en-US,en;q=0.9,vi;q=0.8")), Tongue::Vietnamese),
            (None, Some(header("de")), Tongue::Vietnamese),
            (Some("en"), Some(header("vi")), Tongue::English),
            (Some("xx"), Some(header("en")), Tongue::English),
        ];
        for (chosen, accepted, tongue) in cases {
            assert_eq!(Tongue::of(chosen, accepted.as_ref()), tongue, "{chosen:?} {accepted:?}");
        }
    }
}

//! What is said about a sheet, in both languages: it stands on pages, in the sheet that goes back, and on the command line.

use std::borrow::Cow;

/// A language that sentences about a sheet are told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// As clerks read it.
    Vietnamese,
    /// As the command line speaks.
    English,
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Words {
    vietnamese: Cow<'static, str>,
    english: Cow<'static, str>,
}

impl Words {
    /// The text in Vietnamese and in English.
    pub fn of(vietnamese: impl Into<Cow<'static, str>>, english: impl Into<Cow<'static, str>>) -> Self {
        Self { vietnamese: vietnamese.into(), english: english.into() }
    }

    /// The text in `language`.
    pub fn say(&self, language: Language) -> &str {
        match language {
            Language::Vietnamese => &self.vietnamese,
            Language::English => &self.english,
        }
    }
}

//! The one file of words, read once.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Tongue;

pub(crate) const FILE: &str = include_str!("../../templates/words.toml");

/// Sections of keys, each with the text per language.
pub(crate) type Sections = HashMap<String, HashMap<String, HashMap<String, String>>>;

/// `section.key`, in both languages. A file that cannot be read leaves the keys themselves; a test reads it.
pub(crate) static WORDS: LazyLock<HashMap<String, [String; 2]>> = LazyLock::new(|| {
    let both = |mut texts: HashMap<String, String>| {
        Some(Tongue::ALL.map(|tongue| texts.remove(tongue.word()).unwrap_or_default()))
    };
    each(both)
});

/// What English says of one thing, of the keys where it says something else than of several.
pub(crate) static ONE: LazyLock<HashMap<String, String>> = LazyLock::new(|| each(|mut texts| texts.remove("one")));

/// What `of` takes from each entry of the file.
fn each<T>(of: impl Fn(HashMap<String, String>) -> Option<T>) -> HashMap<String, T> {
    let sections: Sections = toml::from_str(FILE).unwrap_or_default();
    let keys = sections
        .into_iter()
        .flat_map(|(section, keys)| keys.into_iter().map(move |(key, texts)| (format!("{section}.{key}"), texts)));
    keys.filter_map(|(key, texts)| Some((key, of(texts)?))).collect()
}

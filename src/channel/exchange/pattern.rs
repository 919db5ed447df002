//! Texts with blanks, `{{ phone }}` or `{{ text | base64 }}`, filled so that a value can never become structure.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::blank::{Blank, Facts};
use super::escape::Escape;

/// A text with blanks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Blank(Blank, Vec<Filter>),
}

/// What happens to a value before it is escaped for its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    Base64,
    /// At most so many characters.
    Cut(usize),
    /// In an address: slashes stay, for a secret that is several steps of a path.
    Path,
}

impl Pattern {
    /// Reads a text.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("{{") {
            let (inner, after) = behind.split_once("}}").ok_or("`{{` has no `}}` behind it")?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(blank(inner)?);
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self(pieces))
    }

    /// A text without blanks.
    pub fn fixed(text: &str) -> Self {
        Self(vec![Piece::Text(text.to_owned())])
    }

    /// The blanks in it.
    pub fn blanks(&self) -> impl Iterator<Item = &Blank> {
        self.0.iter().filter_map(|piece| if let Piece::Blank(blank, _) = piece { Some(blank) } else { None })
    }

    /// As it is written, with the values of the configuration but none of its secrets: fit for tables and logs.
    pub fn shown(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Blank(blank, _) => format!("{{{{ {blank} }}}}"),
        };
        self.0.iter().map(piece).collect()
    }

    /// The text with every blank filled and escaped for its place.
    ///
    /// # Errors
    /// A value that cannot stand there.
    pub(in crate::channel) fn fill(&self, escape: Escape, facts: &Facts<'_>) -> Result<String, String> {
        let mut filled = String::with_capacity(256);
        for (at, piece) in self.0.iter().enumerate() {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Blank(blank, filters) => {
                    // A whole address out of a file is one already.
                    let escape =
                        if at == 0 && escape == Escape::Url && !blank.is_data() { Escape::None } else { escape };
                    put(&mut filled, blank, filters, escape, facts)?;
                }
            }
        }
        Ok(filled)
    }

    /// What stands before the first blank that a message fills.
    pub(super) fn before_data(&self) -> (Self, bool) {
        let data = |piece: &Piece| matches!(piece, Piece::Blank(blank, _) if blank.is_data());
        let end = self.0.iter().position(data);
        (Self(self.0.iter().take(end.unwrap_or(usize::MAX)).cloned().collect()), end.is_some())
    }
}

fn put(
    filled: &mut String,
    blank: &Blank,
    filters: &[Filter],
    escape: Escape,
    facts: &Facts<'_>,
) -> Result<(), String> {
    let mut value = facts.value(blank);
    let mut escape = escape;
    for filter in filters {
        match filter {
            Filter::Base64 => value = STANDARD.encode(value.as_bytes()).into(),
            Filter::Cut(most) => {
                if let Some((end, _)) = value.char_indices().nth(*most) {
                    value = value.get(..end).unwrap_or_default().to_owned().into();
                }
            }
            Filter::Path if escape == Escape::Url => escape = Escape::Path,
            Filter::Path => {}
        }
    }
    escape.put(filled, &value).map_err(|what| format!("`{blank}` {what}"))
}

fn blank(inner: &str) -> Result<Piece, String> {
    let mut words = inner.split('|').map(str::trim);
    let name = words.next().unwrap_or_default();
    let blank = Blank::named(name).ok_or_else(|| format!("`{{{{ {name} }}}}` stands for nothing"))?;
    let filters = words.map(|word| match word.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["base64"] => Ok(Filter::Base64),
        ["cut", most] => most.parse().map(Filter::Cut).map_err(|_| format!("`cut {most}` is no number of characters")),
        ["path"] if !blank.is_data() => Ok(Filter::Path),
        _ => Err(format!("`| {word}` is not known")),
    });
    let filters = filters.collect::<Result<_, _>>()?;
    Ok(Piece::Blank(blank, filters))
}

//! The head of a template: TOML between two `+++` lines, with the place of each value for error messages.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::job::RenderFailure;

/// A template taken apart.
#[derive(Debug)]
pub(super) struct Split<'a> {
    /// The one-liners: subject, preheader, SMS, then `zalo.…` for each parameter of `[zalo]`.
    pub(super) lines: Vec<OneLiner>,
    /// The Markdown.
    pub(super) body: &'a str,
    /// Lines of the file before the body.
    pub(super) body_after: usize,
}

/// A one-line template and where it starts in its file.
#[derive(Debug)]
pub(super) struct OneLiner {
    /// Its key.
    pub(super) key: String,
    /// Its source.
    pub(super) source: String,
    /// 1-based line of its first character.
    pub(super) line: usize,
    /// 0-based column of its first character.
    pub(super) column: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    subject: Spanned<String>,
    preheader: Spanned<String>,
    sms: Spanned<String>,
    #[serde(default)]
    zalo: BTreeMap<String, Spanned<String>>,
}

const MARK: &str = "+++\n";

/// A template of Zalo has no more parameters than this.
const PARAMETERS: usize = 20;

/// Takes the file `name` apart.
///
/// # Errors
/// [`RenderFailure`] with the place, when there is no head or it cannot be read.
pub(super) fn split<'a>(name: &str, source: &'a str) -> Result<Split<'a>, RenderFailure> {
    let failure = |line, column, message: String| RenderFailure { template: name.to_owned(), line, column, message };
    let rest = source.strip_prefix(MARK).ok_or_else(|| {
        failure(1, 1, "the file must start with a line `+++` and a head with subject, preheader and sms".to_owned())
    })?;
    let end = if rest.starts_with(MARK) { Some(0) } else { rest.find("\n+++\n").map(|at| at + 1) };
    let end = end.ok_or_else(|| failure(1, 1, "the head is not closed by a second line `+++`".to_owned()))?;
    let (head, body) = (rest.get(..end).unwrap_or_default(), rest.get(end + MARK.len()..).unwrap_or_default());
    let values: Head = toml::from_str(head).map_err(|error| {
        let (line, column) = place(head, error.span().map_or(0, |span| span.start));
        failure(line + 1, column + 1, error.message().to_owned())
    })?;
    let line = |key: &str, value: Spanned<String>| {
        let (skipped, line, column) = start(head, value.span().start);
        OneLiner { key: key.to_owned(), source: value.into_inner(), line: line + skipped + 1, column }
    };
    let mut lines = vec![line("subject", values.subject), line("preheader", values.preheader), line("sms", values.sms)];
    let known = values.zalo.len();
    for (parameter, text) in values.zalo {
        let line = line(&format!("{ZALO}{parameter}"), text);
        if !is_parameter(&parameter) || known > PARAMETERS {
            let message = format!("zalo: `{parameter}` is no name of letters, digits and _, or one of too many");
            return Err(failure(line.line, line.column + 1, message));
        }
        lines.push(line);
    }
    Ok(Split { lines, body, body_after: head.matches('\n').count() + 2 })
}

/// What stands before the name of a parameter in [`OneLiner::key`].
pub(super) const ZALO: &str = "zalo.";

fn is_parameter(name: &str) -> bool {
    (1..=40).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Where the text of the value that starts at byte `at` begins: lines skipped behind its quotes, line and column.
fn start(head: &str, at: usize) -> (usize, usize, usize) {
    let (line, column) = place(head, at);
    let value = head.get(at..).unwrap_or_default();
    let long = value.starts_with("'''") || value.starts_with("\"\"\"");
    match value.get(3..4) {
        Some("\n") if long => (1, line, 0),
        _ if long => (0, line, column + 3),
        _ => (0, line, column + 1),
    }
}

/// 1-based line and 0-based column of byte `at`.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_body_know_their_place_in_the_file() {
        let source = "+++\nsubject = \"một\"\npreheader = ''\nsms = '''\nhai\n'''\n[zalo]\nunit = 'ba'\n+++\n\nThân";
        let split = split("x.md", source).unwrap();
        let places: Vec<_> = split.lines.iter().map(|line| (line.key.as_str(), line.line, line.column)).collect();
        assert_eq!(places, [("subject", 2, 11), ("preheader", 3, 13), ("sms", 5, 0), ("zalo.unit", 8, 8)]);
        assert_eq!((split.body, split.body_after), ("\nThân", 9));
    }

    #[test]
    fn a_broken_head_is_refused_with_its_place() {
        for (source, line, part) in [
            ("Thân", 1, "must start"),
            ("+++\nsubject = \"a\"\n", 1, "not closed"),
            ("+++\nsubject = \"a\n+++\n", 2, ""),
            ("+++\nsubject = \"a\"\npreheader = \"\"\nsms = \"\"\nsmss = \"\"\n+++\n", 5, "unknown field"),
            ("+++\nsubject = \"a\"\n+++\n", 2, "missing field"),
            (
                "+++\nsubject = \"a\"\npreheader = \"\"\nsms = \"\"\n[zalo]\n\"a.md\" = \"x\"\n+++\n",
                6,
                "no name of letters",
            ),
        ] {
            let failure = split("x.md", source).unwrap_err();
            assert_eq!(failure.line, line, "{failure:?}");
            assert!(failure.message.contains(part), "{failure:?}");
        }
    }
}

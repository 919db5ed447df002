//! What is wrong with a configuration: where, what, and what to do about it.

use std::fmt;

use serde::Serialize;

use crate::words::Tongue;

/// Something wrong with the configuration or with what it points to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Whether the program refuses to work.
    pub severity: Severity,
    /// Stable name for programs: `unknown_key`.
    pub code: &'static str,
    /// What is wrong, naming the key or the environment variable. Never holds a secret.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// Where it stands; absent when it stands in no file.
    #[serde(rename = "where")]
    pub place: Option<Place>,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The program refuses to work.
    Error,
    /// The program works, probably not as wished.
    Warning,
    /// Something more could be had.
    Hint,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The file as the user named it.
    pub file: String,
    /// 1-based line.
    pub line: u64,
    /// 1-based column, in characters.
    pub column: u64,
}

impl Problem {
    /// A problem for which the program refuses to work, without a place.
    pub fn error(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code, message: message.into(), hint: hint.into(), place: None }
    }

    pub(crate) fn warning(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message, hint) }
    }

    pub(super) fn suggestion(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { severity: Severity::Hint, ..Self::error(code, message, hint) }
    }

    pub(super) fn at(self, place: Option<Place>) -> Self {
        Self { place, ..self }
    }

    /// Whether the program refuses to work because of it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl Place {
    /// The place of the byte `offset` in `text`, the content of `file`.
    pub(super) fn of(file: &str, text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX).saturating_add(1);
        Self {
            file: file.to_owned(),
            line: count(before.matches('\n').count()),
            column: count(before.get(line_start..).unwrap_or_default().chars().filter(|c| *c != '\u{feff}').count()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Hint => "hint",
        })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        write!(f, "{}: {}\n  remedy: {}", self.severity, self.message, self.hint)
    }
}

impl From<crate::catalog::Problem> for Problem {
    /// A problem of a pack, as `check` lists it beside those of the configuration.
    fn from(problem: crate::catalog::Problem) -> Self {
        let place = Place { file: problem.file, line: problem.line, column: problem.column };
        Self::error("pack", problem.message, problem.hint).at(Some(place))
    }
}

impl From<crate::message::TemplateProblem> for Problem {
    /// A problem of a template, as `check` lists it.
    fn from(problem: crate::message::TemplateProblem) -> Self {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let place = Place { file: problem.name, line: count(problem.line), column: count(problem.column) };
        let [message, hint] = [problem.message, problem.hint].map(|said| said.say(Tongue::Vietnamese));
        Self::error("template", message, hint).at(Some(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let text = "a = 1\nfrom = \"Sở TT&TT\" x\n";
        let place = Place::of("config.toml", text, text.find('x').unwrap());
        assert_eq!((place.line, place.column), (2, 19));
    }

    #[test]
    fn a_problem_reads_like_a_compilers_and_serialises_as_programs_expect() {
        let place = Place { file: "config.toml".into(), line: 12, column: 7 };
        let problem = Problem::error("unknown_key", "unknown key `colour`", "remove it").at(Some(place));
        assert_eq!(problem.to_string(), "config.toml:12:7: error: unknown key `colour`\n  remedy: remove it");
        assert_eq!(
            serde_json::to_string(&problem).unwrap(),
            r#"{"severity":"error","code":"unknown_key","message":"unknown key `colour`","hint":"remove it","where":{"file":"config.toml","line":12,"column":7}}"#
        );
        let nowhere = Problem::warning("trial_mode", "a", "b");
        assert!(serde_json::to_string(&nowhere).unwrap().ends_with(r#""where":null}"#));
    }
}

//! Sums that must agree in a row and in a unit: `resolved = resolved_early + resolved_on_time + resolved_late`.
//!
//! They are data: an installation adds the ones that hold in its own reports.

use std::fmt;
use std::str::FromStr;

use crate::catalog::Measure;

/// One such rule. It holds only where all its measures are reported: missing is not zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The measure on the left.
    pub whole: Measure,
    /// How it must compare.
    pub sign: Sign,
    /// The measures whose sum stands on the right; never empty.
    pub parts: Vec<Measure>,
}

/// How a whole must compare with the sum of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// `=`
    Equal,
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
}

impl Sign {
    /// As a rule writes it. The longer ones first: each is looked for in a text.
    const ALL: [(&'static str, Self); 3] = [(">=", Self::AtLeast), ("<=", Self::AtMost), ("=", Self::Equal)];

    const fn word(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::AtLeast => ">=",
            Self::AtMost => "<=",
        }
    }

    /// Whether `whole` stands so to `sum`.
    pub(super) const fn holds(self, whole: u64, sum: u64) -> bool {
        match self {
            Self::Equal => whole == sum,
            Self::AtLeast => whole >= sum,
            Self::AtMost => whole <= sum,
        }
    }
}

impl Identity {
    /// The rules of the reports that provincial one-stop systems write (form 06 of circular 01/2020/TT-VPCP).
    pub fn usual() -> Vec<Self> {
        let rule = |whole: &str, parts: &[&str]| Self {
            whole: Measure::new(whole),
            sign: Sign::Equal,
            parts: parts.iter().map(|part| Measure::new(part)).collect(),
        };
        vec![
            rule("received", &["received_online", "received_offline", "carried_over"]),
            rule("resolved", &["resolved_early", "resolved_on_time", "resolved_late"]),
            rule("pending", &["pending_in_time", "pending_late"]),
        ]
    }

    /// All its measures.
    pub(super) fn measures(&self) -> impl Iterator<Item = &Measure> {
        std::iter::once(&self.whole).chain(&self.parts)
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<&str> = self.parts.iter().map(Measure::as_str).collect();
        write!(f, "{} {} {}", self.whole.as_str(), self.sign.word(), parts.join(" + "))
    }
}

impl FromStr for Identity {
    type Err = String;

    /// Reads `received = received_online + received_offline`. The error says what is wrong.
    fn from_str(text: &str) -> Result<Self, String> {
        let found = Sign::ALL.iter().find_map(|(word, sign)| Some((text.split_once(word)?, *sign)));
        let Some(((whole, parts), sign)) = found else { return Err(format!("{text:?} has no `=`, `>=` or `<=`")) };
        let measure = |name: &str| {
            let name = name.trim();
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let named = !name.is_empty() && name.chars().all(fits);
            if named { Ok(Measure::new(name)) } else { Err(format!("{name:?} is no measure")) }
        };
        let identity =
            Self { whole: measure(whole)?, sign, parts: parts.split('+').map(measure).collect::<Result<_, _>>()? };
        let mut seen = Vec::new();
        for measure in identity.measures() {
            if seen.contains(&measure) {
                return Err(format!("`{}` stands in {text:?} twice", measure.as_str()));
            }
            seen.push(measure);
        }
        Ok(identity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_a_whole_a_sign_and_parts() {
        for text in ["received = received_online + received_offline", "a >= b", "a <= b + c + d"] {
            assert_eq!(text.parse::<Identity>().map(|identity| identity.to_string()).as_deref(), Ok(text));
        }
        for (text, wrong) in [
            ("received", "has no `=`"),
            ("= a", "\"\" is no measure"),
            ("a = b +", "\"\" is no measure"),
            ("a = b c", "\"b c\" is no measure"),
            ("a = b + a", "`a` stands in"),
            ("a == b", "\"= b\" is no measure"),
        ] {
            assert!(text.parse::<Identity>().unwrap_err().contains(wrong), "{text}");
        }
    }
}

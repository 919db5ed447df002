//! What the codes of a dossier's fields mean.

use serde::{Deserialize, Serialize};

/// Codes of a field, each with its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Codes<T>(Vec<(String, T)>);

/// How a dossier was filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Channel {
    /// At the counter.
    Counter,
    /// Online.
    Online,
    /// By post.
    Post,
}

/// How a dossier's fee was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Payment {
    /// On the national portal.
    OnPortal,
    /// On a portal of the province or a ministry.
    OnProvincialPortal,
    /// By transfer, QR code or mobile money beside the portals.
    CashlessOther,
    /// In cash.
    Cash,
    /// Not yet, or not at all.
    UnpaidOrExempt,
    /// Not online; more is not said.
    NotOnline,
}

impl Payment {
    /// Those that a measure counts.
    pub(super) const COUNTED: [Self; 5] =
        [Self::OnPortal, Self::OnProvincialPortal, Self::CashlessOther, Self::Cash, Self::UnpaidOrExempt];

    /// The measure that counts it.
    pub(super) const fn measure(self) -> &'static str {
        match self {
            Self::OnPortal => "paid_on_portal",
            Self::OnProvincialPortal => "paid_on_provincial_portal",
            Self::CashlessOther => "paid_cashless_other",
            Self::Cash => "paid_cash",
            Self::UnpaidOrExempt => "unpaid_or_exempt",
            Self::NotOnline => "",
        }
    }

    /// Whether money came in, so that there must have been a fee.
    pub(super) const fn is_paid(self) -> bool {
        !matches!(self, Self::UnpaidOrExempt | Self::NotOnline)
    }
}

impl<T: Copy + PartialEq> Codes<T> {
    /// These codes.
    ///
    /// # Errors
    /// A code that is given twice, and the codes with its first meaning alone.
    pub fn of(codes: impl IntoIterator<Item = (String, T)>) -> Result<Self, (String, Self)> {
        let (mut known, mut twice): (Vec<(String, T)>, Option<String>) = (Vec::new(), None);
        for (code, meaning) in codes {
            if known.iter().any(|(other, _)| *other == code) {
                twice = Some(code);
            } else {
                known.push((code, meaning));
            }
        }
        match twice {
            Some(code) => Err((code, Self(known))),
            None => Ok(Self(known)),
        }
    }

    /// What `code` means.
    pub(super) fn meaning(&self, code: &str) -> Option<T> {
        self.0.iter().find(|(known, _)| known == code).map(|(_, meaning)| *meaning)
    }

    /// Whether any code means this.
    pub(super) fn knows(&self, meaning: T) -> bool {
        self.0.iter().any(|(_, known)| *known == meaning)
    }

    /// All codes, for people.
    pub(super) fn listed(&self) -> String {
        self.0.iter().map(|(code, _)| format!("`{code}`")).collect::<Vec<_>>().join(", ")
    }
}

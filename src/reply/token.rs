//! What a link says and how it is sealed. Nothing in it is secret; nothing in it can be changed.
//!
//! ```text
//! version 1 | purpose 1 | key id 4 | series 2 | as-of day 2 | last day 2 | recipient 8 | cases 6 each | MAC 16
//! ```
//!
//! Days count from 1 January 2000. The MAC is the first half of HMAC-SHA-256 over everything before it.

use chrono::{NaiveDate, TimeDelta};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::catalog::Recipient;

const VERSION: u8 = 1;
/// The only purpose so far: to answer. A token for anything else is no token here.
const ANSWER: u8 = b'a';
/// Bytes before the cases.
const HEAD: usize = 20;
/// Bytes of the MAC behind them.
pub(super) const MAC: usize = 16;
/// So many cases make a link of some two thousand characters, which mail programs still take.
const MOST_CASES: usize = 240;
/// Characters of the longest link.
pub(super) const LONGEST: usize = (HEAD + MAC + MOST_CASES * 6).div_ceil(3) * 4;

const EPOCH: NaiveDate = NaiveDate::from_ymd_opt(2000, 1, 1).expect("1 January 2000 is a day");

/// A link's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// How often the recipient's links were revoked before it was made.
    pub(super) series: u16,
    /// As-of date of the round that wrote the letter.
    pub(super) as_of: NaiveDate,
    /// The last day on which it can be used.
    pub(super) expires: NaiveDate,
    /// The recipient; see [`mark_of`].
    pub(super) recipient: [u8; 8],
    /// The cases of the letter, by the last bytes of their ids.
    pub(super) cases: Vec<[u8; 6]>,
}

/// A recipient as links name him: office and addresses. Where an address changes, the links sent to the old one end.
pub(super) fn mark_of(recipient: &Recipient) -> [u8; 8] {
    let mut hash = Sha256::new();
    let parts =
        [Some(&recipient.id), recipient.email.as_ref(), recipient.phone.as_ref(), recipient.zalo_user_id.as_ref()];
    for part in parts {
        hash.update(part.map_or("", String::as_str).to_lowercase().as_bytes());
        hash.update([0]);
    }
    first(&hash.finalize())
}

impl Token {
    /// A case as a link names it.
    pub(super) fn case_mark(case: Uuid) -> [u8; 6] {
        first(case.as_bytes().get(10..).unwrap_or_default())
    }

    /// Whether the letter was about `case`.
    pub(super) fn names(&self, case: Uuid) -> bool {
        self.cases.contains(&Self::case_mark(case))
    }

    /// What is sealed, with the id of the key.
    pub(super) fn bytes(&self, key: [u8; 4]) -> Option<Vec<u8>> {
        if self.cases.is_empty() || self.cases.len() > MOST_CASES {
            return None;
        }
        let day = |date: NaiveDate| u16::try_from((date - EPOCH).num_days()).ok().map(u16::to_be_bytes);
        let mut bytes = vec![VERSION, ANSWER];
        bytes.extend_from_slice(&key);
        bytes.extend_from_slice(&self.series.to_be_bytes());
        bytes.extend_from_slice(&day(self.as_of)?);
        bytes.extend_from_slice(&day(self.expires)?);
        bytes.extend_from_slice(&self.recipient);
        bytes.extend(self.cases.iter().flatten());
        Some(bytes)
    }

    /// What was sealed.
    pub(super) fn from_bytes(body: &[u8]) -> Option<Self> {
        let (head, cases) = body.split_at_checked(HEAD)?;
        let [VERSION, ANSWER, _, _, _, _, s1, s2, d1, d2, e1, e2, recipient @ ..] = head else { return None };
        let day = |bytes: [u8; 2]| EPOCH.checked_add_signed(TimeDelta::days(i64::from(u16::from_be_bytes(bytes))));
        let (cases, rest) = cases.as_chunks::<6>();
        if cases.is_empty() || !rest.is_empty() {
            return None;
        }
        Some(Self {
            series: u16::from_be_bytes([*s1, *s2]),
            as_of: day([*d1, *d2])?,
            expires: day([*e1, *e2])?,
            recipient: recipient.try_into().ok()?,
            cases: cases.to_vec(),
        })
    }
}

/// The first bytes of a hash.
pub(super) fn first<const N: usize>(hash: &[u8]) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.iter_mut().zip(hash).for_each(|(byte, from)| *byte = *from);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_is_his_office_and_his_addresses() {
        let recipient = |id: &str, email: &str| Recipient {
            id: id.to_owned(),
            units: Vec::new(),
            title: String::new(),
            person: None,
            email: Some(email.to_owned()),
            phone: None,
            zalo_user_id: None,
        };
        let mark = mark_of(&recipient("07201/head", "ubnd@xa.example"));
        assert_eq!(mark, mark_of(&recipient("07201/head", "UBND@xa.example")));
        assert_ne!(mark, mark_of(&recipient("07204/head", "ubnd@xa.example")));
        assert_ne!(mark, mark_of(&recipient("07201/head", "moi@xa.example")));
    }
}

//! What is wrong with a directory that every file of it would pass: nobody receives, an address that is no office's, one
//! address for several people, numbers that nothing reaches.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::Directory;
use crate::catalog::contact::{Contact, Office};
use crate::catalog::contact_sheet::{is_landline, modern_mobile};
use crate::catalog::matching::fold;
use crate::catalog::unit::{Kind, UnitId};

/// What is wrong with an office of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Issue {
    /// Nobody receives for the unit: its head has no address, or there is none.
    NoRecipient,
    /// Messages to the address came back.
    Bounced,
    /// Several people have the same address.
    SharedAddress,
    /// The address is not under `.gov.vn`.
    NotOfficial,
    /// A mobile number of eleven digits, which ended in 2018.
    LegacyMobile,
    /// A landline where text messages are sent.
    Landline,
    /// The head can be reached by Zalo neither by id nor by a mobile number.
    NoZalo,
    /// The last holder's term ended, and nobody follows.
    TermEnded,
}

impl Issue {
    /// All of them, the gravest first.
    pub const ALL: [Self; 8] = [
        Self::NoRecipient,
        Self::Bounced,
        Self::SharedAddress,
        Self::NotOfficial,
        Self::LegacyMobile,
        Self::Landline,
        Self::NoZalo,
        Self::TermEnded,
    ];

    /// As it stands in addresses of pages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoRecipient => "khong-nguoi-nhan",
            Self::Bounced => "bi-tra-lai",
            Self::SharedAddress => "trung-dia-chi",
            Self::NotOfficial => "ngoai-gov-vn",
            Self::LegacyMobile => "so-11-chu-so",
            Self::Landline => "may-ban",
            Self::NoZalo => "chua-co-zalo",
            Self::TermEnded => "het-nhiem-ky",
        }
    }

    /// The issue that `word` names.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|issue| issue.word() == word)
    }
}

/// What is wrong, office by office.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Issues(HashMap<(UnitId, Office), Vec<Issue>>);

impl Issues {
    /// What is wrong with one office.
    pub fn of(&self, unit: &UnitId, office: Office) -> &[Issue] {
        self.0.get(&(unit.clone(), office)).map(Vec::as_slice).unwrap_or_default()
    }

    /// In how many offices of units that `seen` lets through something is wrong.
    pub fn count(&self, issue: Issue, seen: impl Fn(&UnitId) -> bool) -> usize {
        self.0.iter().filter(|((unit, _), issues)| issues.contains(&issue) && seen(unit)).count()
    }
}

/// What is wrong with `directory` on `day`. `bounced` knows addresses that gave messages back; `texts` says whether text
/// messages are sent.
pub fn issues(directory: &Directory, day: NaiveDate, bounced: &dyn Fn(&str) -> bool, texts: bool) -> Issues {
    let mut found = Issues::default();
    let present: Vec<_> = directory.units.iter().filter(|unit| unit.valid.covers(day)).collect();
    let known: HashSet<&UnitId> = present.iter().map(|unit| &unit.id).collect();
    let held: Vec<&Contact> =
        directory.contacts.iter().filter(|one| one.valid.covers(day) && known.contains(&one.unit)).collect();
    let mut add = |contact: (&UnitId, Office), issue| {
        found.0.entry((contact.0.clone(), contact.1)).or_default().push(issue);
    };
    let reached: HashSet<&UnitId> =
        held.iter().filter(|one| one.office == Office::Head && has_address(one)).map(|one| &one.unit).collect();
    for unit in present.iter().filter(|unit| unit.kind != Kind::Province && !reached.contains(&unit.id)) {
        add((&unit.id, Office::Head), Issue::NoRecipient);
    }
    let shared = shared(&held);
    for contact in &held {
        let place = (&contact.unit, contact.office);
        for issue in of_contact(contact, bounced, texts) {
            add(place, issue);
        }
        if contact.email.as_deref().is_some_and(|email| shared.contains(&email.to_lowercase())) {
            add(place, Issue::SharedAddress);
        }
    }
    let open: HashSet<(&UnitId, Office)> = directory
        .contacts
        .iter()
        .filter(|one| one.valid.to.is_none_or(|to| to >= day))
        .map(|one| (&one.unit, one.office))
        .collect();
    let ended: HashSet<(&UnitId, Office)> =
        directory.contacts.iter().map(|one| (&one.unit, one.office)).filter(|place| !open.contains(place)).collect();
    for place in ended.into_iter().filter(|(unit, _)| known.contains(unit)) {
        add(place, Issue::TermEnded);
    }
    for issues in found.0.values_mut() {
        issues.sort_unstable();
        issues.dedup();
    }
    found
}

const fn has_address(contact: &Contact) -> bool {
    contact.email.is_some() || contact.phone.is_some() || contact.zalo_user_id.is_some()
}

fn of_contact(contact: &Contact, bounced: &dyn Fn(&str) -> bool, texts: bool) -> Vec<Issue> {
    let addresses = [&contact.email, &contact.phone, &contact.zalo_user_id];
    let came_back = addresses.into_iter().flatten().any(|address| bounced(address));
    let foreign = contact.email.as_deref().is_some_and(|email| !is_official(email));
    let legacy = contact.phone.as_deref().is_some_and(|phone| modern_mobile(phone).is_some());
    let landline = contact.phone.as_deref().is_some_and(is_landline);
    let is_head = contact.office == Office::Head;
    let mobile = contact.phone.is_some() && !landline && !legacy;
    [
        (came_back, Issue::Bounced),
        (foreign, Issue::NotOfficial),
        (legacy, Issue::LegacyMobile),
        (landline && texts && is_head, Issue::Landline),
        (is_head && has_address(contact) && contact.zalo_user_id.is_none() && !mobile, Issue::NoZalo),
    ]
    .into_iter()
    .filter(|(holds, _)| *holds)
    .map(|(_, issue)| issue)
    .collect()
}

/// Whether an address is one of the state's.
fn is_official(email: &str) -> bool {
    let domain = email.rsplit('@').next().unwrap_or_default().to_lowercase();
    domain == "gov.vn" || domain.ends_with(".gov.vn")
}

/// Addresses, in small letters, that people have who are not the same person.
fn shared(held: &[&Contact]) -> HashSet<String> {
    let mut people: HashMap<String, HashSet<String>> = HashMap::new();
    for contact in held {
        if let Some(email) = &contact.email {
            // Of an office without a name only the office can be compared.
            let who = contact.person.as_ref().unwrap_or(&contact.title);
            people.entry(email.to_lowercase()).or_default().insert(fold(who));
        }
    }
    people.into_iter().filter(|(_, who)| who.len() > 1).map(|(email, _)| email).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::unit::{Unit, Validity};

    fn unit(id: &str) -> Unit {
        let (name, valid) = (format!("Xã {id}"), Validity::default());
        Unit { id: UnitId::new(id), code: id.into(), name, kind: Kind::Commune, parent: None, aliases: vec![], valid }
    }

    fn head(id: &str, email: &str, phone: &str) -> Contact {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Contact {
            unit: UnitId::new(id),
            office: Office::Head,
            person: None,
            title: format!("Chủ tịch UBND xã {id}"),
            email: some(email),
            phone: some(phone),
            zalo_user_id: None,
            valid: Validity::default(),
        }
    }

    #[test]
    fn everything_that_keeps_a_message_from_its_reader_is_found() {
        let mut ended = head("g", "g@xa.gov.vn", "0900 000 007");
        ended.valid.to = "2025-06-30".parse().ok();
        let directory = Directory {
            units: ["a", "b", "c", "d", "e", "f", "g"].map(unit).to_vec(),
            contacts: vec![
                head("a", "a@xa.gov.vn", "0900 000 001"),
                head("b", "b@gmail.example", "0204 000 0123"),
                head("c", "chung@xa.gov.vn", "01680000123"),
                head("d", "Chung@xa.gov.vn", "0900 000 004"),
                head("e", "", ""),
                ended,
            ],
            successions: Vec::new(),
        };
        let day = "2025-07-10".parse().unwrap();
        let found = issues(&directory, day, &|address| address == "a@xa.gov.vn", true);
        let of = |id: &str| found.of(&UnitId::new(id), Office::Head).to_vec();
        assert_eq!(of("a"), [Issue::Bounced]);
        assert_eq!(of("b"), [Issue::NotOfficial, Issue::Landline, Issue::NoZalo]);
        assert_eq!(of("c"), [Issue::SharedAddress, Issue::LegacyMobile, Issue::NoZalo]);
        assert_eq!(of("d"), [Issue::SharedAddress]);
        assert_eq!((of("e"), of("f")), (vec![Issue::NoRecipient], vec![Issue::NoRecipient]));
        assert_eq!(of("g"), [Issue::NoRecipient, Issue::TermEnded]);
        assert_eq!(found.count(Issue::NoRecipient, |_| true), 3);
        assert_eq!(found.count(Issue::NoRecipient, |unit| unit.as_str() == "e"), 1);
        let without_texts = issues(&directory, day, &|_| false, false);
        assert_eq!(without_texts.count(Issue::Landline, |_| true), 0, "a landline is no trouble where nobody texts");
    }
}

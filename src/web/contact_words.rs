//! How the directory is told to clerks: offices, terms, problems, mergers; and addresses as much as a visitor may see.

use std::collections::HashSet;

use super::catalogue::Tongue;
use super::words;
use crate::catalog::contact_sheet::{Field, Inside, is_landline, modern_mobile};
use crate::catalog::directory::{Directory, DirectoryError, Issue};
use crate::catalog::{
    Contact, Office, Seat, Succession, SuccessionKind, Unit, UnitId, Validity, fold, mask_email, mask_phone,
};
use crate::source::NoSheet;

/// The office as clerks call it; of several deputies with its number.
pub(super) fn office_name(t: Tongue, office: Office) -> String {
    match office {
        Office::Head => t.say("contacts.head").to_owned(),
        Office::Deputy(Seat::FIRST) => t.say("contacts.deputy").to_owned(),
        Office::Deputy(seat) => t.with("contacts.deputy_number", seat.number()),
        Office::FocalPoint => t.say("contacts.focal_point").to_owned(),
        Office::Bureau => t.say("contacts.bureau").to_owned(),
    }
}

/// What a column or a field of a form holds.
pub(super) fn field_name(t: Tongue, field: Field) -> &'static str {
    t.say(match field {
        Field::UnitCode => "contacts.field_unit_code",
        Field::UnitName => "contacts.field_unit_name",
        Field::Office => "contacts.field_office",
        Field::Title => "contacts.field_title",
        Field::Person => "contacts.field_person",
        Field::Email => "contacts.field_email",
        Field::Phone => "contacts.field_phone",
        Field::Zalo => "contacts.field_zalo",
        Field::From => "contacts.field_from",
        Field::To => "contacts.field_to",
    })
}

/// A problem in a few words, and what to do about it.
pub(super) fn issue_words(t: Tongue, issue: Issue) -> (&'static str, &'static str) {
    let (what, remedy) = match issue {
        Issue::NoRecipient => ("contacts.no_recipient", "contacts.no_recipient_remedy"),
        Issue::Bounced => ("contacts.bounced", "contacts.bounced_remedy"),
        Issue::SharedAddress => ("contacts.shared", "contacts.shared_remedy"),
        Issue::NotOfficial => ("contacts.not_official", "contacts.not_official_remedy"),
        Issue::LegacyMobile => ("contacts.legacy_mobile", "contacts.legacy_mobile_remedy"),
        Issue::Landline => ("contacts.landline", "contacts.landline_remedy"),
        Issue::NoZalo => ("contacts.no_zalo", "contacts.no_zalo_remedy"),
        Issue::TermEnded => ("contacts.term_ended", "contacts.term_ended_remedy"),
    };
    (t.say(what), t.say(remedy))
}

/// `from 01/07/2025`, of the whole term: rows of the same person that follow each other are one.
pub(super) fn term(t: Tongue, directory: &Directory, contact: &Contact) -> String {
    let mut from = contact.valid.from;
    let history = directory.history(&contact.unit, contact.office);
    for row in history.iter().rev() {
        let follows = from.is_some() && row.valid.to == from.and_then(|from| from.pred_opt());
        if follows && same_person(row, contact) {
            from = row.valid.from;
        }
    }
    span(t, Validity { from, to: contact.valid.to })
}

fn same_person(one: &Contact, other: &Contact) -> bool {
    let name = |contact: &Contact| contact.person.as_deref().map(fold);
    name(one) == name(other)
}

/// From when to when, in words; empty where nothing bounds it.
pub(super) fn span(t: Tongue, valid: Validity) -> String {
    let day = |date: chrono::NaiveDate| words::local_date(&date.to_string());
    match (valid.from, valid.to) {
        (None, None) => String::new(),
        (Some(from), None) => t.with("contacts.since", day(from)),
        (None, Some(to)) => t.with("contacts.until", day(to)),
        (Some(from), Some(to)) => format!("{} – {}", day(from), day(to)),
    }
}

/// The address, whole or as much as everybody sees.
pub(super) fn email(contact: &Contact, whole: bool) -> Option<String> {
    contact.email.as_deref().map(|email| if whole { email.to_owned() } else { mask_email(email) })
}

/// The number, whole or as much as everybody sees.
pub(super) fn phone(contact: &Contact, whole: bool) -> Option<String> {
    contact.phone.as_deref().map(|phone| if whole { phone.to_owned() } else { mask_phone(phone) })
}

/// By which ways he could be reached.
pub(super) fn ways(t: Tongue, contact: &Contact) -> String {
    let mobile = contact.phone.as_deref().is_some_and(|phone| !is_landline(phone) && modern_mobile(phone).is_none());
    let ways = [
        (contact.email.is_some(), t.say("contacts.by_mail")),
        (mobile || contact.zalo_user_id.is_some(), "Zalo"),
        (mobile, "SMS"),
    ];
    ways.into_iter().filter(|(there, _)| *there).map(|(_, way)| way).collect::<Vec<_>>().join(" · ")
}

/// What is recorded of mergers, splits and new names of units that are `inside`, newest first.
pub(super) fn successions(t: Tongue, directory: &Directory, inside: Inside<'_>, at_most: usize) -> Vec<String> {
    let known: HashSet<&UnitId> = directory.units.iter().filter(|unit| inside(unit)).map(|unit| &unit.id).collect();
    let concerns = |one: &&Succession| known.contains(&one.successor) || known.contains(&one.predecessor);
    let mut own: Vec<&Succession> = directory.successions.iter().filter(concerns).collect();
    own.sort_by_key(|one| std::cmp::Reverse(one.date));
    own.into_iter().take(at_most).map(|one| succession(t, directory, one)).collect()
}

/// Which unit became which, on what day.
pub(super) fn succession(t: Tongue, directory: &Directory, one: &Succession) -> String {
    let named = |id: &UnitId, unit: Option<&Unit>| {
        unit.map_or_else(|| id.to_string(), |unit| format!("{} ({})", unit.name, unit.code))
    };
    let before = one.date.pred_opt().unwrap_or(one.date);
    let on = |id: &UnitId, day| directory.units.iter().find(|unit| unit.id == *id && unit.valid.covers(day));
    let (old, new) = (on(&one.predecessor, before), on(&one.successor, one.date));
    let key = match one.kind {
        SuccessionKind::Merge => "reform.merged",
        SuccessionKind::Split => "reform.was_split",
        SuccessionKind::Rename => "reform.renamed",
        SuccessionKind::Reclassify => "reform.reclassified",
    };
    let day = words::local_date(&one.date.to_string());
    t.with3(key, named(&one.predecessor, old), named(&one.successor, new), day)
}

/// Why a file gives no sheet, and what to do.
pub(super) fn no_sheet(t: Tongue, error: &NoSheet) -> &'static str {
    let NoSheet::Unreadable { reason, .. } = error else {
        return t.say(if matches!(error, NoSheet::TooMuch) { "sheet.too_much" } else { "sheet.not_now" });
    };
    let known = [
        ("protected by a password", "sheet.password"),
        ("is a PDF", "sheet.pdf"),
        ("Word document", "sheet.word"),
        ("binary workbook", "sheet.xlsb"),
        ("damaged or was cut off", "sheet.damaged"),
        ("inflates to more", "sheet.inflates"),
        ("reaches beyond", "sheet.beyond"),
        ("more than", "sheet.too_many"),
        ("larger than", "sheet.too_large"),
        ("is empty", "sheet.empty"),
        ("holds anything", "sheet.no_rows"),
        ("zip archive", "sheet.zip"),
        ("XML spreadsheet", "sheet.xml"),
        ("no workbook", "sheet.no_book"),
    ];
    let said = known.iter().find(|(part, _)| reason.contains(part)).map(|(_, key)| *key);
    t.say(said.unwrap_or("sheet.unreadable"))
}

/// Why an office was not changed, for people; a failure of the database is not for them.
pub(super) fn not_changed(t: Tongue, error: &DirectoryError) -> Option<&'static str> {
    match error {
        DirectoryError::Db(_) => None,
        DirectoryError::Changed(_) => Some(t.say("contacts.changed_meanwhile")),
        _ => Some(t.say("contacts.overlaps")),
    }
}

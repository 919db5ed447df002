//! Reads `contacts.csv`.

use super::codes::Codes;
use super::contact::{Contact, Office};
use super::finding::overlaps;
use super::pack::Problem;
use super::read_table::{Cells, Table};
use super::read_text::{is_email, is_phone};
use super::unit::{UnitId, Validity};

/// Columns of `contacts.csv`.
pub(super) const CONTACT_COLUMNS: [&str; 9] =
    ["unit_code", "office", "person", "title", "email", "phone", "zalo_user_id", "valid_from", "valid_to"];

/// The rows of `contacts.csv`; `codes` is absent when units.csv could not be read.
pub(super) fn read_contacts(file: &str, text: &str, codes: Option<&Codes<'_>>) -> (Vec<Contact>, Vec<Problem>) {
    let mut table = Table::read(file, text, &CONTACT_COLUMNS, &[]);
    let (mut contacts, mut read) = (Vec::with_capacity(table.len()), Vec::with_capacity(table.len()));
    for row in 0..table.len() {
        if let Some((contact, valid)) = table.row(row).and_then(|cells| read_contact(cells, codes)) {
            contacts.push(contact);
            read.push((row, valid));
        }
    }
    let held = contacts.iter().zip(&read).map(|(contact, (_, valid))| ((&contact.unit, contact.office), *valid));
    for found in overlaps(held) {
        let (Some(contact), Some((row, _)), Some((other, _))) =
            (contacts.get(found.later), read.get(found.later), read.get(found.earlier))
        else {
            continue;
        };
        let message = format!(
            "two rows of {} of unit `{}` hold on the same day (the other is line {})",
            contact.office.word(),
            contact.unit,
            table.line(*other)
        );
        table.wrong(*row, "valid_from", message, "let the earlier row end the day before the later one begins");
    }
    (contacts, table.into_problems())
}

fn read_contact(mut cells: Cells<'_, '_>, codes: Option<&Codes<'_>>) -> Option<(Contact, Option<Validity>)> {
    if !cells.is_whole() {
        return None;
    }
    let valid = cells.validity();
    let unit = unit(&mut cells, valid, codes);
    let office = cells.word("office", &Office::ALL.map(|office| (office.word(), office)));
    let contact = Contact {
        unit,
        office: office.unwrap_or(Office::Head),
        person: cells.optional("person"),
        title: cells.required("title"),
        email: email(&mut cells),
        phone: phone(&mut cells),
        zalo_user_id: zalo_user_id(&mut cells),
        valid: valid.unwrap_or_default(),
    };
    Some((contact, valid.filter(|_| office.is_some())))
}

fn unit(cells: &mut Cells<'_, '_>, valid: Option<Validity>, codes: Option<&Codes<'_>>) -> UnitId {
    let code = cells.required("unit_code");
    let (Some(codes), Some(valid), false) = (codes, valid, code.is_empty()) else {
        return UnitId::new(&code);
    };
    match codes.resolve(&code, valid) {
        Ok(unit) => unit.clone(),
        Err(unresolved) => {
            let (message, hint) = unresolved.explain("unit_code", &code);
            cells.wrong("unit_code", message, hint);
            cells.call_last("reference");
            UnitId::new(&code)
        }
    }
}

fn email(cells: &mut Cells<'_, '_>) -> Option<String> {
    let address = cells.optional("email")?;
    if !is_email(&address) {
        let hint = "write one plain address such as vanphong@tinh.example: letters, digits and . _ + - before the @";
        cells.wrong("email", format!("`{address}` is not an e-mail address"), hint);
    }
    Some(address)
}

fn phone(cells: &mut Cells<'_, '_>) -> Option<String> {
    let number = cells.optional("phone")?;
    if !is_phone(&number) {
        let hint = if number.starts_with(['3', '5', '7', '8', '9', '2']) && is_phone(&format!("0{number}")) {
            "the leading 0 is gone: spreadsheets drop it from cells that are not text"
        } else {
            "write 9 to 11 digits from 0 or +84 on, with blanks or points between if you like"
        };
        cells.wrong("phone", format!("`{number}` is not a phone number"), hint);
    }
    Some(number)
}

fn zalo_user_id(cells: &mut Cells<'_, '_>) -> Option<String> {
    let id = cells.optional("zalo_user_id")?;
    if !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        cells.wrong("zalo_user_id", format!("`{id}` is not a Zalo user id"), "write the id's digits only");
    }
    Some(id)
}

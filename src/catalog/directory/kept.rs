//! Sheets, layouts and edits as they are stored: JSON, emptied after a day.

use serde::{Deserialize, Serialize};

use super::edit::OfficeEdit;
use crate::catalog::contact::{Contact, Office};
use crate::catalog::contact_sheet::{Field, Layout};
use crate::catalog::store::impossible;
use crate::catalog::unit::{UnitId, Validity};
use crate::db::DbError;

pub(super) fn as_json(value: &impl Serialize) -> Result<String, DbError> {
    serde_json::to_string(value).map_err(|error| impossible("contact_import", "sheet", &error.to_string()))
}

pub(super) fn from_json<T: for<'t> Deserialize<'t>>(column: &'static str, text: &str) -> Result<T, DbError> {
    // What stands there holds addresses, and is not repeated.
    serde_json::from_str(text).map_err(|_| impossible("contact_import", column, "…"))
}

/// A layout as it is stored.
#[derive(Serialize, Deserialize)]
pub(super) struct KeptLayout {
    header_row: u32,
    headings: Vec<(u32, String)>,
    fields: Vec<(u32, String)>,
}

impl KeptLayout {
    pub(super) fn of(layout: &Layout) -> Self {
        Self {
            header_row: layout.header_row,
            headings: layout.headings.clone().into_iter().collect(),
            fields: layout.fields.iter().map(|(column, field)| (*column, field.word().to_owned())).collect(),
        }
    }
}

impl From<KeptLayout> for Layout {
    fn from(kept: KeptLayout) -> Self {
        let field = |(column, word): (u32, String)| Some((column, Field::of(&word)?));
        Self {
            header_row: kept.header_row,
            headings: kept.headings.into_iter().collect(),
            fields: kept.fields.into_iter().filter_map(field).collect(),
        }
    }
}

/// An edit as it is stored.
#[derive(Serialize, Deserialize)]
pub(in crate::catalog) struct KeptEdit {
    unit: String,
    office: String,
    before: Vec<KeptContact>,
    after: Vec<KeptContact>,
}

#[derive(Serialize, Deserialize)]
struct KeptContact {
    person: Option<String>,
    title: String,
    email: Option<String>,
    phone: Option<String>,
    zalo_user_id: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

impl KeptEdit {
    pub(in crate::catalog) fn of(edit: &OfficeEdit) -> Self {
        let kept = |contact: &Contact| KeptContact {
            person: contact.person.clone(),
            title: contact.title.clone(),
            email: contact.email.clone(),
            phone: contact.phone.clone(),
            zalo_user_id: contact.zalo_user_id.clone(),
            from: contact.valid.from.map(|day| day.to_string()),
            to: contact.valid.to.map(|day| day.to_string()),
        };
        Self {
            unit: edit.unit.to_string(),
            office: edit.office.word().to_owned(),
            before: edit.before.iter().map(kept).collect(),
            after: edit.after.iter().map(kept).collect(),
        }
    }
}

impl TryFrom<KeptEdit> for OfficeEdit {
    type Error = DbError;

    fn try_from(kept: KeptEdit) -> Result<Self, DbError> {
        let office =
            Office::from_word(&kept.office).ok_or_else(|| impossible("contact_import", "edits", &kept.office))?;
        let unit = UnitId::new(&kept.unit);
        let day = |text: Option<String>| text.and_then(|text| text.parse().ok());
        let contact = |kept: KeptContact| Contact {
            unit: unit.clone(),
            office,
            person: kept.person,
            title: kept.title,
            email: kept.email,
            phone: kept.phone,
            zalo_user_id: kept.zalo_user_id,
            valid: Validity { from: day(kept.from), to: day(kept.to) },
        };
        let before = kept.before.into_iter().map(contact).collect();
        let after = kept.after.into_iter().map(contact).collect();
        Ok(Self { unit: unit.clone(), office, before, after })
    }
}

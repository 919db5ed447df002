//! Who holds an office, and by which ways he is reached; the addresses themselves stay inside.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::catalog::{Contact, mask_email, mask_phone};

/// Who holds an office over a time. Addresses are masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContactLine {
    /// Official code of the unit.
    pub unit_code: String,
    /// Its name.
    pub unit: String,
    /// `head`, `deputy`, `deputy_2` to `deputy_9`, `focal_point` or `bureau`.
    pub office: &'static str,
    /// The person's name, when the catalog gives one.
    pub person: Option<String>,
    /// How the office is written.
    pub title: String,
    /// Masked: `a***@xa.example`.
    pub email: Option<String>,
    /// Masked: `0900***123`.
    pub phone: Option<String>,
    /// Whether a Zalo user is known.
    pub zalo: bool,
    /// First day; null: since always.
    #[schema(format = Date)]
    pub valid_from: Option<String>,
    /// Last day; null: until further notice.
    #[schema(format = Date)]
    pub valid_to: Option<String>,
}

impl ContactLine {
    /// Of a contact of the unit with this code and name.
    pub fn of(contact: &Contact, (code, name): (&str, &str)) -> Self {
        let day = |date: Option<NaiveDate>| date.map(|date| date.to_string());
        Self {
            unit_code: code.to_owned(),
            unit: name.to_owned(),
            office: contact.office.word(),
            person: contact.person.clone(),
            title: contact.title.clone(),
            email: contact.email.as_deref().map(mask_email),
            phone: contact.phone.as_deref().map(mask_phone),
            zalo: contact.zalo_user_id.is_some(),
            valid_from: day(contact.valid.from),
            valid_to: day(contact.valid.to),
        }
    }
}

//! What a template can name: the fields of the words that a message is made of, with those that are derived.

use tera::Value;

use super::context::{Context, UnitContext};
use super::job::Words;

impl Words {
    pub(super) fn fields(&self) -> tera::TeraResult<tera::Context> {
        match self {
            Self::Reminder(context) => fields(context),
            Self::Digest(context) => tera::Context::from_serialize(context),
            Self::Note(context) => tera::Context::from_serialize(context),
            Self::Correction(context) => tera::Context::from_serialize(context),
        }
    }

    /// The names at the root of [`fields`](Self::fields).
    pub(super) fn roots(&self) -> Vec<String> {
        let (value, derived) = match self {
            Self::Reminder(context) => (serde_json::to_value(context), DERIVED.as_slice()),
            Self::Digest(context) => (serde_json::to_value(context), [].as_slice()),
            Self::Note(context) => (serde_json::to_value(context), [].as_slice()),
            Self::Correction(context) => (serde_json::to_value(context), [].as_slice()),
        };
        let own = value.ok().and_then(|value| Some(value.as_object()?.keys().cloned().collect::<Vec<_>>()));
        own.unwrap_or_default().into_iter().chain(derived.iter().map(|name| (*name).to_owned())).collect()
    }

    pub(super) fn sender(&self) -> &str {
        match self {
            Self::Reminder(context) => &context.sender.name,
            Self::Digest(context) => &context.sender.name,
            Self::Note(context) => &context.sender.name,
            Self::Correction(context) => &context.sender.name,
        }
    }

    pub(super) fn link(&self) -> Option<&str> {
        match self {
            Self::Reminder(context) => context.link.as_deref(),
            Self::Digest(_) | Self::Note(_) | Self::Correction(_) => None,
        }
    }

    pub(super) fn figures(&self) -> &str {
        match self {
            Self::Reminder(context) => &context.figures,
            Self::Digest(context) => &context.figures,
            Self::Correction(context) => &context.figures,
            Self::Note(_) => "",
        }
    }
}

/// What [`fields`] adds to a reminder.
const DERIVED: [&str; 6] = ["indicator_count", "indicators", "largest", "unit", "sms_units", "sms_left_out"];

/// All fields of a reminder, with those that are derived.
fn fields(context: &Context) -> tera::TeraResult<tera::Context> {
    let mut filled = tera::Context::from_serialize(context)?;
    let units = filled.get("units").and_then(|units| units.as_array()).unwrap_or_default().to_vec();
    let of_all = units.iter().filter_map(|unit| unit.get_from_path("indicators")?.as_array());
    let indicators: Vec<Value> = of_all.flatten().cloned().collect();
    filled.insert("indicator_count", &indicators.len());
    filled.insert_value("indicators", Value::from(indicators));
    filled.insert("largest", &context.by_shortfall());
    if let Some(first) = units.first() {
        filled.insert_value("unit", first.clone());
    }
    filled.insert_value("sms_units", Value::from(units));
    filled.insert("sms_left_out", &0);
    Ok(filled)
}

/// Leaves only `units` for the SMS line.
pub(super) fn place_sms(filled: &mut tera::Context, units: &[UnitContext], left_out: usize) {
    filled.insert("sms_units", units);
    filled.insert("sms_left_out", &left_out);
}

//! What heads answered, and addresses that give messages back.

use serde::Serialize;
use utoipa::ToSchema;

use super::time;
use crate::catalog::{Pack, UnitId, mask_email, mask_phone};
use crate::reply::{Answered, Bounced, Task};

/// An answer of a head, or an address that gives messages back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AnswerLine {
    /// What it is closed by.
    pub id: String,
    /// When it was given, or the first message came back.
    #[schema(format = DateTime)]
    pub answered_at: String,
    /// The office that it was written to: `07201/head`.
    pub recipient: String,
    /// As-of date of the letter that was answered.
    #[schema(format = Date)]
    pub as_of: Option<String>,
    /// Units and indicators.
    pub about: Vec<AnswerAbout>,
    /// `received`, `promised`, `disputed`, `not_mine`, or `bounced`: no answer, but an address that gives messages back.
    pub answer: &'static str,
    /// The promised day.
    #[schema(format = Date)]
    pub by: Option<String>,
    /// Of a dispute: the last day on which nobody is reminded.
    #[schema(format = Date)]
    pub until: Option<String>,
    /// Of a bounced address: its channel.
    pub channel: Option<String>,
    /// Of a bounced address: itself, masked.
    pub address: Option<String>,
    /// The cause, in the head's words; what the mail system said.
    pub cause: String,
    /// Whether no later answer took its place.
    pub current: bool,
    /// What it asks of staff; null: nothing.
    pub task: Option<AnswerTask>,
}

/// What an answer is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AnswerAbout {
    /// Official code that the unit had last.
    pub unit_code: String,
    /// Name that it had last.
    pub unit: String,
    /// The indicator; of a bounced address none.
    pub indicator: Option<String>,
}

/// What an answer asks of staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AnswerTask {
    /// `open` or `closed`.
    pub state: &'static str,
    /// When the administrators were told.
    #[schema(format = DateTime)]
    pub told_at: Option<String>,
    /// How it ended.
    pub closed: Option<AnswerClosed>,
}

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AnswerClosed {
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// By whom.
    pub by: String,
    /// What was found, or done.
    pub note: String,
}

impl From<&Task> for AnswerTask {
    fn from(task: &Task) -> Self {
        let closed = task.closing.as_ref().map(|closing| AnswerClosed {
            at: time(closing.at),
            by: closing.by.clone(),
            note: closing.note.clone(),
        });
        let state = if closed.is_some() { "closed" } else { "open" };
        Self { state, told_at: task.told_at.map(time), closed }
    }
}

impl AnswerLine {
    /// An answer; `pack` knows what units are called.
    pub fn answered(one: &Answered, pack: &Pack) -> Self {
        let about = one.about.iter().map(|(unit, indicator)| {
            let (unit_code, unit) = last_name(pack, unit);
            AnswerAbout { unit_code, unit, indicator: Some(indicator.to_string()) }
        });
        Self {
            id: one.answer.id.to_string(),
            answered_at: time(one.answer.at),
            recipient: one.recipient_id.clone(),
            as_of: Some(one.as_of.to_string()),
            about: about.collect(),
            answer: one.answer.kind.word(),
            by: one.answer.by.map(|date| date.to_string()),
            until: one.answer.until.map(|date| date.to_string()),
            channel: None,
            address: None,
            cause: one.answer.cause.clone(),
            current: one.current,
            task: one.task.as_ref().map(AnswerTask::from),
        }
    }

    /// An address that gives messages back.
    pub fn bounced(one: &Bounced, pack: &Pack) -> Self {
        let known = pack.units.iter().rev().find(|unit| unit.code == one.unit_code);
        let unit = known.map(|unit| unit.name.clone()).unwrap_or_default();
        let masked = if one.address.contains('@') { mask_email(&one.address) } else { mask_phone(&one.address) };
        Self {
            id: one.id.clone(),
            answered_at: time(one.opened_at),
            recipient: one.recipient_id.clone(),
            as_of: None,
            about: vec![AnswerAbout { unit_code: one.unit_code.clone(), unit, indicator: None }],
            answer: "bounced",
            by: None,
            until: None,
            channel: Some(one.channel.clone()),
            address: Some(masked),
            cause: one.detail.clone(),
            current: true,
            task: Some((&one.task).into()),
        }
    }
}

/// Code and name that the unit had last.
pub fn last_name(pack: &Pack, id: &UnitId) -> (String, String) {
    let latest = pack.units.iter().rev().find(|unit| unit.id == *id);
    latest.map_or_else(|| (id.to_string(), String::new()), |unit| (unit.code.clone(), unit.name.clone()))
}

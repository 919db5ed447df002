//! Roll-ups as they would be now, for those who write their templates. Stores and sends nothing.

use chrono::{DateTime, NaiveDate, Utc};

use super::super::{PassError, Settings};
use super::day::Day;
use super::{Audience, RollUpDay, note, words};
use crate::catalog;
use crate::clock::local_date;
use crate::db::Db;
use crate::message::RollUp;

/// Who reads a sheet or a note that is only looked at, where the configuration names nobody yet.
const NOBODY: &str = "nobody@dondoc.invalid";

/// A roll-up before it has words.
#[derive(Debug, Clone)]
pub struct Sketch {
    /// Code of the unit that its reader heads; empty for the leaders' sheet and the admins' note.
    pub unit_code: String,
    /// Name of that unit.
    pub unit_name: String,
    /// Last day of its figures; of a note the day that it is of.
    pub until: NaiveDate,
    /// What it says.
    pub roll_up: RollUp,
}

/// What readers of `audience` would be told of the newest round, one of each: leaders and admins all read the same. Superiors
/// none of whose units is below are among them. Nothing before the first round, or when there is nothing to say.
///
/// # Errors
/// [`PassError`].
pub async fn sketches(
    db: &Db,
    settings: &Settings,
    audience: Audience,
    now: DateTime<Utc>,
) -> Result<Vec<Sketch>, PassError> {
    let (pack, today) = (catalog::load(db).await?, local_date(now));
    let mut settings = settings.clone();
    settings.digest.when_all_met = true;
    settings.digest.leaders = vec![NOBODY.to_owned()];
    settings.admins.truncate(1);
    if settings.admins.is_empty() {
        settings.admins.push(NOBODY.to_owned());
    }
    let (until, letters) = if audience == Audience::Admins {
        (today, note::letters((db, &settings), &pack, today, now).await?)
    } else {
        let day = match Day::load((db, &settings), &pack, RollUpDay::Newest, today).await {
            Ok(day) => day,
            Err(PassError::NoRound(_)) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let is_sheet = audience == Audience::Leaders;
        let letters = if is_sheet { words::leaders(&day, &settings) } else { words::superiors(&day, &settings) };
        (day.until, letters)
    };
    let sketch = letters.into_iter().map(|letter| Sketch {
        unit_code: letter.unit_code,
        unit_name: letter.unit_name,
        until,
        roll_up: letter.roll_up,
    });
    Ok(sketch.collect())
}

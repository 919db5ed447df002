//! `dondoc preview`: the message one unit's head would get, written from the real figures.

use super::arguments::{Part, PreviewOptions};
use super::exit::{Code, Failure};
use super::output;
use crate::app::{App, AppError, today};
use crate::message::{Length, format};
use crate::pass;

pub(super) async fn preview(app: App, asked: PreviewOptions) -> Result<Code, Failure> {
    let now = app.clock.now();
    let as_of = asked.as_of.unwrap_or_else(|| today(now));
    let parts = app.parts().await?;
    let composed = pass::preview(&app.pass(&parts, true), &asked.unit, as_of, now).await.map_err(AppError::from)?;
    drop(parts);
    let charge = composed
        .as_ref()
        .and_then(|composed| app.config.channels.iter().find_map(|channel| channel.charge(&composed.message)));
    app.close().await;
    let Some(composed) = composed else {
        output::note(format!(
            "no message: unit `{}` is unknown, has no recipient, or is below no target as of {as_of}\n  remedy: `dondoc run --dry-run --units --as-of {as_of}` tells which",
            asked.unit
        ));
        return Ok(Code::Done);
    };
    if let Some(alarm) = &composed.alarm {
        output::note(format!("warning: {alarm}"));
    }
    let message = composed.message;
    match asked.part {
        Part::Text => output::line(format!("{}\n\n{}", message.subject, message.text))?,
        Part::Html => output::line(&message.html)?,
        Part::Sms => {
            output::line(&message.sms)?;
            output::note(charged(&message.sms, charge));
        }
        Part::Zalo => output::line(super::outbox::zalo_parameters(&message))?,
        Part::Json => output::json(&serde_json::json!(message))?,
    }
    Ok(Code::Done)
}

/// `2 segments, 1.580 đồng`: as the channel for phones sends it, or else without diacritics.
fn charged(line: &str, charge: Option<(Length, Option<u64>)>) -> String {
    let (length, price) = charge.unwrap_or_else(|| (Length::of(line), None));
    let price = price.map_or_else(String::new, |price| format!(", {} đồng", format::count(price)));
    let letters = if length.unicode { "with" } else { "without" };
    format!("{} segment(s) {letters} diacritics, {} characters{price}", length.segments, length.units)
}

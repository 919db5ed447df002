//! What `dondoc approve` shows before it asks: the batch beside the one before.

use serde_json::{Value, json};

use super::exit::Failure;
use super::output::{self, Format, Table};
use crate::api::batch;
use crate::app::{App, today};
use crate::catalog::{self, Catalog};
use crate::evaluation::Rate;
use crate::pass::{self, Addressee, Asked, Moved, Review};
use crate::report::{Move, decimal};

/// How many of many are called by name.
const NAMED: usize = 10;

/// Prints what the batch that waits is like.
pub(super) async fn show(app: &App, batch: &Asked, format: Format) -> Result<(), Failure> {
    let percent = app.config.safety.approval_shows_moves_over_percent;
    let review = pass::review(&app.db, percent).await?;
    let today = today(app.clock.now());
    let as_of = batch.as_of.parse().unwrap_or(today);
    let catalog = Catalog::of(&catalog::load(&app.db).await?, as_of, today);
    let shown = Shown { batch, review: &review, catalog: &catalog, percent };
    match format {
        Format::Json => output::json(&shown.json()),
        Format::Table => shown.text(),
        Format::Csv => shown.rows().print(Format::Csv, None),
    }
}

struct Shown<'a> {
    batch: &'a Asked,
    review: &'a Review,
    catalog: &'a Catalog,
    percent: u64,
}

impl Shown<'_> {
    fn text(&self) -> Result<(), Failure> {
        let Review { messages, recipients, composed_by, new, dropped, .. } = self.review;
        let by = if composed_by.is_empty() { "unknown".to_owned() } else { composed_by.join(", ") };
        output::line(format!("messages  {messages} to {recipients} recipient(s), composed by {by}"))?;
        if self.review.is_first {
            output::line(format!("new       {} recipient(s): no batch was let through before", new.len()))?;
        } else {
            output::line(format!("new       {} recipient(s) that the batch before did not reach", new.len()))?;
            output::line(format!("dropped   {} recipient(s) of the batch before", dropped.len()))?;
        }
        output::line(match &self.review.moved {
            Some(Moved { since, moves }) => format!(
                "figures   {} unit(s) moved by more than {} % since the figures up to {since}",
                moves.len(),
                self.percent
            ),
            None => "figures   no earlier round of the year to compare with".to_owned(),
        })?;
        let rows = self.rows();
        if !rows.rows.is_empty() {
            output::line("")?;
            output::line(rows.text())?;
            output::line("")?;
        }
        Ok(())
    }

    /// The first of each kind, one per row.
    fn rows(&self) -> Table {
        let mut table = Table::new(vec!["what", "unit_code", "unit", "detail"]);
        for (what, of_kind) in [("new", &self.review.new), ("dropped", &self.review.dropped)] {
            table.rows.extend(of_kind.iter().take(NAMED).map(|addressee| {
                let place = if addressee.at_another_address { " (another address)" } else { "" };
                let detail = format!("{} {}{place}", self.title(addressee), addressee.address);
                vec![what.to_owned(), addressee.unit_code.clone(), self.unit(addressee), detail.trim().to_owned()]
            }));
        }
        table.rows.extend(self.moves().iter().take(NAMED).map(|moved| {
            let (code, name) = self.named(moved);
            let (before, now) = (rate(moved.before), rate(moved.now));
            let detail = format!("{}: {before} -> {now}, {} points", moved.indicator, moved.change.decimal('.'));
            vec!["moved".to_owned(), code, name, detail]
        }));
        table
    }

    fn json(&self) -> Value {
        json!(batch(self.batch, self.review, self.catalog, self.percent))
    }

    fn moves(&self) -> &[Move] {
        self.review.moved.as_ref().map(|moved| moved.moves.as_slice()).unwrap_or_default()
    }

    /// Code and name of a unit that moved.
    fn named(&self, moved: &Move) -> (String, String) {
        let unit = self.catalog.unit(&moved.unit);
        unit.map_or_else(|| (moved.unit.to_string(), String::new()), |unit| (unit.code.clone(), unit.name.clone()))
    }

    fn unit(&self, addressee: &Addressee) -> String {
        let unit = self.catalog.names.find(&addressee.unit_code, "").ok();
        unit.and_then(|unit| self.catalog.unit(unit)).map(|unit| unit.name.clone()).unwrap_or_default()
    }

    /// How the office is written, while the catalog knows it.
    fn title(&self, addressee: &Addressee) -> String {
        let known = self.catalog.recipients.iter().find(|known| known.id == addressee.recipient_id);
        known.map(|known| known.title.clone()).unwrap_or_default()
    }
}

fn fraction(rate: Rate) -> String {
    format!("{}/{}", rate.numerator(), rate.denominator())
}

fn rate(rate: Rate) -> String {
    format!("{} ({} %)", fraction(rate), decimal(rate.rounded(), '.'))
}

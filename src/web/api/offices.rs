//! One office at a time: who holds it from a day on, or until when. As the page of a unit in the directory does it.

use axum::extract::State;
use axum::response::Response;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::Sent;
use super::description::{Refused, Unfit};
use super::province::day;
use super::wrong::{Trouble, Wrong};
use crate::api::HolderLine;
use crate::app::directory::{self, Wish};
use crate::app::today;
use crate::catalog::contact_sheet::{Field, Holder, WrongField};
use crate::catalog::directory::Directory;
use crate::catalog::{Office, Unit};
use crate::web::Site;
use crate::web::session::Visitor;
use crate::words::Tongue;

/// The office that a word names.
fn office(word: &str) -> Result<Office, Wrong> {
    Office::from_word(word).ok_or_else(|| {
        let hint = format!("one of {}", Office::ALL.map(Office::word).join(", "));
        Wrong::content("api.no_office", &hint).at("office")
    })
}

/// Says who holds an office. What is left out is not known of the person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Appointment {
    /// Official code of the unit.
    #[schema(min_length = 1)]
    unit_code: String,
    /// The office: `head`, `deputy` (further ones `deputy_2` … `deputy_9`), `focal_point` or `bureau`.
    office: String,
    /// The person's name.
    #[serde(default)]
    person: String,
    /// How the office is written; without it: as it usually is.
    #[serde(default)]
    title: String,
    /// E-mail address.
    #[serde(default)]
    email: String,
    /// Mobile number.
    #[serde(default)]
    phone: String,
    /// Zalo user id.
    #[serde(default)]
    zalo_user_id: String,
    /// First day; without it: today. What held before that day stays as it was.
    #[schema(format = Date)]
    valid_from: Option<String>,
    /// Last day; without it: until further notice.
    #[schema(format = Date)]
    valid_to: Option<String>,
}

/// Says that whoever holds an office holds it up to a day.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Ending {
    /// Official code of the unit.
    #[schema(min_length = 1)]
    unit_code: String,
    /// The office: `head`, `deputy` (further ones `deputy_2` … `deputy_9`), `focal_point` or `bureau`.
    office: String,
    /// The last day.
    #[schema(format = Date)]
    last: String,
}

/// An office as it is now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OfficeTold {
    /// Whether anything was done: false when it was so already.
    changed: bool,
    /// Its rows over time, oldest first; addresses masked.
    holders: Vec<HolderLine>,
}

/// Somebody holds an office from a day on. Sent again it changes nothing.
#[utoipa::path(post, path = "/api/v1/contacts/appoint", tag = "catalog", request_body = Appointment,
    security(("token" = [])), responses((status = 200, body = OfficeTold), Refused, Unfit))]
pub(in crate::web) async fn appoint(
    State(site): State<Site>,
    visitor: Visitor,
    Sent(sent): Sent<Appointment>,
) -> Response {
    let done = async {
        let unit = unit_of(&site, &visitor, &sent.unit_code).await?;
        let office = office(&sent.office)?;
        let bounds = [day("valid_from", sent.valid_from.as_deref())?, day("valid_to", sent.valid_to.as_deref())?];
        let [from, to] = bounds.map(|day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default());
        let text = |field: Field| match field {
            Field::Person => sent.person.clone(),
            Field::Title => sent.title.clone(),
            Field::Email => sent.email.clone(),
            Field::Phone => sent.phone.clone(),
            Field::Zalo => sent.zalo_user_id.clone(),
            Field::From => from.clone(),
            Field::To => to.clone(),
            _ => String::new(),
        };
        let holder = Holder::typed(&unit, office, &text).map_err(|wrong| unfit(&wrong))?;
        change(&site, &visitor, (&unit, office), &Wish::Appoint(holder)).await
    };
    site.done(done.await)
}

/// What is wrong with the first of the fields; the sentences are those that clerks read.
fn unfit(wrong: &[WrongField]) -> Wrong {
    let field = wrong.first().map_or("", |unfit| unfit.field.word());
    let [english, vietnamese] = [Tongue::English, Tongue::Vietnamese]
        .map(|t| t.with("api.field_unfit", wrong.first().map(|unfit| unfit.told(t)).unwrap_or_default()));
    Wrong::both(english, vietnamese, "correct the field and send it again").at(field)
}

/// Whoever holds an office holds it up to a day. Sent again it changes nothing.
#[utoipa::path(post, path = "/api/v1/contacts/end", tag = "catalog", request_body = Ending,
    security(("token" = [])), responses((status = 200, body = OfficeTold), Refused, Unfit))]
pub(in crate::web) async fn end(State(site): State<Site>, visitor: Visitor, Sent(sent): Sent<Ending>) -> Response {
    let done = async {
        let unit = unit_of(&site, &visitor, &sent.unit_code).await?;
        let last = day("last", Some(&sent.last))?.unwrap_or_else(|| today(site.clock.now()));
        change(&site, &visitor, (&unit, office(&sent.office)?), &Wish::End(last)).await
    };
    site.done(done.await)
}

/// The unit with this code, if the token sees it.
async fn unit_of(site: &Site, visitor: &Visitor, code: &str) -> Result<Unit, Trouble> {
    let codes = visitor.units(site).await?;
    let directory = Directory::load(&site.db).await?;
    let unit = directory.unit_with(code, today(site.clock.now())).cloned();
    let seen = unit.filter(|unit| codes.is_none_or(|codes| codes.contains(&unit.code)));
    Ok(seen.ok_or_else(|| Wrong::content("api.no_unit", "`/api/v1/units` lists the codes").at("unit_code"))?)
}

async fn change(
    site: &Site,
    visitor: &Visitor,
    (unit, office): (&Unit, Office),
    wish: &Wish,
) -> Result<OfficeTold, Trouble> {
    let place = (&unit.id, unit.code.as_str(), office);
    let changed = directory::change_office(&site.db, place, wish, &visitor.by(), site.clock.now()).await?;
    let history = Directory::load(&site.db).await?.history(&unit.id, office);
    Ok(OfficeTold { changed, holders: history.iter().map(HolderLine::from).collect() })
}

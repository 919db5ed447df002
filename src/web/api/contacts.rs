//! Who holds which office. For editors alone; addresses are masked, and leave the program by `dondoc catalog export` only.

use std::collections::HashMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Asked, Leaf};
use super::description::Refused;
use super::province::day;
use crate::api::ContactLine;
use crate::app::today;
use crate::catalog::{self, UnitId};
use crate::web::Site;
use crate::web::session::Visitor;

/// Which contacts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct WhichContacts {
    /// Who is in office on that day; without it: today.
    #[param(format = Date)]
    on: Option<String>,
    /// Only of this unit.
    unit_code: Option<String>,
    /// From 1.
    #[param(minimum = 1, maximum = 1_000_000)]
    page: Option<u32>,
    /// 100 when it is left out.
    #[param(minimum = 1, maximum = 1_000)]
    per_page: Option<u32>,
}

/// A page of contacts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ContactPage {
    /// Contacts that fit, on all pages.
    count: usize,
    /// This page.
    page: u32,
    /// Of so many.
    pages: u64,
    /// By code of the unit.
    contacts: Vec<ContactLine>,
}

/// Who is in office, addresses masked.
#[utoipa::path(get, path = "/api/v1/contacts", tag = "catalog", params(WhichContacts), security(("token" = [])),
    responses((status = 200, body = ContactPage), Refused))]
pub(in crate::web) async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Asked(asked): Asked<WhichContacts>,
) -> Response {
    let told = async {
        let leaf = Leaf::of(asked.page, asked.per_page)?;
        let on = day("on", asked.on.as_deref())?.unwrap_or_else(|| today(site.clock.now()));
        let units = visitor.units(&site).await?;
        let pack = catalog::load(&site.db).await?;
        let seen = |code: &str| {
            units.as_ref().is_none_or(|codes| codes.contains(code))
                && asked.unit_code.as_deref().is_none_or(|wanted| wanted == code)
        };
        let named: HashMap<&UnitId, (&str, &str)> = pack
            .units
            .iter()
            .filter(|unit| unit.valid.covers(on) && seen(&unit.code))
            .map(|unit| (&unit.id, (unit.code.as_str(), unit.name.as_str())))
            .collect();
        let in_office = pack.contacts.iter().filter(|contact| contact.valid.covers(on));
        let mut contacts: Vec<ContactLine> =
            in_office.filter_map(|contact| Some(ContactLine::of(contact, *named.get(&contact.unit)?))).collect();
        contacts.sort_by(|one, next| one.unit_code.cmp(&next.unit_code));
        let count = contacts.len();
        let pages = leaf.pages(u64::try_from(count).unwrap_or(u64::MAX));
        Ok(ContactPage { count, page: leaf.page, pages, contacts: leaf.cut(contacts) })
    };
    site.tell(&headers, told.await)
}

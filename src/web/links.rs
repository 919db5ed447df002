//! Pages that others lead to: a link stands only where the page is there and whoever looks may open it.

use super::routes::{Access, ROUTES, Verb};
use super::session::Visitor;

/// Where contacts are mended.
pub(super) const CONTACTS: &str = "/danh-ba";
/// Where it is said what became of answers and of addresses that give messages back.
pub(super) const ANSWERS: &str = "/tra-loi";
/// Where messages are looked at, let go and offered again.
pub(super) const OUTBOX: &str = "/hop-thu-di";
/// Where a second person lets a batch go.
pub(super) const APPROVAL: &str = "/duyet";
/// Where a round that the quality gate held is let through.
pub(super) const HELD: &str = "/dot-giu";
/// Where names that mean nobody are told whom they mean.
pub(super) const NAMES: &str = "/doi-chieu";
/// Where the texts of messages are written.
pub(super) const TEMPLATES: &str = "/mau-tin";
/// Where the steps of the set-up are taken.
pub(super) const SET_UP: &str = "/bat-dau";
/// When rounds run.
pub(super) const CALENDAR: &str = "/lich-gui";
/// What is demanded of whom.
pub(super) const TARGETS: &str = "/chi-tieu";

/// `path`, with or without a query, where it is a page that `visitor` may open.
pub(super) fn open_to(visitor: &Visitor, path: &'static str) -> Option<&'static str> {
    let page = path.split('?').next().unwrap_or(path);
    let there = ROUTES.iter().find(|route| route.path == page && route.verb == Verb::Get)?;
    let may = match there.access {
        Access::Public | Access::Open | Access::Door => true,
        Access::Person(action) => visitor.may(action),
        Access::Token(_) => false,
    };
    may.then_some(path)
}

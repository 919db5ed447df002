//! Files of the directory that go out: the empty sheet, the present list, a sheet with its errors marked.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use super::Site;
use super::contacts_import::{inside, looked, own};
use super::form::Form;
use super::page::Failure;
use super::session::Visitor;
use crate::app::{directory, today};
use crate::catalog::contact_sheet::{self, Exported, Field};
use crate::catalog::directory::Directory;
use crate::clock::ZONE;
use crate::report::harmless;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const CSV: &str = "text/csv; charset=utf-8";

fn file(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, bytes).into_response()
}

/// Our own sheet, to be filled in.
pub(super) async fn template(State(site): State<Site>) -> Response {
    let made = contact_sheet::template(site.clock.now()).map_err(|_| Failure::File);
    site.answer(made.map(|bytes| file(XLSX, "mau-danh-ba.xlsx", bytes)))
}

/// The present list. A POST, because taking addresses out is written down.
pub(super) async fn export(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = async {
        let codes = visitor.units(&site).await?;
        let now = site.clock.now();
        let day = form.text("ngay").parse().unwrap_or_else(|_| today(now));
        let rows = Directory::load(&site.db).await?.listed(day, &inside(codes.as_ref()));
        directory::note_export(&site.db, rows.len(), &visitor.by(), now).await?;
        let name = format!("danh-ba-{}", now.with_timezone(&ZONE).format("%Y-%m-%d"));
        if form.text("kieu") == "csv" {
            return Ok(file(CSV, &format!("{name}.csv"), csv(&rows)?));
        }
        let bytes = contact_sheet::present(&rows, now).map_err(|_| Failure::File)?;
        Ok(file(XLSX, &format!("{name}.xlsx"), bytes))
    };
    site.answer(answer.await)
}

/// With the mark that spreadsheets know UTF-8 by; no cell starts a formula.
fn csv(rows: &[Exported]) -> Result<Vec<u8>, Failure> {
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(Field::ALL.map(Field::name)).map_err(|_| Failure::File)?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| harmless(cell))).map_err(|_| Failure::File)?;
    }
    writer.into_inner().map_err(|_| Failure::File)
}

/// A waiting sheet with its errors marked.
pub(super) async fn marked(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Response {
    let answer = async {
        let waiting = own(&site, &visitor, &id).await?;
        let looked = looked(&site, &visitor, &waiting).await?;
        let now = site.clock.now();
        let bytes = contact_sheet::marked(&waiting.sheet, (&waiting.layout, &looked.reading), visitor.tongue, now);
        Ok(file(XLSX, "danh-ba-da-danh-dau-loi.xlsx", bytes.map_err(|_| Failure::File)?))
    };
    site.answer(answer.await)
}

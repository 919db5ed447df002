//! Figures that are pushed: `POST /api/v1/sources/NAME/figures`, the file as it is or rows as JSON, a token beside it.
//!
//! Says nothing about which sources there are before the token is good, and keeps no byte of the file before that.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use futures_util::StreamExt as _;
use serde::Serialize;
use tokio::sync::Semaphore;

use super::Site;
use super::push_refused::{Refused, Row, Said, Turned};
use crate::api;
use crate::app::{Admission, Intakes, Receiving};
use crate::pass::{IntakeError, Outcome};
use crate::source::intake::{Offer, Part, ReadAs, Reason};

/// How long a file may take on its way.
const ON_ITS_WAY: Duration = Duration::from_mins(2);
/// How long it may take to be judged, behind others.
const JUDGED: Duration = Duration::from_mins(5);
/// Wrong tokens whose answers are held back at once; more are told to come back later.
const HELD_BACK: usize = 16;

/// The rest of a body that is read away before a refusal, and within which time.
const READ_AWAY: u64 = 4 << 20;
const READ_AWAY_WITHIN: Duration = Duration::from_secs(5);

/// Content types of sheets, beside CSV's and "some bytes".
const SHEETS: [&str; 4] = [
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet",
    "text/html",
];

/// What stands behind the address.
#[derive(Debug, Clone)]
pub(super) struct Door {
    intakes: Arc<Intakes>,
    held_back: Arc<Semaphore>,
}

/// The route, where anybody may push.
pub(super) fn router(site: &Site) -> Router {
    let receiving = site.intakes.clone().filter(|intakes| intakes.receives());
    let Some(intakes) = receiving else { return Router::new() };
    let door = Door { intakes, held_back: Arc::new(Semaphore::new(HELD_BACK)) };
    let figures = post(figures).fallback(async || {
        let refused = Refused::new(StatusCode::METHOD_NOT_ALLOWED, "method", "push.method", "use POST");
        refused.with(header::ALLOW, HeaderValue::from_static("POST")).answer()
    });
    Router::new().route("/api/v1/sources/{name}/figures", figures).with_state(door)
}

/// Takes in the figures of a source, with the token of that source. The body is the file itself, or its rows as JSON; it is
/// judged at once, and the next round takes what is in force then. Sent again it is there already (200). Only for a
/// source with `[source.push]`.
#[utoipa::path(post, path = "/api/v1/sources/{name}/figures", tag = "figures", security(("source" = [])),
    params(("name" = String, Path, description = "Name of the `[[source]]`")),
    request_body(description = "A CSV file or a workbook, as the source reads it; or an array of rows",
        content((String = "text/csv"), (String = "application/octet-stream"), (Vec<Row> = "application/json"))),
    responses(
        (status = 201, description = "It is in force", body = api::Taken),
        (status = 200, description = "The very same bytes are in force already", body = api::Unchanged),
        (status = 422, description = "It was set aside", body = api::SetAside), Turned))]
pub(super) async fn figures(
    State(door): State<Door>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let mut body = body.into_data_stream();
    match push(&door, &name, &headers, &mut body).await {
        Ok(answer) => answer,
        Err(refused) => {
            read_away(&headers, &mut body).await;
            refused.answer()
        }
    }
}

/// Reads a small rest of what was sent: who is cut off while sending may never see the answer.
async fn read_away(headers: &HeaderMap, body: &mut BodyDataStream) {
    if headers.contains_key(header::EXPECT) || length(headers).is_some_and(|length| length > READ_AWAY) {
        return;
    }
    let reading = async {
        let mut left = READ_AWAY;
        while let Some(Ok(piece)) = body.next().await {
            left = left.saturating_sub(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            if left == 0 {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(READ_AWAY_WITHIN, reading).await;
}

async fn push(door: &Door, name: &str, headers: &HeaderMap, body: &mut BodyDataStream) -> Result<Response, Refused> {
    let source = admitted(door, name, headers).await?;
    let _room = door.intakes.room(source).await.ok_or_else(|| {
        Refused::new(StatusCode::TOO_MANY_REQUESTS, "too_many", "push.too_many", "send it again later").later(10)
    })?;
    let max_bytes = source.dropped().max_bytes;
    let rows = fits(headers, source)?;
    let mut part = door.intakes.part(source).map_err(|error| Refused::trouble(source, &error))?;
    match tokio::time::timeout(ON_ITS_WAY, receive(body, &mut part)).await {
        Ok(Ok(true)) => {}
        Ok(Ok(false)) => return Err(Refused::too_large(max_bytes)),
        Ok(Err(Broken::Peer)) => {
            return Err(Refused::new(StatusCode::BAD_REQUEST, "broken_off", "push.broken_off", "send it again"));
        }
        Ok(Err(Broken::Disk(error))) => return Err(Refused::trouble(source, &error.into())),
        Err(_) => {
            let said: Said<'_> = ("push.too_slow", &[&ON_ITS_WAY.as_secs()]);
            return Err(Refused::of(StatusCode::REQUEST_TIMEOUT, "too_slow", said, "send it again"));
        }
    }
    if part.length() == 0 {
        return Err(Refused::new(
            StatusCode::BAD_REQUEST,
            "empty_body",
            "push.empty_body",
            "send the file as the body",
        ));
    }
    let offer = if rows { door.intakes.rows(source, part).await } else { finished(part, called(source)).await.map(Ok) };
    let offer = match offer.map_err(|error| Refused::trouble(source, &error.into()))? {
        Ok(offer) => offer,
        Err(wrong) => return Ok(refused(source.name(), &[wrong])),
    };
    let judged = tokio::time::timeout(JUDGED, door.intakes.receive(source, offer)).await;
    match judged.unwrap_or(Err(IntakeError::Busy)) {
        Ok(outcome) => Ok(answer(source, outcome)),
        Err(error) => Err(Refused::trouble(source, &error)),
    }
}

/// The source, if the token is good for it. The answer to a wrong one is held back when there were many.
async fn admitted<'d>(door: &'d Door, name: &str, headers: &HeaderMap) -> Result<Receiving<'d>, Refused> {
    let wait = match door.intakes.admit(name, token(headers)).await {
        Admission::Granted(source) => return Ok(source),
        Admission::NoSuchSource => {
            let hint = "use the name of the [[source]] that this token stands in";
            return Err(Refused::new(StatusCode::NOT_FOUND, "no_such_source", "push.no_such_source", hint));
        }
        Admission::Refused(wait) => wait,
    };
    if !wait.is_zero() {
        let Ok(_held) = door.held_back.try_acquire() else {
            let wrong =
                Refused::new(StatusCode::TOO_MANY_REQUESTS, "too_many", "push.too_many_wrong", "send it again later");
            return Err(wrong.later(60));
        };
        tokio::time::sleep(wait).await;
    }
    let hint = "send the header `Authorization: Bearer TOKEN`";
    Err(Refused::new(StatusCode::UNAUTHORIZED, "unauthorized", "api.unauthorized", hint))
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// What the headers say must be a file of the source's kind, and not too large. Whether it is rows as JSON.
fn fits(headers: &HeaderMap, source: Receiving<'_>) -> Result<bool, Refused> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let kind = text(header::CONTENT_TYPE).unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    let known: &[&str] = match source.dropped().read_as {
        ReadAs::Csv { .. } => &["text/csv", "text/plain", "application/csv"],
        ReadAs::Sheet { .. } => &SHEETS,
    };
    let rows = kind == "application/json" && source.dropped().takes_rows();
    if !rows && !kind.is_empty() && kind != "application/octet-stream" && !known.contains(&kind.as_str()) {
        let known = known.join(", ");
        let hint = "send the file itself as the body, with its content type; no form";
        let said: Said<'_> = ("push.content_type", &[&known]);
        return Err(Refused::of(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_type", said, hint));
    }
    if text(header::CONTENT_ENCODING).is_some_and(|coding| !coding.eq_ignore_ascii_case("identity")) {
        let (code, said) = ("content_encoding", "push.content_encoding");
        return Err(Refused::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code, said, "send it as it is"));
    }
    if length(headers).is_some_and(|length| length > source.dropped().max_bytes) {
        return Err(Refused::too_large(source.dropped().max_bytes));
    }
    Ok(rows)
}

/// What the request says of its length.
fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

enum Broken {
    Peer,
    Disk(std::io::Error),
}

/// Writes the body down as it comes. `false` when it is larger than it may be, whatever its headers said.
async fn receive(pieces: &mut BodyDataStream, part: &mut Part) -> Result<bool, Broken> {
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| Broken::Peer)?;
        if !part.add(&piece).map_err(Broken::Disk)? {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn finished(part: Part, name: &'static str) -> std::io::Result<Offer> {
    tokio::task::spawn_blocking(move || part.finish(name)).await.map_err(std::io::Error::other)?
}

/// A name of ours: what the peer calls its file is never used.
const fn called(source: Receiving<'_>) -> &'static str {
    match source.dropped().read_as {
        ReadAs::Csv { .. } => "pushed.csv",
        ReadAs::Sheet { .. } => "pushed-sheet",
    }
}

fn answer(source: Receiving<'_>, outcome: Outcome) -> Response {
    let name = source.name();
    match outcome {
        Outcome::Taken { sha256, offered } => as_json(StatusCode::CREATED, &api::Taken::of(name, sha256, &offered)),
        Outcome::Unchanged { sha256 } => {
            as_json(StatusCode::OK, &api::Unchanged { result: "unchanged", source: name.to_owned(), sha256 })
        }
        Outcome::Refused { reasons, .. } => refused(name, &reasons),
        Outcome::Changed => {
            Refused::new(StatusCode::SERVICE_UNAVAILABLE, "changed", "push.changed", "send it again").answer()
        }
    }
}

fn refused(name: &str, reasons: &[Reason]) -> Response {
    let reasons = reasons.iter().map(api::PushReason::from).collect();
    let told = api::SetAside { result: "refused", source: name.to_owned(), reasons };
    as_json(StatusCode::UNPROCESSABLE_ENTITY, &told)
}

pub(super) fn as_json(status: StatusCode, body: &impl Serialize) -> Response {
    let text = serde_json::to_string(body).unwrap_or_default() + "\n";
    (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}

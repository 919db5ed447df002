//! Mergers, splits, new names, ends and beginnings of units, as their page records them: shown, written as shown, taken back
//! within a day.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{Asked, Named, Nothing, Sent};
use super::description::{Refused, Unfit};
use super::outbox_deeds::sentence;
use super::province::day;
use super::wrong::{Trouble, Wrong, whole};
use crate::api::{ReformLine, UnitNamed};
use crate::app::reform::{self, Looked, WriteError};
use crate::catalog::reform::{Reform, ReformError, ReformKind, UndoError, recorded};
use crate::catalog::{self, Pack};
use crate::web::Site;
use crate::web::catalogue::Tongue;
use crate::web::reform_form::{self, Typed, TypedUnit};
use crate::web::reform_words::{not_possible, not_undone};
use crate::web::session::Visitor;

/// Records that are listed.
const LISTED: i64 = 50;

/// What was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Reforms {
    /// The newest first.
    reforms: Vec<ReformLine>,
}

/// What happened to units.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum KindWord {
    /// Several become one.
    Merge,
    /// One becomes several.
    Split,
    /// One gets another name, code, kind or place.
    Rename,
    /// Some are no more, and nobody takes over.
    End,
    /// One begins.
    Add,
}

impl From<KindWord> for ReformKind {
    fn from(word: KindWord) -> Self {
        match word {
            KindWord::Merge => Self::Merge,
            KindWord::Split => Self::Split,
            KindWord::Rename => Self::Rename,
            KindWord::End => Self::End,
            KindWord::Add => Self::Add,
        }
    }
}

/// A reform that is recorded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct NewReform {
    /// What happens.
    kind: KindWord,
    /// First day of the new state.
    #[schema(format = Date)]
    from: String,
    /// The document that it rests on.
    #[schema(min_length = 1, max_length = 500)]
    basis: Option<String>,
    /// Codes of the units that it happens to; none where one begins.
    #[serde(default)]
    #[schema(max_items = 30)]
    units: Vec<String>,
    /// What comes of them.
    #[serde(default)]
    #[schema(max_items = 30)]
    into: Vec<Becomes>,
    /// Of a split: whether the unit itself goes on.
    #[serde(default)]
    goes_on: bool,
    /// `seen` of the answer that was looked at: another state of the catalog is refused (409).
    seen: Option<String>,
    /// Only says what it would change, and changes nothing.
    #[serde(default)]
    dry_run: bool,
}

/// A unit that comes of it: an existing one by its code, or what a new one is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Becomes {
    /// Code of a unit that takes over.
    existing: Option<String>,
    /// Code of a new one; of a new name what is left out stays.
    code: Option<String>,
    /// Its full name.
    name: Option<String>,
    /// Its kind, as `kind` of `/api/v1/units`; as it was where it is left out.
    #[schema(example = "xa")]
    kind: Option<String>,
    /// Code of the unit above it.
    parent: Option<String>,
}

/// What was changed, or would be.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReformTold {
    /// Whether it was written: false for a dry run.
    changed: bool,
    /// Its id, by which it is taken back; null for a dry run.
    id: Option<String>,
    /// What was looked at.
    seen: String,
    /// Units that are no more.
    ends: Vec<UnitNamed>,
    /// Units that begin.
    begins: Vec<UnitNamed>,
    /// Units that go on as something else.
    changes: Vec<UnitChange>,
    /// People whose office ends with its unit.
    offices_end: usize,
    /// Codes of units for which nobody receives from then on.
    headless: Vec<String>,
    /// Ids of targets that bind nobody from then on.
    targets: Vec<String>,
    /// Names in figures that become known.
    names: Vec<String>,
}

/// A unit before and after.
#[derive(Debug, Serialize, ToSchema)]
struct UnitChange {
    /// Until the day before.
    was: UnitNamed,
    /// From the day on.
    is: UnitNamed,
}

/// Takes it back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct ReformUndoing {}

/// That it was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReformUndone {
    /// Units and contacts are as they were.
    changed: bool,
}

/// The mergers, splits, new names, ends and beginnings that were recorded last.
#[utoipa::path(get, path = "/api/v1/reforms", tag = "catalog", security(("token" = [])),
    responses((status = 200, body = Reforms), Refused))]
pub(in crate::web) async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Asked(Nothing {}): Asked<Nothing>,
) -> Response {
    let told = async {
        whole(&visitor)?;
        let now = site.clock.now();
        let records = recorded(&site.db, LISTED).await?;
        Ok(Reforms { reforms: records.into_iter().map(|one| ReformLine::of(one, now)).collect() })
    };
    site.tell(&headers, told.await)
}

/// Records what happens to units. With `seen` nothing is written when it would change something else than what was looked at;
/// sent again it is refused (409), because it is recorded already.
#[utoipa::path(post, path = "/api/v1/reforms", tag = "catalog", request_body = NewReform, security(("token" = [])),
    responses((status = 200, body = ReformTold), Refused, Unfit))]
pub(in crate::web) async fn record(
    State(site): State<Site>,
    visitor: Visitor,
    Sent(sent): Sent<NewReform>,
) -> Response {
    let done = async {
        whole(&visitor)?;
        let reform = read(&sent, &catalog::load(&site.db).await?)?;
        let looked = reform::look(&site.db, &reform).await.map_err(refused)?;
        if sent.dry_run {
            return Ok(told(&reform, &looked, None));
        }
        let seen = sent.seen.as_deref().unwrap_or(&looked.digest);
        let written = reform::write(&site.db, &reform, Some(seen), &visitor.by(), site.clock.now()).await;
        Ok(told(&reform, &looked, Some(written.map_err(refused)?)))
    };
    site.done(done.await)
}

/// Takes back what was recorded less than a day ago, while no round judged by it.
#[utoipa::path(post, path = "/api/v1/reforms/{id}/undo", tag = "catalog", params(("id" = String, Path)),
    request_body = ReformUndoing, security(("token" = [])), responses((status = 200, body = ReformUndone), Refused, Unfit))]
pub(in crate::web) async fn undo(
    State(site): State<Site>,
    visitor: Visitor,
    Named(id): Named,
    Sent(ReformUndoing {}): Sent<ReformUndoing>,
) -> Response {
    let done = async {
        whole(&visitor)?;
        match reform::take_back(&site.db, &id, &visitor.by(), site.clock.now()).await {
            Ok(()) => Ok(ReformUndone { changed: true }),
            Err(UndoError::NotThere) => Err(Wrong::missing("`/api/v1/reforms` lists them").into()),
            Err(UndoError::Db(error)) => Err(error.into()),
            Err(error) => {
                let [english, vietnamese] = both(|t| not_undone(t, &error));
                Err(Wrong::changed(english, vietnamese, "record the opposite from a day on").into())
            }
        }
    };
    site.done(done.await)
}

fn both(say: impl Fn(Tongue) -> String) -> [String; 2] {
    [Tongue::English, Tongue::Vietnamese].map(say)
}

/// What the form of the page would make of it.
fn read(sent: &NewReform, pack: &Pack) -> Result<Reform, Trouble> {
    day("from", Some(&sent.from))?;
    for (place, count) in [("units", sent.units.len()), ("into", sent.into.len())] {
        if count > reform_form::MOST {
            return Err(Wrong::content_of(("api.too_many", &[&reform_form::MOST]), "send fewer").at(place).into());
        }
    }
    let basis = sent.basis.as_deref().map(|basis| sentence("basis", basis)).transpose()?;
    let field = |place: &str, text: Option<&String>| text.map_or(Ok(String::new()), |text| sentence(place, text));
    let mut into = Vec::with_capacity(sent.into.len());
    for (at, one) in sent.into.iter().enumerate() {
        let of = |name: &str, text| field(&format!("into[{at}].{name}"), text);
        into.push(TypedUnit {
            existing: of("existing", one.existing.as_ref())?,
            code: of("code", one.code.as_ref())?,
            name: of("name", one.name.as_ref())?,
            kind: of("kind", one.kind.as_ref())?,
            above: of("parent", one.parent.as_ref())?,
        });
    }
    let mut units = Vec::with_capacity(sent.units.len());
    for (at, code) in sent.units.iter().enumerate() {
        units.push(sentence(&format!("units[{at}]"), code)?);
    }
    let kind = ReformKind::from(sent.kind);
    let typed = Typed { day: sent.from.clone(), basis: basis.unwrap_or_default(), units, goes_on: sent.goes_on, into };
    let typed = typed.laid_out(kind, false);
    typed.reform(Tongue::English, kind, pack).map_err(|wrong| {
        let vietnamese = typed.reform(Tongue::Vietnamese, kind, pack).err().unwrap_or_default();
        let (place, english) = wrong.into_iter().next().unwrap_or_default();
        let vietnamese = vietnamese.into_iter().next().map(|(_, words)| words).unwrap_or_default();
        let hint = "`/api/v1/openapi.json` describes the body";
        Wrong::both(english, vietnamese, hint).at(&named(&place)).into()
    })
}

/// A field of the form by the name that it has in the body.
fn named(field: &str) -> String {
    let (name, at) = field.split_once('.').unwrap_or((field, ""));
    match name {
        "cu" => format!("units[{at}]"),
        "co" => format!("into[{at}].existing"),
        "ma" => format!("into[{at}].code"),
        "ten" => format!("into[{at}].name"),
        "loai" => format!("into[{at}].kind"),
        "tren" => format!("into[{at}].parent"),
        _ => "from".to_owned(),
    }
}

fn told(reform: &Reform, looked: &Looked, id: Option<String>) -> ReformTold {
    let (plan, day) = (&looked.plan, reform.day);
    let nobody = looked.heads.iter().filter(|(_, head)| head.is_none());
    ReformTold {
        changed: id.is_some(),
        id,
        seen: looked.digest.clone(),
        ends: plan.ends(day).map(UnitNamed::from).collect(),
        begins: plan.begins().map(UnitNamed::from).collect(),
        changes: plan.changes(day).map(|(was, is)| UnitChange { was: was.into(), is: is.into() }).collect(),
        offices_end: plan.people().count(),
        headless: nobody.map(|(unit, _)| unit.code.clone()).collect(),
        targets: looked.targets.iter().map(|target| target.id.as_str().to_owned()).collect(),
        names: looked.names.clone(),
    }
}

fn refused(error: WriteError) -> Trouble {
    match error {
        WriteError::Db(error) => error.into(),
        WriteError::Reform(error) => {
            let [english, vietnamese] = both(|t| not_possible(t, &error));
            let stands_in_the_way = matches!(
                error,
                ReformError::Changed(_) | ReformError::Known | ReformError::Later(_) | ReformError::CodeTaken { .. }
            );
            if stands_in_the_way {
                Wrong::changed(english, vietnamese, "look at `/api/v1/reforms` and at a dry run").into()
            } else {
                Wrong::both(english, vietnamese, "a dry run says what it would change").into()
            }
        }
    }
}

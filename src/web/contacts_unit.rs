//! One unit of the directory: who holds its offices and who held them, a form to change that, and what became of the unit.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use chrono::NaiveDate;

use super::catalogue::Tongue;
use super::contact_words::{self, field_name, issue_words, office_name};
use super::contacts::found_issues;
use super::form::Form;
use super::page::{Failure, Frame, Place, done_words, on_to, page};
use super::session::Visitor;
use super::{Mode, Site, figure_words, words};
use crate::app::directory::{self, Wish};
use crate::app::today;
use crate::catalog::contact_sheet::{Field, Holder};
use crate::catalog::directory::{Directory, DirectoryError};
use crate::catalog::{Contact, Kind, Office, Seat, Unit, UnitId};
use crate::people::Action;

#[derive(Template)]
#[template(path = "contacts_unit.html")]
struct UnitPage {
    frame: Frame,
    done: Option<&'static str>,
    wrong: Option<&'static str>,
    code: String,
    kind: &'static str,
    exists: String,
    above: Option<(String, String)>,
    below: usize,
    aliases: String,
    offices: Vec<Card>,
    edits: bool,
    /// Whether he may record mergers and new names.
    reforms: bool,
    today: String,
    successions: Vec<String>,
}

/// One office.
struct Card {
    word: &'static str,
    name: String,
    holder: Option<HolderShown>,
    issues: Vec<(&'static str, &'static str)>,
    history: Vec<Past>,
    form: Typed,
    /// Whether its form is open, because something in it is wrong.
    open: bool,
    /// What is typed into the form that ends a term, and what is wrong with it.
    last: (String, Option<String>),
}

struct HolderShown {
    title: String,
    person: Option<String>,
    term: String,
    email: Option<String>,
    phone: Option<String>,
    zalo: Option<String>,
}

struct Past {
    term: String,
    person: String,
    title: String,
    email: String,
    phone: String,
}

/// The fields of the form: name, label, value, kind of input, note, and what is wrong.
struct Typed(Vec<TypedField>);

struct TypedField {
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    value: String,
    note: &'static str,
    wrong: Option<String>,
}

/// The fields that a form has: kind of input, key of a note.
const FIELDS: [(Field, &str, &str); 7] = [
    (Field::Person, "text", ""),
    (Field::Title, "text", "contact.title_note"),
    (Field::Email, "text", ""),
    (Field::Phone, "tel", ""),
    (Field::Zalo, "text", "contact.zalo_note"),
    (Field::From, "date", "contact.from_note"),
    (Field::To, "date", "contact.to_note"),
];

/// What came of a form that was not taken.
#[derive(Default)]
struct Refused {
    office: Option<Office>,
    typed: Vec<(Field, String)>,
    wrong: Vec<(Field, String)>,
    last: (String, Option<String>),
    /// What is wrong with all of it.
    all: Option<&'static str>,
}

pub(super) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    Path(code): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = async {
        let done = done_words(visitor.tongue, query.as_deref());
        page(&shown(&site, &visitor, &code, done, &Refused::default()).await?)
    };
    site.answer(answer.await)
}

/// The unit, when the visitor may see it.
async fn unit_of(site: &Site, visitor: &Visitor, directory: &Directory, code: &str) -> Result<Unit, Failure> {
    let codes = visitor.units(site).await?;
    let unit = directory.unit_with(code, today(site.clock.now())).cloned();
    unit.filter(|unit| codes.is_none_or(|codes| codes.contains(&unit.code))).ok_or(Failure::NotFound)
}

async fn shown(
    site: &Site,
    visitor: &Visitor,
    code: &str,
    done: Option<&'static str>,
    refused: &Refused,
) -> Result<UnitPage, Failure> {
    let (day, t) = (today(site.clock.now()), visitor.tongue);
    let directory = Directory::load(&site.db).await?;
    let unit = unit_of(site, visitor, &directory, code).await?;
    let codes = visitor.units(site).await?;
    let issues = found_issues(site, &directory, day).await?;
    let edits = visitor.may(Action::Edit);
    let card = |office| Card {
        issues: issues.of(&unit.id, office).iter().map(|issue| issue_words(t, *issue)).collect(),
        ..card(t, &directory, (&unit, office), (day, edits), refused)
    };
    let above = unit.parent.as_ref().and_then(|parent| {
        let mut rows = directory.units.iter().filter(|unit| unit.id == *parent);
        rows.clone().find(|unit| unit.valid.covers(day)).or(rows.next_back())
    });
    let own = |one: &Unit| one.id == unit.id;
    Ok(UnitPage {
        frame: Frame::seen(site, visitor, Place::Contacts, unit.name.clone()),
        done,
        wrong: refused.all,
        kind: figure_words::kind(t, unit.kind),
        exists: contact_words::span(t, unit.valid),
        above: above
            .filter(|above| codes.as_ref().is_none_or(|codes| codes.contains(&above.code)))
            .map(|above| (above.code.clone(), above.name.clone())),
        below: directory
            .units
            .iter()
            .filter(|one| one.parent.as_ref() == Some(&unit.id) && one.valid.covers(day))
            .count(),
        aliases: unit.aliases.join("; "),
        offices: shown_offices(&directory, &unit.id, edits, refused.office).into_iter().map(card).collect(),
        edits,
        reforms: edits && codes.is_none() && site.mode == Mode::Daemon && unit.kind != Kind::Province,
        today: day.to_string(),
        successions: contact_words::successions(t, &directory, &own, usize::MAX),
        code: unit.code,
    })
}

/// The offices that the page shows: those of every unit and every one that was ever held; to whoever may edit also one more
/// deputy and the desk of the unit.
fn shown_offices(directory: &Directory, unit: &UnitId, edits: bool, typed: Option<Office>) -> Vec<Office> {
    let held = |office: Office| directory.contacts.iter().any(|one| one.unit == *unit && one.office == office);
    let is_deputy = |office: &Office| matches!(office, Office::Deputy(_));
    let next = Office::ALL.into_iter().filter(is_deputy).find(|office| !held(*office)).filter(|_| edits);
    let usual = [Office::Head, Office::Deputy(Seat::FIRST), Office::FocalPoint];
    let shown = |office: &Office| {
        usual.contains(office)
            || held(*office)
            || [next, typed].contains(&Some(*office))
            || (edits && *office == Office::Bureau)
    };
    Office::ALL.into_iter().filter(shown).collect()
}

fn card(
    t: Tongue,
    directory: &Directory,
    (unit, office): (&Unit, Office),
    (day, whole): (NaiveDate, bool),
    refused: &Refused,
) -> Card {
    let history = directory.history(&unit.id, office);
    let held = history.iter().find(|contact| contact.valid.covers(day));
    let is_refused = refused.office == Some(office);
    let past = |contact: &Contact| Past {
        term: contact_words::span(t, contact.valid),
        person: contact.person.clone().unwrap_or_default(),
        title: contact.title.clone(),
        email: contact_words::email(contact, whole).unwrap_or_default(),
        phone: contact_words::phone(contact, whole).unwrap_or_default(),
    };
    let usual = day.to_string();
    Card {
        word: office.word(),
        name: office_name(t, office),
        holder: held.map(|contact| HolderShown {
            title: contact.title.clone(),
            person: contact.person.clone(),
            term: contact_words::term(t, directory, contact),
            email: contact_words::email(contact, whole),
            phone: contact_words::phone(contact, whole),
            zalo: contact
                .zalo_user_id
                .as_ref()
                .map(|id| if whole { id.clone() } else { t.say("contact.zalo_there").to_owned() }),
        }),
        issues: Vec::new(),
        history: if history.len() > 1 || held.is_none() {
            history.iter().rev().map(past).collect()
        } else {
            Vec::new()
        },
        form: if is_refused && !refused.typed.is_empty() { typed(t, refused) } else { as_held(t, held) },
        open: is_refused && (!refused.wrong.is_empty() || refused.all.is_some()) && !refused.typed.is_empty(),
        last: if is_refused && !refused.last.0.is_empty() { refused.last.clone() } else { (usual, None) },
    }
}

fn form_of(t: Tongue, value: impl Fn(Field) -> (String, Option<String>)) -> Typed {
    let field = |(field, kind, note): (Field, &'static str, &'static str)| {
        let (value, wrong) = value(field);
        let note = if note.is_empty() { "" } else { t.say(note) };
        TypedField { name: field.word(), label: field_name(t, field), kind, value, note, wrong }
    };
    Typed(FIELDS.into_iter().map(field).collect())
}

fn as_held(t: Tongue, held: Option<&Contact>) -> Typed {
    form_of(t, |field| {
        let text = held.and_then(|contact| match field {
            Field::Person => contact.person.clone(),
            Field::Title => Some(contact.title.clone()),
            Field::Email => contact.email.clone(),
            Field::Phone => contact.phone.clone(),
            Field::Zalo => contact.zalo_user_id.clone(),
            Field::To => contact.valid.to.map(|day| day.to_string()),
            _ => None,
        });
        (text.unwrap_or_default(), None)
    })
}

fn typed(t: Tongue, refused: &Refused) -> Typed {
    let first =
        |list: &[(Field, String)], field| list.iter().find(|(one, _)| *one == field).map(|(_, text)| text.clone());
    form_of(t, |field| (first(&refused.typed, field).unwrap_or_default(), first(&refused.wrong, field)))
}

/// Appoints somebody to an office, or ends who holds it.
pub(super) async fn change(
    State(site): State<Site>,
    visitor: Visitor,
    Path(code): Path<String>,
    form: Form,
) -> Response {
    let t = visitor.tongue;
    let answer = async {
        let directory = Directory::load(&site.db).await?;
        let unit = unit_of(&site, &visitor, &directory, &code).await?;
        let office = Office::from_word(form.text("vai-tro")).ok_or(Failure::NotFound)?;
        let mut refused = Refused { office: Some(office), ..Refused::default() };
        let wish = if form.text("viec") == "ket-thuc" {
            let last = form.text("ngay-cuoi").to_owned();
            let day = last.parse::<NaiveDate>().ok();
            if day.is_none() {
                refused.last = (last, Some(t.say("contact.choose_last_day").to_owned()));
            }
            day.map(Wish::End)
        } else {
            let text = |field: Field| form.text(field.word()).to_owned();
            refused.typed = FIELDS.iter().map(|(field, ..)| (*field, text(*field))).collect();
            match Holder::typed(&unit, office, &text) {
                Ok(holder) => Some(Wish::Appoint(holder)),
                Err(wrong) => {
                    refused.wrong = wrong.iter().map(|unfit| (unfit.field, unfit.told(t))).collect();
                    None
                }
            }
        };
        if let Some(wish) = wish {
            let place = (&unit.id, unit.code.as_str(), office);
            let now = site.clock.now();
            match directory::change_office(&site.db, place, &wish, &visitor.by(), now).await {
                Ok(_) => return Ok(on_to(&format!("/danh-ba/don-vi/{}?xong=contact_saved", path_part(&unit.code)))),
                Err(DirectoryError::Db(error)) => return Err(error.into()),
                Err(error) => refused.all = contact_words::not_changed(t, &error),
            }
        }
        let shown = shown(&site, &visitor, &code, None, &refused).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(shown.render()?)).into_response())
    };
    site.answer(answer.await)
}

/// A text as a step of an address.
pub(super) fn path_part(text: &str) -> String {
    let Ok(encoded) = askama::filters::urlencode_strict(text);
    encoded.to_string()
}

impl UnitPage {
    /// The day as people read it.
    fn today_words(&self) -> String {
        words::local_date(&self.today)
    }
}

//! One row of a sheet: whom it names, in which office of which unit.

use chrono::NaiveDate;

use super::addresses;
use super::guess::Field;
use super::sentences::ends_first;
use super::values::{self, Said};
use super::{CellKind, SheetCell};
use crate::catalog::contact::{Office, Seat};
use crate::catalog::matching::{fold, without_diacritics};
use crate::catalog::unit::{Level, Unit, UnitId};
use crate::words::Tongue;

/// Who holds an office, as a row or a form says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The unit.
    pub unit: UnitId,
    /// The office.
    pub office: Office,
    /// The person's name.
    pub person: Option<String>,
    /// How the office is written.
    pub title: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Zalo user id.
    pub zalo_user_id: Option<String>,
    /// First day, when it is said.
    pub from: Option<NaiveDate>,
    /// Last day, when it is said.
    pub to: Option<NaiveDate>,
}

impl Holder {
    /// Who holds `office` of `unit` as a form says it: a text for each field that a form has.
    ///
    /// # Errors
    /// The fields that are not as they should be.
    pub fn typed(unit: &Unit, office: Office, text: &dyn Fn(Field) -> String) -> Result<Self, Vec<WrongField>> {
        let mut wrong = Vec::new();
        let clean = |field: Field, wrong: &mut Vec<WrongField>| {
            let (line, said) = values::text(&SheetCell { text: text(field), ..SheetCell::default() });
            wrong.extend(unfit(field, said));
            line
        };
        let title = clean(Field::Title, &mut wrong);
        let person = clean(Field::Person, &mut wrong);
        let (email, said) = addresses::email(&clean(Field::Email, &mut wrong));
        wrong.extend(unfit(Field::Email, said));
        let (phone, said) = addresses::phone(&clean(Field::Phone, &mut wrong), CellKind::Text);
        wrong.extend(unfit(Field::Phone, said));
        let (zalo_user_id, said) = addresses::zalo(&clean(Field::Zalo, &mut wrong));
        wrong.extend(unfit(Field::Zalo, said));
        let (from, said) = values::date(&clean(Field::From, &mut wrong), CellKind::Text);
        wrong.extend(unfit(Field::From, said));
        let (to, said) = values::date(&clean(Field::To, &mut wrong), CellKind::Text);
        wrong.extend(unfit(Field::To, said));
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            let (sentence, remedy) = ends_first();
            wrong.push(WrongField { field: Field::To, said: Said::wrong(sentence, remedy, None) });
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let person = Some(person).filter(|person| !values::is_blank(person));
        let title = whole_title(&title, office, unit);
        Ok(Self { unit: unit.id.clone(), office, person, title, email, phone, zalo_user_id, from, to })
    }
}

/// A field of a form that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongField {
    /// Which one.
    pub field: Field,
    said: Said,
}

impl WrongField {
    /// Why, what to do, and what should probably stand there.
    pub fn told(&self, t: Tongue) -> String {
        self.said.told(t)
    }
}

fn unfit(field: Field, said: Vec<Said>) -> impl Iterator<Item = WrongField> {
    said.into_iter().filter(|said| said.wrong).map(move |said| WrongField { field, said })
}

/// What a row says of an office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// Which one.
    Office(Office),
    /// A deputy, not which of several.
    Deputy,
}

/// The office that a word of a sheet means: ours, or what clerks write. `Cấp phó 2` is the second deputy.
pub(super) fn office(text: &str) -> Option<Named> {
    let plain = without_diacritics(&fold(text));
    let word = Office::from_word(&plain).filter(|_| plain != "deputy").map(Named::Office);
    let numbered = || {
        let number = plain.strip_prefix("cap pho ")?.trim().parse().ok()?;
        Some(Named::Office(Office::Deputy(Seat::numbered(number)?)))
    };
    word.or_else(numbered).or_else(|| {
        let has = |words: &[&str]| words.iter().any(|word| plain.contains(word));
        if has(&["dau moi", "chuyen vien", "can bo phu trach", "nguoi lien he", "truc tiep lien he"]) {
            Some(Named::Office(Office::FocalPoint))
        } else if plain == "van phong" || plain == "van phong don vi" || has(&["van thu"]) {
            Some(Named::Office(Office::Bureau))
        } else if has(&["cap pho", "pho "]) || plain == "pho" || plain == "deputy" {
            Some(Named::Deputy)
        } else if has(&[
            "dung dau",
            "cap truong",
            "chu tich",
            "giam doc",
            "truong ban",
            "chanh van phong",
            "thu truong",
        ]) || plain == "truong"
        {
            Some(Named::Office(Office::Head))
        } else {
            None
        }
    })
}

/// A title as letters address it: `Chủ tịch` becomes `Chủ tịch UBND xã Song Mai`.
pub(super) fn whole_title(title: &str, office: Office, unit: &Unit) -> String {
    let title = if title.is_empty() { usual_title(office, unit.kind.level()) } else { title };
    let plain = without_diacritics(&fold(title));
    let bare =
        ["chu tich", "pho chu tich", "giam doc", "pho giam doc", "truong ban", "pho truong ban", "chu tich ubnd"];
    if !bare.contains(&plain.as_str()) {
        return title.to_owned();
    }
    let authority = unit.authority();
    let title = if plain == "chu tich ubnd" { title.rsplit_once(' ').map_or(title, |(first, _)| first) } else { title };
    format!("{title} {authority}")
}

const fn usual_title(office: Office, level: Level) -> &'static str {
    match (office, level) {
        (Office::FocalPoint, _) => "Đầu mối",
        (Office::Bureau, _) => "Văn phòng",
        (Office::Head, Level::Department) => "Giám đốc",
        (Office::Deputy(_), Level::Department) => "Phó Giám đốc",
        (Office::Head, _) => "Chủ tịch",
        (Office::Deputy(_), _) => "Phó Chủ tịch",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Kind, Validity};

    fn unit(name: &str, kind: Kind) -> Unit {
        let (id, valid) = (UnitId::new("x"), Validity::default());
        Unit { id, code: "x".into(), name: name.into(), kind, parent: None, aliases: Vec::new(), valid }
    }

    #[test]
    fn offices_are_known_by_our_words_and_by_those_of_clerks() {
        let third = Seat::numbered(3).unwrap();
        for (text, expected) in [
            ("head", Some(Named::Office(Office::Head))),
            ("Người đứng đầu", Some(Named::Office(Office::Head))),
            ("Chủ tịch UBND xã", Some(Named::Office(Office::Head))),
            ("Chánh Văn phòng", Some(Named::Office(Office::Head))),
            ("Phó Chủ tịch", Some(Named::Deputy)),
            ("PHÓ GIÁM ĐỐC", Some(Named::Deputy)),
            ("deputy", Some(Named::Deputy)),
            ("deputy_3", Some(Named::Office(Office::Deputy(third)))),
            ("Cấp phó 3", Some(Named::Office(Office::Deputy(third)))),
            ("Văn phòng", Some(Named::Office(Office::Bureau))),
            ("Đầu mối", Some(Named::Office(Office::FocalPoint))),
            ("Chuyên viên Văn phòng", Some(Named::Office(Office::FocalPoint))),
            ("Kế toán", None),
        ] {
            assert_eq!(office(text), expected, "{text}");
        }
    }

    #[test]
    fn a_bare_title_gets_its_unit() {
        let (commune, department) = (unit("Xã Song Mai", Kind::Commune), unit("Sở Công Thương", Kind::Department));
        for (title, office, unit, whole) in [
            ("Chủ tịch", Office::Head, &commune, "Chủ tịch UBND xã Song Mai"),
            ("Chủ tịch UBND", Office::Head, &commune, "Chủ tịch UBND xã Song Mai"),
            ("", Office::Deputy(Seat::FIRST), &department, "Phó Giám đốc Sở Công Thương"),
            ("Chánh Văn phòng", Office::FocalPoint, &department, "Chánh Văn phòng"),
        ] {
            assert_eq!(whole_title(title, office, unit), whole);
        }
    }
}

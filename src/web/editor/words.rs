//! What each template is called, and for whom it is.

use crate::message::revisions::Scenario;
use crate::pass::{Audience, What};
use crate::web::catalogue::Tongue;

/// Kinds of templates, in the order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Reminder,
    Other,
    RollUp,
    Part,
    Shell,
}

impl Kind {
    pub(super) const ALL: [Self; 5] = [Self::Reminder, Self::Other, Self::RollUp, Self::Part, Self::Shell];

    pub(super) fn title(self, t: Tongue) -> &'static str {
        t.say(match self {
            Self::Reminder => "letters.reminders",
            Self::Other => "letters.others",
            Self::RollUp => "letters.roll_ups",
            Self::Part => "letters.parts",
            Self::Shell => "letters.shell",
        })
    }
}

const COMMUNE: &str = "letters.to_commune";
const DISTRICT: &str = "letters.to_district";
const DEPARTMENT: &str = "letters.to_department";
const SEVERAL: &str = "letters.to_several";

/// File name, keys of what it is called and for whom its messages are, and the kind.
const KNOWN: [(&str, &str, &str, Kind); 32] = [
    ("commune_first.md", "letters.commune_first", COMMUNE, Kind::Reminder),
    ("commune_repeat.md", "letters.commune_repeat", COMMUNE, Kind::Reminder),
    ("commune_formal.md", "letters.commune_formal", COMMUNE, Kind::Reminder),
    ("district_first.md", "letters.district_first", DISTRICT, Kind::Reminder),
    ("district_repeat.md", "letters.district_repeat", DISTRICT, Kind::Reminder),
    ("district_formal.md", "letters.district_formal", DISTRICT, Kind::Reminder),
    ("department_first.md", "letters.department_first", DEPARTMENT, Kind::Reminder),
    ("department_repeat.md", "letters.department_repeat", DEPARTMENT, Kind::Reminder),
    ("department_formal.md", "letters.department_formal", DEPARTMENT, Kind::Reminder),
    ("thanks.md", "letters.thanks", "letters.to_met", Kind::Other),
    ("superior_copy.md", "letters.superior_copy", "letters.to_superior", Kind::Other),
    ("correction.md", "letters.correction", "letters.to_corrected", Kind::Other),
    ("superior_digest.md", "letters.superior_digest", "letters.to_superiors", Kind::RollUp),
    ("leaders_sheet.md", "letters.leaders_sheet", "letters.to_leaders", Kind::RollUp),
    ("admin_note.md", "letters.admin_note", "letters.to_admins", Kind::RollUp),
    ("_figures.md", "letters.part_figures", SEVERAL, Kind::Part),
    ("_actions.md", "letters.part_actions", SEVERAL, Kind::Part),
    ("_contact.md", "letters.part_contact", SEVERAL, Kind::Part),
    ("_reply.md", "letters.part_reply", SEVERAL, Kind::Part),
    ("_bases.md", "letters.part_bases", SEVERAL, Kind::Part),
    ("_subject.md", "letters.part_subject", SEVERAL, Kind::Part),
    ("_preheader.md", "letters.part_preheader", SEVERAL, Kind::Part),
    ("_sms.md", "letters.part_sms", SEVERAL, Kind::Part),
    ("_digest_indicators.md", "letters.part_digest_indicators", SEVERAL, Kind::Part),
    ("_digest_rest.md", "letters.part_digest_rest", SEVERAL, Kind::Part),
    ("_zalo_unit.md", "letters.part_zalo_unit", SEVERAL, Kind::Part),
    ("_zalo_row.md", "letters.part_zalo_row", SEVERAL, Kind::Part),
    ("_zalo_thanks_row.md", "letters.part_zalo_thanks_row", SEVERAL, Kind::Part),
    ("_zalo_digest_row.md", "letters.part_zalo_digest_row", SEVERAL, Kind::Part),
    ("_zalo_correction_row.md", "letters.part_zalo_correction_row", SEVERAL, Kind::Part),
    ("_zalo_contact.md", "letters.part_zalo_contact", SEVERAL, Kind::Part),
    ("shell.html", "letters.frame", "letters.to_mails", Kind::Shell),
];

/// Its place in the list: first ones first; those that staff added come last.
pub(super) fn place(name: &str) -> usize {
    KNOWN.iter().position(|(known, ..)| *known == name).unwrap_or(KNOWN.len())
}

fn known(name: &str) -> Option<(&'static str, &'static str, Kind)> {
    KNOWN.iter().find(|(known, ..)| *known == name).map(|(_, title, whom, kind)| (*title, *whom, *kind))
}

/// What it is called; a part that staff added by its name.
pub(in crate::web) fn title(t: Tongue, name: &str) -> String {
    known(name).map_or_else(|| name.trim_end_matches(".md").to_owned(), |(title, ..)| t.say(title).to_owned())
}

/// For whom its messages are.
pub(super) fn whom(t: Tongue, name: &str) -> &'static str {
    t.say(known(name).map_or("letters.to_own", |(_, whom, _)| whom))
}

/// What it is a kind of.
pub(super) fn kind(name: &str) -> Kind {
    known(name).map_or(Kind::Part, |(.., kind)| kind)
}

/// Whom roll-ups go to that are written with the template.
pub(super) fn audiences(name: &str) -> &'static [Audience] {
    match name {
        "superior_digest.md" => &[Audience::Superiors],
        "leaders_sheet.md" => &[Audience::Leaders],
        "admin_note.md" => &[Audience::Admins],
        _ if name.starts_with("_digest_") || name == "_zalo_digest_row.md" => &[Audience::Leaders, Audience::Superiors],
        _ => &[],
    }
}

/// What a situation is called.
pub(super) fn situation(t: Tongue, scenario: Scenario) -> &'static str {
    t.say(match scenario {
        Scenario::First => "editor.first",
        Scenario::Second => "editor.second",
        Scenario::Third => "editor.third",
        Scenario::AllMet => "editor.all_met",
        Scenario::Copy => "editor.copy",
        Scenario::NoContact => "editor.no_contact",
        Scenario::LongestName => "editor.longest_name",
    })
}

/// As addresses call it.
pub(super) fn slug(name: &str) -> &str {
    name.strip_suffix(".md").unwrap_or(name)
}

/// Whether schedules of this kind write messages with the template; `None`: a command writes them.
pub(super) fn written_by(name: &str) -> Option<What> {
    match name {
        "superior_digest.md" => Some(What::Digest),
        "leaders_sheet.md" => Some(What::Leaders),
        "admin_note.md" => Some(What::AdminNote),
        "correction.md" => None,
        _ => Some(What::Round),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Templates;

    #[test]
    fn every_shipped_template_has_a_name_of_its_own() {
        let shipped = Templates::built_in();
        let names: Vec<&str> = shipped.names().collect();
        assert_eq!(names.len(), KNOWN.len());
        assert!(names.iter().all(|name| known(name).is_some()), "{names:?}");
        for t in Tongue::ALL {
            let mut titles: Vec<String> = names.iter().map(|name| title(t, name)).collect();
            titles.sort_unstable();
            titles.dedup();
            assert_eq!(titles.len(), KNOWN.len());
        }
    }

    #[test]
    fn situations_are_called_as_outside_the_pages() {
        for scenario in Scenario::ALL {
            assert_eq!(situation(Tongue::Vietnamese, scenario), scenario.vietnamese());
        }
    }
}

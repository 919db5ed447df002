//! Finds the mapped columns in the header of a file of dossiers, and those that identify a person.

use unicode_normalization::UnicodeNormalization as _;

use super::Reading;
use super::answer::Failure;
use super::personal;

/// How many headers an error lists.
const LISTED: usize = 20;

/// For each column the number of the field that is mapped to it.
///
/// A first line without any mapped header may be a dossier: then nothing of it is repeated in the error.
pub(super) fn columns(header: &[String], reading: &Reading) -> Result<Vec<Option<usize>>, Failure> {
    let names: Vec<String> = header.iter().map(|name| name.trim().nfc().collect()).collect();
    let mapped: Vec<String> = reading.fields.iter().map(|(_, name)| name.trim().nfc().collect()).collect();
    let is_header = names.iter().any(|name| mapped.contains(name));
    refuse_personal(&names, reading, is_header)?;
    for ((field, _), wanted) in reading.fields.iter().zip(&mapped) {
        let mut found = (1..).zip(&names).filter(|(_, name)| *name == wanted).map(|(column, _)| column);
        match (found.next(), found.next()) {
            (Some(_), None) => {}
            (Some(one), Some(other)) => {
                let reason = format!("column `{wanted}` stands twice, as column {one} and {other}");
                return Err(Failure::new(reason, "give each column its own header"));
            }
            (None, _) if is_header => return Err(missing(&names, wanted, field.key())),
            (None, _) => return Err(no_header(&names, reading)),
        }
    }
    Ok(names.iter().map(|name| mapped.iter().position(|wanted| wanted == name)).collect())
}

fn refuse_personal(names: &[String], reading: &Reading, is_header: bool) -> Result<(), Failure> {
    if reading.drop_personal {
        return Ok(());
    }
    let mut personal =
        (1..).zip(names).filter_map(|(column, name): (usize, _)| Some((column, name, personal::kind(name)?)));
    let Some((column, name, kind)) = personal.next() else { return Ok(()) };
    let more = personal.count();
    let called = if is_header { format!("column {column}, `{name}`,") } else { format!("column {column}") };
    let others = if more > 0 { format!(", and {more} more such columns") } else { String::new() };
    Err(Failure::new(format!("{called} holds {kind}{others}"), DROP))
}

/// What to do about data of persons.
pub(super) const DROP: &str =
    "export the dossiers without data of persons, or set `drop_personal = true` to have such columns left out unread";

fn missing(names: &[String], wanted: &str, key: &str) -> Failure {
    let listed: Vec<String> = names.iter().take(LISTED).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(LISTED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let reason = format!("no column `{wanted}`; the header has {}{more}", listed.join(", "));
    Failure::new(reason, unmapped(key))
}

/// What to do about a field that is not there.
pub(super) fn unmapped(key: &str) -> String {
    format!("set `{key}` in [source.fields] to the column's header, or to \"\" if there is no such column")
}

fn no_header(names: &[String], reading: &Reading) -> Failure {
    if let [only] = names {
        let others = [(b';', ";"), (b',', ","), (b'\t', "\\t"), (b'|', "|")];
        let other = others.into_iter().find(|(byte, _)| *byte != reading.delimiter && only.as_bytes().contains(byte));
        if let Some((_, delimiter)) = other {
            return Failure::new(
                "the first line is a single cell",
                format!("set `delimiter = \"{delimiter}\"` of the source"),
            );
        }
    }
    let reason = "none of the mapped columns stands in the first line";
    Failure::new(reason, "export the file with its header, and set [source.fields] to its headers")
}

//! Sentences about rows, in both languages; those about single cells stand where cells are read.

use crate::catalog::contact::Office;
use crate::words::{Sentence, Tongue};

/// What should probably stand there, behind the sentence about what does.
pub(super) fn suggested(fix: &str, t: Tongue) -> String {
    format!(" {}", t.with("cell.suggested", fix))
}

/// An office that a row names a second time.
pub(super) fn named_before(office: Office, first: u32) -> (Sentence, Sentence) {
    let sentence = match office {
        Office::Head => Sentence::of("cell.head_before").and(first),
        Office::Deputy(seat) => Sentence::of("cell.deputy_before").and(first).and(seat.number()),
        Office::FocalPoint => Sentence::of("cell.focal_point_before").and(first),
        Office::Bureau => Sentence::of("cell.bureau_before").and(first),
    };
    (sentence, Sentence::of("cell.named_before_remedy"))
}

/// A deputy who stands there twice.
pub(super) fn same_deputy(first: u32) -> (Sentence, Sentence) {
    (Sentence::of("cell.same_deputy").and(first), Sentence::of("cell.same_deputy_remedy"))
}

/// A new deputy where several hold office, and nobody says whom he follows.
pub(super) fn which_deputy(held: usize) -> (Sentence, Sentence) {
    (Sentence::of("cell.which_deputy").and(held), Sentence::of("cell.which_deputy_remedy"))
}

/// More deputies than there are seats.
pub(super) fn too_many_deputies() -> (Sentence, Sentence) {
    (Sentence::of("cell.many_deputies"), Sentence::of("cell.many_deputies_remedy"))
}

pub(super) fn no_office(text: &str) -> Sentence {
    if text.is_empty() {
        return Sentence::of("cell.no_office");
    }
    Sentence::of("cell.which_office").and(text)
}

pub(super) fn what_offices() -> Sentence {
    Sentence::of("cell.office_remedy")
}

/// A term that ends before it begins.
pub(super) fn ends_first() -> (Sentence, Sentence) {
    (Sentence::of("cell.ends_first"), Sentence::of("cell.ends_first_remedy"))
}

pub(super) fn no_such_unit(shown: &str, alike: &str) -> (Sentence, Sentence) {
    let sentence = Sentence::of("cell.no_such_unit").and(shown);
    if alike.is_empty() {
        let remedy = Sentence::of("cell.no_such_unit_remedy");
        return (sentence, remedy);
    }
    let remedy = Sentence::of("cell.alike_remedy").and(alike);
    (sentence, remedy)
}

pub(super) fn several_units(name: &str, codes: &[String]) -> (Sentence, Sentence) {
    (
        Sentence::of("cell.several_units").and(codes.len()).and(name),
        Sentence::of("cell.several_units_remedy").and_one_of(codes),
    )
}

pub(super) fn code_and_name_differ(by_code: &str, by_name: &str) -> (Sentence, Sentence) {
    (
        Sentence::of("cell.code_and_name_differ").and(by_code).and(by_name),
        Sentence::of("cell.code_and_name_differ_remedy"),
    )
}

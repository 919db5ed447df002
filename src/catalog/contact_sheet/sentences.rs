//! Sentences about rows, in both languages; those about single cells stand where cells are read.

use super::words::{Language, Words};
use crate::catalog::contact::Office;

/// ` Gợi ý: …`.
pub(super) fn suggested(fix: &str, language: Language) -> String {
    match language {
        Language::Vietnamese => format!(" Gợi ý: {fix}"),
        Language::English => format!(" Suggested: {fix}"),
    }
}

pub(super) const fn office_names(office: Office) -> [&'static str; 2] {
    match office {
        Office::Head => ["người đứng đầu", "head"],
        Office::Deputy => ["cấp phó", "deputy"],
        Office::FocalPoint => ["đầu mối", "focal point"],
    }
}

pub(super) fn no_office(text: &str) -> Words {
    if text.is_empty() {
        return Words::of("Dòng này chưa ghi vai trò hoặc chức vụ.", "This row says neither office nor title.");
    }
    Words::of(
        format!("Không rõ “{text}” là người đứng đầu, cấp phó hay đầu mối."),
        format!("It is not clear whether “{text}” is head, deputy or focal point."),
    )
}

pub(super) fn what_offices() -> Words {
    Words::of(
        "Ghi “Người đứng đầu”, “Cấp phó” hoặc “Đầu mối” ở cột vai trò.",
        "Write “Người đứng đầu”, “Cấp phó” or “Đầu mối” into the column of offices.",
    )
}

/// A term that ends before it begins.
pub(super) fn ends_first() -> (Words, Words) {
    (
        Words::of("Ngày kết thúc trước ngày bắt đầu.", "The last day is before the first."),
        Words::of("Sửa lại một trong hai ngày.", "Correct one of the two days."),
    )
}

pub(super) fn no_such_unit(shown: &str, alike: &str) -> (Words, Words) {
    let sentence =
        Words::of(format!("Danh bạ không có đơn vị “{shown}”."), format!("The directory has no unit “{shown}”."));
    if alike.is_empty() {
        let remedy = Words::of("Ghi mã đơn vị như trong danh bạ.", "Write the unit's code as in the directory.");
        return (sentence, remedy);
    }
    let remedy = Words::of(
        format!("Ghi mã hoặc tên đúng như trong danh bạ. Gần giống: {alike}."),
        format!("Write code or name exactly as in the directory. Like it: {alike}."),
    );
    (sentence, remedy)
}

pub(super) fn several_units(name: &str, codes: &[String]) -> (Words, Words) {
    (
        Words::of(
            format!("Có {} đơn vị cùng tên “{name}”.", codes.len()),
            format!("{} units are called “{name}”.", codes.len()),
        ),
        Words::of(
            format!("Ghi mã đơn vị: {}.", codes.join(" hoặc ")),
            format!("Write the code of the unit: {}.", codes.join(" or ")),
        ),
    )
}

pub(super) fn code_and_name_differ(by_code: &str, by_name: &str) -> (Words, Words) {
    (
        Words::of(
            format!("Mã là của {by_code}, tên là của {by_name}."),
            format!("The code is that of {by_code}, the name that of {by_name}."),
        ),
        Words::of("Sửa mã hoặc tên cho khớp nhau.", "Correct the code or the name, so that they agree."),
    )
}

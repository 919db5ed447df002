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

/// An office that a row names a second time.
pub(super) fn named_before(office: Office, first: u32) -> (Words, Words) {
    let [vietnamese, english] = match office {
        Office::Head => ["người đứng đầu".to_owned(), "head".to_owned()],
        Office::Deputy(seat) => [format!("cấp phó {}", seat.number()), format!("deputy {}", seat.number())],
        Office::FocalPoint => ["đầu mối".to_owned(), "focal point".to_owned()],
        Office::Bureau => ["văn phòng".to_owned(), "secretariat".to_owned()],
    };
    (
        Words::of(
            format!("Dòng {first} đã ghi {vietnamese} của đơn vị này."),
            format!("Row {first} names the {english} of this unit already."),
        ),
        Words::of(
            "Mỗi vai trò một người (cấp phó có thể nhiều người): giữ một dòng, bỏ dòng kia.",
            "Each office has one person (deputies may be several): keep one row, leave out the other.",
        ),
    )
}

/// A deputy who stands there twice.
pub(super) fn same_deputy(first: u32) -> (Words, Words) {
    (
        Words::of(format!("Dòng {first} đã ghi cấp phó này."), format!("Row {first} names this deputy already.")),
        Words::of("Giữ một dòng, bỏ dòng kia.", "Keep one row, leave out the other."),
    )
}

/// A new deputy where several hold office, and nobody says whom he follows.
pub(super) fn which_deputy(held: usize) -> (Words, Words) {
    (
        Words::of(
            format!("Đơn vị đang có {held} cấp phó khác; không rõ người này thay ai hay thêm vào."),
            format!(
                "The unit has {held} other deputies; whom this one follows, or whether he is one more, is not clear."
            ),
        ),
        Words::of(
            "Ghi “Cấp phó 2”, “Cấp phó 3” … ở cột vai trò, hoặc ghi đủ mọi cấp phó của đơn vị.",
            "Write “Cấp phó 2”, “Cấp phó 3” … into the column of offices, or write all deputies of the unit.",
        ),
    )
}

/// More deputies than there are seats.
pub(super) fn too_many_deputies() -> (Words, Words) {
    (
        Words::of("Đơn vị có quá 9 cấp phó.", "The unit has more than 9 deputies."),
        Words::of(
            "Bỏ bớt dòng, hoặc kết thúc nhiệm kỳ người đã thôi giữ.",
            "Leave rows out, or end the terms of those who left.",
        ),
    )
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
        "Ghi “Người đứng đầu”, “Cấp phó”, “Đầu mối” hoặc “Văn phòng” ở cột vai trò.",
        "Write “Người đứng đầu”, “Cấp phó”, “Đầu mối” or “Văn phòng” into the column of offices.",
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

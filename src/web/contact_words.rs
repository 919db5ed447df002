//! How the directory is told to clerks: offices, terms, problems, mergers; and addresses as much as a visitor may see.

use std::collections::HashSet;

use super::words;
use crate::catalog::contact_sheet::{Inside, is_landline, modern_mobile};
use crate::catalog::directory::{Directory, DirectoryError, Issue};
use crate::catalog::{
    Contact, Office, Succession, SuccessionKind, Unit, UnitId, Validity, fold, mask_email, mask_phone,
};
use crate::source::NoSheet;

/// The office as clerks call it.
pub(super) const fn office_name(office: Office) -> &'static str {
    match office {
        Office::Head => "Người đứng đầu",
        Office::Deputy => "Cấp phó",
        Office::FocalPoint => "Đầu mối",
    }
}

/// A problem in a few words, and what to do about it.
pub(super) const fn issue_words(issue: Issue) -> (&'static str, &'static str) {
    match issue {
        Issue::NoRecipient => ("không ai nhận", "Bổ sung người đứng đầu có địa chỉ thư hoặc số di động."),
        Issue::Bounced => ("bị trả lại", "Tin gửi tới địa chỉ này bị trả lại: sửa địa chỉ, rồi đóng việc."),
        Issue::SharedAddress => ("trùng địa chỉ", "Nhiều người dùng chung một địa chỉ thư: ghi địa chỉ riêng."),
        Issue::NotOfficial => ("không phải .gov.vn", "Thay bằng địa chỉ thư công vụ."),
        Issue::LegacyMobile => ("số 11 chữ số", "Đầu số cũ đã hết dùng từ năm 2018: đổi sang đầu số mới."),
        Issue::Landline => ("máy bàn", "Máy bàn không nhận được tin nhắn: ghi số di động."),
        Issue::NoZalo => ("chưa có Zalo", "Ghi số di động hoặc mã Zalo để gửi được qua Zalo."),
        Issue::TermEnded => ("hết nhiệm kỳ", "Người cuối cùng đã thôi giữ chức vụ: ghi người kế nhiệm."),
    }
}

/// `từ 01/07/2025`, of the whole term: rows of the same person that follow each other are one.
pub(super) fn term(directory: &Directory, contact: &Contact) -> String {
    let mut from = contact.valid.from;
    let history = directory.history(&contact.unit, contact.office);
    for row in history.iter().rev() {
        let follows = from.is_some() && row.valid.to == from.and_then(|from| from.pred_opt());
        if follows && same_person(row, contact) {
            from = row.valid.from;
        }
    }
    span(Validity { from, to: contact.valid.to })
}

fn same_person(one: &Contact, other: &Contact) -> bool {
    let name = |contact: &Contact| contact.person.as_deref().map(fold);
    name(one) == name(other)
}

/// From when to when, in words; empty where nothing bounds it.
pub(super) fn span(valid: Validity) -> String {
    let day = |date: chrono::NaiveDate| words::local_date(&date.to_string());
    match (valid.from, valid.to) {
        (None, None) => String::new(),
        (Some(from), None) => format!("từ {}", day(from)),
        (None, Some(to)) => format!("đến {}", day(to)),
        (Some(from), Some(to)) => format!("{} – {}", day(from), day(to)),
    }
}

/// The address, whole or as much as everybody sees.
pub(super) fn email(contact: &Contact, whole: bool) -> Option<String> {
    contact.email.as_deref().map(|email| if whole { email.to_owned() } else { mask_email(email) })
}

/// The number, whole or as much as everybody sees.
pub(super) fn phone(contact: &Contact, whole: bool) -> Option<String> {
    contact.phone.as_deref().map(|phone| if whole { phone.to_owned() } else { mask_phone(phone) })
}

/// By which ways he could be reached.
pub(super) fn ways(contact: &Contact) -> String {
    let mobile = contact.phone.as_deref().is_some_and(|phone| !is_landline(phone) && modern_mobile(phone).is_none());
    let ways = [(contact.email.is_some(), "Thư"), (mobile || contact.zalo_user_id.is_some(), "Zalo"), (mobile, "SMS")];
    ways.into_iter().filter(|(there, _)| *there).map(|(_, way)| way).collect::<Vec<_>>().join(" · ")
}

/// What is recorded of mergers, splits and new names of units that are `inside`, newest first.
pub(super) fn successions(directory: &Directory, inside: Inside<'_>, at_most: usize) -> Vec<String> {
    let known: HashSet<&UnitId> = directory.units.iter().filter(|unit| inside(unit)).map(|unit| &unit.id).collect();
    let concerns = |one: &&Succession| known.contains(&one.successor) || known.contains(&one.predecessor);
    let mut own: Vec<&Succession> = directory.successions.iter().filter(concerns).collect();
    own.sort_by_key(|one| std::cmp::Reverse(one.date));
    own.into_iter().take(at_most).map(|one| succession(directory, one)).collect()
}

/// `Xã A (01) sáp nhập vào Phường B (02) từ 01/07/2025`.
pub(super) fn succession(directory: &Directory, one: &Succession) -> String {
    let named = |id: &UnitId, unit: Option<&Unit>| {
        unit.map_or_else(|| id.to_string(), |unit| format!("{} ({})", unit.name, unit.code))
    };
    let before = one.date.pred_opt().unwrap_or(one.date);
    let on = |id: &UnitId, day| directory.units.iter().find(|unit| unit.id == *id && unit.valid.covers(day));
    let (old, new) = (on(&one.predecessor, before), on(&one.successor, one.date));
    let verb = match one.kind {
        SuccessionKind::Merge => "sáp nhập vào",
        SuccessionKind::Split => "chia tách, một phần thành",
        SuccessionKind::Rename => "đổi tên thành",
        SuccessionKind::Reclassify => "chuyển loại thành",
    };
    let day = words::local_date(&one.date.to_string());
    format!("{} {verb} {} từ {day}", named(&one.predecessor, old), named(&one.successor, new))
}

/// Why a file gives no sheet, and what to do.
pub(super) fn no_sheet(error: &NoSheet) -> String {
    let NoSheet::Unreadable { reason, .. } = error else {
        return match error {
            NoSheet::TooMuch => {
                "Đọc tệp tốn quá nhiều thời gian hoặc bộ nhớ. Sao chép danh sách sang tệp Excel mới rồi tải lên."
                    .to_owned()
            }
            _ => "Hệ thống chưa đọc được tệp lúc này. Vui lòng thử lại.".to_owned(),
        };
    };
    let known = [
        ("protected by a password", "Tệp có mật khẩu. Lưu lại tệp không đặt mật khẩu rồi tải lên."),
        ("is a PDF", "Đây là tệp PDF. Xuất danh sách thành Excel (.xlsx) rồi tải lên."),
        ("Word document", "Đây là tệp Word. Sao chép bảng sang Excel rồi tải lên."),
        ("binary workbook", "Tệp .xlsb chưa đọc được. Lưu lại thành .xlsx rồi tải lên."),
        ("damaged or was cut off", "Tệp bị hỏng hoặc tải chưa hết. Chọn lại tệp và tải lên lần nữa."),
        ("inflates to more", "Tệp phình quá lớn khi mở nên không đọc. Sao chép danh sách sang tệp Excel mới."),
        ("reaches beyond", "Bảng có ô nằm quá xa. Sao chép riêng danh sách sang tệp Excel mới."),
        ("more than", "Tệp quá lớn. Chỉ giữ danh sách đầu mối rồi tải lên."),
        ("larger than", "Tệp lớn quá 8 MB. Chỉ giữ danh sách đầu mối rồi tải lên."),
        ("is empty", "Tệp trống. Kiểm tra lại tệp đã chọn."),
        ("holds anything", "Tệp không có dòng nào. Kiểm tra lại tệp đã chọn."),
        ("zip archive", "Đây là tệp nén, không phải Excel. Giải nén rồi chọn tệp Excel bên trong."),
        ("XML spreadsheet", "Tệp Excel 2003 dạng XML chưa đọc được. Lưu lại thành .xlsx rồi tải lên."),
        ("no workbook", "Đây không phải tệp Excel hoặc CSV. Chọn tệp .xlsx, .xls, .ods hoặc .csv."),
    ];
    let said = known.iter().find(|(part, _)| reason.contains(part)).map(|(_, words)| (*words).to_owned());
    said.unwrap_or_else(|| "Không đọc được tệp này. Mở bằng Excel, lưu lại thành .xlsx rồi tải lên.".to_owned())
}

/// Why an office was not changed, for people; a failure of the database is not for them.
pub(super) fn not_changed(error: &DirectoryError) -> Option<String> {
    match error {
        DirectoryError::Db(_) => None,
        DirectoryError::Changed(_) => Some("Có người vừa sửa danh bạ. Xem lại rồi ghi lần nữa.".to_owned()),
        _ => Some("Dòng này chồng ngày với dòng khác, hoặc đơn vị không tồn tại trong thời gian đó.".to_owned()),
    }
}

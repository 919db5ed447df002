//! What stands beside a refused file, for those who brought it.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use super::Reason;
use crate::clock::ZONE;

/// Why the file called `name` was refused, and what to do.
pub(super) fn why(source: &str, name: &str, reasons: &[Reason], now: DateTime<Utc>) -> String {
    let when = now.with_timezone(&ZONE).format("%d/%m/%Y %H:%M");
    let mut text = format!(
        "Tệp \"{name}\" chưa được tiếp nhận vào nguồn số liệu \"{source}\" (kiểm tra lúc {when}).\n\
         Số liệu đang sử dụng không thay đổi.\n"
    );
    for (number, reason) in (1..).zip(reasons) {
        let (what, todo) = plainly(reason.code);
        let _ = write!(text, "\n{number}. {what}\n");
        if !reason.place.is_empty() {
            let _ = writeln!(text, "   Vị trí: {}", reason.place);
        }
        let _ = writeln!(text, "   Cách xử lý: {todo}");
        let _ = writeln!(text, "   Chi tiết: {}", indented(&reason.message));
        if !reason.remedy.is_empty() {
            let _ = writeln!(text, "   Gợi ý của chương trình: {}", indented(&reason.remedy));
        }
    }
    text.push_str("\nSau khi sửa, đặt lại tệp vào thư mục tiếp nhận; không cần xóa tệp này.\n");
    text
}

/// What is wrong, and what to do about it.
fn plainly(code: &str) -> (&'static str, &'static str) {
    match code {
        "refused_rows" => (
            "Quá nhiều dòng có số liệu không hợp lệ.",
            "Sửa các ô được nêu dưới đây trong phần mềm nguồn rồi xuất lại tệp.",
        ),
        "row" => ("Ô số liệu không hợp lệ.", "Sửa ô này trong phần mềm nguồn rồi xuất lại tệp."),
        "empty" => (
            "Không có dòng số liệu nào sử dụng được.",
            "Kiểm tra cột kỳ báo cáo và mã đơn vị, sau đó xuất lại số liệu của năm.",
        ),
        "conflicting_rows" => (
            "Có những dòng cùng kỳ, cùng đơn vị, cùng thủ tục nhưng số liệu khác nhau.",
            "Giữ lại một dòng đúng của mỗi cặp rồi xuất lại tệp.",
        ),
        "too_large" => ("Tệp vượt quá dung lượng cho phép.", "Xuất ít tháng hoặc ít cột hơn."),
        "too_many_rows" => ("Tệp có quá nhiều dòng.", "Xuất ít tháng hơn, hoặc tổng hợp theo thủ tục."),
        "not_a_file" => ("Đây không phải là một tệp thông thường.", "Đặt chính tệp số liệu vào thư mục."),
        _ => (
            "Không đọc được tệp theo cấu trúc đã khai báo.",
            "Mở lại tệp để kiểm tra, sau đó xuất lại đúng mẫu và định dạng.",
        ),
    }
}

fn indented(text: &str) -> String {
    text.replace('\n', "\n   ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_brought_it_reads_what_is_wrong_where_and_what_to_do() {
        let reasons = [Reason {
            code: "row",
            place: "figures.csv:3:5".to_owned(),
            message: "received: `1x`: this is no count".to_owned(),
            remedy: "write digits only".to_owned(),
        }];
        let now = DateTime::from_timestamp_millis(1_667_176_200_000).expect("an instant");
        insta::assert_snapshot!(why("province", "figures.csv", &reasons, now), @r#"
        Tệp "figures.csv" chưa được tiếp nhận vào nguồn số liệu "province" (kiểm tra lúc 31/10/2022 07:30).
        Số liệu đang sử dụng không thay đổi.

        1. Ô số liệu không hợp lệ.
           Vị trí: figures.csv:3:5
           Cách xử lý: Sửa ô này trong phần mềm nguồn rồi xuất lại tệp.
           Chi tiết: received: `1x`: this is no count
           Gợi ý của chương trình: write digits only

        Sau khi sửa, đặt lại tệp vào thư mục tiếp nhận; không cần xóa tệp này.
        "#);
    }
}

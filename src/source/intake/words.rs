//! What stands beside a refused file, for those who brought it.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use super::Reason;
use crate::clock::ZONE;
use crate::words::Tongue;

/// Why the file called `name` was refused, and what to do.
pub(super) fn why(t: Tongue, (source, name): (&str, &str), reasons: &[Reason], now: DateTime<Utc>) -> String {
    let when = now.with_timezone(&ZONE).format("%d/%m/%Y %H:%M");
    let mut text = format!("{}\n{}\n", t.with3("intake.refused", name, source, when), t.say("intake.kept"));
    for (number, reason) in (1..).zip(reasons) {
        let (what, todo) = plainly(reason.code);
        let _ = write!(text, "\n{number}. {}\n", t.say(what));
        if !reason.place.is_empty() {
            let _ = writeln!(text, "   {}", t.with("intake.place", &reason.place));
        }
        let _ = writeln!(text, "   {}", t.with("intake.to_do", t.say(todo)));
        let _ = writeln!(text, "   {}", t.with("intake.detail", indented(&reason.message)));
        if !reason.remedy.is_empty() {
            let _ = writeln!(text, "   {}", t.with("intake.hint", indented(&reason.remedy)));
        }
    }
    let _ = write!(text, "\n{}\n", t.say("intake.again"));
    text
}

/// What is wrong, and what to do about it: keys of the words.
fn plainly(code: &str) -> (&'static str, &'static str) {
    match code {
        "refused_rows" => ("intake.refused_rows", "intake.refused_rows_remedy"),
        "row" => ("intake.row", "intake.row_remedy"),
        "empty" => ("intake.empty", "intake.empty_remedy"),
        "conflicting_rows" => ("intake.conflicting_rows", "intake.conflicting_rows_remedy"),
        "too_large" => ("intake.too_large", "intake.too_large_remedy"),
        "too_many_rows" => ("intake.too_many_rows", "intake.too_many_rows_remedy"),
        "not_a_file" => ("intake.no_file", "intake.no_file_remedy"),
        _ => ("intake.unreadable", "intake.unreadable_remedy"),
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
        insta::assert_snapshot!(why(Tongue::Vietnamese, ("province", "figures.csv"), &reasons, now), @r#"
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

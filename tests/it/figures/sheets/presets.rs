//! The layouts that ship with the program, each on a small report as systems print it.

use super::{Nothing, Number, Put, Source, Text, texts, workbook};

fn preset(name: &str) -> String {
    format!("preset = \"{name}\"\n")
}

/// The page of a one-stop system: no charset, inline styles, an Office comment, a title table around the report.
fn bieu_06() -> String {
    let row = |cells: &[&str]| {
        let cells: Vec<String> =
            cells.iter().map(|cell| format!("<td style=\"mso-number-format:'\\@'\">{cell}</td>")).collect();
        format!("<tr>{}</tr>", cells.concat())
    };
    let rows = [
        row(&["I", "Sở, ban, ngành", "", "", "", "", "", "", "", "", "", "", ""]),
        row(&["1", "Sở Công Thương", "1.250", "1.000", "234", "16", "1.200", "1.000", "190", "10", "50", "45", "5"]),
        row(&["II", "UBND xã, phường, thị trấn", "", "", "", "", "", "", "", "", "", "", ""]),
        row(&["1", "UBND xã Hiệp Hoà", "40", "10", "30", "-", "38", "30", "8", "-", "2", "2", "-"]),
        row(&["", "<b>Tổng cộng</b>", "1.290", "1.010", "264", "16", "1.238", "1.030", "198", "10", "52", "47", "5"]),
    ];
    format!(
        "<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><head><!--[if gte mso 9]><xml><x:ExcelWorkbook/></xml><![endif]-->\
         <style>td {{ border: 1px solid }}</style></head><body><div><table><tbody>\
         <tr><td colspan=\"2\">Biểu số 06/VPCP/KSTT</td><td colspan=\"6\">TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT TTHC<br/>\
         (Từ ngày 01/10/2022 đến ngày 31/10/2022)</td></tr></tbody></table>\
         <table><tbody><tr><td colspan=\"13\">Đơn vị tính: Số hồ sơ TTHC</td></tr>\
         <tr><td rowspan=\"3\"><strong>STT</strong></td><td rowspan=\"3\"><strong>Lĩnh vực, công việc giải quyết theo cấp</strong></td>\
         <td colspan=\"4\">Số hồ sơ nhận giải quyết</td><td colspan=\"4\">Số hồ sơ đã giải quyết</td>\
         <td colspan=\"3\">Số lượng hồ sơ đang giải quyết</td></tr>\
         <tr><td rowspan=\"2\">Tổng số</td><td colspan=\"2\">Trong đó</td><td rowspan=\"2\">Từ kỳ trước</td>\
         <td rowspan=\"2\">Tổng số</td><td rowspan=\"2\">Trước hạn</td><td rowspan=\"2\">Đúng hạn</td><td rowspan=\"2\">Quá hạn</td>\
         <td rowspan=\"2\">Tổng số</td><td rowspan=\"2\">Trong hạn</td><td rowspan=\"2\">Quá hạn</td></tr>\
         <tr><td>Trực tuyến</td><td>Trực tiếp, dịch vụ bưu chính</td></tr>\
         <tr><td>(1)</td><td>(2)</td><td>(3)=(4)+(5)+(6)</td><td>(4)</td><td>(5)</td><td>(6)</td><td>(7)</td><td>(8)</td><td>(9)</td>\
         <td>(10)</td><td>(11)</td><td>(12)</td><td>(13)</td></tr>{}</tbody></table>\
         <table><tr><td>NGƯỜI LẬP BIỂU</td><td>THỦ TRƯỞNG ĐƠN VỊ</td></tr></table></div></body></html>",
        rows.concat()
    )
}

#[test]
fn bieu_06_saved_as_a_web_page() {
    insta::assert_snapshot!(Source::of(&preset("bieu-06"), bieu_06().as_bytes()).told());
}

#[test]
fn bieu_06_with_a_wrong_total_a_missing_part_and_a_strange_unit() {
    let page = bieu_06()
        .replace(">1.010<", ">1.011<")
        .replace("Sở Công Thương", "Sở Công Thương mới")
        .replace(">30</td><td style=\"mso-number-format:'\\@'\">-<", "></td><td style=\"mso-number-format:'\\@'\">-<");
    insta::assert_snapshot!(Source::of(&preset("bieu-06"), page.as_bytes()).told());
}

/// A count as these reports write it, and a share.
const DVCTT_766: [[&str; 18]; 2] = [
    [
        "STT",
        "Mã định danh",
        "Tên đơn vị",
        "Số hồ sơ nhận giải quyết",
        "",
        "",
        "Tỷ lệ nộp hồ sơ trực tuyến",
        "",
        "",
        "Kết quả xử lý hồ sơ nộp trực tuyến với hồ sơ đang xử lý",
        "",
        "",
        "",
        "Số lượng hồ sơ Đã đồng bộ về cổng DVC QG",
        "Tổng HS có nghĩa vụ tài chính",
        "Thanh toán trực tuyến trên Cổng DVC Quốc gia",
        "",
        "",
    ],
    [
        "",
        "",
        "",
        "Số mới tiếp nhận trực tuyến",
        "Số mới tiếp nhận trực tiếp",
        "Số mới tiếp nhận qua BCCI",
        "Tỷ lệ trực tuyến (%)",
        "Tỷ lệ trực tiếp (%)",
        "Tỷ lệ nộp BCCI (%)",
        "HS xử lý đúng hạn",
        "HS xử lý quá hạn",
        "Tỷ lệ HS xử lý đúng hạn (%)",
        "Tỷ lệ HS xử lý quá hạn (%)",
        "",
        "",
        "Số HS đã TTTT cổng DVC QG",
        "Tỷ lệ TTTT cổng DVC QG (%)",
        "Tỷ lệ TT trực tiếp (%)",
    ],
];

fn dvctt_766_book(share: &'static str, unit: &'static str) -> Vec<u8> {
    let mut rows: Vec<Vec<Put>> = vec![
        vec![Text("THEO DÕI CHỈ TIÊU DVC TRỰC TUYẾN - THEO QUYẾT ĐỊNH SỐ 766/QĐ-TTG NGÀY 23/06/2022")],
        vec![Text("(Từ ngày 01/01/2022 đến ngày 31/10/2022)")],
    ];
    rows.extend(texts(&[
        DVCTT_766[0],
        DVCTT_766[1],
        ["I", "Sở ban ngành", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", ""],
        [
            "1", "SCT", unit, "1.000", "230", "20", share, "18,4", "1,6", "45", "5", "90", "10", "1.100", "300", "100",
            "33.33%", "66.67%",
        ],
        ["II", "Huyện, thành phố, thị xã", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", ""],
        ["2", "07201", "Xã Hiệp Hòa", "0", "0", "0", "0", "0", "0", "0", "0", "0", "0", "0", "0", "0", "0", "0"],
    ]));
    let merges = [
        (0, 0, 0, 17),
        (1, 0, 1, 17),
        (2, 0, 3, 0),
        (2, 1, 3, 1),
        (2, 2, 3, 2),
        (2, 3, 2, 5),
        (2, 6, 2, 8),
        (2, 9, 2, 12),
        (2, 13, 3, 13),
        (2, 14, 3, 14),
        (2, 15, 2, 17),
        (4, 1, 4, 17),
        (6, 1, 6, 17),
    ];
    workbook(&rows, &merges)
}

#[test]
fn dvctt_766_with_its_printed_shares() {
    insta::assert_snapshot!(Source::of(&preset("dvctt-766"), &dvctt_766_book("80", "Sở Công Thương")).told());
}

#[test]
fn dvctt_766_with_a_wrong_share_and_a_code_of_another_unit() {
    insta::assert_snapshot!(Source::of(&preset("dvctt-766"), &dvctt_766_book("80,02", "Xã Hiệp Hòa")).told());
}

fn thanh_toan(cash: Put) -> Vec<u8> {
    let mut rows = texts(&[
        ["THEO DÕI THU PHÍ, LỆ PHÍ THEO HÌNH THỨC THANH TOÁN", "", "", "", "", "", "", "", "", ""],
        ["Tháng 10 năm 2022", "", "", "", "", "", "", "", "", ""],
        [
            "STT",
            "Tên đơn vị",
            "Lệ phí đã thu (VNĐ)",
            "Phí đã thu (VNĐ)",
            "Số tiền (VNĐ)",
            "Phân loại theo hình thức thu phí, lệ phí",
            "",
            "",
            "Số lượt hồ sơ đã thu phí, lệ phí",
            "Số lượt hồ sơ thuộc đối tượng miễn phí",
        ],
        ["", "", "", "", "", "Tiền mặt (VNĐ)", "Chuyển khoản (VNĐ)", "", "", ""],
        ["", "", "", "", "", "", "Qua cổng DVCQG", "Chuyển khoản khác", "", ""],
    ]);
    let number = |count: f64| Number(count);
    rows.push(vec![
        number(1.0),
        Text("Sở Công Thương"),
        number(500_000.0),
        number(1_500_000.0),
        number(2_000_000.0),
        cash,
        number(900_000.0),
        number(100_000.0),
        number(20.0),
        number(3.0),
    ]);
    rows.push(vec![
        Nothing,
        Text("TỔNG"),
        number(500_000.0),
        number(1_500_000.0),
        number(2_000_000.0),
        number(1_000_000.0),
        number(900_000.0),
        number(100_000.0),
        number(20.0),
        number(3.0),
    ]);
    let merges = [
        (0, 0, 0, 9),
        (1, 0, 1, 9),
        (2, 0, 4, 0),
        (2, 1, 4, 1),
        (2, 2, 4, 2),
        (2, 3, 4, 3),
        (2, 4, 4, 4),
        (2, 5, 2, 7),
        (3, 5, 4, 5),
        (3, 6, 3, 7),
        (2, 8, 4, 8),
        (2, 9, 4, 9),
    ];
    workbook(&rows, &merges)
}

#[test]
fn payments_by_way_of_paying() {
    insta::assert_snapshot!(Source::of(&preset("thanh-toan"), &thanh_toan(Number(1_000_000.0))).told());
}

#[test]
fn payments_with_a_count_that_another_locale_damaged() {
    insta::assert_snapshot!(Source::of(&preset("thanh-toan"), &thanh_toan(Number(1.5))).told());
}

fn thu_phi(header: &'static str, share: Put) -> Vec<u8> {
    let mut rows = texts(&[
        ["THU PHÍ, LỆ PHÍ (Từ ngày 01/10/2022 đến ngày 31/10/2022)", "", "", "", "", "", "", ""],
        ["STT", "Tên đơn vị", header, "Trực tiếp", "Trực tuyến", "Tỷ lệ", "Phí", "Lệ phí"],
    ]);
    rows.push(vec![
        Number(1.0),
        Text("Sở Công Thương"),
        Number(30.0),
        Number(20.0),
        Number(10.0),
        share,
        Text("1.500.000"),
        Text("N/A"),
    ]);
    workbook(&rows, &[(0, 0, 0, 7)])
}

#[test]
fn fees_with_a_share_that_is_a_fraction_under_a_percent_format() {
    insta::assert_snapshot!(Source::of(&preset("thu-phi"), &thu_phi("Số hồ sơ thu phí", Number(0.3333))).told());
}

#[test]
fn fees_with_a_wrong_share_and_under_another_header() {
    let wrong = Source::of(&preset("thu-phi"), &thu_phi("Số hồ sơ thu phí", Text("50%"))).told();
    let other = Source::of(&preset("thu-phi"), &thu_phi("Số HS thu phí", Text("33,33"))).told();
    insta::assert_snapshot!([wrong, other].join("\n"));
}

#[test]
fn own_keys_go_before_those_of_the_preset() {
    let settings = "preset = \"thu-phi\"\n[source.layout]\nperiod = \"2022-09\"\n[source.columns.measures]\nfee_transactions = \"Số HS thu phí\"\n";
    insta::assert_snapshot!(Source::of(settings, &thu_phi("Số HS thu phí", Text("33,33"))).told(), @"Sở Công Thương in 2022-09: fee_transactions 30");
}

const SO_HOA_MERGES: [(u32, u16, u32, u16); 8] = [
    (0, 0, 0, 13),
    (1, 0, 2, 0),
    (1, 1, 2, 1),
    (1, 2, 2, 2),
    (1, 3, 1, 7),
    (1, 8, 2, 8),
    (1, 9, 1, 11),
    (1, 12, 1, 13),
];

fn so_hoa(unit: &'static str, done: &'static str) -> Vec<u8> {
    let rows = texts(&[
        [
            "THEO DÕI MỨC ĐỘ SỐ HÓA CÁC ĐƠN VỊ - THEO QUYẾT ĐỊNH SỐ 766/QĐ-TTg ngày 23/06/2022 (Từ ngày 01/10/2022 đến ngày 31/10/2022)",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
        ],
        [
            "STT",
            "Đơn vị",
            "Tiếp nhận",
            "Số hoá hồ sơ TTHC khi tiếp nhận",
            "",
            "",
            "",
            "",
            "Đã giải quyết",
            "Số hóa kết quả giải quyết",
            "",
            "",
            "Đánh giá",
            "",
        ],
        [
            "",
            "",
            "",
            "Chưa số hóa TPHS",
            "Có số hóa TPHS",
            "Có tái sử dụng thành phần",
            "Có tái sử dụng thành phần từ cổng DVC quốc gia",
            "Tỷ lệ số hóa TPHS",
            "",
            "Chưa số hóa",
            "Đã số hóa",
            "Tỷ lệ số hóa kết quả",
            "Tỷ lệ số hóa TPHS",
            "Tỷ lệ số hóa kết quả",
        ],
        ["1", unit, "1.200", "200", "1.000", "0", "0", "83,33%", "1.100", "100", done, "90,91%", "Đạt", "Đạt"],
    ]);
    workbook(&rows, &SO_HOA_MERGES)
}

#[test]
fn digitised_results() {
    insta::assert_snapshot!(Source::of(&preset("so-hoa"), &so_hoa("Sở Công Thương", "1.000")).told());
}

#[test]
fn digitised_results_with_an_ambiguous_unit_and_a_fraction() {
    let ambiguous = Source::of(&preset("so-hoa"), &so_hoa("Xã Phúc Sơn", "1.000")).told();
    let fraction = Source::of(&preset("so-hoa"), &so_hoa("Sở Công Thương", "1.00")).told();
    insta::assert_snapshot!([ambiguous, fraction].join("\n"));
}

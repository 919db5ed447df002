//! Files with one row per dossier: what they add up to, what is refused, and that nothing of a person is kept.

use std::fmt::Write as _;

use dondoc::catalog::UnitId;
use dondoc::words::Tongue;

use super::{observed_on, problems, settings_in, shown};

const PRESET: &str = "preset = \"dvcqg-dossiers\"\n";
const FIXTURE: &str = include_str!("../fixtures/dossiers/dossiers.csv");

/// What a round as of `as_of`, made on 31 October, makes of a file with this text.
async fn told_on(as_of: &str, own: &str, file: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("dossiers"), file).unwrap();
    let tables = format!("[[source]]\nname = \"dossiers\"\npath = \"dossiers\"\n{own}");
    let told = match observed_on("2022-10-31", &settings_in(folder.path(), &tables), as_of).await {
        Err(error) => format!("{error}\n"),
        Ok(observations) => {
            let mut told = shown(&observations);
            for refusal in &observations.refusals {
                assert!(!Tongue::Vietnamese.retold(&refusal.reason).is_english, "{refusal}");
            }
            for unit in ["SCT", "07201", "07318"].map(UnitId::new) {
                if observations.is_incomplete(&unit) {
                    writeln!(told, "not judged: {unit}").unwrap();
                }
            }
            let snapshot = &observations.snapshots[0];
            let (rows, refused) = (snapshot.rows, snapshot.refused);
            writeln!(told, "{rows} dossiers, {refused} refused, {} of other periods", snapshot.skipped).unwrap();
            writeln!(told, "{} once more", snapshot.repeated).unwrap();
            told
        }
    };
    told.replace(&format!("{}/", folder.path().display()), "")
}

async fn told(own: &str, file: &[u8]) -> String {
    told_on("2022-10-31", own, file).await
}

/// The rows of the fixture as JSON objects, an empty cell as null.
fn objects() -> Vec<String> {
    let mut reader = csv::Reader::from_reader(FIXTURE.as_bytes());
    let header = reader.headers().unwrap().clone();
    let object = |row: csv::StringRecord| {
        let cell = |cell: &str| if cell.is_empty() { serde_json::Value::Null } else { cell.into() };
        let members = header.iter().zip(&row).map(|(name, text)| (name.to_owned(), cell(text)));
        serde_json::Value::Object(members.collect()).to_string()
    };
    reader.records().map(|row| object(row.unwrap())).collect()
}

#[tokio::test]
async fn dossiers_of_the_national_record_add_up_to_the_measures_that_its_fields_tell() {
    let from_csv = told(PRESET, FIXTURE.as_bytes()).await;
    insta::assert_snapshot!(from_csv);
    let json = format!("{PRESET}format = \"json\"\n");
    assert_eq!(told(&json, format!("[\n{}\n]\n", objects().join(",\n")).as_bytes()).await, from_csv);
    assert_eq!(told(&json, format!("{}\n", objects().join("\n")).as_bytes()).await, from_csv);
    let crlf = format!("\u{feff}{}", FIXTURE.replace('\n', "\r\n").replace(',', ";"));
    assert_eq!(told(&format!("{PRESET}delimiter = \";\"\n"), crlf.as_bytes()).await, from_csv);
}

#[tokio::test]
async fn figures_of_a_day_within_a_month_leave_out_what_came_later() {
    insta::assert_snapshot!(told_on("2022-10-05", PRESET, FIXTURE.as_bytes()).await);
}

#[tokio::test]
async fn a_field_that_is_not_there_gives_no_measure_and_no_nought() {
    let own = format!(
        "{PRESET}without_result = [\"2.000033\"]\n[source.fields]\nnumber = \"\"\nfee = \"\"\nresult = \"\"\n\
         due_on = \"\"\ndigitised = \"\"\n[source.payments]\npaid_cash = [\"9\"]\n"
    );
    insta::assert_snapshot!(told(&own, FIXTURE.as_bytes()).await);
}

#[tokio::test]
async fn a_dossier_with_anything_wrong_is_refused_by_its_place_and_its_unit_is_not_judged() {
    let header = FIXTURE.lines().next().unwrap();
    let good = "1,07201,1.000001,x,1,20221003,20221005,20221004,,0,,0,9";
    let mut text = format!("{header}\n{good}\n");
    for row in [
        "2,07318,1.000001,x,4,20221003,,,,0,,0,9",
        "3,07318,1.000001,x,1,03/10/2022,,,,0,,0,9",
        "4,07318,1.000001,x,1,19991231,,,,0,,0,9",
        "5,07318,1.000001,x,1,20221101,,,,0,,0,9",
        "6,07318,1.000001,x,1,,,,,0,,0,9",
        "7,07318,1.000001,x,1,20221003,,20221002,,0,,0,9",
        "8,07318,1.000001,x,1,20221003,,,,0,1,0,9",
        "9,07318,1.000001,x,1,20221003,,,,8000,7,0,9",
        "10,07318,1.000001,x,1,20221003,,,,tám nghìn,,0,9",
        "11,07318,1.000001,x,1,20221003,,,,0,,có,9",
        "12,07318,,x,1,20221003,,,,0,,0,9",
        ",07318,1.000001,x,1,20221003,,,,0,,0,9",
        "14,,1.000001,x,1,20221003,,,,0,,0,9",
        "15,024099000111,1.000001,x,1,20221003,,,,0,,0,9",
        "16,07318,1.000001,x,1,20221003",
        "17,07318,1.000001,x,1,20221003,,,,0,,0,9,y",
        "18,07318,1.000001,x,1,20221003,,,,0,,0,9,,",
        "19,99999,1.000001,x,1,20221003,,,,0,,0,9",
        "20,SCT,1.000001,x,1,20221003,,,,0,,0,9",
        "20,SCT,1.000001,x,2,20221003,,,,0,,0,9",
    ] {
        writeln!(text, "{row}").unwrap();
    }
    let told = told(PRESET, text.as_bytes()).await;
    assert!(!told.contains("024099000111") && !told.contains("tám nghìn"), "{told}");
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn a_refusal_in_json_names_item_or_line() {
    let json = format!("{PRESET}format = \"json\"\n");
    let mut rows = objects();
    rows[1] = rows[1].replace("\"2\"", "\"8\"");
    rows[2] = rows[2].replace("\"8000\"", "[8000]");
    let list = told(&json, format!("[{}]", rows.join(",")).as_bytes()).await;
    let lines = told(&json, rows.join("\n").as_bytes()).await;
    let refused = |told: &str| told.lines().filter(|line| line.starts_with("refused")).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(format!("{}\n{}", refused(&list), refused(&lines)));
}

#[tokio::test]
async fn a_column_of_persons_is_refused_or_dropped_unread() {
    const NAME: &str = "Lê Thị Mẫu";
    const IDENTITY: &str = "024099000111";
    let personal = |text: &str| {
        let rows = text.replace("\ntrích", " trích");
        let mut lines = rows.lines().filter(|line| !line.is_empty());
        let header = format!("{},ChuHoSo,Số CMND", lines.next().unwrap());
        lines.fold(header, |text, line| format!("{text}\n{line},\"{NAME}\",{IDENTITY}"))
    };
    let mut told_all = told(PRESET, personal(FIXTURE).as_bytes()).await;
    let objects: Vec<String> = objects()
        .iter()
        .map(|object| {
            object.replacen('{', &format!("{{\"NguoiNop\":[{{\"HoTen\":\"{NAME}\",\"x\":\"{IDENTITY}\"}}],"), 1)
        })
        .collect();
    let json = format!("{PRESET}format = \"json\"\n");
    let list = format!("[{}]", objects.join(","));
    told_all += &told(&json, list.as_bytes()).await;
    insta::assert_snapshot!(told_all);

    let plain = told(PRESET, FIXTURE.as_bytes()).await;
    let drop = "drop_personal = true\n";
    assert_eq!(told(&format!("{PRESET}{drop}"), personal(FIXTURE).as_bytes()).await, plain);
    assert_eq!(told(&format!("{json}{drop}"), list.as_bytes()).await, plain);
    // A row that is torn, or that holds a name where a code belongs, does not show it either.
    let shifted = personal(FIXTURE).replace("SCT,2.000033", &format!("{NAME},{IDENTITY}"));
    told_all += &told(&format!("{PRESET}{drop}"), shifted.as_bytes()).await;
    assert!(!told_all.contains(NAME) && !told_all.contains(IDENTITY), "{told_all}");
}

#[tokio::test]
async fn a_file_that_is_no_table_of_dossiers_is_refused_by_its_name_and_without_its_contents() {
    let json = format!("{PRESET}format = \"json\"\n");
    let without = |from: &str| FIXTURE.replacen(from, "Khac", 1);
    let row = FIXTURE.lines().nth(1).unwrap();
    let open = format!("{FIXTURE}1,\"{}", "x\n".repeat(3 << 20));
    let cases: [(&str, &str, Vec<u8>); 11] = [
        ("empty", PRESET, Vec::new()),
        ("without a column", PRESET, without("KenhThucHien").into()),
        ("a column twice", PRESET, FIXTURE.replacen("TenTTHC", "MaTTHC", 1).into()),
        ("without header", PRESET, row.into()),
        ("another delimiter", &format!("{PRESET}delimiter = \";\"\n"), FIXTURE.into()),
        ("a workbook", PRESET, b"PK\x03\x04".to_vec()),
        ("an open quotation mark", PRESET, open.into()),
        ("not UTF-8", PRESET, [FIXTURE.as_bytes(), b"9,X\xff\xfe,"].concat()),
        ("CSV as JSON", &json, FIXTURE.into()),
        ("JSON that is cut off", &json, format!("[{},", objects()[0]).into()),
        ("JSON without a member", &json, b"[{\"MaHoSo\":\"1\"}]".to_vec()),
    ];
    let mut all = String::new();
    for (what, own, file) in cases {
        writeln!(all, "{what}: {}", told(own, &file).await).unwrap();
    }
    assert!(!all.contains("220905"), "{all}");
    insta::assert_snapshot!(all);
}

#[test]
fn a_mapping_that_cannot_work_is_answered_with_all_its_mistakes() {
    insta::assert_snapshot!(problems(
        "[[source]]\nname = \"dossiers\"\nkind = \"dossiers\"\npath = \"/dev/null\"\ndate_format = \"dmy\"\n\
         [source.fields]\nunit_name = \"Họ tên\"\nfee = \"LePhi\"\npayment = \"LePhi\"\n\
         [source.channels]\nonline = [\"1\"]\n[source.columns]\nperiod = \"x\"\n"
    ));
}

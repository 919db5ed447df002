//! A file with one row per dossier leads to the very messages that the statistics of the same dossiers lead to.

use std::fmt::Write as _;

use super::{DAY, each, ledger, plan, round, says};
use crate::support::project::{Project, code};

const SOURCE: &str = "kind = \"dossiers\"\npreset = \"dvcqg-dossiers\"\npath = \"dossiers.csv\"\n";

/// The dossiers that `figures.csv` of `units` communes would count, and that file with just their measures.
fn both(units: usize) -> (String, String) {
    let mut dossiers = "MaHoSo,MaDonVi,MaTTHC,KenhThucHien,NgayTiepNhan,NgayHenTra,NgayKetThucXuLy,\
                        DuongDanTepTinKetQua,LePhi,DuocThanhToanTrucTuyen,HoSoCoThanhPhanSoHoa\n"
        .to_owned();
    let mut figures = "period,unit_code,service_code,received,received_online,results_due,results_electronic,\
                       fee_transactions,paid_on_portal,services_online_with_dossiers\n"
        .to_owned();
    for unit in (0..units).map(code) {
        for (service, online, due, electronic, fees, paid) in
            [("1.000001", 20, 90, 3, 80, 3), ("1.000002", 20, 95, 2, 60, 1)]
        {
            writeln!(figures, "2022-10,{unit},{service},100,{online},{due},{electronic},{fees},{paid},1").unwrap();
            for number in 0..100 {
                let channel = if number < online { 2 } else { 1 };
                let resolved = if number < due { "20221020100000" } else { "" };
                let result = if number < electronic { "https://dvc.tinh.example/kq" } else { "" };
                let fee = if number < fees { 8_000 } else { 0 };
                let payment = if number < paid { "1" } else { "" };
                writeln!(
                    dossiers,
                    "{unit}-{service}-{number},{unit},{service},{channel},20221003081500,20221021170000,{resolved},\
                     {result},{fee},{payment},1"
                )
                .unwrap();
            }
        }
    }
    (dossiers, figures)
}

/// A project whose figures come from dossiers, or from statistics of the same measures.
fn project(units: usize, from_dossiers: bool) -> Project {
    let project = Project::new(&plan());
    let (dossiers, figures) = both(units);
    let measures = figures.lines().next().unwrap().split(',').skip(3);
    let measures: Vec<String> = measures.map(|name| format!("{name} = \"{name}\"\n")).collect();
    let measures = measures.concat();
    let csv = "kind = \"csv\"\npath = \"figures.csv\"\n";
    let own = if from_dossiers { SOURCE.to_owned() } else { format!("{csv}[source.columns.measures]\n{measures}") };
    project.edit("config.toml", csv, &own);
    project.write("figures.csv", &figures);
    project.write("dossiers.csv", &dossiers);
    project
}

/// Whom every message is about and what it says.
fn messages(project: &Project) -> Vec<String> {
    let mut said = Vec::new();
    for entry in super::entries(project) {
        let shown = project.run(&["outbox", "show", entry["id"].as_str().unwrap()]);
        let (_, message) = shown.out.split_once("\n}\n").expect("an entry, then its message");
        let (message, _) = message.split_once("\nattempt").expect("a message, then its attempts");
        // The code of the figures is the hash of the file, and the files differ.
        let (before, code) = message.split_once("Mã số liệu: ").expect("the code of the figures");
        said.push(format!("{}: {before}{}", entry["unit_code"], code.get(8..).unwrap_or_default()));
    }
    said.sort();
    said
}

#[test]
fn dossiers_and_the_statistics_of_them_remind_the_same_heads_in_the_same_words() {
    let (one, other) = (project(super::UNITS, true), project(super::UNITS, false));
    for project in [&one, &other] {
        let done = round(project);
        assert_eq!(done.code, 0, "{}", done.err);
        assert_eq!(ledger(project), each(0..super::UNITS, "sent"));
    }
    let said = messages(&one);
    assert!(said.iter().all(|message| message.contains("xã Số") && message.contains("20,00%")), "{said:#?}");
    assert_eq!(said, messages(&other));
    let database = std::fs::read(one.path("dondoc.db")).unwrap();
    let holds = |text: &str| database.windows(text.len()).any(|bytes| bytes == text.as_bytes());
    assert!(holds("X000001") && !holds("X000001-1.000001-7") && !holds("dvc.tinh.example"), "only sums are stored");
}

#[test]
fn a_unit_with_a_broken_dossier_is_not_reminded_on_what_is_left_and_many_hold_the_round() {
    let project = project(super::UNITS, true);
    project.edit("dossiers.csv", "X000001-1.000001-7,X000001,1.000001,2,", "X000001-1.000001-7,X000001,1.000001,5,");
    let done = round(&project);
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(ledger(&project), each([0, 2], "sent"));
    let pulled = project.run(&["pull", "--as-of", DAY]);
    says(
        &pulled,
        &["dossiers.csv:209:4 (KenhThucHien): `not shown`: not a code of a channel; known are `1`, `2`, `3`"],
    );
    says(&pulled, &["600"]);
    assert!(!pulled.err.contains("X000001-1.000001"), "{}", pulled.err);
    let sample = project.run(&["pull", "--as-of", DAY, "--sample", "1"]);
    says(&sample, &["100 dossiers from row 2 on", "Xã Số 0 (X000000)", "received `100`, received_online `20`"]);

    let text = project.read("dossiers.csv").replace(",X000002,1.000002,2,2022", ",X000002,1.000002,2,1822");
    project.write("dossiers.csv", &text);
    let done = project.run(&["run", "--as-of", "2022-11-01"]);
    assert_eq!(done.code, 4, "{}", done.err);
    says(&done, &["source `province`: 21 of 600 rows were refused (3.50 %, at most 2 % may be)"]);
}

//! Bad figures: each is told with its place and a remedy, reminds nobody, and once mended everybody hears once.

use unicode_normalization::UnicodeNormalization as _;

use super::{DAY, UNITS, each, ledger, plan, round, says};
use crate::support::project::{Plan, Project, code, figures};

const FIRST_ROW: &str = "2022-10,X000001,1.000001,100,20,";

/// A way to spoil `figures.csv`.
struct Spoiled {
    what: &'static str,
    from: &'static str,
    to: &'static str,
    exit: i32,
    /// File, line and column; what is wrong; the remedy.
    said: &'static [&'static str],
}

const SPOILED: &[Spoiled] = &[
    Spoiled {
        what: "a missing column",
        from: "received_online",
        to: "recieved_online",
        exit: 4,
        said: &[
            "figures.csv:1: no column `received_online`",
            "remedy: set `received_online = \"recieved_online\"` in [source.columns.measures]",
        ],
    },
    Spoiled {
        what: "a point in a count",
        from: FIRST_ROW,
        to: "2022-10,X000001,1.000001,1.234,20,",
        exit: 4,
        said: &[
            "figures.csv:4:4 (received): `1.234`: a point in a count",
            "remedy: set `number_format = \"point_thousands\"` in [source.columns]",
            "1 of 6 rows were refused (16.66 %, at most 2 % may be)",
        ],
    },
    Spoiled {
        what: "a numerator above its denominator",
        from: FIRST_ROW,
        to: "2022-10,X000001,1.000001,100,120,",
        exit: 4,
        said: &[
            "figures.csv:4:5 (received_online): `120`: more than `received`, which is 100",
            "remedy: correct the two cells",
        ],
    },
    Spoiled {
        what: "an unknown unit",
        from: FIRST_ROW,
        to: "2022-10,Y000001,1.000001,100,20,",
        exit: 4,
        said: &[
            "figures.csv:4:2 (unit_code): `Y000001`: no unit has the code `Y000001`",
            "remedy: say whom it means with `dondoc catalog resolve`",
        ],
    },
    Spoiled {
        what: "two rows that contradict each other",
        from: "2022-10,X000001,1.000002,",
        to: "2022-10,X000001,1.000001,",
        exit: 4,
        said: &[
            "rows about the same period, unit and service differ",
            "figures.csv:4",
            "figures.csv:5",
            "remedy: delete",
        ],
    },
];

#[test]
fn spoiled_figures_are_told_with_place_and_remedy_remind_nobody_and_once_mended_everybody_once() {
    for Spoiled { what, from, to, exit, said } in SPOILED {
        let project = Project::new(&plan());
        project.edit("figures.csv", from, to);
        let done = round(&project);
        assert_eq!(done.code, *exit, "{what}: {}", done.err);
        says(&done, said);
        says(&done, &[&project.path("figures.csv").display().to_string()]);
        mended(&project, what);
    }
}

#[test]
fn an_empty_file_and_a_header_alone_hold_the_round_and_lose_nothing() {
    let header = figures(0, 40);
    for (what, text, said) in [
        ("an empty file", "", ["figures.csv:1: the file is empty", "remedy: export it again"]),
        (
            "a header alone",
            header.as_str(),
            ["has no good row from 1 January to 2022-10-31 (0 data rows", "remedy: export"],
        ),
    ] {
        let project = Project::new(&plan());
        project.write("figures.csv", text);
        let done = round(&project);
        assert_eq!(done.code, 4, "{what}: {}", done.err);
        says(&done, &said);
        mended(&project, what);
    }
}

#[test]
fn a_source_that_is_not_there_is_unreachable_and_may_come_later() {
    let project = Project::new(&plan());
    std::fs::remove_file(project.path("figures.csv")).unwrap();
    let done = round(&project);
    assert_eq!(done.code, 6, "{}", done.err);
    let place = format!("source `province`: cannot read `{}`", project.path("figures.csv").display());
    says(&done, &[&place, "No such file", "remedy: check the path or address in [[source]]", "nothing was sent"]);
    mended(&project, "an absent source");
}

/// Nothing went out so far; with good figures each head gets one message, and no second one from another run.
fn mended(project: &Project, what: &str) {
    assert_eq!(ledger(project), each([], ""), "{what}: nothing may wait");
    project.write("figures.csv", &figures(UNITS, 40));
    for _ in 0..2 {
        let done = round(project);
        assert_eq!(done.code, 0, "{what}: {}", done.err);
        assert_eq!(ledger(project), each(0..UNITS, "sent"), "{what}");
    }
}

#[test]
fn a_held_round_is_told_to_the_admins_with_place_and_remedy() {
    let alerts = "[alerts]\nto = [\"admin@tinh.example\"]\n".to_owned();
    let project = Project::new(&Plan { extra: alerts, ..plan() });
    project.write("figures.csv", "");
    assert_eq!((round(&project).code, round(&project).code), (4, 4));
    assert_eq!(ledger(&project).get("").map(Vec::len), Some(1), "one message about one occasion");
    let id = super::word(&super::entries(&project)[0]["id"]);
    says(&project.run(&["outbox", "show", &id]), &["tạm giữ", "figures.csv:1: the file is empty", "→ export it again"]);
}

#[test]
fn equal_rows_count_once() {
    let project = Project::new(&plan());
    let text = figures(UNITS, 40);
    let last = text.lines().last().expect("a row");
    project.write("figures.csv", &format!("{text}{last}\n"));
    assert_eq!(round(&project).code, 0);
    let report = project.run(&["report", "--as-of", DAY, "--format", "json"]).json();
    let unit = &report["units"][UNITS - 1];
    assert_eq!(unit["code"], code(UNITS - 1));
    assert_eq!(unit["indicators"]["online_filing"]["denominator"], 200, "two services of 100, not three");
}

#[test]
fn a_byte_order_mark_and_decomposed_names_change_nothing() {
    let columns = "[source.columns]\nunit_code = \"\"\nunit_name = \"Đơn vị\"\n";
    let project = Project::new(&plan());
    project.edit("config.toml", "[[schedule]]", &format!("{columns}[[schedule]]"));
    let named =
        (0..UNITS).fold(figures(UNITS, 40), |text, number| text.replace(&code(number), &format!("Xã Số {number}")));
    let decomposed: String = named.replace("unit_code", "Đơn vị").nfd().collect();
    assert_ne!(decomposed, named.replace("unit_code", "Đơn vị"), "the names have marks to decompose");
    project.write("figures.csv", &format!("\u{feff}{}", decomposed.replace('\n', "\r\n")));
    let done = round(&project);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(!done.err.contains("refused"), "{}", done.err);
    assert_eq!(ledger(&project), each(0..UNITS, "sent"));
}

#[test]
fn a_unit_with_a_refused_row_is_not_judged_by_what_is_left_of_it() {
    const MANY: usize = 30;
    let project = Project::new(&Plan { units: MANY, ..plan() });
    project.edit("figures.csv", FIRST_ROW, "2022-10,X000001,1.000001,100,120,");
    let done = round(&project);
    assert_eq!(done.code, 0, "one row of sixty is tolerated: {}", done.err);
    says(&done, &["figures.csv:4:5 (received_online)", "remedy: correct the two cells"]);
    let others = (0..MANY).filter(|number| *number != 1);
    assert_eq!(ledger(&project), each(others, "sent"), "half a unit's figures remind nobody");
    let report = project.run(&["report", "--as-of", DAY, "--format", "json"]).json();
    assert_eq!(report["units"][1]["indicators"]["online_filing"]["standing"], "incomplete");

    project.write("figures.csv", &figures(MANY, 40));
    assert_eq!(round(&project).code, 0);
    assert_eq!(ledger(&project), each(0..MANY, "sent"));
}

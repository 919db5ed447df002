//! What is told of a configuration beside its catalog.

use super::*;

fn unit(code: &str, name: &str, kind: Kind) -> Unit {
    let parent = (kind != Kind::Province).then(|| UnitId::new("24"));
    let (id, valid) = (UnitId::new(code), Validity::default());
    Unit { id, code: code.into(), name: name.into(), kind, parent, aliases: vec![], valid }
}

fn contact(unit: &str, office: Office, email: Option<&str>, phone: Option<&str>) -> Contact {
    Contact {
        unit: UnitId::new(unit),
        office,
        person: None,
        title: "Chủ tịch".into(),
        email: email.map(str::to_owned),
        phone: phone.map(str::to_owned),
        zalo_user_id: None,
        valid: Validity::default(),
    }
}

fn target(indicator: &str, to: &str) -> Target {
    Target {
        id: TargetId::new(indicator),
        indicator: IndicatorId::new(indicator),
        version: String::new(),
        name: indicator.into(),
        demand: Demand::Target,
        scope: Scope::All,
        comparator: Comparator::AtLeast,
        value: BasisPoints(5_000),
        from_month: 1,
        pro_rated: false,
        valid: Validity { from: None, to: Some(to.parse().unwrap()) },
        basis: LegalBasis { number: "1780/KH".into(), date: "2022-01-01".parse().ok(), issuer: "UBND tỉnh".into() },
    }
}

fn indicator(id: &str, numerator: &str) -> Indicator {
    Indicator {
        id: IndicatorId::new(id),
        definition: Definition::default(),
        name: id.into(),
        short_name: id.into(),
        kind: IndicatorKind::Flow,
        numerator: Measure::new(numerator),
        denominator: Measure::new("received"),
        minimum_volume: 10,
        counted: "hồ sơ".into(),
        remind_instruction: false,
        causes: vec![],
    }
}

/// A province with everything in order.
fn sound() -> Pack {
    Pack {
        units: vec![unit("24", "Tỉnh Bắc Giang", Kind::Province), unit("1", "Xã Một", Kind::Commune)],
        contacts: vec![
            contact("24", Office::FocalPoint, Some("focal@province.example"), None),
            contact("1", Office::Head, Some("head@commune.example"), None),
        ],
        indicators: vec![indicator("online_filing", "received_online")],
        targets: vec![target("online_filing", "2022-12-31")],
        senders: vec![Sender {
            name: "Sở TT&TT".into(),
            sms_name: "So TTTT".into(),
            occasion: "Thông báo".into(),
            valid: Validity::default(),
        }],
        calendar: vec![CalendarYear { year: 2022, ..CalendarYear::default() }],
        ..Pack::default()
    }
}

fn checked_pack(pack: &Pack, date: &str) -> Vec<Problem> {
    let (today, now) = noon(date);
    let (config, _) = config::shipped(Path::new("/srv"), &[]).unwrap();
    config::check(&config, Some(pack), today, now).into_iter().filter(|p| p.code != "path_missing").collect()
}

#[test]
fn a_sound_pack_and_the_shipped_file_have_nothing_to_say_to_each_other() {
    assert_eq!(checked_pack(&sound(), "2022-10-31"), []);
}

#[test]
fn targets_and_calendars_that_run_out_are_told_of_in_time() {
    let at = |date: &str| checked_pack(&sound(), date).into_iter().map(|p| p.message).collect::<Vec<_>>();
    assert_eq!(at("2022-12-20"), ["the target of indicator `online_filing` ends on 31/12/2022"]);
    let ended =
        "indicator `online_filing` has no target now: the last one ended on 31/12/2022; nobody is reminded of it";
    assert_eq!(at("2023-01-01"), [ended]);
    let reckoned = "the days off of 2027 are reckoned, not announced: exchanged working days are unknown";
    assert_eq!(at("2026-11-30"), [ended]);
    assert_eq!(at("2026-12-01"), [ended, reckoned]);
    let mut next = sound();
    next.targets.push(Target {
        valid: Validity { from: "2023-01-01".parse().ok(), to: None },
        ..target("online_filing", "2023-12-31")
    });
    assert_eq!(checked_pack(&next, "2022-12-20"), []);
    next.calendar.push(CalendarYear { year: 2027, ..CalendarYear::default() });
    assert!(checked_pack(&next, "2026-12-20").iter().all(|problem| problem.code != "calendar_missing"));
}

#[test]
fn everything_a_catalog_lacks_is_named_once_with_its_number() {
    let mut pack = sound();
    pack.units.extend((2..=9).map(|number| unit(&number.to_string(), &format!("Xã {number}"), Kind::Commune)));
    pack.contacts =
        vec![contact("1", Office::Head, None, None), contact("2", Office::Head, None, Some("0900 000 001"))];
    pack.indicators.push(indicator("portal_payment", "paid_in_gold"));
    pack.senders.clear();
    let problems = checked_pack(&pack, "2022-10-31");
    assert_eq!(
        codes(&problems),
        [
            ("measure_unmapped", Severity::Error),
            ("unit_without_recipient", Severity::Warning),
            ("contact_without_address", Severity::Warning),
            ("no_focal_point", Severity::Warning),
            ("no_sender", Severity::Error),
            ("indicator_without_target", Severity::Warning),
        ]
    );
    let expected =
        "8 units without anybody who receives for them: Xã Một (1), Xã 3 (3), Xã 4 (4), Xã 5 (5), Xã 6 (6) and 3 more";
    assert_eq!(problems[1].message, expected);
    assert_eq!(problems[2].message, "1 contact without any address: head of Xã Một (1)");
}

#[test]
fn a_head_whom_no_channel_reaches_is_told_of() {
    let mut pack = sound();
    pack.contacts[1] = contact("1", Office::Head, None, Some("0900 000 001"));
    let problems = checked(SMALL, Some(&pack));
    assert_eq!(
        messages(&problems),
        [
            "channel \"mail\" reaches nobody: no contact has an address for it",
            "trial mode is on: mail reaches nobody",
            "letters carry no link by which heads can answer: `reply.key_file` is not set",
            "1 unit whose head no channel reaches: Xã Một (1)",
        ]
    );
}

#[test]
fn links_that_nobody_can_follow_and_keys_that_can_be_guessed_are_told_of() {
    let long = "k".repeat(32);
    let cases = [
        (&long, "http://127.0.0.1:8080", vec![("reply_links_local", Severity::Warning)]),
        (&long, "https://dondoc.province.example", vec![]),
        (&"k".repeat(31), "https://dondoc.province.example", vec![("reply_key_weak", Severity::Error)]),
    ];
    for (key, url, expected) in cases {
        let text = format!("{SMALL}\n[server]\npublic_url = \"{url}\"\n[reply]\nkey = \"{key}\"\n");
        let problems = checked(&text, None);
        let codes: Vec<_> = codes(&problems).into_iter().filter(|(code, _)| code.starts_with("reply")).collect();
        assert_eq!(codes, expected, "{url}");
    }
}

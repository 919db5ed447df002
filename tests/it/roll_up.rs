//! Roll-ups: what is counted for superiors and leaders, what is compared after reminders, how it reads, and that it keeps the
//! outbox's promises on both engines.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use dondoc::app::{App, Role};
use dondoc::catalog::{BasisPoints, Calendar, Catalog, Comparator, IndicatorId, Level, UnitId};
use dondoc::clock::{Clock, ZONE};
use dondoc::config;
use dondoc::db::{Durability, Sql};
use dondoc::evaluation::Judged;
use dondoc::message::{
    BelowContext, CorrectedFigureContext, CorrectedUnitContext, CorrectionContext, DigestContext,
    DigestIndicatorContext, ImprovedContext, Limits, NotAssessedContext, NoteContext, NoteItemContext, PromiseContext,
    RecipientContext, Renderer, RollUp, SenderContext, Templates, compose_roll_ups, segments,
};
use dondoc::outbox::{self, EntryId, Filter, HoldReason, NewEntry, Resend, State, Times};
use dondoc::pass::{self, Audience, OnDayOff, RollUpDay, Schedule, What, When};
use dondoc::report::{BrokenPromise, Effects, Passage, Told, digest};
use tokio_util::sync::CancellationToken;

use crate::support::databases::{Fresh, conformance};
use crate::support::letters::{ONLINE, PAYMENT, catalog};
use crate::support::project::{Plan, Project};

fn judged(unit: &str, indicator: &str, counts: (u64, u64), standing: &'static str) -> Judged {
    let (numerator, denominator) = counts;
    let missing = (denominator / 2).saturating_sub(numerator);
    Judged {
        unit_id: UnitId::new(unit),
        indicator: IndicatorId::new(indicator),
        version: String::new(),
        numerator: Some(numerator),
        denominator: Some(denominator),
        target: Some(BasisPoints(5_000)),
        comparator: Comparator::AtLeast,
        standing,
        missing: (standing == "below").then_some(missing),
        demanded: None,
        trend: None,
        turns_on_one: false,
        cause: None,
        what_if: None,
        interim_target: None,
        at_rate: None,
    }
}

fn below(unit: &str, counts: (u64, u64)) -> Judged {
    judged(unit, ONLINE, counts, "below")
}

fn met(unit: &str, counts: (u64, u64)) -> Judged {
    judged(unit, ONLINE, counts, "met")
}

fn without(unit: &str, indicator: &str, why: &'static str) -> Judged {
    Judged { numerator: None, denominator: None, missing: None, ..judged(unit, indicator, (0, 0), why) }
}

fn communes() -> BTreeSet<UnitId> {
    ["07201", "07204", "07318"].into_iter().map(UnitId::new).collect()
}

fn names(units: &[UnitId]) -> Vec<&str> {
    units.iter().map(UnitId::as_str).collect()
}

#[test]
fn a_digest_tells_who_is_below_who_fell_who_recovered_and_who_rose() {
    let before =
        [met("07201", (60, 100)), below("07204", (40, 100)), below("07318", (10, 100)), below("SCT", (1, 100))];
    let now = [below("07201", (48, 100)), met("07204", (55, 100)), below("07318", (15, 100)), below("SCT", (90, 200))];
    let found = digest(&catalog(&[]), &communes(), &before, &now, &[]);
    assert_eq!((found.assessed, found.below, found.indicators.len()), (3, 2, 1), "SCT is not among the units");
    let online = &found.indicators[0];
    let below: Vec<_> = online.below.iter().map(|one| (one.unit.as_str(), one.missing, one.newly)).collect();
    assert_eq!(below, [("07318", 35, false), ("07201", 2, true)], "the largest shortfall first");
    assert_eq!(names(&online.recovered), ["07204"]);
    let rose: Vec<_> = online.improved.iter().map(|one| (one.unit.as_str(), one.change.decimal(','))).collect();
    assert_eq!(rose, [("07204", "+15,00".to_owned()), ("07318", "+5,00".to_owned())]);
    let total = online.total.unwrap();
    assert_eq!((total.numerator(), total.denominator()), (118, 300), "summed counts, not averaged rates");
    assert_eq!(online.total_before.unwrap().numerator(), 110);
}

#[test]
fn rises_are_compared_exactly_and_equal_ones_go_by_code() {
    let third = [below("07318", (0, 3)), below("07204", (0, 3)), below("07201", (0, 1_000))];
    let now = [below("07318", (1, 3)), below("07204", (2, 6)), below("07201", (333, 1_000))];
    let found = digest(&catalog(&[]), &communes(), &third, &now, &[]);
    let rose: Vec<&str> = found.indicators[0].improved.iter().map(|one| one.unit.as_str()).collect();
    assert_eq!(rose, ["07204", "07318", "07201"], "333/1000 is less than a third");
}

#[test]
fn what_cannot_be_compared_is_no_change() {
    let other = Judged { version: "plan2023".to_owned(), ..below("07201", (10, 100)) };
    let unjudged = without("07204", ONLINE, "too_few");
    let now = [below("07201", (40, 100)), below("07204", (45, 100)), below("07318", (45, 100))];
    for before in [vec![], vec![other, unjudged]] {
        let found = digest(&catalog(&[]), &communes(), &before, &now, &[]);
        let online = &found.indicators[0];
        assert!(online.improved.is_empty() && online.recovered.is_empty(), "{before:?}");
        assert!(online.below.iter().all(|below| !below.newly), "nobody is known to have been on target");
        assert_eq!(online.total_before, None, "sums over different units are not compared");
    }
}

#[test]
fn units_without_a_judgement_and_broken_promises_are_listed() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let promise = |unit: &str, promised: &str| BrokenPromise {
        unit: UnitId::new(unit),
        indicator: IndicatorId::new(ONLINE),
        promised_for: day(promised),
    };
    let now = [below("07201", (40, 100)), without("07204", ONLINE, "too_few"), without("07204", PAYMENT, "no_data")];
    let promises = [promise("07204", "2022-10-28"), promise("SCT", "2022-10-01"), promise("07201", "2022-10-25")];
    let found = digest(&catalog(&[]), &communes(), &[], &now, &promises);
    assert_eq!((found.assessed, found.below), (1, 1));
    let without: Vec<_> =
        found.not_assessed.iter().map(|(unit, what, why)| (unit.as_str(), what.as_str(), *why)).collect();
    assert_eq!(without, [("07204", ONLINE, "too_few"), ("07204", PAYMENT, "no_data")]);
    let broken: Vec<_> = found.promises.iter().map(|promise| promise.unit.as_str()).collect();
    assert_eq!(broken, ["07201", "07204"], "the oldest first, and only of these units");
}

/// Twenty-four communes: the first twelve are reminded at 30 %, the others are near the target and are not.
fn many() -> Catalog {
    let pack = dondoc::catalog::Pack {
        units: (0..24)
            .map(|number| dondoc::catalog::Unit {
                id: UnitId::new(&format!("X{number:02}")),
                code: format!("X{number:02}"),
                name: format!("Xã Số {number}"),
                kind: dondoc::catalog::Kind::Commune,
                parent: None,
                aliases: Vec::new(),
                valid: dondoc::catalog::Validity::default(),
            })
            .collect(),
        ..dondoc::catalog::Pack::default()
    };
    let day = NaiveDate::from_ymd_opt(2022, 10, 31).unwrap();
    Catalog::of(&pack, day, day)
}

fn unit(number: u64) -> String {
    format!("X{number:02}")
}

fn told(numbers: std::ops::Range<u64>) -> BTreeSet<Told> {
    numbers.map(|number| (UnitId::new(&unit(number)), IndicatorId::new(ONLINE))).collect()
}

fn start(number: u64) -> Judged {
    if number < 12 { below(&unit(number), (30, 100)) } else { met(&unit(number), (55, 100)) }
}

#[test]
fn reminded_units_stand_beside_those_that_were_not_with_median_and_middle_half() {
    let before: Vec<Judged> = (0..24).map(start).collect();
    let after: Vec<Judged> = (0..24)
        .map(
            |number| if number < 12 { below(&unit(number), (31 + number, 100)) } else { met(&unit(number), (56, 100)) },
        )
        .collect();
    let mut effects = Effects::default();
    let (reminded, nobody) = (told(0..12), BTreeSet::new());
    effects.add(&many(), &Passage { before: &before, after: &after, reminded: &reminded, unclear: &nobody });
    let lines = effects.lines(&many());
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!((line.level, line.is_comparable()), (Level::Commune, true));
    let shown = |side: &dondoc::report::Side| {
        let spread = side.spread.unwrap();
        (side.units, spread.start.rounded(), [spread.lower, spread.median, spread.upper].map(|one| one.decimal('.')))
    };
    assert_eq!(shown(&line.reminded), (12, 3_000, ["+3.00", "+6.00", "+9.00"].map(ToOwned::to_owned)));
    assert_eq!(shown(&line.others), (12, 5_500, ["+1.00", "+1.00", "+1.00"].map(ToOwned::to_owned)));
}

#[test]
fn fewer_than_ten_units_on_a_side_are_not_compared_however_often_they_were_reminded() {
    let before: Vec<Judged> = (0..24).map(start).collect();
    let mut effects = Effects::default();
    let (reminded, nobody) = (told(0..9), BTreeSet::new());
    for _ in 0..3 {
        effects.add(&many(), &Passage { before: &before, after: &before, reminded: &reminded, unclear: &nobody });
    }
    let line = &effects.lines(&many())[0];
    assert_eq!((line.reminded.units, line.reminded.steps, line.reminded.spread), (9, 27, None));
    assert!(!line.is_comparable() && line.others.spread.is_some());
}

#[test]
fn only_comparable_units_stand_on_the_other_side() {
    let far = met("X20", (61, 100));
    let just_near = met("X21", (60, 100));
    let changed = Judged { version: "new".to_owned(), ..met("X22", (55, 100)) };
    let before = [
        vec![below("X00", (30, 100)), below("X01", (30, 100)), far.clone(), just_near.clone()],
        vec![met("X22", (55, 100)), without("X23", ONLINE, "too_few"), met("X19", (50, 100))],
    ]
    .concat();
    let after = [
        vec![below("X00", (31, 100)), below("X01", (31, 100)), far, just_near, changed],
        vec![met("X23", (55, 100)), met("X19", (50, 100))],
    ]
    .concat();
    let mut effects = Effects::default();
    let (reminded, unclear) = (told(0..1), told(19..20));
    effects.add(&many(), &Passage { before: &before, after: &after, reminded: &reminded, unclear: &unclear });
    let line = &effects.lines(&many())[0];
    assert_eq!(line.reminded.units, 1);
    assert_eq!(line.others.units, 2, "X01, below and not reminded, and X21, near; not X19, reminded shortly before");
}

fn digest_context() -> DigestContext {
    let text = ToOwned::to_owned;
    DigestContext {
        sender: SenderContext {
            name: text("Sở Thông tin và Truyền thông"),
            sms_name: text("So TTTT"),
            occasion: String::new(),
            occasion_fits: false,
        },
        recipient: RecipientContext { title: text("Chủ tịch UBND huyện Tân Yên"), person: None },
        scope: text("UBND huyện Tân Yên"),
        scope_short: text("UBND huyện Tân Yên"),
        as_of: text("31/10/2022"),
        as_of_short: text("31/10"),
        year_from: text("01/01/2022"),
        figures: text("bc56a73d"),
        compared_with: Some(text("24/10/2022")),
        units: text("22"),
        below: text("8"),
        all_met: false,
        indicators: vec![indicator_context()],
        not_assessed: vec![NotAssessedContext {
            name: text("xã Cao Xá"),
            indicators: text("trực tuyến, thanh toán"),
            reason: text("quá ít hồ sơ"),
        }],
        not_assessed_left_out: 3,
        promises: vec![PromiseContext {
            name: text("xã Song Vân"),
            indicator: text("trực tuyến"),
            promised_for: text("25/10/2022"),
        }],
        promises_left_out: 1,
        contact: None,
    }
}

fn indicator_context() -> DigestIndicatorContext {
    let text = ToOwned::to_owned;
    DigestIndicatorContext {
        id: text(ONLINE),
        name: text("Hồ sơ xử lý trực tuyến"),
        short_name: text("trực tuyến"),
        counted: text("hồ sơ"),
        target: Some(text("50%")),
        demand_word: text("chỉ tiêu"),
        figure: Some(text("4.214/9.640")),
        rate: Some(text("43,71%")),
        change: Some(text("-0,40")),
        assessed: text("22"),
        below_count: text("8"),
        any_below: true,
        below: vec![BelowContext {
            code: text("07318"),
            name: text("xã Phúc Sơn"),
            figure: text("214/640"),
            rate: text("33,44%"),
            target: text("50%"),
            missing: text("106"),
            newly: true,
        }],
        below_left_out: 7,
        newly_below: vec![text("xã Phúc Sơn"), text("xã Ngọc Vân")],
        newly_below_left_out: 0,
        recovered: vec![text("xã Song Vân")],
        recovered_left_out: 2,
        improved: vec![ImprovedContext {
            code: text("07321"),
            name: text("xã Việt Lập"),
            before: text("30,00%"),
            rate: text("33,44%"),
            change: text("+3,44"),
        }],
    }
}

fn note() -> NoteContext {
    let item = |text: &str, still| NoteItemContext {
        text: text.to_owned(),
        details: vec!["xa-la Xã Lạ (nguồn province, 3 dòng)".to_owned()],
        left_out: 2,
        remedy: "dondoc catalog unresolved, rồi dondoc catalog resolve".to_owned(),
        still,
    };
    let items = vec![item("3 tên đơn vị chưa rõ", true), item("1 thư gửi không thành", false)];
    NoteContext { sender: digest_context().sender, as_of: "31/10/2022".to_owned(), item_count: 2, items }
}

/// One figure is on target, one has another number, one cannot be judged any more.
fn correction() -> CorrectionContext {
    let text = ToOwned::to_owned;
    let met = CorrectedFigureContext {
        id: text(ONLINE),
        name: text("Hồ sơ xử lý trực tuyến"),
        short_name: text("trực tuyến"),
        counted: text("hồ sơ"),
        demand_word: text("chỉ tiêu"),
        target: text("50%"),
        said: text("214/640"),
        said_rate: text("33,44%"),
        said_missing: text("106"),
        now: Some(text("414/640")),
        rate: Some(text("64,69%")),
        missing: None,
        met: true,
    };
    let now = ("214/642", "33,33%");
    let other = CorrectedFigureContext {
        now: Some(text(now.0)),
        rate: Some(text(now.1)),
        missing: Some(text("107")),
        met: false,
        ..met.clone()
    };
    let without = CorrectedFigureContext { now: None, rate: None, met: false, ..met.clone() };
    let unit = |code: &str, name: &str, figures| CorrectedUnitContext {
        code: text(code),
        name: format!("Xã {name}"),
        authority: format!("UBND xã {name}"),
        short: format!("UBND xã {name}"),
        figures,
    };
    CorrectionContext {
        sender: digest_context().sender,
        recipient: RecipientContext { title: text("Chủ tịch UBND xã Song Mai"), person: None },
        letter_on: text("01/11/2022"),
        as_of: text("31/10/2022"),
        as_of_short: text("31/10"),
        figures: text("bc56a73d"),
        who: text("2 đơn vị"),
        units: vec![unit("07204", "Song Mai", vec![met, without]), unit("07318", "Phúc Sơn", vec![other])],
        contact: None,
    }
}

#[tokio::test]
async fn roll_ups_read_as_they_were_approved_and_a_broken_template_loses_no_fact() {
    let roll_ups = [
        ("superior", RollUp::Superior(Box::new(digest_context()))),
        ("leaders", RollUp::Leaders(Box::new(digest_context()))),
        ("note", RollUp::Note(Box::new(note()))),
        ("correction", RollUp::Correction(Box::new(correction()))),
    ];
    let (names, roll_ups): (Vec<&str>, Vec<RollUp>) = roll_ups.into_iter().unzip();
    let mut broken = Templates::built_in();
    for name in ["superior_digest.md", "leaders_sheet.md", "admin_note.md", "correction.md"] {
        broken.overlay(name, "+++\nsubject = 'x'\npreheader = ''\nsms = 'x'\n+++\n{{ nobody }}\n");
    }
    for (kind, templates) in [("shipped", Templates::built_in()), ("fallback", broken)] {
        let limits = Limits { batch: Duration::from_secs(20), ..Limits::default() };
        let program = Path::new(env!("CARGO_BIN_EXE_dondoc"));
        let renderer = Renderer::start(program, &templates, limits).await.expect("a worker");
        for (name, composed) in names.iter().zip(compose_roll_ups(&renderer, &roll_ups).await) {
            let message = composed.message;
            assert_eq!(composed.alarm.is_some(), kind == "fallback", "{:?}", composed.alarm);
            assert!(message.subject.chars().count() <= 65 && segments(&message.sms) <= 2, "{message:?}");
            let html = if kind == "shipped" { message.html } else { String::new() };
            let shown = format!("subject: {}\nsms: {}\n\n{}\n\n{html}", message.subject, message.sms, message.text);
            insta::assert_snapshot!(format!("{name}_{kind}"), shown);
        }
    }
}

conformance!(
    what_waits_and_what_was_said_last_is_found_by_the_kind_of_its_key,
    a_schedule_is_open_until_its_runs_are_done,
);

fn at(text: &str) -> DateTime<Utc> {
    format!("{text}+07:00").parse().unwrap()
}

fn new_entry(key: &str, content: &str, hold: Option<HoldReason>) -> NewEntry {
    NewEntry {
        dedup_key: key.to_owned(),
        unit_code: String::new(),
        recipient_id: "admin/a@tinh.example".to_owned(),
        channel: "mailbox".to_owned(),
        address: "a@tinh.example".to_owned(),
        domain: "tinh.example".to_owned(),
        content: content.to_owned(),
        resend: Resend::Always,
        hold,
        turn: None,
    }
}

async fn what_waits_and_what_was_said_last_is_found_by_the_kind_of_its_key(fresh: Fresh) {
    let entries = [
        ("2022-10-29T08:00:00", new_entry("admin_note/a/2022-10-29", "\"first\"", None)),
        ("2022-10-30T08:00:00", new_entry("admin_note/a/2022-10-30", "\"second\"", None)),
        ("2022-10-31T08:00:00", new_entry("admin_note/a/2022-10-31", "\"today\"", None)),
        ("2022-10-31T09:00:00", new_entry("alert/x", "\"alert\"", None)),
        ("2022-10-31T09:00:00", new_entry("digest/215/head/2022-10-31", "\"digest\"", Some(HoldReason::Guard))),
        ("2022-10-31T09:00:00", new_entry("reminder/215/head/x", "\"reminder\"", Some(HoldReason::Approval))),
    ];
    let mut work = fresh.db.begin().await.unwrap();
    for (time, entry) in entries {
        let now = at(time);
        let times = Times { now, due_at: now, valid_until: now + Duration::from_hours(48) };
        outbox::enqueue(&mut work, "run", &[entry], times).await.unwrap();
    }
    work.commit().await.unwrap();
    let newest = async |key: &str| {
        outbox::newest(&fresh.db, "admin/a@tinh.example", "admin_note/", key).await.unwrap().unwrap_or_default()
    };
    assert_eq!(newest("admin_note/a/2022-10-31").await, "\"second\"", "not its own");
    assert_eq!(newest("admin_note/a/2022-11-01").await, "\"today\"");
    for (kind, key) in [("digest/", "digest/215/head/2022-10-31"), ("reminder/", "reminder/215/head/x")] {
        let waiting = outbox::waiting(&fresh.db, kind).await.unwrap();
        let ids: Vec<String> = waiting.into_iter().map(|waiting| waiting.id).collect();
        assert_eq!(ids, [EntryId::of(key).0.to_string()], "{kind}");
    }
    let notes = outbox::of_kind(&fresh.db, "admin_note/").await.unwrap();
    let keys: Vec<&str> = notes.iter().map(|entry| entry.dedup_key.as_str()).collect();
    assert_eq!(keys, ["admin_note/a/2022-10-29", "admin_note/a/2022-10-30", "admin_note/a/2022-10-31"]);
}

async fn a_schedule_is_open_until_its_runs_are_done(fresh: Fresh) {
    let (db, monday) = (&fresh.db, at("2022-10-31T07:30:00"));
    let when = When::Cron("0 30 7 * * Mon".to_owned());
    let weekly =
        [Schedule { name: "weekly".to_owned(), what: What::Round, when, on_day_off: OnDayOff::Stay, time_zone: ZONE }];
    pass::plan(db, &weekly, &Calendar::default(), monday - Duration::from_hours(1)).await.unwrap();
    pass::plan(db, &weekly, &Calendar::default(), monday).await.unwrap();
    assert_eq!(pass::open_runs(db, monday).await.unwrap(), ["weekly"]);
    assert!(pass::open_runs(db, monday - Duration::from_secs(1)).await.unwrap().is_empty());
    let due = pass::take_due(db, monday, monday + Duration::from_mins(30)).await.unwrap().unwrap();
    assert_eq!(pass::open_runs(db, monday).await.unwrap(), ["weekly"], "while it is running");
    assert!(pass::finish_due(db, &due).await.unwrap());
    assert!(pass::open_runs(db, monday).await.unwrap().is_empty());
}

/// The program in an installation whose province has a head, on `now`.
async fn with_a_head(extra: &str, now: &str) -> (Project, App) {
    let project = Project::new(&Plan { units: 3, extra: extra.to_owned(), ..Plan::default() });
    let head = "24,head,,Chủ tịch UBND tỉnh Mẫu,chutich@tinh.example,,,,\n24,focal_point";
    project.edit("pack/contacts.csv", "24,focal_point", head);
    let (config, _) = config::load(Some(&project.path("config.toml")), &[]).expect("a good configuration");
    let mut app = App::open(config, Clock::at(at(now)), Role::Worker, Durability::ThrowAway).await.expect("it opens");
    app.program = env!("CARGO_BIN_EXE_dondoc").into();
    (project, app)
}

/// Keys of the digests in the outbox.
async fn digests(app: &App) -> Vec<String> {
    let entries = outbox::list(&app.db, &Filter::default()).await.unwrap();
    entries.into_iter().map(|entry| entry.dedup_key).filter(|key| key.starts_with("digest/")).collect()
}

/// The round and the superiors' digest fall due together; the digest waits for the round's figures.
#[tokio::test]
async fn a_planned_digest_waits_for_the_round_and_is_sent_once() {
    let extra = "[[schedule]]\nname = \"digest\"\nwhat = \"digest\"\ncron = \"0 30 7 * * Mon\"\n";
    let (_project, app) = with_a_head(extra, "2022-10-31T06:30:00").await;
    for advance in [Duration::ZERO, Duration::from_hours(1), Duration::from_mins(6), Duration::from_mins(30)] {
        app.clock.advance(advance);
        app.planned_rounds(&CancellationToken::new()).await.expect("the planning works");
    }
    assert_eq!(digests(&app).await, ["digest/24/head/2022-10-31"]);
    assert_eq!(outbox::tally(&app.db, None).await.unwrap().of(State::Ready), 4, "three reminders and a digest");
    assert!(pass::open_runs(&app.db, app.clock.now()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_digest_without_its_round_is_given_up_after_six_hours_and_the_admins_hear_what_to_run() {
    let extra = "[[schedule]]\nname = \"digest\"\nwhat = \"digest\"\ncron = \"0 0 8 * * Mon\"\n\
                 [alerts]\nto = [\"quantri@tinh.example\"]\n";
    let (project, app) = with_a_head(extra, "2022-10-31T07:00:00").await;
    std::fs::remove_file(project.path("figures.csv")).unwrap();
    for advance in [Duration::ZERO, Duration::from_hours(2), Duration::from_mins(370)] {
        app.clock.advance(advance);
        app.planned_rounds(&CancellationToken::new()).await.expect("the planning works");
    }
    assert!(digests(&app).await.is_empty());
    let mut told = Vec::new();
    for entry in outbox::list(&app.db, &Filter::default()).await.unwrap() {
        told.push(outbox::show(&app.db, &entry.id).await.unwrap().unwrap().1);
    }
    let about = |words: &str| told.iter().any(|content| content.contains(words));
    assert!(about("Báo cáo tổng hợp cho cấp trên của lịch `digest`") && about("dondoc digest (với SQLite"), "{told:?}");
    assert!(
        about("the round of schedule `weekly` is not done yet") && about("dondoc run --as-of 2022-10-31"),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_broken_promise_stands_in_the_digest_while_the_unit_is_below() {
    let (_project, app) = with_a_head("", "2022-10-31T08:00:00").await;
    let day = NaiveDate::from_ymd_opt(2022, 10, 31).unwrap();
    app.decide(day, false, &|_| {}).await.expect("a round");
    let mut work = app.db.begin().await.unwrap();
    let broken = Sql::portable(
        "UPDATE reminder_case SET broken_on = '2022-10-28' WHERE unit_id = 'X000001' AND indicator = 'e_result'",
    );
    dondoc::on!(&mut work, broken, |sql, conn| sqlx::query(sql).execute(conn).await.unwrap().rows_affected());
    work.commit().await.unwrap();
    app.roll_up(Audience::Superiors, RollUpDay::Of(day), false).await.expect("a digest");
    let id = EntryId::of("digest/24/head/2022-10-31").0.to_string();
    let (_, content, _) = outbox::show(&app.db, &id).await.unwrap().expect("the digest");
    assert!(content.contains("xã Số 1: kết quả điện tử, hẹn đạt ngày 28/10/2022"), "{content}");
    assert_eq!(content.matches("hẹn đạt").count(), 2, "once in the text, once in the HTML");
}

//! How long it takes to decide for a large province with five years behind it, alone and with what SQLite remembers.
//!
//! ```text
//! cargo bench --bench decisions -- [--units 10000] [--weeks 260] [--times 7]
//! ```
//!
//! Every unit has six indicators; two thirds are below target, most of them with an open case. Promises, disputes, silences of
//! units and of whole districts, a ladder, rules and a weekly budget are all in use.

#![expect(clippy::print_stdout, reason = "a measuring program prints its figures")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate, TimeZone as _, Utc};
use dondoc::catalog::{
    BasisPoints, Catalog, Comparator, Contact, Definition, Demand, Indicator, IndicatorId, IndicatorKind, Kind,
    LegalBasis, Level, Measure, Office, Pack, Scope, Target, TargetId, Unit, UnitId, Validity,
};
use dondoc::db::{Db, Durability};
use dondoc::decision::{
    self, Changes, Decision, Fits, History, Policy, PolicyRule, Rules, Silence, Step, Terms, Tone, UnitDecision,
};
use dondoc::evaluation::{Evaluation, Rate, Reach, Shortfall, Standing, Why};
use dondoc::people::By;
use dondoc::reply;
use sqlx::{Connection as _, SqliteConnection};
use uuid::Uuid;

const INDICATORS: [&str; 6] = ["filing", "payment", "result", "coverage", "on_time", "reuse"];
const DISTRICTS: usize = 100;

/// What decisions are made of.
struct Province {
    catalog: Catalog,
    evaluations: Vec<Evaluation>,
    rules: Rules,
    as_of: NaiveDate,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, default: usize| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    let (units, weeks, times) = (number("--units", 10_000), number("--weeks", 260), number("--times", 7));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let province = province(units);
    runtime.block_on(async {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("dondoc.db");
        let url = format!("sqlite:{}", file.display());
        let db = Db::open(&url, Path::new("/"), Durability::Full).await.expect("a new database");
        remember(&db, &url, &province, weeks).await;
        let bytes = std::fs::metadata(&file).expect("the database").len();
        println!("{units} units, {} judgements, {weeks} weeks, {} MB", province.evaluations.len(), bytes / 1_000_000);
        let history = load(&db, province.as_of).await;
        println!(
            "{} open cases, {} with words, {} silences, {} units reminded this week",
            history.open.len(),
            history.words.len(),
            history.silences.len(),
            history.recent.len()
        );
        let mut alone = Vec::new();
        let mut loaded = Vec::new();
        for _ in 0..times {
            let started = Instant::now();
            let decisions = decide(&province, &history);
            alone.push(started.elapsed());
            assert_eq!(decisions.len(), province.evaluations.len());
            let started = Instant::now();
            let history = load(&db, province.as_of).await;
            let again = decide(&province, &history);
            loaded.push(started.elapsed());
            assert_eq!(decisions, again, "the same history decides the same");
        }
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for unit in UnitDecision::group(&decide(&province, &history)) {
            *reasons.entry(unit.reason()).or_default() += 1;
        }
        println!("units by reason: {reasons:?}");
        for (what, figures) in [("decide", &mut alone), ("load and decide", &mut loaded)] {
            figures.sort();
            let of = |at: usize| figures.get(at).map_or(0.0, Duration::as_secs_f64) * 1_000.0;
            println!("{what:>16}: median {:.1} ms, worst {:.1} ms", of(times / 2), of(times.saturating_sub(1)));
        }
    });
}

fn decide(province: &Province, history: &History) -> Vec<Decision> {
    decision::decide(&province.catalog, &province.evaluations, history, &province.rules, province.as_of)
}

async fn load(db: &Db, as_of: NaiveDate) -> History {
    let mut history = decision::history(db, as_of).await.expect("a history");
    history.words = reply::words(db, &history).await.expect("words");
    history
}

/// The same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn code(number: usize) -> String {
    format!("U{number:05}")
}

fn province(units: usize) -> Province {
    let as_of = NaiveDate::from_ymd_opt(2022, 10, 31).expect("a date");
    let unit = |code: String, kind, parent: Option<String>| Unit {
        id: UnitId::new(&code),
        name: format!("Đơn vị {code}"),
        code,
        kind,
        parent: parent.as_deref().map(UnitId::new),
        aliases: Vec::new(),
        valid: Validity::default(),
    };
    let mut pack = Pack {
        units: vec![unit("24".to_owned(), Kind::Province, None)],
        indicators: INDICATORS.map(indicator).into(),
        targets: INDICATORS.map(target).into(),
        ..Pack::default()
    };
    for number in 0..units {
        let (kind, parent) = if number < DISTRICTS {
            (Kind::District, "24".to_owned())
        } else {
            (Kind::Commune, code(number % DISTRICTS))
        };
        pack.units.push(unit(code(number), kind, Some(parent)));
        pack.contacts.push(Contact {
            unit: UnitId::new(&code(number)),
            office: Office::Head,
            person: None,
            title: format!("Chủ tịch {}", code(number)),
            email: Some(format!("{}@tinh.example", code(number).to_lowercase())),
            phone: None,
            zalo_user_id: None,
            valid: Validity::default(),
        });
    }
    let catalog = Catalog::of(&pack, as_of, as_of);
    let indicators: Vec<Arc<Indicator>> = pack.indicators.into_iter().map(Arc::new).collect();
    let targets: Vec<Arc<Target>> = pack.targets.into_iter().map(Arc::new).collect();
    let mut dice = Dice(12_345);
    let mut evaluations = Vec::with_capacity(units * INDICATORS.len());
    for number in 0..units {
        for (indicator, target) in indicators.iter().zip(&targets) {
            evaluations.push(evaluation(&code(number), indicator, target, dice.roll(100)));
        }
    }
    Province { catalog, evaluations, rules: rules(), as_of }
}

fn indicator(id: &str) -> Indicator {
    Indicator {
        id: IndicatorId::new(id),
        definition: Definition::default(),
        name: id.to_owned(),
        short_name: id.to_owned(),
        kind: IndicatorKind::Flow,
        numerator: Measure::new("received_online"),
        denominator: Measure::new("received"),
        minimum_volume: 10,
        counted: "hồ sơ".to_owned(),
        remind_instruction: false,
        causes: Vec::new(),
    }
}

fn target(indicator: &str) -> Target {
    Target {
        id: TargetId::new(indicator),
        indicator: IndicatorId::new(indicator),
        version: String::new(),
        name: indicator.to_owned(),
        demand: Demand::Target,
        scope: Scope::All,
        comparator: Comparator::AtLeast,
        value: BasisPoints(5_000),
        from_month: 1,
        pro_rated: false,
        valid: Validity::default(),
        basis: LegalBasis { number: "1/KH".to_owned(), date: None, issuer: "UBND".to_owned() },
    }
}

/// Of a hundred, 65 are below target, 30 on it and 5 not judged.
fn evaluation(unit: &str, indicator: &Arc<Indicator>, target: &Arc<Target>, dice: u64) -> Evaluation {
    let (done, standing) = match dice {
        0..65 => {
            let shortfall = Shortfall {
                missing: 200,
                reach: Reach::Now,
                pace: Vec::new(),
                cause: None,
                what_if: None,
                levers: Vec::new(),
            };
            (300, Standing::Below(shortfall))
        }
        65..95 => (700, Standing::Met),
        _ => (0, Standing::NotAssessed(Why::ALL[0])),
    };
    Evaluation {
        unit: UnitId::new(unit),
        indicator: Arc::clone(indicator),
        rate: Rate::new(done, 1_000),
        target: Some(Arc::clone(target)),
        demanded: Some(target.value.into()),
        trend: None,
        turns_on_one: false,
        standing,
    }
}

fn rules() -> Rules {
    let step = |name: &str, from, tone, copy| Step {
        name: name.to_owned(),
        from,
        tone,
        copy,
        letter: copy,
        repeat_after: None,
        channels: Vec::new(),
    };
    let ladder: Arc<[Step]> = Arc::from([
        step("thông báo", 1, Tone::First, false),
        step("nhắc lại", 2, Tone::Repeat, false),
        step("đề nghị báo cáo", 4, Tone::Formal, true),
    ]);
    let rule = |name: &str, fits, repeat_after| PolicyRule {
        name: name.to_owned(),
        fits,
        changes: Changes { repeat_after: Some(repeat_after), ..Changes::default() },
    };
    let mut rules = vec![
        rule("communes", Fits { levels: vec![Level::Commune], ..Fits::default() }, 7),
        rule("payment", Fits { indicators: vec![IndicatorId::new("payment")], ..Fits::default() }, 10),
    ];
    for district in 0..6 {
        let fits = Fits { under: vec![code(district)], ..Fits::default() };
        rules.push(rule(&format!("district {district}"), fits, 3));
    }
    let base =
        Terms { misses: 2, recovery_margin: BasisPoints(200), grace: 20, thanks: true, ladder, ..Terms::default() };
    Rules { policy: Policy { base, rules }, messages_per_week: Some(1), quiet_hours: None }
}

/// Five years of weekly rounds: every decision, closed and open cases, answers and silences.
async fn remember(db: &Db, url: &str, province: &Province, weeks: usize) {
    let mut file = SqliteConnection::connect(url).await.expect("the database opens");
    let statements = [
        "INSERT INTO run (id, as_of, started_at, state, figures_until, fingerprint) \
         WITH RECURSIVE week(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM week WHERE n < $1) \
         SELECT printf('run%04d', n), date('2022-10-31', (-7 * n + 1) || ' days'), 1666000000000 - n * 604800000, 'done', \
         date('2022-10-31', (-7 * n + 1) || ' days'), 'x' FROM week",
        "INSERT INTO decision (run_id, unit_id, outcome, reason, indicators) \
         WITH RECURSIVE unit(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM unit WHERE n + 1 < $1) \
         SELECT run.id, printf('U%05d', n), CASE WHEN (n + run.started_at / 604800000) % 5 < 2 THEN 'remind' ELSE 'hold' END, \
         'too_soon', '[{\"indicator\":\"filing\",\"outcome\":\"hold\",\"reason\":\"too_soon\"}]' FROM run, unit",
        "INSERT INTO reminder_case (id, unit_id, indicator, opened_on, closed_on, reminded_on, reminders) \
         WITH RECURSIVE old(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM old WHERE n + 1 < $1 * 30) \
         SELECT printf('closed-%d', n), printf('U%05d', n % $1), 'filing', '2020-01-01', '2020-06-01', '2020-05-01', 4 FROM old",
        "INSERT INTO reply (id, answer_id, case_id, unit_id, indicator, recipient_id, kind, by_date, cause, as_of, answered_at) \
         WITH RECURSIVE old(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM old WHERE n + 1 < $1 * 10) \
         SELECT printf('old-%d', n), printf('old-%d', n), printf('closed-%d', n), 'U', 'filing', 'U/head', 'promised', \
         '2020-05-20', '', '2020-05-01', 1588000000000 FROM old",
    ];
    let units = province.catalog.units.len() - 1;
    let counts = [weeks, units, units, units];
    for (sql, count) in statements.into_iter().zip(counts) {
        let count = i64::try_from(count).expect("a small count");
        sqlx::query(sql).bind(count).execute(&mut file).await.expect(sql);
    }
    open_cases(&mut file, province).await;
    file.close().await.expect("a clean end");
    silences(db, province).await;
}

/// Most figures below target have a case, and some heads answered.
async fn open_cases(file: &mut SqliteConnection, province: &Province) {
    let mut dice = Dice(777);
    let ago = |days: u64| province.as_of - Days::new(days);
    let mut work = file.begin().await.expect("a unit of work");
    for evaluation in &province.evaluations {
        let chance = match evaluation.standing {
            Standing::Below(_) => 90,
            Standing::Met => 30,
            Standing::NotAssessed(_) => 0,
        };
        if dice.roll(100) >= chance {
            continue;
        }
        let (unit, indicator, opened_on) = (&evaluation.unit, &evaluation.indicator.id, ago(20 + dice.roll(300)));
        let id = decision::case_id(unit, indicator, opened_on);
        let case = "INSERT INTO reminder_case (id, unit_id, indicator, opened_on, reminded_on, reminders) \
                    VALUES ($1, $2, $3, $4, $5, $6)";
        let query = sqlx::query(case).bind(id.to_string()).bind(unit.as_str()).bind(indicator.as_str());
        let query = query.bind(opened_on.to_string()).bind(ago(1 + dice.roll(15)).to_string());
        let count = i64::try_from(1 + dice.roll(5)).expect("a small count");
        query.bind(count).execute(&mut *work).await.expect("a case");
        if dice.roll(10) > 0 {
            continue;
        }
        let (kind, by, until) = match dice.roll(2) {
            0 => ("promised", Some(ago(0) + Days::new(dice.roll(20)) - Days::new(10)), None),
            _ => ("disputed", None, Some(ago(0) + Days::new(dice.roll(20)) - Days::new(10))),
        };
        let reply = "INSERT INTO reply (id, answer_id, case_id, unit_id, indicator, recipient_id, kind, by_date, hold_until, \
                     cause, as_of, answered_at) VALUES ($1, $1, $1, $2, $3, 'head', $4, $5, $6, '', '2022-10-01', $7)";
        let query = sqlx::query(reply).bind(id.to_string()).bind(unit.as_str()).bind(indicator.as_str()).bind(kind);
        let query = query.bind(by.map(|day| day.to_string())).bind(until.map(|day| day.to_string()));
        let answered = ago(10).and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis();
        query.bind(answered).execute(&mut *work).await.expect("an answer");
    }
    work.commit().await.expect("a commit");
}

/// 200 that hold, some of whole districts, and 1,300 that are over.
async fn silences(db: &Db, province: &Province) {
    let said_at = Utc.timestamp_opt(1_500_000_000, 0).single().expect("an instant");
    let by = By::command("bench");
    for number in 0..1_500_usize {
        let holds = number < 200;
        let unit = if number < 10 { number } else { DISTRICTS + number };
        let until = if holds { province.as_of + Days::new(20) } else { province.as_of - Days::new(100) };
        let silence = Silence {
            id: Uuid::from_u128(u128::try_from(number).expect("a small number")),
            unit: Some(UnitId::new(&code(unit))),
            subtree: number < 10,
            indicator: (number % 3 == 0).then(|| IndicatorId::new("filing")),
            from: until - Days::new(60),
            until,
            author: "Phòng CNTT".to_owned(),
            reason: "đang nâng cấp hệ thống".to_owned(),
            ended_on: None,
        };
        let work = db.begin().await.expect("a unit of work");
        decision::say_silence(work, &silence, &by, said_at).await.expect("a silence");
    }
}

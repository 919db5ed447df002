//! The calendar beside what Vietnam kept, and beside an independent reckoning for the years to come.

use super::*;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn the_built_in_decisions_are_read_without_a_problem() {
    let (years, problems) = read_calendar("decided.toml", include_str!("decided.toml"));
    assert_eq!(problems, []);
    assert_eq!(years.iter().map(|year| year.year).collect::<Vec<_>>(), [2022, 2023, 2024, 2025, 2026]);
    assert!(years.iter().all(|year| !year.source.is_empty()));
}

#[test]
fn a_working_day_is_found_forwards_and_backwards_over_tet() {
    let calendar = Calendar::default();
    assert_eq!(calendar.working_day_from(date("2026-02-14")), date("2026-02-23"));
    assert_eq!(calendar.working_day_until(date("2026-02-22")), date("2026-02-13"));
    assert_eq!(calendar.working_days_after(date("2022-10-31"), 5), date("2022-11-07"));
    assert_eq!(calendar.working_days_after(date("2022-01-28"), 1), date("2022-02-07"), "over Tết");
}

#[test]
fn a_day_off_says_what_it_is_and_who_says_so() {
    let calendar = Calendar::default();
    let told = |text: &str| {
        calendar
            .special(date(text))
            .map(|day| (day.name(Tongue::English), day.name(Tongue::Vietnamese), day.origin.word()))
            .unwrap()
    };
    let told = |text: &str| {
        let (english, vietnamese, origin) = told(text);
        format!("{english} / {vietnamese} / {origin}")
    };
    assert_eq!(told("2023-01-25"), "in lieu of Tết / nghỉ bù Tết Nguyên đán / decision");
    assert_eq!(told("2026-04-27"), "in lieu of Hùng Kings' Day / nghỉ bù Giỗ Tổ Hùng Vương / law");
    assert_eq!(told("2026-08-22"), "make-up working day / làm bù / decision");
    assert_eq!(told("2026-11-24"), "Vietnam Culture Day / ngày Văn hóa Việt Nam / law");
    assert_eq!(told("2027-02-08"), "Tết / Tết Nguyên đán / computed");
    assert_eq!(told("2027-09-03"), "National Day / Quốc khánh / computed");
    assert_eq!(calendar.day_off(date("2026-08-22")), None, "a Saturday that is worked");
    assert_eq!(calendar.day_off(date("2026-08-29")), Some(DayOff::Weekend));
    assert_eq!(calendar.special(date("2025-11-24")), None, "not before 2026");
}

#[test]
fn a_packs_year_goes_before_the_built_in_one_and_what_it_does_not_name_stays() {
    let pack = CalendarYear { year: 2024, make_up_days: vec![date("2024-05-11")], ..CalendarYear::default() };
    let calendar = Calendar::of(&[CalendarYear { days_off: vec![date("2024-04-29")], ..pack.clone() }]);
    assert!(!calendar.is_working_day(date("2024-04-29")) && calendar.is_working_day(date("2024-05-11")));
    assert!(!calendar.is_working_day(date("2024-05-04")), "the built-in exchange is replaced whole");
    assert!(!calendar.is_working_day(date("2024-02-14")), "Tết stays as decided");
    assert!(Calendar::of(&[pack]).is_working_day(date("2024-04-29")));

    let days = ["2027-02-04", "2027-02-05", "2027-02-06", "2027-02-07", "2027-02-08"].map(date);
    let year = CalendarYear { year: 2027, tet: days.to_vec(), ..CalendarYear::default() };
    let calendar = Calendar::of(&[year]);
    assert!(calendar.announced(2027) && !Calendar::default().announced(2027));
    let off: Vec<_> = date("2027-02-01").iter_days().take(14).filter(|day| !calendar.is_working_day(*day)).collect();
    let expected = ["04", "05", "06", "07", "08", "09", "10", "13", "14"].map(|day| date(&format!("2027-02-{day}")));
    assert_eq!(off, expected, "the weekend in it is given on the next working days");
}

#[test]
fn a_year_that_is_not_announced_is_told_of_from_the_first_of_december_before_it() {
    let calendar = Calendar::default();
    for (today, missing) in [
        ("2026-11-30", vec![]),
        ("2026-12-01", vec![2027]),
        ("2027-01-01", vec![2027]),
        ("2027-12-31", vec![2027, 2028]),
        ("2021-12-01", vec![2021]),
    ] {
        assert_eq!(calendar.unannounced(date(today)), missing, "{today}");
    }
    let next = Calendar::of(&[CalendarYear { year: 2027, ..CalendarYear::default() }]);
    assert_eq!(next.unannounced(date("2026-12-20")), Vec::<i32>::new());
}

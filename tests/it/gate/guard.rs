//! The mass-mail guard (P21): a share of the units, or one and a half times the largest of the last batches.

use super::{DAY, accepted, mixed, project, reminders, run, says};

#[test]
fn a_batch_far_beyond_the_last_ones_waits_for_a_second_person() {
    const UNITS: usize = 100;
    let first = ("2022-10", 0..12);
    for (newly, extra, code) in [(18, "", 0), (22, "", 4), (22, "max_batch_percent = 300", 0)] {
        let project = project(UNITS);
        project.edit("config.toml", "max_newly_below_percent = 100", &format!("max_newly_below_percent = 50\n{extra}"));
        project.write("figures.csv", &mixed(UNITS, std::slice::from_ref(&first)));
        accepted(&project, DAY);
        assert_eq!(reminders(&project), 12);
        project.write("figures.csv", &mixed(UNITS, &[first.clone(), ("2022-11", 20..20 + newly)]));
        let done = run(&project, "2022-11-01");
        assert_eq!(done.code, code, "{newly} {extra}: {}", done.err);
        if code == 4 {
            let why = "22 of 100 judged units fall below target with this round, more than 150 % of the 12 reminded in \
                       the largest of the last batches ([safety] max_batch_percent)";
            says(&done, &["held (guard)", why, "22 message(s) wait", "dondoc approve"]);
            assert_eq!(project.run(&["approve", "--yes"]).code, 0);
            assert_eq!(run(&project, "2022-11-01").code, 0);
        }
        assert_eq!(reminders(&project), 12 + newly);
    }
}

#[test]
fn small_batches_may_grow_by_a_few() {
    let project = project(100);
    project.edit("config.toml", "max_newly_below_percent = 100", "max_newly_below_percent = 50");
    project.write("figures.csv", &mixed(100, &[("2022-10", 0..1)]));
    accepted(&project, DAY);
    project.write("figures.csv", &mixed(100, &[("2022-10", 0..1), ("2022-11", 10..20)]));
    accepted(&project, "2022-11-01");
    assert_eq!(reminders(&project), 11, "ten after one are no mass mail");
}

#[test]
fn at_100_percent_the_whole_guard_is_off() {
    let project = project(100);
    project.write("figures.csv", &mixed(100, &[("2022-10", 0..5)]));
    accepted(&project, DAY);
    project.write("figures.csv", &mixed(100, &[("2022-10", 0..5), ("2022-11", 10..60)]));
    accepted(&project, "2022-11-01");
    assert_eq!(reminders(&project), 55);
}

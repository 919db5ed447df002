//! The admins hear of a hold once per episode: while the same doubt lasts, whatever day or hour it is.

use super::{DAY, accepted, alerts, held, project};
use crate::support::project::figures;

#[test]
fn the_same_hold_is_one_alert_a_different_doubt_is_another_and_an_accepted_round_ends_it() {
    let project = project(10);
    accepted(&project, DAY);
    for day in ["2022-12-29", "2022-12-30", "2022-12-31"] {
        held(&project, day, &["stale"]);
    }
    assert_eq!(alerts(&project).len(), 1, "the words change every day, the doubt does not");

    project.write("figures.csv", &figures(5, 40));
    held(&project, "2022-12-31", &["stale", "rows_fell", "units_vanished"]);
    held(&project, "2022-12-31", &["rows_fell"]);
    assert_eq!(alerts(&project).len(), 2, "a new doubt");
    project.write("figures.csv", &figures(10, 40));
    held(&project, "2022-12-31", &["stale"]);
    assert_eq!(alerts(&project).len(), 2, "nothing new about it");

    accepted(&project, "2022-11-01");
    held(&project, "2022-12-31", &["stale"]);
    assert_eq!(alerts(&project).len(), 3, "a new episode, in the same words");
}

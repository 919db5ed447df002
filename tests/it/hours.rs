//! A calendar that is imported while the program works holds at once for what is offered again.

use chrono::{DateTime, NaiveTime, Utc};
use dondoc::clock::Clock;
use dondoc::decision::QuietHours;
use tokio_util::sync::CancellationToken;

use crate::planned::program_in;
use crate::support::databases::postgres_url;
use crate::support::project::{Plan, Project};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_imported_day_off_moves_repeats_without_a_restart() {
    for database in ["sqlite:dondoc.db".to_owned(), postgres_url().await] {
        let project = Project::new(&Plan { units: 3, database, ..Plan::default() });
        let tuesday = at("2022-11-01T09:00:00+07:00");
        let mut app = program_in(&project, Clock::at(tuesday)).await;
        let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        app.config.rules.quiet_hours = Some(QuietHours { from: time(18), to: time(7) });
        let hours = app.hours().await.unwrap();
        assert_eq!(hours.opens_at(tuesday), tuesday, "a working day");
        project.edit("pack/calendar.toml", "\"2022-09-02\"]", "\"2022-09-02\", \"2022-11-01\"]");
        let pack = project.path("pack").display().to_string();
        let imported = project.run(&["catalog", "import", &pack, "--yes"]);
        assert_eq!(imported.code, 0, "{}", imported.err);
        let stop = CancellationToken::new();
        let read = async {
            while hours.opens_at(tuesday) == tuesday {
                tokio::task::yield_now().await;
            }
            stop.cancel();
        };
        tokio::join!(app.tend(&[], &stop), read);
        let opens = hours.opens_at(tuesday);
        assert!(opens > at("2022-11-02T00:00:00+07:00") && opens < at("2022-11-02T12:00:00+07:00"), "{opens}");
    }
}

//! The examples of docs/api.md, run as they stand.

use std::process::Command;

use super::{Office, UNITS};
use crate::desk::figures;
use crate::support::daemon::Daemon;
use crate::support::project::{Plan, Project};

/// The lines of the shell in a document, continued ones as one.
fn examples(document: &str) -> Vec<String> {
    let mut examples = Vec::new();
    for block in document.split("```sh\n").skip(1) {
        let block = block.split("```").next().unwrap().replace("\\\n", " ");
        examples.extend(block.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
    }
    examples
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_examples_of_the_document_work_as_they_stand() {
    let project = Project::new(&Plan { units: UNITS, ..Plan::default() });
    project.run(&["migrate"]);
    project.write("figures.csv", &figures(UNITS, |_| 40));
    assert_eq!(project.run(&["run", "--as-of", "2022-10-31"]).code, 0);
    let office = Office::over(project).await;
    let token = office.program(dondoc::people::Role::Admin, None).await.token;
    office.app.close().await;
    let Office { project, app, router } = office;
    drop((app, router));
    let daemon = Daemon::serve(&project);
    let said = daemon.said();
    let address = said.split_once("ready listen=").unwrap().1.split_whitespace().next().unwrap();
    let document = include_str!("../../../docs/api.md");
    let examples = examples(document);
    assert!(examples.len() >= 9, "{examples:?}");
    for example in examples {
        // Twice, because a program does so: the second answer of the feed is empty.
        for _ in 0..2 {
            let mut shell = Command::new("sh");
            shell.args(["-e", "-c", &example]).current_dir(project.folder());
            shell.env("DONDOC", format!("http://{address}")).env("TOKEN", &token).env_remove("http_proxy");
            let done = shell.output().unwrap();
            let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
            assert!(done.status.success(), "{example}\n{out}{err}");
            assert!(example.contains("-o feed.json") || !out.is_empty(), "{example}");
        }
    }
    assert!(project.read("feed.json").contains("\"unit_code\":\"total\""));
}

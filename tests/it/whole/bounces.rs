//! A mail that comes back: through a real Postfix and Dovecot, until somebody has mended the address.

use std::os::unix::fs::PermissionsExt as _;

use super::{DAY, entries, plan, says};
use crate::support::project::{Plan, Project, code};
use crate::support::relay::{KEY, PASSWORD, RealRelay};

fn channels(relay: &RealRelay, bounces: &str) -> String {
    let certificate = relay.certificate();
    let certificate = certificate.display();
    let ((smtp, smtp_port), (imap, imap_port)) = (&relay.smtp, &relay.imap);
    format!(
        "[[channel]]\nname = \"mail\"\nkind = \"email\"\nrelay = \"smtp+starttls://{smtp}:{smtp_port}\"\nuser = \"dondoc\"\n\
         password_file = \"password\"\nfrom = \"Sở TT&TT <dondoc@province.example>\"\nca_file = \"{certificate}\"\n\
         return_path = \"{bounces}@province.example\"\nreturn_path_key_file = \"key\"\n\
         [channel.bounces]\nmailbox = \"imaps://{imap}:{imap_port}/INBOX\"\nuser = \"{bounces}\"\n\
         password_file = \"password\"\nca_file = \"{certificate}\"\n\
         [[channel]]\nname = \"folder\"\nkind = \"file\"\nfolder = \"letters\"\n"
    )
}

fn secret(project: &Project, name: &str, text: &str) {
    project.write(name, text);
    std::fs::set_permissions(project.path(name), std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_comes_back_is_a_task_and_the_next_one_takes_another_channel() {
    let relay = RealRelay::find();
    let extra = "[alerts]\nto = [\"ubnd.admin@xa.example\"]\n".to_owned();
    let project = Project::new(&Plan { channels: channels(&relay, "bounces2"), extra, ..plan() });
    secret(&project, "password", PASSWORD);
    secret(&project, "key", KEY);
    // Nobody is called khongco at xa.example; the others are at home.
    let contacts = project.read("pack/contacts.csv");
    let contacts = contacts.replace("ubnd@xa0.example", "khongco@xa.example");
    let contacts =
        contacts.replace("ubnd@xa1.example", "ubnd1@xa.example").replace("ubnd@xa2.example", "ubnd2@xa.example");
    project.write("pack/contacts.csv", &contacts);

    let done = project.run(&["run", "--as-of", DAY]);
    assert_eq!(done.code, 0, "{}\n{}", done.out, done.err);
    let gone = entries(&project).into_iter().find(|entry| entry["unit_code"] == code(0)).expect("an entry");
    assert_eq!((&gone["state"], &gone["channel"]), (&"sent".into(), &"mail".into()));
    let id = gone["id"].as_str().unwrap();
    relay.arrival("bounces2", gone["message_id"].as_str().unwrap()).await;

    // A month later the same units are below target again.
    let figures = project.read("figures.csv");
    let more = figures.lines().skip(1).map(|line| line.replace("2022-10", "2022-11") + "\n").collect::<String>();
    project.write("figures.csv", &(figures.clone() + &more));
    for _ in 0..2 {
        let done = project.run(&["run", "--as-of", "2022-11-30"]);
        assert_eq!(done.code, 0, "{}\n{}", done.out, done.err);
    }
    says(&project.run(&["outbox", "show", id]), &["bounced", "5.1.1", "unknown user"]);
    let open = project.run(&["reply", "list", "--open", "--format", "json"]).json();
    let open = open.as_array().unwrap();
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!((&open[0]["id"], &open[0]["answer"]), (&gone["id"], &"bounced".into()));
    assert_eq!(open[0]["address"], "k***@xa.example");
    says(&project.run(&["check"]), &["come back: 5.1.1", &code(0), "k***@xa.example", "dondoc reply close"]);
    let told = entries(&project)
        .into_iter()
        .filter(|entry| entry["dedup_key"].as_str().unwrap().starts_with("alert/bounces/"));
    assert_eq!(told.count(), 1, "the admins hear of it once");
    let second = |project: &Project, channel: &str| {
        let all = entries(project);
        all.iter().filter(|entry| entry["unit_code"] == code(0) && entry["channel"] == channel).count()
    };
    assert_eq!((second(&project, "mail"), second(&project, "folder")), (1, 1), "{:?}", entries(&project));

    let closed = project.run(&["reply", "close", id, "--note", "đã sửa", "--by", "Phòng CNTT"]);
    assert_eq!(closed.code, 0, "{}", closed.err);
    assert_eq!(project.run(&["reply", "list", "--open", "--format", "json"]).json(), serde_json::json!([]));
    assert!(!project.run(&["check"]).out.contains("come back"));
}

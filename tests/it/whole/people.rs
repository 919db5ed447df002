//! People on the command line, and the door of a running `serve`.

use dondoc::db::{Db, Durability};

use super::{plan, says};
use crate::support::daemon::Daemon;
use crate::support::databases::postgres_url;
use crate::support::project::{Done, Plan, Project, code};

fn done(project: &Project, arguments: &[&str]) -> Done {
    let done = project.run(arguments);
    assert_eq!(done.code, 0, "{arguments:?}: {}", done.err);
    done
}

/// What is refused, and in which words.
fn rules(project: &Project) {
    let over = project.run(&["setup-code"]);
    assert_eq!(over.code, 2);
    says(&over, &["there is an administrator already", "remedy:"]);
    for (arguments, words) in [
        (vec!["user", "add", "quan.tri", "--name", "Ai đó"], "this login name is taken"),
        (vec!["user", "add", "Văn Thư", "--name", "Ai đó"], "a login name has 2 to 60 small letters"),
        (vec!["user", "add", "moi", "--name", "Ai đó", "--scope", "999"], "no unit has this code"),
        (vec!["user", "disable", "quan.tri"], "this is the last administrator"),
        (vec!["user", "role", "quan.tri", "view"], "this is the last administrator"),
        (vec!["user", "passwd", "khong.co"], "there is no such account"),
        (vec!["user", "role", "xa.mot", "root"], "invalid value 'root'"),
        (vec!["token", "revoke", "x"], "there is no such token"),
        (vec!["audit", "list", "--deed", "x"], "no deed is called `x`"),
    ] {
        let refused = project.run(&arguments);
        assert_eq!(refused.code, 2, "{arguments:?}: {}", refused.out);
        says(&refused, &[words]);
    }
    let weak = Project::fed(project.command(&["user", "passwd", "xa.mot", "--password-stdin"]), "ngắn\n");
    assert_eq!(weak.code, 2);
}

/// Accounts from beginning to end.
fn accounts(project: &Project) {
    let code_for_setup = done(project, &["setup-code"]);
    assert_eq!(code_for_setup.out.trim().len(), 19, "{}", code_for_setup.out);
    says(&code_for_setup, &["/thiet-lap", "once"]);
    says(&done(project, &["user", "list"]), &["`dondoc setup-code` begins"]);

    let added = done(project, &["user", "add", "Quan.Tri", "--name", "Quản trị", "--role", "admin"]);
    let password = added.out.trim();
    assert_eq!(password.len(), 19, "{}", added.out);
    says(&added, &["fewer than two administrators", "remedy: make a second one"]);
    let unit = code(1);
    let scoped = ["user", "add", "xa.mot", "--name", "Văn thư", "--scope", &unit, "--password-stdin"];
    let scoped = Project::fed(project.command(&scoped), "mật khẩu tạm thời 1\n");
    assert_eq!((scoped.code, scoped.out.as_str()), (0, ""), "a password that was given is not repeated");
    let list = done(project, &["user", "list", "--format", "json"]).json();
    assert_eq!((&list[0]["login"], &list[0]["role"]), (&"quan.tri".into(), &"admin".into()));
    assert_eq!((&list[1]["login"], &list[1]["scope"]), (&"xa.mot".into(), &unit.into()));

    rules(project);
    done(project, &["user", "role", "xa.mot", "approve"]);
    done(project, &["user", "disable", "xa.mot"]);
    done(project, &["user", "enable", "xa.mot"]);
    let given = done(project, &["user", "passwd", "xa.mot"]);
    assert_ne!(given.out.trim(), password);

    let token = done(project, &["token", "add", "Trung tâm điều hành", "--role", "view"]);
    assert!(token.out.starts_with("dondoc_") && token.out.trim().len() == 39, "{}", token.out);
    let tokens = done(project, &["token", "list", "--format", "json"]).json();
    assert_eq!(tokens[0]["name"], "Trung tâm điều hành");
    assert!(!tokens.to_string().contains(token.out.trim()));
    done(project, &["token", "revoke", tokens[0]["id"].as_str().unwrap()]);

    let log = done(project, &["audit", "list", "--format", "json"]).json();
    let deeds: Vec<&str> = log.as_array().unwrap().iter().rev().map(|one| one["deed"].as_str().unwrap()).collect();
    let expected = [
        "setup_code_made",
        "account_added",
        "account_added",
        "account_changed",
        "account_disabled",
        "account_enabled",
        "password_given",
        "token_added",
        "token_revoked",
    ];
    assert_eq!(deeds, expected);
    assert!(log[0]["actor"].as_str().unwrap().starts_with("command/"), "{log}");
    let theirs = done(project, &["audit", "list", "--user", "xa.mot", "--format", "csv"]);
    assert_eq!(theirs.out.lines().count(), 1 + 5, "{}", theirs.out);
    says(&done(project, &["audit", "verify"]), &["the audit log is whole: 9 entries"]);
    assert!(!log.to_string().contains(password));
}

#[test]
fn accounts_tokens_and_the_audit_log_are_kept_by_commands() {
    accounts(&Project::new(&plan()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn and_on_postgres_alike() {
    let project = Project::new(&Plan { database: postgres_url().await, ..plan() });
    tokio::task::spawn_blocking(move || accounts(&project)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_somebody_wrote_into_is_found_at_the_entry() {
    let project = Project::new(&plan());
    for login in ["mot", "hai", "ba"] {
        done(&project, &["user", "add", login, "--name", "Ai đó", "--role", "admin"]);
    }
    let whole = done(&project, &["audit", "verify", "--format", "json"]).json();
    let head = format!("3:{}", whole["head"].as_str().unwrap());
    done(&project, &["audit", "verify", "--head", &head]);
    let url = format!("sqlite:{}", project.path("dondoc.db").display());
    let db = Db::open(&url, project.folder(), Durability::ThrowAway).await.unwrap();
    let Db::Sqlite { writer, .. } = &db else { panic!("SQLite") };
    sqlx::query("DELETE FROM audit WHERE number = 3").execute(writer).await.unwrap();
    done(&project, &["audit", "verify"]);
    let cut = project.run(&["audit", "verify", "--head", &head]);
    assert_eq!(cut.code, 1);
    says(&cut, &["broken at entry 3: the chain ends before the given head"]);
    sqlx::query("UPDATE audit SET detail = 'role=view scope=*' WHERE number = 2").execute(writer).await.unwrap();
    db.close().await;
    let broken = project.run(&["audit", "verify"]);
    assert_eq!(broken.code, 1);
    says(&broken, &["broken at entry 2", "remedy: compare with the newest backup"]);
    let json = project.run(&["audit", "verify", "--format", "json"]);
    assert_eq!((json.code, &json.json()["entry"]), (1, &2.into()));
    assert_eq!(project.run(&["audit", "verify", "--head", "3"]).code, 2);
}

#[test]
fn who_is_forgotten_stands_nowhere_any_more_and_the_log_is_whole() {
    let project = Project::new(&plan());
    done(&project, &["user", "add", "quan.tri", "--name", "Quản trị", "--role", "admin"]);
    done(&project, &["user", "add", "le.mau", "--name", "Lê Mẫu", "--role", "edit"]);
    let asked = project.run(&["user", "forget", "le.mau"]);
    assert_eq!(asked.code, 2);
    says(&asked, &["nothing was forgotten"]);
    says(&done(&project, &["user", "forget", "le.mau", "--yes"]), &["forgotten"]);
    assert_eq!(project.run(&["user", "forget", "quan.tri", "--yes"]).code, 2, "the last administrator");
    assert_eq!(project.run(&["user", "passwd", "le.mau"]).code, 2);
    says(&done(&project, &["audit", "verify"]), &["is whole: 3 entries"]);
    let lists = [vec!["user", "list"], vec!["audit", "list"]].map(|list| done(&project, &list).out).concat();
    assert!(!lists.contains("le.mau") && !lists.contains("Lê Mẫu"), "{lists}");
}

#[test]
fn serve_shows_its_pages_to_this_machine_until_there_is_an_account_and_then_to_who_signs_in() {
    let project = Project::new(&plan());
    let serve = Daemon::serve(&project);
    serve.until_it_says("no account yet");
    assert!(serve.said().contains("plain http"), "{}", serve.said());
    let (status, page) = serve.get("/hop-thu-thu");
    assert!(status.ends_with("200 OK") && page.contains("CHƯA CÓ TÀI KHOẢN"), "{status}\n{page}");
    let forwarded = serve.send("GET /hop-thu-thu HTTP/1.1\r\nX-Forwarded-For: 203.0.113.7", b"");
    assert!(forwarded.0.ends_with("403 Forbidden"), "{forwarded:?}");
    done(&project, &["user", "add", "quan.tri", "--name", "Quản trị", "--role", "admin"]);
    for path in ["/", "/hop-thu-thu", "/nguoi-dung"] {
        assert!(serve.get(path).0.ends_with("303 See Other"), "{path}");
    }
    for path in ["/healthz", "/readyz", "/metrics", "/schedule.ics", "/static/dondoc.css", "/dang-nhap"] {
        assert!(serve.get(path).0.ends_with("200 OK"), "{path}");
    }
    let form = "login=quan.tri&password=sai-mat-khau-roi";
    let head = format!(
        "POST /dang-nhap HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}",
        form.len()
    );
    let (status, page) = serve.send(&head, form.as_bytes());
    assert!(status.contains("422") && page.contains("không đúng"), "{status}\n{page}");
    let foreign = serve.send(&format!("{head}\r\nOrigin: https://evil.example"), form.as_bytes());
    assert!(foreign.0.ends_with("403 Forbidden"), "{foreign:?}");
    serve.until_it_says("sign_in_refused");
}

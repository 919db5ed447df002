//! What programs change: once, in the state that they saw, written down under their token.

use dondoc::people::{self, Role, Wanted};
use serde_json::{Value, json};

use super::{Office, Program};

/// Deed and subject of what this token did, the last first.
async fn audited(office: &Office, program: &Program) -> Vec<(String, String)> {
    let wanted = Wanted { who: format!("token/{}", program.id), ..Wanted::default() };
    let entries = people::list(&office.app.db, &wanted).await.unwrap();
    let own = entries.into_iter().filter(|entry| entry.actor == format!("token/{}", program.id));
    own.map(|entry| (entry.deed, entry.subject)).collect()
}

async fn held(program: &mut Program) -> Vec<Value> {
    program.read("/api/v1/outbox?state=held").await["messages"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_goes_by_the_hash_that_was_seen_and_by_no_other() {
    let office = Office::asking("").await;
    let mut program = office.program(Role::Approver, None).await;
    let waiting = program.read("/api/v1/approval").await;
    let printed = office.project.run(&["approve", "--show", "--format", "json"]).json();
    assert_eq!(waiting["batch"], printed, "it is what the command shows");
    let messages = held(&mut program).await.len();
    assert_eq!(waiting["messages"].as_u64(), u64::try_from(messages).ok());
    let wrong = program.refused("/api/v1/approval", &json!({"hash": "0000"})).await;
    assert_eq!(wrong, (409, "conflict".to_owned(), "hash".to_owned()));
    assert_eq!(held(&mut program).await.len(), messages);
    let hash = json!({"hash": waiting["batch"]["hash"]});
    let released = program.does("/api/v1/approval", &hash).await;
    assert_eq!(released["released"].as_u64(), u64::try_from(messages).ok());
    assert_eq!(program.refused("/api/v1/approval", &hash).await.0, 409, "once");
    assert_eq!(program.read("/api/v1/approval").await, json!({"messages": 0, "batch": null}));
    assert_eq!(audited(&office, &program).await, [("batch_approved".to_owned(), String::new())]);
}

#[tokio::test]
async fn whoever_composed_a_batch_does_not_let_it_go() {
    let office = Office::asking("approver_differs = true\n").await;
    let new = ("văn thư", Role::Approver, None);
    let by = people::By::command("test");
    let (_, token) = people::add_token(&office.app.db, new, &by, office.app.clock.now()).await.unwrap();
    let mut program = office.program(Role::Approver, None).await;
    let hash = json!({"hash": program.read("/api/v1/approval").await["batch"]["hash"]});
    program.reader.headers.clear();
    program.reader = program.reader.clone().with("authorization", &format!("Bearer {token}"));
    assert_eq!(program.refused("/api/v1/approval", &hash).await.0, 409);
    assert!(!held(&mut program).await.is_empty());
}

#[tokio::test]
async fn a_message_is_taken_back_once_and_not_offered_again_by_mistake() {
    let office = Office::asking("").await;
    let mut program = office.program(Role::Approver, None).await;
    let id = held(&mut program).await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/outbox/{id}");
    assert_eq!(program.refused(&format!("{path}/retry"), &json!({})).await.0, 409, "a second person decides");
    assert_eq!(
        program.refused(&format!("{path}/cancel"), &json!({"why": " "})).await,
        (422, "unprocessable".to_owned(), "why".to_owned())
    );
    let done = program.does(&format!("{path}/cancel"), &json!({"why": "Trùng thư"})).await;
    assert_eq!((&done["changed"], &done["entry"]["state"]), (&true.into(), &"cancelled".into()));
    let again = program.does(&format!("{path}/cancel"), &json!({"why": "Trùng thư"})).await;
    assert_eq!(again["changed"], false);
    let told = program.read(&path).await;
    let written = told["attempts"].as_array().unwrap().last().unwrap()["answer"].as_str().unwrap().to_owned();
    assert_eq!(written, "cancelled by Trung tâm điều hành: Trùng thư");
    assert_eq!(
        program.refused(&format!("{path}/resolve"), &json!({"fate": "sent", "note": "đã hỏi"})).await.0,
        409,
        "nothing is uncertain about it"
    );
    let odd = program.refused(&format!("{path}/resolve"), &json!({"fate": "lost", "note": "x"})).await;
    assert_eq!(odd.0, 422);
    assert_eq!(audited(&office, &program).await, [("messages_cancelled".to_owned(), format!("outbox/{id}"))]);
}

#[tokio::test]
async fn sending_stops_and_goes_on_and_a_repeat_is_none() {
    let office = Office::new().await;
    let mut program = office.program(Role::Approver, None).await;
    let why = json!({"why": "Rà soát số liệu"});
    for (path, paused, changed) in [
        ("/api/v1/pause", true, true),
        ("/api/v1/pause", true, false),
        ("/api/v1/resume", false, true),
        ("/api/v1/resume", false, false),
    ] {
        let done = program.does(path, &why).await;
        assert_eq!((&done["paused"], &done["changed"]), (&paused.into(), &changed.into()), "{path}");
        let health = program.read("/api/v1/health").await;
        assert_eq!(health["paused"], paused);
        assert_eq!(health["pause"]["why"].as_str(), paused.then_some("Rà soát số liệu"));
    }
    let deeds: Vec<String> = audited(&office, &program).await.into_iter().map(|(deed, _)| deed).collect();
    assert_eq!(deeds, ["sending_resumed", "sending_paused"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_template_goes_from_draft_to_force_and_back() {
    let office = Office::new().await;
    let mut program = office.program(Role::Editor, None).await;
    let path = "/api/v1/templates/commune_first";
    let text = program.read(path).await["text"]["source"].as_str().unwrap().to_owned();
    let broken =
        program.does(&format!("{path}/draft"), &json!({"source": format!("{text}\n{{{{ nobody.knows }}}}")})).await;
    assert_eq!(broken["draft"], 1);
    let checked = program.does(&format!("{path}/check"), &json!({})).await;
    assert_eq!((&checked["passes"], &checked["checked"]), (&false.into(), &"draft 1".into()));
    let unfit = program.refused(&format!("{path}/publish"), &json!({"draft": 1, "note": "thử"})).await;
    assert_eq!((unfit.0, unfit.1.as_str()), (422, "unprocessable"));
    assert!(unfit.2.contains(':'), "line and column: {unfit:?}");

    let better = text.replace("Kính gửi", "Kính gửi:");
    let over = json!({"draft": 0, "revision": 0});
    let late = program.refused(&format!("{path}/draft"), &json!({"source": better, "over": over})).await;
    assert_eq!(late.0, 409, "somebody saved in the meantime");
    let over = json!({"draft": 1, "revision": 0});
    let saved =
        program.does(&format!("{path}/draft"), &json!({"source": better, "over": over, "note": "dấu hai chấm"})).await;
    assert_eq!(saved["draft"], 2);
    assert_eq!(
        program.refused(&format!("{path}/publish"), &json!({"draft": 1, "note": "x"})).await.0,
        409,
        "another draft"
    );
    let published = program.does(&format!("{path}/publish"), &json!({"draft": 2, "note": "Thêm dấu hai chấm"})).await;
    assert_eq!((&published["changed"], &published["revision"]), (&true.into(), &1.into()));
    let told = program.read(path).await;
    assert_eq!((&told["text"]["source"], &told["draft"]), (&better.into(), &Value::Null));
    assert_eq!(told["history"][0]["published_by"], "Trung tâm điều hành");
    let back = json!({"revision": 0, "note": "Trả lại"});
    assert_eq!(program.does(&format!("{path}/restore"), &back).await["revision"], 2);
    assert_eq!(program.does(&format!("{path}/restore"), &back).await["changed"], false);
    assert_eq!(program.read(&format!("{path}?revision=0")).await["text"]["source"], text);
    assert_eq!(program.get(&format!("{path}?revision=9")).await.status.as_u16(), 404);
    let deeds: Vec<String> = audited(&office, &program).await.into_iter().map(|(deed, _)| deed).collect();
    assert_eq!(deeds[..2], ["template_restored", "template_published"]);
    let long = "x".repeat(70_000);
    let refused = program.refused(&format!("{path}/draft"), &json!({"source": long})).await;
    assert_eq!(refused, (422, "unprocessable".to_owned(), "source".to_owned()));
}

#[tokio::test]
async fn a_name_is_matched_and_the_match_is_taken_back() {
    let office = Office::new().await;
    let mut program = office.program(Role::Editor, None).await;
    let body = json!({"name": "UBND xã Nào Đó", "code": "X000002"});
    for changed in [true, false] {
        let done = program.does("/api/v1/unresolved/resolve", &body).await;
        assert_eq!((&done["changed"], &done["unit"]), (&changed.into(), &"Xã Số 2 (X000002)".into()));
    }
    let unknown = program.refused("/api/v1/unresolved/resolve", &json!({"name": "UBND xã Kia", "code": "Y9"})).await;
    assert_eq!(unknown, (422, "unprocessable".to_owned(), "code".to_owned()));
    let back = json!({"name": "UBND xã Nào Đó"});
    assert_eq!(program.does("/api/v1/unresolved/unresolve", &back).await["changed"], true);
    assert_eq!(program.refused("/api/v1/unresolved/unresolve", &back).await.0, 409);
    let unit = "unit/X000002".to_owned();
    assert_eq!(
        audited(&office, &program).await,
        [("name_unmatched".to_owned(), unit.clone()), ("name_matched".to_owned(), unit)]
    );
}

#[tokio::test]
async fn a_body_with_more_or_less_than_it_should_have_is_refused_by_the_name_of_the_field() {
    let office = Office::new().await;
    let mut program = office.program(Role::Admin, None).await;
    for (body, place) in [
        (json!({"why": "thử", "mau": 1}), "mau"),
        (json!({}), "why"),
        (json!({"why": "một\ndòng"}), "why"),
        (json!({"why": "x".repeat(501)}), "why"),
    ] {
        let refused = program.refused("/api/v1/pause", &body).await;
        assert_eq!((refused.0, refused.2.as_str()), (422, place), "{body}");
    }
    assert!(!program.read("/api/v1/health").await["paused"].as_bool().unwrap());
}

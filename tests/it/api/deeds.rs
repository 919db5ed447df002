//! What programs do as the pages do it: hold, let go and undo, refuse a batch, contacts from a file and one by one, targets,
//! letters to look at, channels.

use dondoc::people::{self, Role, Wanted};
use serde_json::{Value, json};

use super::{Office, Program, parsed, refusal, sheet, target};

/// Deeds of this token, the last first.
async fn deeds(office: &Office, program: &Program) -> Vec<String> {
    let actor = format!("token/{}", program.id);
    let wanted = Wanted { who: actor.clone(), ..Wanted::default() };
    let entries = people::list(&office.app.db, &wanted).await.unwrap();
    entries.into_iter().filter(|entry| entry.actor == actor).map(|entry| entry.deed).collect()
}

async fn states(program: &mut Program) -> Vec<(String, String)> {
    let all = program.read("/api/v1/outbox").await["messages"].clone();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let mut states: Vec<_> =
        all.as_array().unwrap().iter().map(|one| (word(&one["id"]), word(&one["state"]))).collect();
    states.sort();
    states
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_refused_by_its_hash_with_a_reason_and_that_can_be_undone() {
    let office = Office::asking("").await;
    let mut program = office.program(Role::Approver, None).await;
    let before = states(&mut program).await;
    let waiting = program.read("/api/v1/approval").await;
    let hash = &waiting["batch"]["hash"];
    let wordless = program.refused("/api/v1/approval/refuse", &json!({"hash": hash, "why": ""})).await;
    assert_eq!((wordless.0, wordless.2.as_str()), (422, "why"));
    let long = json!({"hash": hash, "why": "x", "undo_within": 601});
    assert_eq!(program.refused("/api/v1/approval/refuse", &long).await.2, "undo_within");
    let body = json!({"hash": hash, "why": "Số liệu đang rà soát", "undo_within": 60});
    let refused = program.does("/api/v1/approval/refuse", &body).await;
    assert_eq!(refused["taken_back"], waiting["messages"]);
    assert!(refused["undo_until"].is_string(), "{refused}");
    assert_eq!(
        program.refused("/api/v1/approval/refuse", &body).await,
        (409, "conflict".to_owned(), "hash".to_owned())
    );
    let known = program.read("/api/v1/deeds").await["deeds"].clone();
    assert_eq!((&known[0]["what"], &known[0]["by"]), (&"refuse".into(), &"Trung tâm điều hành".into()));
    let path = format!("/api/v1/deeds/{}/undo", known[0]["id"].as_str().unwrap());
    let undone = program.does(&path, &json!({})).await;
    assert_eq!((&undone["back"], &undone["too_late"]), (&waiting["messages"], &0.into()));
    assert_eq!(states(&mut program).await, before);
    assert_eq!(program.read("/api/v1/approval").await["batch"]["hash"], *hash, "it waits as before");
    assert_eq!(program.refused(&path, &json!({})).await.0, 409, "once");
    assert_eq!(deeds(&office, &program).await, ["mending_undone", "batch_refused"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_are_held_let_go_and_put_back_one_by_one_and_at_once() {
    let office = Office::asking("").await;
    let mut program = office.program(Role::Approver, None).await;
    let hash = program.read("/api/v1/approval").await["batch"]["hash"].clone();
    program.does("/api/v1/approval", &json!({"hash": hash})).await;
    let ready: Vec<String> =
        states(&mut program).await.into_iter().filter(|(_, state)| state == "ready").map(|(id, _)| id).collect();
    assert!(ready.len() > 1, "{ready:?}");
    let path = format!("/api/v1/outbox/{}", ready[0]);
    let held = program.does(&format!("{path}/hold"), &json!({"why": "Hỏi lại", "undo_within": 60})).await;
    assert_eq!((&held["changed"], &held["entry"]["state"]), (&true.into(), &"held".into()));
    assert_eq!(held["entry"]["hold_reason"], "person");
    assert!(held["deed"]["undo_until"].is_string(), "{held}");
    assert_eq!(program.does(&format!("{path}/hold"), &json!({"why": "Hỏi lại"})).await["changed"], false);
    let undo = format!("/api/v1/deeds/{}/undo", held["deed"]["id"].as_str().unwrap());
    assert_eq!(program.does(&undo, &json!({})).await["back"], 1);
    assert_eq!(program.read(&path).await["entry"]["state"], "ready");
    program.does(&format!("{path}/hold"), &json!({"why": "Hỏi lại"})).await;
    assert_eq!(program.does(&format!("{path}/let_go"), &json!({})).await["entry"]["state"], "ready");
    assert_eq!(program.does(&format!("{path}/let_go"), &json!({})).await["changed"], false);

    // Another one first: a deed is named by its instant, which stands still here, and by the first message.
    let mut ids: Vec<Value> = ready.iter().rev().map(|id| json!(id)).collect();
    ids.extend([json!("nobody"), ids[0].clone()]);
    let bulk = json!({"what": "hold", "ids": ids, "why": "Rà soát", "undo_within": 60});
    let done = program.does("/api/v1/deeds", &bulk).await;
    assert_eq!((&done["done"], &done["too_late"]), (&ready.len().into(), &0.into()), "{done}");
    assert_eq!(done["not_done"].as_array().unwrap().len(), 1, "{done}");
    let again = program.does("/api/v1/deeds", &bulk).await;
    assert_eq!((&again["done"], &again["deed"]), (&0.into(), &Value::Null), "{again}");
    let wordless = program.refused("/api/v1/deeds", &json!({"what": "cancel", "ids": ["x"]})).await;
    assert_eq!((wordless.0, wordless.2.as_str()), (422, "why"));
    assert_eq!(program.refused("/api/v1/deeds", &json!({"what": "retry", "ids": []})).await.2, "ids");

    // Who sees a unit does not undo what was done to others, and does nothing to their messages.
    let mut own = office.program(Role::Approver, Some("X000002")).await;
    let undo = format!("/api/v1/deeds/{}/undo", done["deed"]["id"].as_str().unwrap());
    assert_eq!(own.refused(&undo, &json!({})).await.0, 409);
    assert_eq!(own.read("/api/v1/deeds").await["deeds"], json!([]));
    let back = program.does(&undo, &json!({})).await;
    assert_eq!((&back["back"], &back["too_late"]), (&ready.len().into(), &0.into()), "{back}");
    let partly = own.does("/api/v1/deeds", &json!({"what": "hold", "ids": ready, "why": "Hỏi lại"})).await;
    let its = own.read("/api/v1/outbox?state=held").await["messages"].as_array().unwrap().len();
    assert!(its > 0 && its < ready.len());
    assert_eq!(
        (&partly["done"], partly["not_done"].as_array().unwrap().len()),
        (&its.into(), ready.len() - its),
        "{partly}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_contacts_is_brought_mended_written_once_and_taken_back() {
    let office = Office::new().await;
    let mut program = office.program(Role::Editor, None).await;
    let told = program.does("/api/v1/contacts/imports", &sheet("Xã Số 1", "sai.example")).await;
    assert_eq!((&told["wrong_cells"], &told["columns"][3]["field"]), (&1.into(), &"email".into()), "{told}");
    assert_eq!((&told["findings"][0]["cell"], &told["findings"][0]["wrong"]), (&"D2".into(), &true.into()));
    let path = format!("/api/v1/contacts/imports/{}", told["id"].as_str().unwrap());
    assert_eq!(program.refused(&format!("{path}/write"), &told["sums"]).await.0, 422, "a cell is wrong");
    let mended = program.does(&format!("{path}/cells"), &json!({"cells": {"D2": "chu.tich@xa1.example"}})).await;
    assert_eq!(mended["wrong_cells"], 0, "{mended}");
    assert_eq!(mended["changes"][0]["after"]["email"], "c***@xa1.example", "masked");
    assert_eq!(program.read(&path).await, mended);
    for (body, place) in [(json!({"cells": {"D99": "x"}}), "cells"), (json!({"cells": {"2D": "x"}}), "cells")] {
        assert_eq!(program.refused(&format!("{path}/cells"), &body).await.2, place, "{body}");
    }
    for columns in [json!({"Z": "email"}), json!({"D": "colour"}), json!({"C": "email", "D": "email"})] {
        let refused = program.refused(&format!("{path}/columns"), &json!({"columns": columns})).await;
        assert_eq!((refused.0, refused.2.as_str()), (422, "columns"), "{columns}");
    }
    let other = json!({"added": 7, "changed": 0, "ended": 0});
    assert_eq!(program.refused(&format!("{path}/write"), &other).await.0, 409, "not what was looked at");
    let written = program.does(&format!("{path}/write"), &mended["sums"]).await;
    assert_eq!((&written["changed"], &written["import"]["state"]), (&true.into(), &"written".into()));
    let again = program.does(&format!("{path}/write"), &mended["sums"]).await;
    assert_eq!((&again["changed"], &again["sums"]), (&false.into(), &written["sums"]));
    let listed = program.read("/api/v1/contacts/imports").await;
    assert!(listed["imports"][0]["undo_until"].is_string(), "{listed}");

    // Another token of one unit sees nothing of it.
    let mut own = office.program(Role::Editor, Some("X000002")).await;
    assert_eq!(own.read("/api/v1/contacts/imports").await["imports"], json!([]));
    assert_eq!(refusal(&own.get(&path).await).0, 404);
    assert_eq!(own.refused(&format!("{path}/undo"), &json!({})).await.0, 404);
    let outside = own.does("/api/v1/contacts/imports", &sheet("Xã Số 1", "chu.tich@xa1.example")).await;
    assert_eq!(outside["wrong_cells"], 1, "a unit that is not its own: {outside}");

    assert_eq!(program.does(&format!("{path}/undo"), &json!({})).await["changed"], true);
    assert_eq!(program.does(&format!("{path}/undo"), &json!({})).await["changed"], false);
    assert_eq!(deeds(&office, &program).await, ["contacts_import_undone", "contacts_imported"]);

    let waits = program.does("/api/v1/contacts/imports", &sheet("Xã Số 1", "a@xa1.example")).await;
    let path = format!("/api/v1/contacts/imports/{}", waits["id"].as_str().unwrap());
    program.does(&format!("{path}/discard"), &json!({})).await;
    assert_eq!(program.refused(&format!("{path}/write"), &waits["sums"]).await.0, 404);
    for content in ["%%%", "JVBERi0xLjc="] {
        let body = json!({"file_name": "x.pdf", "content": content});
        let refused = program.refused("/api/v1/contacts/imports", &body).await;
        assert_eq!((refused.0, refused.2.as_str()), (422, "content"), "{content}");
    }
}

#[tokio::test]
async fn an_office_is_filled_and_ended_within_the_tokens_units() {
    let office = Office::new().await;
    let mut own = office.program(Role::Editor, Some("X000002")).await;
    let body = json!({"unit_code": "X000002", "office": "deputy", "person": "Người Thử", "email": "pho@xa2.example"});
    let done = own.does("/api/v1/contacts/appoint", &body).await;
    assert_eq!((&done["changed"], &done["holders"][0]["email"]), (&true.into(), &"p***@xa2.example".into()), "{done}");
    assert_eq!(own.does("/api/v1/contacts/appoint", &body).await["changed"], false);
    let wrong = json!({"unit_code": "X000002", "office": "deputy", "email": "pho"});
    assert_eq!(
        own.refused("/api/v1/contacts/appoint", &wrong).await,
        (422, "unprocessable".to_owned(), "email".to_owned())
    );
    let told = parsed(&own.post("/api/v1/contacts/appoint", &wrong).await);
    let both = [&told["message"], &told["message_vi"]];
    assert_eq!(
        both,
        [
            "the field cannot be used: The e-mail address lacks an @. Write it as name@unit.gov.vn.",
            "Địa chỉ thư thiếu dấu @. Ghi đủ dạng ten@donvi.gov.vn."
        ]
    );
    let other = json!({"unit_code": "X000001", "office": "deputy", "email": "pho@xa1.example"});
    assert_eq!(own.refused("/api/v1/contacts/appoint", &other).await.2, "unit_code");
    let end = json!({"unit_code": "X000002", "office": "deputy", "last": "2099-12-31"});
    assert_eq!(own.does("/api/v1/contacts/end", &end).await["holders"][0]["valid_to"], "2099-12-31");
    assert_eq!(own.does("/api/v1/contacts/end", &end).await["changed"], false);
    assert_eq!(deeds(&office, &own).await, ["contact_ended", "contact_added"]);
}

#[tokio::test]
async fn a_target_is_foreseen_added_once_and_not_over_another() {
    let office = Office::new().await;
    let mut program = office.program(Role::Editor, None).await;
    let mut body = target("2031-01-01");
    body["dry_run"] = json!(true);
    let foreseen = program.does("/api/v1/targets", &body).await;
    assert_eq!((&foreseen["changed"], &foreseen["foreseen"]["units"]), (&false.into(), &4.into()), "{foreseen}");
    let body = target("2031-01-01");
    let added = program.does("/api/v1/targets", &body).await;
    assert_eq!((&added["changed"], &added["id"]), (&true.into(), &foreseen["id"]));
    let again = program.does("/api/v1/targets", &body).await;
    assert_eq!((&again["changed"], &again["id"]), (&false.into(), &added["id"]));
    let mut higher = body.clone();
    higher["value"] = json!("90");
    assert_eq!(
        program.refused("/api/v1/targets", &higher).await,
        (409, "conflict".to_owned(), "valid_from".to_owned())
    );
    for (field, value, place) in [
        ("indicator", "colour", "indicator"),
        ("indicator", "e_result", "definition"),
        ("definition", "colour", "indicator"),
        ("value", "85,5", "value"),
        ("scope", "kind:lang", "scope"),
        ("valid_to", "2030-01-01", "valid_to"),
        ("name", " ", "name"),
    ] {
        let mut wrong = target("2031-01-01");
        wrong[field] = json!(value);
        assert_eq!(program.refused("/api/v1/targets", &wrong).await.2, place, "{field}");
    }
    let listed = program.read("/api/v1/targets?on=2031-06-01").await;
    assert!(listed.to_string().contains(added["id"].as_str().unwrap()), "{listed}");
    assert_eq!(deeds(&office, &program).await, ["target_added"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_is_looked_at_and_put_into_the_test_mailbox() {
    let office = Office::new().await;
    let mut program = office.program(Role::Editor, None).await;
    let path = "/api/v1/templates/commune_first";
    let seen = program.does(&format!("{path}/preview"), &json!({"unit_code": "X000002"})).await;
    assert_eq!((&seen["sample"], &seen["problems"]), (&Value::Null, &json!([])), "{seen}");
    assert!(seen["text"].as_str().unwrap().contains("Xã Số 2") || seen["text"].as_str().unwrap().contains("xã Số 2"));
    let broken = program.does(&format!("{path}/preview"), &json!({"source": "{{ nobody.knows }}"})).await;
    assert!(broken["subject"].is_null() && broken["problems"][0]["line"].is_u64(), "{broken}");
    let wrong = program.refused(&format!("{path}/test"), &json!({"source": "{{ nobody.knows }}"})).await;
    assert_eq!((wrong.0, wrong.2.as_str()), (422, "source"));
    assert_eq!(program.refused(&format!("{path}/preview"), &json!({"scenario": "tenth"})).await.2, "scenario");
    let posted = program.does(&format!("{path}/test"), &json!({"unit_code": "X000002"})).await;
    assert_eq!(posted["id"].as_str().unwrap().len(), 36);
    assert_eq!(deeds(&office, &program).await, ["test_letter_sent"]);
    let mut admin = office.program(Role::Admin, None).await;
    let log = admin.read("/api/v1/audit?deed=test_letter_sent").await;
    assert_eq!(
        (&log["entries"][0]["detail"], &log["before"]),
        (&format!("mailbox/{}", posted["id"].as_str().unwrap()).into(), &Value::Null)
    );
    let first = admin.read("/api/v1/audit?per_page=1").await;
    let older = admin.read(&format!("/api/v1/audit?per_page=1&before={}", first["before"])).await;
    assert_eq!(first["entries"][0]["number"].as_i64().unwrap() - 1, older["entries"][0]["number"].as_i64().unwrap());
    assert_eq!(refusal(&admin.get("/api/v1/audit?deed=danced").await).2, "deed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_held_round_is_let_through_once_with_a_note() {
    let office = Office::new().await;
    // Half of the rows are gone: the gate holds the round.
    let rows = office.project.read("figures.csv");
    let kept: Vec<&str> = rows.lines().take(2).collect();
    office.project.write("figures.csv", &(kept.join("\n") + "\n"));
    let held = office.project.run(&["run", "--as-of", "2022-11-07"]);
    assert_eq!(held.code, 4, "{}", held.err);
    let mut program = office.program(Role::Approver, None).await;
    let rounds = program.read("/api/v1/rounds").await["rounds"].clone();
    let id = rounds.as_array().unwrap().iter().find(|round| round["state"] == "held").unwrap()["run_id"].clone();
    let path = format!("/api/v1/rounds/{}/release", id.as_str().unwrap());
    assert_eq!(program.refused(&path, &json!({"note": " "})).await.2, "note");
    for changed in [true, false] {
        let done = program.does(&path, &json!({"note": "Đã đối chiếu với nguồn"})).await;
        assert_eq!(
            (&done["changed"], &done["held"]["release"]["note"]),
            (&changed.into(), &"Đã đối chiếu với nguồn".into())
        );
    }
    assert_eq!(deeds(&office, &program).await, ["round_released"]);
}

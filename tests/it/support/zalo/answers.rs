//! What the twin answers.

use serde_json::{Value, json};

use super::state::{Fault, OnReuse, RefreshFault, State, Taken};
use super::{ACCOUNT, APP, BOT, Reply, SECRET};
use crate::support::http_stub::HttpRequest;

const PAGE: &str = "<!doctype html><title>Proxy</title>";

pub(super) fn answer(state: &mut State, request: &HttpRequest) -> Reply {
    state.calls += 1;
    if state.is_hidden {
        return Reply::Http(200, PAGE.to_owned());
    }
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    if path == "/v4/oa/access_token" {
        return access_token(state, request);
    }
    if let Some(rest) = path.strip_prefix("/bot") {
        return bot(state, rest, request);
    }
    let of_account = path.starts_with("/v3.0/") || path.starts_with("/v2.0/");
    if !state.good_access.contains(request.header("access_token")) {
        return refusal(if of_account { -216 } else { -124 }, "Access token is invalid");
    }
    let field = |name: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).unwrap_or_default()
    };
    match (request.method.as_str(), path) {
        ("POST", "/message/template" | "/message/template/hashphone" | "/v3.0/oa/message/template") => {
            template(state, path, request)
        }
        ("POST", "/v3.0/oa/message/cs" | "/v3.0/oa/group/message") => text(state, path, request),
        ("POST", "/v3.0/oa/quota/message") => window(state, request),
        ("GET", "/message/status") => {
            let status = state.statuses.get(&field("message_id")).copied().unwrap_or(0);
            done(json!({ "delivery_time": "1667181600000", "message": "", "status": status }))
        }
        ("GET", "/message/quota") => {
            done(json!({ "dailyQuota": "500", "remainingQuota": state.quota_left.to_string() }))
        }
        ("GET", "/quality") => done(json!({ "oaCurrentQuality": state.quality, "oa7dayQuality": state.quality })),
        ("GET", "/template/info/v2") => match state.templates.get(&field("template_id")) {
            Some(info) => done(info.clone()),
            None => refusal(-112, "Template not found"),
        },
        ("GET", "/v2.0/oa/getoa") => {
            done(json!({ "oa_id": ACCOUNT, "name": "Sở Thông tin và Truyền thông", "is_verified": true }))
        }
        _ => refusal(-106, "Method is unsupported"),
    }
}

fn done(data: impl Into<Value>) -> Reply {
    let data = data.into();
    Reply::Json(json!({ "error": 0, "message": "Success", "data": data }))
}

fn refusal(code: i32, words: &str) -> Reply {
    Reply::Json(json!({ "error": code, "message": words }))
}

fn access_token(state: &mut State, request: &HttpRequest) -> Reply {
    let form = String::from_utf8_lossy(&request.body).into_owned();
    let field = |name: &str| {
        let pairs = form.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).unwrap_or_default()
    };
    let error = |code: i32, name: &str| Reply::Json(json!({ "error": code, "error_name": name }));
    if request.header("secret_key") != SECRET || field("app_id") != APP || field("grant_type") != "refresh_token" {
        return error(-14_004, "Invalid app");
    }
    state.refreshes += 1;
    let token = field("refresh_token");
    if state.spent.contains(&token) {
        state.refresh_reused += 1;
        if state.on_reuse == OnReuse::Revoke {
            state.good_access.clear();
            state.refresh.clear();
        }
        return error(-14_014, "Invalid refresh token");
    }
    if token != state.refresh {
        return error(-14_014, "Invalid refresh token");
    }
    let fault = state.refresh_faults.pop_front();
    if let Some(RefreshFault::Refused(code)) = fault {
        return error(code, "Refused");
    }
    state.spent.insert(token);
    state.generation += 1;
    if state.one_access {
        state.good_access.clear();
    }
    state.access = format!("ZALO-AT-{}", state.generation);
    state.refresh = format!("ZALO-RT-{}", state.generation);
    state.good_access.insert(state.access.clone());
    match fault {
        Some(RefreshFault::Lost) => Reply::Lost,
        Some(RefreshFault::Silent) => Reply::Silent,
        _ => {
            Reply::Json(json!({ "access_token": state.access, "refresh_token": state.refresh, "expires_in": "90000" }))
        }
    }
}

fn template(state: &mut State, path: &str, request: &HttpRequest) -> Reply {
    let Ok(body) = serde_json::from_slice::<Value>(&request.body) else { return refusal(-1124, "Not JSON") };
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let (key, fits): (_, fn(&str) -> bool) = match path {
        "/message/template" => ("phone", |to| to.len() == 11 && to.starts_with("84")),
        "/message/template/hashphone" => ("hash_phone", |to| to.len() == 64),
        _ => ("user_id", |to| to.len() > 15),
    };
    let to = text(key);
    let fault = state.faults.get_mut(&to).and_then(std::collections::VecDeque::pop_front);
    if let Some(Fault::Code(code)) = fault {
        return refusal(code, "As scripted");
    }
    if let Some(Fault::CodeAsText(code)) = fault {
        return Reply::Json(json!({ "error": code.to_string(), "message": "As scripted" }));
    }
    if !fits(&to) {
        return refusal(-108, "Phone number is invalid");
    }
    let tracking = text("tracking_id");
    let tracked = !tracking.is_empty()
        && tracking.len() <= 48
        && tracking.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if key != "user_id" && !tracked {
        return refusal(-1124, "tracking_id is invalid");
    }
    let Some(info) = state.templates.get(&text("template_id")) else { return refusal(-112, "Template not found") };
    let data = body["template_data"].as_object().cloned().unwrap_or_default();
    let registered = info["listParams"].as_array().expect("a list");
    for parameter in registered {
        let Some(value) = data.get(parameter["name"].as_str().expect("a name")).and_then(Value::as_str) else {
            return refusal(-1122, "A parameter is missing");
        };
        if value.chars().count() > usize::try_from(parameter["maxLength"].as_u64().expect("a length")).expect("a size")
        {
            return refusal(-1121, "A parameter is too long");
        }
    }
    if data.len() != registered.len() {
        return refusal(-1124, "A parameter is not registered");
    }
    let development = body["mode"] == "development";
    let taken = Taken {
        path: path.to_owned(),
        to,
        template_id: text("template_id"),
        data: Value::Object(data),
        tracking_id: tracking,
        id: String::new(),
        development,
    };
    take(state, taken, fault)
}

fn window(state: &State, request: &HttpRequest) -> Reply {
    let Ok(body) = serde_json::from_slice::<Value>(&request.body) else { return refusal(-201, "Not JSON") };
    let Some(user_id) = body["user_id"].as_str() else { return refusal(-201, "user_id is missing") };
    match state.windows.get(user_id) {
        Some(Ok(told)) => done(told.clone()),
        Some(Err(code)) => refusal(*code, "As scripted"),
        None => done(json!({ "cs_reply": { "remain": 8, "total": 8 } })),
    }
}

fn text(state: &mut State, path: &str, request: &HttpRequest) -> Reply {
    let Ok(body) = serde_json::from_slice::<Value>(&request.body) else { return refusal(-201, "Not JSON") };
    let recipient = &body["recipient"];
    let to = recipient["user_id"].as_str().or_else(|| recipient["group_id"].as_str()).unwrap_or_default().to_owned();
    let words = body["message"]["text"].as_str().unwrap_or_default();
    if path == "/v3.0/oa/message/cs" {
        state.text_calls += 1;
    }
    let fault = state.faults.get_mut(&to).and_then(std::collections::VecDeque::pop_front);
    if let Some(Fault::Code(code)) = fault {
        return refusal(code, "As scripted");
    }
    if let Some(Fault::CodeAsText(code)) = fault {
        return Reply::Json(json!({ "error": code.to_string(), "message": "As scripted" }));
    }
    if words.is_empty() || words.chars().count() > 2000 || words.contains("[@") {
        return refusal(-201, "text is invalid");
    }
    let taken = Taken {
        path: path.to_owned(),
        to,
        template_id: String::new(),
        data: json!(words),
        tracking_id: String::new(),
        id: String::new(),
        development: false,
    };
    take(state, taken, fault)
}

fn take(state: &mut State, taken: Taken, fault: Option<Fault>) -> Reply {
    let id = format!("msg{}", state.taken.len() + 1);
    let key = if taken.path.starts_with("/v3.0") { "message_id" } else { "msg_id" };
    state.quota_left -= 1;
    let left = state.quota_left.to_string();
    state.taken.push(Taken { id: id.clone(), ..taken });
    match fault {
        Some(Fault::LostAfterTaking) => Reply::Lost,
        Some(Fault::Silent) => Reply::Silent,
        Some(Fault::Html) => Reply::Http(200, PAGE.to_owned()),
        Some(Fault::Http500) => Reply::Http(500, PAGE.to_owned()),
        Some(Fault::Huge) => Reply::Http(200, "x".repeat(50_000_000)),
        Some(Fault::Code(_) | Fault::CodeAsText(_)) | None => done(
            json!({ key: id, "sent_time": "1667181600000", "quota": { "dailyQuota": "500", "remainingQuota": left } }),
        ),
    }
}

fn bot(state: &mut State, rest: &str, request: &HttpRequest) -> Reply {
    let refused =
        |code: i32, words: &str| Reply::Json(json!({ "ok": false, "description": words, "error_code": code }));
    let Some(method) = rest.strip_prefix(BOT).and_then(|rest| rest.strip_prefix('/')) else {
        return refused(401, "Unauthorized");
    };
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    match method {
        "getUpdates" => match state.updates.pop_front() {
            Some((chat, text)) => Reply::Json(json!({ "ok": true, "result": { "event_name": "message.text.received",
                "message": { "chat": { "id": chat, "chat_type": "PRIVATE" }, "text": text, "message_id": "m" } } })),
            None => refused(408, "Request timeout"),
        },
        "sendMessage" => {
            let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
            if text("chat_id").is_empty() || !(1..=2000).contains(&text("text").chars().count()) {
                return refused(400, "Bad request");
            }
            state.written.push((text("chat_id"), text("text")));
            Reply::Json(json!({ "ok": true, "result": { "message_id": format!("b{}", state.written.len()) } }))
        }
        "getMe" => Reply::Json(json!({ "ok": true, "result": { "account_name": "bot.dondoc" } })),
        _ => refused(404, "Not found"),
    }
}

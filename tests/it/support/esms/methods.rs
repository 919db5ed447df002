//! The methods of the contract.

use serde_json::{Value, json};

use super::wire::Request;
use super::{API_KEY, Answer, BRANDNAME, Fault, SECRET_KEY, State, Taken};

/// 28/10/2022 08:30 in the form that the contract has for instants.
const SENT_TIME: &str = "/Date(1666920600000+0700)/";

pub(super) fn answer(state: &mut State, request: &Request) -> Answer {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
    match (request.post, request.method.as_str()) {
        (true, "SendMultipleMessage_V4_post_json") => send(state, &body),
        (true, "GetBalance_json") => balance(state, &body),
        (true, "GetSmsSentData_V2") => sent_data(state, &body),
        (false, "GetSendStatus") => asked(state, request, status),
        (false, "GetSmsReceiverStatus_get") => asked(state, request, receivers),
        _ => Answer::Body(404, "<html>Endpoint not found.</html>".to_owned()),
    }
}

fn is_let_in(key: &str, secret: &str) -> bool {
    (key, secret) == (API_KEY, SECRET_KEY)
}

fn text<'v>(body: &'v Value, key: &str) -> &'v str {
    body[key].as_str().unwrap_or_default()
}

fn refused(code: i32, message: &str) -> Value {
    json!({"CodeResult": code.to_string(), "CountRegenerate": 0, "ErrorMessage": message})
}

fn send(state: &mut State, body: &Value) -> Answer {
    let phone = text(body, "Phone").to_owned();
    let fault = state.faults.get_mut(&phone).filter(|faults| !faults.is_empty()).map(|faults| faults.remove(0));
    match fault {
        Some(Fault::Code(code)) => {
            let message = format!("Phone {phone} refused");
            return Answer::Body(200, refused(code, &message).to_string());
        }
        Some(Fault::CodeAsNumber(code)) => return Answer::Body(200, json!({"CodeResult": code}).to_string()),
        Some(Fault::Other(status, body)) => return Answer::Body(status, body.to_owned()),
        _ => {}
    }
    let said = take(state, body).to_string();
    match fault {
        Some(Fault::AnswerLost) => Answer::Reset,
        Some(Fault::Page) => Answer::Body(200, "<html><body>502 Bad Gateway</body></html>".to_owned()),
        Some(Fault::Slow(wait)) => Answer::After(wait, said),
        _ => Answer::Body(200, said),
    }
}

fn take(state: &mut State, body: &Value) -> Value {
    if !is_let_in(text(body, "ApiKey"), text(body, "SecretKey")) {
        return refused(101, "Authorize Failed.");
    }
    if text(body, "Brandname") != BRANDNAME {
        return refused(104, "Brandname does not exist");
    }
    let (phone, request_id) = (text(body, "Phone"), text(body, "RequestId"));
    if phone.len() != 10 || !phone.starts_with('0') {
        return refused(108, "wrong phone");
    }
    if text(body, "SmsType") != "2" || request_id.len() > 50 {
        return refused(118, "wrong request");
    }
    if state.taken.iter().any(|taken| taken.request_id == request_id) {
        state.repeated.push(request_id.to_owned());
        return refused(124, "Duplicate RequestId");
    }
    let content = text(body, "Content");
    if state.taken.iter().any(|taken| taken.phone == phone && taken.content == content) {
        state.taken_twice.push(phone.to_owned());
    }
    let sms_id = format!("{:032x}", 0xe5_0000 + state.taken.len());
    state.taken.push(Taken {
        request_id: request_id.to_owned(),
        sms_id: sms_id.clone(),
        phone: phone.to_owned(),
        content: content.to_owned(),
        unicode: text(body, "IsUnicode") == "1",
        sandbox: text(body, "Sandbox") == "1",
        callback: body["CallbackUrl"].as_str().map(ToOwned::to_owned),
        status: (2, 0),
    });
    json!({"CodeResult": "100", "CountRegenerate": 0, "SMSID": sms_id})
}

fn balance(state: &State, body: &Value) -> Answer {
    let let_in = is_let_in(text(body, "ApiKey"), text(body, "SecretKey"));
    let said = if let_in {
        json!({"Balance": state.balance, "CodeResponse": "100", "UserID": 9999})
    } else {
        json!({"Balance": 0, "CodeResponse": "101", "ErrorMessage": "Authorize Failed"})
    };
    Answer::Body(200, said.to_string())
}

fn sent_data(state: &mut State, body: &Value) -> Answer {
    state.asked.push("GetSmsSentData_V2".to_owned());
    if !is_let_in(text(body, "ApiKey"), text(body, "SecretKey")) {
        return Answer::Body(200, refused(101, "Authorize Failed.").to_string());
    }
    let page = usize::try_from(body["Page"].as_u64().unwrap_or(1)).unwrap_or(1);
    let size = usize::try_from(body["PageSize"].as_u64().unwrap_or(0)).unwrap_or(0);
    let row = |taken: &Taken| {
        json!({"Campaign": "", "Content": taken.content, "Phone": taken.phone, "ReferenceId": taken.sms_id, "SellPrice": 790.0,
            "SendResult": 2, "SendStatus": taken.status.0, "SentTime": SENT_TIME, "SmsId": 29_028_845, "SmsType": 2})
    };
    let rows: Vec<Value> = state.taken.iter().skip((page - 1) * size).take(size.min(500)).map(row).collect();
    let said = json!({"CodeResult": "100", "CountTotal": state.taken.len(), "SentData": rows});
    Answer::Body(200, said.to_string())
}

fn asked(state: &mut State, request: &Request, about: fn(&Taken) -> Value) -> Answer {
    let value = |key: &str| {
        let pair =
            |pair: &str| pair.split_once('=').filter(|(name, _)| *name == key).map(|(_, value)| value.to_owned());
        request.query.split('&').find_map(pair).unwrap_or_default()
    };
    let reference = value("RefId");
    state.asked.push(format!("{} {reference}", request.method));
    let said = match state.taken.iter().find(|taken| taken.sms_id == reference) {
        _ if !is_let_in(&value("ApiKey"), &value("SecretKey")) => {
            json!({"CodeResponse": "101", "ErrorMessage": "Authorize Failed"})
        }
        None => json!({"CodeResponse": "105", "ErrorMessage": "not found"}),
        Some(taken) => about(taken),
    };
    Answer::Body(200, said.to_string())
}

fn status(taken: &Taken) -> Value {
    let (status, success) = taken.status;
    json!({"CodeResponse": "100", "SMSID": taken.sms_id, "SendFailed": u8::from(status == 5 && success == 0),
        "SendStatus": status, "SendSuccess": success, "TotalPrice": 790, "TotalReceiver": 1, "TotalSent": 1})
}

fn receivers(taken: &Taken) -> Value {
    let (status, success) = taken.status;
    json!({"CodeResult": "100", "ReceiverList": [{"IsSent": status == 5, "NetworkName": "Viettel", "Phone": taken.phone,
        "Retry": 0, "SentResult": success > 0}]})
}

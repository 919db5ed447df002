//! The presets of providers against stubs whose answers are those of the providers.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use dondoc::channel::{Channel, Class, Kind, PRESETS, Receipt, SendError, Settings};
use dondoc::config;
use dondoc::outbox::Resend;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;

use crate::support::http_stub::{HttpAnswer, HttpRequest, HttpStub};
use crate::support::parcels::{open, parcel};

const PHONE: &str = "0900 000 123";
const SECRET: &str = "S3CRET-of-the-provider";

/// What every preset needs of an installation's own.
const OWN: [(&str, &str); 10] = [
    ("speedsms", "[channel.values]\nbrandname = \"SO TTTT\"\n[channel.secrets]\ntoken = \"secret\"\n"),
    (
        "viettel",
        "[channel.values]\nuser = \"u&1\"\ncp_code = \"CP\"\nbrandname = \"SO TTTT\"\n[channel.secrets]\npassword = \"secret\"\n",
    ),
    (
        "vnpt",
        "[channel.values]\nlabel_id = \"1\"\ncontract_type_id = \"1\"\ncontract_id = \"2\"\ntemplate_id = \"3\"\n\
         agent_id = \"4\"\napi_user = \"u\"\nuser_name = \"n\"\n[channel.secrets]\npassword = \"secret\"\n",
    ),
    (
        "fpt",
        "[channel.values]\nbrandname = \"SO TTTT\"\n[channel.secrets]\nclient_id = \"secret\"\nclient_secret = \"secret\"\n",
    ),
    (
        "stringee",
        "[channel.values]\nkey_sid = \"SK.0\"\nbrandname = \"SO TTTT\"\n[channel.secrets]\nkey = \"secret\"\n",
    ),
    ("telegram", "[channel.values]\nchat_id = \"-100\"\n[channel.secrets]\nbot_token = \"secret\"\n"),
    ("slack", "[channel.secrets]\nurl = \"url\"\n"),
    ("mattermost", "[channel.secrets]\nurl = \"url\"\n"),
    ("teams", "[channel.secrets]\nurl = \"url\"\n"),
    ("alertmanager", ""),
];

/// The settings of a preset whose addresses are the stub's.
fn settings(preset: &str, stub: &HttpStub, keys: &str) -> Settings {
    let (_, own) = OWN.iter().find(|(name, _)| *name == preset).expect("a preset");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), SECRET).unwrap();
    std::fs::write(folder.path().join("url"), stub.url("/services/T0KEN")).unwrap();
    let text = format!(
        "[[source]]\nname = \"s\"\nkind = \"csv\"\npath = \"f.csv\"\n[[channel]]\nname = \"test\"\npreset = \"{preset}\"\n\
         allow_private = true\n{keys}\n{own}"
    );
    let file = folder.path().join("config.toml");
    std::fs::write(&file, text).unwrap();
    let (config, _) = config::load(Some(&file), &[]).unwrap_or_else(|problems| panic!("{preset}: {problems:?}"));
    let shown = format!("{:?}", config.channels);
    assert!(!shown.contains(SECRET) && !shown.contains("T0KEN"), "{shown}");
    config.channels.into_iter().next().expect("a channel")
}

async fn channel(preset: &str, stub: &HttpStub, keys: &str) -> Channel {
    open(settings(preset, stub, keys).kind).await
}

/// What comes of one message, and the requests for it.
async fn sent(preset: &str, answers: &[&str], keys: &str) -> (Result<Receipt, SendError>, Vec<HttpRequest>) {
    let answers = answers.iter().map(|answer| match answer.strip_prefix("401") {
        Some(_) => HttpAnswer::status(401),
        None => HttpAnswer::json(*answer),
    });
    let stub = HttpStub::start(answers).await;
    let keys = keys.replace("STUB", &stub.url(""));
    let url = if preset == "telegram" {
        format!("url = \"{}/bot{{{{ secret.bot_token }}}}/sendMessage\"", stub.url(""))
    } else if ["slack", "mattermost", "teams"].contains(&preset) {
        String::new()
    } else {
        format!("url = \"{}\"", stub.url("/send"))
    };
    let result = channel(preset, &stub, &format!("{url}\n{keys}")).await.send(&parcel(1, PHONE)).await;
    if let Err(error) = &result {
        let said = format!("{error:?}");
        assert!(!said.contains(SECRET) && !said.contains("0900000123") && !said.contains("84900000123"), "{said}");
    }
    (result, stub.requests())
}

fn json(request: &HttpRequest) -> Value {
    serde_json::from_slice(&request.body).unwrap_or_else(|error| panic!("{error}: {request:?}"))
}

fn class(result: Result<Receipt, SendError>) -> (Class, Option<i32>) {
    let error = result.expect_err("a refusal");
    (error.class, error.code)
}

#[test]
fn every_preset_lacks_only_what_is_the_installations_own() {
    for (name, text) in PRESETS {
        assert!(text.starts_with("# "), "{name} says what it is of");
        assert!(OWN.iter().any(|(known, _)| *known == name), "{name}");
    }
}

#[tokio::test]
async fn speedsms_is_spoken_to() {
    let taken =
        r#"{"status":"success","code":"00","data":{"tranId":123456,"totalSMS":1,"totalPrice":250,"invalidPhone":[]}}"#;
    let (result, requests) = sent("speedsms", &[taken], "").await;
    assert_eq!(result.unwrap().reference.as_deref(), Some("123456"));
    assert_eq!(requests[0].header("authorization"), format!("Basic {}", STANDARD.encode(format!("{SECRET}:x"))));
    let body = json(&requests[0]);
    assert_eq!((&body["to"][0], &body["sms_type"]), (&Value::from("84900000123"), &Value::from(3)));
    assert_eq!(body["content"], "UBND xa Song Mai con thieu 12 ho so");
    let refused =
        |code: &str| format!(r#"{{"status":"error","code":"{code}","message":"sender not found 84900000123"}}"#);
    assert_eq!(class(sent("speedsms", &[&refused("105")], "").await.0), (Class::Recipient, Some(105)));
    assert_eq!(class(sent("speedsms", &[&refused("007")], "").await.0), (Class::ChannelBroken, Some(7)));
    assert_eq!(class(sent("speedsms", &[&refused("999")], "").await.0), (Class::Unknown, Some(999)));
    assert_eq!(class(sent("speedsms", &["<html>"], "").await.0), (Class::Unknown, None));
}

#[tokio::test]
async fn viettel_is_spoken_to_in_xml() {
    let reply = |result: &str| {
        format!(
            "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Body><ns2:wsCpMtResponse \
             xmlns:ns2=\"http://impl.bulkSms.ws/\"><return><message>Insert MT_QUEUE</message><result>{result}</result>\
             </return></ns2:wsCpMtResponse></S:Body></S:Envelope>"
        )
    };
    let (result, requests) = sent("viettel", &[&reply("1")], "").await;
    assert_eq!(result.unwrap().answer, "200 1 Insert MT_QUEUE");
    assert_eq!(requests[0].header("content-type"), "text/xml; charset=utf-8");
    let body = String::from_utf8(requests[0].body.clone()).unwrap();
    for part in [
        "<User>u&amp;1</User>",
        "<UserID>84900000123</UserID>",
        "<ServiceID>SO TTTT</ServiceID>",
        "<Content>UBND xa Song Mai con thieu 12 ho so</Content><ContentType>0</ContentType>",
    ] {
        assert!(body.contains(part), "{part}: {body}");
    }
    let (_, requests) = sent("viettel", &[&reply("1")], "diacritics = true").await;
    let body = String::from_utf8(requests[0].body.clone()).unwrap();
    assert!(
        body.contains("<Content>UBND xã Song Mai còn thiếu 12 hồ sơ</Content><ContentType>1</ContentType>"),
        "{body}"
    );
    assert_eq!(class(sent("viettel", &[&reply("0")], "").await.0), (Class::Unknown, Some(0)));
}

#[tokio::test]
async fn vnpt_is_spoken_to() {
    let reply = |code: &str| format!(r#"{{"RPLY":{{"name":"send_sms_list","ERROR":"{code}","ERROR_DESC":"said"}}}}"#);
    let (result, requests) = sent("vnpt", &[&reply("0")], "").await;
    assert_eq!(result.unwrap().answer, "200 0 said");
    let body = &json(&requests[0])["RQST"];
    assert_eq!((&body["MOBILELIST"], &body["APIPASS"]), (&Value::from("84900000123"), &Value::from(SECRET)));
    assert_eq!(body["PARAMS"][0]["CONTENT"], "UBND xa Song Mai con thieu 12 ho so");
    assert_eq!(class(sent("vnpt", &[&reply("7")], "").await.0), (Class::Unknown, Some(7)));
    let own = "[channel.errors]\n7 = \"recipient\"";
    assert_eq!(class(sent("vnpt", &[&reply("7")], own).await.0), (Class::Recipient, Some(7)), "a contract's own codes");
}

#[tokio::test]
async fn fpt_is_asked_for_a_token_first_and_once_more_when_it_ended() {
    let token = r#"{"access_token":"T-1","expires_in":86400,"token_type":"Bearer"}"#;
    let sent_one = r#"{"MessageId":"m-1","Phone":"84900000123","BrandName":"SO TTTT"}"#;
    let login = "[channel.login]\nurl = \"STUB/oauth2/token\"";
    let (result, requests) = sent("fpt", &[token, "401", token, sent_one], login).await;
    assert_eq!(result.unwrap().reference.as_deref(), Some("m-1"));
    let paths: Vec<&str> = requests.iter().map(|request| request.path.as_str()).collect();
    assert_eq!(paths, ["/oauth2/token", "/send", "/oauth2/token", "/send"]);
    assert_eq!(json(&requests[0])["client_secret"], SECRET);
    let body = json(&requests[3]);
    assert_eq!(body["access_token"], "T-1");
    let words = STANDARD.decode(body["Message"].as_str().unwrap()).unwrap();
    assert_eq!(words, b"UBND xa Song Mai con thieu 12 ho so");
    assert_eq!(class(sent("fpt", &["{\"error\":1}"], login).await.0), (Class::ChannelBroken, None), "no token");
    assert_eq!(class(sent("fpt", &[token, "{\"error\":1008}"], login).await.0), (Class::Unknown, Some(1008)));
}

#[tokio::test]
async fn stringee_gets_a_signed_token() {
    let (result, requests) =
        sent("stringee", &[r#"{"smsSent":1,"result":[{"price":600,"smsType":2,"r":0,"msg":"Success"}]}"#], "").await;
    assert_eq!(result.unwrap().answer, "200 0 Success");
    let token = requests[0].header("x-stringee-auth");
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    assert_eq!(signature, URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
    let part = |at: usize| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(signed.split('.').nth(at).unwrap()).unwrap()).unwrap()
    };
    assert_eq!((&part(0)["cty"], &part(0)["alg"]), (&Value::from("stringee-api;v=1"), &Value::from("HS256")));
    assert_eq!(
        part(1),
        serde_json::json!({"jti": "SK.0-1667179800", "iss": "SK.0", "exp": 1_667_183_400, "rest_api": true})
    );
    let refused = r#"{"smsSent":0,"result":[{"r":5,"msg":"no"}]}"#;
    assert_eq!(class(sent("stringee", &[refused], "").await.0), (Class::Unknown, Some(5)));
}

#[tokio::test]
async fn chats_get_their_own_json_and_their_secrets_stay_in_the_address() {
    let (result, requests) = sent("telegram", &[r#"{"ok":true,"result":{"message_id":7}}"#], "").await;
    assert_eq!(result.unwrap().reference.as_deref(), Some("7"));
    assert_eq!(requests[0].path, format!("/bot{SECRET}/sendMessage"));
    assert_eq!(json(&requests[0])["text"], parcel(1, PHONE).content.text);
    for preset in ["slack", "mattermost", "teams"] {
        let (result, requests) = sent(preset, &["ok"], "").await;
        assert_eq!(result.unwrap().answer, "200 ok", "{preset}");
        assert_eq!(requests[0].path, "/services/T0KEN");
        assert!(json(&requests[0]).to_string().contains("Còn thiếu 12 hồ sơ."), "{preset}");
    }
    let (result, requests) = sent("alertmanager", &[""], "").await;
    assert!(result.is_ok());
    assert_eq!(json(&requests[0])[0]["labels"]["unit"], "H02.21");
}

#[tokio::test]
async fn whoever_knows_no_message_again_is_not_asked_twice() {
    let stub = HttpStub::start([HttpAnswer::Reset, HttpAnswer::status(500)]).await;
    for preset in ["speedsms", "viettel", "vnpt", "fpt", "stringee", "telegram", "slack", "teams", "mattermost"] {
        assert_eq!(settings(preset, &stub, "").resend(), Resend::Never, "{preset}");
    }
    assert_eq!(settings("alertmanager", &stub, "").resend(), Resend::Always);
    let speedsms = channel("speedsms", &stub, &format!("url = \"{}\"", stub.url("/send"))).await;
    for _ in 0..2 {
        assert_eq!(speedsms.send(&parcel(1, PHONE)).await.unwrap_err().class, Class::Unknown);
    }
    assert_eq!(speedsms.send(&parcel(1, "0240 3555 123")).await.unwrap_err().class, Class::Recipient);
    assert_eq!(stub.requests().len(), 2);
}

#[tokio::test]
async fn a_message_fills_a_path_but_never_a_host() {
    let stub = HttpStub::start([]).await;
    let own = |url: &str| format!("url = \"{url}\"");
    let hook = channel("alertmanager", &stub, &own(&stub.url("/u/{{ unit_code }}?s={{ subject }}"))).await;
    let mut parcel = parcel(1, PHONE);
    parcel.unit_code = "a/b?c".to_owned();
    parcel.content.subject = "Đ&x=1".to_owned();
    hook.send(&parcel).await.unwrap();
    assert_eq!(stub.requests()[0].path, "/u/a%2Fb%3Fc?s=%C4%90%26x%3D1");
    parcel.unit_code = "..".to_owned();
    assert_eq!(hook.send(&parcel).await.unwrap_err().class, Class::Permanent);
    let fresh = crate::support::databases::sqlite().await;
    for url in ["http://{{ unit_code }}.tinh.example/", "http://tinh.example:{{ id }}/", "{{ unit_code }}"] {
        let settings = settings("alertmanager", &stub, &own(url));
        let refusal = Channel::open(&settings, &fresh.db, &dondoc::clock::Clock::System).unwrap_err().to_string();
        assert!(refusal.contains("before the path"), "{url}: {refusal}");
    }
    let Kind::Webhook(webhook) = settings("slack", &stub, "").kind else { panic!("a webhook") };
    assert_eq!(webhook.url, "{{ secret.url }}", "what the ledger shows of the address");
}

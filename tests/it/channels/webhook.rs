//! The webhook against a stub.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dondoc::channel::{Channel, Class, Kind, SendError, Webhook};
use hmac::{Hmac, KeyInit as _, Mac as _};

use crate::support::away::Away;
use crate::support::http_stub::{HttpAnswer, HttpRequest, HttpStub};
use crate::support::parcels::{SUBJECT, open, parcel};

fn settings(stub: &HttpStub) -> Webhook {
    Webhook { timeout: Duration::from_secs(5), allow_private: true, ..Webhook::to(stub.url("/hook?key=giu-kin")) }
}

async fn channel_to(stub: &HttpStub) -> Channel {
    open(Kind::Webhook(settings(stub))).await
}

async fn answered(answer: HttpAnswer) -> SendError {
    let stub = HttpStub::start([answer]).await;
    let mut settings = settings(&stub);
    // Whoever answers does so long before, also on a busy machine.
    settings.timeout = Duration::from_secs(2);
    let error = open(Kind::Webhook(settings)).await.send(&parcel(1, &stub.url("/hook"))).await.expect_err("a refusal");
    assert!(!error.reason.contains("giu-kin"), "{error}");
    error
}

fn verified(request: &HttpRequest, key: &[u8]) -> bool {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).expect("a key");
    mac.update(request.header("webhook-id").as_bytes());
    mac.update(b".");
    mac.update(request.header("webhook-timestamp").as_bytes());
    mac.update(b".");
    mac.update(&request.body);
    request.header("webhook-signature") == format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[tokio::test]
async fn a_message_is_one_json_post_with_its_idempotency_key() {
    let stub = HttpStub::start([]).await;
    let parcel = parcel(1, &stub.url("/hook?key=giu-kin"));
    let receipt = channel_to(&stub).await.send(&parcel).await.unwrap();
    assert_eq!(receipt.answer, "200 as scripted");
    let requests = stub.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!((requests[0].method.as_str(), requests[0].path.as_str()), ("POST", "/hook?key=giu-kin"));
    assert_eq!(requests[0].header("idempotency-key"), parcel.id.to_string());
    assert_eq!(requests[0].header("content-type"), "application/json");
    assert!(requests[0].header("user-agent").starts_with("dondoc/"));
    assert_eq!(requests[0].header("webhook-signature"), "");
    let body: serde_json::Value = serde_json::from_slice(&requests[0].body).unwrap();
    assert_eq!(body["id"], parcel.id.to_string());
    assert_eq!(body["type"], "reminder");
    assert_eq!(body["unit_code"], "H02.21");
    assert_eq!(body["subject"], SUBJECT);
    assert_eq!(body["text"], parcel.content.text);
    assert_eq!(body["sms"], parcel.content.sms);
    assert_eq!(body["date"], "2022-10-31T08:30:00+07:00");
    assert_eq!(body.get("address"), None);
}

#[tokio::test]
async fn the_signature_verifies_with_either_form_of_secret() {
    for (secret, key) in [("chuỗi bí mật".to_owned(), "chuỗi bí mật".as_bytes().to_vec()), {
        let key = b"0123456789abcdef01234567".to_vec();
        (format!("whsec_{}", STANDARD.encode(&key)), key)
    }] {
        let stub = HttpStub::start([]).await;
        let mut settings = settings(&stub);
        settings.secret = Some(secret.into());
        open(Kind::Webhook(settings)).await.send(&parcel(1, "a@x.example")).await.unwrap();
        let requests = stub.requests();
        assert!(verified(&requests[0], &key));
        assert!(!verified(&requests[0], b"another"));
        assert_eq!(requests[0].header("webhook-id"), parcel(1, "").id.to_string());
    }
}

#[tokio::test]
async fn a_second_try_brings_the_same_key_and_body() {
    let stub = HttpStub::start([HttpAnswer::Reset]).await;
    let channel = channel_to(&stub).await;
    let parcel = parcel(1, "a@x.example");
    assert_eq!(channel.send(&parcel).await.unwrap_err().class, Class::Unknown);
    channel.send(&parcel).await.unwrap();
    let requests = stub.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].body, requests[1].body);
    assert_eq!(requests[0].header("idempotency-key"), requests[1].header("idempotency-key"));
}

#[tokio::test]
async fn the_status_decides_the_class() {
    for (code, class) in [
        (500, Class::Transient),
        (503, Class::Transient),
        (408, Class::Transient),
        (429, Class::Transient),
        (401, Class::ChannelBroken),
        (403, Class::ChannelBroken),
        (400, Class::Permanent),
        (404, Class::Permanent),
        (410, Class::Permanent),
    ] {
        let error = answered(HttpAnswer::status(code)).await;
        assert_eq!((error.class, error.code), (class, Some(code.into())));
    }
    for (code, value, wait) in [(429, "120", 120), (503, "7", 7), (429, "Mon, 31 Oct 2022 01:31:00 GMT", 60)] {
        let error = answered(HttpAnswer::with_header(code, "Retry-After", value)).await;
        assert_eq!(error.class, Class::Throttled(Duration::from_secs(wait)));
    }
}

#[tokio::test]
async fn silence_after_the_request_is_unknown_and_no_connection_is_a_broken_channel() {
    assert_eq!(answered(HttpAnswer::Silent).await.class, Class::Unknown);
    assert_eq!(answered(HttpAnswer::Reset).await.class, Class::Unknown);
    let stub = HttpStub::start([]).await;
    let channel = channel_to(&stub).await;
    assert!(channel.probe().await.is_ok());
    let addr = stub.addr;
    drop(stub);
    let _nobody = Away::instead_of(addr).await;
    assert_eq!(channel.send(&parcel(1, "a@x.example")).await.unwrap_err().class, Class::ChannelBroken);
    assert_eq!(channel.probe().await.unwrap_err().class, Class::ChannelBroken);
}

#[tokio::test]
async fn an_answer_whose_body_never_ends_is_read_only_so_far() {
    let stub = HttpStub::start([HttpAnswer::EndlessBody(200), HttpAnswer::EndlessBody(500)]).await;
    let channel = channel_to(&stub).await;
    let receipt = channel.send(&parcel(1, "a@x.example")).await.unwrap();
    assert!(receipt.answer.len() <= 300);
    assert_eq!(channel.send(&parcel(2, "a@x.example")).await.unwrap_err().class, Class::Transient);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let trap = HttpStub::start([]).await;
    for code in [301, 302, 307, 308] {
        let error = answered(HttpAnswer::with_header(code, "Location", &trap.url("/elsewhere"))).await;
        assert_eq!((error.class, error.code), (Class::ChannelBroken, Some(code.into())));
    }
    assert!(trap.requests().is_empty());
}

#[tokio::test]
async fn a_private_address_is_refused_unless_it_is_allowed() {
    let stub = HttpStub::start([]).await;
    let fresh = crate::support::databases::sqlite().await;
    let open = |url: String| {
        let kind = Kind::Webhook(Webhook { url, allow_private: false, ..settings(&stub) });
        let settings =
            dondoc::channel::Settings { name: "hook".to_owned(), kind, pace: dondoc::channel::Pace::default() };
        Channel::open(&settings, &fresh.db, &dondoc::clock::Clock::System)
    };
    let error = open(stub.url("/hook?key=giu-kin")).unwrap_err().to_string();
    assert!(error.contains("private") && !error.contains("giu-kin"), "{error}");
    assert!(open("https://user:giu-kin@hook.example/".to_owned()).is_err());
    assert!(open("ftp://hook.example/".to_owned()).is_err());
    let named = open(format!("http://localhost:{}/hook", stub.addr.port())).unwrap();
    assert_eq!(named.send(&parcel(1, "a@x.example")).await.unwrap_err().class, Class::ChannelBroken);
    assert!(named.probe().await.is_err());
    assert!(stub.requests().is_empty());
}

use std::time::Duration;

use dondoc::channel::{Channel, Class, Esms, Kind, Provider, SendError, Sms};

use crate::support::esms::{API_KEY, BRANDNAME, EsmsTwin, Fault, SECRET_KEY};
use crate::support::parcels::{open, parcel};

const PHONE: &str = "0900000123";

fn settings(twin: &EsmsTwin) -> Sms {
    Sms {
        provider: Provider::Esms(Esms {
            url: twin.url(),
            api_key: API_KEY.to_owned().into(),
            secret_key: SECRET_KEY.to_owned().into(),
            brandname: BRANDNAME.to_owned(),
            sandbox: false,
            callback_token: Some("a-token-of-the-callback".to_owned().into()),
            callback_url: Some("https://dondoc.tinh.example/callback/sms".to_owned()),
            low_balance: 0,
        }),
        diacritics: false,
        price_per_segment: 790,
        max_connections: 4,
        timeout: Duration::from_secs(5),
        allow_private: true,
    }
}

async fn channel(sms: Sms) -> Channel {
    open(Kind::Sms(Box::new(sms))).await
}

async fn refused(fault: Fault) -> SendError {
    let twin = EsmsTwin::start().await;
    twin.fault(PHONE, [fault]);
    let sms = Sms { timeout: Duration::from_secs(2), ..settings(&twin) };
    let error = channel(sms).await.send(&parcel(1, PHONE)).await.expect_err("a refusal");
    for secret in [API_KEY, SECRET_KEY, PHONE, "a-token"] {
        assert!(!error.reason.contains(secret) && !format!("{error:?}").contains(secret), "{error:?}");
    }
    error
}

#[tokio::test]
async fn a_message_is_one_request_under_the_entrys_id() {
    let twin = EsmsTwin::start().await;
    let parcel = parcel(1, "+84 900 000 123");
    let receipt = channel(settings(&twin)).await.send(&parcel).await.unwrap();
    let taken = twin.taken().remove(0);
    assert_eq!(receipt.reference, Some(taken.sms_id));
    assert_eq!(receipt.answer, "100: accepted");
    assert_eq!((taken.request_id, taken.phone.as_str()), (parcel.id.to_string(), PHONE));
    assert_eq!((taken.content, taken.unicode, taken.sandbox), (parcel.content.sms.clone(), false, false));
    let callback = "https://dondoc.tinh.example/callback/sms/a-token-of-the-callback";
    assert_eq!(taken.callback.as_deref(), Some(callback));
}

#[tokio::test]
async fn with_diacritics_the_message_is_marked_as_unicode() {
    let twin = EsmsTwin::start().await;
    let accented = channel(Sms { diacritics: true, ..settings(&twin) }).await;
    let mut parcel = parcel(1, PHONE);
    accented.send(&parcel).await.unwrap();
    parcel.id = uuid::Uuid::from_u128(2);
    parcel.content.sms_accented.clear();
    accented.send(&parcel).await.unwrap();
    let taken = twin.taken();
    assert_eq!((taken[0].content.as_str(), taken[0].unicode), ("UBND xã Song Mai còn thiếu 12 hồ sơ", true));
    assert_eq!((taken[1].content.as_str(), taken[1].unicode), ("UBND xa Song Mai con thieu 12 ho so", false));
}

#[tokio::test]
async fn what_was_taken_before_is_taken() {
    let twin = EsmsTwin::start().await;
    let channel = channel(settings(&twin)).await;
    for fault in [Fault::AnswerLost, Fault::Page] {
        twin.fault(PHONE, [fault]);
        let parcel = parcel(u128::try_from(twin.taken().len()).unwrap(), PHONE);
        assert_eq!(channel.send(&parcel).await.unwrap_err().class, Class::Unknown);
        let receipt = channel.send(&parcel).await.unwrap();
        assert_eq!(receipt.reference, None);
        assert!(receipt.answer.starts_with("124: "), "{}", receipt.answer);
    }
    assert_eq!((twin.taken().len(), twin.repeated().len()), (2, 2));
}

#[tokio::test]
async fn every_code_of_the_provider_leads_to_its_class() {
    for (codes, class) in [
        (&[101, 140, 143, 102, 103, 104][..], Class::ChannelBroken),
        (&[146, 177, 201, 204, 300, 301, 789, 790, 791, 799, 801, 802], Class::Recipient),
        (&[99, 108], Class::Recipient),
        (&[105], Class::Transient),
        (&[160], Class::Throttled(Duration::from_secs(5))),
        (&[107, 110, 115, 118, 120, 163, 210, 687], Class::Permanent),
        (&[199, 851, 854, 9_999], Class::Unknown),
    ] {
        for code in codes {
            for fault in [Fault::Code(*code), Fault::CodeAsNumber(*code)] {
                let error = refused(fault).await;
                assert_eq!((error.class, error.code), (class, Some(*code)), "{error:?}");
            }
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_not_theirs_says_nothing_of_the_message() {
    for (fault, class) in [
        (Fault::Page, Class::Unknown),
        (Fault::Other(200, "null"), Class::Unknown),
        (Fault::Other(200, ""), Class::Unknown),
        (Fault::Other(200, "{\"CodeResult\":"), Class::Unknown),
        (Fault::Other(200, "{\"CodeResult\":\"a\"}"), Class::Unknown),
        (Fault::Other(500, "<html>"), Class::Unknown),
        (Fault::Other(502, "<html>"), Class::Unknown),
        (Fault::Slow(Duration::from_secs(30)), Class::Unknown),
        (Fault::AnswerLost, Class::Unknown),
        (Fault::Other(429, ""), Class::Transient),
        (Fault::Other(302, ""), Class::ChannelBroken),
        (Fault::Other(404, "<html>"), Class::ChannelBroken),
        (Fault::Other(400, "<html>"), Class::Permanent),
    ] {
        let said = format!("{fault:?}");
        assert_eq!(refused(fault).await.class, class, "{said}");
    }
}

#[tokio::test]
async fn a_landline_is_the_recipients_fault_and_a_wrong_key_the_channels() {
    let twin = EsmsTwin::start().await;
    let right = channel(settings(&twin)).await;
    assert_eq!(right.send(&parcel(1, "0240 3555 123")).await.unwrap_err().class, Class::Recipient);
    assert_eq!(right.probe().await.unwrap(), "eSMS lets us in; the balance is 10.000.000 đồng");
    let mut sms = settings(&twin);
    let Provider::Esms(esms) = &mut sms.provider else { panic!("eSMS") };
    esms.api_key = "ESMS-KEY-of-another".to_owned().into();
    let wrong = channel(sms).await;
    for error in [wrong.send(&parcel(2, PHONE)).await.unwrap_err(), wrong.probe().await.unwrap_err()] {
        assert_eq!((error.class, error.code), (Class::ChannelBroken, Some(101)));
        assert!(!error.reason.contains("ESMS-KEY"), "{error}");
    }
    assert!(twin.taken().is_empty());
    assert!(!format!("{right:?} {:?}", right.settings()).contains(API_KEY));
}

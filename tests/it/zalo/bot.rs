//! The bot: heads bind themselves with a code, and then get the text there.

use std::time::Duration;

use dondoc::catalog::{Recipient, UnitId};
use dondoc::channel::{self, Callback, CallbackError, Channel, Chats, Class, Kind, Settings, ZaloBot};
use dondoc::people::By;
use secrecy::SecretString;

use super::{Scene, letter, noon};
use crate::support::zalo::BOT;

fn settings(scene: &Scene, secret: Option<&str>) -> Settings {
    let bot = ZaloBot {
        token: SecretString::from(BOT),
        url: scene.twin.url(),
        webhook_secret: secret.map(SecretString::from),
        timeout: Duration::from_secs(2),
        allow_private: true,
        chats: Chats::default(),
    };
    Settings { name: "bot".to_owned(), kind: Kind::ZaloBot(bot), pace: dondoc::channel::Pace::default() }
}

fn head() -> Recipient {
    Recipient {
        id: "07201/head+07202/head".to_owned(),
        units: vec![UnitId::new("07201")],
        title: "Chủ tịch UBND xã Song Mai".to_owned(),
        person: None,
        email: None,
        phone: None,
        zalo_user_id: None,
    }
}

#[tokio::test]
async fn a_code_binds_an_office_once_and_the_head_gets_the_text() {
    let scene = Scene::new().await;
    let settings = settings(&scene, None);
    let bot = Channel::open(&settings, scene.db(), &scene.clock).unwrap();
    assert_eq!(settings.address_for(&head()), None);
    let (code, _) =
        channel::bind(scene.db(), "bot", "07201/head", &By::command("test"), noon()).await.unwrap().unwrap();
    for (chat, text) in [("c9", "xin chào"), ("c1", &code.to_lowercase()), ("c2", &code)] {
        scene.twin.state().updates.push_back((chat.to_owned(), text.to_owned()));
    }
    bot.tend().await.unwrap();
    assert_eq!(settings.address_for(&head()).as_deref(), Some("c1"));
    let mut letter = letter(1, "c1");
    letter.content.text = "một dòng chữ [@all]\n".repeat(300);
    bot.send(&letter).await.unwrap();
    let written = scene.twin.state().written.clone();
    assert_eq!(written.len(), 2, "one greeting, one letter: {written:?}");
    assert!(written[1].1.chars().count() <= 2000 && written[1].1.ends_with("(xem tiếp trong thư điện tử)"));
    assert_eq!(bot.send(&super::letter(1, "")).await.unwrap_err().class, Class::Recipient);
    // A code that is too old binds nobody.
    let (code, _) =
        channel::bind(scene.db(), "bot", "07203/head", &By::command("test"), noon()).await.unwrap().unwrap();
    scene.clock.advance(Duration::from_hours(24 * 8));
    scene.twin.state().updates.push_back(("c3".to_owned(), code));
    bot.tend().await.unwrap();
    assert_eq!(scene.twin.state().written.len(), 2);
}

#[tokio::test]
async fn zalos_calls_bind_too_and_others_do_not() {
    let scene = Scene::new().await;
    let settings = settings(&scene, Some("of the calls"));
    let bot = Channel::open(&settings, scene.db(), &scene.clock).unwrap();
    let (code, _) =
        channel::bind(scene.db(), "bot", "07201/head", &By::command("test"), noon()).await.unwrap().unwrap();
    let body = serde_json::json!({ "event_name": "message.text.received", "message": { "chat": { "id": "c1" }, "text": code } });
    let body = body.to_string().into_bytes();
    let call = async |secret: &str| {
        let headers = [("x-bot-api-secret-token".to_owned(), secret.to_owned())];
        bot.hear(&Callback { rest: "", query: "", headers: &headers, body: &body }).await
    };
    assert!(matches!(call("guessed").await, Err(CallbackError::NotGenuine(_))));
    assert_eq!(settings.address_for(&head()), None);
    call("of the calls").await.unwrap();
    assert_eq!(settings.address_for(&head()).as_deref(), Some("c1"));
}

#[tokio::test]
async fn the_token_shows_in_no_error() {
    let scene = Scene::new().await;
    let mut settings = settings(&scene, None);
    if let Kind::ZaloBot(bot) = &mut settings.kind {
        bot.token = SecretString::from("78:ZALO-BOT-WRONG");
    }
    let bot = Channel::open(&settings, scene.db(), &scene.clock).unwrap();
    let error = bot.send(&letter(1, "c1")).await.unwrap_err();
    assert_eq!((error.class, error.code), (Class::ChannelBroken, Some(401)));
    if let Kind::ZaloBot(bot) = &mut settings.kind {
        bot.url = "http://127.0.0.1:9".to_owned();
    }
    let away = Channel::open(&settings, scene.db(), &scene.clock).unwrap().probe().await.unwrap_err();
    let shown = format!("{error} {error:?} {away} {away:?} {settings:?} {bot:?}");
    assert!(!shown.contains("ZALO-BOT"), "{shown}");
}

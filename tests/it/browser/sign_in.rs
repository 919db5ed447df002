//! By the province's single sign-on, in a real browser: to another site, back, and in.

use std::net::SocketAddr;

use dondoc::people::Role;
use tokio::net::TcpListener;

use crate::people::Desk;
use crate::support::axe::{self, Rules};
use crate::support::browser::Browser;
use crate::support::databases::sqlite;
use crate::support::provider::Provider;

/// The provider is `localhost`, the pages are `127.0.0.1`: to a browser two sites, as they are in a province.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_goes_to_the_single_sign_on_and_comes_back_signed_in() {
    let provider = Provider::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let desk = Desk::made(sqlite().await, &origin, Some(provider.settings()));
    desk.account("an.nguyen", Role::Viewer).await;
    let service = desk.router.clone().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });

    let mut browser = Browser::open();
    browser.visit(&format!("{origin}/hop-thu-thu"));
    assert_eq!(browser.ask("location.pathname"), "/dang-nhap");
    axe::bring(&mut browser);
    for width in [1280, 320] {
        browser.size(width, 800);
        assert_eq!(axe::violations(&mut browser, Rules::Page), Vec::<String>::new());
        assert_eq!(browser.ask("document.documentElement.scrollWidth <= innerWidth"), true);
    }
    // The page between is the first one that is there.
    browser.press_through("document.querySelector('main a.button').click()", 2);
    assert_eq!(browser.ask("location.pathname"), "/hop-thu-thu");
    assert_eq!(browser.ask("document.querySelector('.who a').innerText"), "Người dùng an.nguyen");
    assert_eq!(browser.ask("document.cookie"), "", "no script reads a cookie");
    assert_eq!(browser.complaints, Vec::<String>::new());

    // Once more, from within: the old session ends, the new one is as good.
    let again = format!("location.href = '{origin}/dang-nhap/oidc?tiep=%2Ftai-khoan'");
    browser.press_through(&again, 2);
    assert_eq!(browser.ask("location.pathname"), "/tai-khoan");
    let open = browser.ask("document.querySelectorAll('main ul.cards li').length");
    assert_eq!(open, 1, "one session is open");
}

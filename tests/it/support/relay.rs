//! A real Postfix and a real Dovecot, which `scripts/mail-servers` starts and `scripts/test` names.
//!
//! They are not optional: without them their tests fail and say so.

#![expect(clippy::unwrap_used, reason = "a test peer: what cannot be is a failed test")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dondoc::channel::{Email, ImapServer, Mailbox, Relay, ReturnPath, Route, Security};

/// What everybody at these servers logs in with.
pub(crate) const PASSWORD: &str = "dondoc";
/// What the return paths of tests are sealed with.
pub(crate) const KEY: &str = "a-key-of-the-province-0123456789";

/// Where they are.
#[derive(Debug, Clone)]
pub(crate) struct RealRelay {
    /// Host and port of Postfix, which offers STARTTLS.
    pub(crate) smtp: (String, u16),
    /// Host and port of Dovecot, which speaks TLS.
    pub(crate) imap: (String, u16),
    folder: PathBuf,
}

impl RealRelay {
    pub(crate) fn find() -> Self {
        Self {
            smtp: host_port(&variable("DONDOC_TEST_SMTP")),
            imap: host_port(&variable("DONDOC_TEST_IMAP")),
            folder: PathBuf::from(variable("DONDOC_TEST_MAIL")),
        }
    }

    /// The certificate of both.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.folder.join("cert.pem")
    }

    /// An RSA key in PEM: that of the certificate.
    pub(crate) fn rsa_key(&self) -> String {
        std::fs::read_to_string(self.folder.join("key.pem")).unwrap()
    }

    /// The Maildir of a mailbox.
    pub(crate) fn mailbox(&self, name: &str) -> PathBuf {
        self.folder.join("boxes").join(name)
    }

    /// Settings of a mail channel through Postfix, whose bounces come to the mailbox `bounces`.
    pub(crate) fn email(&self, bounces: &str) -> Email {
        let (host, port) = self.smtp.clone();
        let route = Route {
            relay: Relay { host, port, security: Security::StartTls },
            user: Some("dondoc".to_owned()),
            password: Some(PASSWORD.into()),
            max_connections: 2,
            per_second: 0,
            per_minute: 0,
            ca_file: Some(self.certificate()),
        };
        Email {
            routes: vec![route],
            from: "Sở TT&TT <dondoc@province.example>".to_owned(),
            reply_to: None,
            timeout: Duration::from_secs(10),
            return_path: Some(ReturnPath { address: format!("{bounces}@province.example"), key: KEY.into() }),
            bounces: None,
            dkim: None,
            list_unsubscribe: None,
        }
    }

    /// The mailbox `name` over IMAP.
    pub(crate) fn over_imap(&self, name: &str) -> Mailbox {
        let (host, port) = self.imap.clone();
        Mailbox::Imap(ImapServer {
            host,
            port,
            folder: "INBOX".to_owned(),
            user: name.to_owned(),
            password: PASSWORD.into(),
            ca_file: Some(self.certificate()),
        })
    }

    /// The mail in `mailbox` that contains `mark`, once it has arrived; with CRLF line ends.
    pub(crate) async fn arrival(&self, mailbox: &str, mark: &str) -> Vec<u8> {
        let folder = self.mailbox(mailbox);
        until("the mail to arrive", || mail_with(&folder, mark)).await
    }
}

/// Asks again and again, for ten seconds at most.
pub(crate) async fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(began.elapsed() < Duration::from_mins(1), "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn mail_with(folder: &Path, mark: &str) -> Option<Vec<u8>> {
    let files = ["new", "cur"].iter().filter_map(|part| std::fs::read_dir(folder.join(part)).ok()).flatten();
    let texts = files.filter_map(|file| std::fs::read_to_string(file.ok()?.path()).ok());
    texts.into_iter().find(|text| text.contains(mark)).map(|text| text.replace('\n', "\r\n").into_bytes())
}

fn variable(name: &str) -> String {
    #[expect(clippy::disallowed_methods, reason = "the test run is told where its servers are")]
    let found = std::env::var(name);
    found.unwrap_or_else(|_| {
        panic!("{name} must name a mail server; run scripts/test, which starts Postfix and Dovecot")
    })
}

fn host_port(text: &str) -> (String, u16) {
    let (host, port) = text.rsplit_once(':').unwrap();
    (host.to_owned(), port.parse().unwrap())
}

//! Reports on an IMAP server, over TLS; what was taken in is marked `\Seen`.

use std::collections::HashSet;
use std::io;
use std::time::Duration;

use async_imap::{Client, Session};
use futures_util::TryStreamExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::Mail;
use super::report::LONGEST;
use crate::channel::SendError;
use crate::channel::mail_settings::ImapServer;
use crate::channel::tls::Tls;

/// A folder of a server.
pub(super) struct Imap {
    host: String,
    port: u16,
    folder: String,
    user: String,
    password: SecretString,
    tls: Tls,
    limit: Duration,
}

/// An open folder.
pub(super) struct Open<'a> {
    server: &'a Imap,
    session: Session<TlsStream<TcpStream>>,
}

impl Imap {
    /// The error is a reason for people.
    pub(super) fn new(settings: &ImapServer, limit: Duration) -> Result<Self, String> {
        let ImapServer { host, port, folder, user, password, ca_file } = settings.clone();
        let tls = Tls::new(&host, ca_file.as_deref())?;
        Ok(Self { host, port, folder, user, password, tls, limit })
    }

    /// Connects, logs in and opens the folder.
    pub(super) async fn open(&self) -> Result<Open<'_>, SendError> {
        let stream = self.step("connecting", self.connect()).await?;
        let mut client = Client::new(stream);
        let greeting = async {
            match client.read_response().await {
                Ok(Some(_)) => Ok(()),
                Ok(None) => Err(async_imap::error::Error::ConnectionLost),
                Err(error) => Err(error.into()),
            }
        };
        self.step("greeting", greeting).await?;
        let login = async { client.login(&self.user, self.password.expose_secret()).await.map_err(|(error, _)| error) };
        let session = self.step("login", login).await?;
        let mut open = Open { server: self, session };
        self.step("opening the folder", open.session.select(&self.folder)).await?;
        Ok(open)
    }

    async fn connect(&self) -> io::Result<TlsStream<TcpStream>> {
        let socket = TcpStream::connect((self.host.as_str(), self.port)).await?;
        self.tls.connect(socket).await
    }

    async fn step<T, E: std::fmt::Display>(
        &self,
        what: &str,
        step: impl Future<Output = Result<T, E>>,
    ) -> Result<T, SendError> {
        let place = || format!("the bounce mailbox {}:{}: {what}", self.host, self.port);
        match timeout(self.limit, step).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(SendError::broken(&format!("{}: {error}", place()))),
            Err(_) => Err(SendError::broken(&format!("{}: no answer in time", place()))),
        }
    }
}

impl Open<'_> {
    /// Numbers of unread mails, the oldest first, without those in `skip`.
    pub(super) async fn unread(&mut self, skip: &HashSet<String>, at_most: usize) -> Result<Vec<u32>, SendError> {
        let found = self.server.step("searching", self.session.uid_search("UNSEEN")).await?;
        let mut numbers: Vec<u32> = found.into_iter().filter(|number| !skip.contains(&number.to_string())).collect();
        numbers.sort_unstable();
        numbers.truncate(at_most);
        Ok(numbers)
    }

    /// The first bytes of a mail, which stays unread; nothing when it is gone.
    pub(super) async fn fetch(&mut self, number: u32) -> Result<Option<Mail>, SendError> {
        let query = format!("BODY.PEEK[]<0.{LONGEST}>");
        let fetching = async {
            let found: Vec<_> = self.session.uid_fetch(number.to_string(), query).await?.try_collect().await?;
            Ok::<_, async_imap::error::Error>(found)
        };
        let found = self.server.step("fetching", fetching).await?;
        let raw = found.iter().find_map(|fetched| fetched.body()).map(<[u8]>::to_vec);
        Ok(raw.map(|raw| Mail { id: number.to_string(), raw }))
    }

    pub(super) async fn mark_read(&mut self, number: u32) -> Result<(), SendError> {
        let marking = async {
            let done: Vec<_> =
                self.session.uid_store(number.to_string(), r"+FLAGS (\Seen)").await?.try_collect().await?;
            drop(done);
            Ok::<_, async_imap::error::Error>(())
        };
        self.server.step("marking as read", marking).await
    }

    pub(super) async fn close(mut self) {
        // Whether the server says goodbye makes no difference.
        drop(timeout(Duration::from_secs(2), self.session.logout()).await);
    }
}

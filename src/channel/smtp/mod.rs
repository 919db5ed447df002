//! One connection to a relay: login, and the dialogue of one mail in as few round trips as the relay allows.

mod commands;
mod offers;

use std::fmt::Display;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Ehlo, Noop, Quit};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use tokio::time::{Instant, timeout, timeout_at};

use commands::{Line, Stuffed};
use offers::Offers;

use super::answer::one_line;
use super::refusal::{Stage, refusal};
use super::wire::{Handed, Wire};
use super::{Class, Receipt, SendError};

/// An open connection between two mails. A dialogue consumes it and gives it back only when it ended cleanly, so that
/// a sender who was cancelled half-way leaves nothing behind.
pub(super) struct Connection {
    /// Boxed, as lettre keeps a TLS state inside that every dialogue would move about.
    smtp: Box<AsyncSmtpConnection>,
    handed: Handed,
    offers: Offers,
    limit: Duration,
}

/// Sender and recipient on the wire.
#[derive(Debug, Clone, Copy)]
pub(super) struct Envelope<'a> {
    /// Where bounces go.
    pub(super) from: &'a str,
    /// Whom it is for.
    pub(super) to: &'a str,
}

/// How the dialogue of one mail ended.
pub(super) struct Ended {
    /// What became of the mail.
    pub(super) result: Result<Receipt, SendError>,
    /// The connection, when it can carry another mail.
    pub(super) connection: Option<Connection>,
    /// Whether the peer hung up before any of the body was written, so that another connection may do at once.
    pub(super) hung_up: bool,
}

impl Ended {
    fn refused(error: SendError, connection: Option<Connection>) -> Self {
        Self { result: Err(error), connection, hung_up: false }
    }
}

/// Why a connection did not become ready.
#[derive(Debug)]
pub(super) struct NotReady {
    pub(super) error: SendError,
    /// Whether it was the login that the relay refused for good.
    pub(super) login_refused: bool,
}

/// A command did not get the answer it wants.
enum Trouble {
    /// The relay said no; the connection stays usable.
    Refused(u16, String),
    /// The relay closes the connection (421), closed it, or makes no sense.
    Lost(Option<u16>, String),
    /// The relay is silent.
    Late,
}

impl Connection {
    /// Greets over `wire` and logs in.
    pub(super) async fn greet(
        (wire, handed): (Wire, Handed),
        hello: &ClientId,
        login: Option<&Credentials>,
        limit: Duration,
    ) -> Result<Self, NotReady> {
        let opened = timeout(limit, AsyncSmtpConnection::connect_with_transport(Box::new(wire), hello)).await;
        let smtp = heard(opened).map_err(|trouble| trouble.not_ready("greeting"))?;
        let mut connection = Self { smtp: Box::new(smtp), handed, offers: Offers::default(), limit };
        // lettre forgets the offers that it does not use itself, so the relay is asked once more.
        let offers = connection.ask(Ehlo::new(hello.clone()), Instant::now() + limit).await;
        let offers = offers.map_err(|trouble| trouble.not_ready("EHLO"))?;
        connection.offers = Offers::of(offers.message());
        if let Some(login) = login {
            let answer = timeout(limit, connection.smtp.auth(&[Mechanism::Plain, Mechanism::Login], login)).await;
            let refused = |trouble: Trouble| NotReady {
                login_refused: matches!(trouble, Trouble::Refused(500.., _)),
                ..trouble.not_ready("login")
            };
            heard(answer).map_err(refused)?;
        }
        Ok(connection)
    }

    /// Hands over one mail, `mail` with CRLF line ends.
    pub(super) async fn deliver(mut self, envelope: Envelope<'_>, mail: &str) -> Ended {
        if let Some(error) = self.offers.refuse(envelope, mail.len()) {
            return Ended::refused(error, Some(self));
        }
        match self.envelope(envelope, mail.len()).await {
            Ok(()) => {}
            Err((stage, Trouble::Refused(code, text))) => {
                let reset = self.ask(Line(&["RSET"]), Instant::now() + self.limit).await;
                return Ended::refused(refusal(stage, code, &text), reset.is_ok().then_some(self));
            }
            Err((_, lost)) => {
                let hung_up = matches!(lost, Trouble::Lost(..));
                return Ended { result: Err(lost.error(Class::Transient, "")), connection: None, hung_up };
            }
        }
        let before = self.handed.count();
        let reply = self.ask(Stuffed(mail), Instant::now() + self.limit * 4).await.and_then(completed);
        let written = self.handed.count() != before;
        match reply {
            Ok(response) => {
                let words: Vec<&str> = response.message().collect();
                let answer = one_line(&format!("{} {}", response.code(), words.join(" ")));
                Ended { result: Ok(Receipt { answer, ..Receipt::default() }), connection: Some(self), hung_up: false }
            }
            Err(Trouble::Refused(code, text)) => Ended::refused(refusal(Stage::Data, code, &text), Some(self)),
            Err(lost) => {
                // A 421 is an answer, and it says no.
                let (class, place) = match lost {
                    Trouble::Lost(Some(_), _) => (Class::Transient, ""),
                    _ if written => (Class::Unknown, "after the message was written: "),
                    _ => (Class::Transient, "while the message was written: "),
                };
                Ended { result: Err(lost.error(class, place)), connection: None, hung_up: false }
            }
        }
    }

    /// `MAIL`, `RCPT`, `DATA`: in one write where the relay takes it, else step by step; together within the limit, so
    /// that a whole mail takes at most five times the limit.
    async fn envelope(&mut self, envelope: Envelope<'_>, size: usize) -> Result<(), (Stage, Trouble)> {
        let until = Instant::now() + self.limit;
        let parameters = self.offers.parameters(envelope, size);
        let Envelope { from, to } = envelope;
        let at = |stage| move |trouble| (stage, trouble);
        if !self.offers.pipelining {
            let mail = self.ask(Line(&["MAIL FROM:<", from, ">", &parameters]), until).await;
            mail.and_then(completed).map_err(at(Stage::Mail))?;
            let rcpt = self.ask(Line(&["RCPT TO:<", to, ">"]), until).await;
            rcpt.and_then(completed).map_err(at(Stage::Rcpt))?;
            let data = self.ask(Line(&["DATA"]), until).await;
            data.and_then(go_ahead).map_err(at(Stage::Data))?;
            return Ok(());
        }
        // All three answers come, whatever the first one was.
        let all = Line(&["MAIL FROM:<", from, ">", &parameters, "\r\nRCPT TO:<", to, ">\r\nDATA"]);
        let mail = refused_or_usable(self.ask(all, until).await.and_then(completed)).map_err(at(Stage::Mail))?;
        let rcpt = refused_or_usable(self.hear(until).await.and_then(completed)).map_err(at(Stage::Rcpt))?;
        let data = refused_or_usable(self.hear(until).await.and_then(go_ahead)).map_err(at(Stage::Data))?;
        let envelope = mail.map_err(at(Stage::Mail)).and(rcpt.map_err(at(Stage::Rcpt)));
        if envelope.is_err() && data.is_ok() {
            // The relay waits for a body although it refused the envelope: an empty one ends the wait.
            let ended = refused_or_usable(self.ask(Line(&["."]), until).await).map_err(at(Stage::Data))?;
            drop(ended);
        }
        envelope.and(data.map_err(at(Stage::Data)))
    }

    /// Whether the relay still answers.
    pub(super) async fn alive(&mut self) -> bool {
        self.ask(Noop, Instant::now() + self.limit).await.is_ok()
    }

    /// Says goodbye and waits at most `limit` for the answer.
    pub(super) async fn quit(mut self, limit: Duration) {
        drop(self.ask(Quit, Instant::now() + limit).await);
    }

    async fn ask<C: Display>(&mut self, command: C, until: Instant) -> Result<Response, Trouble> {
        heard(timeout_at(until, self.smtp.command(command)).await)
    }

    async fn hear(&mut self, until: Instant) -> Result<Response, Trouble> {
        heard(timeout_at(until, self.smtp.read_response()).await)
    }
}

type Heard<T> = Result<Result<T, lettre::transport::smtp::Error>, tokio::time::error::Elapsed>;

fn heard<T>(heard: Heard<T>) -> Result<T, Trouble> {
    let answer = heard.map_err(|_| Trouble::Late)?;
    answer.map_err(|error| {
        let code: Option<u16> = error.status().map(Into::into);
        // The innermost text is what the peer or the socket said, without a frame around it.
        let text = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        match code {
            None | Some(421) => Trouble::Lost(code, text),
            Some(code) => Trouble::Refused(code, text),
        }
    })
}

/// Wants `2xx`.
fn completed(response: Response) -> Result<Response, Trouble> {
    let code = u16::from(response.code());
    if (200..300).contains(&code) { Ok(response) } else { Err(unexpected(code)) }
}

/// Wants `354`.
fn go_ahead(response: Response) -> Result<Response, Trouble> {
    let code = u16::from(response.code());
    if code == 354 { Ok(response) } else { Err(unexpected(code)) }
}

fn unexpected(code: u16) -> Trouble {
    Trouble::Lost(None, format!("an answer that does not fit: {code}"))
}

/// Sets a clean refusal aside, so that the answers behind it are read; anything worse ends the dialogue.
fn refused_or_usable<T>(reply: Result<T, Trouble>) -> Result<Result<(), Trouble>, Trouble> {
    match reply {
        Ok(_) => Ok(Ok(())),
        Err(refused @ Trouble::Refused(..)) => Ok(Err(refused)),
        Err(lost) => Err(lost),
    }
}

impl Trouble {
    fn error(self, class: Class, place: &str) -> SendError {
        match self {
            Self::Refused(code, text) => refusal(Stage::Data, code, &text),
            Self::Lost(code, text) => SendError::new(class, code.map(i32::from), &format!("{place}{text}")),
            Self::Late => SendError::new(class, None, &format!("{place}the relay gave no answer in time")),
        }
    }

    /// Before the first mail: `4xx` is a busy relay, anything else a channel out of order.
    fn not_ready(self, place: &str) -> NotReady {
        let (code, text) = match self {
            Self::Refused(code, text) => (Some(code), format!("{place}: {code} {text}")),
            Self::Lost(code, text) => (code, format!("{place}: {text}")),
            Self::Late => (None, format!("{place}: the relay gave no answer in time")),
        };
        let class = if matches!(code, Some(400..500)) { Class::Transient } else { Class::ChannelBroken };
        NotReady { error: SendError::new(class, code.map(i32::from), &text), login_refused: false }
    }
}

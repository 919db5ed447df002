//! One connection to a relay: login, and the dialogue of one mail in as few round trips as the relay allows.

use std::fmt::{self, Display};
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Ehlo, Noop, Quit};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use tokio::time::{Instant, timeout, timeout_at};

use super::answer::one_line;
use super::wire::{Handed, Wire};
use super::{Class, Receipt, SendError};

/// An open connection between two mails. A dialogue consumes it and gives it back only when it ended cleanly, so that
/// a sender who was cancelled half-way leaves nothing behind.
pub(super) struct Connection {
    /// Boxed, as lettre keeps a TLS state inside that every dialogue would move about.
    smtp: Box<AsyncSmtpConnection>,
    handed: Handed,
    pipelining: bool,
    limit: Duration,
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
        let mut connection = Self { smtp: Box::new(smtp), handed, pipelining: false, limit };
        // lettre forgets the offers that it does not use itself, so the relay is asked once more.
        let offers = connection.ask(Ehlo::new(hello.clone()), Instant::now() + limit).await;
        let offers = offers.map_err(|trouble| trouble.not_ready("EHLO"))?;
        connection.pipelining = offers.message().any(|line| line.trim().eq_ignore_ascii_case("PIPELINING"));
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

    /// Hands over one mail: `from` and `to` as they stand in the envelope, `mail` with CRLF line ends.
    pub(super) async fn deliver(mut self, from: &str, to: &str, mail: &str) -> Ended {
        match self.envelope(from, to).await {
            Ok(()) => {}
            Err(Trouble::Refused(code, text)) => {
                let reset = self.ask(Line(&["RSET"]), Instant::now() + self.limit).await;
                let connection = reset.is_ok().then_some(self);
                return Ended { result: Err(refusal(code, &text)), connection, hung_up: false };
            }
            Err(lost) => {
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
                Ended { result: Ok(Receipt { answer, reference: None }), connection: Some(self), hung_up: false }
            }
            Err(Trouble::Refused(code, text)) => {
                Ended { result: Err(refusal(code, &text)), connection: Some(self), hung_up: false }
            }
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
    async fn envelope(&mut self, from: &str, to: &str) -> Result<(), Trouble> {
        let until = Instant::now() + self.limit;
        if !self.pipelining {
            self.ask(Line(&["MAIL FROM:<", from, ">"]), until).await.and_then(completed)?;
            self.ask(Line(&["RCPT TO:<", to, ">"]), until).await.and_then(completed)?;
            self.ask(Line(&["DATA"]), until).await.and_then(go_ahead)?;
            return Ok(());
        }
        // All three answers come, whatever the first one was.
        let all = Line(&["MAIL FROM:<", from, ">\r\nRCPT TO:<", to, ">\r\nDATA"]);
        let mail = refused_or_usable(self.ask(all, until).await.and_then(completed))?;
        let rcpt = refused_or_usable(self.hear(until).await.and_then(completed))?;
        let data = refused_or_usable(self.hear(until).await.and_then(go_ahead))?;
        let envelope = mail.and(rcpt);
        if envelope.is_err() && data.is_ok() {
            // The relay waits for a body although it refused the envelope: an empty one ends the wait.
            let ended = refused_or_usable(self.ask(Line(&["."]), until).await)?;
            drop(ended);
        }
        envelope.and(data)
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

/// A refused mail. The codes that speak of login and protection concern the channel and not the mail.
fn refusal(code: u16, text: &str) -> SendError {
    let class = match code {
        530 | 534 | 535 | 538 => Class::ChannelBroken,
        500.. => Class::Permanent,
        _ => Class::Transient,
    };
    SendError::new(class, Some(code.into()), &format!("{code} {text}"))
}

impl Trouble {
    fn error(self, class: Class, place: &str) -> SendError {
        match self {
            Self::Refused(code, text) => refusal(code, &text),
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

/// A command made of pieces, with its line end.
struct Line<'a>(&'a [&'a str]);

impl Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in self.0 {
            f.write_str(piece)?;
        }
        f.write_str("\r\n")
    }
}

/// A whole mail as `DATA` wants it: a dot before every line that begins with one, and the dot that ends it.
struct Stuffed<'a>(&'a str);

impl Display for Stuffed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        if rest.starts_with('.') {
            f.write_str(".")?;
        }
        while let Some(at) = rest.find("\r\n.") {
            let (line, tail) = rest.split_at(at + 2);
            f.write_str(line)?;
            f.write_str(".")?;
            // The dot itself is written with what follows; the search goes on behind the line end.
            rest = tail;
        }
        f.write_str(rest)?;
        f.write_str(if rest.ends_with("\r\n") { ".\r\n" } else { "\r\n.\r\n" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_begin_with_a_dot_get_another_and_the_end_is_a_lone_dot() {
        assert_eq!(Stuffed("a\r\nb\r\n").to_string(), "a\r\nb\r\n.\r\n");
        assert_eq!(Stuffed("a").to_string(), "a\r\n.\r\n");
        assert_eq!(Stuffed(".\r\n..\r\n.a\r\nb.\r\n").to_string(), "..\r\n...\r\n..a\r\nb.\r\n.\r\n");
        assert_eq!(Stuffed("a\r\n.\r\n.\r\n").to_string(), "a\r\n..\r\n..\r\n.\r\n");
    }

    #[test]
    fn a_refusal_is_classified_by_its_code() {
        assert_eq!(refusal(550, "no").class, Class::Permanent);
        assert_eq!(refusal(452, "full").class, Class::Transient);
        assert_eq!(refusal(530, "login first").class, Class::ChannelBroken);
    }
}

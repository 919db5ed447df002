//! A dialogue with a relay, step by step and written down, for a person who wants to know where it fails.

mod remedy;
mod talk;

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use self::talk::{Talk, within};
use super::bounces::ReturnPath;
use super::mail_settings::{Email, Route, Security};
use super::mime::{Letterhead, render};
use super::tls::Tls;
use super::{Parcel, SendError};
use crate::words::Tongue;

/// A step of the dialogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The host's name becomes addresses.
    Name,
    /// TCP.
    Connect,
    /// The relay says who it is.
    Greeting,
    /// `EHLO`.
    Hello,
    /// `STARTTLS`.
    StartTls,
    /// The TLS handshake.
    Tls,
    /// `AUTH`.
    Login,
    /// `MAIL`.
    Sender,
    /// `RCPT`.
    Recipient,
    /// `DATA`, and the mail itself.
    Data,
}

/// Why a step failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// No answer in time.
    Late,
    /// The other side or the operating system refused, or the connection was lost.
    Broken,
    /// The certificate is not trusted.
    Certificate,
    /// The relay does not offer it.
    NotOffered,
    /// The relay answered with this code.
    Said(u16),
}

/// How the dialogue with one relay went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsal {
    /// Host and port.
    pub relay: String,
    /// What was said, `C:` by us and `S:` by the relay, without passwords.
    pub transcript: Vec<String>,
    /// Where it ended early, and why.
    pub failed: Option<(Stage, Cause)>,
}

impl Rehearsal {
    /// What to do when it failed.
    pub fn remedy(&self, t: Tongue) -> Option<&'static str> {
        self.failed.map(|(stage, cause)| t.say(remedy::of(stage, cause)))
    }
}

/// A mail that is really sent.
struct Letter {
    from: String,
    to: String,
    bytes: String,
}

/// Speaks with every relay of a mail channel up to and including the login; with a `parcel` the first relay is given that
/// mail too.
///
/// # Errors
/// Settings that cannot work, or a parcel that cannot be a mail.
pub async fn rehearse(settings: &Email, parcel: Option<&Parcel>) -> Result<Vec<Rehearsal>, SendError> {
    let unfit = |reason: String| SendError::unfit(&reason);
    let letterhead = Letterhead::of(settings).map_err(unfit)?;
    let path = settings.return_path.as_ref();
    let path = path.map(|path| ReturnPath::new(&path.address, &path.key)).transpose().map_err(unfit)?;
    let mut letter = match parcel {
        None => None,
        Some(parcel) => Some(Letter {
            from: path.map_or_else(|| letterhead.address.clone(), |path| path.of(parcel.id)),
            to: parcel.address.clone(),
            bytes: render(parcel, &letterhead)?,
        }),
    };
    let mut rehearsals = Vec::new();
    for route in &settings.routes {
        let mut transcript = Vec::new();
        let done = with_relay(route, letter.take().as_ref(), settings.timeout, &mut transcript).await;
        let relay = format!("{}:{}", route.relay.host, route.relay.port);
        rehearsals.push(Rehearsal { relay, transcript, failed: done.err() });
    }
    Ok(rehearsals)
}

async fn with_relay(
    route: &Route,
    letter: Option<&Letter>,
    limit: Duration,
    transcript: &mut Vec<String>,
) -> Result<(), (Stage, Cause)> {
    let relay = &route.relay;
    let found = within(limit, tokio::net::lookup_host((relay.host.as_str(), relay.port)), transcript);
    let addresses: Vec<_> = found.await.map_err(|cause| (Stage::Name, cause))?.collect();
    let shown: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    transcript.push(format!("-- {} = {}", relay.host, shown.join(", ")));
    let socket = within(limit, TcpStream::connect(addresses.as_slice()), transcript);
    let socket = socket.await.map_err(|cause| (Stage::Connect, cause))?;
    transcript.push("-- connected".to_owned());
    let tls = match relay.security {
        Security::Plain => None,
        Security::StartTls | Security::Tls => {
            let tls = Tls::new(&relay.host, route.ca_file.as_deref());
            Some(tls.map_err(|reason| note(transcript, &reason, (Stage::Tls, Cause::Certificate)))?)
        }
    };
    match (relay.security, tls) {
        (Security::Tls, Some(tls)) => {
            let sealed = seal(&tls, socket, limit, transcript).await?;
            let mut talk = Talk::new(sealed, transcript, limit);
            talk.hear(Stage::Greeting, 220).await?;
            let offers = talk.hello().await?;
            rest(talk, route, letter, &offers).await
        }
        (Security::StartTls, Some(tls)) => {
            let mut talk = Talk::new(socket, transcript, limit);
            talk.hear(Stage::Greeting, 220).await?;
            let offers = talk.hello().await?;
            if !offers.iter().any(|offer| offer.eq_ignore_ascii_case("STARTTLS")) {
                return Err((Stage::StartTls, Cause::NotOffered));
            }
            talk.ask(Stage::StartTls, "STARTTLS", 220).await?;
            let socket = talk.into_inner();
            let sealed = seal(&tls, socket, limit, transcript).await?;
            let mut talk = Talk::new(sealed, transcript, limit);
            let offers = talk.hello().await?;
            rest(talk, route, letter, &offers).await
        }
        _ => {
            let mut talk = Talk::new(socket, transcript, limit);
            talk.hear(Stage::Greeting, 220).await?;
            let offers = talk.hello().await?;
            rest(talk, route, letter, &offers).await
        }
    }
}

async fn seal(
    tls: &Tls,
    socket: TcpStream,
    limit: Duration,
    transcript: &mut Vec<String>,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, (Stage, Cause)> {
    let sealed = within(limit, tls.connect(socket), transcript).await;
    let sealed = sealed.map_err(|cause| {
        let doubted = transcript.last().is_some_and(|line| line.contains("certificate"));
        (Stage::Tls, if doubted { Cause::Certificate } else { cause })
    })?;
    transcript.push("-- protected by TLS".to_owned());
    Ok(sealed)
}

fn note(transcript: &mut Vec<String>, reason: &str, failed: (Stage, Cause)) -> (Stage, Cause) {
    transcript.push(format!("-- {}", super::answer::one_line(reason)));
    failed
}

/// The login, the mail if there is one, and goodbye.
async fn rest<S: AsyncRead + AsyncWrite + Unpin>(
    mut talk: Talk<'_, S>,
    route: &Route,
    letter: Option<&Letter>,
    offers: &[String],
) -> Result<(), (Stage, Cause)> {
    if let (Some(user), Some(password)) = (&route.user, &route.password) {
        // A password never goes over a connection in clear, whatever the settings say.
        if route.relay.security == Security::Plain {
            return Err((Stage::Login, Cause::NotOffered));
        }
        talk.login(user, password, offers).await?;
    }
    match letter {
        None => talk.ask(Stage::Hello, "RSET", 250).await?,
        Some(letter) => {
            let utf8 = if letter.to.is_ascii() { "" } else { " SMTPUTF8" };
            talk.ask(Stage::Sender, &format!("MAIL FROM:<{}>{utf8}", letter.from), 250).await?;
            talk.ask(Stage::Recipient, &format!("RCPT TO:<{}>", letter.to), 250).await?;
            talk.ask(Stage::Data, "DATA", 354).await?;
            talk.mail(&letter.bytes).await?;
        }
    }
    talk.goodbye().await;
    Ok(())
}

//! Commands, answers, and what of both may be written down.

use std::io;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};

use super::{Cause, Stage};
use crate::channel::answer::one_line;

/// Bytes of a line, and lines of an answer, at most.
const LONGEST_LINE: u64 = 1_000;
const MOST_LINES: usize = 60;
const GOODBYE: Duration = Duration::from_secs(2);

/// A dialogue that is written down.
pub(super) struct Talk<'t, S> {
    peer: BufReader<S>,
    transcript: &'t mut Vec<String>,
    limit: Duration,
}

/// Runs one step within its time; what went wrong is written down.
pub(super) async fn within<T>(
    limit: Duration,
    step: impl Future<Output = io::Result<T>>,
    transcript: &mut Vec<String>,
) -> Result<T, Cause> {
    let (said, cause) = match tokio::time::timeout(limit, step).await {
        Ok(Ok(done)) => return Ok(done),
        Ok(Err(error)) => (error.to_string(), Cause::Broken),
        Err(_) => (format!("no answer within {} s", limit.as_secs()), Cause::Late),
    };
    transcript.push(format!("-- {}", one_line(&said)));
    Err(cause)
}

impl<'t, S: AsyncRead + AsyncWrite + Unpin> Talk<'t, S> {
    pub(super) fn new(peer: S, transcript: &'t mut Vec<String>, limit: Duration) -> Self {
        Self { peer: BufReader::new(peer), transcript, limit }
    }

    pub(super) fn into_inner(self) -> S {
        self.peer.into_inner()
    }

    /// Sends a command that may be written down, and wants `code`.
    pub(super) async fn ask(&mut self, stage: Stage, command: &str, code: u16) -> Result<(), (Stage, Cause)> {
        self.transcript.push(format!("C: {}", one_line(command)));
        self.say(stage, command).await?;
        self.hear(stage, code).await.map(drop)
    }

    /// What the relay offers.
    pub(super) async fn hello(&mut self) -> Result<Vec<String>, (Stage, Cause)> {
        let name = crate::channel::route::hello().to_string();
        self.transcript.push(format!("C: EHLO {name}"));
        self.say(Stage::Hello, &format!("EHLO {name}")).await?;
        self.hear(Stage::Hello, 250).await
    }

    /// `AUTH` by the first way that both know. The login is sent and never written down.
    pub(super) async fn login(
        &mut self,
        user: &str,
        password: &SecretString,
        offers: &[String],
    ) -> Result<(), (Stage, Cause)> {
        let ways: Vec<String> = offers
            .iter()
            .filter_map(|offer| offer.strip_prefix("AUTH ").or_else(|| offer.strip_prefix("AUTH=")))
            .flat_map(|ways| ways.split(' ').map(str::to_ascii_uppercase))
            .collect();
        let knows = |way: &str| ways.iter().any(|offered| offered == way);
        if knows("PLAIN") {
            self.transcript.push("C: AUTH PLAIN ***".to_owned());
            let secret = STANDARD.encode(format!("\0{user}\0{}", password.expose_secret()));
            self.say(Stage::Login, &format!("AUTH PLAIN {secret}")).await?;
        } else if knows("LOGIN") {
            self.ask(Stage::Login, "AUTH LOGIN", 334).await?;
            self.transcript.push("C: ***".to_owned());
            self.say(Stage::Login, &STANDARD.encode(user)).await?;
            self.hear(Stage::Login, 334).await?;
            self.transcript.push("C: ***".to_owned());
            self.say(Stage::Login, &STANDARD.encode(password.expose_secret())).await?;
        } else {
            return Err((Stage::Login, Cause::NotOffered));
        }
        self.hear(Stage::Login, 235).await.map(drop)
    }

    /// The mail itself, lines that begin with a dot doubled.
    pub(super) async fn mail(&mut self, bytes: &str) -> Result<(), (Stage, Cause)> {
        self.transcript.push(format!("C: ({} bytes)", bytes.len()));
        let stuffed = format!("\r\n{bytes}").replace("\r\n.", "\r\n..");
        let stuffed = stuffed.strip_prefix("\r\n").unwrap_or(&stuffed);
        self.say(Stage::Data, &format!("{}\r\n.", stuffed.trim_end_matches("\r\n"))).await?;
        self.hear(Stage::Data, 250).await.map(drop)
    }

    /// How the relay answers it makes no difference.
    pub(super) async fn goodbye(&mut self) {
        self.limit = self.limit.min(GOODBYE);
        let _ = self.ask(Stage::Hello, "QUIT", 221).await;
    }

    async fn say(&mut self, stage: Stage, line: &str) -> Result<(), (Stage, Cause)> {
        let bytes = format!("{line}\r\n");
        let peer = &mut self.peer;
        let saying = async {
            peer.write_all(bytes.as_bytes()).await?;
            peer.flush().await
        };
        within(self.limit, saying, self.transcript).await.map_err(|cause| (stage, cause))
    }

    /// One answer, written down, which must begin with `code`; its lines without their codes.
    pub(super) async fn hear(&mut self, stage: Stage, code: u16) -> Result<Vec<String>, (Stage, Cause)> {
        let lines = within(self.limit, answer(&mut self.peer), self.transcript).await;
        let lines = lines.map_err(|cause| (stage, cause))?;
        self.transcript.extend(lines.iter().map(|line| format!("S: {}", one_line(line))));
        let said = lines.last().and_then(|line| line.get(..3)?.parse().ok()).unwrap_or(0);
        if said != code {
            return Err((stage, if said == 0 { Cause::Broken } else { Cause::Said(said) }));
        }
        Ok(lines.iter().map(|line| line.get(4..).unwrap_or_default().trim().to_owned()).collect())
    }
}

async fn answer<S: AsyncRead + Unpin>(peer: &mut BufReader<S>) -> io::Result<Vec<String>> {
    let mut lines = Vec::new();
    loop {
        let mut line = Vec::new();
        if (&mut *peer).take(LONGEST_LINE).read_until(b'\n', &mut line).await? == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the relay closed the connection"));
        }
        let more = line.get(3) == Some(&b'-');
        lines.push(String::from_utf8_lossy(&line).trim_end().to_owned());
        if !more {
            return Ok(lines);
        }
        if lines.len() >= MOST_LINES {
            return Err(io::Error::other("the relay's answer is too long"));
        }
    }
}

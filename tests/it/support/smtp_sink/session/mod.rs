//! One connection to the sink.

mod body;

use std::io;
use std::sync::atomic::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Shared, SinkSecurity, What};

/// What to do after a command.
enum Next {
    GoOn,
    Body,
    StartTls,
    Close,
}

pub(super) struct Session<'a, S> {
    stream: S,
    shared: &'a Shared,
    number: usize,
    sealed: bool,
    input: Vec<u8>,
    output: Vec<u8>,
    from: String,
    to: Vec<String>,
    mails: usize,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Session<'a, S> {
    pub(super) fn new(stream: S, shared: &'a Shared, number: usize, sealed: bool) -> Self {
        Self {
            stream,
            shared,
            number,
            sealed,
            input: Vec::with_capacity(16 * 1024),
            output: Vec::new(),
            from: String::new(),
            to: Vec::new(),
            mails: 0,
        }
    }

    /// Talks until the peer goes, or until TLS is to begin: then the stream is given back.
    pub(super) async fn run(mut self, greet: bool) -> io::Result<Option<S>> {
        if self.shared.script.mute {
            while self.fill().await? {
                self.input.clear();
            }
            return Ok(None);
        }
        if greet {
            let greeting = self.shared.script.greeting.clone();
            self.say(&greeting.unwrap_or_else(|| "220 sink.example ESMTP".to_owned()));
        }
        loop {
            let Some(line) = self.line().await? else { return Ok(None) };
            match self.command(&line).await? {
                Next::GoOn => {}
                Next::Body => {
                    if !self.body().await? {
                        return Ok(None);
                    }
                }
                Next::StartTls => {
                    self.flush().await?;
                    return Ok(Some(self.stream));
                }
                Next::Close => {
                    self.flush().await?;
                    return Ok(None);
                }
            }
        }
    }

    fn say(&mut self, line: &str) {
        self.output.extend_from_slice(line.as_bytes());
        self.output.extend_from_slice(b"\r\n");
    }

    async fn flush(&mut self) -> io::Result<()> {
        if !self.output.is_empty() {
            self.stream.write_all(&self.output).await?;
            self.stream.flush().await?;
            self.output.clear();
        }
        Ok(())
    }

    /// Reads more; false at the end.
    async fn fill(&mut self) -> io::Result<bool> {
        self.flush().await?;
        Ok(self.stream.read_buf(&mut self.input).await? > 0)
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = self.input.windows(2).position(|two| two == b"\r\n") {
                let line = String::from_utf8_lossy(&self.input[..end]).into_owned();
                self.input.drain(..end + 2);
                return Ok(Some(line));
            }
            if !self.fill().await? {
                return Ok(None);
            }
        }
    }

    async fn command(&mut self, line: &str) -> io::Result<Next> {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" | "HELO" => self.offers(),
            "STARTTLS" => return Ok(self.start_tls()),
            "AUTH" => self.login(line).await?,
            "MAIL" => return Ok(self.mail(line)),
            "RCPT" => self.recipient(line),
            "DATA" if self.to.is_empty() && !self.shared.script.data_regardless => {
                self.say("554 5.5.1 no valid recipients");
            }
            "DATA" => {
                self.say("354 go ahead");
                return Ok(Next::Body);
            }
            "RSET" => {
                self.shared.resets.fetch_add(1, Ordering::SeqCst);
                self.from.clear();
                self.to.clear();
                self.say("250 2.0.0 reset");
            }
            "NOOP" => self.say("250 2.0.0 ok"),
            "QUIT" => {
                self.shared.goodbyes.fetch_add(1, Ordering::SeqCst);
                self.say("221 2.0.0 bye");
                return Ok(Next::Close);
            }
            _ => self.say("500 5.5.2 what?"),
        }
        Ok(Next::GoOn)
    }

    fn offers(&mut self) {
        let script = &self.shared.script;
        let mut lines = vec!["sink.example"];
        if script.pipelining {
            lines.push("PIPELINING");
        }
        let upgrade = matches!(script.security, SinkSecurity::StartTls | SinkSecurity::InjectedStartTls);
        if upgrade && !self.sealed {
            lines.push("STARTTLS");
        }
        if script.login.is_some() {
            lines.push("AUTH PLAIN LOGIN");
        }
        lines.push("8BITMIME");
        for line in &lines[..lines.len() - 1] {
            self.say(&format!("250-{line}"));
        }
        self.say(&format!("250 {}", lines[lines.len() - 1]));
    }

    fn start_tls(&mut self) -> Next {
        self.say("220 2.0.0 ready");
        if self.shared.script.security == SinkSecurity::InjectedStartTls {
            self.say("250-sink.example\r\n250 PIPELINING");
        }
        Next::StartTls
    }

    async fn login(&mut self, line: &str) -> io::Result<()> {
        self.shared.logins.fetch_add(1, Ordering::SeqCst);
        let mut words = line.split(' ').skip(1);
        let mechanism = words.next().unwrap_or_default().to_ascii_uppercase();
        let given = if mechanism == "PLAIN" {
            let secret = match words.next() {
                Some(secret) => secret.to_owned(),
                None => self.challenge("").await?,
            };
            let decoded = decoded(&secret);
            let mut parts = decoded.split('\0').skip(1).map(str::to_owned);
            (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
        } else {
            let user = self.challenge("VXNlcm5hbWU6").await?;
            let password = self.challenge("UGFzc3dvcmQ6").await?;
            (decoded(&user), decoded(&password))
        };
        let right = self.shared.script.login.as_ref() == Some(&given);
        self.say(if right { "235 2.7.0 welcome" } else { "535 5.7.8 authentication failed" });
        Ok(())
    }

    async fn challenge(&mut self, words: &str) -> io::Result<String> {
        self.say(&format!("334 {words}"));
        Ok(self.line().await?.unwrap_or_default())
    }

    fn mail(&mut self, line: &str) -> Next {
        if self.shared.script.mails_per_connection.is_some_and(|most| self.mails >= most) {
            self.say("421 4.7.0 too many mails on this connection");
            return Next::Close;
        }
        match self.shared.script.mail_code {
            None => {
                self.from = path(line);
                self.to.clear();
                self.say("250 2.1.0 ok");
            }
            Some(code) => self.say(&format!("{code} 5.1.0 not from you")),
        }
        Next::GoOn
    }

    fn recipient(&mut self, line: &str) {
        let to = path(line);
        if self.from.is_empty() {
            self.say("503 5.5.1 MAIL first");
        } else if let Some(What::RefuseRecipient(code)) =
            self.fault(&to, |what| matches!(what, What::RefuseRecipient(_)))
        {
            self.say(&format!("{code} 5.1.1 <{to}>: refused"));
        } else {
            self.to.push(to);
            self.say("250 2.1.5 ok");
        }
    }

    /// The fault to apply to `to` now, if it is of the wanted kind; counted down.
    fn fault(&self, to: &str, wanted: impl Fn(What) -> bool) -> Option<What> {
        let fault = self.shared.script.faults.get(to).filter(|fault| wanted(fault.what))?;
        let mut used = self.shared.faults.lock().unwrap();
        let used = used.entry(to.to_owned()).or_default();
        (*used < fault.times).then(|| {
            *used += 1;
            fault.what
        })
    }
}

fn decoded(text: &str) -> String {
    String::from_utf8(STANDARD.decode(text).unwrap_or_default()).unwrap_or_default()
}

/// What stands between `<` and `>`.
fn path(line: &str) -> String {
    let inner = line.split_once('<').map_or("", |(_, rest)| rest);
    inner.split_once('>').map_or("", |(path, _)| path).to_owned()
}

//! The mail itself: read, kept, and answered as the script wants it.

use std::io;
use std::sync::atomic::Ordering;

use tokio::io::{AsyncRead, AsyncWrite};

use super::super::{Received, What, header};
use super::Session;

impl<S: AsyncRead + AsyncWrite + Unpin> Session<'_, S> {
    /// Reads a body and does with it what is to be done; false when the connection ends.
    pub(super) async fn body(&mut self) -> io::Result<bool> {
        let recipient = self.to.first().cloned().unwrap_or_default();
        let fault = self.fault(&recipient, |what| !matches!(what, What::RefuseRecipient(_)));
        if let Some(What::DropWithinBody) = fault {
            self.fill().await?;
            return Ok(false);
        }
        let mut searched = 0_usize;
        let end = loop {
            if self.input.starts_with(b".\r\n") {
                break 0;
            }
            let from = searched.saturating_sub(4);
            if let Some(at) = self.input[from..].windows(5).position(|five| five == b"\r\n.\r\n") {
                break from + at + 2;
            }
            searched = self.input.len();
            if !self.fill().await? {
                return Ok(false);
            }
        };
        let stuffed: Vec<u8> = self.input.drain(..end + 3).take(end).collect();
        self.mails += 1;
        let code = match fault {
            Some(What::RefuseBody(code)) => Some(code),
            _ if recipient.is_empty() => Some(554),
            _ => None,
        };
        self.record(&stuffed, code.is_none() && !matches!(fault, Some(What::DropAfterBody | What::SilentAfterBody)));
        match fault {
            Some(What::DropAfterBody) => return Ok(false),
            Some(What::SilentAfterBody) => {
                while self.fill().await? {}
                return Ok(false);
            }
            Some(What::Slow(wait)) => tokio::time::sleep(wait).await,
            _ if !self.shared.script.moment.is_zero() => tokio::time::sleep(self.shared.script.moment).await,
            _ => {}
        }
        // Who holds them is there as long as this is.
        let _ = self.shared.held.subscribe().wait_for(|held| !held).await;
        match code {
            Some(code) => self.say(&format!("{code} 5.7.1 not this mail")),
            None => self.say("250 2.0.0 queued"),
        }
        Ok(true)
    }

    fn record(&mut self, stuffed: &[u8], accepted: bool) {
        let raw = unstuffed(stuffed);
        let message_id = header(&raw, "Message-ID");
        let (from, to) = (std::mem::take(&mut self.from), std::mem::take(&mut self.to));
        let received = Received { from, to, raw, message_id, connection: self.number, accepted };
        let mut kept = self.shared.received.lock().unwrap();
        if self.shared.script.keeps.is_none_or(|most| kept.len() < most) {
            kept.push(received);
        }
        drop(kept);
        if accepted {
            self.shared.accepted.fetch_add(1, Ordering::SeqCst);
        }
    }
}

fn unstuffed(stuffed: &[u8]) -> Vec<u8> {
    let mut raw = Vec::with_capacity(stuffed.len());
    let mut at_start = true;
    for &byte in stuffed {
        if !(at_start && byte == b'.') {
            raw.push(byte);
        }
        at_start = byte == b'\n';
    }
    raw
}

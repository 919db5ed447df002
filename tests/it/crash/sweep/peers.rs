//! The other sides of the channels that are swept.

use std::fmt::Debug;

use crate::support::esms::{API_KEY, BRANDNAME, EsmsTwin, SECRET_KEY};
use crate::support::http_stub::HttpStub;
use crate::support::preload::in_the_morning;
use crate::support::project::{Plan, Project};
use crate::support::smtp_sink::{SmtpScript, SmtpSink};
use crate::support::zalo::ZaloTwin;

/// One message as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arrival {
    pub(super) unit: String,
    pub(super) key: String,
    pub(super) bytes: Vec<u8>,
}

/// What may be true of one unit's message after a kill and a new start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// It may come twice: the same bytes under the same key.
    Same,
    /// The provider knows it by its key and takes it once.
    Once,
    /// The provider takes everything: what may have left is left to a person.
    Never,
}

/// The other side of a channel.
pub(super) trait Peer: Debug {
    const REPEAT: Repeat;
    /// The `[[channel]]` that leads to it.
    fn channel(&self, project: &Project) -> String;
    /// What else the installation needs before a round.
    fn prepare(&self, _: &Project) {}
    fn arrivals(&self) -> Vec<Arrival>;
}

#[derive(Debug)]
pub(super) struct Mail(SmtpSink);

impl Mail {
    pub(super) async fn start() -> Self {
        Self(SmtpSink::start(SmtpScript { pipelining: true, ..SmtpScript::default() }).await)
    }
}

impl Peer for Mail {
    const REPEAT: Repeat = Repeat::Same;

    fn channel(&self, _: &Project) -> String {
        Plan::default().mail(self.0.addr, 2).channels
    }

    fn arrivals(&self) -> Vec<Arrival> {
        let mails = self.0.received().into_iter();
        mails.map(|mail| Arrival { unit: mail.to[0].clone(), key: mail.message_id, bytes: mail.raw }).collect()
    }
}

#[derive(Debug)]
pub(super) struct Hook(HttpStub);

impl Hook {
    pub(super) async fn start() -> Self {
        Self(HttpStub::start([]).await)
    }
}

impl Peer for Hook {
    const REPEAT: Repeat = Repeat::Same;

    fn channel(&self, _: &Project) -> String {
        let url = self.0.url("/hook");
        format!("[[channel]]\nname = \"hook\"\nkind = \"webhook\"\nurl = \"{url}\"\nallow_private = true\n")
    }

    fn arrivals(&self) -> Vec<Arrival> {
        let arrival = |request: crate::support::http_stub::HttpRequest| {
            let body: serde_json::Value = serde_json::from_slice(&request.body).expect("JSON");
            Arrival {
                unit: body["unit_code"].as_str().expect("a unit").to_owned(),
                key: request.header("idempotency-key").to_owned(),
                bytes: request.body,
            }
        };
        self.0.requests().into_iter().map(arrival).collect()
    }
}

#[derive(Debug)]
pub(super) struct Text(EsmsTwin);

impl Text {
    pub(super) async fn start() -> Self {
        Self(EsmsTwin::start().await)
    }
}

impl Peer for Text {
    const REPEAT: Repeat = Repeat::Once;

    fn channel(&self, project: &Project) -> String {
        for (name, secret) in [("esms-key", API_KEY), ("esms-secret", SECRET_KEY)] {
            project.write(name, secret);
        }
        format!(
            "[[channel]]\nname = \"sms\"\nkind = \"sms\"\nprovider = \"esms\"\nurl = \"{}\"\nallow_private = true\n\
             api_key_file = \"esms-key\"\nsecret_key_file = \"esms-secret\"\nbrandname = \"{BRANDNAME}\"\n",
            self.0.url()
        )
    }

    fn arrivals(&self) -> Vec<Arrival> {
        assert_eq!(self.0.taken_twice(), Vec::<String>::new());
        let taken = self.0.taken().into_iter();
        taken.map(|sms| Arrival { unit: sms.phone, key: sms.request_id, bytes: sms.content.into_bytes() }).collect()
    }
}

#[derive(Debug)]
pub(super) struct Zalo(pub(super) ZaloTwin);

impl Zalo {
    pub(super) async fn start() -> Self {
        Self(ZaloTwin::start().await)
    }
}

impl Peer for Zalo {
    const REPEAT: Repeat = Repeat::Never;

    fn channel(&self, project: &Project) -> String {
        project.write("seal.key", "a-key-for-tests-of-more-than-32-characters\n");
        let channel = self.0.channel("");
        let (_, channel) = channel.split_once("[[channel]]").expect("a channel");
        format!("[secrets]\nkey_file = \"seal.key\"\n[[channel]]{channel}")
    }

    fn prepare(&self, project: &Project) {
        let mut command = project.command(&["zalo", "seed"]);
        in_the_morning(&mut command);
        let seeded = Project::fed(command, &self.0.pair());
        assert_eq!(seeded.code, 0, "{}", seeded.err);
    }

    fn arrivals(&self) -> Vec<Arrival> {
        let state = self.0.state();
        assert_eq!(state.sent_twice(), Vec::<&crate::support::zalo::Taken>::new());
        let taken = state.taken.iter();
        taken
            .map(|taken| Arrival {
                unit: taken.to.clone(),
                key: taken.tracking_id.clone(),
                bytes: taken.data.to_string().into_bytes(),
            })
            .collect()
    }
}

//! The pages: the built-in mailbox, an overview, the people, and what monitoring asks for. Rendered here, whole without any
//! script, and nothing in them comes from elsewhere.
//!
//! An edge: the pages show what the rooms stored, and change it through the rooms alone. `routes` is the table of all
//! addresses and who may use them, `gate` stands before each. Two addresses know nothing of people: figures come from
//! programs with a token of their source (`push`), answers of heads by the link in their letter (`reply`). What admins edit
//! is rendered in the message room's worker; the pages here are compiled into the program and escape all they show.

mod accounts;
mod addressee;
mod answers;
mod api;
mod approval;
mod asset;
mod attention;
mod audit;
mod calendar;
mod callback;
mod catalogue;
mod channel_test;
mod coming;
mod contact_words;
mod contacts;
mod contacts_files;
mod contacts_import;
mod contacts_preview;
mod contacts_unit;
mod editor;
mod factor;
mod figure_words;
mod find;
mod form;
mod frame;
mod gate;
mod go_live;
mod health;
mod heat_figures;
mod heat_file;
mod heat_map;
mod heat_wanted;
mod held;
mod help;
mod links;
mod live;
mod look;
mod mail;
mod mailbox;
mod mailbox_wanted;
mod metrics;
mod names;
mod oidc;
mod outbox;
mod outbox_deeds;
mod outbox_files;
mod outbox_one;
mod outbox_wanted;
mod outbox_words;
mod overview;
mod own_account;
mod page;
mod pause;
mod policy_words;
mod progress;
mod province;
mod push;
mod push_refused;
mod quality;
mod recent;
mod reform;
mod reform_form;
mod reform_words;
mod refused;
mod reminding;
mod reply;
mod reply_text;
mod routes;
mod schedule;
mod seldom;
mod session;
mod settings;
mod settings_values;
mod setup;
mod sign_in;
mod spark;
mod target_form;
mod target_words;
mod targets;
mod throttle;
mod tokens;
mod unit;
mod unit_chart;
mod unit_figures;
mod unit_next;
mod unit_people;
mod unit_story;
mod veil;
mod wall;
mod wizard;
mod words;

pub use routes::{Access, ROUTES, Route, Verb};

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;

use crate::app::{App, Intakes};
use crate::channel::Channel;
use crate::clock::Clock;
use crate::db::{Db, Sql};
use crate::oidc::Provider;
use crate::pass::Schedule;
use crate::people::Hasher;
use crate::reply::Settings as ReplySettings;
use crate::seal::Keys;

/// How long requests under way may still take after the stop.
const DRAIN: Duration = Duration::from_secs(10);

/// Every statement of this room.
pub const STATEMENTS: &[Sql] = &[
    addressee::HEADS,
    health::ANSWERS,
    health::MIGRATIONS,
    mail::BEFORE,
    mail::AFTER,
    metrics::OLDEST_PENDING,
    metrics::SCHEDULES,
    overview::LAST_ROUND,
    reply_text::ROUND,
];

/// What the pages stand on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A demonstration on sample figures: the mailbox is all there is, and every page says so.
    Demo,
    /// An installation.
    Daemon,
}

/// What every page needs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Site {
    /// The installation, for what needs its configuration, templates or channels.
    app: Option<Arc<App>>,
    db: Db,
    clock: Clock,
    mode: Mode,
    /// Where figures are handed in.
    intakes: Option<Arc<Intakes>>,
    /// When rounds are due, and under which address the pages are known.
    schedules: Arc<[Schedule]>,
    origin: Arc<str>,
    /// Whose providers may call.
    channels: Arc<[Arc<Channel>]>,
    /// How letters can be answered; `None`: no link leads anywhere.
    replies: Option<Arc<ReplySettings>>,
    /// Checks of message templates that are under way or done.
    checks: Arc<editor::Checks>,
    /// Judgements of the rounds that were looked at last.
    recent: Arc<recent::Recent>,
    throttle: Arc<throttle::Throttle>,
    /// Warnings that are caused from outside.
    seldom: Arc<seldom::Seldom>,
    /// How passwords are looked at, and what second factors are sealed with.
    hasher: Hasher,
    keys: Keys,
    /// The province's single sign-on.
    oidc: Option<Arc<Provider>>,
    /// Proxies that say whom they speak for.
    proxies: Arc<[IpAddr]>,
    /// How many requests failed so far; makes the references on error pages distinct.
    failures: Arc<AtomicU64>,
}

impl Site {
    /// Pages over `db`.
    pub fn new(db: Db, clock: Clock, mode: Mode) -> Self {
        let (schedules, origin) = (Arc::from([]), Arc::from(""));
        Self {
            app: None,
            db,
            clock,
            mode,
            intakes: None,
            schedules,
            origin,
            channels: Arc::from([]),
            replies: None,
            checks: Arc::default(),
            recent: Arc::default(),
            throttle: Arc::default(),
            seldom: Arc::default(),
            hasher: Hasher::default(),
            keys: Keys::default(),
            oidc: None,
            proxies: Arc::from([]),
            failures: Arc::default(),
        }
    }

    /// The pages of an installation.
    pub fn of(app: &Arc<App>, mode: Mode) -> Self {
        let (server, config) = (&app.config.server, &app.config);
        Self { app: Some(Arc::clone(app)), ..Self::new(app.db.clone(), app.clock.clone(), mode) }
            .answering(&config.reply)
            .with_people(&config.keys, &server.trusted_proxies)
            .with_schedules(&config.schedules, &server.public_url)
            .vouched_by(config.oidc.clone().map(Provider::new))
    }

    /// The same, and figures can be pushed to the sources of `intakes`.
    #[must_use]
    pub fn receiving(self, intakes: Arc<Intakes>) -> Self {
        Self { intakes: Some(intakes), ..self }
    }

    /// The same, and the providers of `channels` may call.
    #[must_use]
    pub fn hearing(self, channels: &[Arc<Channel>]) -> Self {
        Self { channels: Arc::from(channels), ..self }
    }

    /// The same, and letters can be answered by their links, as `settings` say.
    #[must_use]
    pub fn answering(self, settings: &ReplySettings) -> Self {
        let replies = (!settings.keys.is_empty()).then(|| Arc::new(settings.clone()));
        Self { replies, ..self }
    }

    /// The same with the schedules of an installation that is known as `public_url`.
    #[must_use]
    pub fn with_schedules(self, schedules: &[Schedule], public_url: &str) -> Self {
        Self { schedules: Arc::from(schedules), origin: Arc::from(public_url), ..self }
    }
}

impl Site {
    /// The same; second factors are sealed with `keys`, and `proxies` are believed when they say whom they speak for.
    #[must_use]
    pub fn with_people(self, keys: &Keys, proxies: &[IpAddr]) -> Self {
        Self { keys: keys.clone(), proxies: Arc::from(proxies), ..self }
    }

    /// The same; this single sign-on says who people are.
    #[must_use]
    pub fn vouched_by(self, provider: Option<Provider>) -> Self {
        Self { oidc: provider.map(Arc::new), ..self }
    }

    /// The same, with this one in charge of passwords.
    #[must_use]
    pub fn hashing(self, hasher: &Hasher) -> Self {
        Self { hasher: hasher.clone(), ..self }
    }
}

/// Answers requests on `listener` until `stop` is cancelled, then finishes those under way, for ten seconds at most.
///
/// # Errors
/// When the listener breaks.
pub async fn serve(listener: TcpListener, site: Site, stop: CancellationToken) -> std::io::Result<()> {
    let listener = listener.tap_io(|stream| {
        // Without it an answer waits for the peer's acknowledgement; a socket that refuses still works.
        let _ = stream.set_nodelay(true);
    });
    let stopped = stop.clone();
    let serving = axum::serve(listener, router(site).into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(async move { stopped.cancelled().await });
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        ended = serving => ended,
        () = overdue => {
            tracing::warn!("a reader of the pages did not finish in time and was cut off");
            Ok(())
        }
    }
}

/// Every route with its headers, error pages and time limit.
pub fn router(site: Site) -> Router {
    // Behind the pages' time limit, which is too short for a file on its way.
    let push = push::router(&site).layer(axum::middleware::from_fn(page::headers));
    routes::router(&site)
        .fallback(page::not_found)
        .method_not_allowed_fallback(page::method_not_allowed)
        .layer(axum::middleware::from_fn_with_state(site.clone(), page::guard))
        // Files were compressed when the program was built.
        .layer(CompressionLayer::new().compress_when(page::is_page))
        .with_state(site)
        .merge(push)
}

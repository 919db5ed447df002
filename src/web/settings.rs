//! What is configured, read only; trial mode and what is left to do before it ends.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::Site;
use super::catalogue::Tongue;
use super::page::{Failure, Frame, Place, page};
use super::session::Visitor;
use super::settings_values::{self, Group};
use super::veil::veiled;
use crate::app::{App, today};
use crate::outbox::{self, State as At};
use crate::pass::Approval;
use crate::people::{self, Action, Deed};
use crate::{catalog, channel, dispatch, pass};

/// A channel.
#[derive(Debug)]
struct Way {
    name: String,
    kind: &'static str,
    real: bool,
    mail: bool,
    /// Why it rests, if it does.
    rests: Option<String>,
}

/// One thing to do before messages go to everybody.
#[derive(Debug)]
struct Check {
    done: bool,
    what: &'static str,
    how: String,
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    frame: Frame,
    /// Whether whoever looks may take the steps of set-up.
    sets_up: bool,
    may: bool,
    trial: bool,
    allow: Vec<String>,
    checks: Vec<Check>,
    left: usize,
    channels: Vec<Way>,
    /// Where tests may be sent, whole for who may send them.
    testers: Vec<String>,
    /// The values of the configuration that were looked for.
    groups: Vec<Group>,
    found: usize,
    sought: String,
    file: String,
}

pub(super) async fn show(State(site): State<Site>, visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let sought = settings_values::sought(query);
    let shown = async { page(&shown(&site, &visitor, sought).await?) }.await;
    site.answer(shown)
}

async fn shown(site: &Site, visitor: &Visitor, sought: String) -> Result<SettingsPage, Failure> {
    if !visitor.sees_all() {
        return Err(Failure::NotFound);
    }
    let app = site.app()?;
    let may = visitor.may(Action::Approve);
    let hidden = |text: &str| if may { text.to_owned() } else { veiled(text) };
    let t = visitor.tongue;
    let checks = checks(t, site, app).await?;
    let resting = dispatch::resting(&site.db).await?;
    let groups = settings_values::groups(t, &app.config.shown, &sought, &hidden);
    let channels = app.config.channels.iter().map(|channel| Way {
        name: channel.name.clone(),
        kind: kind(t, channel.word()),
        real: channel.is_real(),
        mail: channel.word() == "email",
        rests: resting.iter().find(|one| one.channel == channel.name).map(|one| hidden(&one.reason)),
    });
    Ok(SettingsPage {
        frame: Frame::told(site, visitor, Place::Settings, "settings.title"),
        sets_up: visitor.may(Action::Configure),
        may,
        trial: app.config.safety.trial,
        allow: app.config.safety.allow.iter().map(|address| hidden(address)).collect(),
        left: checks.iter().filter(|check| !check.done).count(),
        checks,
        channels: channels.collect(),
        testers: if may { app.test_addresses().into_iter().map(ToOwned::to_owned).collect() } else { Vec::new() },
        found: groups.iter().map(|group| group.lines.len()).sum(),
        groups,
        sought,
        file: app
            .config
            .file
            .as_ref()
            .map_or_else(|| t.say("settings.shipped").to_owned(), |file| file.display().to_string()),
    })
}

fn kind(t: Tongue, word: &str) -> &'static str {
    t.say(match word {
        "email" => "settings.kind_email",
        "capture" => "settings.kind_capture",
        "file" => "settings.kind_file",
        "webhook" => "settings.kind_webhook",
        "sms" => "settings.kind_sms",
        "zalo" => "settings.kind_zalo",
        _ => "settings.kind_zalo_bot",
    })
}

/// What is still to be done before `trial = false`.
async fn checks(t: Tongue, site: &Site, app: &App) -> Result<Vec<Check>, Failure> {
    let day = today(site.clock.now());
    let headless = catalog::headless(&site.db, day).await?.len();
    let pack = catalog::load(&site.db).await?;
    let without: Vec<&str> = {
        let valid =
            |id: &catalog::IndicatorId| pack.targets.iter().any(|one| one.indicator == *id && one.valid.covers(day));
        pack.indicators.iter().filter(|one| !valid(&one.id)).map(|one| one.short_name.as_str()).collect()
    };
    let rounds = pass::done_rounds(&site.db).await?;
    let tested = people::Wanted { deed: Deed::ChannelTested.word().to_owned(), limit: 1, ..people::Wanted::default() };
    let tested = !people::list(&site.db, &tested).await?.is_empty();
    let tally = outbox::tally(&site.db, None).await?;
    let read = tally.of(At::Sent) > 0 || channel::captured_count(&site.db).await? > 0;
    let admins = people::admins(&site.db).await?;
    let outside = app.config.channels.iter().any(channel::Settings::is_real);
    let approved = app.config.safety.approval != Approval::Never;
    let nobody = t.count("checks.nobody", headless);
    let aimless = t.with("checks.aimless", without.join(", "));
    let all = [
        (headless == 0, "checks.recipients", nobody.as_str()),
        (without.is_empty(), "checks.targets", &aimless),
        (!rounds.is_empty(), "checks.round", t.say("checks.round_do")),
        (read, "checks.read", t.say("checks.read_do")),
        (outside, "checks.channel", t.say("checks.channel_do")),
        (tested, "checks.tested", t.say("checks.tested_do")),
        (approved, "checks.approval", t.say("checks.approval_do")),
        (admins >= 2, "checks.admins", t.say("checks.admins_do")),
    ];
    let check = |(done, what, how): (bool, &'static str, &str)| {
        let how = if done { String::new() } else { how.to_owned() };
        Check { done, what: t.say(what), how }
    };
    Ok(all.map(check).into())
}

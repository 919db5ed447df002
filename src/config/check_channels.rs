//! What channels can get wrong among themselves: keys in clear, words that can be guessed, names that nobody has.

use secrecy::ExposeSecret as _;

use super::Config;
use super::address::host_port;
use super::check::is_local;
use super::problem::Problem;
use crate::channel::{Esms, Exchange, Kind, Provider};
use crate::decision::Step;
use crate::pass::What;

/// Characters of a word that nobody guesses, at least.
const TOKEN: usize = 24;

/// Secrets that would travel in clear. For providers whose contract has no TLS it is a warning: they are reached through
/// a network of their own.
pub(super) fn secrets_in_clear(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, channel) in config.channels.iter().enumerate() {
        let problem: fn(&'static str, String, &'static str) -> Problem = match &channel.kind {
            Kind::Sms(sms) => match &sms.provider {
                Provider::Esms(esms) if is_clear(&esms.url) => Problem::error,
                Provider::Http(exchange) if sends_in_clear(exchange) => Problem::warning,
                _ => continue,
            },
            Kind::Webhook(webhook) if webhook.exchange.as_deref().is_some_and(sends_in_clear) => Problem::warning,
            _ => continue,
        };
        let message = format!("channel {:?} sends its secrets in clear over http://", channel.name);
        let hint = "write https:// in `url`; without TLS at the provider, reach it through a network of your own only";
        problems.push(config.located(&format!("channel[{at}].url")).of(problem("password_in_clear", message, hint)));
    }
    problems
}

fn sends_in_clear(exchange: &Exchange) -> bool {
    !exchange.secrets.is_empty() && is_clear(&exchange.url.shown())
}

/// Whether an address is of another machine and without TLS.
fn is_clear(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let host = host_port(rest.split(['/', '?']).next().unwrap_or_default());
    !host.is_some_and(|(host, _)| is_local(host))
}

/// A word in the address of a provider's calls that somebody could guess.
pub(super) fn weak_callback_tokens(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, channel) in config.channels.iter().enumerate() {
        let Kind::Sms(sms) = &channel.kind else { continue };
        let Provider::Esms(Esms { callback_token: Some(token), .. }) = &sms.provider else { continue };
        let fits =
            |word: &str| word.len() >= TOKEN && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        if !token.expose_secret().split_whitespace().all(fits) {
            let message = format!(
                "the callback token of channel {:?} has less than {TOKEN} characters, or others than letters and digits",
                channel.name
            );
            let problem = Problem::error("token_weak", message, "make one of random bytes: `openssl rand -hex 24`");
            problems.push(config.located(&format!("channel[{at}].callback_token_file")).of(problem));
        }
    }
    problems
}

/// Channels that steps of the policy name and nobody describes.
pub(super) fn unknown_in_steps(config: &Config) -> Vec<Problem> {
    let unknown = |step: &Step| {
        let name = step.channels.iter().find(|name| !is_known(config, name))?;
        let message = format!("step {:?} of the policy names the channel {name:?}, and there is none", step.name);
        Some(config.located("policy").of(Problem::error("step_channel_unknown", message, known_ones(config))))
    };
    config.rules.policy.steps().filter_map(unknown).collect()
}

/// Channels that are to step in and that nobody describes: messages would quietly have one way less.
pub(super) fn unknown_in_fallback(config: &Config) -> Vec<Problem> {
    let unknown = config.delivery.fallback.iter().filter(|name| !is_known(config, name));
    let problem = |name: &String| {
        let message = format!("`delivery.fallback` names the channel {name:?}, and there is none");
        let problem = Problem::error("fallback_channel_unknown", message, known_ones(config));
        config.located("delivery.fallback").of(problem)
    };
    unknown.map(problem).collect()
}

/// Our template of the superiors' digests.
const DIGEST: &str = "superior_digest";

/// Planned digests that some or all channels do not carry: who is reached by those alone gets none.
pub(super) fn carry_no_digest(config: &Config) -> Vec<Problem> {
    let Some(at) = config.schedules.iter().position(|schedule| schedule.what == What::Digest) else {
        return Vec::new();
    };
    let refusals = config.channels.iter().map(|channel| (channel, channel.refuses_roll_up(DIGEST)));
    let refusing: Vec<_> = refusals.filter_map(|(channel, why)| Some((&channel.name, why?))).collect();
    if refusing.is_empty() {
        return Vec::new();
    }
    let (whom, hint) = if refusing.len() == config.channels.len() {
        ("no superior gets one", "add a channel that carries them, by mail for example, or remove the schedule")
    } else {
        (
            "superiors whom no other channel reaches get none",
            "see that contacts.csv has an e-mail address for each of them",
        )
    };
    let problem = |(name, why): &(&String, String)| {
        let message = format!("channel {name:?} carries no digests, which a schedule plans: {why}; {whom}");
        config.located(&format!("schedule[{at}].what")).of(Problem::warning("digest_not_carried", message, hint))
    };
    refusing.iter().map(problem).collect()
}

fn is_known(config: &Config, name: &str) -> bool {
    config.channels.iter().any(|channel| channel.name == name)
}

fn known_ones(config: &Config) -> String {
    let names: Vec<&str> = config.channels.iter().map(|channel| channel.name.as_str()).collect();
    format!("name one of {}", names.join(", "))
}

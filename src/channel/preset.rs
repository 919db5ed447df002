//! What is known of other people's services, as data: each is a `[[channel]]` without a name.

/// All presets: name and TOML.
pub const PRESETS: [(&str, &str); 10] = [
    ("alertmanager", include_str!("../../presets/channels/alertmanager.toml")),
    ("fpt", include_str!("../../presets/channels/fpt.toml")),
    ("mattermost", include_str!("../../presets/channels/mattermost.toml")),
    ("slack", include_str!("../../presets/channels/slack.toml")),
    ("speedsms", include_str!("../../presets/channels/speedsms.toml")),
    ("stringee", include_str!("../../presets/channels/stringee.toml")),
    ("teams", include_str!("../../presets/channels/teams.toml")),
    ("telegram", include_str!("../../presets/channels/telegram.toml")),
    ("viettel", include_str!("../../presets/channels/viettel.toml")),
    ("vnpt", include_str!("../../presets/channels/vnpt.toml")),
];

//! The province's single sign-on (OIDC): asks it who somebody is, and believes only what proves itself.
//!
//! Authorization code flow with PKCE. The room knows the protocol; which account that is, and whether it may come in, is the
//! matter of `people`. What `openidconnect` wants fetched leaves by the `http` room like everything else.

mod claims;
mod endpoints;
mod flow;
mod provider;

pub use claims::{Given, Vouched};
pub use flow::{Flow, LASTS};
pub use provider::{OidcError, Provider};

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use crate::people::Role;

/// `[sign_in.oidc]` of the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who vouches, exactly as its discovery document names itself.
    pub issuer: String,
    /// As whom we are registered there.
    pub client_id: String,
    /// What we prove that with.
    pub client_secret: SecretString,
    /// What is asked for besides `openid`.
    pub scopes: Vec<String>,
    /// The claim of the ID token that is the login name here.
    pub login_claim: String,
    /// The claim with the roles; `None`: accounts exist beforehand and keep theirs.
    pub role_claim: Option<String>,
    /// Which role each of its values means.
    pub roles: Vec<(String, Role)>,
    /// Whether a password is taken at the door as well.
    pub password: bool,
    /// What the button says; `None`: the words of the pages.
    pub button: Option<String>,
    /// Whether the provider may have a private or loopback address.
    pub allow_private: bool,
    /// A PEM file with authorities that are trusted besides the machine's.
    pub ca_file: Option<PathBuf>,
    /// Time for each of its answers.
    pub timeout: Duration,
}

//! Why something about people is not done.

use crate::db::DbError;

/// What the rules refuse. The pages say it in their own words, by [`Refusal::key`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Login name, password or code does not fit; which of them is nobody's business.
    #[error("login name, password or code is not right")]
    NotRight,
    /// Too many tries in the last minute.
    #[error("too many tries\n  remedy: try again in a minute")]
    TooMany,
    /// The login name has letters that it may not have.
    #[error("a login name has 2 to 60 small letters, digits and . _ - @\n  remedy: for example nguyen.van.a")]
    LoginForm,
    /// Somebody has that login name.
    #[error("this login name is taken\n  remedy: choose another; a disabled account can be enabled again")]
    LoginTaken,
    /// A person has a name.
    #[error("a name is missing or too long\n  remedy: give 1 to 100 characters")]
    NameForm,
    /// The password is easy to guess.
    #[error(
        "a password has at least 12 characters, 5 of them different, and not the login name in it\n  remedy: take \
         several words"
    )]
    PasswordWeak,
    /// Hashing it would take long.
    #[error("a password has at most 1,024 bytes\n  remedy: take a shorter one")]
    PasswordLong,
    /// There is no such account, or it is disabled.
    #[error("there is no such account\n  remedy: see them with `dondoc user list`")]
    NoAccount,
    /// Nobody could manage the others any more.
    #[error("this is the last administrator\n  remedy: make another one first")]
    LastAdmin,
    /// The first administrator is there.
    #[error("there is an administrator already\n  remedy: he adds accounts, or `dondoc user add` does")]
    SetupOver,
    /// The one-time code is wrong, used, or too old.
    #[error(
        "the code is not right, was used, or is older than 30 minutes\n  remedy: `dondoc setup-code` prints another"
    )]
    SetupCode,
    /// No unit has this id.
    #[error("no unit has this code\n  remedy: see the codes with `dondoc report`")]
    NoUnit,
    /// Secrets of second factors are sealed, and there is no key.
    #[error("a second factor needs a key in [secrets]\n  remedy: give [secrets] key_file")]
    NoKey,
    /// The single sign-on vouches for somebody who has no account here.
    #[error(
        "there is no account for this person\n  remedy: add one with this login name, on the pages or by `dondoc user add`"
    )]
    Unknown,
    /// The single sign-on vouches for somebody whose account is disabled.
    #[error("this account is disabled\n  remedy: `dondoc user enable`")]
    Disabled,
    /// The account belongs to another person of the single sign-on.
    #[error(
        "this account belongs to another person of the single sign-on\n  remedy: where it shall change hands, `dondoc user unbind`"
    )]
    Bound,
    /// The single sign-on gives somebody no role that means one here.
    #[error("the single sign-on gives this person no role here\n  remedy: see [sign_in.oidc.roles]")]
    NoRole,
    /// There is no such token, or it was revoked.
    #[error("there is no such token\n  remedy: see them with `dondoc token list`")]
    NoToken,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::NotRight,
        Self::TooMany,
        Self::LoginForm,
        Self::LoginTaken,
        Self::NameForm,
        Self::PasswordWeak,
        Self::PasswordLong,
        Self::NoAccount,
        Self::LastAdmin,
        Self::SetupOver,
        Self::SetupCode,
        Self::NoUnit,
        Self::NoKey,
        Self::Unknown,
        Self::Disabled,
        Self::Bound,
        Self::NoRole,
        Self::NoToken,
    ];

    /// Its name in the catalogue of words.
    pub const fn key(self) -> &'static str {
        match self {
            Self::NotRight => "refusal.not_right",
            Self::TooMany => "refusal.too_many",
            Self::LoginForm => "refusal.login_form",
            Self::LoginTaken => "refusal.login_taken",
            Self::NameForm => "refusal.name_form",
            Self::PasswordWeak => "refusal.password_weak",
            Self::PasswordLong => "refusal.password_long",
            Self::NoAccount => "refusal.no_account",
            Self::LastAdmin => "refusal.last_admin",
            Self::SetupOver => "refusal.setup_over",
            Self::SetupCode => "refusal.setup_code",
            Self::NoUnit => "refusal.no_unit",
            Self::NoKey => "refusal.no_key",
            Self::Unknown => "refusal.unknown",
            Self::Disabled => "refusal.disabled",
            Self::Bound => "refusal.bound",
            Self::NoRole => "refusal.no_role",
            Self::NoToken => "refusal.no_token",
        }
    }
}

/// Why something about people was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PeopleError {
    /// A rule says no; the person can do something about it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The engine's.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The machine gives no random numbers, or hashing failed: nothing is let in.
    #[error("{0}")]
    Machine(&'static str),
}

impl From<sqlx::Error> for PeopleError {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}

/// What is said when the machine gives no random numbers.
pub(super) const NO_DICE: PeopleError = PeopleError::Machine("this machine gives no random numbers");

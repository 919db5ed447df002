//! What is done to people and by them, as the audit log names it.

/// What is done to people and by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// A one-time code for the first administrator was printed.
    SetupCodeMade,
    /// It made an administrator.
    SetUp,
    /// Somebody signed in.
    SignedIn,
    /// Somebody who is known did not get in.
    SignInRefused,
    /// Somebody signed out.
    SignedOut,
    /// A session was ended from another one.
    SessionsEnded,
    /// An account was added.
    AccountAdded,
    /// Its name, role or scope changed.
    AccountChanged,
    /// It was disabled.
    AccountDisabled,
    /// It was enabled again.
    AccountEnabled,
    /// Its names were taken out for good.
    AccountForgotten,
    /// Its person chose another password.
    PasswordChanged,
    /// Another person gave it a password.
    PasswordGiven,
    /// The second factor was switched on.
    SecondFactorOn,
    /// It was switched off.
    SecondFactorOff,
    /// A code on paper stood in for it.
    RecoveryCodeUsed,
    /// A token was made.
    TokenAdded,
    /// It was revoked.
    TokenRevoked,
    /// The log was taken out as a file.
    AuditExported,
    /// A draft of a message template was put in force.
    TemplatePublished,
    /// An older text of one was.
    TemplateRestored,
    /// A draft of one was discarded.
    TemplateDiscarded,
}

impl Deed {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::SetupCodeMade,
        Self::SetUp,
        Self::SignedIn,
        Self::SignInRefused,
        Self::SignedOut,
        Self::SessionsEnded,
        Self::AccountAdded,
        Self::AccountChanged,
        Self::AccountDisabled,
        Self::AccountEnabled,
        Self::AccountForgotten,
        Self::PasswordChanged,
        Self::PasswordGiven,
        Self::SecondFactorOn,
        Self::SecondFactorOff,
        Self::RecoveryCodeUsed,
        Self::TokenAdded,
        Self::TokenRevoked,
        Self::AuditExported,
        Self::TemplatePublished,
        Self::TemplateRestored,
        Self::TemplateDiscarded,
    ];

    /// As it is stored.
    pub const fn word(self) -> &'static str {
        match self {
            Self::SetupCodeMade => "setup_code_made",
            Self::SetUp => "set_up",
            Self::SignedIn => "signed_in",
            Self::SignInRefused => "sign_in_refused",
            Self::SignedOut => "signed_out",
            Self::SessionsEnded => "sessions_ended",
            Self::AccountAdded => "account_added",
            Self::AccountChanged => "account_changed",
            Self::AccountDisabled => "account_disabled",
            Self::AccountEnabled => "account_enabled",
            Self::AccountForgotten => "account_forgotten",
            Self::PasswordChanged => "password_changed",
            Self::PasswordGiven => "password_given",
            Self::SecondFactorOn => "second_factor_on",
            Self::SecondFactorOff => "second_factor_off",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::TokenAdded => "token_added",
            Self::TokenRevoked => "token_revoked",
            Self::AuditExported => "audit_exported",
            Self::TemplatePublished => "template_published",
            Self::TemplateRestored => "template_restored",
            Self::TemplateDiscarded => "template_discarded",
        }
    }
}

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
    /// Somebody was put into an office of the directory.
    ContactAdded,
    /// An office is held otherwise.
    ContactChanged,
    /// Somebody's term in an office was ended.
    ContactEnded,
    /// A sheet of contacts was written into the directory.
    ContactsImported,
    /// That was taken back.
    ContactsImportUndone,
    /// The directory was taken out as a file.
    ContactsExported,
    /// It was decided whom a source means by a name.
    NameMatched,
    /// That was taken back.
    NameUnmatched,
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
        Self::ContactAdded,
        Self::ContactChanged,
        Self::ContactEnded,
        Self::ContactsImported,
        Self::ContactsImportUndone,
        Self::ContactsExported,
        Self::NameMatched,
        Self::NameUnmatched,
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
            Self::ContactAdded => "contact_added",
            Self::ContactChanged => "contact_changed",
            Self::ContactEnded => "contact_ended",
            Self::ContactsImported => "contacts_imported",
            Self::ContactsImportUndone => "contacts_import_undone",
            Self::ContactsExported => "contacts_exported",
            Self::NameMatched => "name_matched",
            Self::NameUnmatched => "name_unmatched",
        }
    }
}

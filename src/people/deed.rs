//! What is done to people and by them, as the audit log names it.

/// What is done to people and by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// A one-time code for the first administrator was printed.
    SetupCodeMade,
    /// It made an administrator.
    SetUp,
    /// A step of the first set-up was done, or left for later.
    SetupStep,
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
    /// It was taken from whom the single sign-on knows it by.
    AccountUnbound,
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
    /// A pack took the place of the catalog.
    CatalogImported,
    /// A draft of a message template was saved.
    TemplateDrafted,
    /// A draft of one was put in force.
    TemplatePublished,
    /// An older text of one was.
    TemplateRestored,
    /// A draft of one was discarded.
    TemplateDiscarded,
    /// Messages were offered again.
    MessagesRetried,
    /// Held messages were let go.
    MessagesLetGo,
    /// Messages were held.
    MessagesHeld,
    /// Messages were taken back.
    MessagesCancelled,
    /// What became of a message was found out.
    MessageResolved,
    /// One of these was undone.
    MendingUndone,
    /// A message was taken out as a file.
    MessageTaken,
    /// A batch was let go by a second person.
    BatchApproved,
    /// A batch was not let go, and taken back.
    BatchRefused,
    /// All sending was stopped.
    SendingPaused,
    /// It goes on.
    SendingResumed,
    /// A target was added.
    TargetAdded,
    /// A channel was tried.
    ChannelTested,
    /// A letter made of one was sent to the built-in mailbox to look at.
    TestLetterSent,
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
    /// A round that the quality gate held was let through.
    RoundReleased,
    /// Something is not reminded of for a while.
    SilenceSaid,
    /// That was ended before its day.
    SilenceEnded,
    /// What an answer or a bounced address asked of staff is done.
    ReplyClosed,
    /// All links that a recipient had were ended.
    LinksRevoked,
    /// Corrections of letters that left were written.
    CorrectionsWritten,
    /// Digests, sheets or notes were written out of turn.
    RollUpWritten,
    /// A round was run out of turn.
    RoundStarted,
    /// A pair of tokens of Zalo was brought.
    ZaloTokensBrought,
    /// A code was made by which a head binds a chat.
    ChatOffered,
    /// A merger, split, new name, end or beginning of units was recorded.
    UnitsReformed,
    /// That was taken back.
    UnitsReformUndone,
    /// A target was ended before its last day.
    TargetEnded,
    /// A target that was added was taken back.
    TargetTakenBack,
}

impl Deed {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::SetupCodeMade,
        Self::SetUp,
        Self::SetupStep,
        Self::SignedIn,
        Self::SignInRefused,
        Self::SignedOut,
        Self::SessionsEnded,
        Self::AccountAdded,
        Self::AccountChanged,
        Self::AccountDisabled,
        Self::AccountEnabled,
        Self::AccountForgotten,
        Self::AccountUnbound,
        Self::PasswordChanged,
        Self::PasswordGiven,
        Self::SecondFactorOn,
        Self::SecondFactorOff,
        Self::RecoveryCodeUsed,
        Self::TokenAdded,
        Self::TokenRevoked,
        Self::AuditExported,
        Self::CatalogImported,
        Self::TemplateDrafted,
        Self::TemplatePublished,
        Self::TemplateRestored,
        Self::TemplateDiscarded,
        Self::MessagesRetried,
        Self::MessagesLetGo,
        Self::MessagesHeld,
        Self::MessagesCancelled,
        Self::MessageResolved,
        Self::MendingUndone,
        Self::MessageTaken,
        Self::BatchApproved,
        Self::BatchRefused,
        Self::SendingPaused,
        Self::SendingResumed,
        Self::TargetAdded,
        Self::ChannelTested,
        Self::TestLetterSent,
        Self::ContactAdded,
        Self::ContactChanged,
        Self::ContactEnded,
        Self::ContactsImported,
        Self::ContactsImportUndone,
        Self::ContactsExported,
        Self::NameMatched,
        Self::NameUnmatched,
        Self::RoundReleased,
        Self::SilenceSaid,
        Self::SilenceEnded,
        Self::ReplyClosed,
        Self::LinksRevoked,
        Self::CorrectionsWritten,
        Self::RollUpWritten,
        Self::RoundStarted,
        Self::ZaloTokensBrought,
        Self::ChatOffered,
        Self::UnitsReformed,
        Self::UnitsReformUndone,
        Self::TargetEnded,
        Self::TargetTakenBack,
    ];

    /// As it is stored.
    pub const fn word(self) -> &'static str {
        match self {
            Self::SetupCodeMade => "setup_code_made",
            Self::SetUp => "set_up",
            Self::SetupStep => "setup_step",
            Self::SignedIn => "signed_in",
            Self::SignInRefused => "sign_in_refused",
            Self::SignedOut => "signed_out",
            Self::SessionsEnded => "sessions_ended",
            Self::AccountAdded => "account_added",
            Self::AccountChanged => "account_changed",
            Self::AccountDisabled => "account_disabled",
            Self::AccountEnabled => "account_enabled",
            Self::AccountForgotten => "account_forgotten",
            Self::AccountUnbound => "account_unbound",
            Self::PasswordChanged => "password_changed",
            Self::PasswordGiven => "password_given",
            Self::SecondFactorOn => "second_factor_on",
            Self::SecondFactorOff => "second_factor_off",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::TokenAdded => "token_added",
            Self::TokenRevoked => "token_revoked",
            Self::AuditExported => "audit_exported",
            Self::CatalogImported => "catalog_imported",
            Self::TemplateDrafted => "template_drafted",
            Self::TemplatePublished => "template_published",
            Self::TemplateRestored => "template_restored",
            Self::TemplateDiscarded => "template_discarded",
            Self::MessagesRetried => "messages_retried",
            Self::MessagesLetGo => "messages_let_go",
            Self::MessagesHeld => "messages_held",
            Self::MessagesCancelled => "messages_cancelled",
            Self::MessageResolved => "message_resolved",
            Self::MendingUndone => "mending_undone",
            Self::MessageTaken => "message_taken",
            Self::BatchApproved => "batch_approved",
            Self::BatchRefused => "batch_refused",
            Self::SendingPaused => "sending_paused",
            Self::SendingResumed => "sending_resumed",
            Self::TargetAdded => "target_added",
            Self::ChannelTested => "channel_tested",
            Self::TestLetterSent => "test_letter_sent",
            Self::ContactAdded => "contact_added",
            Self::ContactChanged => "contact_changed",
            Self::ContactEnded => "contact_ended",
            Self::ContactsImported => "contacts_imported",
            Self::ContactsImportUndone => "contacts_import_undone",
            Self::ContactsExported => "contacts_exported",
            Self::NameMatched => "name_matched",
            Self::NameUnmatched => "name_unmatched",
            Self::RoundReleased => "round_released",
            Self::SilenceSaid => "silence_said",
            Self::SilenceEnded => "silence_ended",
            Self::ReplyClosed => "reply_closed",
            Self::LinksRevoked => "links_revoked",
            Self::CorrectionsWritten => "corrections_written",
            Self::RollUpWritten => "roll_up_written",
            Self::RoundStarted => "round_started",
            Self::ZaloTokensBrought => "zalo_tokens_brought",
            Self::ChatOffered => "chat_offered",
            Self::UnitsReformed => "units_reformed",
            Self::UnitsReformUndone => "units_reform_undone",
            Self::TargetEnded => "target_ended",
            Self::TargetTakenBack => "target_taken_back",
        }
    }
}

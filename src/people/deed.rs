//! What is done to people and by them, as the audit log names it.

/// Each deed stands once, with its meaning and its word.
macro_rules! deeds {
    ($($(#[$meaning:meta])+ $name:ident = $word:literal,)+) => {
        /// What is done to people and by them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Deed {
            $($(#[$meaning])+ $name,)+
        }

        impl Deed {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// As it is stored.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }
    };
}

deeds! {
    /// A one-time code for the first administrator was printed.
    SetupCodeMade = "setup_code_made",
    /// It made an administrator.
    SetUp = "set_up",
    /// A step of the first set-up was done, or left for later.
    SetupStep = "setup_step",
    /// Somebody signed in.
    SignedIn = "signed_in",
    /// Somebody who is known did not get in.
    SignInRefused = "sign_in_refused",
    /// Somebody signed out.
    SignedOut = "signed_out",
    /// A session was ended from another one.
    SessionsEnded = "sessions_ended",
    /// An account was added.
    AccountAdded = "account_added",
    /// Its name, role or scope changed.
    AccountChanged = "account_changed",
    /// It was disabled.
    AccountDisabled = "account_disabled",
    /// It was enabled again.
    AccountEnabled = "account_enabled",
    /// Its names were taken out for good.
    AccountForgotten = "account_forgotten",
    /// It was taken from whom the single sign-on knows it by.
    AccountUnbound = "account_unbound",
    /// Its person chose another password.
    PasswordChanged = "password_changed",
    /// Another person gave it a password.
    PasswordGiven = "password_given",
    /// The second factor was switched on.
    SecondFactorOn = "second_factor_on",
    /// It was switched off.
    SecondFactorOff = "second_factor_off",
    /// A code on paper stood in for it.
    RecoveryCodeUsed = "recovery_code_used",
    /// A token was made.
    TokenAdded = "token_added",
    /// It was revoked.
    TokenRevoked = "token_revoked",
    /// The log was taken out as a file.
    AuditExported = "audit_exported",
    /// A pack took the place of the catalog.
    CatalogImported = "catalog_imported",
    /// A draft of a message template was saved.
    TemplateDrafted = "template_drafted",
    /// A draft of one was put in force.
    TemplatePublished = "template_published",
    /// An older text of one was.
    TemplateRestored = "template_restored",
    /// A draft of one was discarded.
    TemplateDiscarded = "template_discarded",
    /// Messages were offered again.
    MessagesRetried = "messages_retried",
    /// Held messages were let go.
    MessagesLetGo = "messages_let_go",
    /// Messages were held.
    MessagesHeld = "messages_held",
    /// Messages were taken back.
    MessagesCancelled = "messages_cancelled",
    /// What became of a message was found out.
    MessageResolved = "message_resolved",
    /// One of these was undone.
    MendingUndone = "mending_undone",
    /// A message was taken out as a file.
    MessageTaken = "message_taken",
    /// A batch was let go by a second person.
    BatchApproved = "batch_approved",
    /// A batch was not let go, and taken back.
    BatchRefused = "batch_refused",
    /// All sending was stopped.
    SendingPaused = "sending_paused",
    /// It goes on.
    SendingResumed = "sending_resumed",
    /// A target was added.
    TargetAdded = "target_added",
    /// A channel was tried.
    ChannelTested = "channel_tested",
    /// A letter made of one was sent to the built-in mailbox to look at.
    TestLetterSent = "test_letter_sent",
    /// Somebody was put into an office of the directory.
    ContactAdded = "contact_added",
    /// An office is held otherwise.
    ContactChanged = "contact_changed",
    /// Somebody's term in an office was ended.
    ContactEnded = "contact_ended",
    /// A sheet of contacts was written into the directory.
    ContactsImported = "contacts_imported",
    /// That was taken back.
    ContactsImportUndone = "contacts_import_undone",
    /// The directory was taken out as a file.
    ContactsExported = "contacts_exported",
    /// It was decided whom a source means by a name.
    NameMatched = "name_matched",
    /// That was taken back.
    NameUnmatched = "name_unmatched",
    /// A round that the quality gate held was let through.
    RoundReleased = "round_released",
    /// Something is not reminded of for a while.
    SilenceSaid = "silence_said",
    /// That was ended before its day.
    SilenceEnded = "silence_ended",
    /// What an answer or a bounced address asked of staff is done.
    ReplyClosed = "reply_closed",
    /// That was taken back.
    ReplyReopened = "reply_reopened",
    /// All links that a recipient had were ended.
    LinksRevoked = "links_revoked",
    /// Corrections of letters that left were written.
    CorrectionsWritten = "corrections_written",
    /// Digests, sheets or notes were written out of turn.
    RollUpWritten = "roll_up_written",
    /// A round was run out of turn.
    RoundStarted = "round_started",
    /// A pair of tokens of Zalo was brought.
    ZaloTokensBrought = "zalo_tokens_brought",
    /// A code was made by which a head binds a chat.
    ChatOffered = "chat_offered",
    /// A merger, split, new name, end or beginning of units was recorded.
    UnitsReformed = "units_reformed",
    /// That was taken back.
    UnitsReformUndone = "units_reform_undone",
    /// A target was ended before its last day.
    TargetEnded = "target_ended",
    /// A target that was added was taken back.
    TargetTakenBack = "target_taken_back",
}

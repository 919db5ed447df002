//! Roles, and what each may do.

use crate::db::DbError;

/// What an account or a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// *Xem*: looks.
    Viewer,
    /// *Biên tập*: changes words, contacts, targets.
    Editor,
    /// *Duyệt gửi*: lets messages go, or holds them.
    Approver,
    /// *Quản trị*: all of it, and the people.
    Admin,
}

/// What can be done on the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// See figures, messages, how it stands.
    Look,
    /// Change one's own password, second factor and sessions.
    KeepOwnAccount,
    /// Change templates, contacts, targets, matchings.
    Edit,
    /// Let a batch go, mend the outbox, pause.
    Approve,
    /// Add, change and disable accounts.
    ManagePeople,
    /// Take the steps of the first set-up, see the configuration, try channels.
    Configure,
    /// Read the audit log.
    ReadAudit,
    /// Add and revoke tokens of programs.
    ManageTokens,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Look,
        Self::KeepOwnAccount,
        Self::Edit,
        Self::Approve,
        Self::ManagePeople,
        Self::Configure,
        Self::ReadAudit,
        Self::ManageTokens,
    ];
}

/// Whether somebody of `role` may do `action`: the one table of rights. Whoever approves does not edit, so that nobody
/// lets go what he wrote himself, except admins.
pub const fn may(role: Role, action: Action) -> bool {
    match action {
        Action::Look | Action::KeepOwnAccount => true,
        Action::Edit => matches!(role, Role::Editor | Role::Admin),
        Action::Approve => matches!(role, Role::Approver | Role::Admin),
        Action::ManagePeople | Action::Configure | Action::ReadAudit | Action::ManageTokens => {
            matches!(role, Role::Admin)
        }
    }
}

impl Role {
    /// From the least to the most.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Editor, Self::Approver, Self::Admin];

    /// As it is stored and typed.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Viewer => "view",
            Self::Editor => "edit",
            Self::Approver => "approve",
            Self::Admin => "admin",
        }
    }

    /// The role that `word` means.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// The stored word; one that this program never writes is an error.
    pub(super) fn stored(table: &'static str, word: &str) -> Result<Self, DbError> {
        Self::of(word).ok_or_else(|| DbError::Impossible { table, column: "role", value: word.to_owned() })
    }

    /// The least role that may do `action`, for whoever may not and wants to know whom to ask.
    pub fn needed_for(action: Action) -> Self {
        Self::ALL.into_iter().find(|role| may(*role, action)).unwrap_or(Self::Admin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_may_exactly_what_the_table_says() {
        use Action::{Approve, Configure, Edit, KeepOwnAccount, Look, ManagePeople, ManageTokens, ReadAudit};
        let table = [
            (Role::Viewer, vec![Look, KeepOwnAccount]),
            (Role::Editor, vec![Look, KeepOwnAccount, Edit]),
            (Role::Approver, vec![Look, KeepOwnAccount, Approve]),
            (Role::Admin, vec![Look, KeepOwnAccount, Edit, Approve, Configure, ManagePeople, ReadAudit, ManageTokens]),
        ];
        for (role, rights) in table {
            for action in Action::ALL {
                assert_eq!(may(role, action), rights.contains(&action), "{role:?} {action:?}");
            }
        }
        assert_eq!(Role::needed_for(Edit), Role::Editor);
        assert_eq!(Role::needed_for(ReadAudit), Role::Admin);
    }

    #[test]
    fn a_role_is_stored_as_its_word() {
        for role in Role::ALL {
            assert_eq!(Role::of(role.word()), Some(role));
        }
        assert_eq!(Role::of("root"), None);
    }
}

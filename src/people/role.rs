//! Roles, what each may do, and over which units.

use std::collections::HashSet;

use sqlx::Row as _;

use super::error::{PeopleError, Refusal};
use crate::db::{Db, DbError, Sql};
use crate::read;

const BELOW: Sql = Sql::portable(
    "WITH RECURSIVE below (id) AS (SELECT id FROM unit WHERE id = $1 \
     UNION SELECT unit.id FROM unit JOIN below ON unit.parent_id = below.id) \
     SELECT DISTINCT unit.code FROM unit JOIN below ON below.id = unit.id",
);

const BY_CODE: Sql = Sql::portable("SELECT id FROM unit WHERE code = $1 ORDER BY valid_from DESC LIMIT 1");

const NAMED: Sql = Sql::portable("SELECT code, name FROM unit WHERE id = $1 ORDER BY valid_from DESC LIMIT 1");

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[BELOW, BY_CODE, NAMED];

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
    /// Read the audit log.
    ReadAudit,
    /// Add and revoke tokens of programs.
    ManageTokens,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Look,
        Self::KeepOwnAccount,
        Self::Edit,
        Self::Approve,
        Self::ManagePeople,
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
        Action::ManagePeople | Action::ReadAudit | Action::ManageTokens => matches!(role, Role::Admin),
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

/// The codes of all units that a scope covers, of any day; `None`: every unit.
///
/// # Errors
/// The engine's.
pub async fn units_within(db: &Db, scope: Option<&str>) -> Result<Option<HashSet<String>>, DbError> {
    let Some(unit) = scope else { return Ok(None) };
    let rows = read!(db, BELOW, |sql, pool| sqlx::query(sql)
        .bind(unit)
        .fetch_all(pool)
        .await?
        .iter()
        .map(|row| row.try_get::<String, _>(0))
        .collect::<Result<HashSet<_>, _>>()?);
    Ok(Some(rows))
}

/// The id of the unit that has, or had last, this code.
///
/// # Errors
/// [`Refusal::NoUnit`].
pub async fn unit_by_code(db: &Db, code: &str) -> Result<String, PeopleError> {
    let id: Option<String> =
        read!(db, BY_CODE, |sql, pool| sqlx::query_scalar(sql).bind(code.trim()).fetch_optional(pool).await?);
    Ok(id.ok_or(Refusal::NoUnit)?)
}

/// Code and name that a unit has, or had last.
///
/// # Errors
/// The engine's.
pub async fn unit_named(db: &Db, id: &str) -> Result<Option<(String, String)>, DbError> {
    Ok(read!(db, NAMED, |sql, pool| sqlx::query_as(sql).bind(id).fetch_optional(pool).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_may_exactly_what_the_table_says() {
        use Action::{Approve, Edit, KeepOwnAccount, Look, ManagePeople, ManageTokens, ReadAudit};
        let table = [
            (Role::Viewer, vec![Look, KeepOwnAccount]),
            (Role::Editor, vec![Look, KeepOwnAccount, Edit]),
            (Role::Approver, vec![Look, KeepOwnAccount, Approve]),
            (Role::Admin, vec![Look, KeepOwnAccount, Edit, Approve, ManagePeople, ReadAudit, ManageTokens]),
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

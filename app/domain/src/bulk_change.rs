//! Many people changed at once (6.1, 7.2): lines of who is to be what, from a list, a text or a file. Each is tried before
//! anything is done; applied once, each has a result of its own.

use crate::{
    errors::Conflict,
    ids::BulkChangeId,
    policy::{Denied, Principal},
    roles::NamedRole,
    scope::Scope,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How many lines there can be.
pub const MOST: usize = 1_000;
/// How large a file can be, in bytes: far more than so many lines.
pub const FILE_BYTES: usize = 512 * 1024;
/// For how long it can be applied.
pub const PROPOSAL_TTL: Duration = Duration::from_secs(24 * 3600);

/// A line as it was written: who is to be what, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wish {
    /// Which line of the file or the text, from 1.
    pub line: u32,
    /// An address.
    pub address: String,
    /// A role, by its key or by what it is called.
    pub role: String,
    /// A linked account, by its identifier or its name; nothing for the scope itself.
    pub account: String,
}

/// The addresses in a text that was typed or pasted, with their lines: one a line, or several between commas and semicolons,
/// bare or as “Ann Lee <ann@example.org>”.
pub fn addresses(text: &str) -> impl Iterator<Item = (u32, &str)> {
    text.lines()
        .zip(1..)
        .flat_map(|(line, number)| line.split([',', ';']).map(move |part| (number, bare(part).trim())))
        .filter(|(_, address)| !address.is_empty())
}

/// What stands between `<` and `>`, or all of it.
fn bare(part: &str) -> &str {
    part.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(part, |(address, _)| address)
}

/// A place into which people can be asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Opening {
    /// Which.
    pub scope: Scope,
    /// What it is called.
    pub name: String,
    /// What who looks may make somebody there, the least first.
    pub roles: Vec<NamedRole>,
}

/// As what somebody is asked into a place; nothing where they are not.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Place {
    /// Which.
    pub scope: Scope,
    /// A role's key, or nothing.
    #[serde(default)]
    pub role: String,
}

/// What the forms of many changes offer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Openings {
    /// Where.
    pub scope: Scope,
    /// Who looks.
    pub principal: Principal,
    /// Their language.
    pub language: String,
    /// The scope itself, then the linked accounts.
    pub places: Vec<Opening>,
}

/// Why a file is not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum FileProblem {
    /// There is nothing in it, or nothing but the names of columns.
    #[error("empty")]
    Empty,
    /// Larger than [`FILE_BYTES`], or more lines than [`MOST`].
    #[error("too long")]
    TooLong,
    /// It is no text in UTF-8.
    #[error("not UTF-8")]
    NotText,
    /// Its first line names no column `email`.
    #[error("no column of addresses")]
    NoAddresses,
    /// A line has more or fewer fields than the first.
    #[error("a broken line")]
    Broken,
}

impl FileProblem {
    /// Each of them.
    pub const ALL: [Self; 5] = [Self::Empty, Self::TooLong, Self::NotText, Self::NoAddresses, Self::Broken];

    /// As in the address of the page that says so.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::NotText => "not_text",
            Self::NoAddresses => "no_addresses",
            Self::Broken => "broken",
        }
    }

    /// The problem with this key.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|problem| problem.key() == key)
    }
}

/// What becomes of a line.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// They are asked in.
    Invited,
    /// They have the role instead of the one they had.
    Changed,
    /// They have the role already.
    Unchanged,
    /// The address is none.
    NotAnAddress,
    /// There is no such role there.
    UnknownRole,
    /// There is no such account, or several are called so.
    UnknownAccount,
    /// A line before says the same address for the same place.
    Repeated,
    /// An invitation to the address is pending.
    AlreadyInvited,
    /// They are shut out, and stay so.
    ShutOut,
    /// They own the place; ownership moves otherwise.
    OwnerStays,
    /// Nobody changes their own role.
    Oneself,
    /// They stand above who proposed it.
    Outranked,
    /// The role holds more than who proposed it.
    GrantsMore,
    /// Somebody else changed them meanwhile.
    ChangedMeanwhile,
    /// Who proposed it may not do so any more.
    ProposerLostRight,
    /// It could not be done, and the log says why.
    Failed,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 16] = [
        Self::Invited,
        Self::Changed,
        Self::Unchanged,
        Self::NotAnAddress,
        Self::UnknownRole,
        Self::UnknownAccount,
        Self::Repeated,
        Self::AlreadyInvited,
        Self::ShutOut,
        Self::OwnerStays,
        Self::Oneself,
        Self::Outranked,
        Self::GrantsMore,
        Self::ChangedMeanwhile,
        Self::ProposerLostRight,
        Self::Failed,
    ];

    /// As stored, and the name of its text.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::NotAnAddress => "not_an_address",
            Self::UnknownRole => "unknown_role",
            Self::UnknownAccount => "unknown_account",
            Self::Repeated => "repeated",
            Self::AlreadyInvited => "already_invited",
            Self::ShutOut => "shut_out",
            Self::OwnerStays => "owner_stays",
            Self::Oneself => "oneself",
            Self::Outranked => "outranked",
            Self::GrantsMore => "grants_more",
            Self::ChangedMeanwhile => "changed_meanwhile",
            Self::ProposerLostRight => "proposer_lost_right",
            Self::Failed => "failed",
        }
    }

    /// The outcome with this key.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.key() == key)
    }

    /// Whether something is done.
    pub const fn is_a_change(self) -> bool {
        matches!(self, Self::Invited | Self::Changed)
    }

    /// Whether something is wrong with the line: neither done nor superfluous.
    pub const fn is_a_refusal(self) -> bool {
        !self.is_a_change() && !matches!(self, Self::Unchanged)
    }

    /// Of a line that policy refused.
    pub const fn of_denied(denied: Denied) -> Self {
        match denied {
            Denied::Outranked => Self::Outranked,
            Denied::OwnMembership | Denied::Oneself => Self::Oneself,
            Denied::OwnerStays => Self::OwnerStays,
            Denied::NotActive => Self::ShutOut,
            Denied::GrantsMore => Self::GrantsMore,
            _ => Self::ProposerLostRight,
        }
    }

    /// Of a line that the state of things refused.
    pub const fn of_conflict(conflict: Conflict) -> Self {
        match conflict {
            Conflict::ChangedMeanwhile => Self::ChangedMeanwhile,
            _ => Self::Failed,
        }
    }
}

/// A line, as it is reviewed and as it went.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BulkChangeLine {
    /// Which line it was.
    pub line: u32,
    /// Whom it is about.
    pub address: String,
    /// The account, where the scope has several.
    pub account: String,
    /// As what they would be, if that is known.
    pub role: Option<NamedRole>,
    /// How the role was written.
    pub written: String,
    /// As what they were, where that changes.
    pub had: Option<NamedRole>,
    /// What would become of it, or what did.
    pub outcome: Outcome,
    /// Whether that is what became of it.
    pub is_done: bool,
}

/// Many changes, as their page shows them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BulkChange {
    /// Which.
    pub id: BulkChangeId,
    /// Where.
    pub scope: Scope,
    /// Who looks.
    pub principal: Principal,
    /// Who proposed it.
    pub proposed_by: String,
    /// Whether that is who looks, who alone applies it.
    pub is_own: bool,
    /// When.
    pub proposed_at: Timestamp,
    /// When it was applied, if it was.
    pub applied_at: Option<Timestamp>,
    /// Until when it can be.
    pub expires_at: Timestamp,
    /// The lines in their order.
    pub lines: Vec<BulkChangeLine>,
    /// The server's time.
    pub now: Timestamp,
}

impl BulkChange {
    /// How many lines change something, or did.
    pub fn changes(&self) -> usize {
        self.lines.iter().filter(|line| line.outcome.is_a_change()).count()
    }

    /// How many lines are refused.
    pub fn refusals(&self) -> usize {
        self.lines.iter().filter(|line| line.outcome.is_a_refusal()).count()
    }

    /// How many lines have their result.
    pub fn done(&self) -> usize {
        self.lines.iter().filter(|line| line.is_done).count()
    }

    /// Whether it can still be applied.
    pub fn is_open(&self) -> bool {
        self.applied_at.is_none() && self.now < self.expires_at && self.changes() > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_however_they_were_pasted() {
        let text = "ann@x.example\n\n Ann Lee <lee@x.example>; \"Roe, J\" <roe@x.example>,\n,;\r\nnobody\n";
        let found: Vec<_> = addresses(text).collect();
        let said = [(1, "ann@x.example"), (3, "lee@x.example"), (3, "\"Roe"), (3, "roe@x.example"), (5, "nobody")];
        assert_eq!(found, said);
        assert_eq!(addresses(" \n;").count(), 0);
    }

    #[test]
    fn every_outcome_is_found_by_its_key() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::of_key(outcome.key()), Some(outcome));
            assert!(!(outcome.is_a_change() && outcome.is_a_refusal()));
        }
        assert!(FileProblem::ALL.into_iter().all(|problem| FileProblem::of_key(problem.key()) == Some(problem)));
    }
}

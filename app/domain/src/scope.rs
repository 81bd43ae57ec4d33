//! The scope: the account or portfolio in which something happens. Always explicit, in the URL and in every server
//! function; nothing in Postern has a “current account”.

use crate::ids::{AccountId, PortfolioId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An account or a portfolio.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// A tenant.
    Account(AccountId),
    /// A group of accounts.
    Portfolio(PortfolioId),
}

/// Which kind of scope.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeKind {
    /// A tenant.
    Account,
    /// A group of accounts.
    Portfolio,
}

impl ScopeKind {
    /// As stored and as in `demo.json`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Portfolio => "portfolio",
        }
    }

    /// The kind with this key.
    pub fn of_key(key: &str) -> Option<Self> {
        [Self::Account, Self::Portfolio].into_iter().find(|kind| kind.key() == key)
    }

    /// The scope of this kind with that id.
    pub const fn with(self, id: Uuid) -> Scope {
        match self {
            Self::Account => Scope::Account(AccountId(id)),
            Self::Portfolio => Scope::Portfolio(PortfolioId(id)),
        }
    }
}

impl Scope {
    /// Which kind it is.
    pub const fn kind(self) -> ScopeKind {
        match self {
            Self::Account(_) => ScopeKind::Account,
            Self::Portfolio(_) => ScopeKind::Portfolio,
        }
    }

    /// Its bare id.
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Account(AccountId(id)) | Self::Portfolio(PortfolioId(id)) => id,
        }
    }
}

/// `a/{id}` or `p/{id}`, the beginning of every console path.
impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Account(id) => write!(f, "a/{id}"),
            Self::Portfolio(id) => write!(f, "p/{id}"),
        }
    }
}

/// Not of the form `a/{id}` or `p/{id}`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a scope is a/ID or p/ID")]
pub struct NotAScope;

impl std::str::FromStr for Scope {
    type Err = NotAScope;
    fn from_str(text: &str) -> Result<Self, NotAScope> {
        let (kind, id) = text.split_once('/').ok_or(NotAScope)?;
        let id = Uuid::parse_str(id).map_err(|_| NotAScope)?;
        match kind {
            "a" => Ok(ScopeKind::Account.with(id)),
            "p" => Ok(ScopeKind::Portfolio.with(id)),
            _ => Err(NotAScope),
        }
    }
}

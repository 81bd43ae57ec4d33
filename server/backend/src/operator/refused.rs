//! Why the operator's command did nothing. For a terminal on the host alone: no browser is ever told.

use crate::Error;
use domain::{
    ids::{AccountId, PortfolioId},
    scope::Scope,
    time::Timestamp,
};

/// Why the operator's command did nothing.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// As for everybody.
    #[error(transparent)]
    Backend(#[from] Error),
    /// Nobody has this address.
    #[error("nobody has this address")]
    NoSuchPerson,
    /// No account has this id.
    #[error("no such account")]
    NoSuchAccount(AccountId),
    /// No portfolio has this id.
    #[error("no such portfolio")]
    NoSuchPortfolio(PortfolioId),
    /// The account is closed.
    #[error("the account is closed")]
    Closed,
    /// They are the Owner.
    #[error("the Owner already")]
    OwnerAlready,
    /// It is the address that they have.
    #[error("the same address")]
    SameAddress,
    /// Somebody has a sign-in with the new address.
    #[error("the address is taken")]
    AddressTaken,
    /// Something of the kind waits to take effect.
    #[error("one waits until {0:?}")]
    Waits(Timestamp),
    /// Nothing of the kind waits.
    #[error("nothing waits")]
    NothingWaits,
    /// They are shut out everywhere.
    #[error("deactivated")]
    Deactivated,
    /// They are not shut out.
    #[error("not deactivated")]
    NotDeactivated,
    /// They are the Owner there, and somebody else has to be first.
    #[error("an Owner")]
    OwnerOf(Vec<Scope>),
}

impl From<sea_orm::DbErr> for Refused {
    fn from(source: sea_orm::DbErr) -> Self {
        Self::Backend(source.into())
    }
}

/// The answer to a command of the operator.
pub type Result<T> = std::result::Result<T, Refused>;

//! What a use case answers when it cannot: what the person is told is in the domain's words; what only the operator is
//! told is the source of [`Error::Internal`], logged once at the edge.

use domain::{
    errors::{Conflict, Field, FieldErrors, Problem},
    policy::Denied,
};
use std::time::Duration;

/// The answer of a use case.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a use case did nothing. No transaction that answers with one leaves a trace, save for counted misses.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in, or no longer.
    #[error("nobody is signed in")]
    NotSignedIn,
    /// The session has not come far enough: a step of the sign-in comes first.
    #[error("the session is {0:?}")]
    Unfinished(domain::sessions::Standing),
    /// Policy says no.
    #[error("denied: {0}")]
    Denied(#[from] Denied),
    /// It is not there, or not theirs to know.
    #[error("not found")]
    NotFound,
    /// The state of things says no.
    #[error("conflict: {0}")]
    Conflict(#[from] Conflict),
    /// What was entered says no.
    #[error("invalid: {0:?}")]
    Invalid(FieldErrors),
    /// Too many tries.
    #[error("throttled for {retry_after:?}")]
    Throttled {
        /// When to try again.
        retry_after: Duration,
    },
    /// Ours.
    #[error("internal: {0}")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// One field is wrong.
    pub fn field(field: Field, problem: Problem) -> Self {
        Self::Invalid(FieldErrors::one(field, problem))
    }

    /// Whether the database has such a row already, and may have no two.
    pub(crate) fn is_duplicate(&self) -> bool {
        let Self::Internal(source) = self else { return false };
        let refused = source.downcast_ref::<sea_orm::DbErr>().and_then(sea_orm::DbErr::sql_err);
        matches!(refused, Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
    }

    /// Something that cannot happen did.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(source: sea_orm::DbErr) -> Self {
        Self::internal(source)
    }
}

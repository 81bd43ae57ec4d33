//! Identifiers: one newtype a noun, so that no id is ever handed to the wrong table. All are UUIDv7, made by the
//! backend from a given time and randomness; they say roughly when a thing was made and are never a secret.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(s).map(Self)
            }
        }
    )*};
}

ids! {
    /// One person with one address.
    UserId;
    /// A tenant.
    AccountId;
    /// A group of accounts.
    PortfolioId;
    /// A role that a scope made itself.
    RoleId;
    /// A person's place in a scope.
    MembershipId;
    /// A browser signed in.
    SessionId;
    /// A browser that signed in before as one person.
    DeviceId;
    /// A second factor bound to a person.
    AuthenticatorId;
    /// A challenge that waits for a passkey's answer.
    CeremonyId;
    /// A tracked request to have a person's second factors removed.
    MfaResetId;
    /// MFA resets asked for several people at once.
    BulkResetId;
    /// Many people changed at once.
    BulkChangeId;
    /// An invitation by address.
    InvitationId;
    /// That a portfolio asks an account to join.
    LinkRequestId;
    /// A guard, or a requirement, that is loosened later.
    LooseningId;
    /// An entry of the activity log.
    AuditEntryId;
    /// A change of address.
    EmailChangeId;
    /// A single sign-on connection.
    SsoConnectionId;
}

//! Invitations (6.2): a scope asks an address in. Whether somebody with a sign-in elsewhere reads there is nobody's
//! business: until they accept, all that is known here is the address.

use crate::{
    ids::InvitationId,
    mfa_reset::Delivery,
    policy::Principal,
    roles::NamedRole,
    scope::{Scope, ScopeKind},
    time::{Timestamp, ZonedTime},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long an invitation can be accepted, from its last mail on.
pub const INVITATION_TTL: Duration = Duration::from_secs(24 * 3600);
/// How long the link goes on showing what became of it.
pub const OUTCOME_TTL: Duration = Duration::from_secs(30 * 24 * 3600);

/// Where an invitation stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvitationState {
    /// It can be accepted.
    Open,
    /// Who was invited came in.
    Accepted,
    /// Who was invited did not want to.
    Declined,
    /// It was called off, or who sent it may not invite any more.
    Cancelled,
    /// Nobody accepted in time; it can be sent again.
    Expired,
}

impl InvitationState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Open, Self::Accepted, Self::Declined, Self::Cancelled, Self::Expired];

    /// As stored, and as `data-state` of the page.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// The state with this key.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }

    /// Of one that was decided in this way, or can be accepted until `expires_at`. The moment itself is too late.
    pub fn at(decided: Option<Self>, expires_at: Timestamp, now: Timestamp) -> Self {
        match decided {
            Some(state) => state,
            None if now < expires_at => Self::Open,
            None => Self::Expired,
        }
    }
}

/// A pending invitation, as administrators see it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PendingInvitation {
    /// Which one.
    pub id: InvitationId,
    /// The address.
    pub email: String,
    /// As what.
    pub role: NamedRole,
    /// Who invited.
    pub invited_by: String,
    /// When the mail was last put on its way.
    pub sent_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
    /// Open or expired.
    pub state: InvitationState,
    /// How far its mail got.
    pub delivery: Delivery,
}

/// “Invite” and “Pending”, as their page shows them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Invitations {
    /// Where.
    pub scope: Scope,
    /// Who looks.
    pub principal: Principal,
    /// The language that the reader has set; empty when none.
    pub language: String,
    /// The roles of this scope.
    pub roles: Vec<NamedRole>,
    /// The latest first.
    pub pending: Vec<PendingInvitation>,
    /// Whether there are more, older ones, than are shown.
    pub has_more: bool,
    /// The server's time.
    pub now: Timestamp,
}

/// What the link in the mail shows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PeekedInvitation {
    /// Where it stands.
    pub state: InvitationState,
    /// Who invited.
    pub invited_by: String,
    /// Account or portfolio.
    pub kind: ScopeKind,
    /// Its name.
    pub scope_name: String,
    /// As what.
    pub role: NamedRole,
    /// The address.
    pub email: String,
    /// Whether that address has a sign-in; if not, accepting makes one. Told to who holds the link alone.
    pub has_sign_in: bool,
    /// Whether a second factor is required there.
    pub requires_mfa: bool,
    /// Until when it can be accepted.
    pub expires_at: ZonedTime,
    /// The server's time.
    pub now: ZonedTime,
}

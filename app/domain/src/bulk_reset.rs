//! MFA resets asked for several people at once (5.9): confirmed once, asked one by one, with a result for each.

use crate::{
    ids::{BulkResetId, UserId},
    policy::{Denied, Principal, Target},
    scope::Scope,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// How many people can be chosen at once.
pub const MOST: usize = 200;

/// What became of one of them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Asked for; the mail is on its way.
    Asked,
    /// Asked for; a second administrator has to agree first.
    AwaitsApproval,
    /// They accepted one already, which waits to take effect.
    AcceptedAlready,
    /// They have no second factor.
    NothingToReset,
    /// They are invited or deactivated here.
    NotActive,
    /// They rank above the asker.
    Outranked,
    /// One does not reset oneself.
    Oneself,
    /// There were too many requests for them within a day.
    DailyLimit,
    /// They are not here any more.
    Gone,
    /// The asker may not ask any more.
    AskerLostRight,
    /// It could not be done, and the log says why.
    Failed,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 11] = [
        Self::Asked,
        Self::AwaitsApproval,
        Self::AcceptedAlready,
        Self::NothingToReset,
        Self::NotActive,
        Self::Outranked,
        Self::Oneself,
        Self::DailyLimit,
        Self::Gone,
        Self::AskerLostRight,
        Self::Failed,
    ];

    /// As stored, and the name of its text.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::AwaitsApproval => "awaits_approval",
            Self::AcceptedAlready => "accepted_already",
            Self::NothingToReset => "nothing_to_reset",
            Self::NotActive => "not_active",
            Self::Outranked => "outranked",
            Self::Oneself => "oneself",
            Self::DailyLimit => "daily_limit",
            Self::Gone => "gone",
            Self::AskerLostRight => "asker_lost_right",
            Self::Failed => "failed",
        }
    }

    /// The outcome with this key.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.key() == key)
    }

    /// Of a person whom policy refused.
    pub const fn of_denied(denied: Denied) -> Self {
        match denied {
            Denied::NothingToReset => Self::NothingToReset,
            Denied::NotActive => Self::NotActive,
            Denied::Outranked => Self::Outranked,
            Denied::Oneself => Self::Oneself,
            Denied::DailyLimit => Self::DailyLimit,
            Denied::Unseen => Self::Gone,
            Denied::RoleLacks { .. }
            | Denied::OwnAuthenticatorNeeded
            | Denied::StepUpNeeded(_)
            | Denied::OwnRequest
            | Denied::MadeByAsker
            | Denied::MadeTheAsker
            | Denied::NotSeasoned
            | Denied::FreshlyReset
            | Denied::GrantsMore
            | Denied::OwnMembership
            | Denied::OwnerStays
            | Denied::SignedOutHere
            | Denied::OwnersAlone
            | Denied::PaidPlanNeeded
            | Denied::PlanRequiresMfa => Self::AskerLostRight,
        }
    }
}

/// Somebody who was chosen, before it is confirmed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Chosen {
    /// As policy sees them.
    pub target: Target,
    /// Their address.
    pub email: String,
}

/// The question: whom it is about, and who asks.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BulkPreview {
    /// Where.
    pub scope: Scope,
    /// Who asks, as policy sees them.
    pub principal: Principal,
    /// Of those who were chosen, who is here.
    pub chosen: Vec<Chosen>,
}

/// One person, and what became of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BulkItem {
    /// Who.
    pub user_id: UserId,
    /// Their name here when it was asked.
    pub name: String,
    /// Nothing while it is not their turn.
    pub outcome: Option<Outcome>,
}

/// How far it got.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BulkReset {
    /// Which one.
    pub id: BulkResetId,
    /// Who asked.
    pub asked_by: String,
    /// When.
    pub asked_at: Timestamp,
    /// In the order in which they were chosen.
    pub items: Vec<BulkItem>,
    /// The server's time.
    pub now: Timestamp,
}

impl BulkReset {
    /// How many are done.
    pub fn done(&self) -> usize {
        self.items.iter().filter(|item| item.outcome.is_some()).count()
    }
}

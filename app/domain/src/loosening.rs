//! What makes resets, or sign-in, easier takes effect a day after it is asked for (5.6), so that whoever is told meanwhile
//! can call it off; what is stricter holds at once.

use crate::{guards::Guards, ids::LooseningId, mfa_policy::MfaPolicy, time::Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long after asking something is loosened.
pub const LOOSENING: Duration = Duration::from_secs(24 * 3600);

/// Settings of which each part can be stricter or looser.
pub trait Loosenable: Copy + Eq {
    /// Of each part the stricter.
    #[must_use]
    fn stricter_of(self, other: Self) -> Self;

    /// What asking for `asked` makes of what is in force: what holds at once, and what is to hold [`LOOSENING`] later, if
    /// anything is looser.
    fn change(self, asked: Self) -> (Self, Option<Self>) {
        let at_once = self.stricter_of(asked);
        (at_once, (at_once != asked).then_some(asked))
    }
}

/// What is loosened later, for everybody who may call it off.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Loosening {
    /// Which one.
    pub id: LooseningId,
    /// What will hold.
    pub to: Loosened,
    /// Who asked for it.
    pub asked_by: String,
    /// When.
    pub asked_at: Timestamp,
    /// When it takes effect.
    pub due_at: Timestamp,
}

/// What will hold once something is loosened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loosened {
    /// These guards.
    Guards(Guards),
    /// MFA is not required any more.
    MfaNotRequired,
    /// These methods and this trust.
    MfaPolicy(MfaPolicy),
}

//! Everything in any order: people of two accounts, and of a portfolio over one of them, do at random whatever there is to
//! do about an MFA reset, on two servers, while hours and days go by. After each thing that was done, second factors may be
//! gone only where the [`oracle`], which knows the specification and no rule of the domain, says that they may.
//!
//! Besides: what has ended stays as it ended, one request of a reach is live at most, and an “Accept” that nothing speaks
//! against is taken. What is not looked at: mails and logs; and of what happens at the same moment little, see
//! [`super::races`] and the model of the life in `domain`.
//!
//! A failure tells its seed and what was done. `ANY_ORDER=seed` walks that sequence alone.

mod deeds;
mod oracle;
mod stage;

use backend::crypto::Random;
use deeds::Deed;
use stage::Stage;
use std::collections::BTreeMap;

/// How many things are done in a sequence.
const DEEDS: usize = 50;

on_each_database!(in_any_order_factors_go_only_where_the_specification_lets_them, async |world| {
    let only: Option<u64> = std::env::var("ANY_ORDER").ok().and_then(|seed| seed.parse().ok());
    let is_sqlite = world.backend.database.is_sqlite();
    let sequences = if is_sqlite { 48 } else { 10 };
    let mut met = BTreeMap::new();
    for seed in only.map_or(0..sequences, |seed| seed..seed + 1) {
        let mut stage = Stage::new(world, seed).await;
        for _ in 0..DEEDS {
            let deed = stage.dice.weighed(&MIX);
            stage.see(deed).await;
        }
        stage.close(&mut met).await;
    }
    for (what, count) in &met {
        println!("{count:4} × {what}");
    }
    let missing: Vec<&str> = ENDS.into_iter().filter(|end| !met.contains_key(*end)).collect();
    assert!(!is_sqlite || only.is_some() || missing.is_empty(), "never met: {missing:?}");
});

/// What has to be met, or the test says less than it seems to.
const ENDS: [&str; 16] = [
    "cancelled, waited",
    "cancelled: asker",
    "cancelled: asker_lost_right",
    "cancelled: done_elsewhere",
    "cancelled: called_off",
    "cancelled: target",
    "cancelled: target_left",
    "declined: target",
    "done, approved",
    "done, waited",
    "done, with a number",
    "done: accepted",
    "expired, unapproved",
    "expired: time_up",
    "rejected: approver",
    "superseded: newer",
];

/// What is done, and how often.
const MIX: [(usize, Deed); 26] = [
    (13, Deed::Ask),
    (14, Deed::Approve),
    (2, Deed::Reject),
    (1, Deed::Resend),
    (6, Deed::Cancel),
    (1, Deed::Operator),
    (22, Deed::Accept),
    (1, Deed::DeclineByLink),
    (1, Deed::DeclineInSession),
    (4, Deed::GiveRole),
    (1, Deed::HandOver),
    (3, Deed::ShutOutOrLetIn),
    (3, Deed::SetGuards),
    (1, Deed::CallOffLoosening),
    (3, Deed::ForgetPassword),
    (4, Deed::SetPassword),
    (1, Deed::SetRequirement),
    (5, Deed::Enrol),
    (1, Deed::Unbind),
    (4, Deed::Deliver),
    (4, Deed::FinishDue),
    (2, Deed::EndGroundless),
    (5, Deed::AtOnce),
    (4, Deed::Minutes),
    (4, Deed::Hours),
    (2, Deed::Day),
];

// ── chance ────────────────────────────────────────────────────────────────────────────────────────────────────────

/// Chance, the same for the same seed.
struct Dice(Random);

impl Dice {
    fn below(&self, count: usize) -> usize {
        (u64::from_le_bytes(self.0.bytes()) % count.max(1) as u64) as usize
    }

    /// One of these, as often as it weighs.
    fn weighed<T: Copy>(&self, of: &[(usize, T)]) -> T {
        let mut at = self.below(of.iter().map(|(weight, _)| weight).sum());
        for (weight, one) in of {
            match at.checked_sub(*weight) {
                Some(rest) => at = rest,
                None => return *one,
            }
        }
        unreachable!("it is below the sum")
    }

    /// True so many times of a hundred.
    fn percent(&self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Copy>(&self, of: &[T]) -> Option<T> {
        of.get(self.below(of.len())).copied()
    }

    /// One of the last few, as a rule the last.
    fn recent<'a, T>(&self, of: &'a [T]) -> Option<&'a T> {
        let back = if self.percent(70) { 1 } else { 1 + self.below(of.len()) };
        of.len().checked_sub(back).map(|at| &of[at])
    }
}

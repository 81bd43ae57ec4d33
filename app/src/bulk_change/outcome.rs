//! What becomes of a line, in words.

use crate::ui::Tone;
use domain::bulk_change::Outcome;

pub(super) fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Invited | Outcome::Changed => Tone::Good,
        Outcome::Unchanged => Tone::Neutral,
        _ => Tone::Bad,
    }
}

/// `done`, or else what would be.
pub(super) fn text(outcome: Outcome, done: bool) -> &'static str {
    match outcome {
        Outcome::Invited if done => tr!("bulk_change.done.invited"),
        Outcome::Invited => tr!("bulk_change.outcome.invited"),
        Outcome::Changed if done => tr!("bulk_change.done.changed"),
        Outcome::Changed => tr!("bulk_change.outcome.changed"),
        Outcome::Unchanged => tr!("bulk_change.outcome.unchanged"),
        Outcome::NotAnAddress => tr!("bulk_change.outcome.not_an_address"),
        Outcome::UnknownRole => tr!("bulk_change.outcome.unknown_role"),
        Outcome::UnknownAccount => tr!("bulk_change.outcome.unknown_account"),
        Outcome::Repeated => tr!("bulk_change.outcome.repeated"),
        Outcome::AlreadyInvited => tr!("bulk_change.outcome.already_invited"),
        Outcome::ShutOut => tr!("bulk_change.outcome.shut_out"),
        Outcome::OwnerStays => tr!("bulk_change.outcome.owner_stays"),
        Outcome::Oneself => tr!("bulk_change.outcome.oneself"),
        Outcome::Outranked => tr!("bulk_change.outcome.outranked"),
        Outcome::GrantsMore => tr!("bulk_change.outcome.grants_more"),
        Outcome::ChangedMeanwhile => tr!("bulk_change.outcome.changed_meanwhile"),
        Outcome::ProposerLostRight => tr!("bulk_change.outcome.proposer_lost_right"),
        Outcome::Failed => tr!("bulk_change.outcome.failed"),
    }
}

//! The security check-up (10.4): what is weak in a scope, without a score. Each finding has its mending one click away.

use crate::roll_out::Coverage;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// An administrator who has not been here for so long is one too many.
pub const STALE: Duration = Duration::from_secs(90 * 24 * 3600);

/// What a scope is like, as far as the check-up asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Condition {
    /// Whether a second factor is required of everybody.
    pub is_required: bool,
    /// Who has which method as the strongest.
    pub coverage: Coverage,
    /// How many can ask for the MFA resets of others.
    pub helpers: u64,
    /// How many of rank 2 or more have not been here for [`STALE`].
    pub stale_administrators: u64,
}

/// Something that is weak.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Nobody has to have a second factor.
    NotRequired,
    /// Some have none.
    WithoutFactor {
        /// How many.
        people: u64,
    },
    /// Some have text messages and nothing better, which a swindler who talks to the phone company reads too.
    SmsAlone {
        /// How many.
        people: u64,
    },
    /// One person alone can help who lost a second factor, and nobody that person.
    LoneHelper,
    /// Some administrators have not been here for long.
    StaleAdministrators {
        /// How many.
        people: u64,
    },
}

/// What is weak, the worst first.
pub fn findings(condition: &Condition) -> Vec<Finding> {
    let Condition { is_required, coverage, helpers, stale_administrators } = condition;
    let (without, sms) = (coverage.without, coverage.sms_alone());
    let some = |people: u64, finding: Finding| (people > 0).then_some(finding);
    [
        (!is_required).then_some(Finding::NotRequired),
        some(without, Finding::WithoutFactor { people: without }),
        some(sms, Finding::SmsAlone { people: sms }),
        (*helpers == 1).then_some(Finding::LoneHelper),
        some(*stale_administrators, Finding::StaleAdministrators { people: *stale_administrators }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authenticators::FactorKind;

    #[test]
    fn each_weakness_is_found_and_nothing_else() {
        let mut condition =
            Condition { is_required: true, coverage: Coverage::default(), helpers: 2, stale_administrators: 0 };
        assert_eq!(findings(&condition), []);
        condition.coverage.without = 3;
        let sms = FactorKind::ALL.iter().position(|kind| *kind == FactorKind::Sms).unwrap();
        condition.coverage.strongest = [7; 3];
        condition.coverage.strongest[sms] = 2;
        condition = Condition { is_required: false, helpers: 1, stale_administrators: 4, ..condition };
        let all = [
            Finding::NotRequired,
            Finding::WithoutFactor { people: 3 },
            Finding::SmsAlone { people: 2 },
            Finding::LoneHelper,
            Finding::StaleAdministrators { people: 4 },
        ];
        assert_eq!(findings(&condition), all);
    }
}

//! Deleting one's own sign-in (6.4): what its page shows, and who may.

use crate::{accounts::ScopeEntry, policy::Denied, sessions::StepUp};
use serde::{Deserialize, Serialize};

/// What its page shows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Erasure {
    /// The address that is typed to confirm it.
    pub email: String,
    /// Where one is the Owner, and hands that over first.
    pub owner_of: Vec<ScopeEntry>,
    /// Whether identity must be proven again first, and how.
    pub step_up: StepUp,
}

impl Erasure {
    /// An Owner stays until ownership moved to somebody else: no place is left without one.
    ///
    /// # Errors
    /// [`Denied::OwnerStays`]; [`Denied::StepUpNeeded`].
    pub fn allowed(&self) -> Result<(), Denied> {
        if !self.owner_of.is_empty() {
            return Err(Denied::OwnerStays);
        }
        if self.step_up.is_fresh() { Ok(()) } else { Err(Denied::StepUpNeeded(self.step_up)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ids::AccountId, roles::Role, scope::Scope};
    use uuid::Uuid;

    #[test]
    fn an_owner_hands_over_first_and_everybody_proves_who_they_are() {
        let scope = Scope::Account(AccountId(Uuid::nil()));
        let owned = ScopeEntry { scope, name: "Northwind".into(), role: Role::Owner.into() };
        let erasure = |owner_of, step_up| Erasure { email: "a@b".into(), owner_of, step_up }.allowed();
        assert_eq!(erasure(vec![], StepUp::FreshByAuthenticator), Ok(()));
        assert_eq!(erasure(vec![], StepUp::NeedsPassword), Err(Denied::StepUpNeeded(StepUp::NeedsPassword)));
        for step_up in [StepUp::NeedsPassword, StepUp::FreshByAuthenticator] {
            assert_eq!(erasure(vec![owned.clone()], step_up), Err(Denied::OwnerStays));
        }
    }
}

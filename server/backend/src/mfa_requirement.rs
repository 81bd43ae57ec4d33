//! “Require MFA for all users” (4.8). It is read at every request of every session, so turning it on acts at once;
//! turning it off is a loosening, see [`crate::loosening`].

use crate::{
    Backend, Caller, Result,
    audit::Entry,
    loosening::{self, Setting},
    mfa_reset, principal,
    store::{self, scope_facts},
    users,
};
use domain::{accounts::MfaRequirement, audit::AuditAction, loosening::Loosened, policy, scope::Scope};

/// As its page shows it.
pub async fn get(backend: &Backend, caller: &Caller, scope: Scope) -> Result<MfaRequirement> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let _permit = policy::view_security(&who, scope)?;
    let facts = scope_facts(on, scope).await?;
    let (rules, contact) = (facts.mfa_rules(), mfa_reset::security_contact(on, scope).await?);
    Ok(MfaRequirement {
        required: rules.required,
        grace: rules.policy.grace,
        floor: facts.floor,
        loosening: loosening::of(on, scope, Setting::MfaRequirement).await?,
        now,
        plan: facts.plan,
        headcount: users::bound(on, scope, facts.own).await?,
        principal: who,
        security_contact: contact.map(|contact| contact.name).unwrap_or_default(),
    })
}

/// Turns it on, at once, or off, a day later. Turning it off un-enrols nobody.
///
/// # Errors
/// Whatever [`policy::set_mfa_requirement`] denies: on a paid plan it stays on.
pub async fn set(backend: &Backend, caller: &Caller, scope: Scope, required: bool) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let facts = store::lock_scope(&on, scope).await?;
    let permit = policy::set_mfa_requirement(&who, scope, facts.plan, required)?;
    let is_floor = facts.own.policy.floor;
    let record =
        |action| Entry::permitted(&permit, action).from(&caller.visitor).write_below(&on, backend, now, is_floor);
    match (facts.own.required, required) {
        (true, false) => {
            loosening::begin(&on, backend, &who, &facts, Loosened::MfaNotRequired, now).await?;
            record(AuditAction::MfaRequirementLoosening).await?;
        }
        (true, true) => {
            if loosening::call_off(&on, scope, Setting::MfaRequirement, now).await? {
                loosening::record_called_off(&on, backend, &caller.visitor, &permit, is_floor, now).await?;
            }
        }
        (false, true) => {
            store::set_require_mfa(&on, scope, true).await?;
            record(AuditAction::MfaRequired).await?;
        }
        (false, false) => {}
    }
    on.commit().await?;
    Ok(())
}

//! Security > “Methods and devices”: what is accepted as a second factor (4.4), for how long a browser may go without
//! giving one (4.7) and somebody without having one (4.8). The rules are [`domain::mfa_policy`]; like the requirement they act on open sessions, see
//! [`crate::sessions::demands`].

use crate::{
    Backend, Caller, Result,
    audit::Entry,
    loosening::{self, Setting},
    principal, roll_out, store,
};
use domain::{
    audit::AuditAction,
    errors::Conflict,
    loosening::Loosened,
    mfa_policy::{MfaPolicy, MfaPolicySettings, MfaRules},
    policy,
    scope::{Scope, ScopeKind},
};

/// As its page shows it.
pub async fn get(backend: &Backend, caller: &Caller, scope: Scope) -> Result<MfaPolicySettings> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let _permit = policy::view_security(&who, scope)?;
    let facts = store::scope_facts(on, scope).await?;
    let may_stop = {
        let MfaPolicy { phishing_resistant, floor, .. } = facts.mfa_rules().policy;
        policy::set_mfa_policy(&who, scope).is_ok()
            && (!phishing_resistant || (scope.kind() == ScopeKind::Portfolio && !floor))
    };
    Ok(MfaPolicySettings {
        own: facts.own,
        floor: facts.floor,
        coverage: if may_stop { Some(roll_out::coverage(on, scope).await?) } else { None },
        loosening: loosening::of(on, scope, Setting::MfaPolicy).await?,
        has_sms_gateway: backend.sms.is_some(),
        principal: who,
        now,
    })
}

/// Sets it. What is stricter holds at once, what is looser a day later; what was to be loosened before is replaced.
///
/// # Errors
/// Whatever [`policy::set_mfa_policy`] denies; [`Conflict::NeedsPasskeyFirst`] for who would shut themselves out.
pub async fn set(backend: &Backend, caller: &Caller, scope: Scope, asked: MfaPolicy) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let permit = policy::set_mfa_policy(&who, scope)?;
    let facts = store::lock_scope(&on, scope).await?;
    let in_force = facts.own.policy;
    let asked = facts.own.asked(facts.floor.as_ref(), asked);
    let asked = MfaPolicy { floor: asked.floor && scope.kind() == ScopeKind::Portfolio, ..asked };
    let (at_once, later) = MfaRules { required: facts.mfa_rules().required, ..facts.own }.change(asked);
    // One that is bound may be lost: who turns it on, here or in further places, shows one that works.
    let proves_it = caller.proofs.iter().any(|proof| proof.kind.is_phishing_resistant());
    let reaches_further = !in_force.phishing_resistant || (at_once.floor && !in_force.floor);
    if at_once.phishing_resistant && reaches_further && !proves_it {
        return Err(Conflict::NeedsPasskeyFirst.into());
    }
    let is_floor = at_once.floor;
    let record =
        |action| Entry::permitted(&permit, action).from(&caller.visitor).write_below(&on, backend, now, is_floor);
    if at_once != in_force {
        store::set_mfa_policy(&on, scope, at_once).await?;
        record(AuditAction::MfaPolicyTightened).await?;
    }
    if let Some(asked) = later {
        loosening::begin(&on, backend, &who, &facts, Loosened::MfaPolicy(asked), now).await?;
        record(AuditAction::MfaPolicyLoosening).await?;
    } else if loosening::call_off(&on, scope, Setting::MfaPolicy, now).await? {
        loosening::record_called_off(&on, backend, &caller.visitor, &permit, is_floor, now).await?;
    }
    on.commit().await?;
    Ok(())
}

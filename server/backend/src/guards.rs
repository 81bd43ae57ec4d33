//! Security > “MFA reset”: what a reset in this scope needs besides the person's “Accept”. The rules are
//! [`domain::guards`]; what they demand of one request is worked out in [`crate::mfa_reset`].

use crate::{
    Backend, Caller, Result,
    audit::Entry,
    loosening::{self, Setting},
    principal, store,
};
use domain::{
    audit::AuditAction,
    guards::{GuardSettings, Guards},
    loosening::{Loosenable, Loosened},
    policy,
    scope::Scope,
};

/// As their page shows them.
pub async fn get(backend: &Backend, caller: &Caller, scope: Scope) -> Result<GuardSettings> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let _permit = policy::view_security(&who, scope)?;
    Ok(GuardSettings {
        guards: store::scope_facts(on, scope).await?.guards,
        loosening: loosening::of(on, scope, Setting::Guards).await?,
        administrators: loosening::administrators(on, scope).await?.len(),
        principal: who,
        now,
    })
}

/// Sets them. What is stricter holds at once, what is looser a day later; what was to be loosened before is replaced.
///
/// # Errors
/// Whatever [`policy::set_guards`] denies.
pub async fn set(backend: &Backend, caller: &Caller, scope: Scope, asked: Guards) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let permit = policy::set_guards(&who, scope)?;
    let facts = store::lock_scope(&on, scope).await?;
    let in_force = facts.guards;
    let (at_once, later) = in_force.change(asked);
    let record = |action| Entry::permitted(&permit, action).from(&caller.visitor).write(&on, backend, now);
    if at_once != in_force {
        store::set_guards(&on, scope, at_once).await?;
        record(AuditAction::GuardsTightened).await?;
    }
    if later.is_some() {
        loosening::begin(&on, backend, &who, &facts, Loosened::Guards(asked), now).await?;
        record(AuditAction::GuardsLoosening).await?;
    } else if loosening::call_off(&on, scope, Setting::Guards, now).await? {
        loosening::record_called_off(&on, backend, &caller.visitor, &permit, false, now).await?;
    }
    on.commit().await?;
    Ok(())
}

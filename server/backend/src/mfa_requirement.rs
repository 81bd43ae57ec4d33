//! “Require MFA for all users” (4.8). It is read at every request of every session, so turning it on acts at once.

use crate::{
    Backend, Caller, Result,
    audit::Entry,
    mfa_reset, principal,
    store::{self, scope_facts},
    users,
};
use domain::{
    accounts::MfaRequirement,
    audit::AuditAction,
    policy,
    scope::{Scope, ScopeKind},
};
use sea_orm::ConnectionTrait;

/// As its page shows it.
pub async fn get(backend: &Backend, caller: &Caller, scope: Scope) -> Result<MfaRequirement> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let _permit = policy::view_security(&who, scope)?;
    let facts = scope_facts(on, scope).await?;
    let contact = mfa_reset::security_contact(on, scope).await?;
    Ok(MfaRequirement {
        required: facts.require_mfa,
        plan: facts.plan,
        headcount: users::bound(on, scope).await?,
        principal: who,
        security_contact: contact.map(|contact| contact.name).unwrap_or_default(),
    })
}

/// Turns it on or off. Turning it off un-enrols nobody.
///
/// # Errors
/// Whatever [`policy::set_mfa_requirement`] denies: on a paid plan it stays on.
pub async fn set(backend: &Backend, caller: &Caller, scope: Scope, required: bool) -> Result<()> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let facts = scope_facts(&on, scope).await?;
    let permit = policy::set_mfa_requirement(&who, scope, facts.plan, required)?;
    if facts.require_mfa == required {
        return Ok(());
    }
    let table = match scope.kind() {
        ScopeKind::Account => "accounts",
        ScopeKind::Portfolio => "portfolios",
    };
    let sql = format!("UPDATE {table} SET require_mfa = ? WHERE id = ?");
    on.execute_raw(store::statement(&on, &sql, [required.into(), scope.uuid().into()])).await?;
    let action = if required { AuditAction::MfaRequired } else { AuditAction::MfaNotRequired };
    Entry::permitted(&permit, action).from(&caller.visitor).write(&on, backend, now).await?;
    on.commit().await?;
    Ok(())
}

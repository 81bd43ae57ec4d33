//! What the operator does on the host, with accounts and people (12.5). Every act is recorded as the operator's.

mod accounts;
mod delayed;
mod people;
mod refused;

pub use accounts::{AccountOverview, PlanSet, close, closing, list, set_plan};
pub use delayed::{Change, NOTICE, Waiting, When, call_off_email, call_off_owner, pending, set_email, set_owner};
pub(crate) use delayed::{apply_due, forget, lapse_in, lookup, scope_of};
pub use people::{activate, deactivate, erase};
pub use refused::Refused;

use crate::{
    Backend, Error, Result,
    audit::Entry,
    crypto::LinkToken,
    fold,
    password_reset::{self, FIRST_TTL},
    store::{
        self,
        entity::{account, user},
    },
    throttle,
};
use domain::{
    accounts::Plan,
    audit::AuditAction,
    errors::{Conflict, Field, Problem},
    ids::{AccountId, UserId},
    person::{EmailAddress, Name},
    roles::{Rank, Role},
    scope::{Scope, ScopeKind},
    time::Timestamp,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

/// Makes an account with its Owner. Who has no sign-in yet is made, and mailed a link to set a password (24 h); the link
/// is answered for `--print-link`. Paid accounts require MFA of all users from the beginning.
pub async fn create_account(
    backend: &Backend,
    name: &Name,
    plan: Plan,
    owner: &EmailAddress,
    owner_name: &Name,
) -> refused::Result<(AccountId, Option<LinkToken>)> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let id = AccountId(backend.random.uuid(now));
    let row = account::ActiveModel {
        id: Set(id.0),
        name: Set(name.as_str().to_owned()),
        plan: Set(plan.key().to_owned()),
        require_mfa: Set(plan == Plan::Paid),
        portfolio_id: Set(None),
        created_at: Set(now.ms()),
        ..Default::default()
    };
    account::Entity::insert(row).exec_without_returning(&on).await?;
    let scope = Scope::Account(id);
    Entry::by_operator(AuditAction::AccountCreated).within(Some(scope)).write(&on, backend, now).await?;
    let (person, link) = match find(&on, owner).await? {
        Some(person) if person.deactivated_at.is_some() => return Err(Refused::Deactivated),
        Some(person) => (person, None),
        None => {
            let (person, link) = insert_user(&on, backend, owner, owner_name, now).await?;
            (person, Some(link))
        }
    };
    join(&on, backend, &person, scope, Role::Owner, now).await?;
    on.commit().await?;
    Ok((id, link))
}

/// Makes a person, in an account or in none, and mails a link to set a password (24 h).
///
/// # Errors
/// [`Conflict::AddressTaken`]; [`Problem::Unknown`] for an account that is not there, or closed; [`Problem::Unknown`] on the role for
/// one that is no account role, or Owner, of which there is exactly one.
pub async fn create_user(
    backend: &Backend,
    email: &EmailAddress,
    name: &Name,
    place: Option<(AccountId, Role)>,
) -> Result<(UserId, LinkToken)> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    if find(&on, email).await?.is_some() {
        return Err(Conflict::AddressTaken.into());
    }
    let (person, link) = insert_user(&on, backend, email, name, now).await?;
    if let Some((account, role)) = place {
        if role.kind() != ScopeKind::Account || role.rank() == Rank::Owner {
            return Err(Error::field(Field::Role, Problem::Unknown));
        }
        let found = account::Entity::find_by_id(account.0).one(&on).await?;
        if found.is_none_or(|account| account.closed_at.is_some()) {
            return Err(Error::field(Field::Account, Problem::Unknown));
        }
        join(&on, backend, &person, Scope::Account(account), role, now).await?;
    } else {
        let entry = Entry::by_operator(AuditAction::UserCreated).upon(UserId(person.id), &person.name);
        entry.write(&on, backend, now).await?;
    }
    on.commit().await?;
    Ok((UserId(person.id), link))
}

/// Lets somebody try again at once: forgets the misses that are counted against them. Answers how many counters that were.
/// Network addresses stay throttled: they are nobody's.
///
/// # Errors
/// [`Problem::Unknown`] for an address that nobody has: it is throttled as well, and clearing it would help a guesser only.
pub async fn clear_throttle(backend: &Backend, email: &EmailAddress) -> Result<u64> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    let person = find(&on, email).await?.ok_or_else(|| Error::field(Field::Email, Problem::Unknown))?;
    let cleared = throttle::clear(&on, backend, email).await?;
    let user = UserId(person.id);
    let entry = Entry::by_operator(AuditAction::ThrottleCleared).upon(user, &person.name);
    entry.write_everywhere(&on, backend, now, user).await?;
    on.commit().await?;
    Ok(cleared)
}

/// Whether nobody exists yet: `serve` then says which command comes first.
pub async fn is_empty(backend: &Backend) -> Result<bool> {
    Ok(user::Entity::find().count(backend.database.read()).await? == 0)
}

async fn find(on: &impl ConnectionTrait, email: &EmailAddress) -> Result<Option<user::Model>> {
    Ok(user::Entity::find().filter(user::Column::EmailFolded.eq(fold::address(email))).one(on).await?)
}

async fn insert_user(
    on: &impl ConnectionTrait,
    backend: &Backend,
    email: &EmailAddress,
    name: &Name,
    now: Timestamp,
) -> Result<(user::Model, LinkToken)> {
    let person = store::user::new(backend.random.uuid(now), email, name, now);
    store::user::insert(on, &person).await?;
    let link =
        password_reset::mail_link(on, backend, UserId(person.id), 0, password_reset::FIRST, FIRST_TTL, now).await?;
    Ok((person, link))
}

async fn join(
    on: &impl ConnectionTrait,
    backend: &Backend,
    person: &user::Model,
    scope: Scope,
    role: Role,
    now: Timestamp,
) -> Result<()> {
    let row = store::membership::new(backend.random.uuid(now), person, scope, role, now);
    store::membership::insert(on, row).await?;
    let entry = Entry::by_operator(AuditAction::UserCreated).upon(UserId(person.id), &person.name);
    entry.within(Some(scope)).because(role.built_in_key()).write(on, backend, now).await
}

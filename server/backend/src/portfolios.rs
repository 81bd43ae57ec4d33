//! Portfolios (7.1): made by an Owner or Admin of a paid account, joined by accounts whose Owner agrees, left by either side.
//!
//! What is linked says [`account::Model::portfolio_id`] alone, changed by one conditional update; so of two portfolios that
//! are agreed to at once one wins, and of two who unlink one. Whoever changes it holds the places of everybody in the account
//! first and the account after them, see [`store::reach::hold`].
//!
//! Both sides read of it in their logs, each by the name of the other.

mod answering;
mod asking;
mod leaving;
mod power;

pub use answering::{agree, consent, decline};
pub use asking::{Asked, ask, cancel};
pub(crate) use asking::{end_requests_of, lookup as request, sweep};
pub(crate) use leaving::{ask_to_confirm, end_due, is_overdue};
pub use leaving::{confirm, leave, unlink};
pub use power::account_link;
pub(crate) use power::waiting;

use crate::{
    Backend, Caller, Error, Result,
    audit::Entry,
    loosening,
    outbox::{self, MailKind},
    principal,
    store::{
        self,
        entity::{account, headcount, link_request, membership, portfolio},
    },
};
use domain::{
    accounts::Plan,
    audit::AuditAction,
    ids::{AccountId, LinkRequestId, PortfolioId, UserId},
    person::Name,
    policy::{self, Denied, Principal},
    portfolios::{self, Candidacy, Candidate, LinkRequestState, LinkedAccount, PortfolioAccounts, Unfit},
    roles::{Rank, Role},
    scope::{Scope, ScopeKind},
    time::Timestamp,
    users::MembershipStatus,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Makes a portfolio; the caller owns it. It requires MFA from the beginning, since it is from there that others' is reset.
///
/// # Errors
/// Whatever [`policy::create_portfolio`] denies.
pub async fn create(backend: &Backend, caller: &Caller, scope: Scope, name: &Name) -> Result<PortfolioId> {
    let now = backend.now();
    let on = backend.database.begin().await?;
    store::lock_places(&on, caller.user_id).await?;
    let who = principal::enter(&on, caller, scope, now).await?;
    let facts = store::scope_facts(&on, scope).await?;
    let permit = policy::create_portfolio(&who, scope, facts.plan)?;
    let id = PortfolioId(backend.random.uuid(now));
    let row = portfolio::ActiveModel {
        id: Set(id.0),
        name: Set(name.as_str().to_owned()),
        require_mfa: Set(true),
        created_at: Set(now.ms()),
        ..Default::default()
    };
    portfolio::Entity::insert(row).exec_without_returning(&on).await?;
    let person = store::user::by_id(&on, caller.user_id).await?.ok_or(Error::NotSignedIn)?;
    let (new, role) = (Scope::Portfolio(id), Role::owner_of(ScopeKind::Portfolio));
    let place = store::membership::new(backend.random.uuid(now), &person, new, role, now);
    store::membership::insert(&on, place).await?;
    let entry = Entry::permitted(&permit, AuditAction::PortfolioCreated);
    let here = entry.clone().because(Some(name.as_str())).from(&caller.visitor);
    here.write(&on, backend, now).await?;
    entry.within(Some(new)).because(Some(&facts.name)).write(&on, backend, now).await?;
    on.commit().await?;
    Ok(id)
}

/// Manage > Accounts.
pub async fn accounts(backend: &Backend, caller: &Caller, scope: Scope) -> Result<PortfolioAccounts> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let _permit = policy::view_accounts(&who, scope)?;
    let portfolio = portfolio_of(scope)?;
    let mut linked = account::Entity::find().filter(account::Column::PortfolioId.eq(portfolio.0)).all(on).await?;
    linked.sort_by_key(|account| (crate::fold::text(&account.name), account.id));
    let members = members(on, linked.iter().map(|account| account.id)).await?;
    let linked = linked.into_iter().map(|account| LinkedAccount {
        id: AccountId(account.id),
        members: members.get(&account.id).copied().unwrap_or_default(),
        linked_at: account.linked_at.map(Timestamp::from_ms),
        confirm_until: account.link_confirm_until.map(Timestamp::from_ms),
        name: account.name,
    });
    Ok(PortfolioAccounts {
        scope,
        linked: linked.collect(),
        // Of which accounts somebody is an administrator is theirs to know: they are shown to the one who may ask them.
        candidates: match policy::cancel_link_request(&who, scope) {
            Ok(_permit) => candidates(on, &who, portfolio, now).await?,
            Err(_) => Vec::new(),
        },
        principal: who,
        now,
    })
}

async fn members(on: &impl ConnectionTrait, accounts: impl Iterator<Item = Uuid>) -> Result<HashMap<Uuid, u64>> {
    let found = headcount::Entity::find()
        .filter(headcount::Column::ScopeKind.eq(ScopeKind::Account.key()))
        .filter(headcount::Column::ScopeId.is_in(accounts))
        .all(on)
        .await?;
    Ok(found.into_iter().map(|row| (row.scope_id, u64::try_from(row.members).unwrap_or(0))).collect())
}

/// The accounts of which the Portfolio Owner is Owner or Admin, and which are not in the portfolio.
async fn candidates(
    on: &impl ConnectionTrait,
    who: &Principal,
    portfolio: PortfolioId,
    now: Timestamp,
) -> Result<Vec<Candidate>> {
    let places = store::active_memberships(on, who.user_id).await?;
    let administered: HashMap<Uuid, Rank> = places
        .iter()
        .filter(|place| place.scope().kind() == ScopeKind::Account && portfolios::vouches(place.rank(), place.status()))
        .map(|place| (place.scope_id, place.rank()))
        .collect();
    let ids = || administered.keys().copied();
    let mut accounts = account::Entity::find().filter(account::Column::Id.is_in(ids())).all(on).await?;
    accounts.retain(|account| account.portfolio_id != Some(portfolio.0));
    accounts.sort_by_key(|account| (crate::fold::text(&account.name), account.id));
    let asked = link_request::Entity::find()
        .filter(link_request::Column::PortfolioId.eq(portfolio.0))
        .filter(link_request::Column::AccountId.is_in(ids()))
        .filter(link_request::Column::EndedAt.is_null())
        .all(on)
        .await?;
    let mut candidates = Vec::new();
    for account in accounts {
        let mut open = None;
        for row in asked.iter().filter(|row| row.account_id == account.id) {
            if asking::stands(on, row, now).await? == LinkRequestState::Open {
                open = Some(row);
            }
        }
        candidates.push(Candidate {
            id: AccountId(account.id),
            is_own: administered.get(&account.id).is_some_and(|rank| *rank == Rank::Owner),
            candidacy: match (unfit(&account), open) {
                (Some(unfit), _) => Candidacy::Unfit(unfit),
                (None, Some(row)) => {
                    Candidacy::Asked { id: LinkRequestId(row.id), expires_at: Timestamp::from_ms(row.expires_at) }
                }
                (None, None) => Candidacy::MayBeAsked,
            },
            name: account.name,
        });
    }
    Ok(candidates)
}

/// Why an account may not join a portfolio now, if it may not.
fn unfit(account: &account::Model) -> Option<Unfit> {
    // A plan of a later version is read as the lesser one.
    let plan = Plan::of_key(&account.plan).unwrap_or(Plan::Free);
    portfolios::may_join(plan, account.closed_at.is_some(), account.portfolio_id.is_some()).err()
}

/// # Errors
/// [`Denied::Unseen`] for an account: it has no accounts.
fn portfolio_of(scope: Scope) -> Result<PortfolioId> {
    match scope {
        Scope::Portfolio(id) => Ok(id),
        Scope::Account(_) => Err(Denied::Unseen.into()),
    }
}

/// # Errors
/// [`Denied::Unseen`] for a portfolio: it is in none.
fn account_of(scope: Scope) -> Result<AccountId> {
    match scope {
        Scope::Account(id) => Ok(id),
        Scope::Portfolio(_) => Err(Denied::Unseen.into()),
    }
}

async fn account(on: &impl ConnectionTrait, id: AccountId) -> Result<account::Model> {
    account::Entity::find_by_id(id.0).one(on).await?.ok_or(Error::NotFound)
}

/// Who owns a scope.
async fn owner(on: &impl ConnectionTrait, scope: Scope) -> Result<Option<membership::Model>> {
    let found = membership::Entity::find()
        .filter(membership::Column::ScopeKind.eq(scope.kind().key()))
        .filter(membership::Column::ScopeId.eq(scope.uuid()))
        .filter(membership::Column::Role.eq(Role::owner_of(scope.kind()).key().to_string()))
        .filter(membership::Column::Status.eq(MembershipStatus::Active.key()));
    Ok(found.one(on).await?)
}

/// An account and a portfolio that something happened between.
#[derive(Clone, Copy)]
struct Between {
    account: AccountId,
    portfolio: PortfolioId,
}

/// The entries in their logs.
struct Recorded {
    in_account: Uuid,
    in_portfolio: Uuid,
}

impl Between {
    /// Writes it into both logs, each with the name of the other. Where somebody acted from is the business of the side on
    /// which they did (2.8): `here` is the entry for that one.
    async fn record(
        self,
        on: &impl ConnectionTrait,
        backend: &Backend,
        here: Entry,
        elsewhere: Entry,
        acted_in: Option<Scope>,
        now: Timestamp,
    ) -> Result<Recorded> {
        let (account, portfolio) = (Scope::Account(self.account), Scope::Portfolio(self.portfolio));
        let account_name = store::scope_facts(on, account).await?.name;
        let portfolio_name = store::scope_facts(on, portfolio).await?.name;
        let of = |side: Scope| if acted_in == Some(side) { here.clone() } else { elsewhere.clone() };
        let mut told = of(account).within(Some(account)).because(Some(&portfolio_name));
        if acted_in == Some(portfolio) {
            told = told.through(self.portfolio);
        }
        let in_account = told.write_and_name(on, backend, now).await?;
        let told = of(portfolio).within(Some(portfolio)).because(Some(&account_name));
        let in_portfolio = told.write_and_name(on, backend, now).await?;
        Ok(Recorded { in_account, in_portfolio })
    }

    /// Tells every Owner and Admin of both of it, each once.
    async fn tell(
        self,
        on: &impl ConnectionTrait,
        backend: &Backend,
        kind: MailKind,
        recorded: &Recorded,
        now: Timestamp,
    ) -> Result<()> {
        let mut told = BTreeSet::new();
        for (scope, entry) in [
            (Scope::Account(self.account), recorded.in_account),
            (Scope::Portfolio(self.portfolio), recorded.in_portfolio),
        ] {
            for admin in loosening::administrators(on, scope).await? {
                if told.insert(admin.user_id) {
                    outbox::enqueue(on, backend, now, kind, UserId(admin.user_id), Some(entry)).await?;
                }
            }
        }
        Ok(())
    }
}

//! The members of a scope, as its administrators see them: a page by key, at the same speed whatever the size. The list of
//! a portfolio has everybody within its reach, once each, with their accounts; see [`crate::store::reach`].
//!
//! A page costs the same few statements however many members there are: the rows as [`finding`] finds them, the people's
//! addresses, their live resets, and the counters.

mod cursor;
mod exporting;
mod finding;
mod managing;

pub use exporting::export;
pub use finding::{COUNTED_TO, PAGE};
pub(crate) use managing::written;
pub(crate) use managing::{RoleChange, change_role_as};
pub use managing::{change_role, get, leave, own_membership, remove, set_active, sign_out, transfer_ownership};

use crate::{
    Backend, Caller, Result, mfa_reset, principal,
    store::{
        self,
        entity::{account, headcount, membership, user},
        reach,
        roles::{self, Held},
    },
};
use domain::{
    accounts::Headcount,
    ids::{PortfolioId, UserId},
    mfa_policy::MfaRules,
    policy::{self, Principal},
    roles::{NamedRole, Rank, Role},
    scope::{Scope, ScopeKind},
    time::Timestamp,
    users::{FoundUser, FoundUsers, LinkedPlace, MembershipStatus, MfaFilter, UserOverview, UserPage, UserQuery},
};
use finding::Found;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use std::collections::HashMap;
use uuid::Uuid;

/// So many are offered to jump to.
const FOUND: usize = 8;

/// One page of members.
pub async fn list(backend: &Backend, caller: &Caller, scope: Scope, query: &UserQuery) -> Result<UserPage> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let _permit = policy::view_users(&who, scope)?;
    let sees_resets = policy::view_mfa_resets(&who, scope).is_ok();
    let query = &visible(query, sees_resets);
    let Found { places, before, after, filtered } = finding::page(on, scope, query, now).await?;
    let rows = overviews(on, &who, places, now).await?;
    let awaiting = mfa_reset::awaiting(on, &who, scope, now).await?;
    Ok(UserPage {
        awaiting,
        roles: roles_in_list(on, scope).await?,
        scope,
        principal: who,
        rows,
        headcount: headcount(on, scope).await?,
        filtered,
        before,
        after,
        now,
    })
}

/// The first few members whom a part of a name or address means: as the first page that is so narrowed has them.
pub async fn find(backend: &Backend, caller: &Caller, scope: Scope, text: String) -> Result<FoundUsers> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let _permit = policy::view_users(&who, scope)?;
    if text.trim().is_empty() {
        return Ok(FoundUsers { text, people: Vec::new() });
    }
    let query = UserQuery { q: text, ..UserQuery::default() };
    let Found { mut places, .. } = finding::page(on, scope, &query, now).await?;
    places.truncate(FOUND);
    let people = people(on, &places).await?;
    let found = |place: membership::Model| FoundUser {
        user_id: UserId(place.user_id),
        email: people.get(&place.user_id).map(|person| person.email.clone()).unwrap_or_default(),
        name: place.name,
    };
    Ok(FoundUsers { text: query.q, people: places.into_iter().map(found).collect() })
}

/// Whose these places are.
async fn people(on: &impl ConnectionTrait, places: &[membership::Model]) -> Result<HashMap<Uuid, user::Model>> {
    if places.is_empty() {
        return Ok(HashMap::new());
    }
    let ids = places.iter().map(|place| place.user_id);
    let people = user::Entity::find().filter(user::Column::Id.is_in(ids)).all(on).await?;
    Ok(people.into_iter().map(|person| (person.id, person)).collect())
}

/// The roles that somebody in the list of a scope can have: a portfolio lists the people of its accounts as well.
async fn roles_in_list(on: &impl ConnectionTrait, scope: Scope) -> Result<Vec<NamedRole>> {
    let mut roles = roles::available(on, scope).await?;
    if let Scope::Portfolio(portfolio) = scope {
        for account in reach::accounts_of(on, portfolio).await? {
            roles.extend(roles::of_scope(on, account).await?.iter().map(store::entity::role::Model::named));
        }
        roles.extend(Role::of_kind(ScopeKind::Account).map(NamedRole::from));
    }
    Ok(roles)
}

/// What a scope tells `who` of the people in these places of it.
async fn overviews(
    on: &impl ConnectionTrait,
    who: &Principal,
    places: Vec<membership::Model>,
    now: Timestamp,
) -> Result<Vec<UserOverview>> {
    // Asked for nobody, SQLite would go through everybody.
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let scope = who.scope;
    let sees_resets = policy::view_mfa_resets(who, scope).is_ok();
    let ids: Vec<Uuid> = places.iter().map(|place| place.user_id).collect();
    let people = people(on, &places).await?;
    let mut pending = if sees_resets { mfa_reset::pending(on, scope, &ids, now).await? } else { HashMap::new() };
    let today = if sees_resets { mfa_reset::requests_today(on, scope, &ids, now).await? } else { HashMap::new() };
    let rules = store::scope_facts(on, scope).await?.mfa_rules();
    let mut linked = match scope {
        Scope::Account(_) => HashMap::new(),
        Scope::Portfolio(portfolio) => within_reach(on, portfolio, rules, &ids).await?,
    };
    let held = match scope {
        Scope::Account(_) => Held::in_places(on, &places).await?,
        Scope::Portfolio(_) => Held::default(),
    };
    let ranks = match scope {
        Scope::Account(_) => reach::ranks(on, &places).await?,
        Scope::Portfolio(_) => HashMap::new(),
    };
    let rows = places
        .into_iter()
        .map(|place| {
            let own = Reached {
                role: Some(held.in_place(&place)),
                rank: ranks.get(&place.user_id).copied().unwrap_or_default(),
                mfa_required: rules.required,
                ..Reached::default()
            };
            let reached = linked.remove(&place.user_id).unwrap_or(own);
            UserOverview {
                user_id: UserId(place.user_id),
                email: people.get(&place.user_id).map(|person| person.email.clone()).unwrap_or_default(),
                role: reached.role,
                rank: reached.rank,
                accounts: reached.accounts,
                status: place.status(),
                factors: place.factors(),
                mfa_required: reached.mfa_required,
                pending: pending.remove(&place.user_id),
                resets_today: today.get(&place.user_id).copied().unwrap_or(0),
                last_used_at: (place.last_used_at > 0).then(|| Timestamp::from_ms(place.last_used_at)),
                name: place.name,
            }
        })
        .collect();
    Ok(rows)
}

/// What a scope knows of a person's places in it and within its reach.
#[derive(Default)]
struct Reached {
    role: Option<NamedRole>,
    rank: Rank,
    accounts: Vec<LinkedPlace>,
    mfa_required: bool,
}

/// Where people are within the reach of a portfolio.
async fn within_reach(
    on: &impl ConnectionTrait,
    portfolio: PortfolioId,
    rules: MfaRules,
    users: &[Uuid],
) -> Result<HashMap<Uuid, Reached>> {
    let linked = account::Entity::find().filter(account::Column::PortfolioId.eq(portfolio.0)).all(on).await?;
    let linked: HashMap<Uuid, account::Model> = linked.into_iter().map(|account| (account.id, account)).collect();
    let mut people: HashMap<Uuid, Reached> = HashMap::new();
    let places = reach::places(on, portfolio, users).await?;
    let held = Held::in_places(on, &places).await?;
    for place in places {
        let reached = people.entry(place.user_id).or_default();
        reached.rank = reached.rank.max(place.rank());
        let is_active = place.status() == MembershipStatus::Active;
        match linked.get(&place.scope_id) {
            Some(account) => {
                let required = account.require_mfa || (rules.required && rules.policy.floor);
                reached.mfa_required |= required && is_active;
                let (role, status) = (held.in_place(&place), place.status());
                reached.accounts.push(LinkedPlace { account: account.name.clone(), role, status });
            }
            None => {
                reached.mfa_required |= rules.required && is_active;
                reached.role = Some(held.in_place(&place));
            }
        }
    }
    Ok(people)
}

/// How many are in a scope.
pub(crate) async fn headcount(on: &impl ConnectionTrait, scope: Scope) -> Result<Headcount> {
    let row = headcount::Entity::find_by_id((scope.kind().key().to_owned(), scope.uuid())).one(on).await?;
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(row.map_or_else(Headcount::default, |row| Headcount {
        members: count(row.members),
        with_mfa: count(row.with_mfa),
    }))
}

/// How many a scope's requirement binds: its own active members, which of a portfolio are not all within its reach unless it
/// has a floor.
pub(crate) async fn bound(on: &impl ConnectionTrait, scope: Scope, rules: MfaRules) -> Result<Headcount> {
    if scope.kind() == ScopeKind::Account || rules.policy.floor {
        return headcount(on, scope).await;
    }
    let own = || {
        membership::Entity::find()
            .filter(membership::Column::ScopeKind.eq(scope.kind().key()))
            .filter(membership::Column::ScopeId.eq(scope.uuid()))
            .filter(membership::Column::Status.eq(MembershipStatus::Active.key()))
    };
    let with_mfa = own().filter(membership::Column::FactorKinds.ne(0)).count(on).await?;
    Ok(Headcount { members: own().count(on).await?, with_mfa })
}

/// Who may not see resets cannot ask for them either; like all that a query cannot mean, it is left out.
fn visible(query: &UserQuery, sees_resets: bool) -> UserQuery {
    UserQuery { mfa: query.mfa.filter(|mfa| sees_resets || *mfa != MfaFilter::Pending), ..query.clone() }
}

//! The members of a scope, as its administrators see them: a page by key, at the same speed whatever the size. The list of
//! a portfolio has everybody within its reach, once each, with their accounts; see [`crate::store::reach`].
//!
//! A page costs the same few statements however many members there are: the rows by an index that has the page's order, the
//! people's addresses, their live resets, and the counters. What a filter leaves is counted no further than 1,001.

mod managing;

pub(crate) use managing::written;
pub use managing::{change_role, get, leave, own_membership, remove, set_active, sign_out, transfer_ownership};

use crate::{
    Backend, Caller, Result, fold, mfa_reset, principal,
    store::{
        self,
        entity::{account, headcount, membership, user},
        reach,
        roles::{self, Held},
    },
};
use domain::{
    accounts::Headcount,
    authenticators::{FactorKind, FactorKinds},
    ids::{PortfolioId, UserId},
    mfa_policy::MfaRules,
    policy::{self, Principal},
    roles::{NamedRole, Rank, Role},
    scope::{Scope, ScopeKind},
    time::Timestamp,
    users::{LinkedPlace, MembershipStatus, MfaFilter, UserOverview, UserPage, UserQuery, UserSort},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
    sea_query::{Expr, ExprTrait, Query, SimpleExpr},
};
use std::collections::HashMap;
use uuid::Uuid;

/// Members on a page.
pub const PAGE: u64 = 25;
/// A filtered total is counted no further than one more than this.
pub const COUNTED_TO: u32 = 1_000;
/// Characters of a search that count.
const SEARCH: usize = 100;

/// One page of members.
pub async fn list(backend: &Backend, caller: &Caller, scope: Scope, query: &UserQuery) -> Result<UserPage> {
    let (on, now) = (backend.database.read(), backend.now());
    let who = principal::enter(on, caller, scope, now).await?;
    let _permit = policy::view_users(&who, scope)?;
    let sees_resets = policy::view_mfa_resets(&who, scope).is_ok();
    let query = &visible(query, sees_resets);
    let (places, before, after) = page(on, scope, query, now).await?;
    let rows = overviews(on, &who, places, now).await?;
    let filtered = match is_filtered(query) {
        true => Some(count(on, scope, query, now).await?),
        false => None,
    };
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
    let scope = who.scope;
    let sees_resets = policy::view_mfa_resets(who, scope).is_ok();
    let ids: Vec<Uuid> = places.iter().map(|place| place.user_id).collect();
    let people: HashMap<Uuid, user::Model> = user::Entity::find()
        .filter(user::Column::Id.is_in(ids.iter().copied()))
        .all(on)
        .await?
        .into_iter()
        .map(|person| (person.id, person))
        .collect();
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
    let rows = places
        .into_iter()
        .map(|place| {
            let own = Reached {
                role: Some(held.in_place(&place)),
                rank: place.rank(),
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

fn is_filtered(query: &UserQuery) -> bool {
    !query.q.trim().is_empty() || query.role.is_some() || query.mfa.is_some() || query.status.is_some()
}

/// The members that the filters leave. The scope is always the first condition.
fn matching(scope: Scope, query: &UserQuery, now: Timestamp) -> Select<membership::Entity> {
    let mut find = membership::Entity::find().filter(reach::listed(scope));
    let sought: String = fold::text(&query.q).chars().take(SEARCH).collect();
    if !sought.is_empty() {
        find = find.filter(anywhere(scope, store::contains(membership::Column::SearchFolded, &sought)));
    }
    if let Some(role) = query.role {
        find = find.filter(anywhere(scope, membership::Column::Role.eq(role.to_string())));
    }
    if let Some(status) = query.status {
        find = find.filter(membership::Column::Status.eq(status.key()));
    }
    match query.mfa {
        Some(MfaFilter::On) => find.filter(membership::Column::FactorKinds.ne(0)),
        Some(MfaFilter::Off) => find.filter(membership::Column::FactorKinds.eq(0)),
        Some(MfaFilter::Pending) => {
            find.filter(membership::Column::UserId.in_subquery(mfa_reset::pending_in(scope, now)))
        }
        Some(MfaFilter::Passkey) => find.filter(has(FactorKind::Passkey)),
        Some(MfaFilter::Totp) => find.filter(has(FactorKind::Totp)),
        Some(MfaFilter::Sms) => find.filter(has(FactorKind::Sms)),
        None => find,
    }
}

/// This kind of method among others. By the sets it is in: an index finds values, and no part of one.
fn has(kind: FactorKind) -> SimpleExpr {
    membership::Column::FactorKinds.is_in(FactorKinds::all_with(kind).map(|kinds| i16::from(kinds.bits())))
}

/// Of an account, that the member's place is so; of a portfolio, that any of the person's places within its reach is.
fn anywhere(scope: Scope, is_so: SimpleExpr) -> SimpleExpr {
    match scope {
        Scope::Account(_) => is_so,
        Scope::Portfolio(portfolio) => membership::Column::UserId.in_subquery(
            Query::select()
                .column(membership::Column::UserId)
                .from(membership::Entity)
                .and_where(membership::Column::PortfolioId.eq(portfolio.0))
                .and_where(is_so)
                .to_owned(),
        ),
    }
}

async fn count(on: &impl ConnectionTrait, scope: Scope, query: &UserQuery, now: Timestamp) -> Result<u32> {
    let limited = matching(scope, query, now)
        .select_only()
        .column(membership::Column::Id)
        .limit(u64::from(COUNTED_TO) + 1)
        .into_query();
    let counted = Query::select().expr(Expr::cust("COUNT(*)")).from_subquery(limited, "matching").to_owned();
    let row = on.query_one(&counted).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(u32::try_from(count).unwrap_or(0))
}

/// The rows of the page that the query means, with the cursors of its neighbours.
async fn page(
    on: &impl ConnectionTrait,
    scope: Scope,
    query: &UserQuery,
    now: Timestamp,
) -> Result<(Vec<membership::Model>, Option<String>, Option<String>)> {
    let after = query.after.as_deref().and_then(|text| Cursor::parse(text, query.sort));
    let before = query.before.as_deref().and_then(|text| Cursor::parse(text, query.sort));
    let backwards = after.is_none() && before.is_some();
    let descending = matches!(query.sort, UserSort::NameDesc | UserSort::LastActive) != backwards;
    let order = if descending { Order::Desc } else { Order::Asc };
    let column = match query.sort {
        UserSort::Name | UserSort::NameDesc => membership::Column::NameFolded,
        UserSort::LastActive | UserSort::LastActiveAsc => membership::Column::LastUsedAt,
    };
    let mut find = matching(scope, query, now)
        .order_by(column, order.clone())
        .order_by(membership::Column::Id, order)
        .limit(PAGE + 1);
    let bound = after.as_ref().or(before.as_ref());
    if let Some(Cursor { value, id }) = bound {
        let key = Expr::tuple([Expr::col(column), Expr::col(membership::Column::Id)]);
        let at = Expr::tuple([Expr::val(value.clone()), Expr::val(*id)]);
        find = find.filter(Condition::all().add(if descending { key.lt(at) } else { key.gt(at) }));
    }
    let mut rows = find.all(on).await?;
    let more = rows.len() as u64 > PAGE;
    rows.truncate(PAGE as usize);
    if backwards {
        rows.reverse();
    }
    let (has_before, has_after) = if backwards { (more, true) } else { (after.is_some(), more) };
    let before = rows.first().filter(|_| has_before).map(|row| Cursor::of(row, query.sort).to_string());
    let after = rows.last().filter(|_| has_after).map(|row| Cursor::of(row, query.sort).to_string());
    Ok((rows, before, after))
}

/// A place in the order of the page: the sorted value and the id of a row. Not a secret and not believed: it is only
/// compared with rows of the scope in the URL.
struct Cursor {
    value: sea_orm::Value,
    id: Uuid,
}

impl Cursor {
    fn of(row: &membership::Model, sort: UserSort) -> Self {
        let value = match sort {
            UserSort::Name | UserSort::NameDesc => row.name_folded.clone().into(),
            UserSort::LastActive | UserSort::LastActiveAsc => row.last_used_at.into(),
        };
        Self { value, id: row.id }
    }

    /// One that cannot be read means the first page.
    fn parse(text: &str, sort: UserSort) -> Option<Self> {
        // PostgreSQL has no text with a NUL in it, so no row has.
        let (id, value) = text.split_once('~').filter(|(_, value)| !value.contains('\0'))?;
        let value = match sort {
            UserSort::Name | UserSort::NameDesc => value.to_owned().into(),
            UserSort::LastActive | UserSort::LastActiveAsc => value.parse::<i64>().ok()?.into(),
        };
        Some(Self { value, id: Uuid::parse_str(id).ok()? })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.value {
            sea_orm::Value::BigInt(Some(number)) => write!(f, "{}~{number}", self.id),
            sea_orm::Value::String(Some(text)) => write!(f, "{}~{text}", self.id),
            _ => write!(f, "{}~", self.id),
        }
    }
}

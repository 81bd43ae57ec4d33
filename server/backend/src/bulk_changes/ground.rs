//! What the words of a line mean in a scope: which account, which role, whose address.

use crate::{
    Error, Result, fold,
    store::{
        self,
        entity::{account, bulk_change_line, membership, user},
        reach, roles,
    },
};
use domain::{
    bulk_change::{MOST, Opening, Outcome, Wish},
    errors::{Field, Problem},
    ids::{AccountId, UserId},
    person::{EmailAddress, TextProblem, is_seen},
    policy::{self, Principal},
    roles::{NamedRole, Role, RoleKey},
    scope::{Scope, ScopeKind},
};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The places a line can speak of, and the roles there.
pub(super) struct Ground {
    own: Scope,
    accounts: Vec<account::Model>,
    /// As they are compared, in the same order.
    names: Vec<String>,
    custom: HashMap<Scope, Vec<NamedRole>>,
}

impl Ground {
    pub(super) async fn of(on: &impl ConnectionTrait, scope: Scope) -> Result<Self> {
        let accounts = match scope {
            Scope::Account(_) => Vec::new(),
            Scope::Portfolio(portfolio) => {
                account::Entity::find()
                    .filter(Condition::all().add(account::Column::PortfolioId.eq(portfolio.0)))
                    .order_by_asc(account::Column::Id)
                    .all(on)
                    .await?
            }
        };
        let mut scopes: Vec<Scope> = accounts.iter().map(|account| Scope::Account(AccountId(account.id))).collect();
        scopes.push(scope);
        let names = accounts.iter().map(|account| fold::text(&account.name)).collect();
        Ok(Self { own: scope, accounts, names, custom: roles::of_scopes(on, &scopes).await? })
    }

    /// The scope itself, then its accounts, each with the roles that somebody may give there.
    pub(super) async fn openings(&self, on: &impl ConnectionTrait, who: &Principal) -> Result<Vec<Opening>> {
        let opening = |scope: Scope, name: String, who: &Principal| {
            let may = |named: &NamedRole| match policy::invite(who, scope, named.role) {
                Ok(_) => true,
                Err(denied) => denied.is_mendable(),
            };
            let mut roles: Vec<NamedRole> = self.roles(scope).filter(may).collect();
            // The least first: who is careless gives little.
            roles.reverse();
            Opening { scope, name, roles }
        };
        let own = store::scope_facts(on, self.own).await?.name;
        let mut openings = vec![opening(self.own, own, who)];
        if let Scope::Portfolio(portfolio) = self.own {
            let linked = self.accounts.iter().map(|account| {
                let id = AccountId(account.id);
                opening(Scope::Account(id), account.name.clone(), &who.clone().over(portfolio, id))
            });
            openings.extend(linked);
        }
        openings.retain(|opening| !opening.roles.is_empty());
        Ok(openings)
    }

    /// The custom ones, then the built-in ones, highest first.
    fn roles(&self, scope: Scope) -> impl Iterator<Item = NamedRole> {
        let custom = self.custom.get(&scope).into_iter().flatten().cloned();
        custom.chain(Role::of_kind(scope.kind()).map(NamedRole::from))
    }

    /// The lines as rows; of what is wrong with one it is said what.
    pub(super) fn lines(
        &self,
        wishes: &[Wish],
        bulk: Uuid,
        mut id: impl FnMut() -> Uuid,
    ) -> Vec<bulk_change_line::Model> {
        let mut seen = HashSet::new();
        let rows = wishes.iter().zip(0..).map(|(wish, position)| {
            let email = EmailAddress::parse(&wish.address);
            let folded = email.as_ref().map(fold::address).unwrap_or_default();
            let place = self.place(&wish.account);
            let role = place.and_then(|(scope, _)| self.role(scope, &wish.role));
            let wrong = match (&email, place, role) {
                (Err(_), ..) => Some(Outcome::NotAnAddress),
                (_, None, _) => Some(Outcome::UnknownAccount),
                (_, _, None) => Some(Outcome::UnknownRole),
                (_, Some((scope, _)), _) if !seen.insert((folded.clone(), scope)) => Some(Outcome::Repeated),
                _ => None,
            };
            bulk_change_line::Model {
                id: id(),
                bulk_id: bulk,
                position,
                line: i32::try_from(wish.line).unwrap_or(i32::MAX),
                address: email.map_or_else(|_| shortened(&wish.address), |email| email.as_str().to_owned()),
                address_folded: folded,
                account: place
                    .map_or_else(|| shortened(&wish.account), |(_, name)| name.unwrap_or_default().to_owned()),
                scope_kind: place.map(|(scope, _)| scope.kind().key().to_owned()),
                scope_id: place.map(|(scope, _)| scope.uuid()),
                written: shortened(&wish.role),
                role: role.map(|role| role.to_string()),
                had: None,
                expected: wrong.unwrap_or(Outcome::Invited).key().to_owned(),
                outcome: None,
                done_at: None,
            }
        });
        rows.collect()
    }

    /// The place itself for no word; else the one account of this identifier or name.
    fn place(&self, written: &str) -> Option<(Scope, Option<&str>)> {
        let written = written.trim();
        if written.is_empty() {
            return Some((self.own, None));
        }
        let folded = fold::text(written);
        let id = Uuid::parse_str(written).ok();
        let is_meant = |(account, name): &(&account::Model, &String)| Some(account.id) == id || **name == folded;
        let mut meant = self.accounts.iter().zip(&self.names).filter(is_meant);
        match (meant.next(), meant.next()) {
            (Some((account, _)), None) => Some((Scope::Account(AccountId(account.id)), Some(&account.name))),
            _ => None,
        }
    }

    /// By its key, or by what it is called: “Campaign Coordinator” is `campaign_coordinator`.
    fn role(&self, scope: Scope, written: &str) -> Option<RoleKey> {
        let folded = fold::text(written);
        let key = folded.replace([' ', '-'], "_");
        let is_meant = |named: &NamedRole| {
            let known = named.role.key().to_string();
            known == key || known == folded || named.name.as_ref().is_some_and(|name| fold::text(name) == folded)
        };
        self.roles(scope).find(is_meant).map(|named| named.role.key())
    }
}

/// What cannot be understood is shown again as it was written, as far as it fits.
fn shortened(written: &str) -> String {
    let plain: String = written.trim().chars().filter(|c| is_seen(*c)).collect();
    match plain.char_indices().nth(usize::from(EmailAddress::MAX)) {
        Some((end, _)) => format!("{}…", &plain[..end]),
        None => plain,
    }
}

/// Lines that give people chosen in the list a role, wherever they have a place of its kind.
pub(super) async fn wishes(
    on: &impl ConnectionTrait,
    scope: Scope,
    chosen: &[UserId],
    role: RoleKey,
    account: Option<AccountId>,
) -> Result<Vec<Wish>> {
    let wrong = |problem| Err(Error::field(Field::Users, Problem::Text(problem)));
    if chosen.len() > MOST {
        return wrong(TextProblem::TooLong { max: MOST as u16 });
    }
    let ids: Vec<Uuid> = chosen.iter().map(|user| user.0).collect();
    let kind = role.as_built_in().map_or(scope.kind(), |role| role.kind());
    let places = match (scope, kind) {
        (Scope::Portfolio(portfolio), ScopeKind::Account) => reach::places(on, portfolio, &ids).await?,
        _ => {
            let here = reach::within(scope).add(membership::Column::UserId.is_in(ids.iter().copied()));
            membership::Entity::find().filter(here).order_by_asc(membership::Column::Id).all(on).await?
        }
    };
    let people = user::Entity::find().filter(user::Column::Id.is_in(ids)).all(on).await?;
    let addresses: HashMap<Uuid, String> = people.into_iter().map(|person| (person.id, person.email)).collect();
    let is_meant = |place: &&membership::Model| {
        place.scope().kind() == kind && account.is_none_or(|account| place.scope() == Scope::Account(account))
    };
    let wish = |(place, line): (&membership::Model, u32)| {
        let is_own = place.scope() == scope;
        Some(Wish {
            line,
            address: addresses.get(&place.user_id)?.clone(),
            role: role.to_string(),
            account: if is_own { String::new() } else { place.scope_id.to_string() },
        })
    };
    let wishes: Vec<Wish> = places.iter().filter(is_meant).zip(1..).filter_map(wish).collect();
    if wishes.is_empty() { wrong(TextProblem::Empty) } else { Ok(wishes) }
}

//! Who there is, what they hold, and what is looked at after each thing that was done.

use super::{
    Dice,
    oracle::{self, Oracle},
};
use crate::support::{Account, HOUR, MINUTE, Person, Portfolio, World};
use backend::{
    Backend, Caller, Error, Result,
    crypto::{LinkToken, Random, ReturnToken},
    store::entity::{authenticator, mfa_reset as row},
};
use domain::{
    authenticators::FactorKind,
    ids::{SessionId, UserId},
    roles::Role,
    scope::{Scope, ScopeKind},
    sessions::{Demands, Proof, ProofKind},
    time::Timestamp,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::BTreeMap;
use uuid::Uuid;
/// A person's place.
#[derive(Clone, Copy)]
pub struct Place {
    pub who: usize,
    pub scope: Scope,
    pub role: Role,
    pub is_active: bool,
}

/// A link that lies in somebody's mailbox.
#[derive(Clone)]
pub struct Mailed {
    pub who: usize,
    pub link: LinkToken,
}

pub struct Stage<'w> {
    pub world: &'w World,
    pub dice: Dice,
    pub people: Vec<Person>,
    pub scopes: Vec<Scope>,
    pub places: Vec<Place>,
    pub oracle: Oracle,
    /// Who has second factors.
    pub bound: Vec<bool>,
    pub reset_links: Vec<Mailed>,
    pub password_links: Vec<Mailed>,
    pub device_codes: Vec<(usize, String)>,
    /// The browser in which somebody accepted.
    pub returning: BTreeMap<usize, ReturnToken>,
    /// Sessions as they were, for who comes back to them.
    old_callers: Vec<Caller>,
    /// How each request ended that did.
    ended: BTreeMap<Uuid, row::Model>,
    story: Story,
}

/// What was done so far, told when it goes wrong.
pub struct Story {
    seed: u64,
    lines: Vec<String>,
}

impl Drop for Story {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("ANY_ORDER={} went wrong after\n{}", self.seed, self.lines.join("\n"));
        }
    }
}

/// Northwind, Contoso, and in half of the worlds Meridian over Northwind.
async fn scopes(world: &World, dice: &Dice) -> (Account, Account, Option<Portfolio>) {
    let portfolio = if dice.percent(50) { Some(world.portfolio("Meridian").await) } else { None };
    let northwind = world.account("Northwind");
    let northwind = if dice.percent(50) { northwind.free().requiring_mfa() } else { northwind };
    let northwind = match &portfolio {
        Some(portfolio) => northwind.linked_to(portfolio).await,
        None => northwind.await,
    };
    (northwind, world.account("Contoso").free().await, portfolio)
}

impl<'w> Stage<'w> {
    pub async fn new(world: &'w World, seed: u64) -> Self {
        let dice = Dice(Random::seeded(seed));
        let (northwind, contoso, portfolio) = scopes(world, &dice).await;
        let (north, other) = (northwind.scope, contoso.scope);
        let mut cast = vec![
            ("Olga", vec![(north, Role::Owner)]),
            ("Chiara", vec![(north, Role::Admin), (other, Role::Support)]),
            ("Bruno", vec![(north, Role::Admin)]),
            ("Dora", vec![(north, if dice.percent(50) { Role::Admin } else { Role::Manager })]),
            ("Marta", vec![(north, Role::Manager)]),
            ("Carlo", vec![(other, Role::Owner)]),
        ];
        if dice.percent(75) {
            cast[4].1.push((other, Role::Admin));
        }
        if let Some(portfolio) = portfolio {
            cast[2].1.push((portfolio.scope, Role::PortfolioAdmin));
            cast.push(("Leilani", vec![(portfolio.scope, Role::PortfolioOwner)]));
            cast.push(("Petra", vec![(portfolio.scope, Role::PortfolioAdmin), (north, Role::Support)]));
        }
        let mut stage = Self {
            world,
            dice,
            people: Vec::new(),
            scopes: [north, other].into_iter().chain(portfolio.map(|portfolio| portfolio.scope)).collect(),
            places: Vec::new(),
            oracle: Oracle::default(),
            bound: Vec::new(),
            reset_links: Vec::new(),
            password_links: Vec::new(),
            device_codes: Vec::new(),
            returning: BTreeMap::new(),
            old_callers: Vec::new(),
            ended: BTreeMap::new(),
            story: Story { seed, lines: Vec::new() },
        };
        if let Some(portfolio) = portfolio {
            stage.oracle.link(north, portfolio.scope);
        }
        for (who, (name, roles)) in cast.into_iter().enumerate() {
            let mut builder = world.user(&format!("{name} {seed}")).with_totp();
            for (scope, role) in &roles {
                builder = builder.with_role(*role, *scope);
            }
            stage.people.push(builder.await);
            stage.bound.push(true);
            for (scope, role) in roles {
                stage.places.push(Place { who, scope, role, is_active: true });
                stage.oracle.turn(stage.id(who), scope, Some(role), None, world.now());
            }
        }
        world.advance(MINUTE);
        if stage.dice.percent(30) {
            stage.give_role(3, north, Role::Manager, None).await;
            stage.give_role(3, north, Role::Admin, Some(1)).await;
        }
        for scope in stage.scopes.clone() {
            if stage.dice.percent(50) {
                let guards = stage.any_guards();
                backend::store::set_guards(world.backend.database.write(), scope, guards).await.unwrap();
                stage.oracle.begins_with(scope, guards);
            }
        }
        world.advance(8 * 24 * HOUR);
        stage
    }

    pub fn id(&self, who: usize) -> UserId {
        self.people[who].id
    }

    pub fn name(&self, who: usize) -> &str {
        self.people[who].name.split(' ').next().unwrap()
    }

    pub fn who(&self, id: UserId) -> usize {
        self.people.iter().position(|person| person.id == id).unwrap()
    }

    pub fn place_name(&self, scope: Scope) -> &'static str {
        ["Northwind", "Contoso", "Meridian"][self.scopes.iter().position(|one| *one == scope).unwrap()]
    }

    /// A scope, and of a portfolio Northwind too.
    pub fn reach(&self, scope: Scope) -> Vec<Scope> {
        if scope.kind() == ScopeKind::Portfolio { vec![scope, self.scopes[0]] } else { vec![scope] }
    }

    pub fn now(&self) -> Timestamp {
        self.world.now()
    }

    /// Either server.
    pub fn server(&self) -> &'w Backend {
        if self.dice.percent(50) { &self.world.backend } else { &self.world.other_server }
    }

    pub fn anybody(&self) -> usize {
        self.dice.below(self.people.len())
    }

    /// As a rule somebody who may reset MFA there, and is none of these; else anybody.
    pub fn administrator(&self, scope: Scope, but: &[UserId]) -> usize {
        let may = |who: &usize| self.oracle.may_reset(self.id(*who), scope) && !but.contains(&self.id(*who));
        let those: Vec<usize> = (0..self.people.len()).filter(may).collect();
        let one = self.dice.pick(&those).filter(|_| self.dice.percent(90));
        one.unwrap_or_else(|| self.anybody())
    }

    /// As a rule a request of this kind, where there is one: its target, a scope whose business it is, and who asked.
    pub fn request(&self, is: impl Fn(&oracle::Request) -> bool) -> Option<(usize, Scope, Vec<UserId>)> {
        let found: Vec<&oracle::Request> = self.oracle.requests.iter().filter(|request| is(request)).collect();
        let elsewhere = self.dice.pick(&self.scopes).unwrap();
        match self.dice.recent(&found).filter(|_| self.dice.percent(95)) {
            Some(request) => {
                let voices = request.voices();
                let scope = voices.first().copied().filter(|_| self.dice.percent(80)).or(self.dice.pick(&voices));
                let but = request.asked.map(|(_, asker)| asker).into_iter().chain([request.target]).collect();
                Some((self.who(request.target), scope.unwrap_or(elsewhere), but))
            }
            None => self.dice.percent(30).then(|| (self.anybody(), elsewhere, Vec::new())),
        }
    }

    /// A session of this person in which all that they can prove was proven just now; now and then some time ago, or in one
    /// from before.
    pub async fn caller(&mut self, who: usize) -> Caller {
        let of_person = |caller: &&Caller| caller.user_id == self.id(who);
        if let Some(old) = self.old_callers.iter().rev().find(of_person).filter(|_| self.dice.percent(5)) {
            return old.clone();
        }
        let (person, has_authenticator) = (self.world.row_of(&self.people[who]).await, self.bound[who]);
        let sql = "SELECT COUNT(*) FROM memberships m LEFT JOIN accounts a ON a.id = m.scope_id \
                   LEFT JOIN portfolios p ON p.id = m.scope_id \
                   WHERE m.user_id = ? AND m.status = 'active' AND (a.require_mfa OR p.require_mfa)";
        let required = !has_authenticator && self.world.number(sql, [person.id.into()]).await > 0;
        let at = if self.dice.percent(5) { self.now() - 11 * MINUTE } else { self.now() };
        let other = if has_authenticator { ProofKind::Authenticator(FactorKind::Totp) } else { ProofKind::DeviceCode };
        let caller = Caller {
            visitor: self.world.visitor(),
            session_id: SessionId(self.world.backend.random.uuid(at)),
            user_id: self.id(who),
            name: person.name,
            email: person.email,
            language: person.language,
            time_zone: person.time_zone,
            theme: domain::theme::Theme::Device,
            epoch: person.epoch,
            established_at: at,
            proofs: vec![Proof { kind: ProofKind::Password, at }, Proof { kind: other, at }],
            demands: Demands { has_authenticator, mfa_required: required, now: at, ..Demands::default() },
        };
        if has_authenticator {
            self.old_callers.push(caller.clone());
        }
        caller
    }

    /// Tells what was done. That something of ours broke is no answer.
    pub fn tell<T>(&mut self, what: String, answer: &Result<T>) {
        let told = match answer {
            Ok(_) => "done".to_owned(),
            Err(Error::Internal(source)) => panic!("{what}: {source}"),
            Err(error) => error.to_string(),
        };
        let at = self.now().rfc3339();
        self.story.lines.push(format!("{at}  {what}: {told}"));
    }
}

// ── what came of it ───────────────────────────────────────────────────────────────────────────────────────────────

impl Stage<'_> {
    fn ids(&self) -> Vec<Uuid> {
        self.people.iter().map(|person| person.id.0).collect()
    }

    pub async fn row(&self, id: Uuid) -> row::Model {
        row::Entity::find_by_id(id).one(self.world.backend.database.read()).await.unwrap().unwrap()
    }

    /// Every request about these people, oldest first.
    pub async fn rows(&self) -> Vec<row::Model> {
        let found = row::Entity::find().filter(row::Column::UserId.is_in(self.ids())).order_by_asc(row::Column::Id);
        found.all(self.world.backend.database.read()).await.unwrap()
    }

    /// Looks at everybody's second factors and at every request. `unbound` has removed the own factor just now.
    pub async fn look(&mut self, unbound: Option<usize>) {
        let (rows, now) = (self.rows().await, self.now());
        self.one_is_live_at_most(&rows);
        let found = authenticator::Entity::find().filter(authenticator::Column::UserId.is_in(self.ids()));
        let found = found.all(self.world.backend.database.read()).await.unwrap();
        let bound: Vec<bool> = self.ids().iter().map(|id| found.iter().any(|factor| factor.user_id == *id)).collect();
        for row in rows.iter().filter(|row| row.ended_at.is_some()) {
            if let Some(before) = self.ended.insert(row.id, row.clone()) {
                let end = |row: &row::Model| (row.ended_at, row.ended_as.clone(), row.end_reason.clone());
                assert_eq!(end(&before), end(row), "what has ended has ended");
                continue;
            }
            let who = self.who(UserId(row.user_id));
            let (as_, because) = (row.ended_as.as_deref().unwrap(), row.end_reason.as_deref().unwrap());
            self.story.lines.push(format!("{}      {}'s request: {as_}, {because}", now.rfc3339(), self.name(who)));
            if as_ == "done" {
                assert!(self.bound[who] && !bound[who], "done, and nothing is gone");
                self.oracle.gone(row.id, now);
                self.bound[who] = false;
            }
            let request = self.oracle.requests.iter_mut().find(|request| request.id == row.id).unwrap();
            request.is_over = true;
            let is_lost = matches!(because, "asker_lost_right" | "target_left");
            assert!(!is_lost || request.is_doubtful, "{because}, and nobody's place changed");
        }
        if let Some(who) = unbound {
            assert!(self.bound[who] && !bound[who]);
            self.bound[who] = false;
        }
        assert_eq!(self.bound, bound, "second factors are gone, and no request is done");
    }

    fn one_is_live_at_most(&self, rows: &[row::Model]) {
        let is_live = |row: &&row::Model| {
            row.ended_at.is_none() && (row.accepted_at.is_some() || row.expires_at > self.now().ms())
        };
        let mut live: Vec<_> = rows.iter().filter(is_live).map(|row| (row.user_id, row.scope_id)).collect();
        let count = live.len();
        live.sort();
        live.dedup();
        assert_eq!(live.len(), count, "two requests of one reach are live");
    }

    /// The end of a sequence: what was met in it.
    pub async fn close(mut self, met: &mut BTreeMap<String, usize>) {
        self.deliver().await;
        self.look(None).await;
        for row in self.rows().await {
            let (Some(as_), Some(because)) = (&row.ended_as, &row.end_reason) else { continue };
            let waited = row.accepted_at.is_some() && row.accepted_at != row.ended_at;
            let facts = [
                (row.opened_at.is_none(), "unapproved"),
                (row.opened_at.is_some() && row.approver_id.is_some(), "approved"),
                (waited, "waited"),
                (waited && row.approver_id.is_some(), "approved and waited"),
                (row.asks_number, "with a number"),
            ];
            let facts = facts.into_iter().filter(|(is_so, _)| *is_so).map(|(_, fact)| format!("{as_}, {fact}"));
            for what in facts.chain([format!("{as_}: {because}")]) {
                *met.entry(what).or_default() += 1;
            }
        }
    }
}

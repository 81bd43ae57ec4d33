//! Many more people beside the cast of a demo: most in the first account, others in several of middle size, some in two.
//!
//! They are written in rows of hundreds past the routines that write one at a time, so all that those keep is kept here too:
//! which place leads, the counters, who was an administrator when. A test counts it all anew. Everybody has the one password
//! of the demo; nobody else's secrets are told.

use super::{Place, names};
use crate::{
    Backend, Result, fold,
    store::{
        self, Tally,
        entity::{audit_entry, authenticator, membership, tenure, user},
    },
};
use domain::{
    audit::{ActorKind, AuditAction},
    authenticators::{FactorKind, FactorKinds},
    policy,
    roles::{Rank, Role},
    scope::{Scope, ScopeKind},
    time::Timestamp,
    users::MembershipStatus,
};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, Iterable,
};
use std::{collections::BTreeMap, time::Duration};
use uuid::Uuid;

/// People in one transaction.
const AT_A_TIME: u32 = 5_000;
/// Arguments of one statement: SQLite takes no more than 32,766.
const ARGUMENTS: usize = 16_000;
const HOUR: Duration = Duration::from_secs(3600);
const DAYS: u32 = 1_400;
/// One in so many is an Admin.
const ADMINS: u32 = 15_000;

/// The accounts of middle size.
pub(super) const ACCOUNTS: [(&str, &str); 8] = [
    ("Alder Freight", "alderfreight.example"),
    ("Brightwater Foods", "brightwater.example"),
    ("Cobalt Insurance", "cobalt.example"),
    ("Dovetail Hotels", "dovetail.example"),
    ("Evergreen Energy", "evergreen.example"),
    ("Foundry Press", "foundry.example"),
    ("Glasshouse Travel", "glasshouse.example"),
    ("Hearthstone Homes", "hearthstone.example"),
];

/// Where a crowd belongs.
pub(super) struct Ground<'a> {
    pub(super) hash: &'a str,
    /// The accounts of the cast, then those that have no Owner yet.
    pub(super) accounts: &'a [Place],
    /// How many have none.
    pub(super) founded: usize,
    pub(super) portfolio: &'a Place,
    pub(super) now: Timestamp,
}

/// Adds so many people, whose numbers begin after that of the last of the cast.
pub(super) async fn add(backend: &Backend, ground: &Ground<'_>, cast: u32, people: u32) -> Result<()> {
    if backend.database.is_sqlite() {
        // Of this connection: the indexes that a crowd is spread over fit into memory.
        backend.database.write().execute_unprepared("PRAGMA cache_size = -262144").await?;
    }
    let mut from = 0;
    while from < people {
        let to = people.min(from + AT_A_TIME);
        let mut rows = Rows::default();
        for number in from..to {
            rows.person(backend, ground, cast + number, (number, people));
        }
        let on = backend.database.begin().await?;
        rows.write(&on).await?;
        on.commit().await?;
        from = to;
    }
    if !backend.database.is_sqlite() {
        backend.database.write().execute_unprepared("VACUUM (ANALYZE) memberships, users, audit_entries").await?;
    }
    Ok(())
}

/// What is written together.
#[derive(Default)]
struct Rows {
    users: Vec<user::Model>,
    memberships: Vec<membership::Model>,
    authenticators: Vec<authenticator::Model>,
    tenures: Vec<tenure::Model>,
    entries: Vec<audit_entry::Model>,
    counts: BTreeMap<Scope, Tally>,
}

/// Somebody about to be written, with what chance decided about them.
struct Somebody {
    id: Uuid,
    name: String,
    email: String,
    chance: [u8; 16],
    made_at: Timestamp,
    kinds: Vec<FactorKind>,
    bound_at: Timestamp,
}

impl Rows {
    fn person(&mut self, backend: &Backend, ground: &Ground<'_>, number: u32, (at, of): (u32, u32)) {
        let chance: [u8; 16] = backend.random.bytes();
        let two = |from: usize| u16::from_be_bytes([chance[from], chance[from + 1]]);
        let age = u64::from(DAYS) * 24 * 3600 * u64::from(of - at) / u64::from(of);
        let made_at = ground.now - 24 * HOUR - Duration::from_secs(age);
        let founds = (at as usize) < ground.founded;
        let home = if founds { ground.accounts.len() - ground.founded + at as usize } else { home(two(0), ground) };
        let name = names::name(two(2), two(4));
        let local: String =
            fold::text(&name).replace(' ', ".").chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').collect();
        let place = &ground.accounts[home];
        let kinds = if founds { vec![FactorKind::Totp] } else { kinds(chance[6]) };
        let bound_at = made_at + HOUR * u32::from(chance[7] / 12);
        let email = format!("{local}{number}@{}", place.domain);
        let id = backend.random.uuid(made_at);
        let person = Somebody { id, name, email, chance, made_at, kinds, bound_at };
        let role = match () {
            () if founds => Role::Owner,
            () if at.is_multiple_of(ADMINS) => Role::Admin,
            () => role(chance[8]),
        };
        let mut places = vec![(place.scope, role)];
        match chance[9] {
            0..10 => {
                let second = (home + 1 + usize::from(chance[9])) % ground.accounts.len();
                if second != home {
                    places.push((ground.accounts[second].scope, Role::Support));
                }
            }
            10 if chance[10] < 16 => places.push((ground.portfolio.scope, Role::PortfolioAnalyst)),
            _ => {}
        }
        self.users.push(user_of(&person, ground, places[0].0));
        self.factors(backend, &person);
        let mut memberships: Vec<(membership::Model, Role)> = places
            .into_iter()
            .enumerate()
            .map(|(nth, (scope, role))| (membership_of(backend, &person, ground, scope, role, nth), role))
            .collect();
        let leading = memberships
            .iter()
            .map(|(place, _)| place)
            .min_by_key(|place| (place.status != "active", std::cmp::Reverse(place.last_used_at), place.id))
            .map(|place| place.id);
        for (place, role) in &mut memberships {
            place.leads = Some(place.id) == leading;
            self.follow(backend, place, *role, &person);
        }
        self.memberships.extend(memberships.into_iter().map(|(place, _)| place));
    }

    /// Counters, tenures and the log, as a membership has them follow.
    fn follow(&mut self, backend: &Backend, place: &membership::Model, role: Role, person: &Somebody) {
        if place.status() == MembershipStatus::Active {
            let mut count = |scope: Scope| *self.counts.entry(scope).or_default() += Tally::one(place.factors());
            if place.scope().kind() == ScopeKind::Account {
                count(place.scope());
            }
            if let Some(portfolio) = place.portfolio_id.filter(|_| place.leads) {
                count(ScopeKind::Portfolio.with(portfolio));
            }
            let (rank, resets_mfa) = (role.rank(), policy::resets_mfa(role));
            if rank > Rank::Member || resets_mfa {
                self.tenures.push(tenure::Model {
                    id: place.id,
                    user_id: place.user_id,
                    scope_kind: place.scope_kind.clone(),
                    scope_id: place.scope_id,
                    role_rank: rank as i16,
                    resets_mfa,
                    since: place.created_at,
                    until: None,
                    given_by: None,
                });
            }
        }
        if place.last_used_at > 0 {
            let at = Timestamp::from_ms(place.last_used_at);
            self.entries.push(audit_entry::Model {
                id: backend.random.uuid(at),
                scope_kind: Some(place.scope_kind.clone()),
                scope_id: Some(place.scope_id),
                at: at.ms(),
                actor_kind: ActorKind::User.key().to_owned(),
                actor_id: Some(person.id),
                actor_name: Some(place.name.clone()),
                via_portfolio_id: None,
                action: AuditAction::SignedIn.key().to_owned(),
                target_id: Some(person.id),
                target_name: Some(place.name.clone()),
                subject_id: None,
                detail: None,
                place: None,
                device: Some(super::DEVICES[usize::from(person.chance[11]) % 3].to_owned()),
                marks: 0,
            });
        }
    }

    fn factors(&mut self, backend: &Backend, person: &Somebody) {
        for kind in &person.kinds {
            let id = backend.random.uuid(person.bound_at);
            let (name, secret) = match kind {
                FactorKind::Totp => ("Phone", backend.random.bytes::<20>().to_vec()),
                FactorKind::Sms => ("Text messages", format!("+4930{:08}", u32::from(person.chance[12]) * 4099).into()),
                FactorKind::Passkey => ("Security key", backend.random.bytes::<64>().to_vec()),
            };
            let sealed = backend.keys.seal(&backend.random, id, &secret);
            let credential_id = (*kind == FactorKind::Passkey).then(|| backend.random.bytes::<32>().to_vec());
            self.authenticators.push(authenticator::Model {
                id,
                user_id: person.id,
                kind: kind.key().to_owned(),
                name: name.to_owned(),
                key_id: sealed.key_id,
                sealed_secret: sealed.bytes,
                last_step: 0,
                bound_at: person.bound_at.ms(),
                last_used_at: None,
                credential_id,
                signs_in: false,
                is_default: false,
            });
        }
    }

    async fn write(self, on: &DatabaseTransaction) -> Result<()> {
        insert::<user::Entity, _>(on, self.users).await?;
        insert::<authenticator::Entity, _>(on, self.authenticators).await?;
        insert::<membership::Entity, _>(on, self.memberships).await?;
        insert::<tenure::Entity, _>(on, self.tenures).await?;
        insert::<audit_entry::Entity, _>(on, self.entries).await?;
        for (scope, more) in self.counts {
            store::count_in(on, scope, more).await?;
        }
        Ok(())
    }
}

/// Writes rows, as many in a statement as fit.
async fn insert<E, A>(on: &DatabaseTransaction, rows: Vec<E::Model>) -> Result<()>
where
    E: EntityTrait<ActiveModel = A>,
    E::Model: IntoActiveModel<A> + Clone,
    A: ActiveModelTrait<Entity = E> + ActiveModelBehavior + Send,
{
    let fitting = ARGUMENTS / E::Column::iter().count();
    for rows in rows.chunks(fitting) {
        let rows = rows.iter().map(|row| row.clone().into_active_model().reset_all());
        E::insert_many(rows).exec_without_returning(on).await?;
    }
    Ok(())
}

/// Seven of ten are in the first account, one in the second, few in the third, the others in those of middle size.
fn home(chance: u16, ground: &Ground<'_>) -> usize {
    match chance / 656 {
        0..70 => 0,
        70..79 => 1,
        79..81 => 2,
        _ => ground.accounts.len() - 1 - usize::from(chance) % ground.founded.max(1),
    }
}

fn kinds(chance: u8) -> Vec<FactorKind> {
    use FactorKind::{Passkey, Sms, Totp};
    match chance {
        0..56 => vec![],
        56..196 => vec![Totp],
        196..212 => vec![Totp, Sms],
        212..228 => vec![Sms],
        228..246 => vec![Passkey],
        _ => vec![Totp, Passkey],
    }
}

fn role(chance: u8) -> Role {
    match chance {
        0..88 => Role::Analyst,
        88..148 => Role::Support,
        148..200 => Role::ContentCreator,
        200..236 => Role::CampaignCoordinator,
        _ => Role::Manager,
    }
}

fn user_of(person: &Somebody, ground: &Ground<'_>, home: Scope) -> user::Model {
    user::Model {
        id: person.id,
        email: person.email.clone(),
        email_folded: person.email.clone(),
        name: person.name.clone(),
        password_hash: Some(ground.hash.to_owned()),
        password_set_at: Some(person.made_at.ms()),
        password_set_by: Some("self".to_owned()),
        epoch: 0,
        language: "en".to_owned(),
        time_zone: super::ZONES[usize::from(person.chance[13]) % 5].to_owned(),
        last_scope_kind: Some(home.kind().key().to_owned()),
        last_scope_id: Some(home.uuid()),
        created_at: person.made_at.ms(),
        deactivated_at: None,
        mfa_grace_from: None,
        notice_email: None,
        erased_at: None,
        theme: String::new(),
    }
}

fn membership_of(
    backend: &Backend,
    person: &Somebody,
    ground: &Ground<'_>,
    scope: Scope,
    role: Role,
    nth: usize,
) -> membership::Model {
    let kinds: FactorKinds = person.kinds.iter().copied().collect();
    let [.., a, b] = person.chance;
    // Who has no second factor is here rarely, a third of them never; of the others most were here lately.
    let is_never = nth == 0 && ((kinds.is_empty() && a < 90) || a < 6) && role.rank() == Rank::Member;
    let share = u32::from(a) * u32::from(a) * (u32::from(b) + 1 + nth as u32);
    let since_made = (ground.now.ms() - person.bound_at.ms()).max(0);
    let used_at = ground.now.ms() - since_made / 0x0100_0000 * i64::from(share) - 60_000 * i64::from(b);
    let is_deactivated = person.chance[10] >= 246 && role.rank() == Rank::Member;
    let mfa_since = if kinds.is_empty() { person.made_at } else { person.bound_at };
    let portfolio = ground.portfolio.scope.uuid();
    membership::Model {
        id: backend.random.uuid(person.made_at),
        user_id: person.id,
        scope_kind: scope.kind().key().to_owned(),
        scope_id: scope.uuid(),
        role: role.key().to_string(),
        status: if is_deactivated { MembershipStatus::Deactivated } else { MembershipStatus::Active }.key().to_owned(),
        name: person.name.clone(),
        name_folded: fold::text(&person.name),
        search_folded: fold::text(&format!("{} {}", person.name, person.email)),
        factor_kinds: i16::from(kinds.bits()),
        last_used_at: if is_never { 0 } else { used_at.max(person.made_at.ms()) },
        created_at: person.made_at.ms(),
        portfolio_id: Some(portfolio),
        leads: false,
        invited_by: None,
        mfa_since: mfa_since.ms(),
        reminded_at: None,
        signed_out_at: None,
    }
}

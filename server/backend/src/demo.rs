//! Demo data: a portfolio that one could believe in, with everybody's password and codes known. The same data, larger, is
//! what `postern seed` makes for benchmarks and tests.
//!
//! It is made by the same routines as real data wherever there is one: the pending reset was asked for, the counters
//! counted, the seeds sealed. One password serves everybody, so that filling is as quick as one hash. Who comes after the
//! [`LISTED`] is of a [`crowd`].

mod crowd;
mod names;

use crate::{
    Backend, Caller, Error, Result, Visitor,
    audit::Entry,
    authenticators,
    crypto::Password,
    fold, mfa_reset, operator,
    store::{
        self,
        entity::{account, authenticator, installation, membership, portfolio, user},
    },
};
use domain::{
    accounts::Plan,
    audit::AuditAction,
    authenticators::FactorKind,
    errors::Conflict,
    ids::{AccountId, PortfolioId, SessionId, UserId},
    person::{Name, Reason},
    roles::Role,
    scope::Scope,
    sessions::{Demands, Proof, ProofKind},
    time::Timestamp,
    users::MembershipStatus,
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryOrder};
use serde::Serialize;
use std::{collections::HashMap, time::Duration};
use uuid::Uuid;

/// Everybody's password.
pub const PASSWORD: &str = "seven quiet lanterns";
/// Fewer people than this cannot have every role.
pub const FEWEST: u32 = 40;
/// So many are made one by one and told of in full.
pub const LISTED: u32 = 500;
/// For how long a browser is trusted in every place of it.
const TRUST_DAYS: i16 = 14;
/// What an authenticator is called that nobody has any more.
const LOST: &str = "Lost phone";
const HOUR: Duration = Duration::from_secs(3600);

/// What was made, for `demo.json`.
#[derive(Debug, Serialize)]
pub struct Demo {
    /// The accounts.
    pub accounts: Vec<DemoAccount>,
    /// The people; the first is the Owner of the first account, with an authenticator app.
    pub users: Vec<DemoUser>,
    /// How many people more there are, whose secrets are not told.
    #[serde(skip_serializing_if = "is_nobody")]
    pub others: u32,
}

fn is_nobody(others: &u32) -> bool {
    *others == 0
}

/// One account.
#[derive(Debug, Serialize)]
pub struct DemoAccount {
    /// Its id.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// `free` or `paid`.
    pub plan: Plan,
    /// “Require MFA for all users”.
    pub require_mfa: bool,
    /// The portfolio it is in.
    pub portfolio_id: Option<PortfolioId>,
}

/// One person, with everything needed to sign in as them.
#[derive(Debug, Serialize)]
pub struct DemoUser {
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: String,
    /// The seed of their authenticator app in base32; nothing when they have none, or have lost it.
    pub totp_secret: Option<String>,
    /// Their backup codes.
    pub backup_codes: Vec<String>,
    /// How things stand with them.
    pub state: DemoState,
    /// Where they are in.
    pub memberships: Vec<DemoMembership>,
}

/// How things stand with a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DemoState {
    /// Signs in as usual.
    Active,
    /// Has lost the second factor; nobody asked for a reset yet.
    LockedOut,
    /// Has lost it, and a reset waits to be accepted.
    ResetPending,
    /// Has lost it, and did not accept in time.
    ResetExpired,
    /// Has no second factor.
    NoMfa,
    /// Is shut out, of the account and of signing in.
    Deactivated,
}

/// One place of a person.
#[derive(Debug, Serialize)]
pub struct DemoMembership {
    /// `account` or `portfolio`.
    pub kind: &'static str,
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The person's role there.
    pub role: Role,
}

struct Place {
    scope: Scope,
    name: &'static str,
    domain: &'static str,
}

const GIVEN: [&str; 40] = [
    "Adaeze",
    "Bram",
    "Chiara",
    "Daniyar",
    "Eilidh",
    "Farid",
    "Gudrun",
    "Hana",
    "Ignacio",
    "Jolanta",
    "Kwame",
    "Leilani",
    "Mateus",
    "Noor",
    "Oluwaseun",
    "Priya",
    "Quentin",
    "Rosalind",
    "Søren",
    "Tamar",
    "Ulrike",
    "Viktor",
    "Wen",
    "Ximena",
    "Yusuf",
    "Zofia",
    "Anouk",
    "Bartholomew",
    "Cosima",
    "Dmitri",
    "Esperanza",
    "Finn",
    "Giulia",
    "Henrike",
    "Ivo",
    "Jun",
    "Katarzyna",
    "Lars",
    "Mirela",
    "Nikhil",
];
const FAMILY: [&str; 40] = [
    "Okonkwo",
    "van der Linden-Hartog",
    "Marchetti",
    "Seitkali",
    "Fraser",
    "Haddad",
    "Nilsdóttir",
    "Sato",
    "Fuentes",
    "Kowalczyk",
    "Mensah",
    "Kealoha",
    "Barbosa",
    "Rahimi",
    "Adebayo",
    "Raman",
    "Delacroix",
    "Whitcombe",
    "Østergaard",
    "Beridze",
    "Brandt",
    "Horváth",
    "Zhang",
    "Cárdenas",
    "Demir",
    "Wiśniewska",
    "Lefèvre",
    "Fitzgerald-Montgomery",
    "Albrecht",
    "Volkov",
    "Morales",
    "Lindqvist",
    "Romano",
    "Janssen",
    "Petrov",
    "Kim",
    "Nowak",
    "Eriksen",
    "Popescu",
    "Deshmukh",
];
const DEVICES: [&str; 3] = ["Firefox on Windows", "Chrome on macOS", "Safari on iPhone"];
const ZONES: [&str; 5] = ["Europe/Rome", "Europe/London", "America/New_York", "Asia/Tokyo", "Africa/Lagos"];

/// Fills an empty database with a portfolio of three accounts and `users` people (at least [`FEWEST`]); beyond [`LISTED`]
/// with more accounts, and a crowd.
///
/// # Errors
/// [`Conflict::ChangedMeanwhile`] when somebody is in there already.
pub async fn fill(backend: &Backend, users: u32) -> Result<Demo> {
    if !operator::is_empty(backend).await? {
        return Err(Conflict::ChangedMeanwhile.into());
    }
    let now = backend.now();
    let hash = backend.hasher.hash(&Password::new(PASSWORD.to_owned())).await;
    let on = backend.database.begin().await?;
    let meridian = PortfolioId(backend.random.uuid(now));
    let row = portfolio::ActiveModel {
        id: Set(meridian.0),
        name: Set("Meridian Group".to_owned()),
        require_mfa: Set(false),
        mfa_trust_days: Set(TRUST_DAYS),
        created_at: Set((now - 900 * 24 * HOUR).ms()),
        ..Default::default()
    };
    portfolio::Entity::insert(row).exec_without_returning(&on).await?;
    let mut accounts = Vec::new();
    let mut places = Vec::new();
    let shapes = [
        ("Northwind", "northwind.example", Plan::Paid),
        ("Harbour & Vale", "harbourvale.example", Plan::Paid),
        ("Lumen Studio", "lumen.example", Plan::Free),
    ];
    for (name, domain, plan) in shapes {
        let made = insert_account(&on, backend, name, plan, meridian, now).await?;
        places.push(Place { scope: Scope::Account(made.id), name, domain });
        accounts.push(made);
    }
    let portfolio = Place { scope: Scope::Portfolio(meridian), name: "Meridian Group", domain: "meridian.example" };
    let mut people = Vec::new();
    for number in 0..users.clamp(FEWEST, LISTED) {
        people.push(insert_person(&on, backend, &hash, number, &places, &portfolio, now).await?);
    }
    let others = users.saturating_sub(LISTED);
    // Each has an Owner, who is one of the crowd.
    let founded = if others as usize > crowd::ACCOUNTS.len() { crowd::ACCOUNTS.len() } else { 0 };
    for (name, domain) in crowd::ACCOUNTS.into_iter().take(founded) {
        let made = insert_account(&on, backend, name, Plan::Paid, meridian, now).await?;
        places.push(Place { scope: Scope::Account(made.id), name, domain });
        accounts.push(made);
    }
    on.commit().await?;
    ask_for_resets(backend, &places[0], &people, now).await?;
    if others > 0 {
        let ground = crowd::Ground { hash: &hash, accounts: &places, portfolio: &portfolio, founded, now };
        crowd::add(backend, &ground, LISTED, others).await?;
    }
    Ok(Demo { accounts, users: people.into_iter().map(|(_, person)| person).collect(), others })
}

async fn insert_account(
    on: &DatabaseTransaction,
    backend: &Backend,
    name: &str,
    plan: Plan,
    meridian: PortfolioId,
    now: Timestamp,
) -> Result<DemoAccount> {
    let made_at = now - 800 * 24 * HOUR;
    let id = AccountId(backend.random.uuid(made_at));
    let row = account::ActiveModel {
        id: Set(id.0),
        name: Set(name.to_owned()),
        plan: Set(plan.key().to_owned()),
        require_mfa: Set(plan == Plan::Paid),
        mfa_trust_days: Set(TRUST_DAYS),
        mfa_sms: Set(true),
        portfolio_id: Set(Some(meridian.0)),
        created_at: Set(made_at.ms()),
        ..Default::default()
    };
    account::Entity::insert(row).exec_without_returning(on).await?;
    let entry = Entry::by_operator(AuditAction::AccountCreated).within(Some(Scope::Account(id)));
    entry.write(on, &backend.at(made_at), made_at).await?;
    Ok(DemoAccount { id, name: name.to_owned(), plan, require_mfa: plan == Plan::Paid, portfolio_id: Some(meridian) })
}

/// Who somebody is, by their number: the first forty are a cast, everybody after them staff.
fn role_of(number: u32) -> (usize, Role, DemoState) {
    use DemoState::{Active, Deactivated, LockedOut, NoMfa, ResetExpired, ResetPending};
    match number {
        0 => (0, Role::Owner, Active),
        1 => (0, Role::Admin, Active),
        2 => (0, Role::Manager, Active),
        3 => (0, Role::Analyst, ResetPending),
        4 => (0, Role::CampaignCoordinator, Active),
        5 => (0, Role::Support, NoMfa),
        6 => (0, Role::ContentCreator, Active),
        7 => (0, Role::Manager, ResetExpired),
        8 => (0, Role::Analyst, LockedOut),
        9 => (0, Role::Support, Deactivated),
        10 => (1, Role::Owner, LockedOut),
        11 | 12 => (1, Role::Admin, Active),
        13 => (1, Role::Manager, Active),
        14 => (2, Role::Owner, Active),
        15 => (2, Role::Admin, Active),
        16 => (2, Role::ContentCreator, NoMfa),
        17 => (2, Role::Support, NoMfa),
        18 => (3, Role::PortfolioAdmin, Active),
        19 => (3, Role::PortfolioManager, Active),
        20 => (3, Role::PortfolioAnalyst, NoMfa),
        _ => {
            let roles = [Role::Analyst, Role::Support, Role::ContentCreator, Role::CampaignCoordinator, Role::Manager];
            let state = if number.is_multiple_of(9) { NoMfa } else { Active };
            ((number % 7 / 3) as usize, roles[(number % 5) as usize], state)
        }
    }
}

async fn insert_person(
    on: &DatabaseTransaction,
    backend: &Backend,
    hash: &str,
    number: u32,
    accounts: &[Place],
    portfolio: &Place,
    now: Timestamp,
) -> Result<(UserId, DemoUser)> {
    let (home, role, state) = role_of(number);
    let home = accounts.get(home).unwrap_or(portfolio);
    let (given, family) = (GIVEN[number as usize % 40], FAMILY[(number + number / 40 * 7) as usize % 40]);
    let name = format!("{given} {family}");
    let suffix = if number < 40 { String::new() } else { format!("{number}") };
    let local: String = fold::text(given).chars().filter(char::is_ascii_alphanumeric).collect();
    let email = format!("{local}{suffix}@{}", home.domain);
    let made_at = now - (700 - u64::from(number % 600)) as u32 * 24 * HOUR;
    let id = UserId(backend.random.uuid(made_at));
    let row = user::Model {
        id: id.0,
        email_folded: email.clone(),
        email: email.clone(),
        name: name.clone(),
        password_hash: Some(hash.to_owned()),
        password_set_at: Some(made_at.ms()),
        password_set_by: Some("self".to_owned()),
        epoch: 0,
        language: "en".to_owned(),
        time_zone: ZONES[number as usize % 5].to_owned(),
        last_scope_kind: Some(home.scope.kind().key().to_owned()),
        last_scope_id: Some(home.scope.uuid()),
        created_at: made_at.ms(),
        deactivated_at: None,
        mfa_grace_from: None,
        notice_email: None,
        erased_at: None,
        theme: String::new(),
    };
    user::Entity::insert(row.into_active_model()).exec_without_returning(on).await?;

    let mut memberships = vec![(home, role)];
    match number {
        0 => memberships.push((portfolio, Role::PortfolioOwner)),
        1 => memberships.push((&accounts[1], Role::Analyst)),
        2 => memberships.extend([(&accounts[1], Role::Support), (&accounts[2], Role::Admin)]),
        11 => memberships.push((&accounts[0], Role::Support)),
        _ => {}
    }
    let mut shown = Vec::new();
    for (place, role) in memberships {
        let never = state == DemoState::NoMfa && number.is_multiple_of(2);
        let used_at = now - Duration::from_secs(u64::from(number * number % 977) * 3301 + 240);
        let row = membership::Model {
            id: backend.random.uuid(made_at),
            user_id: id.0,
            scope_kind: place.scope.kind().key().to_owned(),
            scope_id: place.scope.uuid(),
            role: role.key().to_string(),
            status: match state {
                DemoState::Deactivated => MembershipStatus::Deactivated,
                _ => MembershipStatus::Active,
            }
            .key()
            .to_owned(),
            name_folded: fold::text(&name),
            search_folded: format!("{} {email}", fold::text(&name)),
            name: name.clone(),
            factor_kinds: 0,
            last_used_at: if never { 0 } else { used_at.ms() },
            created_at: made_at.ms(),
            portfolio_id: None,
            leads: false,
            invited_by: None,
            mfa_since: made_at.ms(),
            reminded_at: None,
            signed_out_at: None,
        };
        store::membership::insert(on, row).await?;
        if !never {
            let entry = Entry::own(id, &name, AuditAction::SignedIn).within(Some(place.scope));
            let visitor = Visitor { device: DEVICES[number as usize % 3].to_owned(), ..Visitor::default() };
            entry.from(&visitor).write(on, &backend.at(used_at), used_at).await?;
        }
        let (kind, scope_id) = (place.scope.kind().key(), place.scope.uuid());
        shown.push(DemoMembership { kind, id: scope_id, name: place.name.to_owned(), role });
    }
    let (totp_secret, backup_codes) = match state {
        DemoState::NoMfa => (None, Vec::new()),
        _ => insert_factors(on, backend, id, state, made_at).await?,
    };
    if state == DemoState::Deactivated {
        let sql = "UPDATE users SET deactivated_at = ? WHERE id = ?";
        on.execute_raw(store::statement(on, sql, [made_at.ms().into(), id.0.into()])).await?;
    }
    let user = DemoUser { email, password: PASSWORD.to_owned(), totp_secret, backup_codes, state, memberships: shown };
    Ok((id, user))
}

/// An authenticator app and backup codes; of who is locked out nobody knows either.
async fn insert_factors(
    on: &DatabaseTransaction,
    backend: &Backend,
    user: UserId,
    state: DemoState,
    now: Timestamp,
) -> Result<(Option<String>, Vec<String>)> {
    let seed: [u8; 20] = backend.random.bytes();
    let is_known = matches!(state, DemoState::Active | DemoState::Deactivated);
    let phone = Name::parse(if is_known { "Phone" } else { LOST }).map_err(Error::internal)?;
    authenticators::insert_totp(on, backend, (user, 0), &phone, &seed, 0, now).await?;
    let codes = match is_known {
        true => {
            let nobody = SessionId(Uuid::nil());
            authenticators::replace_backup_codes(on, backend, (user, 0), nobody, now).await?
        }
        false => Vec::new(),
    };
    store::refresh_factor_kinds(on, user, now).await?;
    Ok((is_known.then(|| data_encoding::BASE32_NOPAD.encode(&seed)), codes))
}

/// The Admin of the first account asked for a reset two hours ago, and for another that nobody accepted in time.
async fn ask_for_resets(backend: &Backend, place: &Place, people: &[(UserId, DemoUser)], now: Timestamp) -> Result<()> {
    for (state, ago) in [(DemoState::ResetExpired, 20 * HOUR), (DemoState::ResetPending, 2 * HOUR)] {
        let then = backend.at(now - ago);
        let admin = caller(&people[1], then.now());
        for (target, _) in people.iter().filter(|(_, person)| person.state == state) {
            let reason = Reason::parse("Lost the phone, called from the known number").map_err(Error::internal)?;
            mfa_reset::request(&then, &admin, place.scope, *target, &reason).await?;
        }
    }
    mfa_reset::finish_due(backend).await
}

fn caller((id, person): &(UserId, DemoUser), now: Timestamp) -> Caller {
    Caller {
        visitor: Visitor { device: "Firefox on Windows".to_owned(), ..Visitor::default() },
        session_id: SessionId(Uuid::nil()),
        user_id: *id,
        name: String::new(),
        email: person.email.clone(),
        language: "en".to_owned(),
        time_zone: String::new(),
        theme: domain::theme::Theme::Device,
        epoch: 0,
        established_at: now,
        proofs: vec![Proof { kind: ProofKind::Authenticator(FactorKind::Totp), at: now }],
        demands: Demands { has_authenticator: true, mfa_required: true, now, ..Demands::default() },
    }
}

/// Marks the database as a demo's: `/demo/*` exists only there, and `serve` refuses it.
pub async fn mark(backend: &Backend) -> Result<()> {
    let row = installation::ActiveModel { key: Set("demo".to_owned()), value: Set("true".to_owned()) };
    installation::Entity::insert(row).exec_without_returning(backend.database.write()).await?;
    Ok(())
}

/// Whether the database is a demo's.
pub async fn is_marked(backend: &Backend) -> Result<bool> {
    Ok(installation::Entity::find_by_id("demo".to_owned()).one(backend.database.read()).await?.is_some())
}

/// A code that is right now, for `/demo/authenticator`.
#[derive(Debug)]
pub struct LiveCode {
    /// Whose.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Of which authenticator.
    pub method: String,
    /// Six digits.
    pub code: String,
}

/// Everybody's codes now, but for phones that are lost. A demo's only: on a real database nothing calls this.
pub async fn live_codes(backend: &Backend) -> Result<Vec<LiveCode>> {
    if !is_marked(backend).await? {
        return Err(Error::NotFound);
    }
    let on = backend.database.read();
    let people = user::Entity::find().order_by_asc(user::Column::Id).all(on).await?;
    let mut bound: HashMap<Uuid, Vec<authenticator::Model>> = HashMap::new();
    for row in authenticator::Entity::find().all(on).await? {
        bound.entry(row.user_id).or_default().push(row);
    }
    let mut codes = Vec::new();
    for person in people {
        for row in bound.remove(&person.id).unwrap_or_default().into_iter().filter(|row| row.name != LOST) {
            if let Some(code) = authenticators::live_code(backend, &row, backend.now()) {
                let (name, email) = (person.name.clone(), person.email.clone());
                codes.push(LiveCode { name, email, method: row.name, code });
            }
        }
    }
    codes.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(codes)
}

/// The code of a key that is being enrolled, as a person without an app would want to see it.
pub fn code_of(key: &str, now: Timestamp) -> Option<String> {
    let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
    let seed = data_encoding::BASE32_NOPAD.decode(plain.as_bytes()).ok().filter(|seed| !seed.is_empty())?;
    authenticators::code_at(&seed, now)
}

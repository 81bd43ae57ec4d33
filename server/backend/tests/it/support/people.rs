//! Who is in the world: builders that read like English and write rows, so that a story's test does not depend on the
//! stories that lead up to it.

use super::World;
use backend::{
    Caller, Visitor,
    crypto::Password,
    sessions, sign_in,
    store::{
        self,
        entity::{account, authenticator, headcount, membership, portfolio, user},
    },
};
use domain::{
    accounts::Plan,
    authenticators::FactorKind,
    ids::{AccountId, PortfolioId, UserId},
    person::EmailAddress,
    roles::Role,
    scope::Scope,
    sessions::Standing,
    time::Timestamp,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use std::{pin::Pin, time::Duration};

/// An account that is there.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// Which one.
    pub scope: Scope,
}

impl Account {
    /// Its id.
    pub fn id(&self) -> domain::ids::AccountId {
        domain::ids::AccountId(self.scope.uuid())
    }
}

/// A portfolio that is there.
#[derive(Clone, Copy, Debug)]
pub struct Portfolio {
    /// Which one.
    pub id: PortfolioId,
    /// The same as a scope.
    pub scope: Scope,
}

/// A person who is there.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// First name, and in these tests the only one.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: String,
    /// The seed of their authenticator app.
    pub totp_seed: Option<Vec<u8>>,
}

/// The future of a builder.
type Built<'w, T> = Pin<Box<dyn Future<Output = T> + 'w>>;

impl World {
    /// A paid account, which requires MFA of all users.
    pub fn account(&self, name: &str) -> AccountBuilder<'_> {
        let id = AccountId(self.backend.random.uuid(self.now()));
        AccountBuilder { world: self, id, name: name.into(), plan: Plan::Paid, require_mfa: true, portfolio: None }
    }

    /// A portfolio that requires nothing.
    pub async fn portfolio(&self, name: &str) -> Portfolio {
        let id = PortfolioId(self.backend.random.uuid(self.now()));
        let row = portfolio::ActiveModel {
            id: Set(id.0),
            name: Set(name.into()),
            require_mfa: Set(false),
            created_at: Set(self.now().ms()),
            ..Default::default()
        };
        row.insert(self.backend.database.write()).await.unwrap();
        let scope = Scope::Portfolio(id);
        self.count(scope, 0, 0).await;
        Portfolio { id, scope }
    }

    /// A person with a password, who belongs nowhere and has no second factor yet. The address is made of the name.
    pub fn user(&self, name: &str) -> PersonBuilder<'_> {
        PersonBuilder {
            world: self,
            name: name.into(),
            email: format!("{}@postern.example", name.to_lowercase().replace(' ', ".")),
            time_zone: "Europe/Rome".into(),
            language: "en".into(),
            places: Vec::new(),
            totp: None,
            password: true,
        }
    }

    /// Signs this person in through every step, with the code of their app, or else the one that is mailed. Half a
    /// minute goes by first, because a code of the app is accepted once.
    pub async fn sign_in(&self, person: &Person) -> Caller {
        self.advance(Duration::from_secs(30));
        let email = EmailAddress::parse(&person.email).unwrap();
        let mut visitor = self.visitor();
        let password = Password::new(person.password.clone());
        let mut step = sign_in::sign_in(&self.backend, &visitor, &email, password).await.unwrap();
        loop {
            visitor.session = Some(step.session);
            let caller = sessions::caller(&self.backend, &visitor).await.unwrap();
            step = match step.standing {
                Standing::AwaitingMfa => {
                    sign_in::submit_totp(&self.backend, &caller, &person.code(self), false).await.unwrap()
                }
                Standing::AwaitingDeviceCode => {
                    let code = code_in(&self.mail_to(person).await.text);
                    sign_in::submit_device_code(&self.backend, &caller, &code).await.unwrap()
                }
                Standing::EnrolOnly | Standing::EnrolPhishingResistant | Standing::NeedsSso(_) | Standing::Enter => {
                    return caller;
                }
            };
        }
    }

    /// Makes a person who is there a member of an account as well.
    pub async fn join(&self, person: &Person, account: &Account, role: Role) {
        self.join_scope(person, account.scope, role).await;
    }

    async fn join_scope(&self, person: &Person, scope: Scope, role: Role) {
        assert_eq!(role.kind(), scope.kind(), "account and portfolio roles are separate");
        let (backend, now) = (&self.backend, self.now());
        let row = membership::Model {
            id: backend.random.uuid(now),
            user_id: person.id.0,
            scope_kind: scope.kind().key().into(),
            scope_id: scope.uuid(),
            role: role.key().into(),
            status: "active".into(),
            name: person.name.clone(),
            name_folded: backend::fold::text(&person.name),
            search_folded: backend::fold::text(&format!("{} {}", person.name, person.email)),
            factor_kinds: 0,
            last_used_at: 0,
            created_at: now.ms(),
            portfolio_id: None,
            leads: false,
            invited_by: None,
            mfa_since: now.ms(),
            reminded_at: None,
            signed_out_at: None,
        };
        store::membership::insert(backend.database.write(), row).await.unwrap();
    }

    /// Somebody at a browser that was never seen.
    pub fn visitor(&self) -> Visitor {
        Visitor {
            address: Some([192, 0, 2, 7].into()),
            device: "Firefox on Linux".into(),
            language: Some("en".into()),
            time_zone: Some("Europe/Rome".into()),
            ..Visitor::default()
        }
    }

    async fn count(&self, scope: Scope, members: i64, with_mfa: i64) {
        let row = headcount::ActiveModel {
            scope_kind: Set(scope.kind().key().into()),
            scope_id: Set(scope.uuid()),
            members: Set(members),
            with_mfa: Set(with_mfa),
            ..Default::default()
        };
        row.insert(self.backend.database.write()).await.unwrap();
    }
}

/// The one code of six digits in a text.
pub fn code_in(text: &str) -> String {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let code = words.find(|word| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit()));
    code.unwrap_or_else(|| panic!("no code in {text}")).to_owned()
}

impl Person {
    /// What their app shows now.
    ///
    /// # Panics
    /// When they have none.
    pub fn code(&self, world: &World) -> String {
        self.code_at(world.now())
    }

    /// What their app shows at `at`.
    pub fn code_at(&self, at: Timestamp) -> String {
        let seed = self.totp_seed.as_ref().unwrap_or_else(|| panic!("{} has no authenticator app", self.name));
        code_of(seed, at)
    }
}

/// What an app with this seed shows at `at`.
pub fn code_of(seed: &[u8], at: Timestamp) -> String {
    let totp = totp_rs::Builder::new().with_secret(seed.to_vec()).with_account_name("test").build().unwrap();
    totp.generate(at.seconds() as u64).to_string()
}

/// Makes an [`Account`].
pub struct AccountBuilder<'w> {
    world: &'w World,
    id: AccountId,
    name: String,
    plan: Plan,
    require_mfa: bool,
    portfolio: Option<PortfolioId>,
}

impl AccountBuilder<'_> {
    /// On the free plan, requiring nothing.
    pub fn free(self) -> Self {
        Self { plan: Plan::Free, require_mfa: false, ..self }
    }

    /// “Require MFA for all users” is on.
    pub fn requiring_mfa(self) -> Self {
        Self { require_mfa: true, ..self }
    }

    /// Linked to this portfolio.
    pub fn linked_to(self, portfolio: &Portfolio) -> Self {
        Self { portfolio: Some(portfolio.id), ..self }
    }
}

impl<'w> IntoFuture for AccountBuilder<'w> {
    type Output = Account;
    type IntoFuture = Built<'w, Account>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let row = account::ActiveModel {
                id: Set(self.id.0),
                name: Set(self.name),
                plan: Set(self.plan.key().into()),
                require_mfa: Set(self.require_mfa),
                portfolio_id: Set(self.portfolio.map(|portfolio| portfolio.0)),
                created_at: Set(self.world.now().ms()),
                ..Default::default()
            };
            row.insert(self.world.backend.database.write()).await.unwrap();
            let scope = Scope::Account(self.id);
            self.world.count(scope, 0, 0).await;
            Account { scope }
        })
    }
}

/// Makes a [`Person`].
pub struct PersonBuilder<'w> {
    world: &'w World,
    name: String,
    email: String,
    time_zone: String,
    language: String,
    places: Vec<(Scope, Role)>,
    totp: Option<Vec<u8>>,
    password: bool,
}

impl PersonBuilder<'_> {
    /// Has an authenticator app.
    pub fn with_totp(self) -> Self {
        let seed = self.world.backend.random.bytes::<20>().to_vec();
        self.with_totp_seed(seed)
    }

    /// Has an authenticator app with this seed.
    pub fn with_totp_seed(self, seed: Vec<u8>) -> Self {
        Self { totp: Some(seed), ..self }
    }

    /// Was made by the operator and has not set a password yet.
    pub fn without_password(self) -> Self {
        Self { password: false, ..self }
    }

    /// With this address instead of the one made of the name.
    pub fn at(self, email: &str) -> Self {
        Self { email: email.into(), ..self }
    }

    /// Reads times in this zone, by its IANA name.
    pub fn living_in(self, time_zone: &str) -> Self {
        Self { time_zone: time_zone.into(), ..self }
    }

    /// Reads pages and mails in this language.
    pub fn speaking(self, language: &str) -> Self {
        Self { language: language.into(), ..self }
    }

    /// Its Owner.
    pub fn owner_of(self, account: &Account) -> Self {
        self.with_role(Role::Owner, account.scope)
    }

    /// Admin there.
    pub fn admin_of(self, account: &Account) -> Self {
        self.with_role(Role::Admin, account.scope)
    }

    /// Manager there.
    pub fn manager_of(self, account: &Account) -> Self {
        self.with_role(Role::Manager, account.scope)
    }

    /// Analyst there.
    pub fn analyst_of(self, account: &Account) -> Self {
        self.with_role(Role::Analyst, account.scope)
    }

    /// With this address.
    pub fn addressed(self, email: &str) -> Self {
        Self { email: email.into(), ..self }
    }

    /// Its Portfolio Owner.
    pub fn portfolio_owner_of(self, portfolio: &Portfolio) -> Self {
        self.with_role(Role::PortfolioOwner, portfolio.scope)
    }

    /// Portfolio Admin there.
    pub fn portfolio_admin_of(self, portfolio: &Portfolio) -> Self {
        self.with_role(Role::PortfolioAdmin, portfolio.scope)
    }

    /// An active member with this role.
    pub fn with_role(mut self, role: Role, scope: Scope) -> Self {
        self.places.push((scope, role));
        self
    }
}

impl<'w> IntoFuture for PersonBuilder<'w> {
    type Output = Person;
    type IntoFuture = Built<'w, Person>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.build())
    }
}

impl PersonBuilder<'_> {
    async fn build(self) -> Person {
        let backend = &self.world.backend;
        let (now, write) = (self.world.now(), backend.database.write());
        let password = format!("the long secret of {}", self.name);
        let hash = match self.password {
            true => Some(backend.hasher.hash(&Password::new(password.clone())).await),
            false => None,
        };
        let id = backend.random.uuid(now);
        let row = user::ActiveModel {
            id: Set(id),
            email: Set(self.email.clone()),
            email_folded: Set(self.email.to_lowercase()),
            name: Set(self.name.clone()),
            password_set_at: Set(hash.as_ref().map(|_| now.ms())),
            password_set_by: Set(hash.as_ref().map(|_| "self".into())),
            password_hash: Set(hash),
            epoch: Set(1),
            language: Set(self.language.clone()),
            time_zone: Set(self.time_zone.clone()),
            last_scope_kind: Set(None),
            last_scope_id: Set(None),
            created_at: Set(now.ms()),
            deactivated_at: Set(None),
            mfa_grace_from: Set(self.totp.as_ref().map(|_| 0)),
            notice_email: Set(None),
            erased_at: Set(None),
            theme: Set(String::new()),
        };
        row.insert(write).await.unwrap();
        if let Some(seed) = &self.totp {
            self.bind_totp(id, seed).await;
        }
        let person = Person { id: UserId(id), name: self.name, email: self.email, password, totp_seed: self.totp };
        for (scope, role) in self.places {
            self.world.join_scope(&person, scope, role).await;
        }
        person
    }

    async fn bind_totp(&self, user: uuid::Uuid, seed: &[u8]) {
        let (backend, now) = (&self.world.backend, self.world.now());
        let id = backend.random.uuid(now);
        let sealed = backend.keys.seal(&backend.random, id, seed);
        let row = authenticator::ActiveModel {
            id: Set(id),
            user_id: Set(user),
            kind: Set(FactorKind::Totp.key().into()),
            name: Set("Phone".into()),
            key_id: Set(sealed.key_id),
            sealed_secret: Set(sealed.bytes),
            last_step: Set(0),
            bound_at: Set(now.ms()),
            last_used_at: Set(None),
            credential_id: Set(None),
            signs_in: Set(false),
            is_default: Set(false),
        };
        row.insert(backend.database.write()).await.unwrap();
    }
}

//! The database: the only place that says `sea_orm`, save for the connection that a use case hands on.
//!
//! Two pools on SQLite. Reads share one; writes go through another of a single connection, and every writing transaction
//! begins with `BEGIN IMMEDIATE`: a deferred one that reads first and writes later fails at once when somebody wrote
//! in between, however long it is willing to wait. On PostgreSQL both are the same pool, and use cases lock the rows
//! they decide about, the acting membership before the target user.

pub mod entity;
pub mod mail;
pub mod membership;
pub mod outbox;
pub mod reach;
pub mod roles;
pub mod search;
pub mod tenure;
pub mod user;

use crate::{Error, Result};
use domain::{
    accounts::Plan,
    authenticators::{FactorKind, FactorKinds},
    guards::{ApproverFor, Guards, Hours},
    ids::UserId,
    mfa_policy::{Days, Floor, MfaPolicy, MfaRules},
    roles::{Rank, RoleKey},
    scope::{Scope, ScopeKind},
    time::Timestamp,
    users::MembershipStatus,
};
pub use sea_orm::ConnectionTrait;
use sea_orm::{
    ColumnTrait, ConnectOptions, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
    sea_query::{Expr, ExprTrait, Func, LikeExpr, LockType, SimpleExpr},
};
use std::time::Duration;
use uuid::Uuid;

/// A database, opened.
#[derive(Clone)]
pub struct Database {
    read: DatabaseConnection,
    write: DatabaseConnection,
}

/// Why a database was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is of no kind that Postern knows.
    #[error("the database URL must begin with sqlite: or postgres:")]
    UnknownKind,
    /// It could not be reached or opened.
    #[error("the database cannot be opened: {0}")]
    Connect(#[from] sea_orm::DbErr),
}

impl Database {
    /// Opens the database at `url`: `sqlite:PATH`, made when it is not there, or `postgres://…`.
    pub async fn open(url: &str) -> std::result::Result<Self, OpenError> {
        if url.starts_with("sqlite:") {
            let write = sea_orm::Database::connect(sqlite(url, 1)).await?;
            let read = sea_orm::Database::connect(sqlite(url, 4)).await?;
            Ok(Self { read, write })
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let mut options = ConnectOptions::new(url);
            options.max_connections(16).acquire_timeout(Duration::from_secs(10)).sqlx_logging(false);
            let pool = sea_orm::Database::connect(options).await?;
            Ok(Self { read: pool.clone(), write: pool })
        } else {
            Err(OpenError::UnknownKind)
        }
    }

    /// The file that `url` names, when it is one and not there: opening would make it.
    pub fn missing_file(url: &str) -> Option<&str> {
        let path = url.strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        (path != ":memory:" && !std::path::Path::new(path).exists()).then_some(path)
    }

    /// Whether it is the file of one machine.
    pub fn is_sqlite(&self) -> bool {
        self.write.get_database_backend() == DbBackend::Sqlite
    }

    /// From now on `told` hears of every statement: for who counts them, or plays them back.
    pub fn observe(&mut self, told: impl Fn(&Statement) + Clone + Send + Sync + 'static) {
        let also = told.clone();
        self.read.set_metric_callback(move |info| also(info.statement));
        self.write.set_metric_callback(move |info| told(info.statement));
    }

    /// For reading outside a transaction.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// For single statements that write, and for migrations.
    pub fn write(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Begins a transaction that writes.
    pub async fn begin(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        Ok(self.write.begin_with_options(options).await?)
    }

    /// Closes it, waiting for what is under way.
    pub async fn close(self) -> Result<()> {
        self.read.close().await.map_err(Error::from)?;
        self.write.close().await.map_err(Error::from)
    }
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).sqlx_logging(false).acquire_timeout(Duration::from_secs(30));
    options.map_sqlx_sqlite_opts(|options| {
        options
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(sea_orm::sqlx::sqlite::SqliteJournalMode::Wal)
            .synchronous(sea_orm::sqlx::sqlite::SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
    });
    options
}

/// A statement in the words of whichever database it is for: `?` stands for an argument.
pub fn statement(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = sea_orm::Value>,
) -> Statement {
    let backend = connection.get_database_backend();
    if backend == DbBackend::Postgres {
        let mut numbered = String::with_capacity(sql.len() + 8);
        let mut count = 0;
        for part in sql.split_inclusive('?') {
            match part.strip_suffix('?') {
                Some(text) => {
                    count += 1;
                    numbered.push_str(text);
                    numbered.push_str(&format!("${count}"));
                }
                None => numbered.push_str(part),
            }
        }
        Statement::from_sql_and_values(backend, numbered, values)
    } else {
        Statement::from_sql_and_values(backend, sql, values)
    }
}

/// `column` has `text` in it, whatever `%` and `_` it has of its own.
pub fn contains(column: SimpleExpr, text: &str) -> SimpleExpr {
    column.like(pattern(text))
}

/// [`contains`] whatever the case: SQLite's `LIKE` reads past that of ASCII by itself, PostgreSQL's does not.
pub fn contains_in_any_case(column: impl ColumnTrait, text: &str) -> SimpleExpr {
    let like = pattern(&text.to_lowercase());
    SimpleExpr::from(Func::lower(Expr::col(column.as_column_ref()))).like(like)
}

/// With `text` anywhere.
fn pattern(text: &str) -> LikeExpr {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    LikeExpr::new(format!("%{escaped}%")).escape('\\')
}

impl entity::membership::Model {
    /// Where.
    pub fn scope(&self) -> Scope {
        ScopeKind::of_key(&self.scope_kind).unwrap_or(ScopeKind::Account).with(self.scope_id)
    }

    /// As what; what that allows says [`roles::held`].
    pub fn role_key(&self) -> RoleKey {
        roles::key_of(&self.role, self.scope().kind())
    }

    /// Where they stand.
    pub fn rank(&self) -> Rank {
        self.role_key().rank()
    }

    /// Whether they are in.
    pub fn status(&self) -> MembershipStatus {
        MembershipStatus::of_key(&self.status).unwrap_or(MembershipStatus::Deactivated)
    }

    /// Kinds of second factor.
    pub fn factors(&self) -> FactorKinds {
        FactorKinds::from_bits(u8::try_from(self.factor_kinds).unwrap_or(0))
    }
}

/// Writes down what became of one of many, unless another server did. Answers whether it was this one.
pub(crate) async fn settle(
    on: &impl ConnectionTrait,
    table: &str,
    id: Uuid,
    outcome: &str,
    now: Timestamp,
) -> Result<bool> {
    let sql = format!("UPDATE {table} SET outcome = ?, done_at = ? WHERE id = ? AND outcome IS NULL");
    let values = [outcome.into(), now.ms().into(), id.into()];
    Ok(on.execute_raw(statement(on, &sql, values)).await?.rows_affected() == 1)
}

/// Every place where a person is in.
pub async fn active_memberships(on: &impl ConnectionTrait, user: UserId) -> Result<Vec<entity::membership::Model>> {
    let found = entity::membership::Entity::find()
        .filter(entity::membership::Column::UserId.eq(user.0))
        .filter(entity::membership::Column::Status.eq(MembershipStatus::Active.key()))
        .order_by_asc(entity::membership::Column::Id)
        .all(on)
        .await?;
    Ok(found)
}

/// Locks a person's row for this transaction and reads it. On SQLite the transaction has the whole database already.
///
/// The lock lets others insert rows that refer to the person, a mail to them for instance: else two people who accept the
/// requests they made for each other would wait for each other.
pub async fn lock_user(on: &impl ConnectionTrait, user: UserId) -> Result<entity::user::Model> {
    entity::user::Entity::find_by_id(user.0).lock(LockType::NoKeyUpdate).one(on).await?.ok_or(Error::NotFound)
}

/// Locks a person's memberships and then their row: for what changes the second factors, which every membership tells of.
/// Who acts in a scope holds their own membership before they lock anybody's row, so it is this order everywhere.
pub async fn lock_user_and_places(on: &impl ConnectionTrait, user: UserId) -> Result<entity::user::Model> {
    lock_places(on, user).await?;
    lock_user(on, user).await
}

/// Locks a person's memberships, in one order.
pub async fn lock_places(on: &impl ConnectionTrait, user: UserId) -> Result<()> {
    lock_places_of(on, &[user]).await
}

/// Locks the memberships of several people, in one order for all of them together: two who act on each other do not wait for
/// each other.
pub async fn lock_places_of(on: &impl ConnectionTrait, users: &[UserId]) -> Result<()> {
    entity::membership::Entity::find()
        .filter(entity::membership::Column::UserId.is_in(users.iter().map(|user| user.0)))
        .order_by_asc(entity::membership::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(on)
        .await?;
    Ok(())
}

/// The name of a scope, what it has set and, of an account, its plan and what its portfolio asks of it.
pub async fn scope_facts(on: &impl ConnectionTrait, scope: Scope) -> Result<ScopeFacts> {
    match scope {
        Scope::Account(id) => {
            let account = entity::account::Entity::find_by_id(id.0).one(on).await?.ok_or(Error::NotFound)?;
            let portfolio = match account.portfolio_id {
                Some(portfolio) => entity::portfolio::Entity::find_by_id(portfolio).one(on).await?,
                None => None,
            };
            Ok(ScopeFacts {
                plan: Plan::of_key(&account.plan),
                guards: guards_of(
                    &account.guard_approver,
                    account.guard_wait,
                    account.guard_owner_wait,
                    account.guard_number,
                ),
                own: account.mfa_rules(),
                floor: portfolio.as_ref().and_then(entity::portfolio::Model::floor),
                name: account.name,
            })
        }
        Scope::Portfolio(id) => {
            let portfolio = entity::portfolio::Entity::find_by_id(id.0).one(on).await?.ok_or(Error::NotFound)?;
            Ok(ScopeFacts {
                plan: None,
                guards: guards_of(
                    &portfolio.guard_approver,
                    portfolio.guard_wait,
                    portfolio.guard_owner_wait,
                    portfolio.guard_number,
                ),
                own: portfolio.mfa_rules(),
                floor: None,
                name: portfolio.name,
            })
        }
    }
}

impl entity::account::Model {
    /// What it has set itself.
    pub fn mfa_rules(&self) -> MfaRules {
        let days = (self.mfa_trust_days, self.mfa_grace_days);
        let policy = mfa_policy_of(days, self.mfa_phishing_resistant, self.mfa_sms, false);
        MfaRules { required: self.require_mfa, policy }
    }
}

impl entity::portfolio::Model {
    /// What it has set.
    pub fn mfa_rules(&self) -> MfaRules {
        let days = (self.mfa_trust_days, self.mfa_grace_days);
        let policy = mfa_policy_of(days, self.mfa_phishing_resistant, self.mfa_sms, self.mfa_floor);
        MfaRules { required: self.require_mfa, policy }
    }

    /// The same as far as it holds in its accounts.
    pub fn floor(&self) -> Option<Floor> {
        self.mfa_floor.then(|| Floor { portfolio: self.name.clone(), rules: self.mfa_rules() })
    }
}

/// [`scope_facts`] of a scope that nobody else changes until the transaction ends.
pub async fn lock_scope(on: &DatabaseTransaction, scope: Scope) -> Result<ScopeFacts> {
    // On SQLite the transaction has the whole database already.
    match scope {
        Scope::Account(id) => {
            entity::account::Entity::find_by_id(id.0).lock(LockType::NoKeyUpdate).one(on).await?;
        }
        Scope::Portfolio(id) => {
            entity::portfolio::Entity::find_by_id(id.0).lock(LockType::NoKeyUpdate).one(on).await?;
        }
    }
    scope_facts(on, scope).await
}

/// Writes what an MFA reset meets in a scope.
pub async fn set_guards(on: &impl ConnectionTrait, scope: Scope, guards: Guards) -> Result<()> {
    let table = table_of(scope);
    let sql = format!(
        "UPDATE {table} SET guard_approver = ?, guard_wait = ?, guard_owner_wait = ?, guard_number = ? WHERE id = ?"
    );
    let hours = |hours: Hours| i16::from(hours.get());
    let values = [
        guards.approver.key().into(),
        hours(guards.wait).into(),
        hours(guards.owner_wait).into(),
        guards.number.into(),
        scope.uuid().into(),
    ];
    on.execute_raw(statement(on, &sql, values)).await?;
    Ok(())
}

/// Writes what a scope accepts as a second factor, how long it trusts a browser, how long it lets people go without and, of
/// a portfolio, whether that holds in its accounts too.
pub async fn set_mfa_policy(on: &impl ConnectionTrait, scope: Scope, policy: MfaPolicy) -> Result<()> {
    let floor = match scope {
        Scope::Account(_) => "",
        Scope::Portfolio(_) if policy.floor => ", mfa_floor = TRUE",
        Scope::Portfolio(_) => ", mfa_floor = FALSE",
    };
    let table = table_of(scope);
    let sql = format!(
        "UPDATE {table} SET mfa_trust_days = ?, mfa_phishing_resistant = ?, mfa_grace_days = ?, mfa_sms = ?{floor} \
         WHERE id = ?"
    );
    let days = |days: u8| i16::from(days);
    let values = [
        days(policy.trust.get()).into(),
        policy.phishing_resistant.into(),
        days(policy.grace.get()).into(),
        policy.sms.into(),
        scope.uuid().into(),
    ];
    on.execute_raw(statement(on, &sql, values)).await?;
    Ok(())
}

/// Writes whether a scope requires MFA of all users.
pub async fn set_require_mfa(on: &impl ConnectionTrait, scope: Scope, required: bool) -> Result<()> {
    let sql = format!("UPDATE {} SET require_mfa = ? WHERE id = ?", table_of(scope));
    on.execute_raw(statement(on, &sql, [required.into(), scope.uuid().into()])).await?;
    Ok(())
}

const fn table_of(scope: Scope) -> &'static str {
    match scope {
        Scope::Account(_) => "accounts",
        Scope::Portfolio(_) => "portfolios",
    }
}

/// What is known of a scope itself.
pub struct ScopeFacts {
    /// Its name.
    pub name: String,
    /// An account's plan.
    pub plan: Option<Plan>,
    /// What an MFA reset meets there.
    pub guards: Guards,
    /// What it has set of the second factor itself.
    pub own: MfaRules,
    /// What an account's portfolio asks of it, if it does.
    pub floor: Option<Floor>,
}

impl ScopeFacts {
    /// What holds there of the second factor.
    pub fn mfa_rules(&self) -> MfaRules {
        self.own.above(self.floor.as_ref())
    }
}

/// Guards from their columns. What a later version wrote is read as the default.
pub fn guards_of(approver: &str, wait: i16, owner_wait: i16, number: bool) -> Guards {
    let default = Guards::default();
    let hours =
        |stored: i16, default| u8::try_from(stored).ok().and_then(|h| Hours::try_from(h).ok()).unwrap_or(default);
    Guards {
        approver: ApproverFor::of_key(approver).unwrap_or(default.approver),
        wait: hours(wait, default.wait),
        owner_wait: hours(owner_wait, default.owner_wait),
        number,
    }
}

/// What is accepted as a second factor, from its columns.
pub fn mfa_policy_of((trust, grace): (i16, i16), phishing_resistant: bool, sms: bool, floor: bool) -> MfaPolicy {
    MfaPolicy { trust: days_of(trust.into()), phishing_resistant, grace: days_of(grace.into()), sms, floor }
}

/// Days from their column. What a later version wrote is read as none.
pub fn days_of<const MOST: u8>(days: i64) -> Days<MOST> {
    u8::try_from(days).ok().and_then(|days| Days::try_from(days).ok()).unwrap_or_default()
}

/// Writes down which kinds of second factor a person has now, in every place they are, and counts them there: in one order,
/// so that two people of the same places do not wait for each other. Where there is a factor now and was none, or none and
/// was one, it is so since `now`.
pub async fn refresh_factor_kinds(on: &impl ConnectionTrait, user: UserId, now: Timestamp) -> Result<()> {
    let bound =
        entity::authenticator::Entity::find().filter(entity::authenticator::Column::UserId.eq(user.0)).all(on).await?;
    let kinds: FactorKinds = bound.iter().filter_map(|row| FactorKind::of_key(&row.kind)).collect();
    // The counters first: they are told from what the memberships said until now.
    let before = reach::standing(on, user).await?;
    let mut places = active_memberships(on, user).await?;
    places.retain(is_account);
    places.sort_by_key(entity::membership::Model::scope);
    for place in places {
        count_in(on, place.scope(), Tally::one(kinds) - Tally::one(place.factors())).await?;
    }
    let sql = "UPDATE memberships SET factor_kinds = ?, \
               mfa_since = CASE WHEN (factor_kinds = 0) = (? = 0) THEN mfa_since ELSE ? END WHERE user_id = ?";
    let bits = i16::from(kinds.bits());
    on.execute_raw(statement(on, sql, [bits.into(), bits.into(), now.ms().into(), user.0.into()])).await?;
    reach::follow(on, user, before).await
}

/// The counters of a portfolio are of its reach, and [`reach::follow`]'s.
fn is_account(place: &entity::membership::Model) -> bool {
    place.scope().kind() == ScopeKind::Account
}

/// So many more active members, or fewer, and how many of them have a second factor of which kind as their strongest.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Tally {
    members: i64,
    strongest: [i64; FactorKind::ALL.len()],
}

impl Tally {
    /// One member who has these.
    pub(crate) fn one(kinds: FactorKinds) -> Self {
        Self::of(1, kinds)
    }

    /// So many who have these.
    pub(crate) fn of(members: i64, kinds: FactorKinds) -> Self {
        let strongest = kinds.iter().next();
        Self { members, strongest: FactorKind::ALL.map(|kind| if strongest == Some(kind) { members } else { 0 }) }
    }
}

impl std::ops::Sub for Tally {
    type Output = Self;

    fn sub(self, less: Self) -> Self {
        let strongest = std::array::from_fn(|kind| self.strongest[kind] - less.strongest[kind]);
        Self { members: self.members - less.members, strongest }
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, more: Self) {
        *self = *self - (Self::default() - more);
    }
}

/// Counts a change in a scope, if it is one.
pub(crate) async fn count_in(on: &impl ConnectionTrait, scope: Scope, change: Tally) -> Result<()> {
    if change == Tally::default() {
        return Ok(());
    }
    let sql = "INSERT INTO headcounts (scope_kind, scope_id, members, with_mfa, by_sms, by_totp, by_passkey) \
               VALUES (?, ?, ?, ?, ?, ?, ?) \
               ON CONFLICT (scope_kind, scope_id) DO UPDATE SET members = headcounts.members + excluded.members, \
               with_mfa = headcounts.with_mfa + excluded.with_mfa, by_sms = headcounts.by_sms + excluded.by_sms, \
               by_totp = headcounts.by_totp + excluded.by_totp, \
               by_passkey = headcounts.by_passkey + excluded.by_passkey";
    let Tally { members, strongest: [sms, totp, passkey] } = change;
    let with_mfa = sms + totp + passkey;
    let counts = [members, with_mfa, sms, totp, passkey].map(sea_orm::Value::from);
    let values = [scope.kind().key().into(), scope.uuid().into()].into_iter().chain(counts);
    on.execute_raw(statement(on, sql, values)).await?;
    Ok(())
}

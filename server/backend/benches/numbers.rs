//! Numbers to reach that need no browser: what a password hash costs, and how many accepted MFA resets a second the use case
//! makes of those that its bare statements would allow. One line each, `NAME VALUE`, for `make bench`.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "what is measured is the machine's own time")]

mod scene;

use backend::{
    Visitor,
    crypto::{Argon2Cost, LinkToken, Password, PasswordHasher, Random},
    demo, mail, mfa_reset,
    store::entity::user,
    worker,
};
use domain::{ids::UserId, person::Reason, roles::Rank, scope::Scope};
use migrations::MigratorTrait as _;
use scene::{enter, open, server};
use sea_orm::{
    EntityTrait as _, Statement, Value,
    sqlx::{
        self, ConnectOptions as _, Connection as _, SqliteConnection,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};
use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

const HASHES: u32 = 20;
const PEOPLE: u32 = 400;
const MOST: usize = 150;

#[tokio::main]
async fn main() {
    // `cargo test --benches` asks only whether it can be run.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    println!("hash_cpu_ms {:.2}", hash_cpu().await);
    let (with_use_case, bare, count) = accepted().await;
    println!("accepted {count}");
    println!("accepted_a_second {:.0}", per_second(count, with_use_case));
    println!("bare_a_second {:.0}", per_second(count, bare));
    println!("accepted_against_bare {:.2}", bare.as_secs_f64() / with_use_case.as_secs_f64());
}

fn per_second(count: usize, took: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap()) / took.as_secs_f64()
}

/// CPU time of one hash, in milliseconds, all threads together.
async fn hash_cpu() -> f64 {
    let hasher = PasswordHasher::new(Argon2Cost::OWASP, 2, Random::seeded(1));
    let password = Password::new("seven quiet lanterns".into());
    let stored = hasher.hash(&password).await;
    let before = cpu();
    for _ in 0..HASHES {
        assert!(hasher.verify(&password, Some(&stored)).await);
    }
    (cpu() - before).as_secs_f64() * 1000.0 / f64::from(HASHES)
}

/// CPU time of this process so far. The kernel counts it in hundredths of a second (proc(5), fields 14 and 15).
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

/// How long the same acceptances take by the use case and as bare statements, each on its own copy of one database.
async fn accepted() -> (Duration, Duration, usize) {
    let folder = std::env::temp_dir().join(format!("postern-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (prepared, copy) = (folder.join("prepared.db"), folder.join("copy.db"));
    let links = prepare(&prepared).await;
    std::fs::copy(&prepared, &copy).unwrap();

    let told: Arc<Mutex<Vec<Statement>>> = Arc::default();
    let mut database = open(&prepared).await;
    let telling = told.clone();
    database.observe(move |statement| telling.lock().unwrap().push(statement.clone()));
    let backend = server(database, Random::seeded(7));
    let (mut transactions, mut with_use_case) = (Vec::new(), Duration::ZERO);
    for link in &links {
        let began = Instant::now();
        mfa_reset::accept(&backend, &Visitor::default(), link, "").await.unwrap();
        with_use_case += began.elapsed();
        transactions.push(std::mem::take(&mut *told.lock().unwrap()));
    }

    let options = SqliteConnectOptions::new()
        .filename(&copy)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut bare = options.connect().await.unwrap();
    let began = Instant::now();
    for statements in &transactions {
        play_back(&mut bare, statements).await;
    }
    let took = began.elapsed();
    bare.close().await.unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    (with_use_case, took, links.len())
}

/// One acceptance as its bare statements, by a client that knows nothing else.
async fn play_back(on: &mut SqliteConnection, statements: &[Statement]) {
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *on).await.unwrap();
    for Statement { sql, values, .. } in statements {
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql.as_str()));
        for value in values.iter().flat_map(|values| &values.0) {
            query = match value.clone() {
                Value::Bool(value) => query.bind(value),
                Value::SmallInt(value) => query.bind(value),
                Value::Int(value) => query.bind(value),
                Value::BigInt(value) => query.bind(value),
                Value::BigUnsigned(value) => query.bind(value.map(|value| i64::try_from(value).unwrap())),
                Value::String(value) => query.bind(value),
                Value::Bytes(value) => query.bind(value),
                Value::Uuid(value) => query.bind(value),
                other => panic!("no statement of an acceptance has {other:?}"),
            };
        }
        query.fetch_all(&mut *on).await.unwrap();
    }
    sqlx::query("COMMIT").execute(&mut *on).await.unwrap();
}

/// A database with an open request for each of many people; their links.
async fn prepare(file: &Path) -> Vec<LinkToken> {
    let database = open(file).await;
    migrations::Migrator::up(database.write(), None).await.unwrap();
    let backend = server(database, Random::seeded(7));
    let demo = demo::fill(&backend, PEOPLE).await.unwrap();
    let account = &demo.accounts[0];
    let is_here = |person: &&demo::DemoUser| person.memberships.len() == 1 && person.memberships[0].id == account.id.0;
    let admin = demo.users.iter().find(|person| person.email.starts_with("bram@")).unwrap();
    let totp_secret = admin.totp_secret.as_deref().unwrap();
    let caller = enter(&backend, &admin.email, &admin.password, totp_secret).await;

    let mailbox = mail::Memory::default();
    let mailer = mail::Mailer::Memory(mailbox.clone());
    worker::run_due(&backend, &mailer).await.unwrap();
    let before = mailbox.mails().len();
    let everybody = user::Entity::find().all(backend.database.read()).await.unwrap();
    let people: HashMap<String, UserId> =
        everybody.into_iter().map(|person| (person.email, UserId(person.id))).collect();
    let targets =
        demo.users.iter().filter(is_here).filter(|person| {
            person.state == demo::DemoState::Active && person.memberships[0].role.rank() == Rank::Member
        });
    for target in targets.take(MOST) {
        let (scope, id) = (Scope::Account(account.id), people[&target.email]);
        mfa_reset::request(&backend, &caller, scope, id, &Reason::none()).await.unwrap();
    }
    worker::run_due(&backend, &mailer).await.unwrap();
    let link = |mail: &mail::Message| {
        let token = mail.text.split("/mfa-reset/").nth(1)?.get(..43)?;
        LinkToken::parse(token)
    };
    let links = mailbox.mails()[before..].iter().filter_map(link).collect();
    backend.database.clone().close().await.unwrap();
    links
}

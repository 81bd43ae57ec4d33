//! A number to reach: what the Users page takes against a bare route that runs the same statements and returns the same
//! bytes, both in process. One line each, `NAME VALUE`, for `make bench`.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "what is measured is the machine's own time")]

use axum::{
    Router,
    body::{Body, Bytes},
    http::Request,
    routing::get,
};
use backend::{
    Backend, Parts, Settings, Visitor,
    clock::TestClock,
    crypto::{Argon2Cost, Keys, MasterKey, Password, PasswordHasher, Random},
    demo::{self, DemoUser},
    sessions, sign_in,
    store::Database,
};
use domain::{person::EmailAddress, time::Timestamp};
use http_body_util::BodyExt as _;
use migrations::MigratorTrait as _;
use sea_orm::{ConnectionTrait as _, Statement};
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tower::ServiceExt as _;

const PEOPLE: u32 = 1_000;
const RUNS: usize = 5;
const ASKED: usize = 200;

#[tokio::main]
async fn main() {
    // `cargo test --benches` asks only whether it can be run.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let folder = std::env::temp_dir().join(format!("postern-page-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut database = Database::open(&format!("sqlite:{}", folder.join("postern.db").display())).await.unwrap();
    let said: Arc<Mutex<Vec<Statement>>> = Arc::default();
    let also = said.clone();
    database.observe(move |statement| also.lock().unwrap().push(statement.clone()));
    migrations::Migrator::up(database.write(), None).await.unwrap();
    let backend = server(database);
    let demo = demo::fill(&backend, PEOPLE).await.unwrap();
    let cookie = signed_in(&backend, &demo.users[0]).await;
    let page = server::router::router(&server::router::Parts::default(), backend.clone());
    let path = format!("/a/{}/settings/users", demo.accounts[0].id);

    // The first view writes down that somebody came in.
    let first = view(&page, &path, &cookie).await;
    assert!(String::from_utf8_lossy(&first).contains("data-page=\"users\""), "{path} is not the page");
    said.lock().unwrap().clear();
    let bytes = view(&page, &path, &cookie).await;
    let statements: Arc<[Statement]> = std::mem::take(&mut *said.lock().unwrap()).into();
    println!("statements {}", statements.len());
    println!("page_kb {:.1}", bytes.len() as f64 / 1000.0);

    let on = backend.database.read().clone();
    let asked = statements.clone();
    let bare = Router::new().route(
        &path,
        get(move || {
            let (on, asked, bytes) = (on.clone(), asked.clone(), bytes.clone());
            async move {
                for statement in &*asked {
                    on.query_all_raw(statement.clone()).await.unwrap();
                }
                bytes
            }
        }),
    );
    let (with_page, without) = (p95(&page, &path, &cookie).await, p95(&bare, &path, &cookie).await);
    println!("page_ms {:.2}", with_page.as_secs_f64() * 1000.0);
    println!("bare_ms {:.2}", without.as_secs_f64() * 1000.0);
    println!("page_against_bare {:.2}", with_page.as_secs_f64() / without.as_secs_f64());
    std::fs::remove_dir_all(&folder).unwrap();
}

/// The median of five p95s.
async fn p95(router: &Router, path: &str, cookie: &str) -> Duration {
    let mut p95s = Vec::new();
    for _ in 0..RUNS {
        let mut times = Vec::new();
        for _ in 0..ASKED {
            let began = Instant::now();
            view(router, path, cookie).await;
            times.push(began.elapsed());
        }
        times.sort_unstable();
        p95s.push(times[ASKED * 95 / 100]);
    }
    p95s.sort_unstable();
    p95s[RUNS / 2]
}

async fn view(router: &Router, path: &str, cookie: &str) -> Bytes {
    let request = Request::get(path).header("cookie", cookie).header("accept", "text/html").body(Body::empty());
    let answer = router.clone().oneshot(request.unwrap()).await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    answer.into_body().collect().await.unwrap().to_bytes()
}

fn server(database: Database) -> Backend {
    let random = Random::seeded(7);
    Backend::new(Parts {
        database,
        clock: Arc::new(TestClock::at(Timestamp::from_ms(1_795_000_000_000))),
        sms: None,
        hasher: PasswordHasher::new(Argon2Cost { memory_kib: 64, passes: 1 }, 2, random.clone()),
        keys: Keys::derive(1, &MasterKey::generate(&random)),
        random,
        settings: Settings {
            public_url: "http://127.0.0.1:3000".into(),
            support_url: None,
            breaches: None,
            places: None,
            mail_from: "Postern <postern@postern.example>".into(),
            sessions: Default::default(),
            throttle: Default::default(),
        },
    })
}

/// A session cookie of somebody, second factor included.
async fn signed_in(backend: &Backend, person: &DemoUser) -> String {
    let address = EmailAddress::parse(&person.email).unwrap();
    let mut visitor = Visitor::default();
    let password = Password::new(person.password.clone());
    visitor.session = Some(sign_in::sign_in(backend, &visitor, &address, password).await.unwrap().session);
    let code = demo::code_of(person.totp_secret.as_deref().unwrap(), backend.now()).unwrap();
    let caller = sessions::caller(backend, &visitor).await.unwrap();
    let entered = sign_in::submit_totp(backend, &caller, &code, false).await.unwrap();
    format!("postern={}", entered.session.expose())
}

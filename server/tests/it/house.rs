//! A whole application in process, on a demo's people, with a clock that stands still.

use axum::{Router, body::Body, http::Request, response::Response};
use backend::{
    Backend, Parts, Settings, Visitor,
    clock::TestClock,
    crypto::{Argon2Cost, Keys, MasterKey, Password, PasswordHasher, Random},
    demo::{self, Demo},
    sign_in,
    store::Database,
};
use domain::{person::EmailAddress, time::Timestamp};
use http_body_util::BodyExt as _;
use migrations::MigratorTrait as _;
use sea_orm::{ConnectionTrait as _, Statement};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;
use tower::ServiceExt as _;

pub const PUBLIC_URL: &str = "http://127.0.0.1:3000";

/// One application with its people.
pub struct House {
    pub router: Router,
    pub backend: Backend,
    pub demo: Demo,
    pub clock: Arc<TestClock>,
    pub master: MasterKey,
    file: std::path::PathBuf,
}

impl House {
    pub async fn open() -> Self {
        let random = Random::seeded(7);
        let file = std::env::temp_dir().join(format!("postern-doors-{}.db", hex(&Random::from_system().bytes::<8>())));
        let database = Database::open(&format!("sqlite:{}", file.display())).await.unwrap();
        migrations::Migrator::up(database.write(), None).await.unwrap();
        let settings = Settings {
            public_url: PUBLIC_URL.into(),
            support_url: None,
            breaches: None,
            places: None,
            mail_from: "Postern <postern@postern.example>".into(),
            sessions: Default::default(),
            throttle: Default::default(),
        };
        let clock = Arc::new(TestClock::at(Timestamp::from_ms(1_795_000_000_000)));
        let master = MasterKey::generate(&random);
        let backend = Backend::new(Parts {
            database,
            clock: clock.clone(),
            sms: None,
            hasher: PasswordHasher::new(Argon2Cost { memory_kib: 64, passes: 1 }, 2, random.clone()),
            keys: Keys::derive(1, &master),
            random,
            settings,
        });
        let demo = demo::fill(&backend, demo::FEWEST).await.unwrap();
        let router = server::router::router(&server::router::Parts::default(), backend.clone());
        Self { router, backend, demo, clock, master, file }
    }

    /// Where its database is.
    pub fn database_url(&self) -> String {
        format!("sqlite:{}", self.file.display())
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&self, request: Request<Body>) -> (Response<()>, String) {
        let asked = format!("{} {}", request.method(), request.uri());
        let answer = async {
            let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            (Response::from_parts(parts, ()), String::from_utf8_lossy(&body).into_owned())
        };
        // A page that waits for what never comes fails a test instead of holding it for ever.
        timeout(Duration::from_secs(60), answer).await.unwrap_or_else(|_| panic!("{asked} was never answered"))
    }

    /// A session cookie of somebody, second factor included.
    pub async fn signed_in(&self, email: &str) -> String {
        let person = self.demo.users.iter().find(|person| person.email == email).unwrap();
        let address = EmailAddress::parse(email).unwrap();
        let password = Password::new(person.password.clone());
        let mut visitor = Visitor::default();
        let begun = sign_in::sign_in(&self.backend, &visitor, &address, password).await.unwrap();
        visitor.session = Some(begun.session);
        let code = demo::code_of(person.totp_secret.as_deref().unwrap(), self.backend.now()).unwrap();
        let caller = backend::sessions::caller(&self.backend, &visitor).await.unwrap();
        let entered = sign_in::submit_totp(&self.backend, &caller, &code, false).await.unwrap();
        format!("postern={}", entered.session.expose())
    }

    /// How much there is of everything that a refused request could have changed.
    pub async fn census(&self) -> Vec<(String, i64)> {
        let on = self.backend.database.read();
        let mut counts = Vec::new();
        for table in
            ["mfa_resets", "authenticators", "recovery_codes", "memberships", "sessions", "outbox", "audit_entries"]
        {
            let sql = format!("SELECT COUNT(*) FROM {table}");
            let row = on.query_one_raw(Statement::from_string(on.get_database_backend(), sql)).await.unwrap().unwrap();
            counts.push((table.to_owned(), row.try_get_by_index(0).unwrap()));
        }
        counts
    }
}

impl Drop for House {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", self.file.display()));
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

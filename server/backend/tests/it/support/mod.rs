//! The world of one test: a database of its own with all migrations, two servers on it, a clock that stands still until
//! it is moved, seeded randomness and a mailbox in memory.
//!
//! ```ignore
//! on_each_database!(an_admin_resets_a_manager, async |world| {
//!     let account = world.account("Northwind").await;
//!     let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
//!     …
//!     let mail = world.mail_to(&chiara).await;
//! });
//! ```
//!
//! A test that leaves mail in the outbox fails: whoever causes a mail looks at it, or says [`World::deliver`].

mod at_once;
mod browser;
mod database;
mod dump;
mod gateway_server;
mod look;
mod people;
mod postgres;
mod smtp_server;
mod soft_key;

pub use browser::Browser;
pub use database::Kind;
pub use gateway_server::GatewayServer;
pub use look::{how_it_ended, link_in};
pub use people::{Account, Person, Portfolio, code_in, code_of};
pub use smtp_server::{Difficulty, SmtpServer, Step};
pub use soft_key::{Said, SoftKey, tampered, unverified};

use backend::{
    Backend, Parts, Settings,
    clock::TestClock,
    crypto::{Argon2Cost, Keys, MasterKey, PasswordHasher, Random},
    mail::{Mailer, Memory, Message},
    outbox::MailKind,
    sms,
    store::{Database, entity::outbox},
    worker,
};
use domain::time::Timestamp;
use migrations::{Migrator, MigratorTrait};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, Statement};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Defines a test that runs on SQLite and on PostgreSQL, as `NAME::sqlite` and `NAME::postgres`.
macro_rules! on_each_database {
    ($name:ident, async |$world:ident| $body:block) => {
        async fn $name($world: &$crate::support::World) $body

        mod $name {
            use $crate::support::{Kind, World, run};

            #[test]
            fn sqlite() {
                run(Kind::Sqlite, async |world: &World| super::$name(world).await);
            }

            #[test]
            fn postgres() {
                run(Kind::Postgres, async |world: &World| super::$name(world).await);
            }
        }
    };
}

/// Where all clocks begin: Sunday 22 November 2026, 08:00 UTC.
pub const MORNING: Timestamp = Timestamp::from_ms(1_795_334_400_000);
/// A minute.
pub const MINUTE: Duration = Duration::from_secs(60);
/// An hour.
pub const HOUR: Duration = Duration::from_secs(3600);
/// A millisecond, the smallest span that tells.
pub const MS: Duration = Duration::from_millis(1);
/// The base of every link.
pub const PUBLIC_URL: &str = "https://postern.example";

/// Everything a test works with.
pub struct World {
    /// A server.
    pub backend: Backend,
    /// Another server on the same database, with connections of its own.
    pub other_server: Backend,
    /// The time of both.
    pub clock: Arc<TestClock>,
    /// How mails leave, for who wants to send them himself.
    pub mailer: Mailer,
    /// Where they arrive; it can be told to refuse them.
    pub mailbox: Memory,
    /// Where text messages arrive; it can be told to refuse them.
    pub phones: sms::Memory,
    url: String,
    notices: AtomicBool,
}

/// How many migrations there are from the one with this name on.
pub fn since(name: &str) -> u32 {
    let steps = Migrator::migrations();
    let at = steps.iter().position(|step| step.name().ends_with(name)).unwrap();
    (steps.len() - at) as u32
}

/// Runs a test in a world of its own; says so and does nothing where there is no such database.
pub fn run(kind: Kind, test: impl AsyncFnOnce(&World)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let Some(database) = database::Fresh::of_kind(kind).await else {
            println!("skipped: there is no PostgreSQL here, and none can be started");
            return;
        };
        let world = World::on(database.url()).await;
        test(&world).await;
        world.close().await;
        database.remove().await;
    });
}

impl World {
    async fn on(url: &str) -> Self {
        let clock = Arc::new(TestClock::at(MORNING));
        let mailbox = Memory::default();
        let mailer = Mailer::Memory(mailbox.clone());
        let phones = sms::Memory::default();
        let texting = Some(sms::Gateway::Memory(phones.clone()));
        let backend = server(url, 1, clock.clone()).await.texting_by(texting.clone());
        let other_server = server(url, 2, clock.clone()).await.texting_by(texting);
        Self { backend, other_server, clock, mailer, mailbox, phones, url: url.to_owned(), notices: false.into() }
    }

    /// The present time.
    pub fn now(&self) -> Timestamp {
        self.backend.now()
    }

    /// Lets time go by.
    pub fn advance(&self, span: Duration) {
        self.clock.advance(span);
    }

    /// Sets the clock back.
    pub fn set_back(&self, span: Duration) {
        self.clock.set(self.now() - span);
    }

    /// Lets the waiting time of an accepted reset go by, and what is due then happen.
    pub async fn wait_out(&self, span: Duration) {
        self.advance(span);
        backend::mfa_reset::finish_due(&self.backend).await.unwrap();
    }

    /// One more server on the same database, as after a restart; `seed` tells its randomness from that of others.
    pub async fn server(&self, seed: u64) -> Backend {
        server(&self.url, seed, self.clock.clone()).await
    }

    /// The same with another hasher.
    pub async fn server_with(&self, seed: u64, hasher: PasswordHasher) -> Backend {
        server_with(&self.url, seed, self.clock.clone(), hasher).await
    }

    /// The same, with other settings.
    pub async fn server_set_up(&self, seed: u64, set_up: impl FnOnce(&mut Settings)) -> Backend {
        let server = self.server(seed).await;
        let mut settings = server.settings.clone();
        set_up(&mut settings);
        Backend::new(Parts { settings, ..Parts::clone(&server) })
    }

    /// The same, which tells every statement that it sends.
    pub async fn server_telling(&self, seed: u64, told: impl Fn(&str) + Clone + Send + Sync + 'static) -> Backend {
        self.server_heard(seed, move |statement| told(&statement.sql)).await
    }

    /// The same with the arguments.
    pub async fn server_heard(&self, seed: u64, told: impl Fn(&Statement) + Clone + Send + Sync + 'static) -> Backend {
        let mut database = Database::open(&self.url).await.unwrap();
        database.observe(told);
        server_on(database, seed, self.clock.clone(), self.backend.hasher.clone())
    }

    /// Sees to what strangers did with addresses, and to nothing else.
    pub async fn see_to_knocks(&self) {
        while backend::knock::see_to(&self.backend).await.unwrap() {}
    }

    /// From here on the notices of sign-ins by new browsers are mails as all others. In other stories, where nearly
    /// everybody signs in by a new browser, they are thrown away.
    pub fn look_at_notices(&self) {
        self.notices.store(true, Ordering::Relaxed);
    }

    async fn throw_notices_away(&self) {
        if self.notices.load(Ordering::Relaxed) {
            return;
        }
        // One by one, so that nothing is written, and no writer waited for, where there is none.
        let notices = outbox::Entity::find().filter(outbox::Column::Kind.eq(MailKind::NewDevice.key()));
        for notice in notices.all(self.backend.database.read()).await.unwrap() {
            outbox::Entity::delete_by_id(notice.id).exec(self.backend.database.write()).await.unwrap();
        }
    }

    /// Sends what is due; the mails that left.
    pub async fn deliver(&self) -> Vec<Message> {
        self.throw_notices_away().await;
        let before = self.mailbox.mails().len();
        worker::run_due(&self.backend, &self.mailer).await.unwrap();
        self.mailbox.mails().split_off(before)
    }

    /// Sends what is due, and reads the newest mail to this person.
    pub async fn mail_to(&self, person: &Person) -> Message {
        self.deliver().await;
        let mails = self.mailbox.mails();
        let found = mails.iter().rfind(|mail| mail.to == person.email).cloned();
        found.unwrap_or_else(|| panic!("no mail to {}, but {:#?}", person.name, subjects(&mails)))
    }

    /// Sends what is due; subjects of all mails to this person so far, oldest first.
    pub async fn subjects_to(&self, person: &Person) -> Vec<String> {
        self.deliver().await;
        self.mailbox.mails().into_iter().filter(|mail| mail.to == person.email).map(|mail| mail.subject).collect()
    }

    /// Mail in the outbox that neither left nor was refused.
    pub async fn undelivered(&self) -> Vec<outbox::Model> {
        self.throw_notices_away().await;
        let waiting = outbox::Column::SentAt.is_null().and(outbox::Column::RefusedAt.is_null());
        let rows = outbox::Entity::find().filter(waiting).order_by_asc(outbox::Column::Id);
        rows.all(self.backend.database.read()).await.unwrap()
    }

    async fn close(self) {
        let undelivered: Vec<String> = self.undelivered().await.into_iter().map(|row| row.kind).collect();
        assert!(undelivered.is_empty(), "the test leaves mail in the outbox: {undelivered:?}");
        assert_eq!(self.out_of_step().await, 0, "what is remembered of administrators is not what the memberships say");
        for server in [&self.backend, &self.other_server] {
            server.database.clone().close().await.unwrap();
        }
    }
}

fn subjects(mails: &[Message]) -> Vec<String> {
    mails.iter().map(|mail| format!("to {}: {}", mail.to, mail.subject)).collect()
}

async fn server(url: &str, seed: u64, clock: Arc<TestClock>) -> Backend {
    let cheap = Argon2Cost { memory_kib: 64, passes: 1 };
    let hasher = PasswordHasher::new(cheap, 2, Random::seeded(seed ^ 0xA5));
    server_with(url, seed, clock, hasher).await
}

async fn server_with(url: &str, seed: u64, clock: Arc<TestClock>, hasher: PasswordHasher) -> Backend {
    server_on(Database::open(url).await.unwrap(), seed, clock, hasher)
}

fn server_on(database: Database, seed: u64, clock: Arc<TestClock>, hasher: PasswordHasher) -> Backend {
    let random = Random::seeded(seed);
    let master = MasterKey::parse("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=").unwrap();
    Backend::new(Parts {
        database,
        clock,
        random,
        keys: Keys::derive(1, &master),
        hasher,
        sms: None,
        settings: Settings {
            public_url: PUBLIC_URL.into(),
            support_url: Some("https://support.example/security".into()),
            breaches: None,
            places: None,
            mail_from: "Postern <postern@postern.example>".into(),
            sessions: Default::default(),
            throttle: Default::default(),
        },
    })
}

//! The `postern` command: what an operator types. Results go to stdout, one `key value` a line; words go to stderr. It ends
//! with 0 when done, 1 when refused or failed, 2 when the words of the command were wrong.

mod accounts;
mod breach_list;
mod confirm;
mod demo;
mod doctor;
mod people;
mod serve;
mod words;

use crate::config::{Config, ConfigError, Keys};
use backend::{
    Backend, Parts, Settings,
    clock::SystemClock,
    crypto::{self, Argon2Cost, BreachList, MasterKey, PasswordHasher, Random},
    operator,
    store::Database,
};
use clap::{Parser, Subcommand};
use migrations::MigratorTrait;
use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

/// Account security for the people you run it for: sign-in, second factors, and the way back in when one is lost.
///
/// Try it: `postern demo`. Run it: set POSTERN_PUBLIC_URL, POSTERN_SMTP_URL, POSTERN_MAIL_FROM and POSTERN_MASTER_KEY, make
/// the first account with `postern account create`, then `postern serve`. `postern doctor` says what is missing.
#[derive(Parser)]
#[command(name = "postern", version, max_term_width = 100)]
struct Command {
    #[command(flatten)]
    keys: Keys,

    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Try Postern: a throw-away portfolio with people, a mailbox and authenticator codes to look at
    ///
    /// Prints whom to sign in as. Listens on loopback only, uses nothing but its data folder, and stops when
    /// POSTERN_DATABASE_URL is set, so that it never meets real data. Started again on the same folder, it goes on.
    Demo(demo::Demo),

    /// Run the server
    ///
    /// On SQLite the schema is brought up to date first. Several servers may share one PostgreSQL; there, run `postern
    /// migrate` once before you start a new version.
    Serve,

    /// Bring the database up to this version
    Migrate(Place),

    /// Ask for somebody's MFA reset, on the host
    ///
    /// For a sole Owner who is locked out. Takes the same path as an administrator's request: the person gets the mail
    /// and has to accept within 12 hours; nothing changes before. Recorded as done by the operator, and told to the
    /// security contacts.
    ResetMfa(people::ResetMfa),

    /// Accounts: make one, list all, another plan, another Owner, close
    #[command(subcommand)]
    Account(accounts::Account),

    /// People: make one, another address, shut out and let in, delete; see and clear what makes them wait
    #[command(subcommand)]
    User(people::User),

    /// List what waits to take effect: another Owner, another address
    ///
    /// Two lines each: what will be, and takes-effect with the time. A running server carries it out; `--cancel` of the same
    /// command calls it off.
    Pending(Place),

    /// Say how many have to wait after too many misses, and for how long
    ///
    /// One line a kind: passwords, second factors, network addresses, reset mails, calls for help. Many at once is somebody
    /// guessing. Whom it concerns is not written down; `postern user throttle` says it of one address.
    Throttles(Place),

    /// Breached passwords: make the list of those that nobody may choose
    #[command(subcommand)]
    BreachList(breach_list::BreachList),

    /// Fill an empty database with demo people, for tests and benchmarks
    ///
    /// The last line on stdout is JSON: the accounts, and everybody with password, seed and backup codes.
    Seed(people::Seed),

    /// Check database, mail server, master key, clock and public address
    ///
    /// Reads the same settings as `serve`, changes nothing and sends no mail. Says of each thing `ok` or `failed`, with the
    /// remedy, and ends with 1 when something needs a look.
    Doctor,
}

/// Which database a command opens.
#[derive(clap::Args, Clone, Debug, Default)]
struct Place {
    /// The folder of a demo, instead of POSTERN_DATABASE_URL
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Config(#[from] ConfigError),
    #[error("{0}\n  Check POSTERN_DATABASE_URL; `postern doctor` looks at it alone.")]
    Open(#[from] backend::store::OpenError),
    #[error("{0}")]
    Refused(String),
    #[error("{problem}: {path}")]
    File { path: String, problem: std::io::Error },
    #[error("{0}")]
    Backend(backend::Error),
}

impl From<operator::Refused> for Failure {
    fn from(refused: operator::Refused) -> Self {
        words::refused(refused)
    }
}

impl From<backend::Error> for Failure {
    fn from(error: backend::Error) -> Self {
        words::in_words(error)
    }
}

/// Runs the command that was typed.
pub async fn run() -> ExitCode {
    let Command { keys, verb } = Command::parse();
    let done = match verb {
        Verb::Demo(demo) => demo.run(&keys).await,
        Verb::Serve => serve::run(&keys).await,
        Verb::Migrate(place) => migrate(&keys, &place).await,
        Verb::ResetMfa(reset) => reset.run(&keys).await,
        Verb::Account(account) => account.run(&keys).await,
        Verb::User(user) => user.run(&keys).await,
        Verb::Pending(place) => accounts::pending(&keys, &place).await,
        Verb::Throttles(place) => people::throttles(&keys, &place).await,
        Verb::BreachList(list) => list.run(),
        Verb::Seed(seed) => seed.run(&keys).await,
        Verb::Doctor => doctor::run(&keys).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("postern: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn migrate(keys: &Keys, place: &Place) -> Result<(), Failure> {
    let database = match &place.data_dir {
        Some(dir) => Database::open(&demo::database_url(dir)).await?,
        None => Database::open(&Config::load(keys)?.database_url()?).await?,
    };
    up(&database).await?;
    println!("schema up-to-date");
    Ok(())
}

async fn up(database: &Database) -> Result<(), Failure> {
    let done = migrations::Migrator::up(database.write(), None).await;
    done.map_err(|problem| Failure::Backend(problem.into()))
}

/// A backend on the database that the command names: a demo's folder, or what is configured.
async fn open(keys: &Keys, place: &Place) -> Result<Backend, Failure> {
    let config = Config::load(keys)?;
    if let Some(dir) = &place.data_dir {
        return demo::open(&config, dir, Duration::ZERO).await;
    }
    let database = Database::open(&config.database_url()?).await?;
    if database.is_sqlite() {
        up(&database).await?;
    }
    let (public_url, mail_from) = (config.public_url().unwrap_or_default(), config.mail_from().unwrap_or_default());
    let settings = settings(public_url, mail_from, config.breaches()?, &config);
    Ok(backend(database, SystemClock::default(), &config.master_key()?, settings))
}

fn settings(public_url: String, mail_from: String, breaches: Option<Arc<BreachList>>, config: &Config) -> Settings {
    Settings {
        public_url,
        mail_from,
        breaches,
        places: None,
        support_url: config.support_url(),
        sessions: config.sessions(),
        throttle: config.throttle(),
    }
}

/// Puts a backend together. As many passwords are hashed at a time as there are cores; each takes 19 MiB.
fn backend(database: Database, clock: SystemClock, master: &MasterKey, settings: Settings) -> Backend {
    let random = Random::from_system();
    let parallel = std::thread::available_parallelism().map_or(2, usize::from);
    Backend::new(Parts {
        database,
        clock: Arc::new(clock),
        hasher: PasswordHasher::new(Argon2Cost::OWASP, parallel, random.clone()),
        random,
        keys: crypto::Keys::derive(1, master),
        sms: None,
        settings,
    })
}

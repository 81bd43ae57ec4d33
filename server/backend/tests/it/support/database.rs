//! A fresh database with all migrations, removed when the test is done.

use super::postgres;
use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use std::{
    path::{Path, PathBuf},
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};
use tokio::sync::OnceCell;

/// Which database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// A database of one test.
pub struct Fresh {
    url: String,
    _file: Option<Folder>,
    on_server: Option<String>,
}

impl Fresh {
    /// A new one, or nothing where there is none of this kind.
    pub async fn of_kind(kind: Kind) -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("postern_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        match kind {
            Kind::Sqlite => Some(Self::file(&name).await),
            Kind::Postgres => Self::on_server(name).await,
        }
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Removes it. Not reached by a test that failed; what is left then goes with the process.
    pub async fn remove(self) {
        if let (Some(name), Some(server)) = (&self.on_server, postgres::server()) {
            let admin = connect(&server.url("postgres")).await;
            admin.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
            admin.close().await.unwrap();
        }
    }

    /// Migrations run once a process; every test gets a copy of the file.
    async fn file(name: &str) -> Self {
        static MIGRATED: OnceCell<Vec<u8>> = OnceCell::const_new();
        let folder = Folder::new(name);
        let path = folder.0.join("postern.db");
        let migrated = MIGRATED.get_or_init(|| async {
            let template = Folder::new(&format!("{name}_template"));
            let path = template.0.join("postern.db");
            let connection = connect(&format!("sqlite:{}?mode=rwc", path.display())).await;
            Migrator::up(&connection, None).await.unwrap();
            connection.close().await.unwrap();
            std::fs::read(&path).unwrap()
        });
        std::fs::write(&path, migrated.await).unwrap();
        Self { url: format!("sqlite:{}", path.display()), _file: Some(folder), on_server: None }
    }

    /// As with files: every test gets a copy of the one that was migrated, which stays until the cluster goes.
    async fn on_server(name: String) -> Option<Self> {
        static MIGRATED: OnceCell<String> = OnceCell::const_new();
        let server = postgres::server()?;
        let admin = connect(&server.url("postgres")).await;
        let migrated = MIGRATED.get_or_init(|| async {
            let template = format!("{name}_template");
            admin.execute_unprepared(&format!("CREATE DATABASE {template}")).await.unwrap();
            let connection = connect(&server.url(&template)).await;
            Migrator::up(&connection, None).await.unwrap();
            connection.close().await.unwrap();
            template
        });
        let template = migrated.await;
        admin.execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await.unwrap();
        admin.close().await.unwrap();
        Some(Self { url: server.url(&name), _file: None, on_server: Some(name) })
    }
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    sea_orm::Database::connect(options).await.unwrap()
}

/// A folder that goes when it is dropped. In memory where that is offered: no test survives a power cut anyway.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        static BASE: LazyLock<PathBuf> = LazyLock::new(|| {
            let memory = Path::new("/dev/shm");
            if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
        });
        let path = BASE.join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

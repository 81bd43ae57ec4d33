//! The PostgreSQL of the tests: the server named by `POSTERN_TEST_POSTGRES` (a URL; databases are made and dropped
//! there), or else a throw-away cluster on a socket of its own, started where `initdb` is found and stopped with this
//! process, however it ends. With `POSTERN_TEST_POSTGRES=required`, having none is a failure; with `off`, none is wanted.

use std::{
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

/// A server on which databases can be made.
pub struct Server {
    /// With `{}` for the name of a database.
    url: String,
    /// Stops the cluster when its standard input closes, which it does when this process ends.
    _watch: Option<Child>,
}

impl Server {
    /// The URL of one of its databases.
    pub fn url(&self, database: &str) -> String {
        self.url.replace("{}", database)
    }
}

/// The server, started at the first call; nothing where there is none.
pub fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let find = || match std::env::var("POSTERN_TEST_POSTGRES").as_deref() {
        Ok("off") => None,
        Ok(url) if url.contains("://") => Some(Server { url: of_any_database(url), _watch: None }),
        Ok("required") => Some(start(&programs().expect("PostgreSQL is required: please install Debian's postgresql"))),
        _ => programs().map(|programs| start(&programs)),
    };
    SERVER.get_or_init(find).as_ref()
}

/// `postgres://user@host:port/NAME?options` with `{}` for the name.
fn of_any_database(url: &str) -> String {
    let (base, options) = url.split_once('?').map_or((url, String::new()), |(base, rest)| (base, format!("?{rest}")));
    let (scheme, rest) = base.split_once("://").unwrap_or(("postgres", base));
    let host = rest.split('/').next().unwrap_or(rest);
    format!("{scheme}://{host}/{{}}{options}")
}

/// The newest folder that has `initdb`.
fn programs() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = debian.map(|version| version.path().join("bin")).collect();
    folders.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = folders.into_iter().rev().chain(std::env::split_paths(&path));
    found.into_iter().find(|folder| folder.join("initdb").is_file())
}

/// Where a cluster goes: in memory where there is much of it, for a database is hundreds of files, which a disk is slow to make
/// and to forget.
fn roomy() -> &'static Path {
    let memory = Path::new("/dev/shm");
    let free = Command::new("df").args(["--output=avail", "-B", "1G"]).arg(memory).output();
    let free = free.ok().and_then(|said| String::from_utf8(said.stdout).ok());
    let gigabytes = free.and_then(|said| said.lines().last().and_then(|line| line.trim().parse::<u64>().ok()));
    if gigabytes.is_some_and(|free| free >= 4) { memory } else { Path::new("/tmp") }
}

fn start(programs: &Path) -> Server {
    let folder = roomy().join(format!("postern-postgres-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let folder = folder.display();
    let programs = programs.display();
    if is_root() {
        succeed(Command::new("chown").args(["postgres", &folder.to_string()]), "chown");
    }
    let init = format!("'{programs}/initdb' -D '{folder}/data' -U postern -A trust -E UTF8 --locale=C --no-sync");
    succeed(&mut as_postgres(&init), "initdb");
    // A cluster that is thrown away need not survive anything.
    let options = format!(
        "-c listen_addresses= -c unix_socket_directories={folder} -c max_connections=400 -c fsync=off \
         -c synchronous_commit=off -c full_page_writes=off"
    );
    let start = format!("'{programs}/pg_ctl' -D '{folder}/data' -w -l '{folder}/log' -o '{options}' start");
    succeed(&mut as_postgres(&start), "pg_ctl start");
    let stop = format!("cat >/dev/null; '{programs}/pg_ctl' -D '{folder}/data' -m immediate stop; rm -rf '{folder}'");
    let mut watch = as_postgres(&format!("cd /; {stop}"));
    // A group of its own, so that an interrupt from the keyboard does not end it before it has stopped the cluster.
    watch.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let watch = watch.spawn().expect("sh is there");
    Server { url: format!("postgres://postern@localhost/{{}}?host={folder}"), _watch: Some(watch) }
}

/// PostgreSQL's programs refuse to run as root.
fn as_postgres(script: &str) -> Command {
    if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", "sh", "-c", script]);
        command
    } else {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }
}

fn is_root() -> bool {
    static ROOT: OnceLock<bool> = OnceLock::new();
    *ROOT.get_or_init(|| Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n"))
}

fn succeed(command: &mut Command, what: &str) {
    // Written to a file rather than piped: the cluster would keep a pipe open.
    let log = std::env::temp_dir().join(format!("postern-postgres-{}.start", std::process::id()));
    let file = std::fs::File::create(&log).unwrap();
    let status = command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file).status();
    let said = std::fs::read_to_string(&log).unwrap_or_default();
    let _ = std::fs::remove_file(&log);
    assert!(status.is_ok_and(|status| status.success()), "{what} failed: {said}");
}

//! Databases to measure on: a fresh file, or a fresh database on the throwaway server.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use homeward::app::{App, register};
use homeward::db::{AnyConnection, Database, DbError};
use homeward::domain::zone::Zone;
use tempfile::TempDir;

use super::measure::Table;
use super::postgres::Server;

/// The kinds of database, as they are asked for.
pub const KINDS: [&str; 2] = ["sqlite", "postgres"];

static ASKED: OnceLock<Vec<String>> = OnceLock::new();

/// Measures on these kinds alone; on all if none are named.
pub fn only(kinds: &[String]) {
    ASKED.set(kinds.to_vec()).expect("said once");
}

fn is_asked(kind: &str) -> bool {
    ASKED.get().is_none_or(|kinds| kinds.is_empty() || kinds.iter().any(|k| k == kind))
}

/// A migrated database, which goes with this value.
pub struct Bed {
    pub kind: &'static str,
    pub url: String,
    folder: TempDir,
    /// The name on the PostgreSQL server.
    name: Option<String>,
}

impl Bed {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite://{}", folder.path().join("homeward.db").display());
        let bed = Self { kind: "SQLite", url, folder, name: None };
        drop(bed.open());
        bed
    }

    /// Or why there is no server to make one on.
    pub fn postgres() -> Result<Self, &'static str> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server = Server::get()?;
        let name = format!("bench_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        server.admin(&format!("CREATE DATABASE {name}"));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let bed = Self { kind: "PostgreSQL", url: server.url(&name), folder, name: Some(name) };
        drop(bed.open());
        Ok(bed)
    }

    /// One of each kind; a missing PostgreSQL is said aloud.
    pub fn both(table: &mut Table, what: &str) -> Vec<fn() -> Self> {
        let mut beds: Vec<fn() -> Self> = Vec::new();
        if is_asked(KINDS[0]) {
            beds.push(Self::sqlite);
        }
        if is_asked(KINDS[1]) {
            match Server::get() {
                Ok(_) => beds.push(|| Self::postgres().expect("the server is there")),
                Err(why) => table.aside(&format!("{what} on PostgreSQL"), why),
            }
        }
        beds
    }

    pub fn is_sqlite(&self) -> bool {
        self.name.is_none()
    }

    pub fn open(&self) -> Database {
        let url = self.url.parse().expect("a database URL");
        Database::open(&url).expect("opening a database")
    }

    pub fn app(&self) -> App {
        let db = self.open();
        let calendars = db.read(register::calendars).expect("the calendars");
        App::new(db, calendars, Zone::UTC)
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The SQLite file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("homeward.db")
    }

    /// The name on the server.
    pub fn name(&self) -> &str {
        self.name.as_deref().expect("a PostgreSQL database")
    }

    /// The program itself, on this database.
    pub fn homeward(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_homeward"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("HOMEWARD_")) {
            command.env_remove(name);
        }
        command.env("HOMEWARD_DATABASE_URL", &self.url).current_dir(self.folder());
        command
    }

    /// Brings what was written home, so that no measure pays for what came before it.
    pub fn settle(&self) {
        let db = self.open();
        db.read(|_| Ok::<(), DbError>(())).expect("a connection");
        if self.is_sqlite() {
            let run = Command::new("sqlite3")
                .arg(self.file())
                .arg("PRAGMA wal_checkpoint(TRUNCATE)")
                .output()
                .expect("sqlite3");
            assert!(run.status.success(), "{run:?}");
        } else {
            let server = Server::get().expect("the server is there");
            let mut psql = server.psql(self.name());
            let run = psql.args(["-c", "VACUUM ANALYZE", "-c", "CHECKPOINT"]).status();
            assert!(run.expect("psql").success());
        }
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        if let (Some(name), Ok(server)) = (&self.name, Server::get()) {
            server.admin(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// Statements as they stand.
pub fn batch(connection: &mut AnyConnection, sql: &str) {
    let done = match connection {
        AnyConnection::Sqlite(c) => c.batch_execute(sql),
        AnyConnection::Postgres(c) => c.batch_execute(sql),
    };
    if let Err(error) = done {
        panic!("{error}: {}", sql.chars().take(2000).collect::<String>());
    }
}

/// Whether a program can be started.
pub fn has(program: &str, version: &str) -> bool {
    Command::new(program).arg(version).output().is_ok_and(|run| run.status.success())
}

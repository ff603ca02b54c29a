//! A fresh database of each kind for a test.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::prelude::*;
use homeward::db::{Database, DatabaseUrl};
use tempfile::TempDir;

use super::command::{Ran, homeward};
use super::postgres::Server;

/// A migrated, empty database, which goes with this value.
pub struct TestDatabase {
    database: Option<Database>,
    url: String,
    /// The name on the PostgreSQL server.
    name: Option<String>,
    folder: TempDir,
}

impl Deref for TestDatabase {
    type Target = Database;
    fn deref(&self) -> &Database {
        self.database.as_ref().expect("the database is there until the drop")
    }
}

impl TestDatabase {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("homeward.db");
        std::fs::copy(sqlite_template(), &path).expect("copying the template");
        Self::opened(format!("sqlite://{}", path.display()), None, folder)
    }

    /// Or why there is no PostgreSQL to make one on.
    pub fn postgres() -> Result<Self, &'static str> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server = Server::get()?;
        let template = postgres_template(server);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("homeward_test_{}_{number}", std::process::id());
        admin(server, &format!("CREATE DATABASE {name} TEMPLATE {template}"));
        let folder = tempfile::tempdir().expect("a temporary folder");
        Ok(Self::opened(server.url(&name), Some(name), folder))
    }

    fn opened(url: String, name: Option<String>, folder: TempDir) -> Self {
        let parsed: DatabaseUrl = url.parse().expect("a database URL");
        let database = Some(Database::open(&parsed).expect("opening a test database"));
        Self { database, url, name, folder }
    }

    /// The URL as `HOMEWARD_DATABASE_URL` takes it.
    pub fn url_text(&self) -> &str {
        &self.url
    }

    /// Runs the program on this database, in this database's folder.
    pub fn homeward(&self, arguments: &[&str]) -> Ran {
        let mut command = homeward(self.folder(), self.url_text());
        command.args(arguments).output().expect("running homeward").into()
    }

    /// A folder for the test's files.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        self.database = None;
        if let (Some(name), Ok(server)) = (&self.name, Server::get()) {
            admin(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// Runs `test` on a fresh SQLite file and then on a fresh PostgreSQL database.
pub fn each_database(name: &str, test: impl Fn(&TestDatabase)) {
    test(&TestDatabase::sqlite());
    match TestDatabase::postgres() {
        Ok(database) => test(&database),
        Err(why) => super::skipped(&format!("{name} on PostgreSQL"), why),
    }
}

/// A statement on the server rather than in a test's database.
fn admin(server: &Server, sql: &str) {
    let mut connection =
        PgConnection::establish(&server.url("postgres")).expect("connecting to PostgreSQL");
    diesel::sql_query(sql).execute(&mut connection).expect(sql);
}

fn sqlite_template() -> &'static PathBuf {
    static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        // Kept in the target folder, one a process and overwritten: a static is never dropped.
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let path = folder.join("template.db");
        let making = folder.join(format!("template-{}.db", std::process::id()));
        let _ = std::fs::remove_file(&making);
        let url = format!("sqlite://{}", making.display()).parse().expect("a URL");
        drop(Database::open(&url).expect("making the SQLite template"));
        std::fs::rename(&making, &path).expect("naming the SQLite template");
        path
    })
}

fn postgres_template(server: &Server) -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let name = format!("homeward_template_{}", std::process::id());
        admin(server, &format!("DROP DATABASE IF EXISTS {name}"));
        admin(server, &format!("CREATE DATABASE {name} TEMPLATE template0"));
        let url = server.url(&name).parse().expect("a URL");
        drop(Database::open(&url).expect("making the PostgreSQL template"));
        // The server sees a closed connection a little later than we do.
        admin(
            server,
            &format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            ),
        );
        name
    })
}

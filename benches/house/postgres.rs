//! One throwaway PostgreSQL server, as durable as its defaults, gone when this process is gone.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;

use diesel::prelude::*;

/// The folder, the server and a watchman that waits on a pipe whose other end only this process
/// holds: however it ends, the pipe closes, and server and folder go.
const WATCHMAN: &str = r#"
trap '' INT TERM HUP
B=$1
D=$(mktemp -d "${TMPDIR:-/tmp}/homeward-bench-XXXXXX") || exit 1
if [ "$(id -u)" = 0 ]; then
  chown postgres: "$D"
  as() { runuser -u postgres -- "$@"; }
else
  as() { "$@"; }
fi
cd "$D"
finish() { as "$B/pg_ctl" -D "$D/data" -m immediate stop >/dev/null 2>&1; cd /; rm -rf "$D"; }
if as "$B/initdb" -D "$D/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$D/log" 2>&1 &&
   as "$B/pg_ctl" -D "$D/data" -w -l "$D/server.log" -o "-k $D -c listen_addresses='' -c max_wal_size=8GB" \
     start </dev/null >>"$D/log" 2>&1
then echo "ready $D"
else echo "failed: $(tail -3 "$D/log" | tr '\n' ' ')"
fi
exec >/dev/null
cat >/dev/null
finish
"#;

pub struct Server {
    folder: String,
    _watched: Option<ChildStdin>,
}

impl Server {
    /// The server of this process, or why there is none.
    pub fn get() -> Result<&'static Self, &'static str> {
        static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
        SERVER.get_or_init(Self::start).as_ref().map_err(String::as_str)
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@/{database}?host={}", self.folder.replace('/', "%2F"))
    }

    /// psql on a database.
    pub fn psql(&self, database: &str) -> Command {
        let mut command = Command::new("psql");
        command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", &self.folder]);
        command.args(["-U", "postgres", "-d", database]);
        command
    }

    /// A statement on the server rather than in a database of ours.
    pub fn admin(&self, sql: &str) {
        let mut connection =
            PgConnection::establish(&self.url("postgres")).expect("connecting to PostgreSQL");
        diesel::sql_query(sql).execute(&mut connection).expect(sql);
    }

    fn start() -> Result<Self, String> {
        let binaries =
            binaries().ok_or("no PostgreSQL server is installed (apt-get install postgresql)")?;
        let mut child = Command::new("sh")
            .args(["-c", WATCHMAN, "homeward-bench"])
            .arg(&binaries)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("sh cannot be started: {e}"))?;
        let mut line = String::new();
        let stdout = child.stdout.take().ok_or("no standard output")?;
        BufReader::new(stdout).read_line(&mut line).map_err(|e| e.to_string())?;
        let folder = line
            .trim()
            .strip_prefix("ready ")
            .ok_or_else(|| format!("PostgreSQL of {} did not start: {line}", binaries.display()))?;
        Ok(Self { folder: folder.to_owned(), _watched: child.stdin.take() })
    }
}

/// The folder of the newest server installed.
fn binaries() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = debian
        .filter_map(|e| Some((e.file_name().to_str()?.parse().ok()?, e.path().join("bin"))))
        .filter(|(_, path)| path.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().map(|(_, path)| path)
}

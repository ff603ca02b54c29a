//! One throwaway PostgreSQL server a test process, gone when the process is gone.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;

/// The folder, the server and a watchman. The watchman waits on a pipe whose other end only the test
/// process holds: however that process ends, the pipe closes, and server and folder go.
const WATCHMAN: &str = r#"
trap '' INT TERM HUP
B=$1
D=$(mktemp -d "${TMPDIR:-/tmp}/homeward-pg-XXXXXX") || exit 1
if [ "$(id -u)" = 0 ]; then
  chown postgres: "$D"
  as() { runuser -u postgres -- "$@"; }
else
  as() { "$@"; }
fi
cd "$D"
finish() { as "$B/pg_ctl" -D "$D/data" -m immediate stop >/dev/null 2>&1; cd /; rm -rf "$D"; }
if as "$B/initdb" -D "$D/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$D/log" 2>&1 &&
   as "$B/pg_ctl" -D "$D/data" -w -l "$D/server.log" -o "-k $D -c listen_addresses='' \
     -c max_connections=300 -c fsync=off -c synchronous_commit=off -c full_page_writes=off" \
     start </dev/null >>"$D/log" 2>&1
then echo "ready $D"
else echo "failed: $(tail -3 "$D/log" | tr '\n' ' ')"
fi
exec >/dev/null
cat >/dev/null
finish
"#;

/// A server that tests may make databases on.
pub struct Server {
    /// Everything of a URL but the database's name.
    before: String,
    after: String,
    _watched: Option<ChildStdin>,
}

impl Server {
    /// The server of this process, or why there is none.
    pub fn get() -> Result<&'static Self, &'static str> {
        static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
        SERVER.get_or_init(Self::start).as_ref().map_err(String::as_str)
    }

    pub fn url(&self, database: &str) -> String {
        format!("{}{database}{}", self.before, self.after)
    }

    fn start() -> Result<Self, String> {
        if let Ok(url) = std::env::var("HOMEWARD_TEST_POSTGRES_URL") {
            return Self::given(&url);
        }
        let binaries = binaries().ok_or(
            "no PostgreSQL server is installed (Debian: apt-get install postgresql), \
             and HOMEWARD_TEST_POSTGRES_URL is not set",
        )?;
        let mut child = Command::new("sh")
            .args(["-c", WATCHMAN, "homeward-pg"])
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
        Ok(Self {
            before: "postgres://postgres@/".to_owned(),
            after: format!("?host={}", folder.replace('/', "%2F")),
            _watched: child.stdin.take(),
        })
    }

    /// A server that is there already; the databases made on it are dropped after each test.
    fn given(url: &str) -> Result<Self, String> {
        let bad = || "HOMEWARD_TEST_POSTGRES_URL is not postgres://USER@HOST/NAME".to_owned();
        let (before, options) = url.split_once('?').map_or((url, None), |(b, o)| (b, Some(o)));
        let start = before.find("://").ok_or_else(bad)? + 3;
        let slash = start + before[start..].find('/').ok_or_else(bad)?;
        Ok(Self {
            before: before[..=slash].to_owned(),
            after: options.map(|o| format!("?{o}")).unwrap_or_default(),
            _watched: None,
        })
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
    let on_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path)
            .find(|p| p.join("initdb").exists() && p.join("pg_ctl").exists())
    };
    found.pop().map(|(_, path)| path).or_else(on_path)
}

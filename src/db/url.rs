//! Which database, said by a URL. The scheme alone chooses the backend; nothing is tried out.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// The two databases Homeward works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// `sqlite://PATH` (relative to the working folder, or absolute: `sqlite:///var/lib/x.db`) or
/// `postgres://…`. The path is taken as it stands, without percent-decoding. Printing it never
/// shows the password.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct DatabaseUrl {
    backend: Backend,
    /// The path of a SQLite file, or the whole URL for PostgreSQL.
    target: String,
}

/// Why a text names no database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    #[error(
        "the database URL has no known scheme; write sqlite://PATH or postgres://USER:PASSWORD@HOST/NAME"
    )]
    Scheme,
    #[error(
        "the database URL names no file; write sqlite://PATH, for example sqlite://data/homeward.db"
    )]
    NoPath,
    #[error("{0:?} names no file that can be shared by several connections; write sqlite://PATH")]
    NotAFile(String),
    #[error("the SQLite path {0:?} holds a `?` or a `#`; options are not taken from the URL")]
    Options(String),
    #[error("the database URL holds a zero byte")]
    Nul,
}

impl DatabaseUrl {
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// The file of a SQLite database; none for PostgreSQL.
    pub fn path(&self) -> Option<&Path> {
        (self.backend == Backend::Sqlite).then(|| Path::new(&self.target))
    }

    /// What the driver is given; holds the password.
    pub(super) fn target(&self) -> &str {
        &self.target
    }

    /// `message` with every occurrence of the password put out of sight: a driver's message may
    /// quote the URL it could not read.
    pub(super) fn redact(&self, message: &str) -> String {
        self.secrets().into_iter().fold(message.to_owned(), |m, secret| m.replace(&secret, "***"))
    }

    /// The password as written and as decoded, from the user information and from the options.
    fn secrets(&self) -> Vec<String> {
        if self.backend == Backend::Sqlite {
            return Vec::new();
        }
        let (before, options) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let rest = before.split_once("://").map_or(before, |(_, rest)| rest);
        let user = rest.rsplit_once('@').map(|(user, _)| user);
        let written = user.and_then(|u| u.split_once(':')).map(|(_, password)| password);
        let options = options.split('&').filter_map(|o| o.strip_prefix("password="));
        let mut found: Vec<String> = Vec::new();
        for raw in written.into_iter().chain(options).filter(|p| !p.is_empty()) {
            found.push(raw.to_owned());
            found.push(decoded(raw));
        }
        found
    }
}

/// Percent-decoding, as lenient as a search for a secret may be.
fn decoded(raw: &str) -> String {
    let bytes = raw.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = raw.get(at + 1..at + 3).and_then(|h| u8::from_str_radix(h, 16).ok());
        match (bytes[at], hex) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

impl FromStr for DatabaseUrl {
    type Err = UrlError;
    fn from_str(text: &str) -> Result<Self, UrlError> {
        if text.contains('\0') {
            return Err(UrlError::Nul);
        }
        let (scheme, rest) = text.split_once("://").ok_or(UrlError::Scheme)?;
        match scheme {
            "sqlite" => sqlite(rest),
            "postgres" | "postgresql" => {
                Ok(Self { backend: Backend::Postgres, target: text.to_owned() })
            }
            _ => Err(UrlError::Scheme),
        }
    }
}

impl TryFrom<String> for DatabaseUrl {
    type Error = UrlError;
    fn try_from(text: String) -> Result<Self, UrlError> {
        text.parse()
    }
}

fn sqlite(path: &str) -> Result<DatabaseUrl, UrlError> {
    if path.is_empty() || path.ends_with('/') {
        return Err(UrlError::NoPath);
    }
    // SQLite would read `file:` as a URI, and give every connection a `:memory:` of its own.
    if path.starts_with(':') || path.starts_with("file:") {
        return Err(UrlError::NotAFile(path.to_owned()));
    }
    if path.contains(['?', '#']) {
        return Err(UrlError::Options(path.to_owned()));
    }
    Ok(DatabaseUrl { backend: Backend::Sqlite, target: path.to_owned() })
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.backend {
            Backend::Sqlite => write!(f, "sqlite://{}", self.target),
            Backend::Postgres => f.write_str(&self.redact(&self.target)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scheme_chooses_the_backend() {
        for (text, backend) in [
            ("sqlite://data/homeward.db", Backend::Sqlite),
            ("sqlite:///var/lib/homeward.db", Backend::Sqlite),
            ("sqlite://仓库.db", Backend::Sqlite),
            ("postgres://u:p@h/d", Backend::Postgres),
            ("postgresql:///d?host=/run", Backend::Postgres),
        ] {
            assert_eq!(text.parse::<DatabaseUrl>().map(|u| u.backend()), Ok(backend), "{text}");
        }
    }

    #[test]
    fn bad_urls_are_refused() {
        for (text, error) in [
            ("", UrlError::Scheme),
            ("homeward.db", UrlError::Scheme),
            ("host=localhost dbname=x", UrlError::Scheme),
            ("mysql://u@h/d", UrlError::Scheme),
            ("sqlite:x.db", UrlError::Scheme),
            ("sqlite://", UrlError::NoPath),
            ("sqlite://data/", UrlError::NoPath),
            ("sqlite://:memory:", UrlError::NotAFile(":memory:".into())),
            ("sqlite://file:x", UrlError::NotAFile("file:x".into())),
            ("sqlite://x.db?mode=ro", UrlError::Options("x.db?mode=ro".into())),
            ("sqlite://x\0.db", UrlError::Nul),
        ] {
            assert_eq!(text.parse::<DatabaseUrl>(), Err(error), "{text}");
        }
    }

    #[test]
    fn the_password_is_never_shown() {
        for text in [
            "postgres://user:s3cr%40et@host/db",
            "postgres://user@host/db?password=s3cr%40et&x=1",
            "postgres://user:s3cr%40et@host/db?password=s3cr%40et",
        ] {
            let Ok(url) = text.parse::<DatabaseUrl>() else { panic!("{text}") };
            let shown = format!("{url} {url:?} {}", url.redact("no user with s3cr@et s3cr%40et"));
            assert!(!shown.contains("s3cr"), "{shown}");
            assert!(shown.contains("user"), "{shown}");
        }
    }
}

//! The settings through the program: where each was read, secrets in files, and what is checked before
//! anything is served.

use std::io::Read;
use std::net::TcpListener;
use std::process::Stdio;

use super::mail_tls::LOGIN;
use crate::support::command::{Ran, homeward};
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::{Request, Service};
use crate::support::smtp::{Manners, Protection, Smtp};

/// Runs with these variables and no database URL but theirs.
fn run(folder: &std::path::Path, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
    homeward(folder, "")
        .env_remove("HOMEWARD_DATABASE_URL")
        .envs(variables.iter().copied())
        .args(arguments)
        .output()
        .expect("running homeward")
        .into()
}

#[test]
fn each_setting_says_where_it_was_read_and_no_secret_is_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let mail = "[mail]\ntransport = \"smtp\"\n[mail.smtp]\nhost = \"127.0.0.1\"\nport = 1\n\
                user = \"joe\"\npassword = \"hush-hush\"\n";
    std::fs::write(folder.path().join("homeward.toml"), mail).expect("settings");
    let url = ("HOMEWARD_DATABASE_URL", "postgres://joe:s3cret@127.0.0.1:1/house");
    let variables = [url, ("HOMEWARD_SERVICE__BIND", "127.0.0.1:9")];
    let ran = run(folder.path(), &variables, &["config", "check"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    for line in [
        "database_url = postgres://joe:***@127.0.0.1:1/house  (environment)",
        "service.bind = 127.0.0.1:9  (environment)",
        "operator.zone = UTC  (default)",
        "mail.smtp.password = ***  (homeward.toml)",
    ] {
        assert!(ran.out.contains(line), "{line}: {ran:?}");
    }
    assert!(ran.out.contains("bad  database: the database postgres://joe:***@"), "{ran:?}");
    assert!(!ran.out.contains("mail server"), "{ran:?}");
    for secret in ["s3cret", "hush"] {
        assert!(!format!("{ran:?}").contains(secret), "{secret} is shown: {ran:?}");
    }
    // Only when asked does it knock at the mail server's door.
    let ran = run(folder.path(), &variables, &["config", "check", "--connect"]);
    assert!(ran.out.contains("bad  mail server: 127.0.0.1: "), "{ran:?}");
    // A server is one that takes us: the login is tried, and no message is sent.
    let manners = Manners { protection: Protection::None, login: Some(LOGIN) };
    let server = Smtp::start_with(manners, &[]);
    let port = server.port.to_string();
    let [place, user, password] =
        ["PORT", "USER", "PASSWORD"].map(|name| format!("HOMEWARD_MAIL__SMTP__{name}"));
    for (security, given, said) in [
        ("none", "open sesame", "ok   mail server: 127.0.0.1 takes us, logged in as homeward"),
        ("none", "hunter2", "look at mail.smtp.user and mail.smtp.password"),
        ("tls", "open sesame", "set mail.smtp.security to starttls, or its other port"),
    ] {
        let variables = [
            url,
            ("HOMEWARD_MAIL__SMTP__SECURITY", security),
            (place.as_str(), port.as_str()),
            (user.as_str(), "homeward"),
            (password.as_str(), given),
        ];
        let ran = run(folder.path(), &variables, &["config", "check", "--connect"]);
        assert!(ran.out.contains(said), "{said}: {ran:?}");
        assert!(!format!("{ran:?}").contains(given), "{ran:?}");
    }
    assert_eq!(server.kept().len(), 0);
    // Something that listens and says nothing is no mail server.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("its address").port().to_string();
    let patience = ("HOMEWARD_MAIL__SMTP__TIMEOUT_SECONDS", "1");
    let ran = run(
        folder.path(),
        &[url, (place.as_str(), port.as_str()), patience],
        &["config", "check", "--connect"],
    );
    assert!(ran.out.contains("bad  mail server: 127.0.0.1: "), "{ran:?}");
}

#[test]
fn the_database_url_may_stand_in_a_file() {
    each_database("a database URL in a file", |db| {
        let file = db.folder().join("url");
        std::fs::write(&file, format!("{}\n", db.url_text())).expect("a secret");
        let file = file.display().to_string();
        let named = [("HOMEWARD_DATABASE_URL_FILE", file.as_str())];
        let ran = run(db.folder(), &named, &["token", "create", "--role", "dock"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(db.homeward(&["token", "list"]).out.lines().count(), 2);
        let ran = run(db.folder(), &named, &["config", "check"]);
        assert!(ran.out.contains(&format!("(database_url_file {file})")), "{ran:?}");
        let both = [named[0], ("HOMEWARD_DATABASE_URL", "sqlite://other.db")];
        let ran = run(db.folder(), &both, &["verify"]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains("are both set; leave one of them out"), "{ran:?}");
        let gone = [("HOMEWARD_DATABASE_URL_FILE", "/nowhere/url")];
        let ran = run(db.folder(), &gone, &["verify"]);
        assert!(ran.err.contains("database_url_file: /nowhere/url: "), "{ran:?}");
        // A flag goes before both.
        let ran = run(db.folder(), &gone, &["--database-url", db.url_text(), "verify"]);
        assert_eq!(ran.code, 0, "{ran:?}");
    });
}

#[test]
fn what_cannot_be_served_is_said_before_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let check = ["serve", "--check"];
    let ran = run(folder.path(), &[], &check);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("bad  database: there is nothing yet"), "{ran:?}");
    let left = std::fs::read_dir(folder.path()).expect("the folder").count();
    assert_eq!(left, 0, "a check leaves nothing behind");
    each_database("a check before serving", |db| {
        let ran = db.homeward(&check);
        assert_eq!(ran.code, 0, "{ran:?}");
        let reports = db.folder().join("own");
        std::fs::create_dir_all(&reports).expect("a folder");
        std::fs::write(reports.join("mine.toml"), "title = 3\n").expect("a definition");
        let named = [
            ("HOMEWARD_DATABASE_URL", db.url_text()),
            ("HOMEWARD_JOBS__REPORTS_FOLDER", reports.to_str().expect("a path")),
        ];
        let ran = run(db.folder(), &named, &check);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.out.contains("bad  reports: ") && ran.out.contains("mine.toml"), "{ran:?}");
    });
    let ran = run(folder.path(), &[("HOMEWARD_SERVICE__BINT", "x")], &check);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("bint"), "{ran:?}");
}

#[test]
fn ready_asks_the_service_of_this_machine() {
    let db = TestDatabase::sqlite();
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its address");
    let bind = format!("0.0.0.0:{}", port.port());
    let named =
        [("HOMEWARD_DATABASE_URL", db.url_text()), ("HOMEWARD_SERVICE__BIND", bind.as_str())];
    let ran = run(db.folder(), &named, &["ready"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let service = Service::start(&db);
    let address = service.address().to_owned();
    let named = [("HOMEWARD_SERVICE__BIND", address.as_str())];
    let ran = run(db.folder(), &named, &["ready"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "ready\n"), "{ran:?}");
}

#[test]
fn services_that_start_at_once_bring_the_schema_up_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let start = |url: &str| {
        homeward(folder.path(), url)
            .args(["serve", "--bind", "127.0.0.1:0"])
            .env("HOMEWARD_SERVICE__NOT_READY_SECONDS", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("starting")
    };
    let mut all: Vec<_> = (0..4).map(|_| start("sqlite://new.db")).collect();
    let mut services = Vec::new();
    for child in &mut all {
        let mut out = std::io::BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        std::io::BufRead::read_line(&mut out, &mut line).expect("a line");
        services.push(line.trim().strip_prefix("listening on http://").map(str::to_owned));
    }
    let services: Vec<Service> = all
        .into_iter()
        .zip(services)
        .map(|(child, address)| Service::running(child, &address.expect("each listens")))
        .collect();
    for service in &services {
        service.send(&Request::get("/readyz")).expect(200);
    }
}

#[test]
fn the_log_is_json_with_the_requests_id() {
    let db = TestDatabase::sqlite();
    let mut child = homeward(db.folder(), db.url_text())
        .args(["serve", "--bind", "127.0.0.1:0"])
        .env("HOMEWARD_SERVICE__NOT_READY_SECONDS", "0")
        .env("HOMEWARD_LOG_FORMAT", "json")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starting");
    let mut out = std::io::BufReader::new(child.stdout.take().expect("its output"));
    let mut log = child.stderr.take().expect("its log");
    let mut line = String::new();
    std::io::BufRead::read_line(&mut out, &mut line).expect("a line");
    let address = line.trim().strip_prefix("listening on http://").expect("an address");
    let service = Service::running(child, address);
    service.send(&Request::get("/livez").header("x-request-id", "seen-by-me"));
    assert_eq!(service.stop(), Some(0));
    let mut text = String::new();
    log.read_to_string(&mut text).expect("the log");
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let answered = lines.iter().find(|line| line["request_id"] == "seen-by-me");
    let answered = answered.unwrap_or_else(|| panic!("no line of the request: {text}"));
    assert_eq!((&answered["path"], &answered["status"]), (&"/livez".into(), &200.into()));
}

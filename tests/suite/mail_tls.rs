//! Mail to a server that protects what is said and wants to know who comes.

use std::path::Path;
use std::sync::Arc;

use homeward::mail::{Letter, MailSettings, SendError, Sender, Transport, render};
use serde_json::json;

use super::mail::sample;
use super::world::utc;
use crate::support::databases::TestDatabase;
use crate::support::smtp::{Act, Authority, Manners, Protection, Smtp};

/// RFC 4616: no identity to act for, the user `homeward`, the password `open sesame`.
pub const LOGIN: &str = "AGhvbWV3YXJkAG9wZW4gc2VzYW1l";

fn letter() -> Letter {
    let said = render(&sample(homeward::domain::notice::NoticeKind::Closed, json!({})));
    let sender = Sender::parse("Homeward <rma@vendor.example>", None).expect("a sender");
    let at = utc("2026-11-16T15:00:00Z");
    let ids = ("<1@vendor.example>", None);
    let said = said.expect("a message");
    Letter::write(&sender, ("ann@customer.example", "Ann"), ids, &said, &[], at).expect("a letter")
}

fn settings(server: &Smtp, more: &str) -> String {
    let port = server.port;
    format!(
        "transport = 'smtp'\n[smtp]\nhost = 'localhost'\nport = {port}\ntimeout_seconds = 2\n{more}\n"
    )
}

fn transport(server: &Smtp, more: &str) -> Box<dyn Transport> {
    let settings: MailSettings = toml::from_str(&settings(server, more)).expect("settings");
    homeward::mail::open(&settings).expect("a transport")
}

fn ca(folder: &Path, authority: &Authority) -> String {
    let path = folder.join("ca.pem");
    std::fs::write(&path, &authority.pem).expect("the authority's certificate");
    format!("ca_file = '{}'", path.display())
}

/// Both ways to protect a connection, each with the word for it in the settings.
fn ways(authority: &Authority) -> [(&'static str, Protection); 2] {
    [
        ("security = 'tls'", Protection::Tls(Arc::clone(&authority.config))),
        ("security = 'starttls'", Protection::StartTls(Arc::clone(&authority.config))),
    ]
}

fn refused(sent: Result<(), SendError>) -> String {
    match sent {
        Err(SendError::Temporary(reason)) => reason,
        other => panic!("it should be tried again later: {other:?}"),
    }
}

#[test]
fn mail_goes_protected_and_with_its_login() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new(&["localhost"]);
    let secret = folder.path().join("password");
    std::fs::write(&secret, "open sesame\n").expect("a password file");
    let ca = ca(folder.path(), &authority);
    for (way, protection) in ways(&authority) {
        let server = Smtp::start_with(Manners { protection, login: Some(LOGIN) }, &[]);
        for password in [
            "password = 'open sesame'".to_owned(),
            format!("password_file = '{}'", secret.display()),
        ] {
            let more = format!("{way}\n{ca}\nuser = 'homeward'\n{password}");
            transport(&server, &more).send(&letter()).expect("taken");
        }
        assert_eq!((server.kept().len(), server.premature()), (2, 0), "{way}");
    }
}

/// A wrong password says nothing about the message: it waits, and the reason names the settings.
#[test]
fn a_wrong_password_keeps_the_message_and_names_the_settings() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new(&["localhost"]);
    let ca = ca(folder.path(), &authority);
    for (way, protection) in ways(&authority) {
        let server = Smtp::start_with(Manners { protection, login: Some(LOGIN) }, &[]);
        let more = format!("{way}\n{ca}\nuser = 'homeward'\npassword = 'hunter2'");
        let reason = refused(transport(&server, &more).send(&letter()));
        for word in ["535", "mail.smtp.user", "mail.smtp.password"] {
            assert!(reason.contains(word), "{way}: {word} is not in {reason}");
        }
        assert!(!reason.contains("hunter2"), "{reason}");
        let reason = refused(transport(&server, &format!("{way}\n{ca}")).send(&letter()));
        assert!(reason.contains("mail.smtp.user"), "no login at all: {reason}");
        assert_eq!(server.kept().len(), 0);
    }
}

#[test]
fn a_certificate_that_is_not_trusted_is_named_and_nothing_is_said_to_its_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new(&["localhost"]);
    let other = Authority::new(&["other.example"]);
    let other_ca = ca(folder.path(), &other);
    for (way, protection) in ways(&authority) {
        let server = Smtp::start_with(Manners { protection, login: Some(LOGIN) }, &[]);
        let login = "user = 'homeward'\npassword = 'open sesame'";
        // Nobody is trusted beside the public authorities; another authority is.
        for trust in ["", other_ca.as_str()] {
            let reason =
                refused(transport(&server, &format!("{way}\n{trust}\n{login}")).send(&letter()));
            for word in ["certificate", "mail.smtp.ca_file"] {
                assert!(reason.contains(word), "{way}, {trust}: {word} is not in {reason}");
            }
        }
        assert_eq!((server.kept().len(), server.premature()), (0, 0));
    }
    // The authority is trusted, and the certificate is another host's.
    for (way, protection) in ways(&other) {
        let server = Smtp::start_with(Manners { protection, login: None }, &[]);
        let reason = refused(transport(&server, &format!("{way}\n{other_ca}")).send(&letter()));
        assert!(reason.contains("mail.smtp.host"), "{way}: {reason}");
        assert_eq!(server.kept().len(), 0);
    }
}

#[test]
fn without_starttls_nothing_leaves_in_the_clear() {
    let server = Smtp::start(&[]);
    let reason = refused(transport(&server, "security = 'starttls'").send(&letter()));
    assert!(reason.contains("STARTTLS") && reason.contains("mail.smtp.security"), "{reason}");
    let reason = refused(transport(&server, "security = 'tls'").send(&letter()));
    assert!(!reason.is_empty());
    assert_eq!(server.kept().len(), 0);
}

#[test]
fn a_ca_file_that_is_none_is_refused_at_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ca.pem");
    let server = Smtp::start(&[]);
    let opened = || {
        let text = settings(&server, &format!("security = 'tls'\nca_file = '{}'", path.display()));
        let settings: MailSettings = toml::from_str(&text).expect("settings");
        homeward::mail::open(&settings).err().expect("refused").to_string()
    };
    for text in
        ["", "no certificate", "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n"]
    {
        std::fs::write(&path, text).expect("a file");
        let refused = opened();
        assert!(refused.contains("mail.smtp.ca_file") && refused.contains("ca.pem"), "{refused}");
    }
    std::fs::remove_file(&path).expect("removing it");
    assert!(opened().contains("mail.smtp.ca_file"));
}

/// The built binary, its settings and a server that also misbehaves, all of it protected.
#[test]
fn the_program_sends_through_a_protected_server_that_misbehaves() {
    let db = TestDatabase::sqlite();
    crate::door::issued(&db);
    let authority = Authority::new(&["localhost"]);
    let protection = Protection::StartTls(Arc::clone(&authority.config));
    let manners = Manners { protection, login: Some(LOGIN) };
    let server = Smtp::start_with(manners, &[Act::TryLater, Act::TakeAndDrop]);
    let ca = ca(db.folder(), &authority);
    let set = |password: &str| {
        let more =
            format!("security = 'starttls'\n{ca}\nuser = 'homeward'\npassword = '{password}'");
        let mail = settings(&server, &more).replace("[smtp]", "[mail.smtp]");
        std::fs::write(db.folder().join("homeward.toml"), format!("[mail]\n{mail}"))
            .expect("settings");
    };
    set("wrong");
    let sent = db.homeward(&["outbox", "send"]);
    assert_eq!((sent.code, sent.out.trim()), (0, "sent 0, put off 2, laid aside 0"), "{sent:?}");
    let waiting = db.homeward(&["outbox", "list", "--state", "pending"]);
    assert!(waiting.out.contains("mail.smtp.password"), "{waiting:?}");
    set("open sesame");
    super::instances::make_due(&db);
    let sent = db.homeward(&["outbox", "send"]);
    assert_eq!(sent.out.trim(), "sent 0, put off 2, laid aside 0", "{sent:?}");
    super::instances::make_due(&db);
    let sent = db.homeward(&["outbox", "send"]);
    assert_eq!(sent.out.trim(), "sent 2, put off 0, laid aside 0", "{sent:?}");
    let mut ids: Vec<String> = server.kept().into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), 3, "one was in doubt: {ids:?}");
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), server.premature()), (2, 0), "{ids:?}");
}

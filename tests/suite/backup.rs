//! Backup and restore, through the program: from either database into either.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use chrono::Utc;
use diesel::prelude::*;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use homeward::app::import::Progress;
use homeward::app::{App, backup, demo, register};
use homeward::db::copy::{self, Kind, TABLES};
use homeward::db::schema::{rma_events, rmas};
use homeward::db::{Backend, Database, DbError};
use homeward::domain::zone::Zone;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::command::homeward;
use crate::support::databases::{TestDatabase, each_database};
use crate::support::older_backup::{as_0003_wrote_it, is_as_0003_had_it};
use crate::support::service::{Request, Service};
use crate::support::skipped;

/// A house with a life, tokens, sent mail and a run of a schedule.
fn lived_in(db: &TestDatabase) {
    for arguments in [
        &["replay", "--sample"][..],
        &["token", "create", "--role", "finance", "--user", "fay@vendor.example"],
        &["user", "create", "--role", "finance", "--email", "fay@vendor.example"],
        &["outbox", "send"],
        &["jobs", "run", "clock"],
    ] {
        let ran = db.homeward(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
    }
}

fn backed_up(db: &TestDatabase) -> PathBuf {
    let file = db.folder().join("house.hwb");
    let ran = db.homeward(&["backup", "house.hwb"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("SHA-256 "), "{ran:?}");
    file
}

/// An empty database of a kind: a name that is no file yet, or nothing but a schema.
fn empty(backend: Backend) -> Option<TestDatabase> {
    match backend {
        Backend::Sqlite => Some(TestDatabase::sqlite()),
        Backend::Postgres => match TestDatabase::postgres() {
            Ok(db) => Some(db),
            Err(why) => {
                skipped("restoring into PostgreSQL", why);
                None
            }
        },
    }
}

fn restore(db: &TestDatabase, file: &Path) -> crate::support::command::Ran {
    db.homeward(&["restore", &file.display().to_string()])
}

/// Every row of every table, in one form for both databases.
fn content(db: &Database) -> Vec<(String, Vec<Vec<Value>>)> {
    let of = |connection: &mut homeward::db::AnyConnection| {
        let mut all = Vec::new();
        for table in TABLES.into_iter().filter(|table| *table != "house_state") {
            let mut columns = copy::columns(connection, table)?;
            columns.sort_by(|one, other| one.name.cmp(&other.name));
            let mut rows = Vec::new();
            copy::rows(connection, table, &columns, |line| {
                let mut row: Vec<Value> = serde_json::from_str(line).expect("a row");
                for (value, column) in row.iter_mut().zip(&columns) {
                    if let (Kind::Timestamp, Value::String(text)) = (column.kind, &mut *value) {
                        *text = copy::instant(text).expect("an instant");
                    }
                }
                rows.push(row);
                Ok::<_, homeward::db::DbError>(())
            })?;
            rows.sort_by_key(|row| Value::from(row.clone()).to_string());
            all.push((table.to_owned(), rows));
        }
        Ok::<_, homeward::db::DbError>(all)
    };
    db.read(of).expect("reading everything")
}

#[test]
fn a_house_moves_from_either_database_into_either() {
    each_database("backup and restore", |db| {
        lived_in(db);
        let file = backed_up(db);
        let before = content(db);
        for kind in [Backend::Sqlite, Backend::Postgres] {
            let Some(other) = empty(kind) else { continue };
            let ran = restore(&other, &file);
            assert_eq!(ran.code, 0, "{kind:?}: {ran:?}");
            assert_eq!(content(&other), before, "{kind:?}");
            let ran = other.homeward(&["verify"]);
            assert_eq!(ran.code, 0, "{kind:?}: {ran:?}");
            let ran = restore(&other, &file);
            assert_eq!(ran.code, 1, "{ran:?}");
            assert!(ran.err.contains("is not empty (it holds "), "{ran:?}");
            // Numbers go on from the rows.
            let ran = other.homeward(&["token", "create", "--role", "dock"]);
            assert_eq!(ran.code, 0, "{kind:?}: {ran:?}");
            assert!(ran.err.contains("token 2;"), "{ran:?}");
        }
    });
}

#[test]
fn users_move_with_the_house_and_nobody_is_signed_in_to_the_new_one() {
    each_database("users in a backup", |db| {
        crate::pages::user(db, "eva@vendor.example", "engineer", None);
        let service = Service::start(db);
        let eva = crate::pages::Visitor::sign_in(&service, "eva@vendor.example");
        eva.page("/cases");
        let file = backed_up(db);
        let Some(other) = empty(Backend::Sqlite) else { return };
        let ran = restore(&other, &file);
        assert_eq!(ran.code, 0, "{ran:?}");
        let restored = Service::start(&other);
        let request = Request::get("/cases").header("cookie", &eva.cookie);
        assert_eq!(restored.send(&request).status, 303);
        crate::pages::Visitor::sign_in(&restored, "eva@vendor.example").page("/cases");
        eva.page("/cases");
    });
}

#[test]
fn every_table_is_in_a_backup() {
    each_database("the tables of a backup", |db| {
        let sql = match db.backend() {
            Backend::Sqlite => {
                "SELECT name AS line FROM sqlite_master WHERE type = 'table' \
                 AND name NOT LIKE 'sqlite_%'"
            }
            Backend::Postgres => {
                "SELECT table_name::text AS line FROM information_schema.tables \
                 WHERE table_schema = current_schema()"
            }
        };
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Text)]
            line: String,
        }
        let rows: Vec<Row> = db
            .read(|c| {
                use diesel::RunQueryDsl;
                let rows = diesel::sql_query(sql).load(c).expect("the tables");
                Ok::<_, homeward::db::DbError>(rows)
            })
            .expect("reading");
        let mut there: Vec<String> = rows.into_iter().map(|row| row.line).collect();
        there.retain(|name| name != "__diesel_schema_migrations");
        there.sort();
        let mut listed = TABLES.map(str::to_owned);
        listed.sort();
        assert_eq!(there, listed);
    });
}

#[test]
fn what_is_restored_sends_and_charges_nothing_until_released() {
    each_database("a restored house", |db| {
        // A demonstration whose mail nobody has sent yet.
        let calendars = db.read(register::calendars).expect("calendars");
        let app = App::new((*db).clone(), calendars, Zone::UTC);
        demo::make(&app, Utc::now(), &mut |_| Ok(()), &mut Quiet).expect("a house with a life");
        let file = backed_up(db);
        let Some(other) = empty(db.backend()) else { return };
        assert_eq!(restore(&other, &file).code, 0);
        let token = other.homeward(&["token", "create", "--role", "finance"]).out;
        let rma = overdue(&other);
        let waive = ["rma", "do", &rma, "waive", "reason=goodwill", "--as", "finance:fay"];
        for refused in [&["clock"][..], &["outbox", "send"], &["jobs", "run", "clock"], &waive] {
            let ran = other.homeward(refused);
            assert_eq!(ran.code, 1, "{refused:?}: {ran:?}");
            assert!(ran.err.contains("the house is held (restored from"), "{refused:?}: {ran:?}");
        }
        let ran = other.homeward(&["jobs", "list"]);
        assert!(ran.out.starts_with("held\trestored from the backup of"), "{ran:?}");
        let service = Service::start(&other);
        let ready = service.send(&Request::get("/readyz")).expect(200);
        let held = ready["held"].as_str().expect("a word that it is held");
        assert!(held.starts_with("restored from the backup of"), "{held}");
        let charge = serde_json::json!({
            "command": "charge", "amount_minor": 1, "reason": "late",
            "occurred_at": chrono::Utc::now().to_rfc3339(),
        });
        let path = format!("/api/v1/rmas/{rma}");
        let seen = service.send(&Request::get(&path).token(token.trim()));
        let answer = service.send(
            &Request::post(&format!("{path}/commands"), &charge)
                .token(token.trim())
                .header("if-match", seen.get("etag").expect("an ETag"))
                .header("idempotency-key", "held"),
        );
        assert_eq!(answer.status, 409, "{}", answer.text());
        assert!(answer.text().contains("homeward release"), "{}", answer.text());
        drop(service);
        let ran = other.homeward(&["release"]);
        let waiting = ran.out.strip_prefix("released: ").and_then(|out| out.split(' ').next());
        let waiting: u64 = waiting.and_then(|count| count.parse().ok()).expect("what waits");
        assert!(waiting > 500, "{ran:?}");
        for taken in [&["clock"][..], &waive] {
            let ran = other.homeward(taken);
            assert_eq!(ran.code, 0, "{taken:?}: {ran:?}");
        }
    });
}

struct Quiet;

impl Progress for Quiet {
    fn begin(&mut self, _: &'static str, _: u64) {}
    fn reach(&mut self, _: u64) {}
    fn end(&mut self) {}
}

/// The tour's RMA that waits for finance.
fn overdue(db: &TestDatabase) -> String {
    let numbers = db.read(|c| homeward::db::cases::rmas_of_reference(c, "TOUR-overdue"));
    numbers.expect("reading").first().expect("an RMA").to_string()
}

fn unpacked(file: &Path) -> String {
    let mut text = String::new();
    let opened = std::fs::File::open(file).expect("the backup");
    GzDecoder::new(opened).read_to_string(&mut text).expect("unpacking");
    text
}

/// Packs lines, with an end that fits them if asked.
fn packed(path: &Path, lines: &[String], fitting: bool) {
    let mut lines = lines.to_vec();
    if fitting {
        let end = lines.pop().expect("an end");
        let mut end: Value = serde_json::from_str(&end).expect("an end");
        let digest = Sha256::digest(lines.iter().map(|l| format!("{l}\n")).collect::<String>());
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        end["sha256"] = hex.into();
        lines.push(end.to_string());
    }
    let file = std::fs::File::create(path).expect("a file");
    let mut out = GzEncoder::new(file, Compression::fast());
    for line in lines {
        writeln!(out, "{line}").expect("packing");
    }
    out.finish().expect("packing");
}

#[test]
fn a_damaged_backup_is_refused_wherever_the_damage_lies() {
    let db = TestDatabase::sqlite();
    lived_in(&db);
    let file = backed_up(&db);
    let whole = std::fs::read(&file).expect("the backup");
    let bad = db.folder().join("bad.hwb");
    let content = unpacked(&file);
    let mut refusals = 0;
    for part in 0..60 {
        // The first ten bytes say when and where it was packed: gzip itself does not guard those.
        let at = 10 + (whole.len() - 11) * part / 59;
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        std::fs::write(&bad, &flipped).expect("writing");
        // About one changed bit in four thousand makes a copy's distance point at the same text elsewhere: nothing was damaged.
        match backup::check(&bad) {
            Err(_) => refusals += 1,
            Ok(_) => assert!(
                unpacked(&bad) == content,
                "a changed byte {at} of {} is taken",
                whole.len()
            ),
        }
        std::fs::write(&bad, &whole[..at]).expect("writing");
        assert!(backup::check(&bad).is_err(), "{at} bytes of {} are taken", whole.len());
    }
    assert!(refusals >= 55, "{refusals} of 60 changed bytes were refused");
    // Packed whole again, but not what was written.
    let mut lines: Vec<String> = unpacked(&file).lines().map(str::to_owned).collect();
    let at = lines.iter().position(|line| line.contains("fay@vendor")).expect("a token");
    lines[at] = lines[at].replace("fay@vendor", "eve@vendor");
    packed(&bad, &lines, false);
    refused(&db, &bad, "it is damaged: its SHA-256 is");
    lines.remove(at);
    packed(&bad, &lines, true);
    refused(&db, &bad, "its rows are not as many as it says");
    std::fs::write(&bad, "number,name\n1,x\n").expect("writing");
    refused(&db, &bad, "it is not a backup");
}

/// The program refuses the file and leaves no database behind.
fn refused(db: &TestDatabase, file: &Path, why: &str) {
    let target = db.folder().join("target.db");
    let ran = homeward(db.folder(), &format!("sqlite://{}", target.display()))
        .args(["restore", &file.display().to_string()])
        .output();
    let ran = crate::support::command::Ran::from(ran.expect("running"));
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains(why), "{why}: {ran:?}");
    assert!(!target.exists(), "a database was made of a backup that was refused");
}

/// The RMAs with an engineer's visit.
fn visited(db: &TestDatabase) -> BTreeSet<String> {
    let found: Result<Vec<String>, DbError> = db.read(|c| {
        Ok(rma_events::table
            .inner_join(rmas::table)
            .filter(rma_events::kind.like("visit_%"))
            .select(rmas::number)
            .load(c)?)
    });
    found.expect("the RMAs with a visit").into_iter().collect()
}

#[test]
fn schemas_older_and_newer_than_the_program() {
    let db = TestDatabase::sqlite();
    lived_in(&db);
    let file = backed_up(&db);
    let mut lines: Vec<String> = unpacked(&file).lines().map(str::to_owned).collect();
    let newest = lines[0].clone();
    let first: serde_json::Value = serde_json::from_str(&newest).expect("JSON");
    let current = format!("\"schema\":{}", first["schema"]);
    let other = db.folder().join("other.hwb");
    lines[0] = newest.replace(&current, "\"schema\":\"9999\"");
    assert_ne!(lines[0], newest);
    packed(&other, &lines, true);
    refused(&db, &other, "newer Homeward");
    // Version 0003 had neither a state of the house nor a history of units.
    lines[0] = newest.replace(&current, "\"schema\":\"0003\"");
    as_0003_wrote_it(&mut lines);
    packed(&other, &lines, true);
    each_database("a backup of an older schema", |target| {
        let ran = restore(target, &other);
        assert_eq!(ran.code, 0, "{ran:?}");
        let mut both = [content(target), content(&db)];
        for tables in &mut both {
            tables.retain(|(name, _)| is_as_0003_had_it(name));
        }
        assert!(both[0] == both[1], "what version 0003 knew is as it was");
        // The files are not in it; what follows from the events is made up for.
        let verified = target.homeward(&["verify"]);
        // Programs of that version wrote no visits into the events, and nothing makes up for those.
        let visited = visited(target);
        let differs = verified.out.lines().filter(|line| line.contains("the stored state differs"));
        for line in differs {
            let (number, _) = line.split_once(':').expect("an RMA's number");
            assert!(visited.contains(number), "{line}");
        }
        assert!(target.homeward(&["jobs", "list"]).out.starts_with("held\t"));
    });
}

#[test]
fn a_house_at_work_is_backed_up_whole() {
    each_database("the backup of a running house", |db| {
        let mut writer = homeward(db.folder(), db.url_text())
            .args(["replay", "--sample"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("starting the writer");
        let mut rmas = Vec::new();
        while writer.try_wait().expect("the writer").is_none() {
            let file = backed_up(db);
            let other = TestDatabase::sqlite();
            let ran = restore(&other, &file);
            assert_eq!(ran.code, 0, "{ran:?}");
            let ran = other.homeward(&["verify"]);
            assert_eq!(ran.code, 0, "{ran:?}");
            rmas.push(other.read(|c| copy::count(c, "rmas")).expect("counting"));
        }
        assert!(!rmas.is_empty() && rmas.is_sorted(), "{rmas:?}");
    });
}

/// Where a restore is killed.
#[derive(Debug, Clone, Copy)]
enum At {
    /// It has just begun.
    Begin,
    /// It writes: on SQLite its commit, on PostgreSQL one of its statements.
    Write,
}

fn is_there(db: &TestDatabase, target: &Path, at: At) -> bool {
    match (db.backend(), at) {
        (Backend::Sqlite, At::Begin) => target.exists(),
        (Backend::Sqlite, At::Write) => {
            let log = target.with_extension("db-wal");
            std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
        }
        (Backend::Postgres, At::Begin) => active(db, "%"),
        (Backend::Postgres, At::Write) => active(db, "INSERT INTO rma_events%"),
    }
}

/// Whether another connection to the database runs, or ran last, such a statement.
fn active(db: &TestDatabase, like: &str) -> bool {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        number: i64,
    }
    let sql = format!(
        "SELECT count(*) AS number FROM pg_stat_activity WHERE datname = current_database() \
         AND pid <> pg_backend_pid() AND query LIKE '{like}'"
    );
    let row = db.read(|c| {
        use diesel::RunQueryDsl;
        let row: Row = diesel::sql_query(sql).get_result(c).expect("the activity");
        Ok::<_, homeward::db::DbError>(row.number)
    });
    row.expect("reading") > 0
}

fn killed(child: &mut Child) {
    child.kill().expect("killing");
    child.wait().expect("the end");
}

#[test]
fn a_restore_that_is_killed_leaves_nothing_half() {
    let source = TestDatabase::sqlite();
    lived_in(&source);
    let file = backed_up(&source).display().to_string();
    each_database("a restore that is killed", |db| {
        for at in [At::Begin, At::Write] {
            // On SQLite into a file that is not there yet.
            let target = db.folder().join(format!("target-{at:?}.db"));
            let own = TestDatabase::postgres().ok().filter(|_| db.backend() == Backend::Postgres);
            let url = match &own {
                Some(own) => own.url_text().to_owned(),
                None => format!("sqlite://{}", target.display()),
            };
            let run = |arguments: &[&str]| {
                let mut command = homeward(db.folder(), &url);
                command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
                command
            };
            let mut child = run(&["restore", &file]).spawn().expect("starting");
            while !is_there(own.as_ref().unwrap_or(db), &target, at) {
                let ended = child.try_wait().expect("the restore");
                assert!(ended.is_none(), "it ended before it was seen to work");
                std::thread::yield_now();
            }
            killed(&mut child);
            // Nothing is there, so it can be done again; or it had come to its end, and all is there.
            let again = run(&["restore", &file]).output().expect("running");
            let again = crate::support::command::Ran::from(again);
            let whole = again.err.contains("is not empty");
            assert!(again.code == 0 || (whole && matches!(at, At::Write)), "{at:?}: {again:?}");
            let verified = run(&["verify"]).output().expect("running");
            assert!(verified.status.success(), "{at:?}: {verified:?}");
            let jobs = run(&["jobs", "list"]).output().expect("running");
            assert!(jobs.stdout.starts_with(b"held\t"), "{at:?}: {jobs:?}");
        }
    });
}

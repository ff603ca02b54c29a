//! Runs of reports over HTTP: started, looked at, fetched, tried again; and who may.

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use diesel::prelude::*;
use homeward::clock::{Clock, VirtualClock};
use homeward::db::DbError;
use homeward::db::slots::{self as rows, Registered};
use homeward::domain::recurrence::Cron;
use homeward::domain::zone::Zone;
use homeward::jobs::Stop;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Stage, token};
use crate::jobs::jobs;
use crate::support::databases::{TestDatabase, each_database};
use crate::support::service::{Request, Service};

const RUNS: &str = "/api/v1/report-runs";

/// Looks at a run until it has come to its end.
pub fn ended(stage: &Stage, id: &Value) -> Value {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let run = stage.get(&stage.admin, &format!("{RUNS}/{id}"));
        if run["outcome"] != "running" {
            return run;
        }
        assert!(std::time::Instant::now() < until, "the run does not end: {run}");
    }
}

/// Starts a run and gives it at its end.
pub fn ran(stage: &Stage, token: &str, body: &Value) -> Value {
    let begun = stage.post(token, RUNS, body, 202);
    ended(stage, &begun["id"])
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_run_is_started_once_looked_at_and_fetched() {
    each_database("a report run over HTTP", |db| {
        let stage = Stage::set(db, 1);
        stage.request(&stage.admin, "SN001");
        let today = Utc::now().date_naive().to_string();
        let request = Request::post(RUNS, &json!({ "report": "open-rmas", "as_of": today }))
            .token(&stage.admin)
            .header("idempotency-key", "one");
        let begun = stage.service.send(&request);
        let first = begun.expect(202);
        let place = begun.get("location").expect("a place").to_owned();
        assert_eq!(place, format!("{RUNS}/{}", first["id"]));
        let again = stage.service.send(&request);
        assert_eq!(again.expect(202)["id"], first["id"], "the same key, the same run");
        assert_eq!(again.get("idempotency-replayed"), Some("true"));
        let run = ended(&stage, &first["id"]);
        assert_eq!(run["outcome"], "done", "{run}");
        assert_eq!((&run["rows"], &run["as_of"]), (&json!(1), &json!(today)), "{run}");
        assert!(run["asked_by"].as_str().is_some_and(|by| by.starts_with("administrator:")));
        assert!(run["duration_ms"].is_i64() && run["ended_at"].is_string(), "{run}");
        let path = run["file"].as_str().expect("a file");
        let get = Request::get(path).token(&stage.admin);
        let file = stage.service.send(&get);
        assert_eq!(file.status, 200, "{}", file.text());
        let digest = sha256(&file.body);
        assert_eq!(run["sha256"], digest);
        let tag = format!("\"{digest}\"");
        assert_eq!(file.get("etag"), Some(tag.as_str()));
        let name = format!("attachment; filename=\"open-rmas-{today}.csv\"");
        assert_eq!(file.get("content-disposition"), Some(name.as_str()));
        assert_eq!(file.get("content-length"), Some(file.body.len().to_string().as_str()));
        let had = stage.service.send(&get.clone().header("if-none-match", &tag));
        assert_eq!((had.status, had.body.len()), (304, 0));
        let head = stage.service.send(&get.clone().with_method("HEAD"));
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!(head.get("content-length"), file.get("content-length"));
        // The command line shows the same run, and runs the same way.
        let listed = db.homeward(&["jobs", "list"]);
        assert!(listed.out.contains("open-rmas") && listed.out.contains("1 rows"), "{listed:?}");
        let asked = db.homeward(&["jobs", "run", "open-rmas", "--as-of", &today]);
        assert_eq!(asked.code, 0, "{asked:?}");
        let page = stage.get(&stage.admin, &format!("{RUNS}?report=open-rmas&outcome=done"));
        let items = page["items"].as_array().expect("items");
        assert_eq!(items.len(), 2, "{page}");
        assert_eq!(items[0]["sha256"], items[1]["sha256"], "the same day, the same bytes");
    });
}

#[test]
fn a_file_that_was_changed_or_moved_is_not_passed_off_as_the_report() {
    let db = TestDatabase::sqlite();
    let stage = Stage::set(&db, 1);
    let run = ran(&stage, &stage.admin, &json!({ "report": "non-returns" }));
    let path = run["file"].as_str().expect("a file");
    let get = Request::get(path).token(&stage.admin);
    let folder = db.folder().join("data/runs");
    let file = std::fs::read_dir(&folder).expect("the folder").flatten().next().expect("a file");
    let mut bytes = std::fs::read(file.path()).expect("the file");
    bytes[0] ^= 1;
    std::fs::write(file.path(), &bytes).expect("changing it");
    assert!(stage.service.try_send(&get).is_none(), "a changed file came whole");
    std::fs::remove_file(file.path()).expect("removing it");
    stage.service.send(&get).problem(410, "gone");
}

/// A service that keeps the files of its runs in `folder`, and runs nothing by itself.
fn keeping_in(db: &TestDatabase, folder: &Path) -> Stage {
    let named = folder.to_str().expect("a path in UTF-8");
    let settings = [("HOMEWARD_JOBS__RUNS_FOLDER", named), ("HOMEWARD_JOBS__ENABLED", "false")];
    let admin = token(db, &["--role", "administrator"]);
    Stage { service: Service::start_with(db, &settings), admin }
}

/// `reports.keep_days`: the file goes, the run stays and says so.
#[test]
fn a_file_kept_long_enough_is_removed_and_its_run_says_so() {
    each_database("report files of old", |db| {
        let folder = db.folder().join("kept");
        let stage = keeping_in(db, &folder);
        let run = ran(&stage, &stage.admin, &json!({ "report": "non-returns" }));
        assert!(run["file"].is_string() && run["file_removed_at"].is_null(), "{run}");
        let path = run["file"].as_str().expect("a file");
        let get = Request::get(path).token(&stage.admin);
        assert_eq!(stage.service.send(&get).status, 200);
        std::fs::write(folder.join("a.csv"), "somebody's own").expect("a file");

        let clock = Arc::new(VirtualClock::at(Utc::now()));
        let mut jobs = jobs(db, &clock, "house");
        jobs.runs_folder = folder.clone();
        let mut tidy = |days: i64, keep: Option<u32>, left: usize| {
            clock.advance_to(clock.now() + TimeDelta::days(days));
            jobs.keep_days = keep.and_then(NonZeroU32::new);
            let housekeeping = jobs.schedule("housekeeping").expect("housekeeping").clone();
            jobs.run_schedule(&housekeeping, &Stop::default()).expect("housekeeping");
            assert_eq!(std::fs::read_dir(&folder).expect("the folder").count(), left);
        };
        tidy(0, Some(30), 2);
        // Not old enough; old, but kept for good; old; and nothing to do any more.
        tidy(29, Some(30), 2);
        tidy(400, None, 2);
        // A message still waits to carry it.
        write(
            db,
            &format!(
                "INSERT INTO outbox (run_id, sequence, kind, recipient, payload, state, created_at, \
                 attempts, token) SELECT id, 1, 'report', 'fin@vendor.example', '{{}}', 'pending', \
                 started_at, 0, 0 FROM runs WHERE id = {}",
                run["id"]
            ),
        );
        tidy(1, Some(30), 2);
        write(db, "UPDATE outbox SET state = 'sent'");
        tidy(1, Some(30), 1);
        tidy(1, Some(30), 1);
        let seen = stage.get(&stage.admin, &format!("{RUNS}/{}", run["id"]));
        assert!(seen["file"].is_null() && seen["file_removed_at"].is_string(), "{seen}");
        assert_eq!((&seen["outcome"], &seen["sha256"]), (&run["outcome"], &run["sha256"]));
        let gone = stage.service.send(&get).problem(410, "gone");
        assert!(gone["detail"].as_str().is_some_and(|d| d.contains("reports.keep_days")), "{gone}");
        assert!(folder.join("a.csv").is_file(), "what no run wrote is left alone");
    });
}

fn write(db: &TestDatabase, sql: &str) {
    let written: Result<usize, DbError> = db.write(|c| Ok(diesel::sql_query(sql).execute(c)?));
    assert!(written.expect(sql) > 0, "{sql}");
}

/// A file that is not there may be on another machine, or on a disk that is not there just now.
#[test]
fn a_file_of_another_machine_or_disk_is_not_called_removed() {
    each_database("report files elsewhere", |db| {
        let folder = db.folder().join("kept");
        let stage = keeping_in(db, &folder);
        let run = ran(&stage, &stage.admin, &json!({ "report": "non-returns" }));
        let clock = Arc::new(VirtualClock::at(Utc::now() + TimeDelta::days(40)));
        let mut jobs = jobs(db, &clock, "here process 7");
        jobs.runs_folder = folder.clone();
        jobs.keep_days = NonZeroU32::new(30);
        let removed = |instance: &str| {
            write(db, &format!("UPDATE runs SET instance = '{instance} process 8'"));
            clock.advance_to(clock.now() + TimeDelta::days(1));
            let housekeeping = jobs.schedule("housekeeping").expect("housekeeping").clone();
            jobs.run_schedule(&housekeeping, &Stop::default()).expect("housekeeping");
            let seen = stage.get(&stage.admin, &format!("{RUNS}/{}", run["id"]));
            seen["file_removed_at"].is_string()
        };
        let away = db.folder().join("away");
        std::fs::rename(&folder, &away).expect("the disk is away");
        assert!(!removed("here"));
        std::fs::rename(&away, &folder).expect("the disk is back");
        for file in std::fs::read_dir(&folder).expect("the folder") {
            std::fs::remove_file(file.expect("a file").path()).expect("removing it");
        }
        assert!(!removed("there"));
        assert!(removed("here"));
    });
}

#[test]
fn a_failed_run_says_why_and_is_tried_again() {
    each_database("retrying over HTTP", |db| {
        let blocked = db.folder().join("blocked");
        std::fs::write(&blocked, "").expect("a file where the folder should be");
        let settings = [("HOMEWARD_JOBS__RUNS_FOLDER", "blocked")];
        let admin = token(db, &["--role", "administrator"]);
        let stage = Stage { service: Service::start_with(db, &settings), admin };
        let failed = ran(&stage, &stage.admin, &json!({ "report": "non-returns" }));
        assert_eq!(failed["outcome"], "failed", "{failed}");
        assert!(failed["error"].as_str().is_some_and(|e| e.contains("blocked")), "{failed}");
        assert!(failed["next_attempt_at"].is_string() && failed["file"].is_null(), "{failed}");
        let file = format!("{RUNS}/{}/file.csv", failed["id"]);
        stage.service.send(&Request::get(&file).token(&stage.admin)).problem(404, "not-found");
        std::fs::remove_file(&blocked).expect("removing it");
        let path = format!("{RUNS}/{}/retry", failed["id"]);
        let again =
            Request::post(&path, &json!({})).token(&stage.admin).header("idempotency-key", "r");
        let begun = stage.service.send(&again).expect(202);
        assert_eq!(stage.service.send(&again).expect(202)["id"], begun["id"], "once");
        let done = ended(&stage, &begun["id"]);
        assert_eq!(
            (&done["outcome"], &done["as_of"]),
            (&json!("done"), &failed["as_of"]),
            "{done}"
        );
        let refused = stage.service.send(&Request::post(&path, &json!({})).token(&stage.admin));
        let refused = refused.problem(409, "refused");
        assert!(refused["detail"].as_str().is_some_and(|d| d.contains("is done")), "{refused}");
        let unknown = Request::post(&format!("{RUNS}/999/retry"), &json!({})).token(&stage.admin);
        stage.service.send(&unknown).problem(404, "not-found");
        let failures = stage.get(&stage.admin, &format!("{RUNS}?outcome=failed"));
        assert_eq!(failures["items"].as_array().expect("items").len(), 1, "{failures}");
    });
}

#[test]
fn what_is_asked_wrongly_starts_nothing() {
    let db = TestDatabase::sqlite();
    let stage =
        Stage { admin: token(&db, &["--role", "administrator"]), service: Service::start(&db) };
    for (body, field) in [
        (json!({ "report": "sales" }), "report"),
        (json!({ "report": "clock" }), "report"),
        (json!({ "report": "open-rmas", "as_of": "2999-01-01" }), "as_of"),
        (json!({ "report": "open-rmas", "as_of": "2026-02-30" }), "as_of"),
        (json!({ "report": "open-rmas", "day": "2026-02-01" }), "day"),
        (json!({}), "report"),
    ] {
        let answer = stage.service.send(&Request::post(RUNS, &body).token(&stage.admin));
        let problem = answer.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    for query in ["outcome=well", "sort=rows", "limit=0", "colour=red", "cursor=00"] {
        let path = format!("{RUNS}?{query}");
        let status = stage.service.send(&Request::get(&path).token(&stage.admin)).status;
        assert!([400, 422].contains(&status), "{query}: {status}");
    }
    let page = stage.get(&stage.admin, RUNS);
    assert_eq!(page["items"], json!([]));
}

/// What tells of money is for finance, the logistics lead and administrators; other reports for
/// logistics too.
#[test]
fn reports_about_money_are_for_those_who_may_see_amounts() {
    each_database("who sees which report", |db| {
        let stage = Stage::set(db, 1);
        let open = ran(&stage, &stage.admin, &json!({ "report": "open-rmas" }));
        let money = ran(&stage, &stage.admin, &json!({ "report": "non-returns" }));
        let of = |role: &str| token(db, &["--role", role]);
        for role in ["finance", "logistics_lead"] {
            let token = of(role);
            ran(&stage, &token, &json!({ "report": "non-returns", "as_of": "2026-11-01" }));
            stage.get(&token, &format!("{RUNS}/{}", money["id"]));
            assert_eq!(stage.get(&token, RUNS), stage.get(&stage.admin, RUNS), "{role}");
        }
        let logistics = of("logistics");
        let reports = stage.get(&logistics, "/api/v1/reports");
        let names: Vec<&Value> =
            reports["items"].as_array().expect("items").iter().map(|one| &one["name"]).collect();
        assert_eq!(names, ["open-rmas", "product-life"], "{reports}");
        let page = stage.get(&logistics, RUNS);
        let seen: Vec<&Value> =
            page["items"].as_array().expect("items").iter().map(|run| &run["report"]).collect();
        assert_eq!(seen, ["open-rmas"]);
        stage.get(&logistics, &format!("{RUNS}/{}", open["id"]));
        for end in ["", "/file.csv"] {
            let path = format!("{RUNS}/{}{end}", money["id"]);
            stage.service.send(&Request::get(&path).token(&logistics)).problem(404, "not-found");
        }
        let body = json!({ "report": "non-returns" });
        let refused = Request::post(RUNS, &body).token(&logistics);
        stage.service.send(&refused).problem(403, "forbidden");
        let streamed = Request::post("/api/v1/reports/non-returns/runs", &Value::Null);
        stage.service.send(&streamed.token(&logistics)).problem(403, "forbidden");
        let customer = token(db, &["--role", "account_admin", "--account", "Northwind"]);
        stage.service.send(&Request::get(RUNS).token(&customer)).problem(403, "forbidden");
    });
}

/// Pages of two, there and back, while runs are added.
#[test]
fn the_list_is_paged_from_where_the_page_before_ended() {
    each_database("pages of runs", |db| {
        let stage =
            Stage { admin: token(db, &["--role", "administrator"]), service: Service::start(db) };
        for day in 1..=7 {
            let body = json!({ "report": "open-rmas", "as_of": format!("2026-11-0{day}") });
            ran(&stage, &stage.admin, &body);
        }
        for sort in ["as_of", "-as_of", "started_at", "-started_at", "report"] {
            let mut seen = Vec::new();
            let mut path = format!("{RUNS}?limit=2&sort={sort}");
            loop {
                let page = stage.get(&stage.admin, &path);
                let days = page["items"].as_array().expect("items").iter();
                seen.extend(days.map(|run| run["as_of"].as_str().expect("a day").to_owned()));
                let Some(next) = page["next"].as_str() else { break };
                path = format!("{RUNS}?limit=2&sort={sort}&cursor={next}");
            }
            let mut wanted: Vec<String> = (1..=7).map(|day| format!("2026-11-0{day}")).collect();
            if sort.starts_with('-') {
                wanted.reverse();
            }
            assert_eq!(seen, wanted, "{sort}");
        }
    });
}

/// As if the schedule had been met that many days ago and nothing had run since.
pub fn missed(db: &TestDatabase, name: &str, cron: &str, days: i64) {
    let since = Utc::now() - TimeDelta::days(days);
    let cron = Cron::parse(cron).expect("a cron expression");
    let schedule = Registered { cron, zone: Zone::UTC, since };
    db.write(|c| rows::register(c, name, &schedule)).expect("a schedule");
}

/// The service runs the schedules in its own process, and what runs when it is told to end is finished.
#[test]
fn the_service_runs_the_schedules_and_ends_with_them_at_rest() {
    each_database("schedules in the service", |db| {
        missed(db, "non-returns", "0 6 * * *", 3);
        let admin = token(db, &["--role", "administrator"]);
        let with = [("HOMEWARD_JOBS__ENABLED", "true")];
        let stage = Stage { service: Service::start_with(db, &with), admin };
        let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
        let made_up = format!("{RUNS}?report=non-returns&outcome=done");
        while stage.get(&stage.admin, &made_up)["items"].as_array().expect("items").len() < 3 {
            assert!(std::time::Instant::now() < until, "the missed slots are not made up");
        }
        let begun = stage.post(&stage.admin, RUNS, &json!({ "report": "open-rmas" }), 202);
        assert_eq!(stage.service.stop(), Some(0));
        let id = begun["id"].as_i64().expect("an id");
        let run = db.read(|c| rows::show_run(c, id)).expect("the run");
        assert_eq!(run.outcome, "done", "{run:?}");
        let left = db.read(|c| rows::list_runs(c, None, 1000)).expect("runs");
        assert!(left.iter().all(|run| run.outcome == "done"), "{left:#?}");
    });
}

/// Left off, nothing runs by itself; what is asked for does.
#[test]
fn without_the_schedules_only_what_is_asked_for_runs() {
    let db = TestDatabase::sqlite();
    missed(&db, "non-returns", "0 6 * * *", 3);
    let admin = token(&db, &["--role", "administrator"]);
    let arguments = ["serve", "--bind", "127.0.0.1:0", "--no-schedules"];
    let service = Service::start_as(&db, &arguments, &[("HOMEWARD_JOBS__ENABLED", "true")]);
    let stage = Stage { service, admin };
    ran(&stage, &stage.admin, &json!({ "report": "open-rmas" }));
    assert_eq!(stage.service.stop(), Some(0));
    let runs = db.read(|c| rows::list_runs(c, None, 1000)).expect("runs");
    let names: Vec<&str> = runs.iter().map(|run| run.schedule.as_str()).collect();
    assert_eq!(names, ["open-rmas"]);
}

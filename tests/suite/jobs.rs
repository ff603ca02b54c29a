//! Schedules: each slot once, what was missed made up or coalesced, across clock changes and crashes.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use homeward::app::report_runs::{Asked, start};
use homeward::clock::{Clock, VirtualClock};
use homeward::db::slots::{self as rows, SlotState};
use homeward::domain::recurrence::Cron;
use homeward::domain::zone::Zone;
use homeward::jobs::{Jobs, Stop, table};
use homeward::mail::MemoryTransport;
use homeward::reports::{Library, ReportDefinition, check};

use super::world::utc;
use crate::outbox::{app, mailer};
use crate::support::command::homeward;
use crate::support::databases::{TestDatabase, each_database};

pub fn jobs(db: &TestDatabase, clock: &Arc<VirtualClock>, instance: &str) -> Jobs {
    let clock: Arc<dyn Clock> = clock.clone();
    let library = Library::open(None).expect("the reports");
    Jobs {
        app: app(db),
        clock,
        mailer: mailer(Arc::new(MemoryTransport::default())),
        table: table(&library).expect("the table"),
        library,
        runs_folder: db.folder().join("runs"),
        keep_days: None,
        instance: instance.to_owned(),
    }
}

fn states(db: &TestDatabase, name: &str) -> Vec<(DateTime<Utc>, SlotState)> {
    db.read(|c| rows::list_slots(c, name)).expect("the slots")
}

/// A daily 02:30 on both clock changes: skipped, it comes when the clocks have gone on; doubled, once.
#[test]
fn half_past_two_comes_once_a_day_also_when_clocks_change() {
    let cron = Cron::parse("30 2 * * *").expect("a cron expression");
    let cases = [
        // Forward: 02:30 does not exist, 03:00 it is.
        (
            "Europe/Amsterdam",
            "2026-03-27T12:00:00Z",
            ["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"],
        ),
        // Back: the first of the two.
        (
            "Europe/Amsterdam",
            "2026-10-23T12:00:00Z",
            ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"],
        ),
        (
            "America/New_York",
            "2026-03-06T12:00:00Z",
            ["2026-03-07T07:30", "2026-03-08T07:00", "2026-03-09T06:30"],
        ),
        // 01:00 to 02:00 is doubled there: 02:30 is not.
        (
            "America/New_York",
            "2026-10-30T12:00:00Z",
            ["2026-10-31T06:30", "2026-11-01T07:30", "2026-11-02T07:30"],
        ),
        // Half an hour: clocks go from 02:00 to 02:30, which so exists.
        (
            "Australia/Lord_Howe",
            "2026-10-02T12:00:00Z",
            ["2026-10-02T16:00", "2026-10-03T15:30", "2026-10-04T15:30"],
        ),
        (
            "Australia/Lord_Howe",
            "2026-04-03T12:00:00Z",
            ["2026-04-03T15:30", "2026-04-04T16:00", "2026-04-05T16:00"],
        ),
    ];
    for (zone, from, wanted) in cases {
        let zone_ = Zone::parse(zone).expect("a zone");
        let mut at = utc(from);
        let mut found = Vec::new();
        for _ in 0..3 {
            at = cron.next_after(at, zone_).expect("a next slot");
            found.push(at.format("%FT%H:%M").to_string());
        }
        assert_eq!(found, wanted, "{zone} from {from}");
    }
}

/// The same through the schedules themselves, looked at every half hour across each change.
#[test]
fn a_report_at_half_past_two_runs_once_a_day_across_clock_changes() {
    each_database("clock changes", |db| {
        let changes = [
            ("europe-spring", "Europe/Amsterdam", "2026-03-27T12:00:00Z"),
            ("europe-autumn", "Europe/Amsterdam", "2026-10-23T12:00:00Z"),
            ("york-spring", "America/New_York", "2026-03-06T12:00:00Z"),
            ("york-autumn", "America/New_York", "2026-10-30T12:00:00Z"),
            ("howe-spring", "Australia/Lord_Howe", "2026-10-02T12:00:00Z"),
            ("howe-autumn", "Australia/Lord_Howe", "2026-04-03T12:00:00Z"),
        ];
        for (name, zone, from) in changes {
            let clock = Arc::new(VirtualClock::at(utc(from)));
            let mut jobs = jobs(db, &clock, "one");
            let text = GOOD
                .replace("Europe/Amsterdam", zone)
                .replace("0 6 * * *", "30 2 * * *")
                .replace("recipients = ['a@b.example']", "");
            let report = ReportDefinition::parse("night.toml", &text).expect("a definition");
            jobs.library = Library::from_iter([(name.to_owned(), report)]);
            jobs.table = table(&jobs.library).expect("a table");
            jobs.table.retain(|schedule| schedule.name == name);
            for _ in 0..144 {
                jobs.run_due(&Stop::default());
                clock.advance_to(clock.now() + TimeDelta::minutes(30));
            }
            let mut runs = db.read(|c| rows::list_runs(c, Some(name), 100)).expect("runs");
            runs.reverse();
            assert_eq!(runs.len(), 3, "{name}: one run a day: {runs:#?}");
            assert!(runs.iter().all(|run| run.outcome == "done"), "{runs:#?}");
            // Each tells of another day, one after the other.
            let days: Vec<&str> =
                runs.iter().map(|run| run.summary.as_deref().expect("a day")).collect();
            let first: NaiveDate = utc(from).date_naive();
            let wanted = [0, 1, 2].map(|n| format!("as of {}", first + TimeDelta::days(n)));
            assert_eq!(days, wanted, "{name}");
        }
    });
}

/// A run that is asked for stands beside the schedule: it hides no slot that was missed, and no later
/// slot takes its place.
#[test]
fn a_run_that_is_asked_for_leaves_the_schedule_as_it_was() {
    each_database("asked for", |db| {
        // A Sunday: open-rmas comes on Mondays, non-returns every day.
        let clock = Arc::new(VirtualClock::at(utc("2026-11-29T05:58:00Z")));
        let jobs = jobs(db, &clock, "one");
        jobs.run_due(&Stop::default());
        clock.advance_to(utc("2026-11-29T08:00:00Z"));
        // Nobody has looked since 06:00 when somebody asks.
        let ask = |name: &str, day: Option<&str>| {
            let as_of = day.map(|day| day.parse().expect("a day"));
            let asked = Asked { report: name.to_owned(), as_of, by: "finance:fay".to_owned() };
            let now = clock.now();
            db.write(|c| start(c, &jobs.library, &asked, now, "one")).expect("a run")
        };
        let first = ask("non-returns", None);
        let second = ask("non-returns", Some("2026-11-01"));
        let weekly = ask("open-rmas", None);
        assert!(second.slot > first.slot, "two of the same microsecond");
        for lease in [&first, &second, &weekly] {
            let name = lease.schedule.as_str();
            jobs.run_slot(jobs.schedule(name).expect("a schedule"), lease, &Stop::default())
                .expect("a run");
        }
        clock.advance_to(utc("2026-11-30T08:00:00Z"));
        jobs.run_due(&Stop::default());
        let days = |name: &str| {
            let mut days: Vec<String> = db
                .read(|c| rows::list_runs(c, Some(name), 100))
                .expect("runs")
                .into_iter()
                .map(|run| format!("{} {}", run.outcome, run.summary.unwrap_or_default()))
                .collect();
            days.sort();
            days
        };
        let of = |days: &[&str]| -> Vec<String> {
            days.iter().map(|day| format!("done as of 2026-11-{day}")).collect()
        };
        assert_eq!(days("non-returns"), of(&["01", "28", "28", "29"]));
        assert_eq!(days("open-rmas"), of(&["28", "29"]));
    });
}

#[test]
fn both_days_restricted_have_to_be_met_both() {
    let cron = Cron::parse("0 6 1-7 * MON").expect("a cron expression");
    let first = cron.next_after(utc("2026-11-02T07:00:00Z"), Zone::UTC);
    assert_eq!(first, Some(utc("2026-12-07T06:00:00Z")), "the first Monday of December");
    for bad in ["", "* * * *", "0 0 6 * * *", "0 25 * * *", "0 0 30 2 *", "@daily", "a b c d e"] {
        assert!(Cron::parse(bad).is_err(), "{bad:?} was taken");
    }
}

/// Three instances, three days of missed slots, all at once: reports are all made up, each once; the
/// clock and the outbox run once for all they missed.
#[test]
fn three_missed_days_are_made_up_once_by_three_instances() {
    each_database("missed slots", |db| {
        let clock = Arc::new(VirtualClock::at(utc("2026-12-01T05:58:00Z")));
        jobs(db, &clock, "first").run_due(&Stop::default());
        assert_eq!(states(db, "non-returns"), [], "a new schedule begins now");
        clock.advance_to(utc("2026-12-03T07:00:00Z"));
        std::thread::scope(|scope| {
            for name in ["a", "b", "c"] {
                let jobs = jobs(db, &clock, name);
                scope.spawn(move || jobs.run_due(&Stop::default()));
            }
        });
        // What another held at that moment is left to the next tick.
        jobs(db, &clock, "d").run_due(&Stop::default());
        let made_up: Vec<String> = states(db, "non-returns")
            .iter()
            .map(|(slot, state)| format!("{slot} {state}"))
            .collect();
        let wanted = ["2026-12-01", "2026-12-02", "2026-12-03"]
            .map(|day| format!("{day} 06:00:00 UTC done"));
        assert_eq!(made_up, wanted);
        let runs = db.read(|c| rows::list_runs(c, Some("non-returns"), 100)).expect("runs");
        assert_eq!(runs.len(), 3, "one run a slot: {runs:?}");
        for (run, as_of) in runs.iter().rev().zip(["2026-11-30", "2026-12-01", "2026-12-02"]) {
            let file = run.file.as_deref().expect("a file");
            assert!(file.contains(&format!("non-returns-{as_of}")), "{run:?}");
            let bytes = std::fs::read(file).expect("the file");
            use sha2::{Digest, Sha256};
            let digest: String =
                Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(run.sha256.as_deref(), Some(digest.as_str()));
        }
        for name in ["clock", "outbox"] {
            let done = states(db, name).iter().filter(|(_, s)| *s == SlotState::Done).count();
            assert_eq!(done, 1, "{name} is one run for all it missed: {:?}", states(db, name));
        }
    });
}

/// An instance that died in a slot: nobody takes it while its lease runs, then one does, and the dead
/// one can end nothing any more.
#[test]
fn a_slot_left_behind_is_taken_over_and_fenced_off() {
    each_database("a dead instance", |db| {
        let clock = Arc::new(VirtualClock::at(utc("2026-12-01T05:58:00Z")));
        let jobs = jobs(db, &clock, "heir");
        jobs.run_due(&Stop::default());
        clock.advance_to(utc("2026-12-01T06:00:30Z"));
        let report = jobs.table.iter().find(|s| s.name == "non-returns").expect("the report");
        homeward::jobs::add_due(db, report, clock.now()).expect("adding slots");
        let now = clock.now();
        let times = (now, now + TimeDelta::minutes(3));
        let dead = db.write(|c| rows::lease(c, "non-returns", times, "dead")).expect("a lease");
        let dead = dead.expect("free");
        jobs.run_due(&Stop::default());
        assert_eq!(states(db, "non-returns")[0].1, SlotState::Running, "held");
        clock.advance_to(utc("2026-12-01T06:04:00Z"));
        jobs.run_due(&Stop::default());
        assert_eq!(states(db, "non-returns")[0].1, SlotState::Done);
        let late = db.write(|c| rows::finish(c, &dead, &Ok(rows::Done::default()), (now, now)));
        assert!(!late.expect("ending"), "the dead instance ended a run of another");
        let outcomes: Vec<String> = db
            .read(|c| rows::list_runs(c, Some("non-returns"), 9))
            .expect("runs")
            .into_iter()
            .map(|run| format!("{} {}", run.instance, run.outcome))
            .collect();
        assert_eq!(outcomes, ["heir done", "dead lost"]);
    });
}

/// A run that fails is tried again, keeps its error, and after its attempts waits for a person.
#[test]
fn a_failed_run_is_tried_again_then_waits_to_be_retried() {
    each_database("a failing run", |db| {
        let clock = Arc::new(VirtualClock::at(utc("2026-12-01T05:58:00Z")));
        let mut jobs = jobs(db, &clock, "one");
        // A file where the folder should be.
        jobs.runs_folder = db.folder().join("blocked");
        std::fs::write(&jobs.runs_folder, "").expect("a file");
        jobs.run_due(&Stop::default());
        for _ in 0..7 {
            clock.advance_to(clock.now() + TimeDelta::hours(3));
            jobs.run_due(&Stop::default());
        }
        let runs = db.read(|c| rows::list_runs(c, Some("non-returns"), 9)).expect("runs");
        assert_eq!(runs.len(), 5, "{runs:?}");
        assert!(runs[0].error.as_deref().is_some_and(|e| e.contains("blocked")), "{runs:?}");
        assert_eq!(states(db, "non-returns")[0].1, SlotState::Dead);
        std::fs::remove_file(&jobs.runs_folder).expect("removing it");
        assert_eq!(db.homeward(&["jobs", "retry", &runs[0].id.to_string()]).code, 0);
        assert_ne!(db.homeward(&["jobs", "retry", "9999"]).code, 0);
        jobs.run_due(&Stop::default());
        assert_eq!(states(db, "non-returns")[0].1, SlotState::Done);
    });
}

const GOOD: &str = "title = 'T'\ndataset = 'non_returns'\nzone = 'Europe/Amsterdam'\n\
                    columns = ['rma_number']\nschedule = '0 6 * * *'\nrecipients = ['a@b.example']\n";

/// A definition that is wrong names its file, line and key.
#[test]
fn a_wrong_definition_names_file_line_and_key() {
    assert!(ReportDefinition::parse("good.toml", GOOD).is_ok());
    let cases = [
        ("'rma_number'", "'rma_nubmer'", "line 4", "`columns`", "rma_nubmer"),
        ("'rma_number'", "", "line 4", "`columns`", "none"),
        ("'rma_number'", "'site', 'site'", "line 4", "`columns`", "twice"),
        ("['rma_number']", "[\n'site',\n7,\n]", "line 6", "`columns`", "expected a string"),
        ("0 6 * * *", "0 25 * * *", "line 5", "`schedule`", "cron expression"),
        ("0 6 * * *", "0 0 30 2 *", "line 5", "`schedule`", "never comes"),
        ("Europe/Amsterdam", "Europe/Amsterdan", "line 3", "`zone`", "IANA"),
        ("a@b.example", "nobody", "line 6", "`recipients`", "mail address"),
        ("title", "tittle", "line 1", "`tittle`", "unknown field"),
        ("zone = 'Europe/Amsterdam'", "", "line 1", "`zone`", "missing field"),
        ("'non_returns'", "'sales'", "line 2", "`dataset`", "non_returns"),
        ("schedule =", "catch_up =", "line 5", "`catch_up`", "expected `every` or `latest`"),
        ("recipients = [", "recipients = ", "line 6", "`recipients`", ""),
        ("recipients", "[filter]\ncolour = ['red']\n#", "line 7", "`filter.colour`", "country"),
        ("recipients", "[filter]\ndue_on = ['x']\n#", "line 7", "`filter.due_on`", "country"),
        ("recipients", "[filter]\ncountry = []\n#", "line 7", "`filter.country`", "no text"),
        ("recipients", "[filter]\ncountry = 'US'\n#", "line 7", "`country`", "sequence"),
    ];
    for (good, bad, line, key, word) in cases {
        let error = ReportDefinition::parse("own/weekly.toml", &GOOD.replace(good, bad));
        let error = error.expect_err(bad).to_string();
        for wanted in ["own/weekly.toml: ", line, key, word] {
            assert!(error.contains(wanted), "{bad:?} does not say {wanted:?}: {error}");
        }
    }
}

/// A folder of definitions of one's own: used by every command, and refused by every one that starts.
#[test]
fn a_folder_of_reports_is_used_and_refused_at_every_door() {
    each_database("reports of one's own", |db| {
        crate::door::issued(db);
        let folder = db.folder().join("own");
        std::fs::create_dir(&folder).expect("a folder");
        let of = |country: &str| {
            format!(
                "title = 'T'\ndataset = 'open_rmas'\nzone = 'America/New_York'\n\
                 columns = ['country', 'site']\n[filter]\ncountry = ['{country}']\n"
            )
        };
        std::fs::write(folder.join("ours.toml"), of("US")).expect("a definition");
        std::fs::write(folder.join("theirs.toml"), of("NL")).expect("a definition");
        std::fs::write(folder.join("notes.txt"), "no report").expect("a file");
        std::fs::write(db.folder().join("homeward.toml"), "[jobs]\nreports_folder = 'own'\n")
            .expect("settings");
        let listed = db.homeward(&["report", "list"]);
        assert!(listed.out.contains("ours\tT") && listed.out.contains("non-returns"), "{listed:?}");
        let ours = db.homeward(&["report", "run", "ours", "--out", "-"]);
        assert_eq!(ours.out, "country,site\r\nUS,Northwind Łódź\r\n", "{ours:?}");
        let theirs = db.homeward(&["report", "run", "theirs", "--out", "-"]);
        assert_eq!(theirs.out, "country,site\r\n", "the filter keeps another country: {theirs:?}");
        // It has no schedule, and runs when asked.
        let ran = db.homeward(&["jobs", "run", "ours"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(db.homeward(&["jobs", "list"]).out.contains("ours\t-\tAmerica/New_York"));
        std::fs::write(folder.join("clock.toml"), of("US")).expect("a definition");
        std::fs::write(folder.join("Bad Name.toml"), of("US")).expect("a definition");
        std::fs::write(folder.join("theirs.toml"), of("US").replace("site", "sight"))
            .expect("a definition");
        for arguments in [&["work"] as &[&str], &["serve"], &["jobs", "list"], &["report", "list"]]
        {
            let ran = db.homeward(arguments);
            assert_eq!(ran.code, 1, "{arguments:?}: {ran:?}");
            assert!(ran.err.contains("own/"), "{arguments:?}: {ran:?}");
        }
        let wrong: Vec<String> = check(Some(&folder)).iter().map(ToString::to_string).collect();
        assert_eq!(wrong.len(), 3, "{wrong:#?}");
        for (wrong, words) in wrong.iter().zip(["1 to 60", "called clock", "line 4, `columns`"]) {
            assert!(wrong.contains(words), "{words}: {wrong}");
        }
        assert!(check(None).is_empty());
        let missing = check(Some(&db.folder().join("nowhere")));
        assert!(missing[0].to_string().contains("nowhere"), "{missing:?}");
    });
}

/// A run's recipients are sent its file.
#[test]
fn a_report_is_sent_to_its_recipients() {
    each_database("a report by mail", |db| {
        let clock = Arc::new(VirtualClock::at(utc("2026-12-01T04:58:00Z")));
        let memory = Arc::new(MemoryTransport::default());
        let mut jobs = jobs(db, &clock, "one");
        let report = ReportDefinition::parse("weekly.toml", GOOD).expect("a definition");
        jobs.library = Library::from_iter([("weekly".to_owned(), report)]);
        jobs.table = table(&jobs.library).expect("a table");
        jobs.mailer = mailer(memory.clone());
        jobs.run_due(&Stop::default());
        clock.advance_to(utc("2026-12-01T05:00:00Z"));
        jobs.run_due(&Stop::default());
        clock.advance_to(utc("2026-12-01T05:01:00Z"));
        jobs.run_due(&Stop::default());
        let letters = memory.letters();
        assert_eq!(letters.len(), 1);
        let text = String::from_utf8_lossy(&letters[0].bytes).into_owned();
        assert!(text.contains("weekly-2026-11-30.csv"), "{text}");
        assert_eq!(db.homeward(&["verify"]).code, 0, "a report's message is no RMA's");
    });
}

/// `homeward work` ends with 0 when told to, and `jobs` shows what there is.
#[test]
fn the_schedules_run_by_themselves_and_end_when_told() {
    each_database("homeward work", |db| {
        let mut child = homeward(db.folder(), db.url_text())
            .arg("work")
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("starting homeward");
        let mut line = String::new();
        let stderr = child.stderr.take().expect("standard error");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stderr), &mut line)
            .expect("a line");
        assert!(line.contains("homeward works"), "{line}");
        let killed = std::process::Command::new("kill").arg(child.id().to_string()).status();
        assert!(killed.expect("kill").success());
        assert_eq!(child.wait().expect("an end").code(), Some(0));
        let ran = db.homeward(&["jobs", "run", "non-returns"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let list = db.homeward(&["jobs", "list"]);
        assert!(list.out.contains("non-returns\t0 6 * * *\tUTC\tevery"), "{list:?}");
        let unknown = db.homeward(&["jobs", "run", "nothing"]);
        assert!(unknown.err.contains("known are: clock"), "{unknown:?}");
    });
}

/// The open RMAs of a past day are those that were open then, as they stood then.
#[test]
fn open_rmas_of_a_past_day_stand() {
    each_database("open RMAs", |db| {
        use homeward::app::{reports, rmas};
        use homeward::clock::SystemClock;
        use homeward::domain::rma::{Command, Order, Role};
        let number = crate::door::issued(db).parse().expect("an RMA number");
        let (app, today) = (app(db), SystemClock.now());
        let later = today + TimeDelta::days(3);
        let order = Order {
            command: Command::Cancel { reason: "no longer needed".to_owned() },
            actor: super::world::actor(Role::Logistics),
            occurred_at: later,
            source: "test".to_owned(),
        };
        rmas::command(&app, number, &order, None, later).expect("cancelled");
        let report = homeward::reports::shipped("open-rmas").expect("the report");
        let written = |at: DateTime<Utc>| {
            let mut out = Vec::new();
            let day = at.date_naive();
            let done = db.read(|c| reports::run(&app, c, &report, day, later, &mut out));
            (done.expect("a report").rows, String::from_utf8(out).expect("text"))
        };
        let (rows, text) = written(today);
        assert_eq!(rows, 1, "{text}");
        assert!(text.contains(",issued,"), "as it stood then: {text}");
        assert_eq!(written(later).0, 0, "closed since");
        assert_eq!(written(today - TimeDelta::days(1)).0, 0, "not there yet");
    });
}

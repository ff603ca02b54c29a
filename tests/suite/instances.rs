//! Several instances of the program on one PostgreSQL, killed and started again at random: each slot
//! runs once, what was missed is made up, and no message is lost.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use homeward::db::DbError;
use homeward::db::slots::{self as rows, Registered, SlotState};
use homeward::domain::recurrence::Cron;
use homeward::domain::zone::Zone;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use crate::support::command::homeward;
use crate::support::databases::TestDatabase;
use crate::support::skipped;
use crate::support::smtp::{Act, Smtp};
use crate::support::world::World;

/// Reports of one's own, each with three missed days.
const REPORTS: usize = 8;
const DAYS: usize = 3;
const RECIPIENTS: [&str; 2] = ["fay@vendor.example", "fred@vendor.example"];
const RMAS: usize = 3;

/// Longer than anything here takes: a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(120);

/// Messages put off are due now, and those a dead instance held are free: as if the time had passed.
pub fn make_due(db: &TestDatabase) {
    execute(db, "UPDATE outbox SET next_at = NULL WHERE state = 'pending'");
    execute(db, "UPDATE outbox SET lease_until = '2000-01-01 00:00:00' WHERE state = 'sending'");
}

fn execute(db: &TestDatabase, sql: &str) {
    db.write(|c| {
        diesel::sql_query(sql).execute(c).expect(sql);
        Ok::<_, DbError>(())
    })
    .expect(sql);
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn count(db: &TestDatabase, from: &str) -> usize {
    let sql = format!("SELECT COUNT(*) AS count FROM {from}");
    let found =
        db.read(|c| Ok::<Count, DbError>(diesel::sql_query(&sql).get_result(c).expect(&sql)));
    usize::try_from(found.expect("a count").count).expect("a count")
}

#[derive(QueryableByName, Debug)]
struct PerRma {
    #[diesel(sql_type = Text)]
    kinds: String,
}

/// Open RMAs whose reminders were missed, with all their notices still to be sent.
fn owed_units(db: &TestDatabase) {
    let w = World::new(db);
    let day = |before: i64| (Utc::now() - TimeDelta::days(before)).format("%F 15:00").to_string();
    for n in 0..RMAS {
        let (unit, replacement) = (format!("A{n}"), format!("B{n}"));
        w.install(&unit, "MER-LOU");
        w.cover_row(&unit, "MER-LOU", "next_day_delivery", "2039-12-31", false);
        w.stock(&replacement, "DEP-LOU");
        // Ten business days are at least fourteen days: the window runs, and the first reminder's day
        // is over.
        let rma = w.at(&day(13)).shipped(&unit, &replacement);
        w.at(&day(12)).deliver(rma);
    }
}

/// Settings, reports, and schedules that nobody has run for three days.
fn prepare(db: &TestDatabase, server: &Smtp) {
    owed_units(db);
    let own = db.folder().join("own");
    std::fs::create_dir(&own).expect("a folder");
    let recipients = RECIPIENTS.map(|to| format!("'{to}'")).join(", ");
    let report = format!(
        "title = 'Owed'\ndataset = 'non_returns'\nzone = 'UTC'\ncolumns = ['rma_number']\n\
         schedule = '0 6 * * *'\ncatch_up = 'every'\nrecipients = [{recipients}]\n"
    );
    for n in 0..REPORTS {
        std::fs::write(own.join(format!("owed-{n}.toml")), &report).expect("a definition");
    }
    let settings = format!(
        "[jobs]\nreports_folder = 'own'\n[mail]\ntransport = 'smtp'\n[mail.smtp]\nhost = '127.0.0.1'\n\
         port = {}\nsecurity = 'none'\ntimeout_seconds = 2\n",
        server.port
    );
    std::fs::write(db.folder().join("homeward.toml"), settings).expect("settings");
    let missed = |name: &str, cron: &str, days: i64| {
        let cron = Cron::parse(cron).expect("a cron expression");
        let since = Utc::now() - TimeDelta::days(days);
        let schedule = Registered { cron, zone: Zone::UTC, since };
        db.write(|c| rows::register(c, name, &schedule)).expect("a schedule");
    };
    for n in 0..REPORTS {
        missed(&format!("owed-{n}"), "0 6 * * *", 3);
    }
    missed("non-returns", "0 6 * * *", 3);
    missed("open-rmas", "0 6 * * MON", 22);
    missed("clock", "*/5 * * * *", 3);
    missed("outbox", "* * * * *", 3);
}

/// A running instance.
struct Instance {
    child: Child,
    arguments: Vec<&'static str>,
}

impl Instance {
    /// One that works, or one that serves as well; given when it says that it is up.
    fn start(db: &TestDatabase, arguments: Vec<&'static str>) -> Self {
        let mut command = homeward(db.folder(), db.url_text());
        command
            .args(&arguments)
            .env("HOMEWARD_LOG", "off")
            .env("HOMEWARD_SERVICE__NOT_READY_SECONDS", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("starting an instance");
        let mut line = String::new();
        if arguments[0] == "serve" {
            let out = child.stdout.take().expect("standard output");
            BufReader::new(out).read_line(&mut line).expect("a line");
        } else {
            let out = child.stderr.take().expect("standard error");
            BufReader::new(out).read_line(&mut line).expect("a line");
        }
        assert!(line.contains("homeward works") || line.contains("listening"), "{line}");
        Self { child, arguments }
    }

    /// As a power cut would; gives how its runs are signed.
    fn kill(&mut self) -> String {
        self.child.kill().expect("killing an instance");
        self.child.wait().expect("its end");
        format!("% process {}", self.child.id())
    }

    fn terminate(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        let told = std::process::Command::new("kill").args(["-TERM", &id]).status();
        assert!(told.expect("kill").success());
        self.child.wait().expect("its end").code()
    }
}

/// What is left by the dead is free: as if their leases had run out.
fn bury(db: &TestDatabase, dead: &[String]) {
    for signed in dead {
        execute(
            db,
            &format!(
                "UPDATE slots SET lease_until = '2000-01-01 00:00:00' WHERE state = 'running' AND id IN \
                 (SELECT slot_id FROM runs WHERE outcome = 'running' AND instance LIKE '{signed}')"
            ),
        );
    }
}

/// Waits for a fact, while the leases of the dead run out.
fn wait_for(db: &TestDatabase, dead: &[String], what: &str, fact: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !fact() {
        assert!(Instant::now() < until, "it never comes to be: {what}");
        bury(db, dead);
    }
}

/// Runs that are done and messages that arrived: it only grows.
fn progress(db: &TestDatabase, server: &Smtp) -> usize {
    count(db, "runs WHERE outcome = 'done'") + server.kept().len()
}

#[test]
fn two_and_three_instances_killed_at_random_lose_and_double_nothing() {
    for (seed, instances) in [(7, 2), (11, 3)] {
        match TestDatabase::postgres() {
            Ok(db) => killed_at_random(&db, seed, instances),
            Err(why) => return skipped("instances killed at random", why),
        }
    }
}

fn killed_at_random(db: &TestDatabase, seed: u64, instances: usize) {
    let mut dice = StdRng::seed_from_u64(seed);
    let server = Smtp::start(&[Act::Take, Act::TakeAndDrop, Act::DropInData, Act::TryLater]);
    prepare(db, &server);
    let ways = [vec!["work"], vec!["serve", "--bind", "127.0.0.1:0"], vec!["work"]];
    let mut running: Vec<Instance> =
        ways.into_iter().take(instances).map(|way| Instance::start(db, way)).collect();
    let (mut dead, mut at) = (Vec::new(), 0);
    // The last kills come well before everything is done: nine reports' slots and their messages.
    while at < 60 {
        at += dice.random_range(3..9);
        wait_for(db, &dead, "progress", || progress(db, &server) >= at);
        let chosen = dice.random_range(0..running.len());
        let mut killed = running.remove(chosen);
        dead.push(killed.kill());
        bury(db, &dead);
        running.push(Instance::start(db, killed.arguments));
    }
    let open =
        "slots WHERE state NOT IN ('done', 'coalesced') AND schedule NOT IN ('clock', 'outbox')";
    wait_for(db, &dead, "every slot done", || count(db, open) == 0);
    wait_for(db, &dead, "the clock has run", || {
        count(db, "slots WHERE schedule = 'clock' AND state = 'done'") > 0
    });
    for instance in running {
        assert_eq!(instance.terminate(), Some(0), "seed {seed}: an instance did not end well");
    }
    bury(db, &dead);
    settle(db);
    each_slot_ran_once(db, seed);
    every_message_came(db, &server, dead.len(), seed);
    assert_eq!(db.homeward(&["verify"]).code, 0);
    let lost = count(db, "runs WHERE outcome = 'lost'");
    let doubles = server.kept().len() - count(db, "outbox");
    eprintln!(
        "seed {seed}: {} killed, {lost} runs lost and made up, {doubles} doubles",
        dead.len()
    );
}

/// Sends what still waits, with nobody else about.
fn settle(db: &TestDatabase) {
    let until = Instant::now() + PATIENCE;
    while count(db, "outbox WHERE state <> 'sent'") > 0 {
        assert!(Instant::now() < until, "the outbox does not come to rest");
        make_due(db);
        let sent = db.homeward(&["outbox", "send"]);
        assert_eq!(sent.code, 0, "{sent:?}");
    }
}

fn each_slot_ran_once(db: &TestDatabase, seed: u64) {
    let mut reports: Vec<String> = (0..REPORTS).map(|n| format!("owed-{n}")).collect();
    reports.push("non-returns".to_owned());
    for report in &reports {
        let slots = db.read(|c| rows::list_slots(c, report)).expect("slots");
        assert_eq!(slots.len(), DAYS, "seed {seed}: every missed day of {report}: {slots:?}");
        assert!(slots.iter().all(|(_, state)| *state == SlotState::Done), "{report}: {slots:?}");
        let runs = db.read(|c| rows::list_runs(c, Some(report), 1000)).expect("runs");
        let done: Vec<_> = runs.iter().filter(|run| run.outcome == "done").collect();
        assert_eq!(done.len(), DAYS, "seed {seed}: one outcome a slot of {report}: {runs:#?}");
        assert!(
            runs.iter().all(|run| ["done", "lost"].contains(&run.outcome.as_str())),
            "{runs:#?}"
        );
        for run in done {
            let file = db.folder().join(run.file.as_deref().expect("a file"));
            let bytes = std::fs::read(&file).expect("the file");
            let found: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(run.sha256.as_deref(), Some(found.as_str()), "{run:?}");
        }
    }
    // Of what coalesces, one slot of all that were missed; each slot with one outcome at the most.
    assert_eq!(count(db, "slots WHERE schedule = 'open-rmas' AND state = 'done'"), 1);
    let twice =
        "(SELECT slot_id FROM runs WHERE outcome = 'done' GROUP BY slot_id HAVING COUNT(*) > 1) t";
    assert_eq!(count(db, twice), 0, "seed {seed}: a slot was done twice");
    assert_eq!(count(db, "runs WHERE outcome = 'failed'"), 0, "seed {seed}");
    // The days missed by the clock are one run, and its missed reminders one message an RMA.
    let kinds: Vec<PerRma> = db
        .read(|c| {
            Ok::<_, DbError>(
                diesel::sql_query(
                    "SELECT string_agg(kind, ' ' ORDER BY id) AS kinds FROM outbox \
                     WHERE rma_id IS NOT NULL GROUP BY rma_id",
                )
                .load(c)
                .expect("the messages"),
            )
        })
        .expect("the messages");
    assert_eq!(kinds.len(), RMAS);
    for PerRma { kinds } in kinds {
        assert_eq!(kinds, "acknowledgement issued shipped delivered reminder", "seed {seed}");
    }
}

/// Each message came, and came twice only where a break left open whether it had; a double carries the
/// same Message-ID to the same recipient.
fn every_message_came(db: &TestDatabase, server: &Smtp, kills: usize, seed: u64) {
    let messages = REPORTS * DAYS * RECIPIENTS.len() + RMAS * 5;
    assert_eq!(count(db, "outbox"), messages, "seed {seed}");
    let mut copies: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (id, text) in server.kept() {
        let to = text.lines().find(|line| line.starts_with("To: ")).unwrap_or_default();
        *copies.entry((id, to.to_owned())).or_default() += 1;
    }
    assert_eq!(
        copies.len(),
        messages,
        "seed {seed}: each message under an id of its own: {copies:#?}"
    );
    let doubles: usize = copies.values().map(|count| count - 1).sum();
    // The script breaks one line off after the message was kept; a kill may do the same.
    assert!(doubles <= kills + 1, "seed {seed}: {doubles} doubles for {kills} kills: {copies:#?}");
    // A copy on the case for every notice, also for those that went twice.
    assert_eq!(count(db, "case_notes"), RMAS * 5, "seed {seed}");
}

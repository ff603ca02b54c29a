//! The replay: a whole history through the use cases, the same for the same seed wherever it is kept.

use std::path::{Path, PathBuf};

use homeward::app::import::Progress;
use homeward::app::replay::{Counts, Input, Mix, ReplayError, Reports, run};
use homeward::app::{App, verify};
use homeward::db::Database;
use homeward::domain::calendar::Calendars;
use homeward::domain::zone::Zone;
use homeward::reports::shipped;

use crate::support::databases::{TestDatabase, each_database};
use crate::support::skipped;

struct Quiet;

impl Progress for Quiet {
    fn begin(&mut self, _: &'static str, _: u64) {}
    fn reach(&mut self, _: u64) {}
    fn end(&mut self) {}
}

fn app(database: &Database) -> App {
    App::new(database.clone(), Calendars::builtin(), Zone::UTC)
}

fn sample_mix() -> Mix {
    Mix::for_sample(None).expect("the sample's mix")
}

fn replayed(database: &Database, input: Input, mix: &Mix, seed: u64) -> Counts {
    match run(&app(database), input, mix, seed, None, &mut Quiet) {
        Ok(counts) => counts,
        Err(error) => panic!("seed {seed}: {error}"),
    }
}

fn sample(database: &Database, seed: u64) -> Counts {
    replayed(database, Input::sample().expect("the sample"), &sample_mix(), seed)
}

/// Every RMA's events fold to what is stored beside them.
fn assert_verified(database: &Database) {
    let mut findings = Vec::new();
    verify::run(&app(database), |finding| findings.push(finding.to_string()), |_| {})
        .expect("verifying");
    assert_eq!(findings, Vec::<String>::new());
}

#[test]
fn the_sample_gives_the_same_history_on_both_databases() {
    let first = sample(&TestDatabase::sqlite(), 1);
    each_database("the sample's replay", |database| {
        assert_eq!(sample(database, 1), first);
        assert_verified(database);
    });
    assert_eq!(first.tables.cases, 41);
    assert_eq!(first.tables.rmas - first.tables.children, 41);
    assert_eq!(first.tables.twice, 0);
    assert_eq!(first.tables.open, 0, "{first}");
}

/// Also: no seed finds a step that the rules refuse.
#[test]
fn another_seed_gives_another_history() {
    let mut histories = std::collections::BTreeSet::new();
    for seed in 0..12 {
        histories.insert(sample(&TestDatabase::sqlite(), seed).history);
    }
    assert_eq!(histories.len(), 12);
}

#[test]
fn a_database_in_use_is_refused() {
    let database = TestDatabase::sqlite();
    let before = sample(&database, 1);
    let again = run(
        &app(&database),
        Input::sample().expect("the sample"),
        &sample_mix(),
        1,
        None,
        &mut Quiet,
    );
    let Err(error @ ReplayError::Occupied { .. }) = again else { panic!("{again:?}") };
    let said = error.to_string();
    assert!(said.contains("RMAs") && said.contains("--database-url"), "{said}");
    assert!(before.tables.rmas > 0);
}

#[test]
fn reports_are_written_as_the_days_go_by() {
    let database = TestDatabase::sqlite();
    let folder = database.folder().join("reports");
    let definition = shipped("non-returns").expect("the report");
    let reports = Reports { folder: folder.clone(), every: 30, definition };
    let input = Input::sample().expect("the sample");
    let counts = run(&app(&database), input, &sample_mix(), 1, Some(&reports), &mut Quiet)
        .expect("replaying");
    let files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the folder")
        .map(|e| e.expect("a file").path())
        .collect();
    assert_eq!(files.len(), counts.reports as usize);
    assert_eq!(counts.reports, counts.days / 30);
    let lines = |path: &PathBuf| std::fs::read_to_string(path).expect("a report").lines().count();
    let owed: usize = files.iter().map(|path| lines(path).saturating_sub(1)).sum();
    assert!(owed > 0, "units fell due, so some report shows one");
}

#[test]
fn a_mix_says_what_is_wrong_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mix.toml");
    let refused = |text: &str| {
        std::fs::write(&path, text).expect("writing a mix");
        Mix::load(Some(&path)).expect_err(text).to_string()
    };
    let said = refused("[advance]\nin_tiem = 3.0\n");
    assert!(said.contains("in_tiem") && said.contains("in_time"), "{said}");
    let said = refused("[outbound]\nproof_late = 1.5\n");
    assert!(said.contains("outbound.proof_late is 1.5"), "{said}");
    let said = refused("[quotes]\naccepted = \"often\"\n");
    assert!(said.contains("accepted"), "{said}");
    let said = refused("[claims]\nfound = 0.0\nnot_found = 0.0\nrejected = 0.0\n");
    assert!(said.contains("all weights of claims are 0"), "{said}");
    assert_eq!(Mix::load(None).expect("the default"), {
        std::fs::write(&path, "").expect("writing a mix");
        Mix::load(Some(&path)).expect("nothing said otherwise")
    });
}

#[test]
fn an_input_says_which_line_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let units = folder.path().join("units.csv");
    let failures = folder.path().join("failures.csv");
    let refused = |rows: &str, failed: &str| {
        let header = "serial_number,part_number,manufacturer,size_tb,in_service_on\n";
        std::fs::write(&units, format!("{header}{rows}")).expect("writing units");
        std::fs::write(&failures, format!("serial_number,failed_on\n{failed}")).expect("writing");
        Input::read(&units, &failures).expect_err("refused").to_string()
    };
    let unit = "A1,P 1,ACME,4.0,2024-01-01\n";
    let cases = [
        (unit, "B2,2024-02-01\n", "failures.csv:2: the installed base has no serial \"B2\""),
        (unit, "A1,2023-12-31\n", "failures.csv:2: A1 failed on 2023-12-31, but is in service"),
        (unit, "A1,2024-02-30\n", "\"2024-02-30\" is not a date"),
        (unit, "A1,2024-02-29\nA1,2024-03-01\n", "failures.csv:3: A1 failed on line 2 already"),
        (unit, "", "there are no failures"),
        ("A1,P 1,ACME,4TB,2024-01-01\n", "", "units.csv:2: \"4TB\" is not a capacity"),
        ("A1,P 1,ACME,4.0,2024-01-01\nA1,P,ACME,4,2024-01-01\n", "", "A1 of ACME is on line 2"),
    ];
    for (rows, failed, expected) in cases {
        let said = refused(rows, failed);
        assert!(said.contains(expected), "{said} does not say {expected}");
    }
}

/// Real drives; not part of the repository.
fn drives() -> Option<Input> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/drives");
    let (units, failures) = (folder.join("installed_base.csv"), folder.join("failures.csv"));
    if !units.is_file() {
        let how = format!("put installed_base.csv and failures.csv into {}", folder.display());
        skipped("the replay of real drives", &how);
        return None;
    }
    Some(Input::read(&units, &failures).expect("the drives"))
}

/// The whole history on SQLite: more than a minute in a debug build.
#[test]
fn real_drives_each_get_one_rma() {
    let Some(input) = drives() else { return };
    let mix = Mix::load(None).expect("the default mix");
    let database = TestDatabase::sqlite();
    let counts = replayed(&database, input, &mix, 1);
    assert_eq!(counts.tables.cases, 5_326);
    assert_eq!(counts.tables.rmas - counts.tables.children, 5_326);
    assert_eq!(counts.tables.twice, 0);
    assert_eq!(counts.tables.open, 0, "{counts}");
    assert_verified(&database);
}

/// The first 400 failures on both databases: the whole history would take minutes in a debug build.
#[test]
fn real_drives_give_the_same_history_on_both_databases() {
    let Some(mut input) = drives() else { return };
    input.failures.truncate(400);
    let mix = Mix::load(None).expect("the default mix");
    let first = replayed(&TestDatabase::sqlite(), input.clone(), &mix, 7);
    assert_eq!(first.tables.rmas - first.tables.children, 400);
    match TestDatabase::postgres() {
        Ok(database) => assert_eq!(replayed(&database, input, &mix, 7), first),
        Err(why) => skipped("the replay of real drives on PostgreSQL", why),
    }
}

//! The replay: a whole history through the use cases, the same for the same seed wherever it is kept.

use std::path::Path;
use std::sync::OnceLock;

use chrono::NaiveDate;

use homeward::app::import::Progress;
use homeward::app::replay::{Counts, Input, Mix, ReplayError, Reports, run};
use homeward::app::{App, reports, verify};
use homeward::clock::{Clock, SystemClock};
use homeward::db::Database;
use homeward::domain::calendar::Calendars;
use homeward::domain::zone::Zone;
use homeward::reports::shipped;

use crate::support::databases::{TestDatabase, each_database};
use crate::support::recount::{Histories, parse};
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
    let dates = crate::explain::stored::assert_dates_stand(&app(database));
    assert!(dates > 100, "only {dates} dates were compared");
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
fn a_report_of_a_past_day_stands() {
    each_database("reports of past days", |database| {
        let folder = database.folder().join("reports");
        let definition = shipped("non-returns").expect("the report");
        let reports = Reports { folder: folder.clone(), every: 30, definition };
        let input = Input::sample().expect("the sample");
        let counts = run(&app(database), input, &sample_mix(), 1, Some(&reports), &mut Quiet)
            .expect("replaying");
        let files = std::fs::read_dir(&folder).expect("the folder").count();
        assert_eq!(files, counts.reports as usize);
        assert_eq!(counts.reports, counts.days / 30);
        assert!(
            assert_reports_stand(database, &folder) > 0,
            "units fell due, so some report shows one"
        );
    });
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

/// The whole real history, with a report a quarter: one RMA a failure, none twice, everything verified,
/// and every report of a past day the same when asked later and when recounted from the events.
fn drives_on(database: &TestDatabase, input: Input) -> Counts {
    let folder = database.folder().join("reports");
    let definition = shipped("non-returns").expect("the report");
    let reports = Reports { folder: folder.clone(), every: 91, definition };
    let mix = Mix::load(None).expect("the default mix");
    let counts = run(&app(database), input, &mix, 1, Some(&reports), &mut Quiet)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(counts.tables.cases, 5_326);
    assert_eq!(counts.tables.rmas, 5_326);
    assert_eq!(counts.tables.twice, 0);
    assert_eq!(counts.tables.open, 0, "{counts}");
    assert_verified(database);
    assert!(assert_reports_stand(database, &folder) > 100, "too few units were ever owed");
    counts
}

/// Every report written during a replay equals the one asked now, and a slow recount. Gives the rows.
fn assert_reports_stand(database: &Database, folder: &Path) -> usize {
    let app = app(database);
    let report = shipped("non-returns").expect("the report");
    let histories = Histories::load(&app);
    let mut rows = 0;
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("a file").path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
        let as_of: NaiveDate =
            name.strip_prefix("non-returns-").expect("a report").parse().expect("a date");
        let then = std::fs::read(&path).expect("a report");
        let mut again = Vec::new();
        let now = SystemClock.now();
        let summary = database
            .read(|c| reports::run(&app, c, &report, as_of, now, &mut again))
            .expect("the report, asked later");
        assert!(then == again, "the report of {as_of} has changed since");
        let recounted = histories.non_returns(as_of, report.zone.end_of_day(as_of));
        assert_eq!(parse(&then), recounted, "as of {as_of}");
        assert_eq!(summary.rows as usize, recounted.len());
        rows += recounted.len();
    }
    rows
}

/// The history on SQLite, once for all tests.
fn drives_on_sqlite() -> Option<&'static Counts> {
    static COUNTS: OnceLock<Option<Counts>> = OnceLock::new();
    COUNTS.get_or_init(|| drives().map(|input| drives_on(&TestDatabase::sqlite(), input))).as_ref()
}

#[test]
fn real_drives_each_get_one_rma() {
    drives_on_sqlite();
}

#[test]
fn real_drives_give_the_same_history_on_postgresql() {
    let Some(input) = drives() else { return };
    match TestDatabase::postgres() {
        Ok(database) => assert_eq!(Some(&drives_on(&database, input)), drives_on_sqlite()),
        Err(why) => skipped("the replay of real drives on PostgreSQL", why),
    }
}

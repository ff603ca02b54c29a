//! The day loop: each virtual day is one write, its acts in the order of their time, the clock's work
//! at its end.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::path::PathBuf;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::counts::{Counts, Tally, differences, ending};
use super::import::import;
use super::input::Input;
use super::mix::Mix;
use super::script::{Act, DeskWork, Live, Next};
use super::stock::{Shelf, Stock};
use super::world::{World, units_table};
use super::{ReplayError, command};
use crate::app::import::{Progress, Subject};
use crate::app::{App, reports};
use crate::db::{AnyConnection, counts};
use crate::domain::ids::RmaNumber;
use crate::reports::ReportDefinition;

/// The non-return report, written as the days go by.
#[derive(Debug, Clone)]
pub struct Reports {
    pub folder: PathBuf,
    /// Every so many days.
    pub every: u32,
    pub definition: ReportDefinition,
}

/// What is to be done, and when.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Queued {
    pub at: DateTime<Utc>,
    /// Among equals the first planned comes first.
    pub turn: u64,
    pub occurred_at: DateTime<Utc>,
    pub task: Task,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Task {
    /// A unit of the installed base fails.
    Request(usize),
    Act(RmaNumber, Act),
}

/// A replay at work.
pub(super) struct Replay<'a> {
    pub app: &'a App,
    pub world: World,
    pub mix: &'a Mix,
    pub seed: u64,
    pub live: BTreeMap<RmaNumber, Live>,
    pub open: BTreeSet<RmaNumber>,
    pub met: BTreeMap<RmaNumber, BTreeSet<&'static str>>,
    pub failing: Vec<bool>,
    pub stock: Stock,
    pub tally: Tally,
    queue: BinaryHeap<Reverse<Queued>>,
    turn: u64,
    desk: BTreeMap<NaiveDate, Vec<(RmaNumber, DeskWork)>>,
    priced: BTreeSet<(usize, String)>,
}

/// Replays `input` into the app's database, which must hold no units, cases or RMAs yet.
///
/// # Errors
/// `Occupied` for a database in use; `Step` and `Clock` where the plan and the rules disagree;
/// `Disagree` where the tables do not say what was done.
pub fn run(
    app: &App,
    input: Input,
    mix: &Mix,
    seed: u64,
    reports: Option<&Reports>,
    progress: &mut dyn Progress,
) -> Result<Counts, ReplayError> {
    refuse_occupied(app)?;
    let world = World::build(app, input, seed, mix, progress)?;
    let mut replay = Replay::new(app, world, mix, seed);
    let first = replay.queue.peek().map(|Reverse(queued)| queued.at.date_naive());
    let (_, last_failure) = replay.world.input.span();
    let first_on = first.unwrap_or(last_failure);
    // A unit that fails at a site west of Greenwich is asked for on the next day there is in UTC.
    let enough = last_failure + Days::new(u64::from(mix.tail_days) + 1);
    let days = (enough - first_on).num_days() + 1;
    progress.begin("days", u64::try_from(days).unwrap_or_default());
    let (mut today, mut played, mut written) = (first_on, 0_u32, 0);
    loop {
        replay.day(today)?;
        played += 1;
        progress.reach(played.into());
        if let Some(reports) = reports.filter(|reports| played % reports.every.max(1) == 0) {
            report(app, reports, today)?;
            written += 1;
        }
        if today >= enough || replay.is_over() {
            break;
        }
        today = today + Days::new(1);
    }
    progress.end();
    replay.counts((first_on, today, played), written)
}

/// The instant a day of UTC begins.
fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

fn refuse_occupied(app: &App) -> Result<(), ReplayError> {
    let found = app.db.read(counts::occupants)?;
    let found: Vec<String> = ["rmas", "cases", "units"]
        .into_iter()
        .filter_map(|what| found.get(what).map(|count| (what, *count)))
        .filter(|(_, count)| *count > 0)
        .map(|(what, count)| format!("{count} {}", if what == "rmas" { "RMAs" } else { what }))
        .collect();
    if found.is_empty() {
        return Ok(());
    }
    let database = app.db.url().to_string();
    Err(ReplayError::Occupied { database, found: found.join(", ") })
}

/// Writes the non-return report as of the day that has just ended.
fn report(app: &App, reports: &Reports, as_of: NaiveDate) -> Result<(), ReplayError> {
    let path = reports.folder.join(format!("non-returns-{as_of}.csv"));
    let of_file = |source| ReplayError::ReportFile { path: path.display().to_string(), source };
    std::fs::create_dir_all(&reports.folder).map_err(of_file)?;
    let file = std::fs::File::create(&path).map_err(of_file)?;
    let now = midnight(as_of + Days::new(1));
    let written = app.db.read(|connection| {
        let out = std::io::BufWriter::new(file);
        reports::run(app, connection, &reports.definition, as_of, now, out)
    });
    written.map(|_| ()).map_err(|source| ReplayError::Report { as_of, source: Box::new(source) })
}

impl<'a> Replay<'a> {
    fn new(app: &'a App, world: World, mix: &'a Mix, seed: u64) -> Self {
        let mut failing = vec![false; world.input.units.len()];
        for failure in &world.input.failures {
            failing[failure.unit] = true;
        }
        let mut replay = Self {
            app,
            mix,
            seed,
            live: BTreeMap::new(),
            open: BTreeSet::new(),
            met: BTreeMap::new(),
            failing,
            stock: Stock::new(seed, &world),
            tally: Tally::default(),
            queue: BinaryHeap::new(),
            turn: 0,
            desk: BTreeMap::new(),
            priced: BTreeSet::new(),
            world,
        };
        for failure in replay.world.input.failures.clone() {
            let at = replay.fails_at(failure.unit, failure.on);
            replay.queue(at, at, Task::Request(failure.unit));
        }
        replay
    }

    /// A customer asks at any hour of any day, but on the failure's own date where the unit stands.
    fn fails_at(&self, unit: usize, on: NaiveDate) -> DateTime<Utc> {
        let (_, site) = self.world.home(unit);
        let minute = self.world.dice(unit).between("fails at", 0, 22 * 60 + 59);
        let start = self
            .world
            .sites
            .get(site)
            .map_or_else(|| midnight(on), |site| site.place.zone.start_of_day(on));
        start + TimeDelta::minutes(minute.into())
    }

    pub(super) fn queue(&mut self, at: DateTime<Utc>, occurred_at: DateTime<Utc>, task: Task) {
        self.turn += 1;
        self.queue.push(Reverse(Queued { at, turn: self.turn, occurred_at, task }));
    }

    pub(super) fn plan(&mut self, number: RmaNumber, next: Next) {
        self.queue(next.at, next.occurred_at, Task::Act(number, next.act));
    }

    pub(super) fn at_the_desk(&mut self, on: NaiveDate, number: RmaNumber, work: DeskWork) {
        self.desk.entry(on).or_default().push((number, work));
    }

    /// Nothing is planned any more and no clock runs.
    fn is_over(&self) -> bool {
        let waits = |number: &RmaNumber| {
            self.live.get(number).is_some_and(|live| live.rma.next_clock_at().is_some())
        };
        self.queue.is_empty() && !self.open.iter().any(waits)
    }

    /// One day of UTC: the register is brought up to date, then everything in one write.
    fn day(&mut self, today: NaiveDate) -> Result<(), ReplayError> {
        self.morning(today)?;
        let app = self.app;
        let evening = midnight(today + Days::new(1));
        app.db.write_alone(|connection| {
            while self.queue.peek().is_some_and(|Reverse(queued)| queued.at < evening) {
                if let Some(Reverse(queued)) = self.queue.pop() {
                    self.perform(connection, &queued)?;
                }
            }
            self.clock(connection, evening)
        })
    }

    /// What was asked of the register the days before, and the shelves filled for what is to come.
    fn morning(&mut self, today: NaiveDate) -> Result<(), ReplayError> {
        let mut units = units_table();
        let mut priced = false;
        while let Some(entry) = self.desk.first_entry().filter(|entry| *entry.key() <= today) {
            let on = *entry.key();
            for (number, work) in entry.remove() {
                let Some(live) = self.live.get(&number) else { continue };
                match work {
                    DeskWork::Register => {
                        units.row(self.world.unit_row(live.unit, self.mix, Some(on)));
                    }
                    DeskWork::Price => {
                        let (manufacturer, part) = (&live.rma.manufacturer, &live.rma.part_number);
                        let part = self.world.part(manufacturer.as_str(), part.as_str());
                        let (account, _) = self.world.home(live.unit);
                        priced |= self.priced.insert((part, account.currency.clone()));
                    }
                }
            }
        }
        let wanted = self.wanted(midnight(today + Days::new(1)));
        let stocked = self.stock.fill(&wanted, &self.world, today, &mut units);
        stocked.map_err(crate::app::AppError::from)?;
        let mut quiet = Quiet;
        if priced {
            let products = self.world.products(&self.priced);
            import(self.app, Subject::Products, &products, midnight(today), &mut quiet)?;
        }
        if !units.is_empty() {
            import(self.app, Subject::Units, &units, midnight(today), &mut quiet)?;
        }
        Ok(())
    }

    /// Units that open RMAs, and the failures until `evening`, may call for today.
    fn wanted(&self, evening: DateTime<Utc>) -> BTreeMap<Shelf, usize> {
        use crate::domain::rma::tracks::Authorisation;
        let mut wanted: BTreeMap<Shelf, usize> = BTreeMap::new();
        for number in &self.open {
            let Some(live) = self.live.get(number) else { continue };
            let undecided = !matches!(
                live.rma.authorisation,
                Authorisation::Issued | Authorisation::Denied | Authorisation::Cancelled
            );
            if undecided || command::wants_stock(live) {
                *wanted.entry(self.shelf(live)).or_default() += 1;
            }
        }
        let today = self.queue.iter().filter(|Reverse(queued)| queued.at < evening);
        for Reverse(queued) in today {
            let Task::Request(unit) = queued.task else { continue };
            *wanted.entry(self.shelf_of_unit(unit)).or_default() += 1;
        }
        wanted
    }

    /// The shelf an RMA's replacement is taken from.
    pub(super) fn shelf(&self, live: &Live) -> Shelf {
        let (manufacturer, part) = (live.rma.manufacturer.as_str(), live.rma.part_number.as_str());
        let part = self.world.part(manufacturer, part);
        let part = if live.plan.substituted { self.world.substitute(part) } else { part };
        (live.region.clone(), part)
    }

    fn shelf_of_unit(&self, unit: usize) -> Shelf {
        let (_, site) = self.world.home(unit);
        let region = self.world.sites.get(site).map_or("", |site| site.region.as_str());
        let unit = &self.world.input.units[unit];
        let part = self.world.part(unit.manufacturer.as_str(), unit.part_number.as_str());
        (region.to_owned(), part)
    }

    /// Counts everything, and holds it against what was counted while acting.
    fn counts(
        self,
        (first_on, last_on, days): (NaiveDate, NaiveDate, u32),
        reports: u32,
    ) -> Result<Counts, ReplayError> {
        let count = |c: &mut AnyConnection| {
            Ok::<_, crate::db::DbError>((counts::count(c)?, counts::history_hash(c)?))
        };
        let (tables, history) = self.app.db.read(count)?;
        let expected = self.tally.expected(self.live.values().map(|live| &live.rma));
        let wrong = differences(&expected, &tables, self.world.input.failures.len());
        if !wrong.is_empty() {
            return Err(ReplayError::Disagree(wrong));
        }
        let mut endings = BTreeMap::new();
        let mut on_the_way: BTreeMap<&'static str, u64> = BTreeMap::new();
        for (number, live) in &self.live {
            let nothing = BTreeSet::new();
            let met = self.met.get(number).unwrap_or(&nothing);
            *endings.entry(ending(live, met)).or_default() += 1;
            for (kind, shown) in ON_THE_WAY {
                *on_the_way.entry(shown).or_default() += u64::from(met.contains(kind));
            }
            let substitute = live.rma.replacement.as_ref().is_some_and(|r| r.substitute);
            *on_the_way.entry("substitute sent").or_default() += u64::from(substitute);
        }
        on_the_way.insert("boxes swapped", self.tally.swapped);
        on_the_way.retain(|_, count| *count > 0);
        Ok(Counts {
            seed: self.seed,
            units: self.world.input.units.len(),
            failures: self.world.input.failures.len(),
            accounts: self.world.accounts.len(),
            sites: self.world.sites.len(),
            first_on,
            last_on,
            days,
            tables,
            endings,
            on_the_way,
            overtaken: self.tally.overtaken,
            reports,
            history,
        })
    }
}

/// Events, and reasons of a hold, that tell what happened on the way.
const ON_THE_WAY: [(&str, &str); 17] = [
    ("entitlement", "held, no cover"),
    ("registration", "held until registered"),
    ("export", "held for an export check"),
    ("price", "held for want of a list price"),
    ("information", "held for want of information"),
    ("backordered", "waited for stock"),
    ("delivery_failed", "delivery failed"),
    ("delivery_estimated", "delivery estimated"),
    ("dead_on_arrival_reported", "replacement dead on arrival"),
    ("reminded", "reminded"),
    ("fell_due", "fell due"),
    ("extended", "extended"),
    ("found_discrepant", "wrong unit in the box"),
    ("delivery_claimed", "delivery claimed"),
    ("claim_rejected", "claim rejected"),
    ("exclusion_found", "fault found not to be covered"),
    ("quarantined", "unit on the quarantine shelf"),
];

/// The small imports of a morning need no bar of their own.
struct Quiet;

impl Progress for Quiet {
    fn begin(&mut self, _: &'static str, _: u64) {}
    fn reach(&mut self, _: u64) {}
    fn end(&mut self) {}
}

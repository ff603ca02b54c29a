//! A day's clock job with a thousand due among a million open RMAs, beside the same thousand among a
//! hundred thousand: at most 1.2 times as long.

use chrono::{DateTime, Utc};
use homeward::app::App;
use homeward::app::clock_job;
use homeward::db::DbError;

use super::databases::{Bed, batch};
use super::fill::{Copies, fill, instant, template};
use super::measure::{Table, Wanted, in_turns, seconds};

const MANY: i64 = 1_000_000;
const FEW: i64 = 100_000;
const DUE: i64 = 1_000;
const ROUNDS: i64 = 7;
/// Every other RMA's clock is quiet for so long.
const QUIET_DAYS: i64 = 60;

pub fn run(table: &mut Table) {
    for make in Bed::both(table, "clock") {
        let (mut many, mut few) = (House::new(make(), MANY), House::new(make(), FEW));
        let rounds = usize::try_from(ROUNDS).expect("small");
        let (ours, limit) = in_turns(rounds, || many.day(), || few.day());
        let name = format!("{DUE} due among {MANY} open RMAs beside {FEW}, {}", many.bed.kind);
        table.line(&name, "ms", ours * 1e3, limit * 1e3, Wanted::AtMost(1.2));
    }
}

struct House {
    bed: Bed,
    app: App,
    open: i64,
    round: i64,
    now: DateTime<Utc>,
}

impl House {
    /// So many RMAs whose clocks are quiet, with room between their keys for those that are due.
    fn new(bed: Bed, open: i64) -> Self {
        let app = bed.app();
        template(&app);
        let copies = Copies {
            first: 16,
            step: 16,
            count: open,
            all_events: false,
            overdue: false,
            quiet_days: QUIET_DAYS,
        };
        fill(&app, copies);
        // The template stays as it is: the days' RMAs are copied from it.
        let sql = "UPDATE rmas SET clock_at = NULL WHERE id = 1";
        let filled = app.db.write(|c| {
            batch(c, sql);
            Ok::<(), DbError>(())
        });
        filled.expect("the template");
        bed.settle();
        // Past the first reminder of 24 November, before the next.
        let now = instant("2026-11-25T12:00:00Z");
        Self { bed, app, open, round: 0, now }
    }

    /// Seconds for a day on which a thousand, spread over all, are due for a reminder.
    fn day(&mut self) -> f64 {
        self.round += 1;
        let copies = Copies {
            first: 16 + self.round,
            step: self.open / DUE * 16,
            count: DUE,
            all_events: true,
            overdue: false,
            quiet_days: 0,
        };
        fill(&self.app, copies);
        self.bed.settle();
        // As the service does.
        self.app.db.lay_out_log();
        let mut done = clock_job::ClockReport::default();
        let taken = seconds(|| done = clock_job::run(&self.app, self.now).expect("the clock"));
        assert_eq!(done.reminded, 1_000, "{done:?}");
        taken
    }
}

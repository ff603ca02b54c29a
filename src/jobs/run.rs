//! Running a schedule's slots: lease, commit, work under a heartbeat, mark.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::outbox::Mailer;
use super::reckon::add_due;
use super::stop::Stop;
use super::table::{Schedule, Work};
use super::work::{self, Product};
use crate::app::backup::hold;
use crate::app::report_runs::{LEASE, as_of};
use crate::app::rmas::retrying;
use crate::app::{App, AppError};
use crate::clock::Clock;
use crate::db::DbError;
use crate::db::outbox::add_report_message;
use crate::db::slots::{self as rows, Lease};
use crate::reports::Library;

/// How often one that works says that it lives.
const BEAT: Duration = Duration::from_secs(30);

/// Waits between the attempts at a slot; after the last it waits for a person.
const WAITS: [TimeDelta; 4] =
    [TimeDelta::minutes(1), TimeDelta::minutes(5), TimeDelta::minutes(30), TimeDelta::hours(2)];

/// Everything the schedules need.
#[derive(Clone)]
pub struct Jobs {
    pub app: App,
    pub clock: Arc<dyn Clock>,
    pub mailer: Mailer,
    pub library: Library,
    pub table: Vec<Schedule>,
    /// Where the files of report runs go.
    pub runs_folder: PathBuf,
    /// Days those files are kept; none: for good.
    pub keep_days: Option<NonZeroU32>,
    /// Who ran what: shown with each run.
    pub instance: String,
}

impl Jobs {
    /// Adds the slots that have come and runs what is due, schedule after schedule; gives how many
    /// slots this instance ran. A schedule that fails does not keep the others from running.
    pub fn run_due(&self, stop: &Stop) -> u64 {
        let mut ran = 0;
        for schedule in &self.table {
            match self.run_schedule(schedule, stop) {
                Ok(slots) => ran += slots,
                Err(error) => {
                    tracing::error!(schedule = %schedule.name, %error, "a schedule could not run");
                }
            }
        }
        ran
    }

    /// The same for one schedule.
    ///
    /// # Errors
    /// The database's; a slot's own failure is kept with its run.
    pub fn run_schedule(&self, schedule: &Schedule, stop: &Stop) -> Result<u64, AppError> {
        let mut ran = 0;
        if stop.is_asked() {
            return Ok(ran);
        }
        // A restored house runs nothing by itself until it is released; slots are made up afterwards.
        if let Some(why) = hold::held(&self.app)? {
            tracing::debug!(schedule = %schedule.name, why, "the house is held");
            return Ok(ran);
        }
        add_due(&self.app.db, schedule, self.clock.now())?;
        while !stop.is_asked() {
            let now = self.clock.now();
            let name = schedule.name.as_str();
            // Most looks find nothing, and a look is no write.
            if !self.app.db.read(|c| rows::has_free(c, name, now))? {
                break;
            }
            // Another instance was first; what is left is looked at with the next tick.
            let Some(lease) = self.lease(schedule, now)? else { break };
            self.run_slot(schedule, &lease, stop)?;
            ran += 1;
        }
        Ok(ran)
    }

    /// Takes the oldest slot that waits, if there is one and no other instance is first.
    fn lease(&self, schedule: &Schedule, now: DateTime<Utc>) -> Result<Option<Lease>, AppError> {
        retrying(|| {
            Ok(self.app.db.write(|c| {
                let times = (now, now + LEASE);
                let lease = rows::lease(c, &schedule.name, times, &self.instance)?;
                if let (Some(lease), Work::Report(report)) = (&lease, &schedule.work) {
                    rows::note_as_of(c, lease, as_of(report, lease.slot, lease.as_of))?;
                }
                Ok::<_, DbError>(lease)
            })?)
        })
    }

    /// The schedule of a name.
    pub fn schedule(&self, name: &str) -> Option<&Schedule> {
        self.table.iter().find(|schedule| schedule.name == name)
    }

    /// Runs a slot that this instance has just leased, and marks it.
    ///
    /// # Errors
    /// The database's; the slot's own failure is kept with its run.
    pub fn run_slot(
        &self,
        schedule: &Schedule,
        lease: &Lease,
        stop: &Stop,
    ) -> Result<(), AppError> {
        let started_at = self.clock.now();
        let worked = self.with_heartbeat(lease, || work::work(self, schedule, lease, stop));
        let now = self.clock.now();
        let (outcome, product) = match worked {
            Ok(product) => (Ok(product.done.clone()), product),
            Err(error) => {
                let tried = usize::try_from(lease.attempt - 1).unwrap_or(0);
                let next_at = WAITS.get(tried).map(|wait| now + *wait);
                tracing::error!(schedule = %schedule.name, slot = %lease.slot, %error, "a run failed");
                (Err((error.to_string(), next_at)), Product::default())
            }
        };
        let held = retrying(|| {
            Ok(self.app.db.write(|c| {
                let held = rows::finish(c, lease, &outcome, (started_at, now))?;
                for (recipient, payload) in product.messages.iter().filter(|_| held) {
                    add_report_message(c, lease.run_id, recipient, payload, now)?;
                }
                Ok::<_, DbError>(held)
            })?)
        })?;
        if !held {
            tracing::warn!(schedule = %schedule.name, slot = %lease.slot,
                "a run's lease was lost: another instance has the slot");
        }
        Ok(())
    }

    /// Works while another thread keeps the lease alive.
    fn with_heartbeat<T>(&self, lease: &Lease, work: impl FnOnce() -> T) -> T {
        std::thread::scope(|scope| {
            let (done, waiting) = channel::<()>();
            scope.spawn(move || {
                while let Err(RecvTimeoutError::Timeout) = waiting.recv_timeout(BEAT) {
                    let until = self.clock.now() + LEASE;
                    match self.app.db.write(|c| rows::renew(c, lease, until)) {
                        Ok(true) => {}
                        Ok(false) => return,
                        Err(error) => tracing::warn!(%error, "a slot could not be held longer"),
                    }
                }
            });
            let worked = work();
            drop(done);
            worked
        })
    }
}

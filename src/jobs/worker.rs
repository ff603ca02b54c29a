//! The alarm clock: one tick of UTC that runs what is due, and a way to come to rest.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::JoinSet;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use super::run::Jobs;
use super::stop::Stop;
use crate::app::report_runs::Hands;
use crate::db::slots::Lease;

/// Every ten seconds. In UTC: the slots' own zones are reckoned where the slots are.
const TICK: &str = "*/10 * * * * *";

/// What runs by itself, running.
pub struct Handle {
    /// None where this instance only runs what it is handed.
    scheduler: Option<JobScheduler>,
    shared: Arc<Shared>,
}

struct Shared {
    jobs: Jobs,
    stop: Stop,
    /// Where the work runs, wherever it is handed over.
    runtime: tokio::runtime::Handle,
    /// The scheduler's own shutdown does not wait for what it started; this does.
    tasks: Mutex<JoinSet<()>>,
    /// Schedules that run in this process: a tick does not start them again.
    busy: Mutex<HashSet<String>>,
}

/// Starts the ticks on the current tokio runtime; what was missed is looked for at once.
///
/// # Errors
/// The scheduler's.
pub async fn start(jobs: Jobs) -> Result<Handle, JobSchedulerError> {
    let mut handle = stand_by(jobs);
    let scheduler = JobScheduler::new().await?;
    let ticking = Arc::clone(&handle.shared);
    let tick = Job::new_async(TICK, move |_, _| {
        let shared = Arc::clone(&ticking);
        Box::pin(async move { shared.tick() })
    })?;
    scheduler.add(tick).await?;
    handle.shared.tick();
    scheduler.start().await?;
    handle.scheduler = Some(scheduler);
    Ok(handle)
}

/// Runs what it is handed on the current tokio runtime, and nothing by itself.
pub fn stand_by(jobs: Jobs) -> Handle {
    let shared = Arc::new(Shared {
        jobs,
        stop: Stop::default(),
        runtime: tokio::runtime::Handle::current(),
        tasks: Mutex::default(),
        busy: Mutex::default(),
    });
    Handle { scheduler: None, shared }
}

impl Handle {
    /// Asks it to begin nothing new.
    pub fn stop(&self) -> Stop {
        self.shared.stop.clone()
    }

    /// Who runs what somebody asked for.
    pub fn hands(&self) -> Arc<dyn Hands> {
        Arc::new(Arc::clone(&self.shared))
    }

    /// Begins nothing new, and waits until what runs has come to the end of its piece of work: a
    /// message, a report, a batch.
    pub async fn drain(mut self) {
        self.shared.stop.ask();
        if let Some(scheduler) = &mut self.scheduler
            && let Err(error) = scheduler.shutdown().await
        {
            tracing::warn!(%error, "the scheduler did not stop by itself");
        }
        // A tick that is under way sees the stop under this lock, so nothing is added afterwards.
        let mut tasks = std::mem::take(&mut *locked(&self.shared.tasks));
        while let Some(ended) = tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a schedule's run panicked");
            }
        }
    }
}

impl Shared {
    /// Starts every schedule that is not running here, each in a thread of its own: a long report
    /// keeps no message waiting.
    fn tick(self: &Arc<Self>) {
        let mut tasks = locked(&self.tasks);
        if self.stop.is_asked() {
            return;
        }
        while let Some(ended) = tasks.try_join_next() {
            if let Err(error) = ended {
                tracing::error!(%error, "a schedule's run panicked");
            }
        }
        for index in 0..self.jobs.table.len() {
            let name = self.jobs.table[index].name.clone();
            if !locked(&self.busy).insert(name.clone()) {
                continue;
            }
            let free = Free { shared: Arc::clone(self), name };
            let runs = move || {
                let jobs = &free.shared.jobs;
                let schedule = &jobs.table[index];
                if let Err(error) = jobs.run_schedule(schedule, &free.shared.stop) {
                    tracing::error!(schedule = %schedule.name, %error, "a schedule could not run");
                }
            };
            tasks.spawn_blocking_on(runs, &self.runtime);
        }
    }
}

impl Hands for Arc<Shared> {
    fn are_free(&self) -> bool {
        !self.stop.is_asked()
    }

    fn take(&self, lease: Lease) {
        let mut tasks = locked(&self.tasks);
        // Left alone it is taken by another instance, or at the next start, when its lease has run out.
        if self.stop.is_asked() {
            return;
        }
        let shared = Arc::clone(self);
        let run = move || {
            let Some(schedule) = shared.jobs.schedule(&lease.schedule) else { return };
            if let Err(error) = shared.jobs.run_slot(schedule, &lease, &shared.stop) {
                tracing::error!(schedule = %schedule.name, %error, "a run could not be marked");
            }
        };
        tasks.spawn_blocking_on(run, &self.runtime);
    }
}

/// Lets a schedule be started again when it has ended, also by a panic.
struct Free {
    shared: Arc<Shared>,
    name: String,
}

impl Drop for Free {
    fn drop(&mut self) {
        locked(&self.shared.busy).remove(&self.name);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

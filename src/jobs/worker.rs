//! The alarm clock: one tick of UTC that runs what is due, and a way to come to rest.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::JoinSet;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use super::run::Jobs;
use super::stop::Stop;

/// Every ten seconds. In UTC: the slots' own zones are reckoned where the slots are.
const TICK: &str = "*/10 * * * * *";

/// What runs by itself, running.
pub struct Handle {
    scheduler: JobScheduler,
    shared: Arc<Shared>,
}

struct Shared {
    jobs: Jobs,
    stop: Stop,
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
    let shared = Arc::new(Shared {
        jobs,
        stop: Stop::default(),
        tasks: Mutex::default(),
        busy: Mutex::default(),
    });
    let scheduler = JobScheduler::new().await?;
    let ticking = Arc::clone(&shared);
    let tick = Job::new_async(TICK, move |_, _| {
        let shared = Arc::clone(&ticking);
        Box::pin(async move { shared.tick() })
    })?;
    scheduler.add(tick).await?;
    shared.tick();
    scheduler.start().await?;
    Ok(Handle { scheduler, shared })
}

impl Handle {
    /// Begins nothing new, and waits until what runs has come to the end of its piece of work: a
    /// message, a report, a batch.
    pub async fn drain(mut self) {
        self.shared.stop.ask();
        if let Err(error) = self.scheduler.shutdown().await {
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
            tasks.spawn_blocking(move || {
                let jobs = &free.shared.jobs;
                let schedule = &jobs.table[index];
                if let Err(error) = jobs.run_schedule(schedule, &free.shared.stop) {
                    tracing::error!(schedule = %schedule.name, %error, "a schedule could not run");
                }
            });
        }
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

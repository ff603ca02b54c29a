//! Measurements in Prometheus' form.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use prometheus::{Encoder, HistogramOpts, HistogramVec, IntGaugeVec, Opts, Registry, TextEncoder};

use super::house::House;
use super::problem::Problem;
use crate::db::gauges::{self, Counts};

/// How long counts of the database are taken for current: a scrape must not become a load.
const FRESH: Duration = Duration::from_secs(15);

/// Everything measured, and the registry that shows it.
pub struct Metrics {
    registry: Registry,
    requests: HistogramVec,
    open_rmas: IntGaugeVec,
    outbox: IntGaugeVec,
    lag: IntGaugeVec,
    runs: IntGaugeVec,
    counted: Mutex<Option<Instant>>,
}

impl Metrics {
    pub fn new() -> Self {
        let buckets = vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
        let times = HistogramOpts::new("homeward_http_request_seconds", "Time to answer a request")
            .buckets(buckets);
        // The names and labels are constants that Prometheus takes: the tests scrape them.
        let requests =
            HistogramVec::new(times, &["method", "route", "status"]).expect("a valid histogram");
        let open = Opts::new("homeward_open_rmas", "Open RMAs by track and state");
        let open_rmas = IntGaugeVec::new(open, &["track", "state"]).expect("a valid gauge");
        let outbox = Opts::new(
            "homeward_outbox",
            "Messages by state: their count, and the age of the oldest in seconds",
        );
        let outbox = IntGaugeVec::new(outbox, &["state", "what"]).expect("a valid gauge");
        let gauge = |name: &str, help: &str, labels: &[&str]| {
            IntGaugeVec::new(Opts::new(name, help), labels).expect("a valid gauge")
        };
        let lag = gauge(
            "homeward_schedule_lag_seconds",
            "Age of a schedule's oldest slot that should be done and is not; 0 if there is none",
            &["schedule"],
        );
        let help = "Runs of the schedules that are kept, by outcome";
        let runs = gauge("homeward_runs", help, &["schedule", "outcome"]);
        let registry = Registry::new();
        for collector in [
            Box::new(requests.clone()) as Box<dyn prometheus::core::Collector>,
            Box::new(open_rmas.clone()),
            Box::new(outbox.clone()),
            Box::new(lag.clone()),
            Box::new(runs.clone()),
        ] {
            registry.register(collector).expect("each name is registered once");
        }
        Self { registry, requests, open_rmas, outbox, lag, runs, counted: Mutex::new(None) }
    }

    /// A request was answered. The route is its pattern, so that no path makes a series of its own.
    pub fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let method = match method {
            "GET" | "POST" | "HEAD" | "OPTIONS" | "PUT" | "PATCH" | "DELETE" => method,
            _ => "other",
        };
        self.requests
            .with_label_values(&[method, route, &status.to_string()])
            .observe(took.as_secs_f64());
    }

    /// Everything as text; the counts of the database are renewed where they have grown old.
    pub fn scrape(&self, house: &House) -> Result<Vec<u8>, Problem> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.is_none_or(|at| at.elapsed() > FRESH) {
            let now = house.clock.now();
            let counts = house.app.db.read(|connection| gauges::counts(connection, now))?;
            self.set(&counts);
            for lag in house.watch.lags(house)? {
                self.lag.with_label_values(&[lag.schedule]).set(lag.seconds);
            }
            *counted = Some(Instant::now());
        }
        drop(counted);
        let mut text = Vec::new();
        let families = self.registry.gather();
        if let Err(error) = TextEncoder::new().encode(&families, &mut text) {
            tracing::error!(%error, "the measurements could not be written");
        }
        Ok(text)
    }

    fn set(&self, counts: &Counts) {
        self.open_rmas.reset();
        for (track, state, count) in &counts.open_rmas {
            self.open_rmas.with_label_values(&[track, state.as_str()]).set(*count);
        }
        self.outbox.reset();
        for (state, count, age_seconds) in &counts.outbox {
            self.outbox.with_label_values(&[state.as_str(), "count"]).set(*count);
            self.outbox.with_label_values(&[state.as_str(), "oldest_seconds"]).set(*age_seconds);
        }
        self.runs.reset();
        for (schedule, outcome, count) in &counts.runs {
            self.runs.with_label_values(&[schedule, outcome]).set(*count);
        }
    }
}

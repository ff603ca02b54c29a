//! `homeward serve`.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::{CliError, house, jobs};
use crate::app::report_runs::Hands;
use crate::config::Config;
use crate::http::{Given, House, Peers, ServeOptions, Watch, serve};
use crate::jobs::{Jobs, stand_by, start};

#[derive(Debug, Default, Args)]
pub struct Arguments {
    /// Address and port to listen on, before the settings'; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(super) bind: Option<String>,
    /// Leave the schedules to other instances (`homeward work`); reports that are asked for run here
    #[arg(long)]
    pub(super) no_schedules: bool,
    /// Look at settings, fonts, report definitions and schema without serving or changing anything
    #[arg(long)]
    pub(super) check: bool,
}

/// Brings the schema up to date, serves and runs the schedules, and ends when it is told to by SIGTERM
/// or SIGINT, with what runs finished.
pub(super) fn run(arguments: &Arguments, config: &Config) -> Result<(), CliError> {
    if arguments.check {
        return super::config::before_serving(config);
    }
    let jobs = jobs::open(config)?;
    let service = &config.service;
    let options = ServeOptions {
        bind: arguments.bind.clone().unwrap_or_else(|| service.bind.clone()),
        not_ready_for: Duration::from_secs(service.not_ready_seconds),
        drain_for: Duration::from_secs(service.drain_seconds),
    };
    // Beside the server's own threads: a long report keeps no request waiting.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let given = given(&jobs, config);
    let db = jobs.app.db.clone();
    let handle = runtime.block_on(async {
        if config.jobs.enabled && !arguments.no_schedules {
            start(jobs).await
        } else {
            Ok(stand_by(jobs))
        }
    })?;
    let (stop, hands) = (handle.stop(), handle.hands());
    let listening = |address| {
        // Whoever started it may wait for this line to learn the port; that it cannot be written is no
        // reason not to serve.
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "listening on http://{address}").and_then(|()| out.flush());
        tracing::info!(%address, "serving");
        // Nobody waits for it: however it ends, the log is whole.
        drop(std::thread::spawn(move || db.lay_out_log()));
    };
    let served = serve(House::new(given(hands)), &options, listening, move || stop.ask());
    runtime.block_on(handle.drain());
    served?;
    tracing::info!("stopped");
    Ok(())
}

/// What the service is given, but for the hands that run its reports.
fn given(jobs: &Jobs, config: &Config) -> impl FnOnce(Arc<dyn Hands>) -> Given + use<> {
    let service = &config.service;
    // A report without a schedule is watched too: a run that was asked for may be left behind.
    let names = jobs.table.iter().map(|schedule| schedule.name.clone()).collect();
    let watch = Watch::new(names, config.jobs.late_after_minutes);
    let peers = Peers::new(service.anonymous_requests_a_minute, service.trusted_proxies.clone());
    let (status_url, a_minute) = (house::status_url(config).into(), service.requests_a_minute);
    let (sign_ins_a_minute, public_url) = (service.sign_ins_a_minute, service.public_url.clone());
    let jobs = jobs.clone();
    move |hands| Given {
        app: jobs.app,
        clock: jobs.clock,
        typesetter: jobs.mailer.typesetter,
        status_url,
        a_minute,
        peers,
        sign_ins_a_minute,
        public_url,
        library: jobs.library,
        watch,
        hands,
        instance: jobs.instance.into(),
    }
}

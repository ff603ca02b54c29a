//! `homeward serve`.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::CliError;
use super::house;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::http::{House, ServeOptions, serve};

#[derive(Debug, Default, Args)]
pub struct Arguments {
    /// Address and port to listen on, before the settings'; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(super) bind: Option<String>,
    /// Look at settings, fonts, report definitions and schema without serving or changing anything
    #[arg(long)]
    pub(super) check: bool,
}

/// Brings the schema up to date, serves, and ends when it is told to by SIGTERM or SIGINT.
pub(super) fn run(arguments: &Arguments, config: &Config) -> Result<(), CliError> {
    if arguments.check {
        return super::config::before_serving(config);
    }
    let app = house::open(config)?;
    let service = &config.service;
    let inside = House::new(
        app,
        Arc::new(SystemClock),
        config.fonts_folder.as_deref(),
        house::status_url(config),
        service.requests_a_minute,
    )?;
    let options = ServeOptions {
        bind: arguments.bind.clone().unwrap_or_else(|| service.bind.clone()),
        not_ready_for: Duration::from_secs(service.not_ready_seconds),
        drain_for: Duration::from_secs(service.drain_seconds),
    };
    serve(inside, &options, |address| {
        // Whoever started it may wait for this line to learn the port; that it cannot be written is no
        // reason not to serve.
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "listening on http://{address}").and_then(|()| out.flush());
        tracing::info!(%address, "serving");
    })?;
    tracing::info!("stopped");
    Ok(())
}

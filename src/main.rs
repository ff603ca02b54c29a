//! Parses the command line, starts what was asked for and answers with its exit code.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use homeward::cli::Cli;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter =
        EnvFilter::try_from_env("HOMEWARD_LOG").unwrap_or_else(|_| EnvFilter::new(cli.log_level()));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // Colours are for people: in a file they would be rubbish between the words.
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match std::env::var("HOMEWARD_LOG_FORMAT").as_deref() {
        Ok("json") => log.json().flatten_event(true).init(),
        Err(_) | Ok("text" | "") => log.init(),
        Ok(other) => {
            eprintln!("error: HOMEWARD_LOG_FORMAT is {other:?}; text and json are known");
            return ExitCode::from(2);
        }
    }
    cli.run()
}

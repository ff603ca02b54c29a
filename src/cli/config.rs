//! `homeward config check`, and what `serve --check` looks at.

use std::io::Write;
use std::path::Path;

use clap::{Args, Subcommand};

use super::text::or_dash;
use super::{CliError, house};
use crate::config::{Config, Settings};
use crate::db::{Database, SchemaState};
use crate::documents::Typesetter;
use crate::jobs::table;
use crate::mail::{Sender, SmtpMail, TransportKind};
use crate::reports::{self, Library};

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print the settings in force with where each was read, and try what they lead to
    Check {
        /// Also connect to the mail server and log in, without sending anything
        #[arg(long)]
        connect: bool,
    },
}

/// A check: what was looked at, and what was found or is wrong.
type Check = (&'static str, Result<String, String>);

pub(super) fn run(arguments: &Arguments, settings: &Settings) -> Result<(), CliError> {
    let What::Check { connect } = arguments.what;
    let config = &settings.config;
    let mut out = std::io::stdout().lock();
    for (key, value) in in_force(config) {
        writeln!(out, "{key} = {value}  ({})", settings.origin(key))?;
    }
    writeln!(out)?;
    let mut checks = standing(config);
    checks.extend(folders(config));
    if connect {
        checks.push(("mail server", mail_server(config)));
    }
    judged(&checks)
}

/// `serve --check`: everything that would keep it from serving, or make it change something first.
pub(super) fn before_serving(config: &Config) -> Result<(), CliError> {
    let mut checks = standing(config);
    if let Ok(state @ (SchemaState::Older | SchemaState::Absent)) =
        Database::look(&config.database_url)
    {
        checks.retain(|(what, _)| *what != "database");
        checks.push(("database", Err(schema(state))));
    }
    judged(&checks)
}

fn judged(checks: &[Check]) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    for (what, found) in checks {
        match found {
            Ok(found) => writeln!(out, "ok   {what}: {found}")?,
            Err(wrong) => writeln!(out, "bad  {what}: {wrong}")?,
        }
    }
    match checks.iter().filter(|(_, found)| found.is_err()).count() {
        0 => Ok(()),
        bad => Err(CliError::Checks(bad)),
    }
}

/// Every setting, secrets hidden.
fn in_force(config: &Config) -> Vec<(&'static str, String)> {
    let path = |path: &Option<std::path::PathBuf>| path.as_ref().map(|p| p.display().to_string());
    let (service, mail, jobs) = (&config.service, &config.mail, &config.jobs);
    let mut all = vec![
        ("database_url", config.database_url.to_string()),
        ("database_url_file", or_dash(path(&config.database_url_file))),
        ("status_url", house::status_url(config)),
        ("fonts_folder", or_dash(path(&config.fonts_folder))),
        ("operator.zone", config.operator.zone.to_string()),
        ("service.bind", service.bind.clone()),
        ("service.public_url", or_dash(service.public_url.as_ref())),
        ("service.requests_a_minute", service.requests_a_minute.to_string()),
        ("service.sign_ins_a_minute", service.sign_ins_a_minute.to_string()),
        ("service.not_ready_seconds", service.not_ready_seconds.to_string()),
        ("service.drain_seconds", service.drain_seconds.to_string()),
        ("jobs.runs_folder", jobs.runs_folder.display().to_string()),
        ("jobs.reports_folder", or_dash(path(&jobs.reports_folder))),
        ("reports.keep_days", or_dash(config.reports.keep_days.map(|days| days.to_string()))),
        ("attachments.each", config.attachments.each.to_string()),
        ("mail.from", mail.from.clone()),
        ("mail.reply_to", or_dash(mail.reply_to.clone())),
        ("mail.transport", format!("{:?}", mail.transport).to_lowercase()),
        ("mail.folder", mail.folder.display().to_string()),
        ("mail.survey_url", or_dash(mail.survey_url.clone())),
        ("mail.attempts", mail.attempts.to_string()),
    ];
    if let Some(smtp) = &mail.smtp {
        all.extend([
            ("mail.smtp.host", smtp.host.clone()),
            ("mail.smtp.port", or_dash(smtp.port.map(|port| port.to_string()))),
            ("mail.smtp.security", format!("{:?}", smtp.security).to_lowercase()),
            ("mail.smtp.user", or_dash(smtp.user.clone())),
            ("mail.smtp.password", or_dash(smtp.password.as_ref().map(|_| "***".to_owned()))),
            ("mail.smtp.password_file", or_dash(path(&smtp.password_file))),
            ("mail.smtp.ca_file", or_dash(path(&smtp.ca_file))),
            ("mail.smtp.timeout_seconds", smtp.timeout_seconds.to_string()),
        ]);
    }
    all
}

fn schema(state: SchemaState) -> String {
    match state {
        SchemaState::Current => "its schema is this program's",
        SchemaState::Older => "its schema is older; `homeward serve` brings it up to date",
        SchemaState::Absent => "there is nothing yet; `homeward serve` makes it",
    }
    .to_owned()
}

/// Database, fonts and mail settings, and own report definitions with their schedules.
fn standing(config: &Config) -> Vec<Check> {
    let database = Database::look(&config.database_url);
    vec![
        ("database", database.map(schema).map_err(|error| error.to_string())),
        ("mail settings", mail(config).map(|()| "understood".to_owned())),
        (
            "fonts",
            Typesetter::new(config.fonts_folder.as_deref())
                .map(|_| "found".to_owned())
                .map_err(|error| error.to_string()),
        ),
        ("reports", definitions(config.jobs.reports_folder.as_deref())),
    ]
}

/// How many report definitions there are and what runs by itself, or everything that is wrong with them.
fn definitions(folder: Option<&Path>) -> Result<String, String> {
    let wrong = reports::check(folder);
    if !wrong.is_empty() {
        return Err(wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
    }
    let library = Library::open(folder).map_err(|error| error.to_string())?;
    let planned = table(&library).map_err(|error| error.to_string())?;
    Ok(format!("{} definitions, {} schedules", library.iter().count(), planned.len()))
}

/// The mail settings alone: opening the folder would make it.
fn mail(config: &Config) -> Result<(), String> {
    let mail = &config.mail;
    Sender::parse(&mail.from, mail.reply_to.as_deref())
        .map_err(|error| format!("mail.from or mail.reply_to: {error}"))?;
    if mail.transport == TransportKind::Smtp {
        crate::mail::open(mail).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Everything that is written besides the database.
fn folders(config: &Config) -> Vec<Check> {
    let mut checks = vec![("jobs.runs_folder", writable(&config.jobs.runs_folder))];
    if config.mail.transport == TransportKind::Folder {
        checks.push(("mail.folder", writable(&config.mail.folder)));
    }
    if let Some(folder) = config.database_url.path().and_then(Path::parent) {
        checks.push(("the database's folder", writable(folder)));
    }
    checks
}

/// Tries with a file that is gone at once, in the folder or, where it is yet to be made, in the one it
/// would be made in.
fn writable(folder: &Path) -> Result<String, String> {
    let named = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let relative = Path::new(".");
    let mut there = named.ancestors().find(|path| path.is_dir()).unwrap_or(relative);
    if there.as_os_str().is_empty() {
        there = relative;
    }
    match tempfile::tempfile_in(there) {
        Ok(_) if there == named => Ok(format!("{} can be written to", named.display())),
        Ok(_) => Ok(format!("{} can be made", named.display())),
        Err(error) => Err(format!("{} cannot be written to: {error}", there.display())),
    }
}

/// Whether the server takes us: greeting, protection and login as for a message, but none is sent.
fn mail_server(config: &Config) -> Result<String, String> {
    if config.mail.transport == TransportKind::Folder {
        return Ok("none: mail goes into a folder".to_owned());
    }
    let Some(smtp) = &config.mail.smtp else { return Err("mail.smtp is not set".to_owned()) };
    let server = SmtpMail::new(smtp).map_err(|error| error.to_string())?;
    server.greet().map_err(|error| format!("{}: {error}", smtp.host))?;
    Ok(match &smtp.user {
        Some(user) => format!("{} takes us, logged in as {user}", smtp.host),
        None => format!("{} takes us, without a login", smtp.host),
    })
}

//! `homeward demo`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::progress::Shown;
use super::{CliError, house, serve};
use crate::app::App;
use crate::app::demo::{self, Found, Visitor};
use crate::clock::VirtualClock;
use crate::config::Config;
use crate::jobs::{Mailer, Stop, outbox};
use crate::mail::TransportKind;

const AFTER: &str = "\
The vendor, its customers and its partner are invented. What happened in the three months before now \
went through the same use cases as everything else; every state an RMA can be in stands in it today. A \
second start finds it as it was left. Mail goes into the folder mail.folder names (data/mail), never \
to a server.";

#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub struct Arguments {
    /// Address and port to listen on, before the settings'; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS:PORT")]
    bind: Option<String>,
    /// Make it and say what is in it, without serving
    #[arg(long)]
    no_serve: bool,
}

pub(super) fn run(arguments: Arguments, mut config: Config) -> Result<(), CliError> {
    config.mail.transport = TransportKind::Folder;
    let app = house::open(&config)?;
    match demo::look(&app)? {
        Found::Empty => make(&app, &config)?,
        Found::Demo(made) => eprintln!("the demonstration made at {made}, as it was left"),
    }
    let path = tokens_file(&config);
    let visitors = demo::welcome(&app, &read(&path)?, house::now())?;
    keep(&path, &visitors)?;
    let bind = arguments.bind.unwrap_or_else(|| config.service.bind.clone());
    tell(&app, &config, &visitors, &path, &bind)?;
    if arguments.no_serve {
        return Ok(());
    }
    serve::run(&serve::Arguments { bind: Some(bind), ..Default::default() }, &config)
}

/// Lives the three months, each day's mail leaving at its end.
fn make(app: &App, config: &Config) -> Result<(), CliError> {
    let now = house::now();
    let mailer = Mailer::open(config, &house::status_url(config))?;
    let mut progress = Shown::on_stderr();
    let mut evening =
        |at| outbox::run(app, &mailer, &VirtualClock::at(at), &Stop::default()).map(drop);
    Ok(demo::make(app, now, &mut evening, &mut progress)?)
}

/// Beside the database, where that is a file.
fn tokens_file(config: &Config) -> PathBuf {
    let beside = config.database_url.path().map(|path| path.with_extension("tokens"));
    beside.unwrap_or_else(|| PathBuf::from("data/demonstration.tokens"))
}

/// The tokens of the last start: role, user, account, token, password, a line each. A line that is none is
/// passed over: its role is given a fresh token.
fn read(path: &Path) -> Result<Vec<Visitor>, CliError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(CliError::File { path: path.to_owned(), source }),
    };
    let visitor = |line: &str| {
        let mut fields = line.split('\t');
        let role = fields.next()?.parse().ok()?;
        let (user, account, token) = (fields.next()?, fields.next()?, fields.next()?);
        let account = (!account.is_empty()).then(|| account.to_owned());
        let password = fields.next().unwrap_or_default().to_owned();
        Some(Visitor { role, user: user.to_owned(), account, token: token.to_owned(), password })
    };
    Ok(text.lines().filter_map(visitor).collect())
}

/// Keeps the tokens for the next start, for this user's eyes alone.
fn keep(path: &Path, visitors: &[Visitor]) -> Result<(), CliError> {
    let written = || -> std::io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        // Made with mode 0600 and put in place whole.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        for v in visitors {
            let account = v.account.as_deref().unwrap_or_default();
            writeln!(file, "{}\t{}\t{account}\t{}\t{}", v.role, v.user, v.token, v.password)?;
        }
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    written().map_err(|source| CliError::File { path: path.to_owned(), source })
}

/// Where a browser on this machine finds it.
fn address(bind: &str) -> String {
    let own = bind.strip_prefix("0.0.0.0:").or(bind.strip_prefix("[::]:"));
    own.map_or_else(|| format!("http://{bind}"), |port| format!("http://localhost:{port}"))
}

fn tell(
    app: &App,
    config: &Config,
    visitors: &[Visitor],
    path: &Path,
    bind: &str,
) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "The tour: the customer's number (to search by), its RMA, what it shows")?;
    for stop in demo::tour(app)? {
        let rmas: Vec<String> = stop.rmas.iter().map(ToString::to_string).collect();
        writeln!(out, "  TOUR-{:<18} {:<24} {}", stop.key, rmas.join(" "), stop.title)?;
    }
    writeln!(out, "\nTokens, one a role (kept in {})", path.display())?;
    for visitor in visitors {
        let account = visitor.account.as_deref().map(|name| format!(", {name}"));
        let account = account.unwrap_or_default();
        writeln!(
            out,
            "  {:<15} {}  {}{account}",
            visitor.role.as_str(),
            visitor.token,
            visitor.user
        )?;
    }
    let (local, password) = (address(bind), visitors.first().map(|visitor| &visitor.password));
    let password = password.map_or("", String::as_str);
    writeln!(out, "\nPortal    {local}/")?;
    writeln!(
        out,
        "          sign in with any of the e-mail addresses above and the password {password}"
    )?;
    writeln!(out, "Database  {}", config.database_url)?;
    writeln!(out, "Mail      {}", config.mail.folder.display())?;
    writeln!(out, "Docs      {local}/api/docs/")?;
    let finance = visitors.iter().find(|v| v.role == crate::domain::rma::Role::Finance);
    if let Some(finance) = finance {
        let header = format!("Authorization: Bearer {}", finance.token);
        writeln!(out, "Try       curl -H '{header}' '{local}/api/v1/rmas?q=TOUR-b'")?;
    }
    writeln!(out)?;
    Ok(())
}

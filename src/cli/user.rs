//! `homeward user`.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{CliError, house};
use crate::app::users::{self, WantedUser};
use crate::config::Config;
use crate::domain::rma::Role;
use crate::domain::zone::Zone;

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a user who signs in to the pages; without --password-file a password is made and shown once
    Create {
        /// The address to sign in with
        #[arg(long)]
        email: String,
        /// A role of the rulebook: customer, account_admin, partner, engineer, logistics, finance, …
        #[arg(long)]
        role: Role,
        /// The organization a customer, account admin or partner belongs to
        #[arg(long, value_name = "NAME")]
        account: Option<String>,
        /// The zone to show times in, such as America/Chicago; that of the account's first site, else the
        /// operator's, unless said
        #[arg(long)]
        zone: Option<Zone>,
        #[command(flatten)]
        given: Given,
    },
    /// List the users
    List,
    /// Give a user another password and end its sessions
    Password {
        email: String,
        #[command(flatten)]
        given: Given,
    },
    /// Shut a user out at once
    Disable { email: String },
    /// Let a user in again who was shut out
    Enable { email: String },
}

#[derive(Debug, Args)]
struct Given {
    /// A file with the password in its first line; - is the standard input
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl Given {
    /// The password, and whether it was made here.
    fn password(&self) -> Result<(String, bool), CliError> {
        match &self.password_file {
            Some(path) => Ok((read(path)?, false)),
            None => Ok((users::random_password()?, true)),
        }
    }
}

/// The first line of a file, which may be no longer than a password.
fn read(path: &Path) -> Result<String, CliError> {
    let failed = |source| CliError::File { path: path.to_owned(), source };
    let most = users::LONGEST as u64 + 2;
    let mut text = String::new();
    let done = if path == Path::new("-") {
        std::io::stdin().take(most).read_to_string(&mut text)
    } else {
        let file = std::fs::File::open(path).map_err(failed)?;
        file.take(most).read_to_string(&mut text)
    };
    done.map_err(failed)?;
    Ok(text.split(['\r', '\n']).next().unwrap_or_default().to_owned())
}

/// Says a password that was made here, on the standard output alone.
fn show((password, is_made): (String, bool)) {
    if is_made {
        eprintln!("the password is not shown again; it can be changed on the account page");
        say!("{password}");
    }
}

pub(super) fn run(arguments: Arguments, config: &Config) -> Result<(), CliError> {
    let app = house::open(config)?;
    let now = house::now();
    match arguments.what {
        What::Create { email, role, account, zone, given } => {
            let password = given.password()?;
            let wanted = WantedUser { email, role, account, zone };
            let email = users::create(&app, &wanted, &password.0, now)?;
            eprintln!("user {email} can sign in");
            show(password);
        }
        What::List => list(&app)?,
        What::Password { email, given } => {
            let password = given.password()?;
            users::set_password(&app, &email, &password.0, now)?;
            eprintln!("user {email} has another password; every session is ended");
            show(password);
        }
        What::Disable { email } => {
            users::set_disabled(&app, &email, true, now)?;
            say!("user {email} is disabled; every session is ended");
        }
        What::Enable { email } => {
            users::set_disabled(&app, &email, false, now)?;
            say!("user {email} can sign in again");
        }
    }
    Ok(())
}

fn list(app: &crate::app::App) -> Result<(), CliError> {
    say!("email\trole\taccount\tzone\tcreated\tdisabled");
    for user in users::list(app)? {
        let instant =
            |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        say!(
            "{}\t{}\t{}\t{}\t{}\t{}",
            user.email,
            user.role,
            user.account.as_deref().unwrap_or("-"),
            user.zone,
            instant(user.created_at),
            user.disabled_at.map_or_else(|| "-".to_owned(), instant),
        );
    }
    Ok(())
}

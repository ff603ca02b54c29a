//! `homeward token` and `homeward partner`.

use clap::{Args, Subcommand};

use super::CliError;
use super::house;
use super::text::{instant, or_dash};
use crate::app::tokens::{self, WantedToken};
use crate::config::Config;
use crate::domain::rma::Role;

#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a token and print it; it is not shown again
    Create {
        /// A role of the rulebook: customer, account_admin, partner, engineer, logistics, finance, …
        #[arg(long)]
        role: Role,
        /// The user's e-mail address; a customer sees the cases this user opened
        #[arg(long, value_name = "EMAIL")]
        user: Option<String>,
        /// The organization a customer, account admin or partner belongs to
        #[arg(long, value_name = "NAME")]
        account: Option<String>,
        /// What the token is called in lists
        #[arg(long)]
        name: Option<String>,
    },
    /// List the tokens, never what they are
    List,
    /// End a token at once
    Revoke {
        /// The token's number, as listed
        id: i64,
    },
}

pub(super) fn run(arguments: Arguments, config: &Config) -> Result<(), CliError> {
    let app = house::open(config)?;
    match arguments.what {
        What::Create { role, user, account, name } => {
            let wanted = WantedToken { role, name, user_email: user, account };
            let (id, secret) = tokens::create(&app, &wanted, house::now())?;
            eprintln!("token {id}; keep it safe, it is not shown again");
            say!("{secret}");
        }
        What::List => {
            say!("id\trole\tname\taccount\tcreated\tlast used\trevoked");
            for token in tokens::list(&app)? {
                say!(
                    "{}\t{}\t{}\t{}\t{}\t{}\t{}",
                    token.id,
                    token.role,
                    token.name,
                    or_dash(token.account),
                    instant(token.created_at),
                    or_dash(token.last_used_on),
                    or_dash(token.revoked_at.map(instant)),
                );
            }
        }
        What::Revoke { id } => {
            tokens::revoke(&app, id, house::now())?;
            say!("token {id} is revoked");
        }
    }
    Ok(())
}

#[derive(Debug, Args)]
pub struct PartnerArguments {
    #[command(subcommand)]
    what: Link,
}

#[derive(Debug, Subcommand)]
enum Link {
    /// Let a partner see an end customer's cases and RMAs
    Link { partner: String, customer: String },
    /// End that
    Unlink { partner: String, customer: String },
}

pub(super) fn partner(arguments: &PartnerArguments, config: &Config) -> Result<(), CliError> {
    let app = house::open(config)?;
    let (partner, customer, linked) = match &arguments.what {
        Link::Link { partner, customer } => (partner, customer, true),
        Link::Unlink { partner, customer } => (partner, customer, false),
    };
    Ok(tokens::link(&app, partner, customer, linked)?)
}

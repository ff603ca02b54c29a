//! Bearer tokens: made once and shown once, known ever after by their hash alone.

use chrono::{DateTime, NaiveDate, Utc};
use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::{Digest, Sha256};

use super::caller::{Caller, Principal};
use super::context::App;
use super::error::AppError;
use crate::db::AnyConnection;
use crate::db::scope::Scope;
use crate::db::tokens::{self as rows, NewToken, Token};
use crate::domain::hex::hex;
use crate::domain::ids::{OrganizationId, checked};
use crate::domain::rma::{Actor, Role};
use crate::domain::site::OrganizationKind;

/// What every token begins with, so that people and secret scanners know one when they see it.
pub const PREFIX: &str = "hmwd_";

/// Random bytes in a token: 256 bits.
const SECRET_BYTES: usize = 32;

/// A token that is wanted.
#[derive(Debug, Clone)]
pub struct WantedToken {
    pub role: Role,
    /// What the token is called in lists; the user's address where left out.
    pub name: Option<String>,
    pub user_email: Option<String>,
    /// The organization's name.
    pub account: Option<String>,
}

/// Makes a token and gives its number and its secret, which is not kept.
///
/// # Errors
/// `Invalid` where the role lacks the user or account its scope needs.
pub fn create(
    app: &App,
    wanted: &WantedToken,
    now: DateTime<Utc>,
) -> Result<(i64, String), AppError> {
    let email = wanted.user_email.as_deref().map(|email| address("user", email)).transpose()?;
    let name = wanted.name.clone().or_else(|| email.clone());
    let name = name.unwrap_or_else(|| wanted.role.to_string());
    checked("the token's name", &name, 120)?;
    let secret = secret()?;
    let id = app.db.write(|connection| {
        let organization = account(connection, wanted.role, wanted.account.as_deref())?;
        check_scope(wanted.role, email.is_some(), organization.is_some())?;
        let token = NewToken {
            hash: &hash(&secret),
            name: &name,
            role: wanted.role,
            user_email: email.as_deref(),
            organization,
            created_at: now,
        };
        Ok::<_, AppError>(rows::insert(connection, &token)?)
    })?;
    Ok((id, secret))
}

fn invalid<T>(field: &'static str, reason: impl Into<String>) -> Result<T, AppError> {
    Err(AppError::Invalid { field, reason: reason.into() })
}

/// An address as it is kept: in small letters. `field` is where it was given.
pub(super) fn address(field: &'static str, email: &str) -> Result<String, AppError> {
    let options = email_address::Options::default().with_required_tld().without_display_text();
    match email_address::EmailAddress::parse_with_options(email, options) {
        Ok(_) => Ok(email.to_lowercase()),
        Err(error) => invalid(field, format!("{email:?}: {error}")),
    }
}

/// The account of that name, where it fits the role.
pub(super) fn account(
    connection: &mut AnyConnection,
    role: Role,
    name: Option<&str>,
) -> Result<Option<OrganizationId>, AppError> {
    let Some(name) = name else { return Ok(None) };
    let found = rows::organization_of_name(connection, name)?;
    let Some((id, kind)) = found else {
        return Err(AppError::NoSuch { what: "account", name: name.to_owned() });
    };
    let partner = kind == OrganizationKind::Partner.as_str();
    if (role == Role::Partner) != partner {
        return invalid("account", format!("{name} is a {kind}, which does not fit the role"));
    }
    Ok(Some(id))
}

/// Whether a role has the user and the account that its scope needs (AMB-19).
pub(super) fn check_scope(role: Role, user: bool, account: bool) -> Result<(), AppError> {
    match role {
        Role::Clock => invalid("role", "the clock is part of the program and is nobody who calls"),
        Role::Customer if !user || !account => {
            invalid("user", "a customer needs a user and an account: it sees what that user opened")
        }
        Role::AccountAdmin | Role::Partner if !account => {
            invalid("account", "this role needs an account: it sees what belongs to it")
        }
        Role::Customer | Role::AccountAdmin | Role::Partner => Ok(()),
        _ if account => invalid("account", "a staff role sees every account; leave it out"),
        _ => Ok(()),
    }
}

fn secret() -> Result<String, AppError> {
    Ok(format!("{PREFIX}{}", hex(&random_bytes()?)))
}

/// What nobody can guess.
pub(super) fn random_bytes() -> Result<[u8; SECRET_BYTES], AppError> {
    let mut bytes = [0_u8; SECRET_BYTES];
    match OsRng.try_fill_bytes(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(error) => invalid("secret", format!("the system gave no random bytes: {error}")),
    }
}

/// A secret as it is kept.
pub(super) fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// Every token, the oldest first.
pub fn list(app: &App) -> Result<Vec<Token>, AppError> {
    app.db.read(|connection| Ok(rows::all(connection)?))
}

/// Ends a token at once.
pub fn revoke(app: &App, id: i64, now: DateTime<Utc>) -> Result<(), AppError> {
    if app.db.write(|connection| rows::revoke(connection, id, now))? {
        return Ok(());
    }
    Err(AppError::NoSuch { what: "living token", name: id.to_string() })
}

/// Whoever holds a secret, and the day it was used last before.
#[derive(Debug, Clone)]
pub struct Authenticated {
    /// The token's number.
    pub token: i64,
    pub caller: Caller,
    pub last_used_on: Option<NaiveDate>,
}

/// Whoever a secret belongs to; none where it is unknown or revoked. Looking it up by its hash leaves
/// nothing to measure: what is compared is not what was sent.
pub fn authenticate(
    connection: &mut AnyConnection,
    secret: &str,
) -> Result<Option<Authenticated>, AppError> {
    let known = secret.strip_prefix(PREFIX).is_some_and(|hex| hex.len() == 2 * SECRET_BYTES);
    if !known {
        return Ok(None);
    }
    let Some(token) = rows::of_hash(connection, &hash(secret))? else { return Ok(None) };
    let who = (token.role, token.organization, token.user_email.as_deref());
    let scope = scope(connection, who)?;
    let actor = Actor::new(token.role, token.user_email.unwrap_or(token.name))?;
    let partner = token.organization.filter(|_| actor.role == Role::Partner);
    let caller = Caller { principal: Principal::Token(token.id), actor, scope, partner };
    Ok(Some(Authenticated { token: token.id, caller, last_used_on: token.last_used_on }))
}

/// Remembers that a token was used today (UTC); once a day that is a write.
pub fn used_on(app: &App, id: i64, today: NaiveDate) {
    if let Err(error) = app.db.write(|connection| rows::used_on(connection, id, today)) {
        // A note for people; no reason to refuse the call.
        tracing::debug!(%error, "a token's use was not noted");
    }
}

/// What somebody of this role, account and address sees (AMB-19).
pub(super) fn scope(
    connection: &mut AnyConnection,
    who: (Role, Option<OrganizationId>, Option<&str>),
) -> Result<Scope, AppError> {
    let nobody = || Scope::Accounts(Vec::new());
    Ok(match who {
        (Role::Customer, Some(account), Some(email)) => {
            Scope::Opener { account, email: email.to_owned() }
        }
        (Role::AccountAdmin, Some(account), _) => Scope::Accounts(vec![account]),
        (Role::Partner, Some(partner), _) => {
            Scope::Accounts(rows::customers_of(connection, partner)?)
        }
        // A customer without an account was not made by `create`; it sees nothing.
        (Role::Customer | Role::AccountAdmin | Role::Partner, ..) => nobody(),
        _ => Scope::All,
    })
}

/// Links or unlinks an end customer and a partner (AMB-19), by their names.
pub fn link(app: &App, partner: &str, customer: &str, linked: bool) -> Result<(), AppError> {
    let of = |connection: &mut AnyConnection, name: &str| {
        let found = rows::organization_of_name(connection, name)?;
        found.ok_or_else(|| AppError::NoSuch { what: "organization", name: name.to_owned() })
    };
    app.db.write(|connection| {
        let (partner_id, kind) = of(connection, partner)?;
        let (customer_id, customer_kind) = of(connection, customer)?;
        if kind != OrganizationKind::Partner.as_str() {
            return invalid("partner", format!("{partner} is a {kind}"));
        }
        if customer_kind != OrganizationKind::Customer.as_str() {
            return invalid("customer", format!("{customer} is a {customer_kind}"));
        }
        if linked {
            return Ok(rows::link(connection, partner_id, customer_id)?);
        }
        if rows::unlink(connection, partner_id, customer_id)? {
            return Ok(());
        }
        Err(AppError::NoSuch { what: "link between", name: format!("{partner} and {customer}") })
    })
}

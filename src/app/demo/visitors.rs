//! The demonstration's tokens and users: one a role, kept as long as they work. All users have one password.

use chrono::{DateTime, Utc};

use super::cast::PEOPLE;
use super::world::PARTNER;
use crate::app::tokens::{self, WantedToken};
use crate::app::users::{self, WantedUser};
use crate::app::{App, AppError};
use crate::domain::rma::Role;

/// Somebody to look at the house as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    pub role: Role,
    pub user: String,
    pub account: Option<String>,
    pub token: String,
    /// To sign in to the pages as `user`.
    pub password: String,
}

/// Whose customers they are.
const CUSTOMER: (&str, &str) =
    ("dana.whitcomb@prairielantern.example", "Prairie Lantern Hosting LLC");

/// What the tokens are called in lists: those of an earlier start are known by it.
fn name(role: Role) -> String {
    format!("demonstration: {role}")
}

/// Who is wanted: every role a token can have.
fn wanted() -> Vec<(Role, String, Option<String>)> {
    let mut all = Vec::new();
    for role in Role::ALL.iter().copied().filter(|role| *role != Role::Clock) {
        let staff = PEOPLE.iter().find(|(as_, ..)| *as_ == role).map(|(.., address)| *address);
        let (user, account) = match role {
            Role::Customer => (CUSTOMER.0, Some(CUSTOMER.1)),
            Role::AccountAdmin => ("ops@prairielantern.example", Some(CUSTOMER.1)),
            Role::Partner => ("desk@meridianbridge.example", Some(PARTNER)),
            Role::Questionnaire => ("questionnaire@quillmark.example", None),
            _ => (staff.unwrap_or("staff@quillmark.example"), None),
        };
        all.push((role, user.to_owned(), account.map(str::to_owned)));
    }
    all
}

/// A visitor for each role: those of `kept` whose tokens still work, and fresh ones for the others, whose
/// older tokens end. Each can sign in with the password.
pub fn welcome(app: &App, kept: &[Visitor], now: DateTime<Utc>) -> Result<Vec<Visitor>, AppError> {
    let password = kept.iter().map(|visitor| &visitor.password).find(|p| !p.is_empty()).cloned();
    let password = password.map_or_else(users::random_password, Ok)?;
    let mut visitors = with_tokens(app, kept, now)?;
    for visitor in &mut visitors {
        let_in(app, visitor, &password, now)?;
        visitor.password.clone_from(&password);
    }
    Ok(visitors)
}

/// Sees to it that a visitor can sign in with the password.
fn let_in(
    app: &App,
    visitor: &Visitor,
    password: &str,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    if users::knows(app, &visitor.user, password)? {
        return Ok(());
    }
    if users::list(app)?.iter().any(|user| user.email == visitor.user) {
        users::set_disabled(app, &visitor.user, false, now)?;
        return users::set_password(app, &visitor.user, password, now);
    }
    let (email, role, account) = (visitor.user.clone(), visitor.role, visitor.account.clone());
    let user = WantedUser { email, role, account, zone: None };
    users::create(app, &user, password, now).map(drop)
}

fn with_tokens(app: &App, kept: &[Visitor], now: DateTime<Utc>) -> Result<Vec<Visitor>, AppError> {
    let mut visitors = Vec::new();
    for (role, user, account) in wanted() {
        let known = kept.iter().find(|visitor| visitor.role == role);
        if let Some(known) = known
            && app
                .db
                .read(|c| tokens::authenticate(c, &known.token))?
                .is_some_and(|found| found.caller.actor.role == role)
        {
            visitors.push(known.clone());
            continue;
        }
        end_older(app, role, now)?;
        let wanted = WantedToken {
            role,
            name: Some(name(role)),
            user_email: Some(user.clone()),
            account: account.clone(),
        };
        let (_, token) = tokens::create(app, &wanted, now)?;
        visitors.push(Visitor { role, user, account, token, password: String::new() });
    }
    Ok(visitors)
}

fn end_older(app: &App, role: Role, now: DateTime<Utc>) -> Result<(), AppError> {
    for token in tokens::list(app)? {
        if token.revoked_at.is_none() && token.name == name(role) {
            tokens::revoke(app, token.id, now)?;
        }
    }
    Ok(())
}

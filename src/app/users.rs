//! People who sign in to the pages with a password (SYS-1): made and disabled at the command line, signed in
//! with a secret of which only the hash is kept.

use chrono::{DateTime, TimeDelta, Utc};

use super::caller::{Caller, Principal};
use super::context::App;
use super::error::AppError;
use super::passwords::{self, Verdict};
use super::tokens::{account, address, check_scope, hash, random_bytes, scope};
use crate::db::sessions;
use crate::db::users::{self as rows, NewUser, User};
use crate::db::{AnyConnection, DbError};
use crate::domain::hex::hex;
use crate::domain::rma::{Actor, Role};
use crate::domain::zone::Zone;

pub use super::passwords::{LONGEST, SHORTEST};

/// How long somebody stays signed in who does nothing, and at the most.
pub const IDLE: TimeDelta = TimeDelta::hours(8);
pub const AT_MOST: TimeDelta = TimeDelta::days(7);

/// How exactly it is known when a session was last used: each note of it is a write.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(5);

/// A user that is wanted.
#[derive(Debug, Clone)]
pub struct WantedUser {
    pub email: String,
    pub role: Role,
    /// The organization's name.
    pub account: Option<String>,
    /// That of the account's first site, else the operator's, where left out (AMB-18).
    pub zone: Option<Zone>,
}

/// Makes a user and gives the address it is known by.
///
/// # Errors
/// `Invalid` where the role lacks the account its scope needs, or the password is not taken.
pub fn create(
    app: &App,
    wanted: &WantedUser,
    password: &str,
    now: DateTime<Utc>,
) -> Result<String, AppError> {
    let email = address("email", &wanted.email)?;
    passwords::check("password", password, &email)?;
    let kept = passwords::hash(password)?;
    app.db.write(|connection| {
        let organization = account(connection, wanted.role, wanted.account.as_deref())?;
        check_scope(wanted.role, true, organization.is_some())?;
        let of_account = match organization {
            Some(id) => rows::zone_of_account(connection, id)?,
            None => None,
        };
        let of_account = of_account.and_then(|name| Zone::parse(&name).ok());
        let zone = wanted.zone.or(of_account).unwrap_or(app.operator_zone);
        let user = NewUser {
            email: &email,
            role: wanted.role,
            organization,
            zone: zone.name(),
            password_hash: &kept,
            created_at: now,
        };
        match rows::insert(connection, &user) {
            Err(error) if error.is_unique_violation() => {
                let reason = format!("there is a user {email} already");
                Err(AppError::Invalid { field: "email", reason })
            }
            added => Ok(added.map(drop)?),
        }
    })?;
    Ok(email)
}

/// A password nobody can guess, for one who will choose another: 100 bits, in letters that are not mixed up.
pub fn random_password() -> Result<String, AppError> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let letters: Vec<u8> =
        random_bytes()?.iter().take(20).map(|byte| LETTERS[usize::from(byte % 32)]).collect();
    let groups: Vec<String> =
        letters.chunks(5).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    Ok(groups.join("-"))
}

/// Every user, by address.
pub fn list(app: &App) -> Result<Vec<User>, AppError> {
    app.db.read(|connection| Ok(rows::all(connection)?))
}

/// Gives a user another password and ends its sessions.
pub fn set_password(
    app: &App,
    email: &str,
    password: &str,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    passwords::check("password", password, email)?;
    let kept = passwords::hash(password)?;
    app.db.write(|connection| {
        let user = known(connection, email)?;
        rows::set_password(connection, user.id, &kept, now)?;
        Ok(sessions::end_all_of(connection, user.id)?)
    })
}

/// Shuts a user out at once, or lets it in again.
pub fn set_disabled(
    app: &App,
    email: &str,
    disabled: bool,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    app.db.write(|connection| {
        let user = known(connection, email)?;
        rows::set_disabled(connection, user.id, disabled.then_some(now))?;
        Ok(sessions::end_all_of(connection, user.id)?)
    })
}

fn known(connection: &mut AnyConnection, email: &str) -> Result<User, AppError> {
    let found = rows::of_email(connection, &email.to_lowercase())?;
    let absent = || AppError::NoSuch { what: "user", name: email.to_owned() };
    found.map(|(user, _)| user).ok_or_else(absent)
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub caller: Caller,
    pub user: User,
    pub zone: Zone,
    pub session: i64,
    /// Its use is to be noted with [`note_use`].
    pub is_to_be_noted: bool,
}

/// Signs in and gives the secret of the new session; none where address or password is wrong, or the user
/// disabled, which takes as long and is not told apart.
pub fn sign_in(
    app: &App,
    email: &str,
    password: &str,
    now: DateTime<Utc>,
) -> Result<Option<String>, AppError> {
    let email = email.trim().to_lowercase();
    let found = app.db.read(|connection| rows::of_email(connection, &email))?;
    let kept = found.as_ref().map(|(_, kept)| kept.as_str());
    // Outside of any transaction: nobody waits for it.
    let verdict = passwords::verify(password, kept)?;
    let (Some((user, kept)), true) = (&found, verdict != Verdict::Wrong) else { return Ok(None) };
    let fresh = match verdict {
        Verdict::Stale => Some(passwords::hash(password)?),
        _ => None,
    };
    let secret = hex(&random_bytes()?);
    let is_in = app.db.write(|connection| {
        let is_in = sessions::begin(connection, (user.id, kept), &hash(&secret), now)?;
        if let Some(fresh) = fresh.as_deref().filter(|_| is_in) {
            rows::rehash(connection, user.id, (kept, fresh))?;
        }
        Ok::<_, DbError>(is_in)
    })?;
    Ok(is_in.then_some(secret))
}

/// Whether this is the password of a user who may sign in; nobody is signed in by it.
pub fn knows(app: &App, email: &str, password: &str) -> Result<bool, AppError> {
    let found = app.db.read(|connection| rows::of_email(connection, &email.to_lowercase()))?;
    let found = found.filter(|(user, _)| user.disabled_at.is_none());
    let kept = found.as_ref().map(|(_, kept)| kept.as_str());
    Ok(passwords::verify(password, kept)? != Verdict::Wrong)
}

/// Whoever a session's secret belongs to; none where it is unknown or over.
pub fn signed_in(
    connection: &mut AnyConnection,
    secret: &str,
    now: DateTime<Utc>,
) -> Result<Option<SignedIn>, AppError> {
    let Some(session) = sessions::of_hash(connection, &hash(secret))? else { return Ok(None) };
    if now - session.begun_at >= AT_MOST || now - session.seen_at >= IDLE {
        return Ok(None);
    }
    let user = session.user;
    let scope = scope(connection, (user.role, user.organization, Some(&user.email)))?;
    let actor = Actor::new(user.role, user.email.clone())?;
    let partner = user.organization.filter(|_| user.role == Role::Partner);
    let caller = Caller { principal: Principal::User(user.id), actor, scope, partner };
    // A zone that is no more was one once; its reader is better off with times in UTC than with none.
    let zone = Zone::parse(&user.zone).unwrap_or(Zone::UTC);
    let is_to_be_noted = now - session.seen_at >= NOTED_EVERY;
    Ok(Some(SignedIn { caller, user, zone, session: session.id, is_to_be_noted }))
}

/// Notes that a session is in use, so that it is not idle.
pub fn note_use(app: &App, session: i64, now: DateTime<Utc>) {
    if let Err(error) = app.db.write(|connection| sessions::seen(connection, session, now)) {
        // It ends a little earlier; no reason to refuse the page.
        tracing::debug!(%error, "a session's use was not noted");
    }
}

pub fn sign_out(app: &App, session: i64) -> Result<(), AppError> {
    Ok(app.db.write(|connection| sessions::end(connection, session))?)
}

/// Ends every session of a user, this one too.
pub fn sign_out_everywhere(app: &App, user: i64) -> Result<(), AppError> {
    Ok(app.db.write(|connection| sessions::end_all_of(connection, user))?)
}

/// Lets somebody who knows the password choose another. Every session ends; the secret is of a new one.
///
/// # Errors
/// `Invalid` on `current` where that is not the password, on `new` where the new one is not taken.
pub fn change_password(
    app: &App,
    user: &User,
    (current, new): (&str, &str),
    now: DateTime<Utc>,
) -> Result<String, AppError> {
    let invalid = |field, reason: &str| AppError::Invalid { field, reason: reason.to_owned() };
    let wrong = || invalid("current", "this is not your password");
    let found = app.db.read(|connection| rows::of_email(connection, &user.email))?;
    let kept = found.as_ref().map(|(_, kept)| kept.as_str());
    if passwords::verify(current, kept)? == Verdict::Wrong {
        return Err(wrong());
    }
    passwords::check("new", new, &user.email)?;
    if current == new {
        return Err(invalid("new", "this is the password you have"));
    }
    let (fresh, secret) = (passwords::hash(new)?, hex(&random_bytes()?));
    app.db.write(|connection| {
        sessions::end_all_of(connection, user.id)?;
        rows::set_password(connection, user.id, &fresh, now)?;
        if !sessions::begin(connection, (user.id, &fresh), &hash(&secret), now)? {
            return Err(wrong());
        }
        Ok(())
    })?;
    Ok(secret)
}

/// Keeps the zone in which somebody reads times (AMB-18).
pub fn set_zone(app: &App, user: i64, zone: Zone) -> Result<(), AppError> {
    Ok(app.db.write(|connection| rows::set_zone(connection, user, zone.name()))?)
}

/// Forgets sessions that are over; says how many.
pub fn forget_sessions(app: &App, now: DateTime<Utc>) -> Result<usize, AppError> {
    Ok(app.db.write(|connection| sessions::forget(connection, now - AT_MOST, now - IDLE))?)
}

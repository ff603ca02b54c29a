//! Passwords: which are taken, and how they are kept (argon2id). Checking one takes tens of milliseconds
//! and 19 MiB on purpose.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use super::error::AppError;
use crate::db::DbError;

/// Characters of a password at the least and bytes at the most. What it is made of is nobody's business.
pub const SHORTEST: usize = 12;
pub const LONGEST: usize = 1024;

/// Bytes of salt.
const SALT: usize = 16;

/// Of no password: random bytes, under today's parameters.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$/oYeqN1Hzgv3adsGpuWOcw$us6gNXFwr2dOlYtOLontFv5EjuEQj5wwgEGzvHY2CO0";

/// What a password came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    Right,
    /// Right, and kept under parameters that are not today's.
    Stale,
}

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

/// Refuses a password that is too short, too long or the address it is for.
///
/// # Errors
/// `Invalid`, with what is needed.
pub fn check(field: &'static str, password: &str, email: &str) -> Result<(), AppError> {
    let invalid = |reason: String| Err(AppError::Invalid { field, reason });
    if password.chars().count() < SHORTEST {
        return invalid(format!("at least {SHORTEST} characters are needed; a sentence is good"));
    }
    if password.len() > LONGEST {
        return invalid(format!("at most {LONGEST} bytes are taken"));
    }
    let name = email.split('@').next().unwrap_or_default();
    let bare = password.trim().to_lowercase();
    if bare == email.to_lowercase() || bare == name.to_lowercase() {
        return invalid("it is the e-mail address; take something nobody can guess".to_owned());
    }
    let mut letters = password.chars();
    let first = letters.next();
    if letters.all(|letter| Some(letter) == first) {
        return invalid(
            "it is one character over and over; take something nobody can guess".into(),
        );
    }
    Ok(())
}

/// A password as it is kept, under a salt of its own.
pub fn hash(password: &str) -> Result<String, AppError> {
    let salt = super::tokens::random_bytes()?;
    let salt = salt.get(..SALT).unwrap_or(&salt);
    let hashed: PasswordHash =
        argon2().hash_password_with_salt(password.as_bytes(), salt).map_err(failed)?;
    Ok(hashed.to_string())
}

/// Whether a password is the one that is kept. Without one that is kept the work is the same and the answer
/// is no.
pub fn verify(password: &str, kept: Option<&str>) -> Result<Verdict, AppError> {
    // Longer ones were never taken, and are not worth the work.
    if password.len() > LONGEST {
        return Ok(Verdict::Wrong);
    }
    let parsed = PasswordHash::new(kept.unwrap_or(NOBODYS)).map_err(|error| corrupt(&error))?;
    match argon2().verify_password(password.as_bytes(), &parsed) {
        Ok(()) if kept.is_none() => Ok(Verdict::Wrong),
        Ok(()) if is_todays(&parsed) => Ok(Verdict::Right),
        Ok(()) => Ok(Verdict::Stale),
        Err(password_hash::Error::PasswordInvalid) => Ok(Verdict::Wrong),
        Err(error) => Err(failed(error)),
    }
}

fn is_todays(hash: &PasswordHash) -> bool {
    let params = Params::try_from(hash);
    let same = |params: Params| {
        params.m_cost() == Params::DEFAULT.m_cost()
            && params.t_cost() == Params::DEFAULT.t_cost()
            && params.p_cost() == Params::DEFAULT.p_cost()
    };
    hash.algorithm == Algorithm::Argon2id.ident() && params.is_ok_and(same)
}

fn failed(error: password_hash::Error) -> AppError {
    corrupt(&error)
}

fn corrupt(error: &dyn std::fmt::Display) -> AppError {
    DbError::Corrupt { operation: "checking a password", detail: error.to_string() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_hash_and_old_parameters_are_noticed() {
        let kept = hash("correct horse battery").expect("a hash");
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        let tried = |password: &str, kept: Option<&str>| verify(password, kept).expect("a verdict");
        assert_eq!(tried("correct horse battery", Some(&kept)), Verdict::Right);
        assert_eq!(tried("correct horse batterY", Some(&kept)), Verdict::Wrong);
        assert_eq!(tried("correct horse battery", None), Verdict::Wrong);
        let nobodys = PasswordHash::new(NOBODYS).expect("a hash");
        assert!(is_todays(&nobodys), "a user that is not there takes as long as one that is");
        assert_ne!(kept, hash("correct horse battery").expect("another salt"));
        let weak = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(1024, 1, 1, None).expect("parameters"),
        );
        let salt = b"0123456789abcdef";
        let old: PasswordHash = weak.hash_password_with_salt(b"correct horse", salt).expect("one");
        assert_eq!(tried("correct horse", Some(&old.to_string())), Verdict::Stale);
    }
}

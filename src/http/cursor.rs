//! A page's cursor: where the next page begins, bound to the list's order and filters so that it cannot
//! be taken for another's. It is opaque and checked, not secret: it only says what the page before showed.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::problem::{Code, Problem};
use crate::db::lists::Seek;
use crate::domain::hex::hex;

/// Rows a page where the request does not say.
pub const DEFAULT_LIMIT: usize = 50;

/// Rows a page at the most.
pub const MOST: usize = 500;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inside {
    /// Which list: its order and filters.
    of: String,
    back: bool,
    value: Value,
    id: i64,
}

/// A short print of a list's order and filters.
pub fn print(list: &impl Serialize) -> String {
    let text = serde_json::to_string(list).unwrap_or_default();
    hex(&Sha256::digest(text.as_bytes())[..8])
}

/// The cursor of a seek.
pub fn write(of: &str, back: bool, seek: Seek) -> String {
    let inside = Inside { of: of.to_owned(), back, value: seek.value, id: seek.id };
    let text = serde_json::to_string(&inside).unwrap_or_default();
    hex(text.as_bytes())
}

/// Where a cursor begins, and whether it goes backwards.
pub fn read(of: &str, cursor: &str) -> Result<(Seek, bool), Problem> {
    let bad = || {
        let reason = "it is not a cursor of this list with this order and these filters; begin again without one";
        Problem::field(Code::BadCursor, "cursor", reason)
    };
    let digits = cursor.as_bytes();
    if digits.len() % 2 == 1 || digits.len() > 8192 {
        return Err(bad());
    }
    let byte = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(text, 16).ok()
    };
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(byte).collect();
    let inside: Inside = serde_json::from_slice(&bytes.ok_or_else(bad)?).map_err(|_| bad())?;
    if inside.of != of {
        return Err(bad());
    }
    Ok((Seek { value: inside.value, id: inside.id }, inside.back))
}

/// The rows a page shall have.
pub fn limit(asked: Option<usize>) -> Result<usize, Problem> {
    match asked {
        None => Ok(DEFAULT_LIMIT),
        Some(limit) if (1..=MOST).contains(&limit) => Ok(limit),
        Some(_) => Err(Problem::field(
            Code::Invalid,
            "limit",
            format!("1 to {MOST} rows a page are given"),
        )),
    }
}

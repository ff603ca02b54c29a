//! Conditional looks.

use actix_web::HttpRequest;
use actix_web::http::header;

/// Whether a caller has what a tag names already (RFC 9110, 13.1.2).
pub(super) fn is_had(request: &HttpRequest, tag: &str) -> bool {
    let Some(given) = request.headers().get(header::IF_NONE_MATCH) else { return false };
    let given = given.to_str().unwrap_or_default();
    given.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

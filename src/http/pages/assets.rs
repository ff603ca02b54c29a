//! The stylesheet, the script and the mark, compiled into the program.

use std::sync::LazyLock;

use actix_web::{HttpResponse, get, web};
use sha2::{Digest, Sha256};

use crate::http::problem::Problem;

const STYLE: &str = include_str!("assets/portal.css");
const SCRIPT: &str = include_str!("assets/portal.js");
const MARK: &str = include_str!("assets/mark.svg");

/// Changes with what is in them, so that browsers may keep them for good.
pub fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let digest = [STYLE, SCRIPT, MARK].iter().fold(Sha256::new(), Digest::chain_update);
        digest.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    });
    &VERSION
}

#[get("/assets/{name}")]
pub async fn asset(name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (media_type, text) = match name.as_str() {
        "portal.css" => ("text/css; charset=utf-8", STYLE),
        "portal.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "mark.svg" => ("image/svg+xml", MARK),
        _ => return Err(Problem::not_found()),
    };
    Ok(HttpResponse::Ok()
        .content_type(media_type)
        .insert_header(("cache-control", "public, max-age=31536000, immutable"))
        .body(text))
}

//! For whoever runs the service: is it alive, is it ready, how does it do.

use std::sync::atomic::Ordering;

use actix_web::{HttpResponse, get, web};
use serde_json::json;

use super::house::House;
use super::problem::{Code, Problem};
use crate::app::backup::hold;

/// The process answers.
#[get("/livez")]
pub async fn livez() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "alive" }))
}

/// The database answers and its schema is this program's; not while shutting down.
#[get("/readyz")]
pub async fn readyz(house: web::Data<House>) -> Result<HttpResponse, Problem> {
    if !house.ready.load(Ordering::SeqCst) {
        return Err(Problem::new(Code::Busy));
    }
    let current = house.block(|house| house.app.db.schema_is_current()).await?;
    if !current {
        return Err(Problem::new(Code::Busy));
    }
    let mut said = json!({ "status": "ready", "database": "ok", "schema": "ok" });
    if let Some(why) = house.block(|house| hold::held(&house.app)).await? {
        said["held"] = why.into();
    }
    Ok(HttpResponse::Ok().json(said))
}

/// Measurements in Prometheus' text form.
#[get("/metrics")]
pub async fn metrics(house: web::Data<House>) -> Result<HttpResponse, Problem> {
    let text = house.block(|house| house.metrics.scrape(house)).await?;
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}

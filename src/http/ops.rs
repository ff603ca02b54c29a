//! For whoever runs the service: is it alive, is it ready, how does it do.

use std::sync::atomic::Ordering;

use actix_web::{HttpResponse, get, web};
use serde_json::json;

use super::house::House;
use super::problem::{Code, Problem};
use crate::app::AppError;
use crate::app::backup::hold;

/// The process answers.
#[get("/livez")]
pub async fn livez() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "alive" }))
}

/// The database answers and its schema is this program's; not while shutting down. Schedules that are
/// late are told, and do not make the service unready: nobody who asks it something would be helped by
/// its being taken away.
#[get("/readyz")]
pub async fn readyz(house: web::Data<House>) -> Result<HttpResponse, Problem> {
    if !house.ready.load(Ordering::SeqCst) {
        return Err(Problem::new(Code::Busy));
    }
    if !house.block(|house| house.app.db.schema_is_current()).await? {
        return Err(Problem::new(Code::Busy));
    }
    let (late, held) = house
        .block(|house| Ok::<_, AppError>((house.watch.late(house)?, hold::held(&house.app)?)))
        .await?;
    let (status, schedules) = if late.is_empty() { ("ready", "ok") } else { ("degraded", "late") };
    let late: Vec<_> = late
        .iter()
        .map(|lag| json!({ "schedule": lag.schedule, "seconds": lag.seconds }))
        .collect();
    let mut said = json!({
        "status": status, "database": "ok", "schema": "ok", "schedules": schedules, "late": late,
    });
    if let Some(why) = held {
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
